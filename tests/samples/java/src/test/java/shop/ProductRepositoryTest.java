package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import shop.ProductRepository.InvalidProductException;
import shop.ProductRepository.Product;
import shop.ProductRepository.ProductExistsException;
import shop.ProductRepository.ProductNotFoundException;

class ProductRepositoryTest {

    private final ProductRepository repository = new ProductRepository.InMemory();

    /** Returns a valid product with this id. */
    private static Product product(long id) {
        return new Product(id, "food", "Bread " + id, 350);
    }

    /** Adds a valid product for each of these ids. */
    private void given(long... ids) {
        for (long id : ids) {
            repository.create(product(id));
        }
    }

    // happy path: the lists are ordered by id and hold what was created.
    @Test
    void listsAreOrderedById() {
        given(3, 1);
        Product tea = new Product(2, "drink", "Tea", 120);
        repository.create(tea);
        assertEquals(List.of(product(1), tea, product(3)), repository.list());
        assertEquals(List.of(product(1), product(3)), repository.listByCategory("food"));
        assertEquals(tea, repository.get(2));
    }

    // happy path: an update replaces that product and no other.
    @Test
    void updateReplacesTheProduct() {
        given(1, 2);
        Product changed = new Product(1, "other", "Bag", 10);
        repository.update(changed);
        assertEquals(List.of(changed, product(2)), repository.list());
    }

    // happy path: a deleted product is gone, the others stay.
    @Test
    void deleteRemovesTheProduct() {
        given(1, 2);
        repository.delete(1);
        assertEquals(List.of(product(2)), repository.list());
    }

    // happy path: a transaction keeps all its changes.
    @Test
    void transactionKeepsItsChanges() {
        given(1);
        repository.transaction(draft -> {
            draft.create(product(2));
            draft.delete(1);
        });
        assertEquals(List.of(product(2)), repository.list());
    }

    // error: a transaction that fails keeps nothing.
    @Test
    void failedTransactionKeepsNothing() {
        given(1);
        assertThrows(ProductNotFoundException.class, () -> repository.transaction(draft -> {
            draft.delete(1);
            draft.delete(9);
        }));
        assertEquals(List.of(product(1)), repository.list());
    }

    // error: unknown and taken ids are refused.
    @Test
    void unknownAndTakenIdsAreRefused() {
        given(1);
        assertEquals(9, assertThrows(ProductNotFoundException.class, () -> repository.get(9)).id());
        assertThrows(ProductNotFoundException.class, () -> repository.update(product(9)));
        assertThrows(ProductNotFoundException.class, () -> repository.delete(9));
        assertEquals(1, assertThrows(ProductExistsException.class, () -> repository.create(product(1))).id());
    }

    // error: an invalid field is refused by its name.
    @ParameterizedTest
    @CsvSource({"category, '', Bread, 350", "name, food, ' ', 350", "priceCents, food, Bread, 0"})
    void invalidFieldsAreRefused(String field, String category, String name, long priceCents) {
        given(1);
        Product invalid = new Product(1, category, name, priceCents);
        assertEquals(field, assertThrows(InvalidProductException.class, () -> repository.create(invalid)).field());
        assertEquals(field, assertThrows(InvalidProductException.class, () -> repository.update(invalid)).field());
        assertEquals(List.of(product(1)), repository.list());
    }

    // edge case: the longest name is accepted, a longer one is not.
    @Test
    void nameLimitIsKept() {
        Product longest = new Product(1, "food", "n".repeat(80), 1);
        repository.create(longest);
        assertEquals(longest, repository.get(1));
        Product longer = new Product(2, "food", "n".repeat(81), 1);
        assertThrows(InvalidProductException.class, () -> repository.create(longer));
    }

    // edge case: lists without products are empty.
    @Test
    void listsMayBeEmpty() {
        assertEquals(List.of(), repository.list());
        assertEquals(List.of(), repository.listByCategory("food"));
    }
}
