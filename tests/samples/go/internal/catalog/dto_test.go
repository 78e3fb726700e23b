package catalog

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// validProduct returns the JSON keys and values of a valid product.
func validProduct() map[string]any {
	return map[string]any{
		"id":          7,
		"sku":         "TEA-1",
		"name":        "Tea",
		"priceCents":  350,
		"category":    "drink",
		"description": "Green.",
	}
}

// parseWith parses a valid product in which one key has another value.
func parseWith(t *testing.T, key string, value any) (ProductDTO, error) {
	t.Helper()
	keys := validProduct()
	keys[key] = value
	data, err := json.Marshal(keys)
	if err != nil {
		t.Fatalf("Marshal: %v", err)
	}
	return ParseProduct(data)
}

// assertInvalid fails the test unless err is a ValidationError of the field.
func assertInvalid(t *testing.T, err error, field string) {
	t.Helper()
	var invalid *ValidationError
	if !errors.As(err, &invalid) || invalid.Field != field {
		t.Errorf("error = %v, want a ValidationError of %q", err, field)
	}
}

// happy path: a complete product is parsed.
func TestParseProductReturnsEveryField(t *testing.T) {
	got, err := parseWith(t, "id", 7)
	if err != nil {
		t.Fatalf("ParseProduct: %v", err)
	}
	description := "Green."
	want := ProductDTO{
		ID:          7,
		SKU:         "TEA-1",
		Name:        "Tea",
		PriceCents:  350,
		Category:    CategoryDrink,
		Description: &description,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("product = %+v, want %+v", got, want)
	}
}

// happy path: a product that is encoded and parsed again stays equal.
func TestProductSurvivesRoundTrip(t *testing.T) {
	for _, category := range []Category{CategoryFood, CategoryDrink, CategoryOther} {
		product := ProductDTO{ID: 1, SKU: "T", Name: "Tea", PriceCents: 1, Category: category}
		data, err := EncodeProduct(product)
		if err != nil {
			t.Fatalf("EncodeProduct: %v", err)
		}
		got, err := ParseProduct(data)
		if err != nil || !reflect.DeepEqual(got, product) {
			t.Errorf("ParseProduct = %+v, %v, want %+v", got, err, product)
		}
	}
}

// error: text that is not the JSON form of a product is malformed.
func TestMalformedTextIsRefused(t *testing.T) {
	for _, text := range []string{"", "tea", "[]", `{"id": "7"}`, `{"priceCents": 3.5}`, "{} {}"} {
		if _, err := ParseProduct([]byte(text)); !errors.Is(err, ErrMalformed) {
			t.Errorf("ParseProduct(%s) = %v, want ErrMalformed", text, err)
		}
	}
}

// error: an unknown key is malformed, and the message names it.
func TestUnknownKeyIsRefused(t *testing.T) {
	_, err := parseWith(t, "colour", "red")
	if !errors.Is(err, ErrMalformed) || !strings.Contains(err.Error(), "colour") {
		t.Errorf("error = %v, want ErrMalformed that names colour", err)
	}
}

// error: a value outside its limits is refused by its key.
func TestValuesOutsideTheirLimitsAreRefused(t *testing.T) {
	tests := []struct {
		key   string
		value any
	}{
		{"id", 0},
		{"sku", ""},
		{"sku", "tea-1"},
		{"sku", strings.Repeat("A", 13)},
		{"name", "  "},
		{"name", strings.Repeat("x", 81)},
		{"priceCents", 0},
		{"priceCents", 1000001},
		{"category", "Food"},
		{"description", strings.Repeat("x", 501)},
	}
	for _, test := range tests {
		_, err := parseWith(t, test.key, test.value)
		assertInvalid(t, err, test.key)
	}
}

// error: of several refused values the first in the order of the keys is reported.
func TestTheFirstRefusedFieldIsReported(t *testing.T) {
	_, err := ParseProduct([]byte(`{"category": "x", "sku": "T", "id": 1}`))
	assertInvalid(t, err, "name")
}

// error: an invalid product is not encoded.
func TestEncodeProductRefusesInvalidProducts(t *testing.T) {
	_, err := EncodeProduct(ProductDTO{ID: 1})
	assertInvalid(t, err, "sku")
}

// edge case: the limits themselves are allowed, counted in characters.
func TestLimitsAreAccepted(t *testing.T) {
	tests := []struct {
		key   string
		value any
	}{
		{"id", 1},
		{"sku", strings.Repeat("A", 12)},
		{"name", strings.Repeat("ä", 80)},
		{"priceCents", 1000000},
		{"description", strings.Repeat("ä", 500)},
	}
	for _, test := range tests {
		if _, err := parseWith(t, test.key, test.value); err != nil {
			t.Errorf("%s: %v", test.key, err)
		}
	}
}

// edge case: the description may be null.
func TestDescriptionMayBeNull(t *testing.T) {
	got, err := parseWith(t, "description", nil)
	if err != nil || got.Description != nil {
		t.Errorf("ParseProduct = %+v, %v, want no description", got, err)
	}
}
