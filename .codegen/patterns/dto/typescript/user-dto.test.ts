import assert from "node:assert/strict";
import { test } from "node:test";
import { UserDtoError, parseUser } from "../src/user-dto.js";

const VALID = {
  id: 7,
  displayName: "Ada Lovelace",
  email: "ada@example.com",
  role: "editor",
  tags: ["math", "poetry"],
  age: 36,
};

/** Asserts that the input is refused because of the field. */
function assertRefused(input: unknown, field: string): void {
  assert.throws(
    () => parseUser(input),
    (error: unknown) => error instanceof UserDtoError && error.field === field,
    `${JSON.stringify(input)} must be refused because of ${field}`,
  );
}

// happy path: a complete object becomes a user.
test("parses a complete user", () => {
  const user = parseUser(VALID);
  assert.equal(user.id, 7);
  assert.equal(user.displayName, "Ada Lovelace");
  assert.equal(user.email, "ada@example.com");
  assert.equal(user.role, "editor");
  assert.deepEqual(user.tags, ["math", "poetry"]);
  assert.equal(user.age, 36);
});

// happy path: a user that goes through JSON and back stays equal.
test("survives a round trip", () => {
  for (const role of ["admin", "editor", "viewer"]) {
    const user = parseUser({ ...VALID, role });
    assert.deepEqual(parseUser(JSON.parse(JSON.stringify(user))), user);
  }
});

// error: a value that is not an object is refused as input.
test("refuses a value that is not an object", () => {
  for (const input of [undefined, null, 7, "user", [], [VALID]]) {
    assertRefused(input, "input");
  }
});

// error: an unknown key is refused by name, before any other problem.
test("refuses an unknown key", () => {
  assertRefused({ ...VALID, isRoot: true }, "isRoot");
  assertRefused({ ...VALID, id: 0, isRoot: true }, "isRoot");
});

// error: each required key that is missing is refused by name.
test("refuses a missing key", () => {
  for (const key of ["id", "displayName", "email", "role", "tags"]) {
    const entries = Object.entries(VALID).filter(([name]) => name !== key);
    assertRefused(Object.fromEntries(entries), key);
  }
});

// error: a value of the wrong type is refused and its field is named.
test("refuses a wrong type", () => {
  const cases: [string, unknown][] = [
    ["id", "7"],
    ["id", 1.5],
    ["id", Number.NaN],
    ["displayName", 7],
    ["email", null],
    ["role", ["admin"]],
    ["tags", "math"],
    ["tags", ["math", 1]],
    ["age", "36"],
  ];
  for (const [key, value] of cases) {
    assertRefused({ ...VALID, [key]: value }, key);
  }
});

// error: a value outside its limits is refused and its field is named.
test("refuses a value outside its limits", () => {
  const cases: [string, unknown][] = [
    ["id", 0],
    ["displayName", ""],
    ["displayName", "   "],
    ["displayName", "x".repeat(51)],
    ["email", "ada.example.com"],
    ["email", "@example.com"],
    ["email", "ada@"],
    ["email", `a@${"x".repeat(253)}`],
    ["role", "owner"],
    ["tags", Array(11).fill("tag")],
    ["tags", ["math", " "]],
    ["age", -1],
    ["age", 151],
  ];
  for (const [key, value] of cases) {
    assertRefused({ ...VALID, [key]: value }, key);
  }
});

// error: of several problems the first in the order of the keys is reported.
test("reports the first problem", () => {
  assertRefused({ ...VALID, email: "ada", age: 151 }, "email");
});

// edge case: values at the limits are accepted, characters counted, not UTF-16 units.
test("accepts values at the limits", () => {
  assert.equal(parseUser({ ...VALID, id: 1 }).id, 1);
  const name = "😀".repeat(50);
  assert.equal(parseUser({ ...VALID, displayName: name }).displayName, name);
  const email = `a@${"x".repeat(252)}`;
  assert.equal(parseUser({ ...VALID, email }).email, email);
  assert.deepEqual(parseUser({ ...VALID, tags: [] }).tags, []);
  assert.equal(parseUser({ ...VALID, tags: Array(10).fill("tag") }).tags.length, 10);
  assert.equal(parseUser({ ...VALID, age: 0 }).age, 0);
  assert.equal(parseUser({ ...VALID, age: 150 }).age, 150);
});

// edge case: an age that is null or left out is null.
test("accepts a user without age", () => {
  assert.equal(parseUser({ ...VALID, age: null }).age, null);
  const { age, ...withoutAge } = VALID;
  assert.equal(age, 36);
  assert.equal(parseUser(withoutAge).age, null);
});
