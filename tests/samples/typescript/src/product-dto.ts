/** The product as JSON: its wire form and its validation. */

const MAX_NAME = 80;
const MAX_PRICE_CENTS = 1_000_000;
const MAX_DESCRIPTION = 500;
const SKU = /^[A-Z0-9-]{1,12}$/;
const KEYS: readonly string[] = ["id", "sku", "name", "priceCents", "category", "description"];
const CATEGORIES = ["food", "drink", "other"] as const;

/** What kind of product it is. */
export type Category = (typeof CATEGORIES)[number];

/** A product as it travels: one property per JSON key. */
export interface ProductDto {
  /** Number of the product, at least 1. */
  readonly id: number;
  /** Stock keeping unit, 1 to 12 capital letters, digits or dashes. */
  readonly sku: string;
  /** Name shown to customers, 1 to 80 characters. */
  readonly name: string;
  /** Price in cents, from 1 to 1,000,000. */
  readonly priceCents: number;
  /** What kind of product it is. */
  readonly category: Category;
  /** At most 500 characters; null if there is none. */
  readonly description: string | null;
}

/** Says which field of a product was refused and why. */
export class ProductDtoError extends Error {
  override readonly name = "ProductDtoError";
  /** JSON key of the field, or "input" if the value is not an object. */
  readonly field: string;
  /** What the value must be. */
  readonly reason: string;

  constructor(field: string, reason: string) {
    super(`${field} ${reason}`);
    this.field = field;
    this.reason = reason;
  }
}

/** Returns the product that a decoded JSON value describes, or throws ProductDtoError. */
export function parseProduct(input: unknown): ProductDto {
  if (!isRecord(input)) {
    throw new ProductDtoError("input", "must be an object");
  }
  for (const key of Object.keys(input)) {
    if (!KEYS.includes(key)) {
      throw new ProductDtoError(key, "is not a known key");
    }
  }
  return {
    id: readInteger(input, "id", Number.MAX_SAFE_INTEGER),
    sku: readSku(input, "sku"),
    name: readName(input, "name"),
    priceCents: readInteger(input, "priceCents", MAX_PRICE_CENTS),
    category: readCategory(input, "category"),
    description: readDescription(input, "description"),
  };
}

type JsonRecord = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readInteger(record: JsonRecord, key: string, max: number): number {
  const value = record[key];
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw new ProductDtoError(key, "must be a whole number");
  }
  if (value < 1 || value > max) {
    throw new ProductDtoError(key, `must be from 1 to ${max}`);
  }
  return value;
}

function readText(record: JsonRecord, key: string): string {
  const value = record[key];
  if (typeof value !== "string") {
    throw new ProductDtoError(key, "must be a text");
  }
  return value;
}

function readSku(record: JsonRecord, key: string): string {
  const sku = readText(record, key);
  if (!SKU.test(sku)) {
    throw new ProductDtoError(key, "must be 1 to 12 capitals, digits or dashes");
  }
  return sku;
}

function readName(record: JsonRecord, key: string): string {
  const name = readText(record, key);
  if (name.trim() === "" || [...name].length > MAX_NAME) {
    throw new ProductDtoError(key, `must be 1 to ${MAX_NAME} characters`);
  }
  return name;
}

function readCategory(record: JsonRecord, key: string): Category {
  const category = CATEGORIES.find((known) => known === record[key]);
  if (category === undefined) {
    throw new ProductDtoError(key, `must be one of ${CATEGORIES.join(", ")}`);
  }
  return category;
}

function readDescription(record: JsonRecord, key: string): string | null {
  if (record[key] === undefined || record[key] === null) {
    return null;
  }
  const description = readText(record, key);
  if ([...description].length > MAX_DESCRIPTION) {
    throw new ProductDtoError(key, `must have at most ${MAX_DESCRIPTION} characters`);
  }
  return description;
}
