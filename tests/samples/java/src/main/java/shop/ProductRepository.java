package shop;

import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;

/** Creates, reads, updates and deletes the products of the shop. */
public interface ProductRepository {

    /** Adds a valid product; throws {@link ProductExistsException} when the id is taken. */
    void create(Product product);

    /** Returns the product with this id; throws {@link ProductNotFoundException}. */
    Product get(long id);

    /** Returns all products, ordered by id. */
    List<Product> list();

    /** Returns the products of this category, ordered by id. */
    List<Product> listByCategory(String category);

    /** Replaces the product with the same id; throws {@link ProductNotFoundException}. */
    void update(Product product);

    /** Removes the product with this id; throws {@link ProductNotFoundException}. */
    void delete(long id);

    /** Runs the work on a draft and keeps its changes, or none of them when it throws. */
    void transaction(Consumer<ProductRepository> work);

    /** Something that the shop sells; the id is chosen by the caller. */
    record Product(long id, String category, String name, long priceCents) {

        private static final int MAX_NAME = 80;

        /**
         * Checks category, name and priceCents, in this order; throws {@link InvalidProductException} for the first
         * invalid one.
         */
        public void validate() {
            if (category == null || category.isBlank()) {
                throw new InvalidProductException("category", "must not be blank");
            }
            if (name == null || name.isBlank()) {
                throw new InvalidProductException("name", "must not be blank");
            }
            if (name.codePointCount(0, name.length()) > MAX_NAME) {
                throw new InvalidProductException("name", "must have at most " + MAX_NAME + " characters");
            }
            if (priceCents < 1) {
                throw new InvalidProductException("priceCents", "must be at least 1");
            }
        }
    }

    /** The base of everything that a product repository throws. */
    abstract sealed class ProductException extends RuntimeException {

        private ProductException(String message) {
            super(message);
        }
    }

    /** No product has this id. */
    final class ProductNotFoundException extends ProductException {

        private final long id;

        ProductNotFoundException(long id) {
            super("product " + id + " was not found");
            this.id = id;
        }

        /** Returns the id that no product has. */
        public long id() {
            return id;
        }
    }

    /** Another product already has this id. */
    final class ProductExistsException extends ProductException {

        private final long id;

        ProductExistsException(long id) {
            super("product " + id + " already exists");
            this.id = id;
        }

        /** Returns the id that is taken. */
        public long id() {
            return id;
        }
    }

    /** A field is invalid: "category", "name" or "priceCents". */
    final class InvalidProductException extends ProductException {

        private final String field;

        InvalidProductException(String field, String reason) {
            super("product " + field + " " + reason);
            this.field = field;
        }

        /** Returns the name of the invalid field. */
        public String field() {
            return field;
        }
    }

    /** A {@link ProductRepository} that keeps its products in memory. */
    final class InMemory implements ProductRepository {

        private TreeMap<Long, Product> products = new TreeMap<>();

        @Override
        public void create(Product product) {
            product.validate();
            if (products.containsKey(product.id())) {
                throw new ProductExistsException(product.id());
            }
            products.put(product.id(), product);
        }

        @Override
        public Product get(long id) {
            Product product = products.get(id);
            if (product == null) {
                throw new ProductNotFoundException(id);
            }
            return product;
        }

        @Override
        public List<Product> list() {
            return List.copyOf(products.values());
        }

        @Override
        public List<Product> listByCategory(String category) {
            return products.values().stream().filter(product -> product.category().equals(category)).toList();
        }

        @Override
        public void update(Product product) {
            product.validate();
            get(product.id());
            products.put(product.id(), product);
        }

        @Override
        public void delete(long id) {
            get(id);
            products.remove(id);
        }

        @Override
        public void transaction(Consumer<ProductRepository> work) {
            InMemory draft = new InMemory();
            draft.products.putAll(products);
            work.accept(draft);
            products = draft.products;
        }
    }
}
