// Package logging builds log formatters of several kinds.
package logging

import (
	"errors"
	"fmt"
)

// Errors that NewLogFormatter and Format return; test for them with errors.Is.
var (
	// ErrUnknownKind says that no formatter of the given kind exists.
	ErrUnknownKind = errors.New("unknown kind")
	// ErrEmptyService says that the service is empty.
	ErrEmptyService = errors.New("service must not be empty")
)

// config holds the settings that the options change.
type config struct {
	service string
}

// Option changes one setting of the formatter that NewLogFormatter builds.
type Option func(*config)

// WithService sets the name of the service; the default is "app".
func WithService(service string) Option {
	return func(c *config) {
		c.service = service
	}
}

// LogFormatter turns a log message into one line of text.
type LogFormatter struct {
	kind   string
	config config
}

// NewLogFormatter builds the formatter of the given kind.
func NewLogFormatter(kind string, options ...Option) (*LogFormatter, error) {
	cfg := config{service: "app"}
	for _, option := range options {
		option(&cfg)
	}
	if err := cfg.validate(); err != nil {
		return nil, fmt.Errorf("new log formatter: %w", err)
	}
	if kind != "plain" && kind != "tagged" {
		return nil, fmt.Errorf("new log formatter: %w: %q", ErrUnknownKind, kind)
	}
	return &LogFormatter{kind: kind, config: cfg}, nil
}

// validate returns an error when a setting is invalid.
func (c config) validate() error {
	if c.service == "" {
		return ErrEmptyService
	}
	return nil
}

// Format returns the line for message.
func (f *LogFormatter) Format(message string) string {
	if f.kind == "tagged" {
		return fmt.Sprintf("[%s] %s", f.config.service, message)
	}
	return message
}
