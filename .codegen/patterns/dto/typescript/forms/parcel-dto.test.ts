import assert from "node:assert/strict";
import { test } from "node:test";
import { ParcelDtoError, parseParcel } from "../src/parcel-dto.js";

const VALID = {
  id: 7,
  recipient: "Ada Lovelace",
  weightGrams: 1200,
  zone: "NW",
  delivery: "locker",
  lockerCode: "004711",
};

const TO_DOOR = { ...VALID, delivery: "door", lockerCode: null };

/** Asserts that the input is refused because of the field. */
function assertRefused(input: unknown, field: string): void {
  assert.throws(
    () => parseParcel(input),
    (error: unknown) => error instanceof ParcelDtoError && error.field === field,
    `${JSON.stringify(input)} must be refused because of ${field}`,
  );
}

// happy path: a complete object becomes a parcel.
test("parses a complete parcel", () => {
  const parcel = parseParcel(VALID);
  assert.equal(parcel.id, 7);
  assert.equal(parcel.recipient, "Ada Lovelace");
  assert.equal(parcel.weightGrams, 1200);
  assert.equal(parcel.zone, "NW");
  assert.equal(parcel.delivery, "locker");
  assert.equal(parcel.lockerCode, "004711");
});

// happy path: a parcel that goes through JSON and back stays equal.
test("survives a round trip", () => {
  for (const input of [VALID, TO_DOOR, { ...TO_DOOR, delivery: "shop" }]) {
    const parcel = parseParcel(input);
    assert.deepEqual(parseParcel(JSON.parse(JSON.stringify(parcel))), parcel);
  }
});

// error: a value that is not an object is refused as input.
test("refuses a value that is not an object", () => {
  for (const input of [undefined, null, 7, "parcel", [], [VALID]]) {
    assertRefused(input, "input");
  }
});

// error: an unknown key is refused by name, before any other problem.
test("refuses an unknown key", () => {
  assertRefused({ ...VALID, isGift: true }, "isGift");
  assertRefused({ ...VALID, id: 0, isGift: true }, "isGift");
});

// error: each required key that is missing is refused by name.
test("refuses a missing key", () => {
  for (const key of ["id", "recipient", "weightGrams", "zone", "delivery"]) {
    const entries = Object.entries(VALID).filter(([name]) => name !== key);
    assertRefused(Object.fromEntries(entries), key);
  }
});

// error: a value of the wrong type is refused: id and weightGrams are whole numbers, all others are
// texts.
test("refuses a wrong type", () => {
  const cases: [string, unknown][] = [
    ["id", "7"],
    ["id", 1.5],
    ["recipient", 7],
    ["weightGrams", Number.NaN],
    ["zone", null],
    ["delivery", ["door"]],
    ["lockerCode", 4711],
  ];
  for (const [key, value] of cases) {
    assertRefused({ ...VALID, [key]: value }, key);
  }
});

// error: a value outside its limits is refused: id at least 1, recipient 1 to 60 characters,
// weightGrams 1 to 30000, zone two capital letters, delivery door, shop or locker, lockerCode six
// digits.
test("refuses a value outside its limits", () => {
  const cases: [string, unknown][] = [
    ["id", 0],
    ["recipient", "   "],
    ["recipient", "x".repeat(61)],
    ["weightGrams", 0],
    ["weightGrams", 30001],
    ["zone", "N"],
    ["zone", "NWE"],
    ["zone", "nw"],
    ["delivery", "drone"],
    ["lockerCode", "00471"],
    ["lockerCode", "0047111"],
    ["lockerCode", "00471x"],
  ];
  for (const [key, value] of cases) {
    assertRefused({ ...VALID, [key]: value }, key);
  }
});

// error: a locker needs a code.
test("refuses a locker without code", () => {
  assertRefused({ ...VALID, lockerCode: null }, "lockerCode");
  assertRefused({ ...VALID, lockerCode: undefined }, "lockerCode");
});

// error: a door and a shop must not have a code.
test("refuses a code without locker", () => {
  for (const delivery of ["door", "shop"]) {
    assertRefused({ ...VALID, delivery }, "lockerCode");
  }
});

// error: of several problems the first in the order of the keys is reported.
test("reports the first problem", () => {
  assertRefused({ ...VALID, zone: "nw", lockerCode: "1" }, "zone");
});

// edge case: values at the limits are accepted: id 1, recipient 60 characters, weightGrams 1 and
// 30000.
test("accepts values at the limits", () => {
  assert.equal(parseParcel({ ...VALID, id: 1 }).id, 1);
  const recipient = "😀".repeat(60);
  assert.equal(parseParcel({ ...VALID, recipient }).recipient, recipient);
  assert.equal(parseParcel({ ...VALID, weightGrams: 1 }).weightGrams, 1);
  assert.equal(parseParcel({ ...VALID, weightGrams: 30000 }).weightGrams, 30000);
  assert.equal(parseParcel({ ...VALID, zone: "AZ" }).zone, "AZ");
  assert.equal(parseParcel({ ...VALID, lockerCode: "999999" }).lockerCode, "999999");
});

// edge case: a code that is null or left out is null.
test("accepts a parcel without code", () => {
  assert.equal(parseParcel(TO_DOOR).lockerCode, null);
  const { lockerCode, ...withoutCode } = TO_DOOR;
  assert.equal(lockerCode, null);
  assert.equal(parseParcel(withoutCode).lockerCode, null);
});
