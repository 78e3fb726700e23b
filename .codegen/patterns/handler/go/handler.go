// Package userhttp serves the user resource over HTTP.
package userhttp

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	collectionPath = "/users"
	maxNameLength  = 100
	maxBodyBytes   = 1 << 20
)

// The roles that a user can have.
const (
	roleMember = "member"
	roleAdmin  = "admin"
)

// ErrNotFound is returned by a Service when no user has the id.
var ErrNotFound = errors.New("user not found")

// ErrEmailTaken is returned by a Service when another user has the email.
var ErrEmailTaken = errors.New("email already taken")

// User is a user as clients see it.
type User struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Role  string `json:"role"`
}

// UserInput holds the fields a client sends to create or update a user.
type UserInput struct {
	Name  string `json:"name"`
	Email string `json:"email"`
	Role  string `json:"role"`
}

// Service is what the handler needs from the application.
type Service interface {
	List(ctx context.Context) ([]User, error)
	Create(ctx context.Context, input UserInput) (User, error)
	Get(ctx context.Context, id int64) (User, error)
	Update(ctx context.Context, id int64, input UserInput) (User, error)
	Delete(ctx context.Context, id int64) error
}

// Handler serves /users and /users/{id}.
type Handler struct {
	service Service
}

// NewHandler returns a Handler that works through service.
func NewHandler(service Service) *Handler {
	return &Handler{service: service}
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == collectionPath {
		h.serveCollection(w, r)
		return
	}
	id, ok := parseID(r.URL.Path)
	if !ok {
		writeError(w, http.StatusNotFound, "not found")
		return
	}
	h.serveItem(w, r, id)
}

func (h *Handler) serveCollection(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet:
		users, err := h.service.List(r.Context())
		if users == nil {
			users = []User{}
		}
		writeResult(w, http.StatusOK, users, err)
	case http.MethodPost:
		if input, ok := readInput(w, r); ok {
			user, err := h.service.Create(r.Context(), input)
			writeResult(w, http.StatusCreated, user, err)
		}
	default:
		writeMethodNotAllowed(w, "GET, POST")
	}
}

func (h *Handler) serveItem(w http.ResponseWriter, r *http.Request, id int64) {
	switch r.Method {
	case http.MethodGet:
		user, err := h.service.Get(r.Context(), id)
		writeResult(w, http.StatusOK, user, err)
	case http.MethodPut:
		if input, ok := readInput(w, r); ok {
			user, err := h.service.Update(r.Context(), id, input)
			writeResult(w, http.StatusOK, user, err)
		}
	case http.MethodDelete:
		err := h.service.Delete(r.Context(), id)
		writeResult(w, http.StatusNoContent, nil, err)
	default:
		writeMethodNotAllowed(w, "GET, PUT, DELETE")
	}
}

// parseID returns the id in a path of the form /users/{id}.
func parseID(path string) (int64, bool) {
	id, err := strconv.ParseInt(strings.TrimPrefix(path, collectionPath+"/"), 10, 64)
	return id, err == nil && id > 0
}

// readInput decodes and validates the body. If it is refused, the error is
// already written and the result is false.
func readInput(w http.ResponseWriter, r *http.Request) (UserInput, bool) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	if err != nil {
		writeError(w, http.StatusRequestEntityTooLarge, "body is too large")
		return UserInput{}, false
	}
	var input UserInput
	if err := json.Unmarshal(body, &input); err != nil {
		writeError(w, http.StatusBadRequest, "body must be valid JSON")
		return UserInput{}, false
	}
	input.Name = strings.TrimSpace(input.Name)
	input.Email = strings.TrimSpace(input.Email)
	if input.Role == "" {
		input.Role = roleMember
	}
	if err := validate(input); err != nil {
		writeError(w, http.StatusUnprocessableEntity, err.Error())
		return UserInput{}, false
	}
	return input, true
}

func validate(input UserInput) error {
	if input.Name == "" {
		return errors.New("name must not be blank")
	}
	if utf8.RuneCountInString(input.Name) > maxNameLength {
		return errors.New("name must not exceed 100 characters")
	}
	if !strings.Contains(input.Email, "@") {
		return errors.New("email must contain @")
	}
	if input.Role != roleMember && input.Role != roleAdmin {
		return errors.New("role must be member or admin")
	}
	return nil
}

// writeResult writes body with status, or the error that err maps to.
func writeResult(w http.ResponseWriter, status int, body any, err error) {
	switch {
	case err == nil:
		writeJSON(w, status, body)
	case errors.Is(err, ErrNotFound):
		writeError(w, http.StatusNotFound, "user not found")
	case errors.Is(err, ErrEmailTaken):
		writeError(w, http.StatusConflict, "email already taken")
	default:
		log.Printf("users: %v", err)
		writeError(w, http.StatusInternalServerError, "internal error")
	}
}

func writeMethodNotAllowed(w http.ResponseWriter, allow string) {
	w.Header().Set("Allow", allow)
	writeError(w, http.StatusMethodNotAllowed, "method not allowed")
}

func writeError(w http.ResponseWriter, status int, message string) {
	writeJSON(w, status, map[string]string{"error": message})
}

// writeJSON writes body as JSON, or no body if it is nil.
func writeJSON(w http.ResponseWriter, status int, body any) {
	if body == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		log.Printf("write response: %v", err)
	}
}
