package journal

import (
	"errors"
	"strings"
	"testing"
)

// kinds holds every kind with an author that fits it.
var kinds = map[Kind]string{KindPlain: "", KindSigned: "Ada King", KindTagged: "ak"}

// newJournal returns a journal of the kind with an author that fits it.
func newJournal(t *testing.T, kind Kind, maxLength int) Journal {
	t.Helper()
	journal, err := NewJournal(kind, WithAuthor(kinds[kind]), WithMaxLength(maxLength))
	if err != nil {
		t.Fatalf("NewJournal: %v", err)
	}
	return journal
}

// write keeps a line and fails the test when the journal refuses it.
func write(t *testing.T, journal Journal, topic, text string) {
	t.Helper()
	if err := journal.Write(topic, text); err != nil {
		t.Fatalf("Write: %v", err)
	}
}

// happy path: plain keeps `p: t`, signed `p: t (a)` and tagged `[a] p: t`.
func TestEveryKindKeepsInItsOwnWay(t *testing.T) {
	tests := []struct {
		kind   Kind
		author string
		want   string
	}{
		{kind: KindPlain, author: "", want: "saw: blade changed"},
		{kind: KindSigned, author: "Ada King", want: "saw: blade changed (Ada King)"},
		{kind: KindTagged, author: "ak", want: "[ak] saw: blade changed"},
	}
	for _, test := range tests {
		t.Run(string(test.kind), func(t *testing.T) {
			journal, err := NewJournal(test.kind, WithAuthor(test.author))
			if err != nil {
				t.Fatalf("NewJournal: %v", err)
			}
			write(t, journal, "saw", "blade changed")
			if lines := journal.Lines(); len(lines) != 1 || lines[0] != test.want {
				t.Errorf("lines = %q, want only %q", lines, test.want)
			}
		})
	}
}

// happy path: every kind gives the lines in the order of writing, none at first.
func TestLinesAreInTheOrderOfWriting(t *testing.T) {
	for kind := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			journal := newJournal(t, kind, 120)
			if lines := journal.Lines(); len(lines) != 0 {
				t.Errorf("lines = %q, want none", lines)
			}
			write(t, journal, "saw", "")
			write(t, journal, "drill", "greased")
			lines := journal.Lines()
			if len(lines) != 2 || !strings.Contains(lines[1], "greased") {
				t.Errorf("lines = %q, want greased in the second of two", lines)
			}
		})
	}
}

// happy path: without an option the limit is 120.
func TestDefaultOfMaxLengthApplies(t *testing.T) {
	for kind, author := range kinds {
		journal, err := NewJournal(kind, WithAuthor(author))
		if err != nil {
			t.Fatalf("NewJournal: %v", err)
		}
		write(t, journal, "saw", strings.Repeat("x", 120))
		err = journal.Write("saw", strings.Repeat("x", 121))
		if !errors.Is(err, ErrTextTooLong) {
			t.Errorf("error = %v, want %v", err, ErrTextTooLong)
		}
	}
}

// error: any other kind than plain, signed and tagged is refused.
func TestUnknownKindIsRefused(t *testing.T) {
	for _, kind := range []Kind{"", "fancy", "other"} {
		journal, err := NewJournal(kind)
		if !errors.Is(err, ErrUnknownKind) {
			t.Errorf("error = %v, want %v", err, ErrUnknownKind)
		}
		if journal != nil {
			t.Errorf("journal = %v, want nil", journal)
		}
	}
}

// error: an author that does not fit is refused: signed needs a space, tagged 2 to 4 characters,
// plain takes any.
func TestAuthorThatDoesNotFitIsRefused(t *testing.T) {
	tests := []struct {
		kind   Kind
		author string
	}{
		{kind: KindSigned, author: ""},
		{kind: KindSigned, author: "Ada"},
		{kind: KindTagged, author: ""},
		{kind: KindTagged, author: "a"},
		{kind: KindTagged, author: "abcde"},
	}
	for _, test := range tests {
		_, err := NewJournal(test.kind, WithAuthor(test.author))
		if !errors.Is(err, ErrInvalidAuthor) {
			t.Errorf("%s with author %q: error = %v, want %v", test.kind, test.author, err, ErrInvalidAuthor)
		}
	}
}

// error: every kind refuses a limit outside 1 to 500.
func TestInvalidMaxLengthIsRefused(t *testing.T) {
	for kind, author := range kinds {
		for _, maxLength := range []int{-1, 0, 501} {
			_, err := NewJournal(kind, WithAuthor(author), WithMaxLength(maxLength))
			if !errors.Is(err, ErrInvalidMaxLength) {
				t.Errorf("%s with limit %d: error = %v, want %v", kind, maxLength, err, ErrInvalidMaxLength)
			}
		}
	}
}

// error: every kind refuses a blank topic and a long text, and keeps nothing.
func TestInvalidLineIsRefusedByEveryKind(t *testing.T) {
	for kind := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			journal := newJournal(t, kind, 5)
			for _, topic := range []string{"", "  "} {
				if err := journal.Write(topic, "text"); !errors.Is(err, ErrBlankTopic) {
					t.Errorf("error = %v, want %v", err, ErrBlankTopic)
				}
			}
			if err := journal.Write("saw", "123456"); !errors.Is(err, ErrTextTooLong) {
				t.Errorf("error = %v, want %v", err, ErrTextTooLong)
			}
			if lines := journal.Lines(); len(lines) != 0 {
				t.Errorf("lines = %q, want none", lines)
			}
		})
	}
}

// edge case: tagged accepts an author of 2 and of 4 characters.
func TestAuthorAtTheLimitsIsAccepted(t *testing.T) {
	for _, author := range []string{"éa", "abcd"} {
		if _, err := NewJournal(KindTagged, WithAuthor(author)); err != nil {
			t.Errorf("author %q: %v", author, err)
		}
	}
}

// edge case: every kind accepts a text of exactly the limit, counted in characters, not bytes.
func TestLimitsOfMaxLengthAreAccepted(t *testing.T) {
	for kind := range kinds {
		for _, maxLength := range []int{1, 500} {
			journal := newJournal(t, kind, maxLength)
			text := strings.Repeat("é", maxLength)
			write(t, journal, "saw", text)
			if lines := journal.Lines(); len(lines) != 1 || !strings.Contains(lines[0], text) {
				t.Errorf("lines = %q, want one with the text", lines)
			}
		}
	}
}

// edge case: the lines that were given can be changed without an effect.
func TestGivenLinesAreACopy(t *testing.T) {
	for kind := range kinds {
		journal := newJournal(t, kind, 120)
		write(t, journal, "saw", "kept")
		journal.Lines()[0] = "changed"
		if lines := journal.Lines(); lines[0] == "changed" {
			t.Errorf("lines = %q, want them unchanged", lines)
		}
	}
}
