/** Stores users in memory, behind the {@link UserRepository} interface. */

/** A person with an account. */
export interface User {
  /** Identifies the user; chosen by the caller. */
  readonly id: number;
  /** Contains an `@`. */
  readonly email: string;
  /** Is not blank. */
  readonly name: string;
  /** In whole years, from 0 to 150. */
  readonly age: number;
  /** Stays as it is once it is stored. */
  readonly locked: boolean;
}

/** No user has this id. */
export class UserNotFoundError extends Error {
  override readonly name = "UserNotFoundError";
  readonly id: number;

  constructor(id: number) {
    super(`user ${id} was not found`);
    this.id = id;
  }
}

/** Another user already has this id. */
export class UserExistsError extends Error {
  override readonly name = "UserExistsError";
  readonly id: number;

  constructor(id: number) {
    super(`user ${id} already exists`);
    this.id = id;
  }
}

/** The stored user with this id is locked. */
export class UserLockedError extends Error {
  override readonly name = "UserLockedError";
  readonly id: number;

  constructor(id: number) {
    super(`user ${id} is locked`);
    this.id = id;
  }
}

/** A field of the user is invalid: "email", "name" or "age". */
export class InvalidUserError extends Error {
  override readonly name = "InvalidUserError";
  readonly field: string;

  constructor(field: string, reason: string) {
    super(`user ${field} ${reason}`);
    this.field = field;
  }
}

/**
 * Checks `email`, `name` and `age`, in this order.
 *
 * @throws InvalidUserError for the first invalid field.
 */
export function validateUser(user: User): void {
  if (!user.email.includes("@")) {
    throw new InvalidUserError("email", "must contain an @");
  }
  if (user.name.trim() === "") {
    throw new InvalidUserError("name", "must not be blank");
  }
  if ([...user.name].length > 50) {
    throw new InvalidUserError("name", "must have at most 50 characters");
  }
  if (!Number.isInteger(user.age) || user.age < 0 || user.age > 150) {
    throw new InvalidUserError("age", "must be a whole number from 0 to 150");
  }
}

/** Creates, reads, updates and deletes users. */
export interface UserRepository {
  /** Adds a valid user. Throws UserExistsError when the id is taken. */
  create(user: User): void;

  /** Returns the user with this id. Throws UserNotFoundError. */
  get(id: number): User;

  /** Returns all users, ordered by id. */
  list(): User[];

  /** Returns the users of exactly this name, the youngest first. */
  listByName(name: string): User[];

  /** Replaces the user with the same id. Throws UserNotFoundError, and UserLockedError when it is stored as locked. */
  update(user: User): void;

  /** Removes the user with this id. Throws UserNotFoundError, and UserLockedError when it is locked. */
  delete(id: number): void;

  /** Runs `work`, which must not be async, and keeps its changes, or none of them when it throws. */
  transaction(work: (tx: UserRepository) => void): void;
}

/** A {@link UserRepository} that keeps its users in memory. */
export class InMemoryUserRepository implements UserRepository {
  private users = new Map<number, User>();

  create(user: User): void {
    validateUser(user);
    if (this.users.has(user.id)) {
      throw new UserExistsError(user.id);
    }
    this.users.set(user.id, { ...user });
  }

  get(id: number): User {
    const user = this.users.get(id);
    if (user === undefined) {
      throw new UserNotFoundError(id);
    }
    return user;
  }

  list(): User[] {
    return [...this.users.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  listByName(name: string): User[] {
    const found = this.list().filter((user) => user.name === name);
    return found.sort((a, b) => a.age - b.age);
  }

  update(user: User): void {
    validateUser(user);
    const stored = this.get(user.id);
    if (stored.locked) {
      throw new UserLockedError(user.id);
    }
    this.users.set(user.id, { ...user });
  }

  delete(id: number): void {
    const stored = this.get(id);
    if (stored.locked) {
      throw new UserLockedError(id);
    }
    this.users.delete(id);
  }

  transaction(work: (tx: UserRepository) => void): void {
    const draft = new InMemoryUserRepository();
    draft.users = new Map(this.users);
    work(draft);
    this.users = draft.users;
  }
}
