"""Stores the products of the shop in memory, behind ProductRepository."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

MAX_NAME: Final = 80


class ProductError(Exception):
    """The base of every error that a product repository raises."""


class ProductNotFoundError(ProductError):
    """No product has this id."""

    def __init__(self, product_id: int) -> None:
        super().__init__(f"product {product_id} was not found")
        self.product_id = product_id


class ProductExistsError(ProductError):
    """Another product already has this id."""

    def __init__(self, product_id: int) -> None:
        super().__init__(f"product {product_id} already exists")
        self.product_id = product_id


class InvalidProductError(ProductError):
    """A field is invalid: "category", "name" or "price_cents"."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"product {field} {reason}")
        self.field = field
        self.reason = reason


@dataclass(frozen=True)
class Product:
    """Something that the shop sells; the id is chosen by the caller."""

    id: int
    category: str
    name: str
    price_cents: int

    def validate(self) -> None:
        """Check category, name and price_cents, in this order.

        Raises InvalidProductError for the first invalid field.
        """
        if not self.category.strip():
            raise InvalidProductError("category", "must not be blank")
        if not self.name.strip():
            raise InvalidProductError("name", "must not be blank")
        if len(self.name) > MAX_NAME:
            raise InvalidProductError(
                "name", f"must have at most {MAX_NAME} characters"
            )
        if self.price_cents < 1:
            raise InvalidProductError("price_cents", "must be at least 1")


class ProductRepository(Protocol):
    """Creates, reads, updates and deletes products."""

    def create(self, product: Product) -> None:
        """Add a valid product. Raises ProductExistsError when the id is taken."""

    def get(self, product_id: int) -> Product:
        """Return the product with this id. Raises ProductNotFoundError."""

    def list_all(self) -> list[Product]:
        """Return all products, ordered by id."""

    def list_by_category(self, category: str) -> list[Product]:
        """Return the products of this category, ordered by id."""

    def update(self, product: Product) -> None:
        """Replace the product with the same id. Raises ProductNotFoundError."""

    def delete(self, product_id: int) -> None:
        """Remove the product with this id. Raises ProductNotFoundError."""

    def transaction(self) -> AbstractContextManager["ProductRepository"]:
        """Keep all changes of a with block, or none when it raises."""


class InMemoryProductRepository(ProductRepository):
    """A ProductRepository that keeps its products in memory."""

    def __init__(self) -> None:
        self._products: dict[int, Product] = {}

    def create(self, product: Product) -> None:
        """Add a valid product. Raises ProductExistsError when the id is taken."""
        product.validate()
        if product.id in self._products:
            raise ProductExistsError(product.id)
        self._products[product.id] = product

    def get(self, product_id: int) -> Product:
        """Return the product with this id. Raises ProductNotFoundError."""
        if product_id not in self._products:
            raise ProductNotFoundError(product_id)
        return self._products[product_id]

    def list_all(self) -> list[Product]:
        """Return all products, ordered by id."""
        return [self._products[product_id] for product_id in sorted(self._products)]

    def list_by_category(self, category: str) -> list[Product]:
        """Return the products of this category, ordered by id."""
        return [item for item in self.list_all() if item.category == category]

    def update(self, product: Product) -> None:
        """Replace the product with the same id. Raises ProductNotFoundError."""
        product.validate()
        self.get(product.id)
        self._products[product.id] = product

    def delete(self, product_id: int) -> None:
        """Remove the product with this id. Raises ProductNotFoundError."""
        self.get(product_id)
        del self._products[product_id]

    @contextmanager
    def transaction(self) -> Iterator[ProductRepository]:
        """Keep all changes of a with block, or none when it raises."""
        draft = InMemoryProductRepository()
        draft._products = self._products.copy()
        yield draft
        self._products = draft._products
