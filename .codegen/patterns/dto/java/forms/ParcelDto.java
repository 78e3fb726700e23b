package shop;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** A parcel as it travels: one component for each JSON key. Throws {@link InvalidParcelException} for the first invalid one. */
public record ParcelDto(
        long id, String recipient, long weightGrams, String zone, String delivery, Optional<String> lockerCode) {

    private static final int MAX_RECIPIENT = 60;
    private static final int MAX_WEIGHT_GRAMS = 30000;
    private static final Set<String> DELIVERIES = Set.of("door", "shop", "locker");
    private static final Set<String> KEYS =
            Set.of("id", "recipient", "weightGrams", "zone", "delivery", "lockerCode");
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    /** Checks every component, in the order of the keys. */
    public ParcelDto {
        if (id < 1) {
            throw new InvalidParcelException("id", "must be at least 1");
        }
        if (recipient.isBlank() || length(recipient) > MAX_RECIPIENT) {
            throw new InvalidParcelException("recipient", "must have 1 to " + MAX_RECIPIENT + " characters");
        }
        if (weightGrams < 1 || weightGrams > MAX_WEIGHT_GRAMS) {
            throw new InvalidParcelException("weightGrams", "must be from 1 to " + MAX_WEIGHT_GRAMS);
        }
        if (!zone.matches("[A-Z]{2}")) {
            throw new InvalidParcelException("zone", "must be two capital letters");
        }
        if (!DELIVERIES.contains(delivery)) {
            throw new InvalidParcelException("delivery", "must be door, shop or locker");
        }
        if (delivery.equals("locker")) {
            if (lockerCode.isEmpty() || !lockerCode.get().matches("[0-9]{6}")) {
                throw new InvalidParcelException("lockerCode", "must be six digits");
            }
        } else if (lockerCode.isPresent()) {
            throw new InvalidParcelException("lockerCode", "must be null without a locker");
        }
    }

    /** Returns the parcel that a JSON text describes. */
    public static ParcelDto fromJson(String text) {
        JsonNode data = parse(text);
        TreeSet<String> unknown = new TreeSet<>();
        data.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(KEYS);
        if (!unknown.isEmpty()) {
            throw new InvalidParcelException(unknown.first(), "is not a known key");
        }
        return new ParcelDto(
                whole(data, "id"),
                text(data, "recipient"),
                whole(data, "weightGrams"),
                text(data, "zone"),
                text(data, "delivery"),
                optionalText(data, "lockerCode"));
    }

    /** Returns the parcel as a JSON text, always with every key. */
    public String toJson() {
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        data.put("id", id);
        data.put("recipient", recipient);
        data.put("weightGrams", weightGrams);
        data.put("zone", zone);
        data.put("delivery", delivery);
        data.put("lockerCode", lockerCode.orElse(null));
        return data.toString();
    }

    private static JsonNode parse(String text) {
        try {
            JsonNode data = JSON.readTree(text);
            if (data.isObject()) {
                return data;
            }
        } catch (JacksonException malformed) {
            throw new InvalidParcelException("input", "must be valid JSON");
        }
        throw new InvalidParcelException("input", "must be a JSON object");
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static long whole(JsonNode data, String key) {
        JsonNode value = data.path(key);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new InvalidParcelException(key, "must be a whole number");
        }
        return value.longValue();
    }

    private static String text(JsonNode data, String key) {
        JsonNode value = data.path(key);
        if (!value.isTextual()) {
            throw new InvalidParcelException(key, "must be a text");
        }
        return value.textValue();
    }

    private static Optional<String> optionalText(JsonNode data, String key) {
        JsonNode value = data.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        return Optional.of(text(data, key));
    }

    /** Says which field of a parcel was refused and why. */
    public static final class InvalidParcelException extends RuntimeException {

        private final String field;

        InvalidParcelException(String field, String reason) {
            super(field + " " + reason);
            this.field = field;
        }

        /** Returns the JSON key of the field; "input" when there is no JSON object. */
        public String field() {
            return field;
        }
    }
}
