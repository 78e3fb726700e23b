package userhttp

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

var ada = User{ID: 1, Name: "Ada", Email: "ada@example.com", Role: "admin"}

// stubService knows the user ada, fails for id 500, and treats
// taken@example.com as the email of another user.
type stubService struct {
	users []User
}

func (s stubService) List(ctx context.Context) ([]User, error) {
	return s.users, nil
}

func (s stubService) Create(ctx context.Context, input UserInput) (User, error) {
	if input.Email == "taken@example.com" {
		return User{}, ErrEmailTaken
	}
	return User{ID: 2, Name: input.Name, Email: input.Email, Role: input.Role}, nil
}

func (s stubService) Get(ctx context.Context, id int64) (User, error) {
	switch id {
	case 1:
		return ada, nil
	case 500:
		return User{}, errors.New("secret database failure")
	default:
		return User{}, ErrNotFound
	}
}

func (s stubService) Update(ctx context.Context, id int64, input UserInput) (User, error) {
	_, err := s.Get(ctx, id)
	return User{ID: id, Name: input.Name, Email: input.Email, Role: input.Role}, err
}

func (s stubService) Delete(ctx context.Context, id int64) error {
	_, err := s.Get(ctx, id)
	return err
}

func send(method, path, body string) *httptest.ResponseRecorder {
	recorder := httptest.NewRecorder()
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	NewHandler(stubService{users: []User{ada}}).ServeHTTP(recorder, request)
	return recorder
}

// happy path: every operation answers with its status and JSON body.
func TestOperations(t *testing.T) {
	tests := []struct {
		name   string
		method string
		path   string
		body   string
		status int
		want   string
	}{
		{"list", "GET", "/users", "", 200, `[{"id":1,"name":"Ada","email":"ada@example.com","role":"admin"}]`},
		{"create", "POST", "/users", `{"name":"Bob","email":"bob@example.com","role":"admin"}`, 201, `{"id":2,"name":"Bob","email":"bob@example.com","role":"admin"}`},
		{"get", "GET", "/users/1", "", 200, `{"id":1,"name":"Ada","email":"ada@example.com","role":"admin"}`},
		{"update", "PUT", "/users/1", `{"name":"Eve","email":"eve@example.com","role":"member"}`, 200, `{"id":1,"name":"Eve","email":"eve@example.com","role":"member"}`},
		{"delete", "DELETE", "/users/1", "", 204, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			recorder := send(tt.method, tt.path, tt.body)
			if recorder.Code != tt.status {
				t.Errorf("status = %d, want %d", recorder.Code, tt.status)
			}
			if got := strings.TrimSpace(recorder.Body.String()); got != tt.want {
				t.Errorf("body = %s, want %s", got, tt.want)
			}
		})
	}
}

// error: every refused request has its status and a JSON error body.
func TestErrors(t *testing.T) {
	valid := `{"name":"Ada","email":"ada@example.com"}`
	tests := []struct {
		name   string
		method string
		path   string
		body   string
		status int
	}{
		{"malformed JSON", "POST", "/users", `{"name":`, 400},
		{"empty body", "POST", "/users", "", 400},
		{"blank name", "POST", "/users", `{"name":" ","email":"ada@example.com"}`, 422},
		{"missing email", "POST", "/users", `{"name":"Ada"}`, 422},
		{"email without @", "PUT", "/users/1", `{"name":"Ada","email":"ada"}`, 422},
		{"another role", "POST", "/users", `{"name":"Ada","email":"ada@example.com","role":"owner"}`, 422},
		{"taken email", "POST", "/users", `{"name":"Ada","email":"taken@example.com"}`, 409},
		{"large body", "POST", "/users", strings.Repeat(" ", 1<<20+1), 413},
		{"get unknown user", "GET", "/users/9", "", 404},
		{"update unknown user", "PUT", "/users/9", valid, 404},
		{"delete unknown user", "DELETE", "/users/9", "", 404},
		{"id that is not a number", "GET", "/users/abc", "", 404},
		{"unknown path", "GET", "/other", "", 404},
		{"failure of the service", "GET", "/users/500", "", 500},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			recorder := send(tt.method, tt.path, tt.body)
			if recorder.Code != tt.status {
				t.Errorf("status = %d, want %d", recorder.Code, tt.status)
			}
			var got map[string]string
			if err := json.Unmarshal(recorder.Body.Bytes(), &got); err != nil {
				t.Fatalf("body is not JSON: %v", err)
			}
			if got["error"] == "" || strings.Contains(got["error"], "secret") {
				t.Errorf("error = %q, want a message without secrets", got["error"])
			}
		})
	}
}

// error: an unknown method is refused and the allowed ones are named.
func TestMethodNotAllowed(t *testing.T) {
	tests := []struct {
		method string
		path   string
		allow  string
	}{
		{"DELETE", "/users", "GET, POST"},
		{"POST", "/users/1", "GET, PUT, DELETE"},
	}
	for _, tt := range tests {
		t.Run(tt.path, func(t *testing.T) {
			recorder := send(tt.method, tt.path, "")
			if recorder.Code != http.StatusMethodNotAllowed {
				t.Errorf("status = %d, want 405", recorder.Code)
			}
			if got := recorder.Header().Get("Allow"); got != tt.allow {
				t.Errorf("Allow = %q, want %q", got, tt.allow)
			}
		})
	}
}

// edge case: an empty list is an empty array, not null.
func TestListNoUsers(t *testing.T) {
	recorder := httptest.NewRecorder()
	NewHandler(stubService{}).ServeHTTP(recorder, httptest.NewRequest("GET", "/users", nil))
	if got := strings.TrimSpace(recorder.Body.String()); got != "[]" {
		t.Errorf("body = %s, want []", got)
	}
}

// edge case: a name of 100 characters is accepted, one of 101 is not.
func TestNameLength(t *testing.T) {
	for length, status := range map[int]int{100: 201, 101: 422} {
		body := `{"name":"` + strings.Repeat("ä", length) + `","email":"ada@example.com"}`
		if got := send("POST", "/users", body).Code; got != status {
			t.Errorf("status for %d characters = %d, want %d", length, got, status)
		}
	}
}

// edge case: a role that is left out is member.
func TestRoleIsMemberWhenLeftOut(t *testing.T) {
	recorder := send("POST", "/users", `{"name":"Bob","email":"bob@example.com"}`)
	var got User
	if err := json.Unmarshal(recorder.Body.Bytes(), &got); err != nil {
		t.Fatalf("body is not JSON: %v", err)
	}
	if got.Role != "member" {
		t.Errorf("role = %q, want member", got.Role)
	}
}

// edge case: spaces around the fields are removed.
func TestTrimmedFields(t *testing.T) {
	recorder := send("POST", "/users", `{"name":" Bob ","email":" bob@example.com ","role":"admin"}`)
	var got User
	if err := json.Unmarshal(recorder.Body.Bytes(), &got); err != nil {
		t.Fatalf("body is not JSON: %v", err)
	}
	if want := (User{ID: 2, Name: "Bob", Email: "bob@example.com", Role: "admin"}); got != want {
		t.Errorf("user = %v, want %v", got, want)
	}
}
