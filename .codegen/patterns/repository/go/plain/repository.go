// Package users stores users in memory, behind the UserRepository interface.
package users

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"
)

// User is a person with an account.
type User struct {
	ID    uint64 // Identifies the user; chosen by the caller.
	Email string // Contains an @.
	Name  string // Is not blank.
	Age   int    // In years, from 0 to 150.
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
	// Update replaces the user with the same id by this valid user, or returns a *UserNotFoundError.
	Update(ctx context.Context, user User) error
	// Delete removes the user with this id, or returns a *UserNotFoundError.
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
	if _, found := r.users[user.ID]; !found {
		return &UserNotFoundError{ID: user.ID}
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
	if _, found := r.users[id]; !found {
		return &UserNotFoundError{ID: id}
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
