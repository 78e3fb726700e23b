package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import shop.UserDto.InvalidUserException;
import shop.UserDto.Role;

class UserDtoTest {

    private static final String ADA =
            """
            {"id":1,"displayName":"Ada","email":"ada@example.com","role":"editor","tags":["a","b"],"age":36}""";

    private static UserDto ada() {
        return new UserDto(1, "Ada", "ada@example.com", Role.EDITOR, List.of("a", "b"), Optional.of(36));
    }

    /** Returns the field that is named when this JSON text is refused. */
    private static String refused(String json) {
        return assertThrows(InvalidUserException.class, () -> UserDto.fromJson(json)).field();
    }

    // happy path: a user is read from its JSON.
    @Test
    void userIsRead() {
        assertEquals(ada(), UserDto.fromJson(ADA));
    }

    // happy path: a user is written with every key.
    @Test
    void userIsWritten() {
        assertEquals(ADA, ada().toJson());
    }

    // happy path: each role is read and written back.
    @ParameterizedTest
    @CsvSource({"admin, ADMIN", "editor, EDITOR", "viewer, VIEWER"})
    void rolesAreRead(String word, Role role) {
        UserDto user = UserDto.fromJson(ADA.replace("editor", word));
        assertEquals(role, user.role());
        assertTrue(user.toJson().contains("\"role\":\"" + word + "\""));
    }

    // error: a key that is not known is refused, the first in alphabetical order, before anything else.
    @Test
    void unknownKeysAreRefused() {
        assertEquals("alias", refused(ADA.replace("\"id\":1", "\"zip\":1,\"alias\":2,\"id\":0")));
    }

    // error: each key but age is required.
    @ParameterizedTest
    @ValueSource(strings = {"id", "displayName", "email", "role", "tags"})
    void missingKeysAreRefused(String key) {
        String without = ADA.replaceFirst("\"" + key + "\":(\\[[^]]*]|[^,]*),", "");
        assertEquals(key, refused(without));
    }

    // error: a value of the wrong type is refused.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id | \"id\":1 | \"id\":\"1\"",
                "id | \"id\":1 | \"id\":true",
                "id | \"id\":1 | \"id\":1.5",
                "id | \"id\":1 | \"id\":9223372036854775808",
                "displayName | \"Ada\" | 7",
                "email | \"ada@example.com\" | null",
                "role | \"editor\" | \"owner\"",
                "tags | [\"a\",\"b\"] | \"a\"",
                "tags | [\"a\",\"b\"] | [\"a\",1]",
                "age | 36 | \"36\"",
                "age | 36 | 4294967332",
            })
    void wrongTypesAreRefused(String field, String from, String to) {
        assertEquals(field, refused(ADA.replace(from, to)));
    }

    // error: a value outside of its limits is refused, and the message names the field.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id | \"id\":1 | \"id\":0",
                "displayName | \"Ada\" | \"  \"",
                "email | ada@example.com | ada",
                "email | ada@example.com | @example.com",
                "email | ada@example.com | ada@",
                "tags | \"b\" | \" \"",
                "age | 36 | -1",
                "age | 36 | 151",
            })
    void valuesOutsideOfLimitsAreRefused(String field, String from, String to) {
        String json = ADA.replace(from, to);
        assertEquals(field, refused(json));
        assertTrue(assertThrows(InvalidUserException.class, () -> UserDto.fromJson(json)).getMessage().contains(field));
    }

    // error: what is not one JSON object is refused as input.
    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "7", "{} {}"})
    void otherInputIsRefused(String json) {
        assertEquals("input", refused(json));
    }

    // error: a user that is created directly is held to the same limits.
    @Test
    void createdUsersAreHeldToTheLimits() {
        var error = assertThrows(
                InvalidUserException.class,
                () -> new UserDto(1, "n".repeat(51), "a@b", Role.ADMIN, List.of(), Optional.empty()));
        assertEquals("displayName", error.field());
    }

    // edge case: age may be left out or null, and is written as null.
    @Test
    void ageMayBeAbsent() {
        UserDto without = UserDto.fromJson(ADA.replace(",\"age\":36", ""));
        assertEquals(Optional.empty(), without.age());
        assertEquals(without, UserDto.fromJson(ADA.replace("36", "null")));
        assertTrue(without.toJson().endsWith("\"age\":null}"));
    }

    // edge case: the limits themselves are accepted, in a user that is read back equal.
    @ParameterizedTest
    @ValueSource(ints = {0, 150})
    void limitsAreAccepted(int age) {
        String name = "\uD83D\uDE00".repeat(50);
        String email = "a@" + "b".repeat(252);
        UserDto user = new UserDto(1, name, email, Role.VIEWER, Collections.nCopies(10, "t"), Optional.of(age));
        assertEquals(user, UserDto.fromJson(user.toJson()));
    }

    // edge case: one more than a limit is refused.
    @Test
    void oneMoreThanALimitIsRefused() {
        assertEquals("displayName", refused(ADA.replace("Ada", "n".repeat(51))));
        assertEquals("email", refused(ADA.replace("ada@example.com", "a@" + "b".repeat(253))));
        assertEquals("tags", refused(ADA.replace("\"a\",", "\"a\",".repeat(10))));
    }

    // edge case: a user keeps its tags when the list it was made from changes.
    @Test
    void tagsAreCopied() {
        List<String> tags = new ArrayList<>(List.of("a"));
        UserDto user = new UserDto(1, "Ada", "a@b", Role.ADMIN, tags, Optional.empty());
        tags.clear();
        assertEquals(List.of("a"), user.tags());
    }
}
