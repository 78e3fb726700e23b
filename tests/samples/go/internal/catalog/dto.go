// Package catalog holds the product as it is published: its JSON form and its validation.
package catalog

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
	maxName        = 80
	maxPriceCents  = 1000000
	maxDescription = 500
)

var skuForm = regexp.MustCompile(`^[A-Z0-9-]{1,12}$`)

// ErrMalformed reports text that is not the JSON form of a product.
var ErrMalformed = errors.New("malformed product")

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

// Category says what kind of product it is.
type Category string

// The categories a product can have.
const (
	CategoryFood  Category = "food"
	CategoryDrink Category = "drink"
	CategoryOther Category = "other"
)

// ProductDTO is a product as it travels: one field per JSON key.
type ProductDTO struct {
	// ID is the number of the product, at least 1.
	ID int64 `json:"id"`
	// SKU is the stock keeping unit, 1 to 12 capital letters, digits or dashes.
	SKU string `json:"sku"`
	// Name is the name shown to customers, 1 to 80 characters.
	Name string `json:"name"`
	// PriceCents is the price in cents, from 1 to 1000000.
	PriceCents int64 `json:"priceCents"`
	// Category says what kind of product it is.
	Category Category `json:"category"`
	// Description has at most 500 characters; nil is null or a missing key.
	Description *string `json:"description"`
}

// ParseProduct parses the JSON form of a product and validates it.
func ParseProduct(data []byte) (ProductDTO, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	var product ProductDTO
	if err := decoder.Decode(&product); err != nil {
		return ProductDTO{}, fmt.Errorf("%w: %v", ErrMalformed, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return ProductDTO{}, fmt.Errorf("%w: text after the value", ErrMalformed)
	}
	if err := product.Validate(); err != nil {
		return ProductDTO{}, err
	}
	return product, nil
}

// EncodeProduct validates a product and returns its JSON form.
func EncodeProduct(product ProductDTO) ([]byte, error) {
	if err := product.Validate(); err != nil {
		return nil, err
	}
	return json.Marshal(product)
}

// Validate checks the fields in their order and returns a *ValidationError for the first one refused.
func (p ProductDTO) Validate() error {
	if p.ID < 1 {
		return &ValidationError{Field: "id", Reason: "must be at least 1"}
	}
	if !skuForm.MatchString(p.SKU) {
		return &ValidationError{Field: "sku", Reason: "must be 1 to 12 capitals, digits or dashes"}
	}
	if strings.TrimSpace(p.Name) == "" || utf8.RuneCountInString(p.Name) > maxName {
		return &ValidationError{Field: "name", Reason: "must be 1 to 80 characters"}
	}
	if p.PriceCents < 1 || p.PriceCents > maxPriceCents {
		return &ValidationError{Field: "priceCents", Reason: "must be from 1 to 1000000"}
	}
	if p.Category != CategoryFood && p.Category != CategoryDrink && p.Category != CategoryOther {
		return &ValidationError{Field: "category", Reason: "must be food, drink or other"}
	}
	if p.Description != nil && utf8.RuneCountInString(*p.Description) > maxDescription {
		return &ValidationError{Field: "description", Reason: "must have at most 500 characters"}
	}
	return nil
}
