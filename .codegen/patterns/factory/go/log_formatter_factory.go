// Package logging builds log formatters of several kinds.
package logging

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Errors that NewLogFormatter and Format return; test for them with errors.Is.
var (
	// ErrUnknownKind says that no formatter of the given kind exists.
	ErrUnknownKind = errors.New("unknown kind")
	// ErrEmptyService says that the service is empty.
	ErrEmptyService = errors.New("service must not be empty")
	// ErrInvalidMaxLength says that the limit is not from 1 to 1000.
	ErrInvalidMaxLength = errors.New("max length must be from 1 to 1000")
	// ErrBlankMessage says that the message is empty or only spaces.
	ErrBlankMessage = errors.New("message must not be blank")
	// ErrMessageTooLong says that the message is longer than the limit.
	ErrMessageTooLong = errors.New("message is too long")
)

// Kind names a variant of LogFormatter.
type Kind string

// The kinds that NewLogFormatter can build.
const (
	KindPlain  Kind = "plain"
	KindTagged Kind = "tagged"
	KindKeyed  Kind = "keyed"
)

// LogFormatter turns a log message into one line of text.
type LogFormatter interface {
	// Format returns the line for message. It returns ErrBlankMessage or
	// ErrMessageTooLong when the message is refused.
	Format(message string) (string, error)
}

// config holds the settings that the options change.
type config struct {
	service   string
	maxLength int
}

// Option changes one setting of the formatter that NewLogFormatter builds.
type Option func(*config)

// WithService sets the name of the service; the default is "app".
func WithService(service string) Option {
	return func(c *config) {
		c.service = service
	}
}

// WithMaxLength sets the longest message in characters; the default is 200.
func WithMaxLength(maxLength int) Option {
	return func(c *config) {
		c.maxLength = maxLength
	}
}

// NewLogFormatter builds the formatter of the given kind. It returns
// ErrUnknownKind, ErrEmptyService or ErrInvalidMaxLength when the kind or the
// configuration is invalid.
func NewLogFormatter(kind Kind, options ...Option) (LogFormatter, error) {
	cfg := config{service: "app", maxLength: 200}
	for _, option := range options {
		option(&cfg)
	}
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("new log formatter: %w", err)
	}
	switch kind {
	case KindPlain:
		return &plainFormatter{config: cfg}, nil
	case KindTagged:
		return &taggedFormatter{config: cfg}, nil
	case KindKeyed:
		return &keyedFormatter{config: cfg}, nil
	default:
		return nil, fmt.Errorf("new log formatter: %w: %q", ErrUnknownKind, kind)
	}
}

// validate returns an error when a setting is out of its range.
func (c config) validate() error {
	if c.service == "" {
		return ErrEmptyService
	}
	if c.maxLength < 1 || c.maxLength > 1000 {
		return fmt.Errorf("%w: %d", ErrInvalidMaxLength, c.maxLength)
	}
	return nil
}

// checkMessage returns an error when no formatter may format message.
func (c config) checkMessage(message string) error {
	if strings.TrimSpace(message) == "" {
		return ErrBlankMessage
	}
	if length := utf8.RuneCountInString(message); length > c.maxLength {
		return fmt.Errorf("%w: %d characters, limit %d", ErrMessageTooLong, length, c.maxLength)
	}
	return nil
}

// plainFormatter writes the message alone.
type plainFormatter struct {
	config config
}

func (f *plainFormatter) Format(message string) (string, error) {
	if err := f.config.checkMessage(message); err != nil {
		return "", err
	}
	return message, nil
}

// taggedFormatter writes the service in brackets before the message.
type taggedFormatter struct {
	config config
}

func (f *taggedFormatter) Format(message string) (string, error) {
	if err := f.config.checkMessage(message); err != nil {
		return "", err
	}
	return fmt.Sprintf("[%s] %s", f.config.service, message), nil
}

// keyedFormatter writes the service and the message as keys with values.
type keyedFormatter struct {
	config config
}

func (f *keyedFormatter) Format(message string) (string, error) {
	if err := f.config.checkMessage(message); err != nil {
		return "", err
	}
	return fmt.Sprintf("service=%s message=%s", f.config.service, message), nil
}
