package money

import (
	"errors"
	"testing"
)

// happy path: an amount is shown with two digits after the point.
func TestStringHasTwoDigits(t *testing.T) {
	for cents, want := range map[int64]string{1250: "12.50", 5: "0.05", -5: "-0.05"} {
		if got := FromCents(cents).String(); got != want {
			t.Errorf("FromCents(%d) = %s, want %s", cents, got, want)
		}
	}
}

// happy path: what is shown can be parsed again.
func TestParseReadsWhatIsShown(t *testing.T) {
	got, err := Parse(FromCents(1999).String())
	if err != nil || got != FromCents(1999) {
		t.Errorf("Parse = %v, %v, want 19.99", got, err)
	}
}

// happy path: amounts are added and multiplied.
func TestArithmetic(t *testing.T) {
	if got := FromCents(250).Add(FromCents(1)).Times(3).Cents(); got != 753 {
		t.Errorf("cents = %d, want 753", got)
	}
}

// error: text that is not an amount is refused.
func TestParseRefusesOtherText(t *testing.T) {
	for _, text := range []string{"", "12", "12.5", "12.500", "-1.00", ".50", "a.00"} {
		if _, err := Parse(text); !errors.Is(err, ErrInvalid) {
			t.Errorf("Parse(%q) = %v, want ErrInvalid", text, err)
		}
	}
}

// edge case: the largest number of digits is allowed, one more is not.
func TestParseLimitsTheDigits(t *testing.T) {
	if _, err := Parse("999999999999999.99"); err != nil {
		t.Errorf("Parse: %v", err)
	}
	if _, err := Parse("1000000000000000.00"); !errors.Is(err, ErrInvalid) {
		t.Errorf("Parse = %v, want ErrInvalid", err)
	}
}
