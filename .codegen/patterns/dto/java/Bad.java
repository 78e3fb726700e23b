package shop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** A user as it travels; whatever is wrong with the input, nobody is told which field it was. */
public record UserDto(long id, String displayName) {

    private static final int MAX_DISPLAY_NAME = 50;

    /** Returns the user that a JSON text describes. */
    public static UserDto fromJson(String text) {
        try {
            JsonNode data = new ObjectMapper().readTree(text);
            data.fieldNames().forEachRemaining(UserDto::checkKnown);
            String displayName = data.get("displayName").textValue();
            if (displayName.length() > MAX_DISPLAY_NAME) {
                throw new InvalidUserException("displayName", "is too long");
            }
            return new UserDto(data.get("id").longValue(), displayName);
        } catch (Exception anything) {
            throw new InvalidUserException("input", "is invalid");
        }
    }

    /** Returns the user as a JSON text. */
    public String toJson() {
        return new ObjectMapper().createObjectNode().put("id", id).put("displayName", displayName).toString();
    }

    private static void checkKnown(String key) {
        if (!key.equals("id") && !key.equals("displayName")) {
            throw new InvalidUserException(key, "is not a known key");
        }
    }

    /** Says which field of a user was refused and why. */
    public static final class InvalidUserException extends RuntimeException {

        private final String field;

        InvalidUserException(String field, String reason) {
            super(field + " " + reason);
            this.field = field;
        }

        /** Returns the JSON key of the field. */
        public String field() {
            return field;
        }
    }
}
