import assert from "node:assert/strict";
import { test } from "node:test";

import {
  InMemoryProductRepository,
  InvalidProductError,
  ProductExistsError,
  ProductNotFoundError,
  type Product,
} from "../src/product-repository.js";

/** Returns a valid product with this id. */
function makeProduct(id: number): Product {
  return { id, category: "tea", name: `Product ${id}`, priceCents: 350 };
}

/** Returns a repository that holds a valid product for each of these ids. */
function repositoryWith(...ids: number[]): InMemoryProductRepository {
  const repository = new InMemoryProductRepository();
  for (const id of ids) {
    repository.create(makeProduct(id));
  }
  return repository;
}

// happy path: a created product can be read back.
test("create then get returns the product", () => {
  const repository = new InMemoryProductRepository();
  repository.create(makeProduct(1));
  assert.deepEqual(repository.get(1), makeProduct(1));
});

// happy path: the list is ordered by id, whatever the order of creation.
test("list is ordered by id", () => {
  const repository = repositoryWith(10, 1, 9);
  assert.deepEqual(repository.list(), [makeProduct(1), makeProduct(9), makeProduct(10)]);
});

// happy path: an update replaces every field of that product and of no other.
test("update replaces the product", () => {
  const repository = repositoryWith(1, 2);
  const changed: Product = { id: 1, category: "coffee", name: "Espresso", priceCents: 900 };
  repository.update(changed);
  assert.deepEqual(repository.list(), [changed, makeProduct(2)]);
});

// happy path: a deleted product is gone, the others stay.
test("delete removes the product", () => {
  const repository = repositoryWith(1, 2);
  repository.delete(1);
  assert.deepEqual(repository.list(), [makeProduct(2)]);
});

// happy path: the list of a category holds its products only, ordered by id.
test("list by category holds its products only", () => {
  const repository = repositoryWith(10, 9);
  repository.create({ ...makeProduct(1), category: "coffee" });
  assert.deepEqual(repository.listByCategory("tea"), [makeProduct(9), makeProduct(10)]);
  assert.deepEqual(repository.listByCategory("milk"), []);
});

// happy path: a transaction that succeeds keeps all its changes.
test("transaction keeps all changes", () => {
  const repository = repositoryWith(1);
  repository.transaction((tx) => {
    tx.create(makeProduct(2));
    tx.delete(1);
  });
  assert.deepEqual(repository.list(), [makeProduct(2)]);
});

// error: a transaction that fails keeps none of its changes.
test("transaction rolls back on error", () => {
  const repository = repositoryWith(1);
  const work = () =>
    repository.transaction((tx) => {
      tx.create(makeProduct(2));
      tx.delete(1);
      tx.delete(9);
    });
  assert.throws(work, ProductNotFoundError);
  assert.deepEqual(repository.list(), [makeProduct(1)]);
});

// error: an id that is taken is refused, and the first product stays.
test("create refuses a taken id", () => {
  const repository = repositoryWith(1);
  const second: Product = { ...makeProduct(1), name: "Second" };
  assert.throws(() => repository.create(second), ProductExistsError);
  assert.deepEqual(repository.list(), [makeProduct(1)]);
});

// error: get, update and delete refuse an unknown id.
test("unknown ids are refused", () => {
  const repository = repositoryWith(1);
  assert.throws(() => repository.get(9), ProductNotFoundError);
  assert.throws(() => repository.update(makeProduct(9)), ProductNotFoundError);
  assert.throws(() => repository.delete(9), ProductNotFoundError);
  assert.deepEqual(repository.list(), [makeProduct(1)]);
});

// error: create and update refuse an invalid field and change nothing.
test("invalid fields are refused", () => {
  const cases: { field: string; product: Product }[] = [
    { field: "category", product: { ...makeProduct(1), category: "" } },
    { field: "category", product: { ...makeProduct(1), category: " ", priceCents: 0 } },
    { field: "name", product: { ...makeProduct(1), name: "  " } },
    { field: "priceCents", product: { ...makeProduct(1), priceCents: 0 } },
    { field: "priceCents", product: { ...makeProduct(1), priceCents: 3.5 } },
  ];
  for (const { field, product } of cases) {
    const repository = repositoryWith(1);
    const names = (error: unknown) => error instanceof InvalidProductError && error.field === field;
    assert.throws(() => repository.create(product), names);
    assert.throws(() => repository.update(product), names);
    assert.deepEqual(repository.list(), [makeProduct(1)]);
  }
});

// error: every message names the id or the field.
test("messages name the cause", () => {
  const repository = repositoryWith(1);
  assert.throws(() => repository.get(9), /9/);
  assert.throws(() => repository.create(makeProduct(1)), /1/);
  assert.throws(() => repository.create({ ...makeProduct(2), priceCents: 0 }), /priceCents/);
});

// edge case: a new repository is empty.
test("a new repository is empty", () => {
  assert.deepEqual(new InMemoryProductRepository().list(), []);
});

// edge case: a name of 80 characters is accepted, one of 81 is not.
test("name length is limited", () => {
  const repository = new InMemoryProductRepository();
  repository.create({ ...makeProduct(1), name: "ä".repeat(80) });
  const tooLong = { ...makeProduct(2), name: "ä".repeat(81) };
  assert.throws(() => repository.create(tooLong), InvalidProductError);
});

// edge case: an id can be used again after its product was deleted.
test("a deleted id can be used again", () => {
  const repository = repositoryWith(1);
  repository.delete(1);
  repository.create(makeProduct(1));
  assert.deepEqual(repository.get(1), makeProduct(1));
});

// edge case: a transaction sees its own changes.
test("transaction sees its own changes", () => {
  const repository = new InMemoryProductRepository();
  repository.transaction((tx) => {
    tx.create(makeProduct(1));
    assert.deepEqual(tx.list(), [makeProduct(1)]);
  });
  assert.deepEqual(repository.list(), [makeProduct(1)]);
});

// edge case: a change to an object after create or update does not change what is stored.
test("stored products are copies", () => {
  const repository = new InMemoryProductRepository();
  const product = { id: 1, category: "coffee", name: "Espresso", priceCents: 900 };
  repository.create(product);
  product.name = "Green tea";
  assert.equal(repository.get(1).name, "Espresso");
  repository.update(product);
  product.name = "Black tea";
  assert.equal(repository.get(1).name, "Green tea");
});
