// Package users holds the user resource as JSON: its wire form and its validation.
package users

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

const (
	maxDisplayName = 50
	maxEmail       = 254
	maxTags        = 10
	maxAge         = 150
)

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

// Role says what a user may do.
type Role string

// The roles a user can have.
const (
	RoleAdmin  Role = "admin"
	RoleEditor Role = "editor"
	RoleViewer Role = "viewer"
)

// UserDTO is a user as it travels: one field per JSON key.
type UserDTO struct {
	// ID is the number of the user, at least 1.
	ID int64 `json:"id"`
	// DisplayName is the name shown to others, 1 to 50 characters.
	DisplayName string `json:"displayName"`
	// Email is the mail address, at most 254 characters.
	Email string `json:"email"`
	// Role says what the user may do.
	Role Role `json:"role"`
	// Tags are at most 10 labels, none of them blank; never nil.
	Tags []string `json:"tags"`
	// Age is the age in years, at most 150; nil is null or a missing key.
	Age *int `json:"age"`
}

// ParseUser parses the JSON form of a user and validates it.
func ParseUser(data []byte) (UserDTO, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var user UserDTO
	if err := decoder.Decode(&user); err != nil {
		return UserDTO{}, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return UserDTO{}, fmt.Errorf("%w: text after the value", ErrMalformed)
	}
	if err := user.Validate(); err != nil {
		return UserDTO{}, err
	}
	return user, nil
}

// EncodeUser validates a user and returns its JSON form.
func EncodeUser(user UserDTO) ([]byte, error) {
	if err := user.Validate(); err != nil {
		return nil, err
	}
	return json.Marshal(user)
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
	if at := strings.Index(u.Email, "@"); at < 1 || at == len(u.Email)-1 {
		return &ValidationError{Field: "email", Reason: "must be a mail address"}
	}
	if utf8.RuneCountInString(u.Email) > maxEmail {
		return &ValidationError{Field: "email", Reason: fmt.Sprintf("must have at most %d characters", maxEmail)}
	}
	if u.Role != RoleAdmin && u.Role != RoleEditor && u.Role != RoleViewer {
		return &ValidationError{Field: "role", Reason: "must be admin, editor or viewer"}
	}
	if u.Tags == nil {
		return &ValidationError{Field: "tags", Reason: "must be a list"}
	}
	if len(u.Tags) > maxTags {
		return &ValidationError{Field: "tags", Reason: fmt.Sprintf("must have at most %d entries", maxTags)}
	}
	for _, tag := range u.Tags {
		if strings.TrimSpace(tag) == "" {
			return &ValidationError{Field: "tags", Reason: "must not have a blank entry"}
		}
	}
	if u.Age != nil && (*u.Age < 0 || *u.Age > maxAge) {
		return &ValidationError{Field: "age", Reason: fmt.Sprintf("must be from 0 to %d", maxAge)}
	}
	return nil
}
