// Package userhttp serves the user resource over HTTP, read-only.
package userhttp

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"strconv"
	"strings"
)

// ErrNotFound is returned by a Service when no user has the id.
var ErrNotFound = errors.New("user not found")

// User is a user as clients see it.
type User struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// Service is what the handler needs from the application.
type Service interface {
	Get(ctx context.Context, id int64) (User, error)
}

// Handler serves /users/{id}.
type Handler struct {
	service Service
}

// NewHandler returns a Handler that works through service.
func NewHandler(service Service) *Handler {
	return &Handler{service: service}
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", "GET")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	id, err := strconv.ParseInt(strings.TrimPrefix(r.URL.Path, "/users/"), 10, 64)
	if err != nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	user, err := h.service.Get(r.Context(), id)
	if errors.Is(err, ErrNotFound) {
		http.Error(w, "user not found", http.StatusNotFound)
		return
	}
	if err != nil {
		log.Printf("users: %v", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(user); err != nil {
		log.Printf("write response: %v", err)
	}
}
