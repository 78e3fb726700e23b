/** A user as clients see it. */
export interface User {
  readonly id: number;
  readonly name: string;
}

/** The fields a client sends to create a user. */
export interface UserInput {
  readonly name: string;
}

/** Thrown by a service when another user has the name. */
export class NameTakenError extends Error {
  override readonly name = "NameTakenError";
}

/** What the handler needs from the application. */
export interface UserService {
  /** Creates a user with a new id, or throws NameTakenError. */
  create(input: UserInput): Promise<User>;
}

/** Serves POST /users. */
export class UserHandler {
  readonly #service: UserService;

  /** Creates a handler that works through the service. */
  constructor(service: UserService) {
    this.#service = service;
  }

  /** Answers one request; errors are answers too. */
  async handle(request: Request): Promise<Response> {
    if (request.method !== "POST") {
      return errorResponse(405, "method not allowed", { Allow: "POST" });
    }
    try {
      const input = (await request.json()) as UserInput;
      if (input.name.trim() === "") {
        return errorResponse(422, "name must not be blank");
      }
      const user = await this.#service.create(input);
      return Response.json(user, { status: 201 });
    } catch (error) {
      if (error instanceof SyntaxError) {
        return errorResponse(400, "body must be valid JSON");
      }
      if (error instanceof NameTakenError) {
        return errorResponse(409, "name already taken");
      }
      console.error("request failed", error);
      return errorResponse(500, "internal error");
    }
  }
}

function errorResponse(
  status: number,
  message: string,
  headers: Record<string, string> = {},
): Response {
  return Response.json({ error: message }, { status, headers });
}
