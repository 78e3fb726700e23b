/** Stores users in memory; every failure is a bare Error that a caller cannot tell apart. */

/** A person with an account. */
export interface User {
  /** Identifies the user; chosen by the caller. */
  readonly id: number;
  /** Is not blank. */
  readonly name: string;
}

/** Checks the name; throws when it is blank. */
export function validateUser(user: User): void {
  if (user.name.trim() === "") {
    throw new Error("user name must not be blank");
  }
}

/** Creates, reads, updates and deletes users. */
export interface UserRepository {
  /** Adds a valid user. Throws when the id is taken. */
  create(user: User): void;

  /** Returns the user with this id. Throws when the id is unknown. */
  get(id: number): User;

  /** Returns all users, ordered by id. */
  list(): User[];

  /** Replaces the user with the same id. Throws when the id is unknown. */
  update(user: User): void;

  /** Removes the user with this id. Throws when the id is unknown. */
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
      throw new Error(`user ${user.id} already exists`);
    }
    this.users.set(user.id, { ...user });
  }

  get(id: number): User {
    const user = this.users.get(id);
    if (user === undefined) {
      throw new Error(`user ${id} was not found`);
    }
    return user;
  }

  list(): User[] {
    return [...this.users.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  update(user: User): void {
    validateUser(user);
    if (!this.users.has(user.id)) {
      throw new Error(`user ${user.id} was not found`);
    }
    this.users.set(user.id, { ...user });
  }

  delete(id: number): void {
    if (!this.users.delete(id)) {
      throw new Error(`user ${id} was not found`);
    }
  }

  transaction(work: (tx: UserRepository) => void): void {
    const draft = new InMemoryUserRepository();
    draft.users = new Map(this.users);
    work(draft);
    this.users = draft.users;
  }
}
