const COLLECTION_PATH = "/users";
const ITEM_PATH = /^\/users\/([0-9]{1,15})$/;
const MAX_NAME_LENGTH = 100;

/** The role of a user. */
export type Role = "member" | "admin";

/** A user as clients see it. */
export interface User {
  readonly id: number;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
}

/** The fields a client sends to create or update a user. */
export interface UserInput {
  readonly name: string;
  readonly email: string;
  readonly role: Role;
}

/** Thrown by a service when no user has the id. */
export class UserNotFoundError extends Error {
  override readonly name = "UserNotFoundError";
}

/** Thrown by a service when another user has the email. */
export class EmailTakenError extends Error {
  override readonly name = "EmailTakenError";
}

/** What the handler needs from the application. */
export interface UserService {
  /** Returns all users. */
  list(): Promise<User[]>;
  /** Creates a user with a new id. */
  create(input: UserInput): Promise<User>;
  /** Returns the user with the id, or throws UserNotFoundError. */
  get(id: number): Promise<User>;
  /** Replaces the fields of the user with the id, or throws UserNotFoundError. */
  update(id: number, input: UserInput): Promise<User>;
  /** Removes the user with the id, or throws UserNotFoundError. */
  delete(id: number): Promise<void>;
}

/** A request body that is refused, with the status to answer. */
class RequestError extends Error {
  override readonly name = "RequestError";

  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** Serves /users and /users/{id}. */
export class UserHandler {
  readonly #service: UserService;

  /** Creates a handler that works through the service. */
  constructor(service: UserService) {
    this.#service = service;
  }

  /** Answers one request; errors are answers too. */
  async handle(request: Request): Promise<Response> {
    try {
      return await this.#route(request);
    } catch (error) {
      return toErrorResponse(error);
    }
  }

  async #route(request: Request): Promise<Response> {
    const path = new URL(request.url).pathname;
    if (path === COLLECTION_PATH) {
      return this.#handleCollection(request);
    }
    const match = ITEM_PATH.exec(path);
    if (match === null) {
      return errorResponse(404, "not found");
    }
    return this.#handleItem(request, Number(match[1]));
  }

  async #handleCollection(request: Request): Promise<Response> {
    switch (request.method) {
      case "GET":
        return Response.json(await this.#service.list());
      case "POST": {
        const input = await readInput(request);
        const user = await this.#service.create(input);
        return Response.json(user, { status: 201 });
      }
      default:
        return methodNotAllowed("GET, POST");
    }
  }

  async #handleItem(request: Request, id: number): Promise<Response> {
    switch (request.method) {
      case "GET":
        return Response.json(await this.#service.get(id));
      case "PUT": {
        const input = await readInput(request);
        const user = await this.#service.update(id, input);
        return Response.json(user);
      }
      case "DELETE":
        await this.#service.delete(id);
        return new Response(null, { status: 204 });
      default:
        return methodNotAllowed("GET, PUT, DELETE");
    }
  }
}

/** Decodes, trims and validates the fields in the request body. */
async function readInput(request: Request): Promise<UserInput> {
  const body = await readJson(request);
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new RequestError(400, "body must be a JSON object");
  }
  const name = "name" in body ? body.name : undefined;
  const email = "email" in body ? body.email : undefined;
  const role = "role" in body ? body.role : "member";
  if (typeof name !== "string" || name.trim() === "") {
    throw new RequestError(422, "name must not be blank");
  }
  if ([...name.trim()].length > MAX_NAME_LENGTH) {
    throw new RequestError(422, "name must not exceed 100 characters");
  }
  if (typeof email !== "string" || !email.includes("@")) {
    throw new RequestError(422, "email must contain @");
  }
  if (role !== "member" && role !== "admin") {
    throw new RequestError(422, "role must be member or admin");
  }
  return { name: name.trim(), email: email.trim(), role };
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    throw new RequestError(400, "body must be valid JSON");
  }
}

/** Maps a thrown error to its answer. */
function toErrorResponse(error: unknown): Response {
  if (error instanceof RequestError) {
    return errorResponse(error.status, error.message);
  }
  if (error instanceof UserNotFoundError) {
    return errorResponse(404, "user not found");
  }
  if (error instanceof EmailTakenError) {
    return errorResponse(409, "email already taken");
  }
  console.error("request failed", error);
  return errorResponse(500, "internal error");
}

function methodNotAllowed(allow: string): Response {
  return errorResponse(405, "method not allowed", { Allow: allow });
}

function errorResponse(
  status: number,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ error: message }, { status, headers });
}
