// Package journal builds journals of several kinds.
package journal

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Errors that NewJournal and Write return; test for them with errors.Is.
var (
	// ErrUnknownKind says that no journal of the given kind exists.
	ErrUnknownKind = errors.New("unknown kind")
	// ErrInvalidAuthor says that the author does not fit the kind.
	ErrInvalidAuthor = errors.New("invalid author")
	// ErrInvalidMaxLength says that the limit is not from 1 to 500.
	ErrInvalidMaxLength = errors.New("max length must be from 1 to 500")
	// ErrBlankTopic says that the topic is empty or only spaces.
	ErrBlankTopic = errors.New("topic must not be blank")
	// ErrTextTooLong says that the text is longer than the limit.
	ErrTextTooLong = errors.New("text is too long")
)

// Kind names a variant of Journal.
type Kind string

// The kinds that NewJournal can build.
const (
	KindPlain  Kind = "plain"
	KindSigned Kind = "signed"
	KindTagged Kind = "tagged"
)

// Journal keeps lines of text in the order of writing.
type Journal interface {
	// Write keeps one line for topic and text. It returns ErrBlankTopic or
	// ErrTextTooLong when the line is refused.
	Write(topic, text string) error
	// Lines returns the kept lines in the order of writing.
	Lines() []string
}

// config holds the settings that the options change.
type config struct {
	author    string
	maxLength int
}

// Option changes one setting of the journal that NewJournal builds.
type Option func(*config)

// WithAuthor sets the author; the default is "".
func WithAuthor(author string) Option {
	return func(c *config) {
		c.author = author
	}
}

// WithMaxLength sets the longest text in characters; the default is 120.
func WithMaxLength(maxLength int) Option {
	return func(c *config) {
		c.maxLength = maxLength
	}
}

// NewJournal builds the journal of the given kind. It returns ErrUnknownKind,
// ErrInvalidAuthor or ErrInvalidMaxLength when the kind or the configuration is
// invalid.
func NewJournal(kind Kind, options ...Option) (Journal, error) {
	cfg := config{author: "", maxLength: 120}
	for _, option := range options {
		option(&cfg)
	}
	if err := cfg.validate(kind); err != nil {
		return nil, fmt.Errorf("new journal: %w", err)
	}
	switch kind {
	case KindPlain:
		return &plainJournal{config: cfg}, nil
	case KindSigned:
		return &signedJournal{config: cfg}, nil
	case KindTagged:
		return &taggedJournal{config: cfg}, nil
	default:
		return nil, fmt.Errorf("new journal: %w: %q", ErrUnknownKind, kind)
	}
}

// validate returns an error when a setting does not fit the kind or is out of
// its range.
func (c config) validate(kind Kind) error {
	if kind == KindSigned && !strings.Contains(c.author, " ") {
		return fmt.Errorf("%w: %q has no space", ErrInvalidAuthor, c.author)
	}
	length := utf8.RuneCountInString(c.author)
	if kind == KindTagged && (length < 2 || length > 4) {
		return fmt.Errorf("%w: %q has not 2 to 4 characters", ErrInvalidAuthor, c.author)
	}
	if c.maxLength < 1 || c.maxLength > 500 {
		return fmt.Errorf("%w: %d", ErrInvalidMaxLength, c.maxLength)
	}
	return nil
}

// checkLine returns an error when no journal may keep the line.
func (c config) checkLine(topic, text string) error {
	if strings.TrimSpace(topic) == "" {
		return ErrBlankTopic
	}
	if length := utf8.RuneCountInString(text); length > c.maxLength {
		return fmt.Errorf("%w: %d characters, limit %d", ErrTextTooLong, length, c.maxLength)
	}
	return nil
}

// plainJournal keeps the topic and the text.
type plainJournal struct {
	config config
	lines  []string
}

func (j *plainJournal) Write(topic, text string) error {
	if err := j.config.checkLine(topic, text); err != nil {
		return err
	}
	j.lines = append(j.lines, fmt.Sprintf("%s: %s", topic, text))
	return nil
}

func (j *plainJournal) Lines() []string {
	return append([]string(nil), j.lines...)
}

// signedJournal keeps the author in parentheses behind the text.
type signedJournal struct {
	config config
	lines  []string
}

func (j *signedJournal) Write(topic, text string) error {
	if err := j.config.checkLine(topic, text); err != nil {
		return err
	}
	j.lines = append(j.lines, fmt.Sprintf("%s: %s (%s)", topic, text, j.config.author))
	return nil
}

func (j *signedJournal) Lines() []string {
	return append([]string(nil), j.lines...)
}

// taggedJournal keeps the author in brackets before the topic.
type taggedJournal struct {
	config config
	lines  []string
}

func (j *taggedJournal) Write(topic, text string) error {
	if err := j.config.checkLine(topic, text); err != nil {
		return err
	}
	j.lines = append(j.lines, fmt.Sprintf("[%s] %s: %s", j.config.author, topic, text))
	return nil
}

func (j *taggedJournal) Lines() []string {
	return append([]string(nil), j.lines...)
}
