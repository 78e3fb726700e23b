package shop;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** A product as it travels: one component for each JSON key. Throws {@link InvalidProductDtoException} for the first invalid one. */
public record ProductDto(
        long id, String sku, String name, long priceCents, Category category, Optional<String> description) {

    private static final Pattern SKU = Pattern.compile("[A-Z0-9-]{1,12}");
    private static final int MAX_NAME = 80;
    private static final long MAX_PRICE_CENTS = 1_000_000;
    private static final int MAX_DESCRIPTION = 500;
    private static final Set<String> KEYS = Set.of("id", "sku", "name", "priceCents", "category", "description");
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

    /** What kind of product it is. */
    public enum Category {
        FOOD,
        DRINK,
        OTHER
    }

    /** Checks every component, in the order of the keys. */
    public ProductDto {
        if (id < 1) {
            throw new InvalidProductDtoException("id", "must be at least 1");
        }
        if (!SKU.matcher(sku).matches()) {
            throw new InvalidProductDtoException("sku", "must be 1 to 12 capitals, digits or dashes");
        }
        if (name.isBlank() || length(name) > MAX_NAME) {
            throw new InvalidProductDtoException("name", "must have 1 to " + MAX_NAME + " characters");
        }
        if (priceCents < 1 || priceCents > MAX_PRICE_CENTS) {
            throw new InvalidProductDtoException("priceCents", "must be from 1 to " + MAX_PRICE_CENTS);
        }
        if (description.isPresent() && length(description.get()) > MAX_DESCRIPTION) {
            throw new InvalidProductDtoException("description", "must have at most " + MAX_DESCRIPTION + " characters");
        }
    }

    /** Returns the product that a JSON text describes. */
    public static ProductDto fromJson(String text) {
        JsonNode data = parse(text);
        TreeSet<String> unknown = new TreeSet<>();
        data.fieldNames().forEachRemaining(unknown::add);
        unknown.removeAll(KEYS);
        if (!unknown.isEmpty()) {
            throw new InvalidProductDtoException(unknown.first(), "is not a known key");
        }
        return new ProductDto(
                whole(data, "id"),
                text(data, "sku"),
                text(data, "name"),
                whole(data, "priceCents"),
                category(data, "category"),
                optionalText(data, "description"));
    }

    /** Returns the product as a JSON text, always with every key. */
    public String toJson() {
        ObjectNode data = JsonNodeFactory.instance.objectNode();
        data.put("id", id);
        data.put("sku", sku);
        data.put("name", name);
        data.put("priceCents", priceCents);
        data.put("category", category.name().toLowerCase(Locale.ROOT));
        data.put("description", description.orElse(null));
        return data.toString();
    }

    private static JsonNode parse(String text) {
        try {
            JsonNode data = JSON.readTree(text);
            if (data.isObject()) {
                return data;
            }
        } catch (JacksonException malformed) {
            throw new InvalidProductDtoException("input", "must be valid JSON");
        }
        throw new InvalidProductDtoException("input", "must be a JSON object");
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }

    private static long whole(JsonNode data, String key) {
        JsonNode value = data.path(key);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new InvalidProductDtoException(key, "must be a whole number");
        }
        return value.longValue();
    }

    private static String text(JsonNode data, String key) {
        JsonNode value = data.path(key);
        if (!value.isTextual()) {
            throw new InvalidProductDtoException(key, "must be a text");
        }
        return value.textValue();
    }

    private static Optional<String> optionalText(JsonNode data, String key) {
        return data.hasNonNull(key) ? Optional.of(text(data, key)) : Optional.empty();
    }

    private static Category category(JsonNode data, String key) {
        return switch (text(data, key)) {
            case "food" -> Category.FOOD;
            case "drink" -> Category.DRINK;
            case "other" -> Category.OTHER;
            default -> throw new InvalidProductDtoException(key, "must be food, drink or other");
        };
    }

    /** Says which field of a product was refused and why. */
    public static final class InvalidProductDtoException extends RuntimeException {

        private final String field;

        InvalidProductDtoException(String field, String reason) {
            super(field + " " + reason);
            this.field = field;
        }

        /** Returns the JSON key of the field; "input" when there is no JSON object. */
        public String field() {
            return field;
        }
    }
}
