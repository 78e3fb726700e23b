package users

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// validUser returns the JSON keys and values of a valid user.
func validUser() map[string]any {
	return map[string]any{
		"id":          7,
		"displayName": "Ada Lovelace",
		"email":       "ada@example.com",
		"role":        "editor",
		"tags":        []string{"math", "poetry"},
		"age":         36,
	}
}

// parse encodes the given keys and values as JSON and parses them.
func parse(t *testing.T, keys map[string]any) (UserDTO, error) {
	t.Helper()
	data, err := json.Marshal(keys)
	if err != nil {
		t.Fatalf("Marshal: %v", err)
	}
	return ParseUser(data)
}

// parseWith parses a valid user in which one key has another value.
func parseWith(t *testing.T, key string, value any) (UserDTO, error) {
	t.Helper()
	keys := validUser()
	keys[key] = value
	return parse(t, keys)
}

// assertInvalid fails the test unless err is a ValidationError of the field.
func assertInvalid(t *testing.T, err error, field string) {
	t.Helper()
	var invalid *ValidationError
	if !errors.As(err, &invalid) {
		t.Fatalf("%s: got %v, want a ValidationError", field, err)
	}
	if invalid.Field != field || !strings.Contains(err.Error(), field) {
		t.Errorf("got %v of field %q, want field %q", err, invalid.Field, field)
	}
}

// happy path: a complete user is parsed.
func TestParseUserReturnsEveryField(t *testing.T) {
	got, err := parse(t, validUser())
	if err != nil {
		t.Fatalf("ParseUser: %v", err)
	}
	age := 36
	want := UserDTO{
		ID:          7,
		DisplayName: "Ada Lovelace",
		Email:       "ada@example.com",
		Role:        RoleEditor,
		Tags:        []string{"math", "poetry"},
		Age:         &age,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// happy path: a user that is encoded and parsed again stays equal.
func TestUserSurvivesRoundTrip(t *testing.T) {
	for _, role := range []Role{RoleAdmin, RoleEditor, RoleViewer} {
		user := UserDTO{ID: 1, DisplayName: "Ada", Email: "ada@example.com", Role: role, Tags: []string{}}
		data, err := EncodeUser(user)
		if err != nil {
			t.Fatalf("EncodeUser: %v", err)
		}
		got, err := ParseUser(data)
		if err != nil {
			t.Fatalf("ParseUser: %v", err)
		}
		if !reflect.DeepEqual(got, user) {
			t.Errorf("got %+v, want %+v", got, user)
		}
	}
}

// error: text that is not exactly one JSON object is malformed.
func TestParseUserRefusesMalformedText(t *testing.T) {
	valid := `{"id":7,"displayName":"Ada","email":"a@b","role":"admin","tags":[]}`
	for _, text := range []string{"", "user", "[]", `{"id":7`, valid + "{}"} {
		if _, err := ParseUser([]byte(text)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%q gave %v, want ErrMalformed", text, err)
		}
	}
}

// error: an unknown key is malformed and named in the message.
func TestParseUserRefusesUnknownKey(t *testing.T) {
	_, err := parseWith(t, "isRoot", true)
	if !errors.Is(err, ErrMalformed) {
		t.Fatalf("got %v, want ErrMalformed", err)
	}
	if !strings.Contains(err.Error(), "isRoot") {
		t.Errorf("message %q does not name the key", err.Error())
	}
}

// error: a value of the wrong type is malformed.
func TestParseUserRefusesWrongType(t *testing.T) {
	cases := []struct {
		key   string
		value any
	}{
		{"id", "7"},
		{"id", 1.5},
		{"displayName", 7},
		{"email", true},
		{"role", []string{"admin"}},
		{"tags", "math"},
		{"age", "36"},
	}
	for _, c := range cases {
		if _, err := parseWith(t, c.key, c.value); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s = %v gave %v, want ErrMalformed", c.key, c.value, err)
		}
	}
}

// error: each required key that is missing is refused by name.
func TestParseUserRefusesMissingKey(t *testing.T) {
	for _, key := range []string{"id", "displayName", "email", "role", "tags"} {
		keys := validUser()
		delete(keys, key)
		_, err := parse(t, keys)
		assertInvalid(t, err, key)
	}
}

// error: a value outside its limits is refused and its field is named.
func TestParseUserRefusesValueOutsideLimits(t *testing.T) {
	cases := []struct {
		key   string
		value any
	}{
		{"id", 0},
		{"displayName", "   "},
		{"displayName", strings.Repeat("x", 51)},
		{"email", "ada.example.com"},
		{"email", "@example.com"},
		{"email", "ada@"},
		{"email", "a@" + strings.Repeat("x", 253)},
		{"role", "owner"},
		{"tags", strings.Split(strings.Repeat("x", 11), "")},
		{"tags", []string{"math", " "}},
		{"age", -1},
		{"age", 151},
	}
	for _, c := range cases {
		_, err := parseWith(t, c.key, c.value)
		assertInvalid(t, err, c.key)
	}
}

// error: an invalid user is not encoded.
func TestEncodeUserRefusesInvalidUser(t *testing.T) {
	_, err := EncodeUser(UserDTO{})
	assertInvalid(t, err, "id")
}

// edge case: values at the limits are accepted, characters counted, not bytes.
func TestParseUserAcceptsValuesAtLimits(t *testing.T) {
	cases := []struct {
		key   string
		value any
	}{
		{"id", 1},
		{"displayName", strings.Repeat("é", 50)},
		{"email", "a@" + strings.Repeat("x", 252)},
		{"tags", []string{}},
		{"tags", strings.Split(strings.Repeat("x", 10), "")},
		{"age", 0},
		{"age", 150},
	}
	for _, c := range cases {
		if _, err := parseWith(t, c.key, c.value); err != nil {
			t.Errorf("%s = %v gave %v", c.key, c.value, err)
		}
	}
}

// edge case: an age that is null or left out is nil.
func TestParseUserAcceptsUserWithoutAge(t *testing.T) {
	absent := validUser()
	delete(absent, "age")
	null := validUser()
	null["age"] = nil
	for _, keys := range []map[string]any{absent, null} {
		user, err := parse(t, keys)
		if err != nil || user.Age != nil {
			t.Errorf("got age %v and error %v, want neither", user.Age, err)
		}
	}
}
