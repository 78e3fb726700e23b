import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createLogFormatter,
  LogFormatterError,
  type LogFormatterErrorCode,
  type LogFormatterKind,
} from "../src/log-formatter-factory.js";

const kinds: LogFormatterKind[] = ["plain", "tagged", "keyed"];

function assertRefused(action: () => unknown, code: LogFormatterErrorCode): void {
  assert.throws(action, (error: unknown) => {
    assert.ok(error instanceof LogFormatterError);
    assert.equal(error.code, code);
    return true;
  });
}

// happy path: every kind formats a message in its own way.
test("every kind formats in its own way", () => {
  const cases: { kind: LogFormatterKind; expected: string }[] = [
    { kind: "plain", expected: "started up" },
    { kind: "tagged", expected: "[search] started up" },
    { kind: "keyed", expected: "service=search message=started up" },
  ];
  for (const { kind, expected } of cases) {
    const formatter = createLogFormatter({ kind, service: "search" });
    assert.equal(formatter.format("started up"), expected);
  }
});

// happy path: without settings the service is app and the limit is 200.
test("defaults apply without settings", () => {
  const formatter = createLogFormatter({ kind: "tagged" });
  const message = "x".repeat(200);
  assert.equal(formatter.format(message), `[app] ${message}`);
  assertRefused(() => formatter.format("x".repeat(201)), "message-too-long");
});

// error: an unknown kind is refused.
test("an unknown kind is refused", () => {
  for (const kind of ["", "Plain", "fancy"]) {
    assertRefused(() => createLogFormatter({ kind: kind as LogFormatterKind }), "unknown-kind");
  }
});

// error: an empty service is refused.
test("an empty service is refused", () => {
  assertRefused(() => createLogFormatter({ kind: "plain", service: "" }), "empty-service");
});

// error: a limit that is not a whole number from 1 to 1000 is refused.
test("an invalid limit is refused", () => {
  for (const maxLength of [0, 1001, 1.5, Number.NaN]) {
    assertRefused(() => createLogFormatter({ kind: "plain", maxLength }), "invalid-max-length");
  }
});

// error: every kind refuses a blank message and one that is too long.
test("an invalid message is refused by every kind", () => {
  for (const kind of kinds) {
    const formatter = createLogFormatter({ kind, maxLength: 5 });
    assertRefused(() => formatter.format(""), "blank-message");
    assertRefused(() => formatter.format("  "), "blank-message");
    assertRefused(() => formatter.format("123456"), "message-too-long");
  }
});

// edge case: the smallest and the largest limit are accepted.
test("the limits of the range are accepted", () => {
  for (const maxLength of [1, 1000]) {
    const formatter = createLogFormatter({ kind: "plain", maxLength });
    const message = "x".repeat(maxLength);
    assert.equal(formatter.format(message), message);
  }
});

// edge case: code points are counted and spaces are kept.
test("code points are counted and spaces are kept", () => {
  const formatter = createLogFormatter({ kind: "plain", maxLength: 5 });
  assert.equal(formatter.format(" 😀😀😀 "), " 😀😀😀 ");
});
