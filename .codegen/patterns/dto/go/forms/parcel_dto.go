// Package parcels holds the parcel as JSON: its wire form and its validation.
package parcels

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"
)

const (
	maxRecipient   = 60
	maxWeightGrams = 30000
)

var (
	zonePattern       = regexp.MustCompile(`^[A-Z]{2}$`)
	lockerCodePattern = regexp.MustCompile(`^[0-9]{6}$`)
)

// ErrMalformed reports text that is not the JSON form of a parcel.
var ErrMalformed = errors.New("malformed parcel")

// ValidationError reports the first field whose value is not allowed.
type ValidationError struct {
	// Field is the JSON key of the field.
	Field string
	// Reason says what the value must be.
	Reason string
}

// Error names the field and the reason.
func (e *ValidationError) Error() string {
	return fmt.Sprintf("%s %s", e.Field, e.Reason)
}

// Delivery says where a parcel is left.
type Delivery string

// The deliveries a parcel can have.
const (
	DeliveryDoor   Delivery = "door"
	DeliveryShop   Delivery = "shop"
	DeliveryLocker Delivery = "locker"
)

// ParcelDTO is a parcel as it travels: one field per JSON key.
type ParcelDTO struct {
	// ID is the number of the parcel, at least 1.
	ID int64 `json:"id"`
	// Recipient is who gets the parcel, 1 to 60 characters.
	Recipient string `json:"recipient"`
	// WeightGrams is the weight, from 1 to 30000.
	WeightGrams int64 `json:"weightGrams"`
	// Zone is two capital letters.
	Zone string `json:"zone"`
	// Delivery says where the parcel is left.
	Delivery Delivery `json:"delivery"`
	// LockerCode is six digits for a locker; nil is null or a missing key.
	LockerCode *string `json:"lockerCode"`
}

// ParseParcel parses the JSON form of a parcel and validates it.
func ParseParcel(data []byte) (ParcelDTO, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var parcel ParcelDTO
	if err := decoder.Decode(&parcel); err != nil {
		return ParcelDTO{}, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return ParcelDTO{}, fmt.Errorf("%w: text after the value", ErrMalformed)
	}
	if err := parcel.Validate(); err != nil {
		return ParcelDTO{}, err
	}
	return parcel, nil
}

// EncodeParcel validates a parcel and returns its JSON form.
func EncodeParcel(parcel ParcelDTO) ([]byte, error) {
	if err := parcel.Validate(); err != nil {
		return nil, err
	}
	return json.Marshal(parcel)
}

// Validate checks the fields in their order and returns a *ValidationError for the first one refused.
func (p ParcelDTO) Validate() error {
	if p.ID < 1 {
		return &ValidationError{Field: "id", Reason: "must be at least 1"}
	}
	if strings.TrimSpace(p.Recipient) == "" {
		return &ValidationError{Field: "recipient", Reason: "must not be blank"}
	}
	if utf8.RuneCountInString(p.Recipient) > maxRecipient {
		return &ValidationError{Field: "recipient", Reason: fmt.Sprintf("must have at most %d characters", maxRecipient)}
	}
	if p.WeightGrams < 1 || p.WeightGrams > maxWeightGrams {
		return &ValidationError{Field: "weightGrams", Reason: fmt.Sprintf("must be from 1 to %d", maxWeightGrams)}
	}
	if !zonePattern.MatchString(p.Zone) {
		return &ValidationError{Field: "zone", Reason: "must be two capital letters"}
	}
	if p.Delivery != DeliveryDoor && p.Delivery != DeliveryShop && p.Delivery != DeliveryLocker {
		return &ValidationError{Field: "delivery", Reason: "must be door, shop or locker"}
	}
	if p.Delivery == DeliveryLocker {
		if p.LockerCode == nil || !lockerCodePattern.MatchString(*p.LockerCode) {
			return &ValidationError{Field: "lockerCode", Reason: "must be six digits"}
		}
	} else if p.LockerCode != nil {
		return &ValidationError{Field: "lockerCode", Reason: "must be null without a locker"}
	}
	return nil
}
