package shop;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Creates, reads, updates and deletes users; every failure is an exception that a caller cannot tell apart. */
public interface UserRepository {

    void create(User user);

    User get(long id);

    List<User> list();

    void update(User user);

    void delete(long id);

    void transaction(Consumer<UserRepository> work);

    /** A person with an account. */
    record User(long id, String name) {

        /** Checks the name. */
        void validate() {
            if (name.isBlank()) {
                throw new IllegalArgumentException("user name must not be blank");
            }
        }
    }

    /** Keeps its users in memory. */
    final class InMemory implements UserRepository {

        private Map<Long, User> users = new HashMap<>();

        @Override
        public void create(User user) {
            user.validate();
            if (users.putIfAbsent(user.id(), user) != null) {
                throw new IllegalStateException("user " + user.id() + " already exists");
            }
        }

        @Override
        public User get(long id) {
            if (!users.containsKey(id)) {
                throw new RuntimeException("user " + id + " was not found");
            }
            return users.get(id);
        }

        @Override
        public List<User> list() {
            return List.copyOf(users.values());
        }

        @Override
        public void update(User user) {
            user.validate();
            get(user.id());
            users.put(user.id(), user);
        }

        @Override
        public void delete(long id) {
            get(id);
            users.remove(id);
        }

        @Override
        public void transaction(Consumer<UserRepository> work) {
            InMemory draft = new InMemory();
            draft.users.putAll(users);
            work.accept(draft);
            this.users = draft.users;
        }
    }
}
