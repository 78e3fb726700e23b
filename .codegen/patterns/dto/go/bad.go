// Package users holds the user resource as JSON, read leniently: a misspelt key is dropped in silence.
package users

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

const maxDisplayName = 50

// ErrMalformed reports text that is not the JSON form of a user.
var ErrMalformed = errors.New("malformed user")

// ValidationError reports the first field whose value is not allowed.
type ValidationError struct {
	// Field is the JSON key of the field.
	Field string
	// Reason says what the value must be.
	Reason string
}

// Error names the field and the reason.
func (e *ValidationError) Error() string {
	return fmt.Sprintf("%s %s", e.Field, e.Reason)
}

// UserDTO is a user as it travels: one field per JSON key.
type UserDTO struct {
	// ID is the number of the user, at least 1.
	ID int64 `json:"id"`
	// DisplayName is the name shown to others, 1 to 50 characters.
	DisplayName string `json:"displayName"`
}

// ParseUser parses the JSON form of a user and validates it.
func ParseUser(data []byte) (UserDTO, error) {
	var user UserDTO
	if err := json.Unmarshal(data, &user); err != nil {
		return UserDTO{}, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	if err := user.Validate(); err != nil {
		return UserDTO{}, err
	}
	return user, nil
}

// Validate checks the fields in their order and returns a *ValidationError for the first one refused.
func (u UserDTO) Validate() error {
	if u.ID < 1 {
		return &ValidationError{Field: "id", Reason: "must be at least 1"}
	}
	if strings.TrimSpace(u.DisplayName) == "" {
		return &ValidationError{Field: "displayName", Reason: "must not be blank"}
	}
	if utf8.RuneCountInString(u.DisplayName) > maxDisplayName {
		return &ValidationError{Field: "displayName", Reason: fmt.Sprintf("must have at most %d characters", maxDisplayName)}
	}
	return nil
}
