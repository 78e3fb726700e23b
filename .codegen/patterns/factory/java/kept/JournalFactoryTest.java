package shop;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import shop.JournalFactory.BlankTopicException;
import shop.JournalFactory.Config;
import shop.JournalFactory.InvalidConfigException;
import shop.JournalFactory.Journal;
import shop.JournalFactory.TextTooLongException;
import shop.JournalFactory.UnknownKindException;

class JournalFactoryTest {

    private static final Map<String, String> AUTHORS = Map.of("plain", "", "signed", "Ada King", "tagged", "ak");

    /** Returns a configuration whose author fits its kind. */
    private static Config configOf(String kind) {
        return Config.of(kind).withAuthor(AUTHORS.get(kind));
    }

    // happy path: plain keeps `p: t`, signed `p: t (a)` and tagged `[a] p: t`.
    @ParameterizedTest
    @CsvSource({"plain, '', saw: blade", "signed, Ada King, saw: blade (Ada King)", "tagged, ak, [ak] saw: blade"})
    void eachKindHasItsForm(String kind, String author, String line) {
        Journal journal = JournalFactory.create(Config.of(kind).withAuthor(author));
        journal.write("saw", "blade");
        assertEquals(List.of(line), journal.lines());
    }

    // happy path: every kind gives the lines in the order of writing, none at first.
    @ParameterizedTest
    @ValueSource(strings = {"plain", "signed", "tagged"})
    void linesAreInTheOrderOfWriting(String kind) {
        Journal journal = JournalFactory.create(configOf(kind));
        assertEquals(List.of(), journal.lines());
        journal.write("saw", "");
        List<String> first = journal.lines();
        journal.write("drill", "greased");
        assertEquals(1, first.size());
        assertEquals(first, journal.lines().subList(0, 1));
        assertTrue(journal.lines().get(1).contains("greased"));
    }

    // happy path: the settings have defaults.
    @Test
    void settingsHaveDefaults() {
        assertEquals(new Config("plain", "", 120), Config.of("plain"));
    }

    // error: any other kind than plain, signed and tagged is refused by its name.
    @Test
    void unknownKindIsRefused() {
        var error = assertThrows(UnknownKindException.class, () -> JournalFactory.create(Config.of("xml")));
        assertEquals("xml", error.kind());
    }

    // error: an author that does not fit is refused: signed needs a space, tagged 2 to 4 characters, plain takes any.
    @ParameterizedTest
    @CsvSource({"signed, ''", "signed, Ada", "tagged, ''", "tagged, a", "tagged, abcde"})
    void authorThatDoesNotFitIsRefused(String kind, String author) {
        Config config = Config.of(kind).withAuthor(author);
        var error = assertThrows(InvalidConfigException.class, () -> JournalFactory.create(config));
        assertEquals("author", error.setting());
    }

    // error: a length outside of the limits is refused by every kind.
    @ParameterizedTest
    @CsvSource({"plain, -1", "plain, 0", "signed, 0", "tagged, 501"})
    void lengthOutsideOfLimitsIsRefused(String kind, int maxLength) {
        Config config = configOf(kind).withMaxLength(maxLength);
        var error = assertThrows(InvalidConfigException.class, () -> JournalFactory.create(config));
        assertEquals("maxLength", error.setting());
    }

    // error: a blank topic is refused by every kind, and nothing is kept.
    @ParameterizedTest
    @ValueSource(strings = {"plain", "signed", "tagged"})
    void blankTopicIsRefused(String kind) {
        Journal journal = JournalFactory.create(configOf(kind));
        assertThrows(BlankTopicException.class, () -> journal.write("", "blade"));
        assertThrows(BlankTopicException.class, () -> journal.write("  ", "blade"));
        assertThrows(BlankTopicException.class, () -> journal.write(null, "blade"));
        assertEquals(List.of(), journal.lines());
    }

    // error: a text that is longer than the limit is refused by every kind, and nothing is kept.
    @ParameterizedTest
    @ValueSource(strings = {"plain", "signed", "tagged"})
    void longTextIsRefused(String kind) {
        Journal journal = JournalFactory.create(configOf(kind).withMaxLength(5));
        var error = assertThrows(TextTooLongException.class, () -> journal.write("saw", "123456"));
        assertEquals(5, error.maxLength());
        assertEquals(List.of(), journal.lines());
    }

    // edge case: tagged takes an author of 2 and of 4 characters.
    @ParameterizedTest
    @ValueSource(strings = {"ab", "abcd"})
    void authorAtTheLimitsIsTaken(String author) {
        assertDoesNotThrow(() -> JournalFactory.create(Config.of("tagged").withAuthor(author)));
    }

    // edge case: the shortest and the longest limit are allowed, and code points are counted.
    @ParameterizedTest
    @CsvSource({"plain, 1", "signed, 1", "tagged, 500"})
    void limitsOfTheLengthAreAllowed(String kind, int maxLength) {
        Journal journal = JournalFactory.create(configOf(kind).withMaxLength(maxLength));
        String smiles = "\uD83D\uDE00".repeat(maxLength);
        journal.write("saw", smiles);
        assertTrue(journal.lines().get(0).contains(smiles));
    }

    // edge case: the lines that were given do not change afterwards.
    @ParameterizedTest
    @ValueSource(strings = {"plain", "signed", "tagged"})
    void givenLinesAreACopy(String kind) {
        Journal journal = JournalFactory.create(configOf(kind));
        List<String> before = journal.lines();
        journal.write("saw", "blade");
        assertEquals(List.of(), before);
    }
}
