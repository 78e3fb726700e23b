package shop;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A user as it travels: one component for each JSON key. Throws {@link InvalidUserException} for the first invalid one. */
public record UserDto(long id, String displayName, String email, Role role, List<String> tags, Optional<Integer> age) {

    private static final int MAX_DISPLAY_NAME = 50;
    private static final int MAX_EMAIL = 254;
    private static final int MAX_TAGS = 10;
    private static final int MAX_AGE = 150;
    private static final Set<String> KEYS = Set.of("id", "displayName", "email", "role", "tags", "age");
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    /** What a user may do. */
    public enum Role {
        ADMIN,
        EDITOR,
        VIEWER
    }

    /** Checks every component, in the order of the keys. */
    public UserDto {
        if (id < 1) {
            throw new InvalidUserException("id", "must be at least 1");
        }
        if (displayName.isBlank() || length(displayName) > MAX_DISPLAY_NAME) {
            throw new InvalidUserException("displayName", "must have 1 to " + MAX_DISPLAY_NAME + " characters");
        }
        int at = email.indexOf('@');
        if (length(email) > MAX_EMAIL || at < 1 || at == email.length() - 1) {
            throw new InvalidUserException("email", "must have text before and after an @");
        }
        if (tags.size() > MAX_TAGS || tags.stream().anyMatch(String::isBlank)) {
            throw new InvalidUserException("tags", "must be at most " + MAX_TAGS + " texts, none of them blank");
        }
        if (age.isPresent() && (age.get() < 0 || age.get() > MAX_AGE)) {
            throw new InvalidUserException("age", "must be from 0 to " + MAX_AGE);
        }
        tags = List.copyOf(tags);
    }

    /** Returns the user that a JSON text describes. */
    public static UserDto fromJson(String text) {
        JsonNode data = parse(text);
        TreeSet<String> unknown = new TreeSet<>();
        data.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(KEYS);
        if (!unknown.isEmpty()) {
            throw new InvalidUserException(unknown.first(), "is not a known key");
        }
        return new UserDto(
                whole(data, "id"),
                text(data, "displayName"),
                text(data, "email"),
                role(data, "role"),
                texts(data, "tags"),
                age(data, "age"));
    }

    /** Returns the user as a JSON text, always with every key. */
    public String toJson() {
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        data.put("id", id);
        data.put("displayName", displayName);
        data.put("email", email);
        data.put("role", role.name().toLowerCase(Locale.ROOT));
        ArrayNode list = data.putArray("tags");
        tags.forEach(list::add);
        data.put("age", age.orElse(null));
        return data.toString();
    }

    private static JsonNode parse(String text) {
        try {
            JsonNode data = JSON.readTree(text);
            if (data.isObject()) {
                return data;
            }
        } catch (JacksonException malformed) {
            throw new InvalidUserException("input", "must be valid JSON");
        }
        throw new InvalidUserException("input", "must be a JSON object");
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static long whole(JsonNode data, String key) {
        JsonNode value = data.path(key);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new InvalidUserException(key, "must be a whole number");
        }
        return value.longValue();
    }

    private static Optional<Integer> age(JsonNode data, String key) {
        JsonNode value = data.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isIntegralNumber() || !value.canConvertToInt()) {
            throw new InvalidUserException(key, "must be a whole number");
        }
        return Optional.of(value.intValue());
    }

    private static String text(JsonNode data, String key) {
        JsonNode value = data.path(key);
        if (!value.isTextual()) {
            throw new InvalidUserException(key, "must be a text");
        }
        return value.textValue();
    }

    private static List<String> texts(JsonNode data, String key) {
        JsonNode value = data.path(key);
        List<String> found = new ArrayList<>();
        for (JsonNode entry : value) {
            if (entry.isTextual()) {
                found.add(entry.textValue());
            }
        }
        if (!value.isArray() || found.size() < value.size()) {
            throw new InvalidUserException(key, "must be a list of texts");
        }
        return found;
    }

    private static Role role(JsonNode data, String key) {
        return switch (text(data, key)) {
            case "admin" -> Role.ADMIN;
            case "editor" -> Role.EDITOR;
            case "viewer" -> Role.VIEWER;
            default -> throw new InvalidUserException(key, "must be admin, editor or viewer");
        };
    }

    /** Says which field of a user was refused and why. */
    public static final class InvalidUserException extends RuntimeException {

        private final String field;

        InvalidUserException(String field, String reason) {
            super(field + " " + reason);
            this.field = field;
        }

        /** Returns the JSON key of the field; "input" when there is no JSON object. */
        public String field() {
            return field;
        }
    }
}
