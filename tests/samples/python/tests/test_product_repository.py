"""Tests of the product repository."""

from dataclasses import replace

import pytest

from shop.product_repository import (
    InMemoryProductRepository,
    InvalidProductError,
    Product,
    ProductExistsError,
    ProductNotFoundError,
)


def make_product(product_id: int) -> Product:
    """Return a valid product with this id."""
    return Product(product_id, "tea", f"Product {product_id}", 350)


def repository_with(*product_ids: int) -> InMemoryProductRepository:
    """Return a repository that holds a valid product for each of these ids."""
    repository = InMemoryProductRepository()
    for product_id in product_ids:
        repository.create(make_product(product_id))
    return repository


# happy path: a created product can be read back.
def test_create_then_get_returns_the_product() -> None:
    repository = InMemoryProductRepository()
    repository.create(make_product(1))
    assert repository.get(1) == make_product(1)


# happy path: the list is ordered by id, whatever the order of creation.
def test_list_is_ordered_by_id() -> None:
    repository = repository_with(3, 1, 2)
    assert repository.list_all() == [make_product(number) for number in (1, 2, 3)]


# happy path: the list of a category holds its products only.
def test_list_by_category_holds_its_products_only() -> None:
    repository = repository_with(3, 1)
    repository.create(replace(make_product(2), category="coffee"))
    assert repository.list_by_category("tea") == [make_product(1), make_product(3)]


# happy path: an update replaces every field of that product and of no other.
def test_update_replaces_the_product() -> None:
    repository = repository_with(1, 2)
    changed = Product(1, "coffee", "Espresso", 900)
    repository.update(changed)
    assert repository.list_all() == [changed, make_product(2)]


# happy path: a deleted product is gone, the others stay.
def test_delete_removes_the_product() -> None:
    repository = repository_with(1, 2)
    repository.delete(1)
    assert repository.list_all() == [make_product(2)]


# happy path: a transaction that succeeds keeps all its changes.
def test_transaction_keeps_its_changes() -> None:
    repository = repository_with(1)
    with repository.transaction() as draft:
        draft.create(make_product(2))
        draft.delete(1)
    assert repository.list_all() == [make_product(2)]


# error: an unknown id is refused.
def test_unknown_id_is_refused() -> None:
    repository = repository_with(1)
    with pytest.raises(ProductNotFoundError, match="7"):
        repository.get(7)
    with pytest.raises(ProductNotFoundError):
        repository.update(make_product(7))
    with pytest.raises(ProductNotFoundError):
        repository.delete(7)
    assert repository.list_all() == [make_product(1)]


# error: an id that is taken is refused, and the first product stays.
def test_taken_id_is_refused() -> None:
    repository = repository_with(1)
    with pytest.raises(ProductExistsError) as error:
        repository.create(replace(make_product(1), name="Other"))
    assert error.value.product_id == 1
    assert repository.list_all() == [make_product(1)]


# error: an invalid product is refused, and the error names the field.
@pytest.mark.parametrize(
    ("category", "name", "price_cents", "field"),
    [
        ("", "Tea", 350, "category"),
        ("tea", " ", 350, "name"),
        ("tea", "Tea", 0, "price_cents"),
        (" ", "", 0, "category"),
    ],
)
def test_invalid_product_is_refused(
    category: str, name: str, price_cents: int, field: str
) -> None:
    repository = repository_with(1)
    with pytest.raises(InvalidProductError) as error:
        repository.update(Product(1, category, name, price_cents))
    assert error.value.field == field
    assert repository.list_all() == [make_product(1)]


# error: a transaction that fails keeps none of its changes.
def test_failed_transaction_keeps_nothing() -> None:
    repository = repository_with(1)
    with pytest.raises(ProductNotFoundError):
        with repository.transaction() as draft:
            draft.create(make_product(2))
            draft.delete(7)
    assert repository.list_all() == [make_product(1)]


# edge case: a name of 80 characters is accepted, one of 81 is not.
def test_name_length_is_limited() -> None:
    repository = InMemoryProductRepository()
    repository.create(replace(make_product(1), name="ä" * 80))
    with pytest.raises(InvalidProductError):
        repository.create(replace(make_product(2), name="ä" * 81))
    assert len(repository.list_all()) == 1


# edge case: lists without products are empty.
def test_empty_lists() -> None:
    repository = InMemoryProductRepository()
    assert repository.list_all() == []
    assert repository.list_by_category("tea") == []


# edge case: after a delete the id can be used again.
def test_deleted_id_can_be_used_again() -> None:
    repository = repository_with(1)
    repository.delete(1)
    repository.create(make_product(1))
    assert repository.list_all() == [make_product(1)]
