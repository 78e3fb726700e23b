package shop;

import java.util.regex.Pattern;

/** An amount of money in whole cents, never negative. */
public record Money(long cents) implements Comparable<Money> {

    private static final Pattern FORM = Pattern.compile("[0-9]{1,15}\\.[0-9]{2}");

    /** Refuses negative amounts. */
    public Money {
        if (cents < 0) {
            throw new InvalidMoneyException(cents + " cents is negative");
        }
    }

    /** Parses whole units of at most 15 digits, a point and exactly two digits. */
    public static Money parse(String text) {
        if (!FORM.matcher(text).matches()) {
            throw new InvalidMoneyException("\"" + text + "\" is not an amount such as 12.50");
        }
        return new Money(Long.parseLong(text.replace(".", "")));
    }

    /** Returns the sum of two amounts. */
    public Money plus(Money other) {
        return new Money(Math.addExact(cents, other.cents));
    }

    /** Returns the amount multiplied by a quantity. */
    public Money times(long quantity) {
        return new Money(Math.multiplyExact(cents, quantity));
    }

    @Override
    public int compareTo(Money other) {
        return Long.compare(cents, other.cents);
    }

    /** Returns the amount with two digits after the point. */
    @Override
    public String toString() {
        return String.format("%d.%02d", cents / 100, cents % 100);
    }

    /** The value is not an amount such as 12.50. */
    public static final class InvalidMoneyException extends RuntimeException {

        InvalidMoneyException(String message) {
            super(message);
        }
    }
}
