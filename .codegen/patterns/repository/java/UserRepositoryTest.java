package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import shop.UserRepository.InvalidUserException;
import shop.UserRepository.User;
import shop.UserRepository.UserExistsException;
import shop.UserRepository.UserLockedException;
import shop.UserRepository.UserNotFoundException;

class UserRepositoryTest {

    private final UserRepository repository = new UserRepository.InMemory();

    /** Returns a valid user with this id. */
    private static User user(long id) {
        return new User(id, "user" + id + "@example.com", "User " + id, 30, false);
    }

    /** Adds a valid user for each of these ids. */
    private void given(long... ids) {
        for (long id : ids) {
            repository.create(user(id));
        }
    }

    // happy path: a created user can be read back.
    @Test
    void createThenGetReturnsTheUser() {
        given(1);
        assertEquals(user(1), repository.get(1));
    }

    // error: an id that is taken is refused, and the first user stays.
    @Test
    void createRefusesTakenId() {
        given(1);
        User second = new User(1, "second@example.com", "Second", 40, false);
        var error = assertThrows(UserExistsException.class, () -> repository.create(second));
        assertEquals(1, error.id());
        assertTrue(error.getMessage().contains("1"));
        assertEquals(List.of(user(1)), repository.list());
    }

    // error: create and update refuse an invalid field, name it and change nothing: an email without @, a blank
    // name, a name longer than 50 characters, an age outside 0 to 150.
    @ParameterizedTest
    @CsvSource({
        "email, ada, Ada, 36",
        "email, , Ada, 36",
        "name, ada@example.com, '  ', 36",
        "name, ada@example.com, , 36",
        "name, ada@example.com, xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx, 36",
        "age, ada@example.com, Ada, -1",
        "age, ada@example.com, Ada, 151",
        "email, ada, '', 151",
    })
    void invalidFieldsAreRefused(String field, String email, String name, int age) {
        given(1);
        User invalid = new User(1, email, name, age, false);
        var created = assertThrows(InvalidUserException.class, () -> repository.create(invalid));
        var updated = assertThrows(InvalidUserException.class, () -> repository.update(invalid));
        assertEquals(field, created.field());
        assertEquals(field, updated.field());
        assertTrue(created.getMessage().contains(field));
        assertEquals(List.of(user(1)), repository.list());
    }

    // error: the fields are checked before the id.
    @Test
    void fieldsAreCheckedBeforeTheId() {
        User invalid = new User(9, "ada", "Ada", 36, false);
        assertThrows(InvalidUserException.class, () -> repository.update(invalid));
    }

    // edge case: the longest valid name, 50 characters, is accepted.
    @Test
    void longestNameIsAccepted() {
        repository.create(new User(1, "ada@example.com", "x".repeat(50), 36, false));
        assertEquals("x".repeat(50), repository.get(1).name());
    }

    // edge case: the lowest and the highest valid age, 0 and 150, are accepted.
    @ParameterizedTest
    @ValueSource(ints = {0, 150})
    void ageLimitsAreAccepted(int age) {
        repository.create(new User(1, "ada@example.com", "Ada", age, false));
        assertEquals(age, repository.get(1).age());
    }

    // happy path: the list is ordered by id, whatever the order of creation.
    @Test
    void listIsOrderedById() {
        given(10, 1, 9);
        assertEquals(List.of(user(1), user(9), user(10)), repository.list());
    }

    // edge case: a new repository is empty.
    @Test
    void newRepositoryIsEmpty() {
        assertEquals(List.of(), repository.list());
        assertEquals(List.of(), repository.listByName("Grace"));
    }

    // happy path: the users of a name come with the youngest first, those of the same age ordered by id.
    @Test
    void listByNameGivesTheYoungestFirst() {
        given(9);
        repository.create(new User(1, "grace@example.com", "Grace", 50, false));
        repository.create(new User(3, "grace@example.com", "Grace", 20, false));
        repository.create(new User(2, "grace@example.com", "Grace", 20, false));
        List<Long> ids = repository.listByName("Grace").stream().map(User::id).toList();
        assertEquals(List.of(2L, 3L, 1L), ids);
    }

    // edge case: a list that was returned does not change with the repository.
    @Test
    void returnedListIsACopy() {
        given(1);
        List<User> before = repository.list();
        repository.delete(1);
        assertEquals(List.of(user(1)), before);
    }

    // happy path: an update replaces every field of that user and of no other.
    @Test
    void updateReplacesTheUser() {
        given(1, 2);
        User changed = new User(1, "ada@example.com", "Ada", 36, false);
        repository.update(changed);
        assertEquals(List.of(changed, user(2)), repository.list());
    }

    // error: get, update and delete refuse an unknown id and name it.
    @Test
    void unknownIdsAreRefused() {
        given(1);
        var error = assertThrows(UserNotFoundException.class, () -> repository.get(9));
        assertEquals(9, error.id());
        assertTrue(error.getMessage().contains("9"));
        assertThrows(UserNotFoundException.class, () -> repository.update(user(9)));
        assertThrows(UserNotFoundException.class, () -> repository.delete(9));
        assertEquals(List.of(user(1)), repository.list());
    }

    // happy path: a deleted user is gone, the others stay.
    @Test
    void deleteRemovesTheUser() {
        given(1, 2);
        repository.delete(1);
        assertEquals(List.of(user(2)), repository.list());
    }

    // edge case: an id can be used again after its user was deleted.
    @Test
    void deletedIdCanBeUsedAgain() {
        given(1);
        repository.delete(1);
        repository.create(user(1));
        assertEquals(user(1), repository.get(1));
    }

    // error: update and delete refuse a user that is stored as locked.
    @Test
    void lockedUserStaysAsItIs() {
        User locked = new User(1, "ada@example.com", "Ada", 36, true);
        repository.create(locked);
        var error = assertThrows(UserLockedException.class, () -> repository.update(user(1)));
        assertEquals(1, error.id());
        assertTrue(error.getMessage().contains("1"));
        assertThrows(UserLockedException.class, () -> repository.delete(1));
        assertEquals(List.of(locked), repository.list());
    }

    // happy path: a transaction that succeeds keeps all its changes.
    @Test
    void transactionKeepsAllChanges() {
        given(1);
        repository.transaction(draft -> {
            draft.create(user(2));
            draft.delete(1);
        });
        assertEquals(List.of(user(2)), repository.list());
    }

    // edge case: a transaction sees its own changes.
    @Test
    void transactionSeesItsOwnChanges() {
        repository.transaction(draft -> {
            draft.create(user(1));
            assertEquals(List.of(user(1)), draft.list());
        });
        assertEquals(List.of(user(1)), repository.list());
    }

    // error: a transaction that fails keeps none of its changes.
    @Test
    void transactionRollsBackOnError() {
        given(1);
        assertThrows(UserNotFoundException.class, () -> repository.transaction(draft -> {
            draft.create(user(2));
            draft.delete(1);
            draft.delete(9);
        }));
        assertEquals(List.of(user(1)), repository.list());
    }
}
