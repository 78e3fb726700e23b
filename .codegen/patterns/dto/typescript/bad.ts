/** The user resource as JSON, cast instead of checked: a number may arrive as a text. */

const MAX_DISPLAY_NAME = 50;
const KEYS: readonly string[] = ["id", "displayName"];

/** A user as it travels: one property per JSON key. */
export interface UserDto {
  /** Number of the user, at least 1. */
  readonly id: number;
  /** Name shown to others, 1 to 50 characters. */
  readonly displayName: string;
}

/** Says which field of a user was refused and why. */
export class UserDtoError extends Error {
  override readonly name = "UserDtoError";
  /** JSON key of the field. */
  readonly field: string;

  constructor(field: string, reason: string) {
    super(`${field} ${reason}`);
    this.field = field;
  }
}

/** Returns the user that a decoded JSON value describes, or throws UserDtoError. */
export function parseUser(input: unknown): UserDto {
  const user = input as UserDto;
  for (const key of Object.keys(user)) {
    if (!KEYS.includes(key)) {
      throw new UserDtoError(key, "is not a known key");
    }
  }
  if (user.id < 1) {
    throw new UserDtoError("id", "must be at least 1");
  }
  if (user.displayName.length > MAX_DISPLAY_NAME) {
    throw new UserDtoError("displayName", `must have at most ${MAX_DISPLAY_NAME} characters`);
  }
  return user;
}
