import assert from "node:assert/strict";
import { test } from "node:test";

import { parseProduct, ProductDtoError } from "../src/product-dto.js";

/** Returns a valid product as a JSON object, with some keys replaced. */
function productWith(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: 7,
    sku: "TEA-1",
    name: "Tea",
    priceCents: 350,
    category: "drink",
    description: "Green.",
    ...changes,
  };
}

/** Fails unless the value is refused because of this field. */
function assertRefused(input: unknown, field: string): void {
  const names = (error: unknown) => error instanceof ProductDtoError && error.field === field;
  assert.throws(() => parseProduct(input), names);
}

// happy path: a complete product is parsed into a new object.
test("parses a complete product", () => {
  const input = productWith();
  const product = parseProduct(input);
  assert.deepEqual(product, input);
  assert.notEqual(product, input);
});

// happy path: a product that goes through JSON stays equal.
test("survives a round trip", () => {
  for (const category of ["food", "drink", "other"]) {
    const product = parseProduct(productWith({ category }));
    assert.deepEqual(parseProduct(JSON.parse(JSON.stringify(product))), product);
  }
});

// error: a value that is not an object is refused as input.
test("refuses values that are not objects", () => {
  for (const input of [null, undefined, 7, "tea", [productWith()]]) {
    assertRefused(input, "input");
  }
});

// error: a value of the wrong type is refused by its key.
test("refuses wrong types", () => {
  assertRefused(productWith({ id: "7" }), "id");
  assertRefused(productWith({ sku: 1 }), "sku");
  assertRefused(productWith({ name: null }), "name");
  assertRefused(productWith({ priceCents: 3.5 }), "priceCents");
  assertRefused(productWith({ category: [] }), "category");
  assertRefused(productWith({ description: 1 }), "description");
});

// error: a value outside its limits is refused by its key.
test("refuses values outside their limits", () => {
  const cases: [string, unknown][] = [
    ["id", 0],
    ["sku", ""],
    ["sku", "tea-1"],
    ["sku", "A".repeat(13)],
    ["name", "  "],
    ["name", "x".repeat(81)],
    ["priceCents", 0],
    ["priceCents", 1_000_001],
    ["category", "Food"],
    ["description", "x".repeat(501)],
  ];
  for (const [key, value] of cases) {
    assertRefused(productWith({ [key]: value }), key);
  }
});

// error: a missing key is refused, an unknown one even before that.
test("refuses missing and unknown keys", () => {
  assertRefused({ id: 7, sku: "TEA-1" }, "name");
  assertRefused({ id: 0, colour: "red" }, "colour");
});

// edge case: the limits themselves are allowed, counted in characters.
test("accepts the limits", () => {
  const limits = {
    id: 1,
    sku: "A".repeat(12),
    name: "😀".repeat(80),
    priceCents: 1_000_000,
    description: "😀".repeat(500),
  };
  assert.deepEqual(parseProduct(productWith(limits)), productWith(limits));
});

// edge case: only the description may be left out or be null.
test("accepts a missing description", () => {
  const { description: _, ...rest } = productWith();
  assert.equal(parseProduct(rest).description, null);
  assert.equal(parseProduct(productWith({ description: null })).description, null);
});
