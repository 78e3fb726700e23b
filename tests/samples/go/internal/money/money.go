// Package money is an amount of money in whole cents.
package money

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// ErrInvalid reports a text that is not an amount such as 12.50.
var ErrInvalid = errors.New("invalid amount")

var form = regexp.MustCompile(`^[0-9]{1,15}\.[0-9]{2}$`)

// Money is an amount in whole cents.
type Money struct {
	cents int64
}

// FromCents returns the amount of this many cents.
func FromCents(cents int64) Money {
	return Money{cents: cents}
}

// Parse returns the amount in a text of at most 15 digits, a point and exactly two digits.
func Parse(text string) (Money, error) {
	if !form.MatchString(text) {
		return Money{}, fmt.Errorf("%w: %q", ErrInvalid, text)
	}
	cents, err := strconv.ParseInt(strings.Replace(text, ".", "", 1), 10, 64)
	if err != nil {
		return Money{}, fmt.Errorf("%w: %q", ErrInvalid, text)
	}
	return Money{cents: cents}, nil
}

// Cents returns the amount in cents.
func (m Money) Cents() int64 {
	return m.cents
}

// Add returns the sum of two amounts.
func (m Money) Add(other Money) Money {
	return Money{cents: m.cents + other.cents}
}

// Times returns the amount multiplied by a quantity.
func (m Money) Times(quantity int64) Money {
	return Money{cents: m.cents * quantity}
}

// String returns the amount with two digits after the point.
func (m Money) String() string {
	sign, cents := "", m.cents
	if cents < 0 {
		sign, cents = "-", -cents
	}
	return fmt.Sprintf("%s%d.%02d", sign, cents/100, cents%100)
}
