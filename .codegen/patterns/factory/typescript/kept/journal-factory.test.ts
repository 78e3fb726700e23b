import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createJournal,
  type Journal,
  JournalError,
  type JournalErrorCode,
  type JournalKind,
} from "../src/journal-factory.js";

const kinds: JournalKind[] = ["plain", "signed", "tagged"];
const authors = { plain: "", signed: "Ada King", tagged: "ak" };

/** Creates a journal whose author fits its kind. */
function journalOf(kind: JournalKind, maxLength = 120): Journal {
  return createJournal({ kind, author: authors[kind], maxLength });
}

function assertRefused(action: () => unknown, code: JournalErrorCode): void {
  assert.throws(action, (error: unknown) => {
    assert.ok(error instanceof JournalError);
    assert.equal(error.code, code);
    return true;
  });
}

// happy path: plain keeps `p: t`, signed `p: t (a)` and tagged `[a] p: t`.
test("every kind keeps in its own way", () => {
  const cases: { kind: JournalKind; author: string; expected: string }[] = [
    { kind: "plain", author: "", expected: "saw: blade changed" },
    { kind: "signed", author: "Ada King", expected: "saw: blade changed (Ada King)" },
    { kind: "tagged", author: "ak", expected: "[ak] saw: blade changed" },
  ];
  for (const { kind, author, expected } of cases) {
    const journal = createJournal({ kind, author });
    journal.write("saw", "blade changed");
    assert.deepEqual(journal.lines(), [expected]);
  }
});

// happy path: every kind gives the lines in the order of writing, none at first.
test("lines are in the order of writing", () => {
  for (const kind of kinds) {
    const journal = journalOf(kind);
    assert.deepEqual(journal.lines(), []);
    journal.write("saw", "");
    const first = journal.lines();
    journal.write("drill", "greased");
    assert.equal(first.length, 1);
    assert.deepEqual(journal.lines().slice(0, 1), first);
    assert.match(journal.lines()[1] ?? "", /greased/);
  }
});

// happy path: without a setting the limit is 120.
test("the default of the limit applies", () => {
  for (const kind of kinds) {
    const journal = createJournal({ kind, author: authors[kind] });
    journal.write("saw", "x".repeat(120));
    assertRefused(() => journal.write("saw", "x".repeat(121)), "text-too-long");
  }
});

// error: any other kind than plain, signed and tagged is refused.
test("an unknown kind is refused", () => {
  for (const kind of ["", "fancy", "other"]) {
    assertRefused(() => createJournal({ kind: kind as JournalKind }), "unknown-kind");
  }
});

// error: an author that does not fit is refused: signed needs a space, tagged 2 to 4 characters,
// plain takes any.
test("an author that does not fit is refused", () => {
  const cases: { kind: JournalKind; author: string }[] = [
    { kind: "signed", author: "" },
    { kind: "signed", author: "Ada" },
    { kind: "tagged", author: "" },
    { kind: "tagged", author: "a" },
    { kind: "tagged", author: "abcde" },
  ];
  for (const { kind, author } of cases) {
    assertRefused(() => createJournal({ kind, author }), "invalid-author");
  }
});

// error: every kind refuses a limit that is not a whole number from 1 to 500.
test("an invalid limit is refused", () => {
  for (const kind of kinds) {
    for (const maxLength of [0, 501, 1.5, Number.NaN]) {
      assertRefused(() => journalOf(kind, maxLength), "invalid-max-length");
    }
  }
});

// error: every kind refuses a blank topic and a long text, and keeps nothing.
test("an invalid line is refused by every kind", () => {
  for (const kind of kinds) {
    const journal = journalOf(kind, 5);
    assertRefused(() => journal.write("", "text"), "blank-topic");
    assertRefused(() => journal.write("  ", "text"), "blank-topic");
    assertRefused(() => journal.write("saw", "123456"), "text-too-long");
    assert.deepEqual(journal.lines(), []);
  }
});

// edge case: tagged accepts an author of 2 and of 4 characters.
test("an author at the limits is accepted", () => {
  for (const author of ["ab", "abcd"]) {
    assert.doesNotThrow(() => createJournal({ kind: "tagged", author }));
  }
});

// edge case: every kind accepts a text of exactly the limit, counted in code points.
test("the limits of the range are accepted", () => {
  for (const kind of kinds) {
    for (const maxLength of [1, 500]) {
      const journal = journalOf(kind, maxLength);
      const text = "😀".repeat(maxLength);
      journal.write("saw", text);
      assert.ok(journal.lines()[0]?.includes(text));
    }
  }
});

// edge case: the lines that were given can be changed without an effect.
test("given lines are a copy", () => {
  for (const kind of kinds) {
    const journal = journalOf(kind);
    journal.lines().push("saw: gone");
    assert.deepEqual(journal.lines(), []);
  }
});
