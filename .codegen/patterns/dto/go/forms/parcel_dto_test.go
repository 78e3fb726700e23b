package parcels

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
)

// validParcel returns the JSON keys and values of a valid parcel for a locker.
func validParcel() map[string]any {
	return map[string]any{
		"id":          7,
		"recipient":   "Ada Lovelace",
		"weightGrams": 1200,
		"zone":        "NW",
		"delivery":    "locker",
		"lockerCode":  "004711",
	}
}

// parse encodes the given keys and values as JSON and parses them.
func parse(t *testing.T, keys map[string]any) (ParcelDTO, error) {
	t.Helper()
	data, err := json.Marshal(keys)
	if err != nil {
		t.Fatalf("Marshal: %v", err)
	}
	return ParseParcel(data)
}

// parseWith parses a valid parcel in which one key has another value.
func parseWith(t *testing.T, key string, value any) (ParcelDTO, error) {
	t.Helper()
	keys := validParcel()
	keys[key] = value
	return parse(t, keys)
}

// assertInvalid fails the test unless err is a ValidationError of the field.
func assertInvalid(t *testing.T, err error, field string) {
	t.Helper()
	var invalid *ValidationError
	if !errors.As(err, &invalid) {
		t.Fatalf("%s: got %v, want a ValidationError", field, err)
	}
	if invalid.Field != field || !strings.Contains(err.Error(), field) {
		t.Errorf("got %v of field %q, want field %q", err, invalid.Field, field)
	}
}

// happy path: a complete parcel is parsed.
func TestParseParcelReturnsEveryField(t *testing.T) {
	got, err := parse(t, validParcel())
	if err != nil {
		t.Fatalf("ParseParcel: %v", err)
	}
	code := "004711"
	want := ParcelDTO{
		ID:          7,
		Recipient:   "Ada Lovelace",
		WeightGrams: 1200,
		Zone:        "NW",
		Delivery:    DeliveryLocker,
		LockerCode:  &code,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// happy path: a parcel for a door or a shop, without a code, is encoded and parsed again and stays
// equal.
func TestParcelSurvivesRoundTrip(t *testing.T) {
	for _, delivery := range []Delivery{DeliveryDoor, DeliveryShop} {
		parcel := ParcelDTO{ID: 1, Recipient: "Ada", WeightGrams: 1, Zone: "SE", Delivery: delivery}
		data, err := EncodeParcel(parcel)
		if err != nil {
			t.Fatalf("EncodeParcel: %v", err)
		}
		got, err := ParseParcel(data)
		if err != nil {
			t.Fatalf("ParseParcel: %v", err)
		}
		if !reflect.DeepEqual(got, parcel) {
			t.Errorf("got %+v, want %+v", got, parcel)
		}
	}
}

// error: text that is not exactly one JSON object is malformed.
func TestParseParcelRefusesMalformedText(t *testing.T) {
	valid := `{"id":7,"recipient":"Ada","weightGrams":1,"zone":"NW","delivery":"door"}`
	for _, text := range []string{"", "parcel", "[]", `{"id":7`, valid + "{}"} {
		if _, err := ParseParcel([]byte(text)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%q gave %v, want ErrMalformed", text, err)
		}
	}
}

// error: an unknown key is malformed and named in the message.
func TestParseParcelRefusesUnknownKey(t *testing.T) {
	_, err := parseWith(t, "isGift", true)
	if !errors.Is(err, ErrMalformed) {
		t.Fatalf("got %v, want ErrMalformed", err)
	}
	if !strings.Contains(err.Error(), "isGift") {
		t.Errorf("message %q does not name the key", err.Error())
	}
}

// error: a value of the wrong type is malformed: id and weightGrams are whole numbers, all others
// are texts.
func TestParseParcelRefusesWrongType(t *testing.T) {
	cases := []struct {
		key   string
		value any
	}{
		{"id", "7"},
		{"recipient", 7},
		{"weightGrams", 1.5},
		{"zone", true},
		{"delivery", []string{"door"}},
		{"lockerCode", 4711},
	}
	for _, c := range cases {
		if _, err := parseWith(t, c.key, c.value); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s = %v gave %v, want ErrMalformed", c.key, c.value, err)
		}
	}
}

// error: each required key that is missing is refused by name.
func TestParseParcelRefusesMissingKey(t *testing.T) {
	for _, key := range []string{"id", "recipient", "weightGrams", "zone", "delivery"} {
		keys := validParcel()
		delete(keys, key)
		_, err := parse(t, keys)
		assertInvalid(t, err, key)
	}
}

// error: a value outside its limits is refused: id at least 1, recipient 1 to 60 characters,
// weightGrams 1 to 30000, zone two capital letters, delivery door, shop or locker, lockerCode six
// digits.
func TestParseParcelRefusesValueOutsideLimits(t *testing.T) {
	cases := []struct {
		key   string
		value any
	}{
		{"id", 0},
		{"recipient", "   "},
		{"recipient", strings.Repeat("x", 61)},
		{"weightGrams", 0},
		{"weightGrams", 30001},
		{"zone", "N"},
		{"zone", "NWE"},
		{"zone", "nw"},
		{"delivery", "drone"},
		{"lockerCode", "00471"},
		{"lockerCode", "0047111"},
		{"lockerCode", "00471x"},
	}
	for _, c := range cases {
		_, err := parseWith(t, c.key, c.value)
		assertInvalid(t, err, c.key)
	}
}

// error: a locker needs a code.
func TestParseParcelRefusesLockerWithoutCode(t *testing.T) {
	keys := validParcel()
	delete(keys, "lockerCode")
	_, err := parse(t, keys)
	assertInvalid(t, err, "lockerCode")
}

// error: a door and a shop must not have a code.
func TestParseParcelRefusesCodeWithoutLocker(t *testing.T) {
	for _, delivery := range []string{"door", "shop"} {
		_, err := parseWith(t, "delivery", delivery)
		assertInvalid(t, err, "lockerCode")
	}
}

// error: an invalid parcel is not encoded.
func TestEncodeParcelRefusesInvalidParcel(t *testing.T) {
	_, err := EncodeParcel(ParcelDTO{})
	assertInvalid(t, err, "id")
}

// edge case: values at the limits are accepted: id 1, recipient 60 characters, weightGrams 1 and
// 30000.
func TestParseParcelAcceptsValuesAtLimits(t *testing.T) {
	cases := []struct {
		key   string
		value any
	}{
		{"id", 1},
		{"recipient", strings.Repeat("é", 60)},
		{"weightGrams", 1},
		{"weightGrams", 30000},
		{"zone", "AZ"},
		{"lockerCode", "000000"},
		{"lockerCode", "999999"},
	}
	for _, c := range cases {
		if _, err := parseWith(t, c.key, c.value); err != nil {
			t.Errorf("%s = %v gave %v", c.key, c.value, err)
		}
	}
}

// edge case: a code that is null or left out is nil.
func TestParseParcelAcceptsParcelWithoutCode(t *testing.T) {
	absent := validParcel()
	absent["delivery"] = "door"
	delete(absent, "lockerCode")
	null := validParcel()
	null["delivery"] = "shop"
	null["lockerCode"] = nil
	for _, keys := range []map[string]any{absent, null} {
		parcel, err := parse(t, keys)
		if err != nil || parcel.LockerCode != nil {
			t.Errorf("got code %v and error %v, want neither", parcel.LockerCode, err)
		}
	}
}
