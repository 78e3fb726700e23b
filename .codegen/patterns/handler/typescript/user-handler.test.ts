import assert from "node:assert/strict";
import { test } from "node:test";

import {
  EmailTakenError,
  UserHandler,
  UserNotFoundError,
  type User,
  type UserInput,
  type UserService,
} from "../src/user-handler.js";

const ada: User = { id: 1, name: "Ada", email: "ada@example.com", role: "admin" };
const bob = { name: "Bob", email: "bob@example.com", role: "admin" };
const valid = JSON.stringify(bob);

/** Knows ada, fails for id 500, and treats taken@example.com as taken. */
class StubService implements UserService {
  readonly #users: User[];

  constructor(users: User[]) {
    this.#users = users;
  }

  async list(): Promise<User[]> {
    return this.#users;
  }

  async create(input: UserInput): Promise<User> {
    if (input.email === "taken@example.com") {
      throw new EmailTakenError();
    }
    return { id: 2, ...input };
  }

  async get(id: number): Promise<User> {
    if (id === 500) {
      throw new Error("secret database failure");
    }
    if (id !== 1) {
      throw new UserNotFoundError();
    }
    return ada;
  }

  async update(id: number, input: UserInput): Promise<User> {
    await this.get(id);
    return { id, ...input };
  }

  async delete(id: number): Promise<void> {
    await this.get(id);
  }
}

async function send(
  method: string,
  path: string,
  body?: string,
  users: User[] = [ada],
): Promise<Response> {
  const handler = new UserHandler(new StubService(users));
  const init = body === undefined ? { method } : { method, body };
  return handler.handle(new Request(`http://localhost${path}`, init));
}

async function assertError(response: Response, status: number): Promise<void> {
  assert.equal(response.status, status);
  assert.equal(response.headers.get("content-type"), "application/json");
  assert.match(await response.text(), /^\{"error":"[^"]+"\}$/);
}

// happy path: all users are listed.
test("lists users", async () => {
  const response = await send("GET", "/users");
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), [ada]);
});

// happy path: a user is created.
test("creates a user", async () => {
  const response = await send("POST", "/users", valid);
  assert.equal(response.status, 201);
  assert.deepEqual(await response.json(), { id: 2, ...bob });
});

// happy path: a user is read.
test("gets a user", async () => {
  const response = await send("GET", "/users/1");
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), ada);
});

// happy path: a user is updated.
test("updates a user", async () => {
  const response = await send("PUT", "/users/1", valid);
  assert.equal(response.status, 200);
  assert.deepEqual(await response.json(), { id: 1, ...bob });
});

// happy path: a deleted user is answered without a body.
test("deletes a user", async () => {
  const response = await send("DELETE", "/users/1");
  assert.equal(response.status, 204);
  assert.equal(await response.text(), "");
});

// error: a body that is not a JSON object is refused.
test("refuses malformed bodies", async () => {
  for (const body of ["", '{"name":', "[]", "null"]) {
    await assertError(await send("POST", "/users", body), 400);
    await assertError(await send("PUT", "/users/1", body), 400);
  }
});

// error: invalid fields are refused: a name that is no string, blank or above 100 characters, an
// email without @, another role.
test("refuses invalid fields", async () => {
  const bodies = [
    { name: "  ", email: "ada@example.com" },
    { name: 7, email: "ada@example.com" },
    { name: "Ada" },
    { name: "Ada", email: "ada" },
    { name: "Ada", email: "ada@example.com", role: "owner" },
  ];
  for (const body of bodies) {
    const text = JSON.stringify(body);
    await assertError(await send("POST", "/users", text), 422);
    await assertError(await send("PUT", "/users/1", text), 422);
  }
});

// error: the errors of the service have their status.
test("maps service errors", async () => {
  const taken = JSON.stringify({ name: "Bob", email: "taken@example.com" });
  await assertError(await send("GET", "/users/9"), 404);
  await assertError(await send("PUT", "/users/9", valid), 404);
  await assertError(await send("DELETE", "/users/9"), 404);
  await assertError(await send("POST", "/users", taken), 409);
});

// error: the text of an unexpected failure is not shown.
test("hides internal errors", async () => {
  const response = await send("GET", "/users/500");
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /secret/);
});

// error: an unknown path is not found.
test("refuses unknown paths", async () => {
  for (const path of ["/other", "/users/", "/users/abc", "/users/1/2"]) {
    await assertError(await send("GET", path), 404);
  }
});

// error: an unknown method is refused and the allowed ones are named.
test("refuses unknown methods", async () => {
  const collection = await send("DELETE", "/users");
  assert.equal(collection.headers.get("allow"), "GET, POST");
  await assertError(collection, 405);
  const item = await send("POST", "/users/1", valid);
  assert.equal(item.headers.get("allow"), "GET, PUT, DELETE");
  await assertError(item, 405);
});

// edge case: an empty list is an empty array.
test("lists no users", async () => {
  const response = await send("GET", "/users", undefined, []);
  assert.deepEqual(await response.json(), []);
});

// edge case: a name of 100 characters is accepted, one of 101 is not.
test("limits the name", async () => {
  for (const [length, status] of [[100, 201], [101, 422]] as const) {
    const body = { name: "😀".repeat(length), email: "ada@example.com" };
    const response = await send("POST", "/users", JSON.stringify(body));
    assert.equal(response.status, status);
  }
});

// edge case: a role that is left out is member.
test("gives the role member when it is left out", async () => {
  const body = { name: "Bob", email: "bob@example.com" };
  const response = await send("POST", "/users", JSON.stringify(body));
  assert.deepEqual(await response.json(), { id: 2, ...body, role: "member" });
});

// edge case: spaces around the fields are removed.
test("trims fields", async () => {
  const body = { name: " Bob ", email: " bob@example.com ", role: "admin" };
  const response = await send("POST", "/users", JSON.stringify(body));
  assert.deepEqual(await response.json(), { id: 2, ...bob });
});
