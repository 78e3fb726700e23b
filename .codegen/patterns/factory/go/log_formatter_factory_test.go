package logging

import (
	"errors"
	"strings"
	"testing"
)

// happy path: every kind formats a message in its own way.
func TestEveryKindFormatsInItsOwnWay(t *testing.T) {
	tests := []struct {
		kind Kind
		want string
	}{
		{kind: KindPlain, want: "started up"},
		{kind: KindTagged, want: "[search] started up"},
		{kind: KindKeyed, want: "service=search message=started up"},
	}
	for _, test := range tests {
		t.Run(string(test.kind), func(t *testing.T) {
			formatter, err := NewLogFormatter(test.kind, WithService("search"))
			if err != nil {
				t.Fatalf("NewLogFormatter: %v", err)
			}
			line, err := formatter.Format("started up")
			if err != nil {
				t.Fatalf("Format: %v", err)
			}
			if line != test.want {
				t.Errorf("line = %q, want %q", line, test.want)
			}
		})
	}
}

// happy path: without options the service is app and the limit is 200.
func TestDefaultsApplyWithoutOptions(t *testing.T) {
	formatter, err := NewLogFormatter(KindTagged)
	if err != nil {
		t.Fatalf("NewLogFormatter: %v", err)
	}
	line, err := formatter.Format(strings.Repeat("x", 200))
	if err != nil {
		t.Fatalf("Format: %v", err)
	}
	if want := "[app] " + strings.Repeat("x", 200); line != want {
		t.Errorf("line = %q, want %q", line, want)
	}
}

// error: an unknown kind and an invalid configuration are refused.
func TestInvalidConfigurationIsRefused(t *testing.T) {
	tests := []struct {
		name    string
		kind    Kind
		options []Option
		want    error
	}{
		{name: "unknown kind", kind: Kind("fancy"), want: ErrUnknownKind},
		{name: "empty service", kind: KindPlain, options: []Option{WithService("")}, want: ErrEmptyService},
		{name: "zero limit", kind: KindPlain, options: []Option{WithMaxLength(0)}, want: ErrInvalidMaxLength},
		{name: "large limit", kind: KindPlain, options: []Option{WithMaxLength(1001)}, want: ErrInvalidMaxLength},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			formatter, err := NewLogFormatter(test.kind, test.options...)
			if !errors.Is(err, test.want) {
				t.Errorf("error = %v, want %v", err, test.want)
			}
			if formatter != nil {
				t.Errorf("formatter = %v, want nil", formatter)
			}
		})
	}
}

// error: every kind refuses a blank message and one that is too long.
func TestInvalidMessageIsRefusedByEveryKind(t *testing.T) {
	for _, kind := range []Kind{KindPlain, KindTagged, KindKeyed} {
		t.Run(string(kind), func(t *testing.T) {
			formatter, err := NewLogFormatter(kind, WithMaxLength(5))
			if err != nil {
				t.Fatalf("NewLogFormatter: %v", err)
			}
			if _, err := formatter.Format(""); !errors.Is(err, ErrBlankMessage) {
				t.Errorf("error = %v, want %v", err, ErrBlankMessage)
			}
			if _, err := formatter.Format("  "); !errors.Is(err, ErrBlankMessage) {
				t.Errorf("error = %v, want %v", err, ErrBlankMessage)
			}
			if _, err := formatter.Format("123456"); !errors.Is(err, ErrMessageTooLong) {
				t.Errorf("error = %v, want %v", err, ErrMessageTooLong)
			}
		})
	}
}

// edge case: the smallest and the largest limit are accepted.
func TestLimitsOfMaxLengthAreAccepted(t *testing.T) {
	for _, maxLength := range []int{1, 1000} {
		formatter, err := NewLogFormatter(KindPlain, WithMaxLength(maxLength))
		if err != nil {
			t.Fatalf("NewLogFormatter with limit %d: %v", maxLength, err)
		}
		message := strings.Repeat("x", maxLength)
		line, err := formatter.Format(message)
		if err != nil {
			t.Fatalf("Format with limit %d: %v", maxLength, err)
		}
		if line != message {
			t.Errorf("line = %q, want %q", line, message)
		}
	}
}

// edge case: characters are counted, not bytes, and spaces are kept.
func TestCharactersAreCountedAndSpacesKept(t *testing.T) {
	formatter, err := NewLogFormatter(KindPlain, WithMaxLength(5))
	if err != nil {
		t.Fatalf("NewLogFormatter: %v", err)
	}
	line, err := formatter.Format(" äöü ")
	if err != nil {
		t.Fatalf("Format: %v", err)
	}
	if line != " äöü " {
		t.Errorf("line = %q, want %q", line, " äöü ")
	}
}
