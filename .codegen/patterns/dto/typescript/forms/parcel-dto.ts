/** The parcel as JSON: its wire form and its validation. */

const MAX_RECIPIENT = 60;
const MAX_WEIGHT_GRAMS = 30000;
const KEYS: readonly string[] = [
  "id",
  "recipient",
  "weightGrams",
  "zone",
  "delivery",
  "lockerCode",
];
const DELIVERIES = ["door", "shop", "locker"] as const;

/** Where a parcel is left. */
export type Delivery = (typeof DELIVERIES)[number];

/** A parcel as it travels: one property per JSON key. */
export interface ParcelDto {
  /** Number of the parcel, at least 1. */
  readonly id: number;
  /** Who gets the parcel, 1 to 60 characters. */
  readonly recipient: string;
  /** The weight, from 1 to 30000. */
  readonly weightGrams: number;
  /** Two capital letters. */
  readonly zone: string;
  /** Where the parcel is left. */
  readonly delivery: Delivery;
  /** Six digits for a locker; null for the other deliveries. */
  readonly lockerCode: string | null;
}

/** Says which field of a parcel was refused and why. */
export class ParcelDtoError extends Error {
  override readonly name = "ParcelDtoError";
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

/** Returns the parcel that a decoded JSON value describes, or throws ParcelDtoError. */
export function parseParcel(input: unknown): ParcelDto {
  if (!isRecord(input)) {
    throw new ParcelDtoError("input", "must be an object");
  }
  for (const key of Object.keys(input)) {
    if (!KEYS.includes(key)) {
      throw new ParcelDtoError(key, "is not a known key");
    }
  }
  const id = readInteger(input, "id", 1, Number.MAX_SAFE_INTEGER);
  const recipient = readText(input, "recipient", MAX_RECIPIENT);
  const weightGrams = readInteger(input, "weightGrams", 1, MAX_WEIGHT_GRAMS);
  const zone = readForm(input, "zone", /^[A-Z]{2}$/, "must be two capital letters");
  const delivery = readDelivery(input, "delivery");
  const lockerCode = readLockerCode(input, "lockerCode", delivery);
  return { id, recipient, weightGrams, zone, delivery, lockerCode };
}

type JsonRecord = Readonly<Record<string, unknown>>;

function isRecord(value: unknown): value is JsonRecord {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readInteger(record: JsonRecord, key: string, min: number, max: number): number {
  const value = record[key];
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    throw new ParcelDtoError(key, "must be a whole number");
  }
  if (value < min || value > max) {
    throw new ParcelDtoError(key, `must be from ${min} to ${max}`);
  }
  return value;
}

function readText(record: JsonRecord, key: string, max: number): string {
  const value = record[key];
  if (typeof value !== "string" || value.trim() === "") {
    throw new ParcelDtoError(key, "must be a text that is not blank");
  }
  if ([...value].length > max) {
    throw new ParcelDtoError(key, `must have at most ${max} characters`);
  }
  return value;
}

function readForm(record: JsonRecord, key: string, form: RegExp, reason: string): string {
  const value = record[key];
  if (typeof value !== "string" || !form.test(value)) {
    throw new ParcelDtoError(key, reason);
  }
  return value;
}

function readDelivery(record: JsonRecord, key: string): Delivery {
  const delivery = DELIVERIES.find((known) => known === record[key]);
  if (delivery === undefined) {
    throw new ParcelDtoError(key, `must be one of ${DELIVERIES.join(", ")}`);
  }
  return delivery;
}

function readLockerCode(record: JsonRecord, key: string, delivery: Delivery): string | null {
  if (delivery === "locker") {
    return readForm(record, key, /^[0-9]{6}$/, "must be six digits");
  }
  if (record[key] !== undefined && record[key] !== null) {
    throw new ParcelDtoError(key, "must be null without a locker");
  }
  return null;
}
