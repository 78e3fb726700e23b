/** Builds journals of several kinds from validated options. */

/** Keeps lines of text in the order of writing. */
export interface Journal {
  /**
   * Keeps one line for the topic and the text.
   * Throws a JournalError with `blank-topic` or `text-too-long`.
   */
  write(topic: string, text: string): void;

  /** Returns the kept lines in the order of writing. */
  lines(): string[];
}

/** The kinds that createJournal can build. */
export type JournalKind = "plain" | "signed" | "tagged";

/** Says which journal to build and how. */
export interface JournalOptions {
  readonly kind: JournalKind;
  /** Who writes; empty by default. */
  readonly author?: string;
  /** The longest text in characters, from 1 to 500; the default is 120. */
  readonly maxLength?: number;
}

/** Why a journal could not be built or a line not be kept. */
export type JournalErrorCode =
  | "unknown-kind"
  | "invalid-author"
  | "invalid-max-length"
  | "blank-topic"
  | "text-too-long";

/** The error that this module throws; `code` says the reason. */
export class JournalError extends Error {
  readonly code: JournalErrorCode;

  constructor(code: JournalErrorCode, message: string) {
    super(message);
    this.name = "JournalError";
    this.code = code;
  }
}

/**
 * Builds the journal that the options describe.
 * Throws a JournalError with `unknown-kind`, `invalid-author` or `invalid-max-length`.
 */
export function createJournal(options: JournalOptions): Journal {
  const config = validateOptions(options);
  switch (config.kind) {
    case "plain":
      return new PlainJournal(config);
    case "signed":
      return new SignedJournal(config);
    case "tagged":
      return new TaggedJournal(config);
    default:
      throw new JournalError("unknown-kind", `unknown kind: ${String(config.kind)}`);
  }
}

function validateOptions(options: JournalOptions): Required<JournalOptions> {
  const { kind, author = "", maxLength = 120 } = options;
  if (kind === "signed" && !author.includes(" ")) {
    throw new JournalError("invalid-author", "author must contain a space");
  }
  const length = [...author].length;
  if (kind === "tagged" && (length < 2 || length > 4)) {
    throw new JournalError("invalid-author", "author must have 2 to 4 characters");
  }
  if (!Number.isInteger(maxLength) || maxLength < 1 || maxLength > 500) {
    throw new JournalError(
      "invalid-max-length",
      `maxLength must be a whole number from 1 to 500, not ${maxLength}`,
    );
  }
  return { kind, author, maxLength };
}

function checkLine(topic: string, text: string, maxLength: number): void {
  if (topic.trim() === "") {
    throw new JournalError("blank-topic", "topic must not be blank");
  }
  const length = [...text].length;
  if (length > maxLength) {
    throw new JournalError("text-too-long", `text has ${length} characters, limit ${maxLength}`);
  }
}

class PlainJournal implements Journal {
  private readonly config: Required<JournalOptions>;
  private readonly kept: string[] = [];

  constructor(config: Required<JournalOptions>) {
    this.config = config;
  }

  write(topic: string, text: string): void {
    checkLine(topic, text, this.config.maxLength);
    this.kept.push(`${topic}: ${text}`);
  }

  lines(): string[] {
    return [...this.kept];
  }
}

class SignedJournal implements Journal {
  private readonly config: Required<JournalOptions>;
  private readonly kept: string[] = [];

  constructor(config: Required<JournalOptions>) {
    this.config = config;
  }

  write(topic: string, text: string): void {
    checkLine(topic, text, this.config.maxLength);
    this.kept.push(`${topic}: ${text} (${this.config.author})`);
  }

  lines(): string[] {
    return [...this.kept];
  }
}

class TaggedJournal implements Journal {
  private readonly config: Required<JournalOptions>;
  private readonly kept: string[] = [];

  constructor(config: Required<JournalOptions>) {
    this.config = config;
  }

  write(topic: string, text: string): void {
    checkLine(topic, text, this.config.maxLength);
    this.kept.push(`[${this.config.author}] ${topic}: ${text}`);
  }

  lines(): string[] {
    return [...this.kept];
  }
}
