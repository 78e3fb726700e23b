package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;
import shop.LogFormatterFactory.BlankMessageException;
import shop.LogFormatterFactory.Config;
import shop.LogFormatterFactory.InvalidConfigException;
import shop.LogFormatterFactory.LogFormatter;
import shop.LogFormatterFactory.MessageTooLongException;
import shop.LogFormatterFactory.UnknownKindException;

class LogFormatterFactoryTest {

    // happy path: each kind writes the line in its own form.
    @ParameterizedTest
    @CsvSource({"plain, started", "tagged, [billing] started", "keyed, service=billing message=started"})
    void eachKindHasItsForm(String kind, String line) {
        LogFormatter formatter = LogFormatterFactory.create(Config.of(kind).withService("billing"));
        assertEquals(line, formatter.format("started"));
    }

    // happy path: the settings have defaults.
    @Test
    void settingsHaveDefaults() {
        assertEquals(new Config("plain", "app", 200), Config.of("plain"));
        assertEquals("[app] started", LogFormatterFactory.create(Config.of("tagged")).format("started"));
    }

    // error: an unknown kind is refused by its name.
    @Test
    void unknownKindIsRefused() {
        var error = assertThrows(UnknownKindException.class, () -> LogFormatterFactory.create(Config.of("xml")));
        assertEquals("xml", error.kind());
    }

    // error: a length outside of the limits is refused when the configuration is created.
    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 1001})
    void lengthOutsideOfLimitsIsRefused(int maxLength) {
        Config config = Config.of("plain");
        var error = assertThrows(InvalidConfigException.class, () -> config.withMaxLength(maxLength));
        assertEquals("maxLength", error.setting());
    }

    // error: an empty service is refused when the configuration is created.
    @ParameterizedTest
    @NullSource
    @ValueSource(strings = "")
    void emptyServiceIsRefused(String service) {
        Config config = Config.of("plain");
        var error = assertThrows(InvalidConfigException.class, () -> config.withService(service));
        assertEquals("service", error.setting());
    }

    // error: a blank message is refused by every kind.
    @ParameterizedTest
    @ValueSource(strings = {"plain", "tagged", "keyed"})
    void blankMessageIsRefused(String kind) {
        LogFormatter formatter = LogFormatterFactory.create(Config.of(kind));
        assertThrows(BlankMessageException.class, () -> formatter.format(""));
        assertThrows(BlankMessageException.class, () -> formatter.format("  "));
        assertThrows(BlankMessageException.class, () -> formatter.format(null));
    }

    // error: a message that is longer than the limit is refused by every kind.
    @ParameterizedTest
    @ValueSource(strings = {"plain", "tagged", "keyed"})
    void longMessageIsRefused(String kind) {
        LogFormatter formatter = LogFormatterFactory.create(Config.of(kind).withMaxLength(5));
        assertEquals(5, assertThrows(MessageTooLongException.class, () -> formatter.format("123456")).maxLength());
    }

    // edge case: a message of exactly the limit is taken, counted in code points and not trimmed.
    @Test
    void messageOfTheLimitIsTaken() {
        LogFormatter formatter = LogFormatterFactory.create(Config.of("plain").withMaxLength(3));
        assertEquals(" ab", formatter.format(" ab"));
        String smiles = "\uD83D\uDE00".repeat(3);
        assertEquals(smiles, formatter.format(smiles));
    }

    // edge case: the shortest and the longest limit are allowed.
    @Test
    void limitsOfTheLengthAreAllowed() {
        LogFormatter shortest = LogFormatterFactory.create(Config.of("plain").withMaxLength(1));
        LogFormatter longest = LogFormatterFactory.create(Config.of("plain").withMaxLength(1000));
        assertEquals("a", shortest.format("a"));
        assertEquals("a".repeat(1000), longest.format("a".repeat(1000)));
    }
}
