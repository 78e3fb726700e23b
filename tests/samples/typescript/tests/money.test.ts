import assert from "node:assert/strict";
import { test } from "node:test";

import { InvalidMoneyError, Money } from "../src/money.js";

// happy path: an amount is shown with two digits after the point.
test("shows two digits after the point", () => {
  assert.equal(new Money(1250).toString(), "12.50");
  assert.equal(new Money(5).toString(), "0.05");
});

// happy path: what is shown can be parsed again.
test("parses what it shows", () => {
  assert.deepEqual(Money.parse(new Money(1999).toString()), new Money(1999));
});

// happy path: amounts are added and multiplied.
test("calculates", () => {
  assert.deepEqual(new Money(250).plus(new Money(1)), new Money(251));
  assert.deepEqual(new Money(250).times(3), new Money(750));
});

// error: text that is not an amount is refused.
test("refuses text that is not an amount", () => {
  for (const text of ["", "12", "12.5", "12.500", "-1.00", ".50", "a.00"]) {
    assert.throws(() => Money.parse(text), InvalidMoneyError);
  }
});

// edge case: nothing is an amount; less than nothing and half a cent are not.
test("is a whole number of cents, never negative", () => {
  assert.equal(new Money(0).toString(), "0.00");
  assert.throws(() => new Money(-1), InvalidMoneyError);
  assert.throws(() => new Money(0.5), InvalidMoneyError);
});
