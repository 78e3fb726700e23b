// Package users stores users in memory, behind the UserRepository interface.
package users

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

// User is a person with an account.
type User struct {
	ID     uint64 // Identifies the user; chosen by the caller.
	Email  string // Contains an @.
	Name   string // Is not blank, and has at most 50 characters.
	Age    int    // In years, from 0 to 150.
	Locked bool   // Stays as it is once it is stored.
}

// Validate checks Email, Name and Age, in this order, and returns an *InvalidUserError for the
// first invalid field.
func (u User) Validate() error {
	if !strings.Contains(u.Email, "@") {
		return &InvalidUserError{Field: "email", Reason: "must contain an @"}
	}
	if strings.TrimSpace(u.Name) == "" {
		return &InvalidUserError{Field: "name", Reason: "must not be blank"}
	}
	if utf8.RuneCountInString(u.Name) > 50 {
		return &InvalidUserError{Field: "name", Reason: "must have at most 50 characters"}
	}
	if u.Age < 0 || u.Age > 150 {
		return &InvalidUserError{Field: "age", Reason: "must be from 0 to 150"}
	}
	return nil
}

// UserNotFoundError reports that no user has the id.
type UserNotFoundError struct {
	ID uint64
}

// Error returns a message that names the id.
func (e *UserNotFoundError) Error() string {
	return fmt.Sprintf("user %d was not found", e.ID)
}

// UserExistsError reports that another user already has the id.
type UserExistsError struct {
	ID uint64
}

// Error returns a message that names the id.
func (e *UserExistsError) Error() string {
	return fmt.Sprintf("user %d already exists", e.ID)
}

// UserLockedError reports that the stored user with the id is locked.
type UserLockedError struct {
	ID uint64
}

// Error returns a message that names the id.
func (e *UserLockedError) Error() string {
	return fmt.Sprintf("user %d is locked", e.ID)
}

// InvalidUserError reports a field that is invalid: "email", "name" or "age".
type InvalidUserError struct {
	Field  string
	Reason string
}

// Error returns a message that names the field.
func (e *InvalidUserError) Error() string {
	return fmt.Sprintf("user %s %s", e.Field, e.Reason)
}

// UserRepository creates, reads, updates and deletes users. Every method returns the error of a
// cancelled context and changes nothing then.
type UserRepository interface {
	// Create adds a valid user. It returns a *UserExistsError when the id is taken.
	Create(ctx context.Context, user User) error
	// Get returns the user with this id, or a *UserNotFoundError.
	Get(ctx context.Context, id uint64) (User, error)
	// List returns all users, ordered by id.
	List(ctx context.Context) ([]User, error)
	// ListByName returns the users of exactly this name, the youngest first.
	ListByName(ctx context.Context, name string) ([]User, error)
	// Update replaces the user with the same id by this valid user. It returns a *UserNotFoundError,
	// or a *UserLockedError when it is stored as locked.
	Update(ctx context.Context, user User) error
	// Delete removes the user with this id. It returns a *UserNotFoundError, or a *UserLockedError
	// when it is locked.
	Delete(ctx context.Context, id uint64) error
	// Transaction runs work and keeps its changes, or none of them when it returns an error.
	// Inside work only tx may be used, not the repository itself.
	Transaction(ctx context.Context, work func(tx UserRepository) error) error
}

// InMemoryUserRepository is a UserRepository that keeps its users in memory.
// It is safe for concurrent use.
type InMemoryUserRepository struct {
	mu    sync.RWMutex
	users map[uint64]User
}

var _ UserRepository = (*InMemoryUserRepository)(nil)

// NewInMemoryUserRepository returns an empty repository.
func NewInMemoryUserRepository() *InMemoryUserRepository {
	return &InMemoryUserRepository{users: make(map[uint64]User)}
}

// Create implements UserRepository.
func (r *InMemoryUserRepository) Create(ctx context.Context, user User) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := user.Validate(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, found := r.users[user.ID]; found {
		return &UserExistsError{ID: user.ID}
	}
	r.users[user.ID] = user
	return nil
}

// Get implements UserRepository.
func (r *InMemoryUserRepository) Get(ctx context.Context, id uint64) (User, error) {
	if err := ctx.Err(); err != nil {
		return User{}, err
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	user, found := r.users[id]
	if !found {
		return User{}, &UserNotFoundError{ID: id}
	}
	return user, nil
}

// List implements UserRepository.
func (r *InMemoryUserRepository) List(ctx context.Context) ([]User, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	users := make([]User, 0, len(r.users))
	for _, user := range r.users {
		users = append(users, user)
	}
	sort.Slice(users, func(i, j int) bool { return users[i].ID < users[j].ID })
	return users, nil
}

// ListByName implements UserRepository.
func (r *InMemoryUserRepository) ListByName(ctx context.Context, name string) ([]User, error) {
	all, err := r.List(ctx)
	if err != nil {
		return nil, err
	}
	users := make([]User, 0)
	for _, user := range all {
		if user.Name == name {
			users = append(users, user)
		}
	}
	sort.SliceStable(users, func(i, j int) bool { return users[i].Age < users[j].Age })
	return users, nil
}

// Update implements UserRepository.
func (r *InMemoryUserRepository) Update(ctx context.Context, user User) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := user.Validate(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	stored, found := r.users[user.ID]
	if !found {
		return &UserNotFoundError{ID: user.ID}
	}
	if stored.Locked {
		return &UserLockedError{ID: user.ID}
	}
	r.users[user.ID] = user
	return nil
}

// Delete implements UserRepository.
func (r *InMemoryUserRepository) Delete(ctx context.Context, id uint64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	stored, found := r.users[id]
	if !found {
		return &UserNotFoundError{ID: id}
	}
	if stored.Locked {
		return &UserLockedError{ID: id}
	}
	delete(r.users, id)
	return nil
}

// Transaction implements UserRepository.
func (r *InMemoryUserRepository) Transaction(ctx context.Context, work func(tx UserRepository) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	draft := NewInMemoryUserRepository()
	for id, user := range r.users {
		draft.users[id] = user
	}
	if err := work(draft); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	r.users = draft.users
	return nil
}
