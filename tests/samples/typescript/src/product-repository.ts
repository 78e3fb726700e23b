/** Stores products in memory, behind the {@link ProductRepository} interface. */

const MAX_NAME = 80;

/** Something that the shop sells. */
export interface Product {
  /** Identifies the product; chosen by the caller. */
  readonly id: number;
  /** Is not blank. */
  readonly category: string;
  /** Is not blank and has at most 80 characters. */
  readonly name: string;
  /** Whole cents, at least 1. */
  readonly priceCents: number;
}

/** No product has this id. */
export class ProductNotFoundError extends Error {
  override readonly name = "ProductNotFoundError";
  readonly id: number;

  constructor(id: number) {
    super(`product ${id} was not found`);
    this.id = id;
  }
}

/** Another product already has this id. */
export class ProductExistsError extends Error {
  override readonly name = "ProductExistsError";
  readonly id: number;

  constructor(id: number) {
    super(`product ${id} already exists`);
    this.id = id;
  }
}

/** A field of the product is invalid: "category", "name" or "priceCents". */
export class InvalidProductError extends Error {
  override readonly name = "InvalidProductError";
  readonly field: string;

  constructor(field: string, reason: string) {
    super(`product ${field} ${reason}`);
    this.field = field;
  }
}

/**
 * Checks `category`, `name` and `priceCents`, in this order.
 *
 * @throws InvalidProductError for the first invalid field.
 */
export function validateProduct(product: Product): void {
  if (product.category.trim() === "") {
    throw new InvalidProductError("category", "must not be blank");
  }
  if (product.name.trim() === "") {
    throw new InvalidProductError("name", "must not be blank");
  }
  if ([...product.name].length > MAX_NAME) {
    throw new InvalidProductError("name", `must have at most ${MAX_NAME} characters`);
  }
  if (!Number.isSafeInteger(product.priceCents) || product.priceCents < 1) {
    throw new InvalidProductError("priceCents", "must be a whole number of at least 1");
  }
}

/** Creates, reads, updates and deletes products. */
export interface ProductRepository {
  /** Adds a valid product. Throws ProductExistsError when the id is taken. */
  create(product: Product): void;

  /** Returns the product with this id. Throws ProductNotFoundError. */
  get(id: number): Product;

  /** Returns all products, ordered by id. */
  list(): Product[];

  /** Returns the products of this category, ordered by id. */
  listByCategory(category: string): Product[];

  /** Replaces the product with the same id. Throws ProductNotFoundError. */
  update(product: Product): void;

  /** Removes the product with this id. Throws ProductNotFoundError. */
  delete(id: number): void;

  /** Runs `work`, which must not be async, and keeps its changes, or none of them when it throws. */
  transaction(work: (tx: ProductRepository) => void): void;
}

/** A {@link ProductRepository} that keeps its products in memory. */
export class InMemoryProductRepository implements ProductRepository {
  private products = new Map<number, Product>();

  create(product: Product): void {
    validateProduct(product);
    if (this.products.has(product.id)) {
      throw new ProductExistsError(product.id);
    }
    this.products.set(product.id, { ...product });
  }

  get(id: number): Product {
    const product = this.products.get(id);
    if (product === undefined) {
      throw new ProductNotFoundError(id);
    }
    return product;
  }

  list(): Product[] {
    return [...this.products.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  listByCategory(category: string): Product[] {
    return this.list().filter((product) => product.category === category);
  }

  update(product: Product): void {
    validateProduct(product);
    if (!this.products.has(product.id)) {
      throw new ProductNotFoundError(product.id);
    }
    this.products.set(product.id, { ...product });
  }

  delete(id: number): void {
    if (!this.products.delete(id)) {
      throw new ProductNotFoundError(id);
    }
  }

  transaction(work: (tx: ProductRepository) => void): void {
    const draft = new InMemoryProductRepository();
    draft.products = new Map(this.products);
    work(draft);
    this.products = draft.products;
  }
}
