package users

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// testUser returns a valid user with this id.
func testUser(id uint64) User {
	return User{ID: id, Email: fmt.Sprintf("user%d@example.com", id), Name: fmt.Sprintf("User %d", id), Age: 30}
}

// repositoryWith returns a repository that holds a valid user for each of these ids.
func repositoryWith(t *testing.T, ids ...uint64) *InMemoryUserRepository {
	t.Helper()
	ctx := context.Background()
	repository := NewInMemoryUserRepository()
	for _, id := range ids {
		if err := repository.Create(ctx, testUser(id)); err != nil {
			t.Fatalf("Create(%d): %v", id, err)
		}
	}
	return repository
}

// assertUsers fails the test unless the repository lists exactly these users.
func assertUsers(t *testing.T, repository UserRepository, want []User) {
	t.Helper()
	ctx := context.Background()
	got, err := repository.List(ctx)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("List = %v, %v, want %v", got, err, want)
	}
}

// happy path: a created user can be read back.
func TestCreateThenGet(t *testing.T) {
	ctx := context.Background()
	repository := repositoryWith(t, 1)
	got, err := repository.Get(ctx, 1)
	if err != nil || got != testUser(1) {
		t.Errorf("Get(1) = %v, %v, want %v", got, err, testUser(1))
	}
}

// error: an id that is taken is refused, and the first user stays.
func TestCreateRefusesATakenID(t *testing.T) {
	ctx := context.Background()
	repository := repositoryWith(t, 1)
	second := User{ID: 1, Email: "second@example.com", Name: "Second", Age: 40}
	err := repository.Create(ctx, second)
	var exists *UserExistsError
	if !errors.As(err, &exists) || !strings.Contains(err.Error(), "1") {
		t.Errorf("Create = %v, want a *UserExistsError that names 1", err)
	}
	assertUsers(t, repository, []User{testUser(1)})
}

// error: create and update refuse an invalid field and change nothing: an email without @, a blank
// name, a name longer than 50 characters, an age outside 0 to 150.
func TestInvalidFieldsAreRefused(t *testing.T) {
	cases := []struct {
		field string
		user  User
	}{
		{"email", User{ID: 1, Email: "ada", Name: "Ada", Age: 36}},
		{"name", User{ID: 1, Email: "ada@example.com", Name: "  ", Age: 36}},
		{"name", User{ID: 1, Email: "ada@example.com", Name: strings.Repeat("x", 51), Age: 36}},
		{"age", User{ID: 1, Email: "ada@example.com", Name: "Ada", Age: -1}},
		{"age", User{ID: 1, Email: "ada@example.com", Name: "Ada", Age: 151}},
	}
	ctx := context.Background()
	for _, tc := range cases {
		repository := repositoryWith(t, 1)
		for _, err := range []error{repository.Create(ctx, tc.user), repository.Update(ctx, tc.user)} {
			var invalid *InvalidUserError
			if !errors.As(err, &invalid) || invalid.Field != tc.field || !strings.Contains(err.Error(), tc.field) {
				t.Errorf("error for %v = %v, want an *InvalidUserError that names %s", tc.user, err, tc.field)
			}
		}
		assertUsers(t, repository, []User{testUser(1)})
	}
}

// edge case: the longest valid name, 50 characters, is accepted.
func TestLongestNameIsAccepted(t *testing.T) {
	ctx := context.Background()
	user := User{ID: 1, Email: "ada@example.com", Name: strings.Repeat("x", 50), Age: 36}
	if err := NewInMemoryUserRepository().Create(ctx, user); err != nil {
		t.Errorf("Create with a name of 50 characters: %v", err)
	}
}

// edge case: the lowest and the highest valid age, 0 and 150, are accepted.
func TestAgeLimitsAreAccepted(t *testing.T) {
	ctx := context.Background()
	for _, age := range []int{0, 150} {
		user := User{ID: 1, Email: "ada@example.com", Name: "Ada", Age: age}
		if err := NewInMemoryUserRepository().Create(ctx, user); err != nil {
			t.Errorf("Create with age %d: %v", age, err)
		}
	}
}

// happy path: the list is ordered by id, whatever the order of creation.
func TestListIsOrderedByID(t *testing.T) {
	repository := repositoryWith(t, 3, 1, 2)
	assertUsers(t, repository, []User{testUser(1), testUser(2), testUser(3)})
}

// edge case: a new repository is empty.
func TestNewRepositoryIsEmpty(t *testing.T) {
	ctx := context.Background()
	repository := NewInMemoryUserRepository()
	assertUsers(t, repository, []User{})
	users, err := repository.ListByName(ctx, "Grace")
	if err != nil || len(users) != 0 {
		t.Errorf("ListByName = %v, %v, want none", users, err)
	}
}

