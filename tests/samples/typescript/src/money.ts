/** An amount of money in whole cents. */

/** The text or number is not an amount. */
export class InvalidMoneyError extends Error {
  override readonly name = "InvalidMoneyError";

  constructor(value: string | number) {
    super(`${JSON.stringify(value)} is not an amount such as 12.50`);
  }
}

/** An amount of money in whole cents, never negative. */
export class Money {
  readonly cents: number;

  constructor(cents: number) {
    if (!Number.isSafeInteger(cents) || cents < 0) {
      throw new InvalidMoneyError(cents);
    }
    this.cents = cents;
  }

  /** Parses whole units, a point and exactly two digits. */
  static parse(text: string): Money {
    if (!/^[0-9]+\.[0-9]{2}$/.test(text)) {
      throw new InvalidMoneyError(text);
    }
    return new Money(Number(text.replace(".", "")));
  }

  /** Returns the sum of two amounts. */
  plus(other: Money): Money {
    return new Money(this.cents + other.cents);
  }

  /** Returns the amount multiplied by a whole quantity. */
  times(quantity: number): Money {
    return new Money(this.cents * quantity);
  }

  /** Returns the amount with two digits after the point. */
  toString(): string {
    const cents = this.cents % 100;
    return `${(this.cents - cents) / 100}.${String(cents).padStart(2, "0")}`;
  }
}
