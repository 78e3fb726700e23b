package shop;

import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Creates, reads, updates and deletes users. */
public interface UserRepository {

    /** Adds a valid user; throws {@link UserExistsException} when the id is taken. */
    void create(User user);

    /** Returns the user with this id; throws {@link UserNotFoundException}. */
    User get(long id);

    /** Returns all users, ordered by id. */
    List<User> list();

    /** Returns the users of exactly this name, the youngest first. */
    List<User> listByName(String name);

    /** Replaces the user with the same id; throws {@link UserNotFoundException} or {@link UserLockedException}. */
    void update(User user);

    /** Removes the user with this id; throws {@link UserNotFoundException} or {@link UserLockedException}. */
    void delete(long id);

    /** Runs the work on a draft and keeps its changes, or none of them when it throws. */
    void transaction(Consumer<UserRepository> work);

    /** A person with an account; the id is chosen by the caller, and what is stored as locked stays as it is. */
    record User(long id, String email, String name, int age, boolean locked) {

        private static final int MAX_NAME_LENGTH = 50;
        private static final int MAX_AGE = 150;

        /** Checks email, name and age, in this order; throws {@link InvalidUserException} for the first invalid one. */
        public void validate() {
            if (email == null || !email.contains("@")) {
                throw new InvalidUserException("email", "must contain an @");
            }
            if (name == null || name.isBlank()) {
                throw new InvalidUserException("name", "must not be blank");
            }
            if (name.codePointCount(0, name.length()) > MAX_NAME_LENGTH) {
                throw new InvalidUserException("name", "must have at most " + MAX_NAME_LENGTH + " characters");
            }
            if (age < 0 || age > MAX_AGE) {
                throw new InvalidUserException("age", "must be from 0 to " + MAX_AGE);
            }
        }
    }

    /** The base of everything that a user repository throws. */
    abstract sealed class UserException extends RuntimeException {

        private UserException(String message) {
            super(message);
        }
    }

    /** No user has this id. */
    final class UserNotFoundException extends UserException {

        private final long id;

        UserNotFoundException(long id) {
            super("user " + id + " was not found");
            this.id = id;
        }

        /** Returns the id that no user has. */
        public long id() {
            return id;
        }
    }

    /** Another user already has this id. */
    final class UserExistsException extends UserException {

        private final long id;

        UserExistsException(long id) {
            super("user " + id + " already exists");
            this.id = id;
        }

        /** Returns the id that is taken. */
        public long id() {
            return id;
        }
    }

    /** The stored user with this id is locked. */
    final class UserLockedException extends UserException {

        private final long id;

        UserLockedException(long id) {
            super("user " + id + " is locked");
            this.id = id;
        }

        /** Returns the id of the locked user. */
        public long id() {
            return id;
        }
    }

    /** A field of the user is invalid: "email", "name" or "age". */
    final class InvalidUserException extends UserException {

        private final String field;

        InvalidUserException(String field, String reason) {
            super("user " + field + " " + reason);
            this.field = field;
        }

        /** Returns the name of the invalid field. */
        public String field() {
            return field;
        }
    }

    /** A {@link UserRepository} that keeps its users in memory. */
    final class InMemory implements UserRepository {

        private TreeMap<Long, User> users = new TreeMap<>();

        @Override
        public void create(User user) {
            user.validate();
            if (users.containsKey(user.id())) {
                throw new UserExistsException(user.id());
            }
            users.put(user.id(), user);
        }

        @Override
        public User get(long id) {
            User user = users.get(id);
            if (user == null) {
                throw new UserNotFoundException(id);
            }
            return user;
        }

        @Override
        public List<User> list() {
            return List.copyOf(users.values());
        }

        @Override
        public List<User> listByName(String name) {
            return users.values().stream()
                    .filter(user -> user.name().equals(name))
                    .sorted(Comparator.comparingInt(User::age))
                    .toList();
        }

        @Override
        public void update(User user) {
            user.validate();
            User stored = get(user.id());
            if (stored.locked()) {
                throw new UserLockedException(user.id());
            }
            users.put(user.id(), user);
        }

        @Override
        public void delete(long id) {
            User stored = get(id);
            if (stored.locked()) {
                throw new UserLockedException(id);
            }
            users.remove(id);
        }

        @Override
        public void transaction(Consumer<UserRepository> work) {
            InMemory draft = new InMemory();
            draft.users.putAll(users);
            work.accept(draft);
            users = draft.users;
        }
    }
}
