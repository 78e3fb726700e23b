package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import shop.Money.InvalidMoneyException;

class MoneyTest {

    @ParameterizedTest
    @ValueSource(strings = {"0.00", "0.05", "12.50", "1000.99"})
    void aTextIsParsedAndWrittenBack(String text) {
        assertEquals(text, Money.parse(text).toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "12", "12.5", "12.500", "-1.00", "a.00", "1,00"})
    void otherTextsAreRefused(String text) {
        assertThrows(InvalidMoneyException.class, () -> Money.parse(text));
    }

    @Test
    void amountsAddUp() {
        assertEquals(new Money(350), new Money(100).plus(new Money(250)));
        assertEquals(new Money(750), new Money(250).times(3));
    }

    @Test
    void amountsAreOrdered() {
        assertTrue(new Money(1).compareTo(new Money(2)) < 0);
    }

    @Test
    void negativeAmountsAreRefused() {
        assertThrows(InvalidMoneyException.class, () -> new Money(-1));
    }
}
