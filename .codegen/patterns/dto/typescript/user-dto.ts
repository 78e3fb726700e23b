/** The user resource as JSON: its wire form and its validation. */

const MAX_DISPLAY_NAME = 50;
const MAX_EMAIL = 254;
const MAX_TAGS = 10;
const MAX_AGE = 150;
const KEYS: readonly string[] = ["id", "displayName", "email", "role", "tags", "age"];
const ROLES = ["admin", "editor", "viewer"] as const;

/** What a user may do. */
export type Role = (typeof ROLES)[number];

/** A user as it travels: one property per JSON key. */
export interface UserDto {
  /** Number of the user, at least 1. */
  readonly id: number;
  /** Name shown to others, 1 to 50 characters. */
  readonly displayName: string;
  /** Mail address, at most 254 characters. */
  readonly email: string;
  /** What the user may do. */
  readonly role: Role;
  /** At most 10 labels, none of them blank. */
  readonly tags: readonly string[];
  /** Age in years, from 0 to 150; null if unknown. */
  readonly age: number | null;
}

/** Says which field of a user was refused and why. */
export class UserDtoError extends Error {
  override readonly name = "UserDtoError";
  /** JSON key of the field, or "input" if the value is not an object. */
  readonly field: string;
  /** What the value must be. */
  readonly reason: string;

  constructor(field: string, reason: string) {
    super(`${field} ${reason}`);
    this.field = field;
    this.reason = reason;
  }
}

/** Returns the user that a decoded JSON value describes, or throws UserDtoError. */
export function parseUser(input: unknown): UserDto {
  if (!isRecord(input)) {
    throw new UserDtoError("input", "must be an object");
  }
  for (const key of Object.keys(input)) {
    if (!KEYS.includes(key)) {
      throw new UserDtoError(key, "is not a known key");
    }
  }
  return {
    id: readInteger(input, "id", 1, Number.MAX_SAFE_INTEGER),
    displayName: readText(input, "displayName", MAX_DISPLAY_NAME),
    email: readEmail(input, "email"),
    role: readRole(input, "role"),
    tags: readTags(input, "tags"),
    age: readOptionalInteger(input, "age", 0, MAX_AGE),
  };
}

type JsonRecord = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readInteger(record: JsonRecord, key: string, min: number, max: number): number {
  const value = record[key];
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw new UserDtoError(key, "must be a whole number");
  }
  if (value < min || value > max) {
    throw new UserDtoError(key, `must be from ${min} to ${max}`);
  }
  return value;
}

function readOptionalInteger(
  record: JsonRecord,
  key: string,
  min: number,
  max: number,
): number | null {
  if (record[key] === undefined || record[key] === null) {
    return null;
  }
  return readInteger(record, key, min, max);
}

function readText(record: JsonRecord, key: string, max: number): string {
  const value = record[key];
  if (typeof value !== "string" || value.trim() === "") {
    throw new UserDtoError(key, "must be a text that is not blank");
  }
  if ([...value].length > max) {
    throw new UserDtoError(key, `must have at most ${max} characters`);
  }
  return value;
}

function readEmail(record: JsonRecord, key: string): string {
  const email = readText(record, key, MAX_EMAIL);
  const at = email.indexOf("@");
  if (at < 1 || at === email.length - 1) {
    throw new UserDtoError(key, "must be a mail address");
  }
  return email;
}

function readRole(record: JsonRecord, key: string): Role {
  const role = ROLES.find((known) => known === record[key]);
  if (role === undefined) {
    throw new UserDtoError(key, `must be one of ${ROLES.join(", ")}`);
  }
  return role;
}

function readTags(record: JsonRecord, key: string): readonly string[] {
  const values: unknown = record[key];
  if (!Array.isArray(values)) {
    throw new UserDtoError(key, "must be a list");
  }
  if (values.length > MAX_TAGS) {
    throw new UserDtoError(key, `must have at most ${MAX_TAGS} entries`);
  }
  const tags: string[] = [];
  for (const value of values) {
    if (typeof value !== "string" || value.trim() === "") {
      throw new UserDtoError(key, "must be a list of texts that are not blank");
    }
    tags.push(value);
  }
  return tags;
}
