package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import shop.ParcelDto.InvalidParcelException;

class ParcelDtoTest {

    /** The JSON of a parcel that goes to a locker. */
    private static final String LOCKER =
            """
            {"id":7,"recipient":"Ada","weightGrams":1200,"zone":"NW","delivery":"locker","lockerCode":"004711"}""";

    /** The JSON of a parcel that needs no code. */
    private static final String DOOR = LOCKER.replace("locker\"", "door\"").replace("\"004711\"", "null");

    /** Returns the field that is named when this JSON text is refused. */
    private static String refused(String json) {
        return assertThrows(InvalidParcelException.class, () -> ParcelDto.fromJson(json)).field();
    }

    // happy path: a parcel is read from its JSON.
    @Test
    void parcelIsRead() {
        ParcelDto parcel = new ParcelDto(7, "Ada", 1200, "NW", "locker", Optional.of("004711"));
        assertEquals(parcel, ParcelDto.fromJson(LOCKER));
    }

    // happy path: a parcel is written with every key.
    @Test
    void parcelIsWritten() {
        assertEquals(LOCKER, ParcelDto.fromJson(LOCKER).toJson());
        assertEquals(DOOR, ParcelDto.fromJson(DOOR).toJson());
    }

    // happy path: a parcel for a door or a shop, without a code, stays equal through JSON.
    @ParameterizedTest
    @ValueSource(strings = {"door", "shop"})
    void roundTripKeepsTheParcel(String delivery) {
        ParcelDto parcel = new ParcelDto(1, "Ada", 1, "SE", delivery, Optional.empty());
        assertEquals(parcel, ParcelDto.fromJson(parcel.toJson()));
    }

    // error: a key that is not known is refused, the first in alphabetical order, before anything else.
    @Test
    void unknownKeysAreRefused() {
        assertEquals("gift", refused(LOCKER.replace("\"id\":7", "\"zoo\":1,\"gift\":2,\"id\":0")));
    }

    // error: each key but lockerCode is required.
    @ParameterizedTest
    @ValueSource(strings = {"id", "recipient", "weightGrams", "zone", "delivery"})
    void missingKeysAreRefused(String key) {
        assertEquals(key, refused(LOCKER.replaceFirst("\"" + key + "\":[^,]*,", "")));
    }

    // error: a value of the wrong type is refused: id and weightGrams are whole numbers, all others are texts.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id | 7 | \"7\"",
                "id | 7 | true",
                "recipient | \"Ada\" | 7",
                "weightGrams | 1200 | 1.5",
                "zone | \"NW\" | null",
                "delivery | \"locker\" | [\"door\"]",
                "lockerCode | \"004711\" | 4711",
            })
    void wrongTypesAreRefused(String field, String from, String to) {
        assertEquals(field, refused(LOCKER.replaceFirst(from, to)));
    }

    // error: a value outside its limits is refused: id at least 1, recipient 1 to 60 characters, weightGrams 1 to
    // 30000, zone two capital letters, delivery door, shop or locker, lockerCode six digits.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id | :7, | :0,",
                "recipient | \"Ada\" | \"  \"",
                "weightGrams | 1200 | 0",
                "weightGrams | 1200 | 30001",
                "zone | NW | N",
                "zone | NW | NWE",
                "zone | NW | nw",
                "delivery | locker\" | drone\"",
                "lockerCode | 004711 | 00471",
                "lockerCode | 004711 | 0047111",
                "lockerCode | 004711 | 00471x",
            })
    void valuesOutsideOfLimitsAreRefused(String field, String from, String to) {
        String json = LOCKER.replace(from, to);
        assertEquals(field, refused(json));
        assertTrue(assertThrows(InvalidParcelException.class, () -> ParcelDto.fromJson(json)).getMessage().contains(field));
    }

    // error: a locker needs a code.
    @Test
    void lockerWithoutCodeIsRefused() {
        assertEquals("lockerCode", refused(LOCKER.replace("\"004711\"", "null")));
        assertEquals("lockerCode", refused(LOCKER.replace(",\"lockerCode\":\"004711\"", "")));
    }

    // error: a door and a shop must not have a code.
    @ParameterizedTest
    @ValueSource(strings = {"door", "shop"})
    void codeWithoutLockerIsRefused(String delivery) {
        assertEquals("lockerCode", refused(LOCKER.replace("locker\"", delivery + "\"")));
    }

    // error: what is not one JSON object is refused as input.
    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "7", "{} {}"})
    void otherInputIsRefused(String json) {
        assertEquals("input", refused(json));
    }

    // error: a parcel that is created directly is held to the same limits.
    @Test
    void createdParcelsAreHeldToTheLimits() {
        var error = assertThrows(
                InvalidParcelException.class, () -> new ParcelDto(1, "Ada", 0, "NW", "door", Optional.empty()));
        assertEquals("weightGrams", error.field());
    }

    // edge case: the limits themselves are accepted, in a parcel that is read back equal.
    @ParameterizedTest
    @ValueSource(longs = {1, 30000})
    void limitsAreAccepted(long weightGrams) {
        String recipient = "\uD83D\uDE00".repeat(60);
        ParcelDto parcel = new ParcelDto(1, recipient, weightGrams, "AZ", "locker", Optional.of("999999"));
        assertEquals(parcel, ParcelDto.fromJson(parcel.toJson()));
    }

    // edge case: one more than a limit is refused.
    @Test
    void oneMoreThanALimitIsRefused() {
        assertEquals("recipient", refused(LOCKER.replace("Ada", "n".repeat(61))));
    }

    // edge case: a code may be left out or null, and is written as null.
    @Test
    void codeMayBeAbsent() {
        ParcelDto without = ParcelDto.fromJson(DOOR.replace(",\"lockerCode\":null", ""));
        assertEquals(Optional.empty(), without.lockerCode());
        assertEquals(without, ParcelDto.fromJson(DOOR));
        assertTrue(without.toJson().endsWith("\"lockerCode\":null}"));
    }
}