// happy path: the users of a name come with the youngest first, those of the same age ordered by id.
func TestListByNameGivesTheYoungestFirst(t *testing.T) {
	ctx := context.Background()
	repository := repositoryWith(t, 9)
	for id, age := range map[uint64]int{1: 50, 3: 20, 2: 20} {
		user := User{ID: id, Email: "grace@example.com", Name: "Grace", Age: age}
		if err := repository.Create(ctx, user); err != nil {
			t.Fatalf("Create(%d): %v", id, err)
		}
	}
	users, err := repository.ListByName(ctx, "Grace")
	if err != nil || len(users) != 3 || users[0].ID != 2 || users[1].ID != 3 || users[2].ID != 1 {
		t.Errorf("ListByName = %v, %v, want the users 2, 3 and 1", users, err)
	}
}

// happy path: an update replaces every field of that user and of no other.
func TestUpdateReplacesTheUser(t *testing.T) {
	ctx := context.Background()
	repository := repositoryWith(t, 1, 2)
	changed := User{ID: 1, Email: "ada@example.com", Name: "Ada", Age: 36}
	if err := repository.Update(ctx, changed); err != nil {
		t.Fatalf("Update: %v", err)
	}
	assertUsers(t, repository, []User{changed, testUser(2)})
}

// error: get, update and delete refuse an unknown id.
func TestUnknownIDsAreRefused(t *testing.T) {
	ctx := context.Background()
	repository := repositoryWith(t, 1)
	_, getErr := repository.Get(ctx, 9)
	for _, err := range []error{getErr, repository.Update(ctx, testUser(9)), repository.Delete(ctx, 9)} {
		var notFound *UserNotFoundError
		if !errors.As(err, &notFound) || !strings.Contains(err.Error(), "9") {
			t.Errorf("error = %v, want a *UserNotFoundError that names 9", err)
		}
	}
	assertUsers(t, repository, []User{testUser(1)})
}

// edge case: an id can be used again after its user was deleted.
func TestDeletedIDCanBeUsedAgain(t *testing.T) {
	ctx := context.Background()
	repository := repositoryWith(t, 1, 2)
	if err := repository.Delete(ctx, 1); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	assertUsers(t, repository, []User{testUser(2)})
	if err := repository.Create(ctx, testUser(1)); err != nil {
		t.Errorf("Create: %v", err)
	}
}

// error: update and delete refuse a user that is stored as locked.
func TestLockedUserStaysAsItIs(t *testing.T) {
	ctx := context.Background()
	repository := repositoryWith(t, 1)
	locked := testUser(1)
	locked.Locked = true
	if err := repository.Update(ctx, locked); err != nil {
		t.Fatalf("Update: %v", err)
	}
	for _, err := range []error{repository.Update(ctx, testUser(1)), repository.Delete(ctx, 1)} {
		var refused *UserLockedError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), "1") {
			t.Errorf("error = %v, want a *UserLockedError that names 1", err)
		}
	}
	assertUsers(t, repository, []User{locked})
}

// happy path: a transaction that succeeds keeps all its changes.
func TestTransactionKeepsAllChanges(t *testing.T) {
	ctx := context.Background()
	repository := repositoryWith(t, 1)
	err := repository.Transaction(ctx, func(tx UserRepository) error {
		if err := tx.Create(ctx, testUser(2)); err != nil {
			return err
		}
		return tx.Delete(ctx, 1)
	})
	if err != nil {
		t.Fatalf("Transaction: %v", err)
	}
	assertUsers(t, repository, []User{testUser(2)})
}

// error: a transaction that fails keeps none of its changes.
func TestTransactionRollsBackOnError(t *testing.T) {
	ctx := context.Background()
	repository := repositoryWith(t, 1)
	err := repository.Transaction(ctx, func(tx UserRepository) error {
		if err := tx.Create(ctx, testUser(2)); err != nil {
			return err
		}
		return tx.Delete(ctx, 9)
	})
	var notFound *UserNotFoundError
	if !errors.As(err, &notFound) {
		t.Errorf("Transaction = %v, want a *UserNotFoundError", err)
	}
	assertUsers(t, repository, []User{testUser(1)})
}

// error: a context that is cancelled during a transaction rolls it back.
func TestTransactionRollsBackOnCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	repository := repositoryWith(t, 1)
	err := repository.Transaction(ctx, func(tx UserRepository) error {
		defer cancel()
		return tx.Create(ctx, testUser(2))
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Transaction = %v, want context.Canceled", err)
	}
	assertUsers(t, repository, []User{testUser(1)})
}

// error: a cancelled context is refused, and nothing is changed.
func TestCancelledContextIsRefused(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	repository := repositoryWith(t, 1)
	_, getErr := repository.Get(ctx, 1)
	_, listErr := repository.List(ctx)
	_, listByNameErr := repository.ListByName(ctx, "User 1")
	transactionErr := repository.Transaction(ctx, func(tx UserRepository) error { return nil })
	changed := User{ID: 1, Email: "ada@example.com", Name: "Ada", Age: 36}
	createErr := repository.Create(ctx, testUser(2))
	updateErr := repository.Update(ctx, changed)
	deleteErr := repository.Delete(ctx, 1)
	for _, err := range []error{getErr, listErr, listByNameErr, transactionErr, createErr, updateErr, deleteErr} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v, want context.Canceled", err)
		}
	}
	assertUsers(t, repository, []User{testUser(1)})
}
