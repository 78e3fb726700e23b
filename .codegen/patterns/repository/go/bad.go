// Package users stores users in memory; its methods take no context, so a caller cannot cancel them.
package users

import (
	"fmt"
	"sort"
	"strings"
	"sync"
)

// User is a person with an account.
type User struct {
	ID   uint64 // Identifies the user; chosen by the caller.
	Name string // Is not blank.
}

// Validate checks Name and returns an *InvalidUserError when it is blank.
func (u User) Validate() error {
	if strings.TrimSpace(u.Name) == "" {
		return &InvalidUserError{Field: "name", Reason: "must not be blank"}
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

// InvalidUserError reports a field that is invalid.
type InvalidUserError struct {
	Field  string
	Reason string
}

// Error returns a message that names the field.
func (e *InvalidUserError) Error() string {
	return fmt.Sprintf("user %s %s", e.Field, e.Reason)
}

// UserRepository creates, reads, updates and deletes users.
type UserRepository interface {
	// Create adds a valid user. It returns a *UserExistsError when the id is taken.
	Create(user User) error
	// Get returns the user with this id, or a *UserNotFoundError.
	Get(id uint64) (User, error)
	// List returns all users, ordered by id.
	List() ([]User, error)
	// Update replaces the user with the same id by this valid user, or returns a *UserNotFoundError.
	Update(user User) error
	// Delete removes the user with this id, or returns a *UserNotFoundError.
	Delete(id uint64) error
	// Transaction runs work and keeps its changes, or none of them when it returns an error.
	// Inside work only tx may be used, not the repository itself.
	Transaction(work func(tx UserRepository) error) error
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
func (r *InMemoryUserRepository) Create(user User) error {
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
func (r *InMemoryUserRepository) Get(id uint64) (User, error) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	user, found := r.users[id]
	if !found {
		return User{}, &UserNotFoundError{ID: id}
	}
	return user, nil
}

// List implements UserRepository.
func (r *InMemoryUserRepository) List() ([]User, error) {
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
func (r *InMemoryUserRepository) Update(user User) error {
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
func (r *InMemoryUserRepository) Delete(id uint64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, found := r.users[id]; !found {
		return &UserNotFoundError{ID: id}
	}
	delete(r.users, id)
	return nil
}

// Transaction implements UserRepository.
func (r *InMemoryUserRepository) Transaction(work func(tx UserRepository) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	draft := NewInMemoryUserRepository()
	for id, user := range r.users {
		draft.users[id] = user
	}
	if err := work(draft); err != nil {
		return err
	}
	r.users = draft.users
	return nil
}
