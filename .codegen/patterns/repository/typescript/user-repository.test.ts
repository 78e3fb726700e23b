import assert from "node:assert/strict";
import { test } from "node:test";

import {
  InMemoryUserRepository,
  InvalidUserError,
  UserExistsError,
  UserLockedError,
  UserNotFoundError,
  type User,
} from "../src/user-repository.js";

/** Returns a valid user with this id. */
function makeUser(id: number): User {
  return { id, email: `user${id}@example.com`, name: `User ${id}`, age: 30, locked: false };
}

/** Returns a repository that holds a valid user for each of these ids. */
function repositoryWith(...ids: number[]): InMemoryUserRepository {
  const repository = new InMemoryUserRepository();
  for (const id of ids) {
    repository.create(makeUser(id));
  }
  return repository;
}

// happy path: a created user can be read back.
test("create then get returns the user", () => {
  const repository = new InMemoryUserRepository();
  repository.create(makeUser(1));
  assert.deepEqual(repository.get(1), makeUser(1));
});

// error: an id that is taken is refused, and the first user stays.
test("create refuses a taken id", () => {
  const repository = repositoryWith(1);
  const second: User = { ...makeUser(1), name: "Second" };
  assert.throws(() => repository.create(second), UserExistsError);
  assert.deepEqual(repository.list(), [makeUser(1)]);
});

// error: create and update refuse an invalid field and change nothing: an email without @, a blank
// name, a name longer than 50 characters, an age outside 0 to 150.
test("invalid fields are refused", () => {
  const cases: { field: string; user: User }[] = [
    { field: "email", user: { ...makeUser(1), email: "ada" } },
    { field: "name", user: { ...makeUser(1), name: "  " } },
    { field: "name", user: { ...makeUser(1), name: "x".repeat(51) } },
    { field: "age", user: { ...makeUser(1), age: -1 } },
    { field: "age", user: { ...makeUser(1), age: 151 } },
    { field: "age", user: { ...makeUser(1), age: 30.5 } },
  ];
  for (const { field, user } of cases) {
    const repository = repositoryWith(1);
    const names = (error: unknown) => error instanceof InvalidUserError && error.field === field;
    assert.throws(() => repository.create(user), names);
    assert.throws(() => repository.update(user), names);
    assert.deepEqual(repository.list(), [makeUser(1)]);
  }
});

// edge case: the longest valid name, 50 characters, is accepted.
test("the longest name is accepted", () => {
  const repository = new InMemoryUserRepository();
  repository.create({ ...makeUser(1), name: "x".repeat(50) });
  assert.equal(repository.get(1).name, "x".repeat(50));
});

// edge case: the lowest and the highest valid age, 0 and 150, are accepted.
test("age limits are accepted", () => {
  for (const age of [0, 150]) {
    const repository = new InMemoryUserRepository();
    repository.create({ ...makeUser(1), age });
    assert.equal(repository.get(1).age, age);
  }
});

// happy path: the list is ordered by id, whatever the order of creation.
test("list is ordered by id", () => {
  const repository = repositoryWith(10, 1, 9);
  assert.deepEqual(repository.list(), [makeUser(1), makeUser(9), makeUser(10)]);
});

// edge case: a new repository is empty.
test("a new repository is empty", () => {
  assert.deepEqual(new InMemoryUserRepository().list(), []);
  assert.deepEqual(new InMemoryUserRepository().listByName("Grace"), []);
});

// happy path: the users of a name come with the youngest first, those of the same age ordered by id.
test("list by name gives the youngest first", () => {
  const repository = repositoryWith(9);
  repository.create({ ...makeUser(1), name: "Grace", age: 50 });
  repository.create({ ...makeUser(3), name: "Grace", age: 20 });
  repository.create({ ...makeUser(2), name: "Grace", age: 20 });
  const ids = repository.listByName("Grace").map((user) => user.id);
  assert.deepEqual(ids, [2, 3, 1]);
});

// happy path: an update replaces every field of that user and of no other.
test("update replaces the user", () => {
  const repository = repositoryWith(1, 2);
  const changed: User = { id: 1, email: "ada@example.com", name: "Ada", age: 36, locked: false };
  repository.update(changed);
  assert.deepEqual(repository.list(), [changed, makeUser(2)]);
});

// error: get, update and delete refuse an unknown id.
test("unknown ids are refused", () => {
  const repository = repositoryWith(1);
  assert.throws(() => repository.get(9), UserNotFoundError);
  assert.throws(() => repository.update(makeUser(9)), UserNotFoundError);
  assert.throws(() => repository.delete(9), UserNotFoundError);
  assert.deepEqual(repository.list(), [makeUser(1)]);
});

// happy path: a deleted user is gone, the others stay.
test("delete removes the user", () => {
  const repository = repositoryWith(1, 2);
  repository.delete(1);
  assert.deepEqual(repository.list(), [makeUser(2)]);
});

// edge case: an id can be used again after its user was deleted.
test("a deleted id can be used again", () => {
  const repository = repositoryWith(1);
  repository.delete(1);
  repository.create(makeUser(1));
  assert.deepEqual(repository.get(1), makeUser(1));
});

// error: update and delete refuse a user that is stored as locked.
test("a locked user stays as it is", () => {
  const repository = repositoryWith(1);
  const locked: User = { ...makeUser(1), locked: true };
  repository.update(locked);
  assert.throws(() => repository.update(makeUser(1)), UserLockedError);
  assert.throws(() => repository.delete(1), UserLockedError);
  assert.deepEqual(repository.list(), [locked]);
});

// happy path: a transaction that succeeds keeps all its changes.
test("transaction keeps all changes", () => {
  const repository = repositoryWith(1);
  repository.transaction((tx) => {
    tx.create(makeUser(2));
    tx.delete(1);
  });
  assert.deepEqual(repository.list(), [makeUser(2)]);
});

// edge case: a transaction sees its own changes.
test("transaction sees its own changes", () => {
  const repository = new InMemoryUserRepository();
  repository.transaction((tx) => {
    tx.create(makeUser(1));
    assert.deepEqual(tx.list(), [makeUser(1)]);
  });
  assert.deepEqual(repository.list(), [makeUser(1)]);
});

// error: a transaction that fails keeps none of its changes.
test("transaction rolls back on error", () => {
  const repository = repositoryWith(1);
  const work = () =>
    repository.transaction((tx) => {
      tx.create(makeUser(2));
      tx.delete(1);
      tx.delete(9);
    });
  assert.throws(work, UserNotFoundError);
  assert.deepEqual(repository.list(), [makeUser(1)]);
});

// error: every message names the id or the field.
test("messages name the cause", () => {
  const repository = repositoryWith(1);
  assert.throws(() => repository.get(9), /9/);
  assert.throws(() => repository.create(makeUser(1)), /1/);
  assert.throws(() => repository.create({ ...makeUser(2), age: 151 }), /age/);
  repository.update({ ...makeUser(1), locked: true });
  assert.throws(() => repository.delete(1), /1/);
});

// edge case: a change to an object after create or update does not change what is stored.
test("stored users are copies", () => {
  const repository = new InMemoryUserRepository();
  const user = { id: 1, email: "ada@example.com", name: "Ada", age: 36, locked: false };
  repository.create(user);
  user.name = "Grace";
  assert.equal(repository.get(1).name, "Ada");
  repository.update(user);
  user.name = "Mary";
  assert.equal(repository.get(1).name, "Grace");
});
