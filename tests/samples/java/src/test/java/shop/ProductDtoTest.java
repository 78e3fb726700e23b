package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import shop.ProductDto.Category;
import shop.ProductDto.InvalidProductDtoException;

class ProductDtoTest {

    private static final String TEA =
            """
            {"id":1,"sku":"TEA-1","name":"Tea","priceCents":350,"category":"drink","description":"Green"}""";

    /** Returns the field that is named when this JSON text is refused. */
    private static String refused(String json) {
        return assertThrows(InvalidProductDtoException.class, () -> ProductDto.fromJson(json)).field();
    }

    // happy path: a product is read from its JSON and written with every key.
    @Test
    void productIsReadAndWritten() {
        ProductDto tea = new ProductDto(1, "TEA-1", "Tea", 350, Category.DRINK, Optional.of("Green"));
        assertEquals(tea, ProductDto.fromJson(TEA));
        assertEquals(TEA, tea.toJson());
    }

    // error: a key that is not known is refused before anything else.
    @Test
    void unknownKeysAreRefused() {
        assertEquals("color", refused(TEA.replace("\"id\":1", "\"size\":1,\"color\":2,\"id\":0")));
    }

    // error: values of the wrong type and outside of their limits are refused.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "id | \"id\":1 | \"id\":0",
                "id | \"id\":1 | \"id\":\"1\"",
                "sku | TEA-1 | tea",
                "name | \"Tea\" | \" \"",
                "priceCents | 350 | 0",
                "priceCents | 350 | 1000001",
                "category | drink | drinks",
                "description | \"Green\" | 7",
            })
    void invalidValuesAreRefused(String field, String from, String to) {
        assertEquals(field, refused(TEA.replace(from, to)));
    }

    // error: what is not one JSON object is refused as input.
    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "{} {}"})
    void otherInputIsRefused(String json) {
        assertEquals("input", refused(json));
    }

    // edge case: the description may be left out or null.
    @Test
    void descriptionMayBeAbsent() {
        ProductDto without = ProductDto.fromJson(TEA.replace(",\"description\":\"Green\"", ""));
        assertEquals(Optional.empty(), without.description());
        assertEquals(without, ProductDto.fromJson(TEA.replace("\"Green\"", "null")));
    }

    // edge case: the longest texts are accepted, longer ones are not.
    @Test
    void limitsAreKept() {
        String name = "n".repeat(80);
        String description = "d".repeat(500);
        assertEquals(name, ProductDto.fromJson(TEA.replace("Tea", name)).name());
        assertEquals("name", refused(TEA.replace("Tea", name + "n")));
        assertEquals("description", refused(TEA.replace("Green", description + "d")));
    }
}
