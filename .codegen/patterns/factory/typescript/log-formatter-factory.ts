/** Builds log formatters of several kinds from validated options. */

/** Turns a log message into one line of text. */
export interface LogFormatter {
  /**
   * Returns the line for the message.
   * Throws a LogFormatterError with `blank-message` or `message-too-long`.
   */
  format(message: string): string;
}

/** The kinds that createLogFormatter can build. */
export type LogFormatterKind = "plain" | "tagged" | "keyed";

/** Says which formatter to build and how. */
export interface LogFormatterOptions {
  readonly kind: LogFormatterKind;
  /** The name of the service; the default is `app`. */
  readonly service?: string;
  /** The longest message in characters, from 1 to 1000; the default is 200. */
  readonly maxLength?: number;
}

/** Why a formatter could not be built or a message not be formatted. */
export type LogFormatterErrorCode =
  | "unknown-kind"
  | "empty-service"
  | "invalid-max-length"
  | "blank-message"
  | "message-too-long";

/** The error that this module throws; `code` says the reason. */
export class LogFormatterError extends Error {
  readonly code: LogFormatterErrorCode;

  constructor(code: LogFormatterErrorCode, message: string) {
    super(message);
    this.name = "LogFormatterError";
    this.code = code;
  }
}

/**
 * Builds the formatter that the options describe.
 * Throws a LogFormatterError with `unknown-kind`, `empty-service` or `invalid-max-length`.
 */
export function createLogFormatter(options: LogFormatterOptions): LogFormatter {
  const config = validateOptions(options);
  switch (config.kind) {
    case "plain":
      return new PlainFormatter(config);
    case "tagged":
      return new TaggedFormatter(config);
    case "keyed":
      return new KeyedFormatter(config);
    default:
      throw new LogFormatterError("unknown-kind", `unknown kind: ${String(config.kind)}`);
  }
}

function validateOptions(options: LogFormatterOptions): Required<LogFormatterOptions> {
  const { kind, service = "app", maxLength = 200 } = options;
  if (service === "") {
    throw new LogFormatterError("empty-service", "service must not be empty");
  }
  if (!Number.isInteger(maxLength) || maxLength < 1 || maxLength > 1000) {
    throw new LogFormatterError(
      "invalid-max-length",
      `maxLength must be a whole number from 1 to 1000, not ${maxLength}`,
    );
  }
  return { kind, service, maxLength };
}

function checkMessage(message: string, maxLength: number): void {
  if (message.trim() === "") {
    throw new LogFormatterError("blank-message", "message must not be blank");
  }
  const length = [...message].length;
  if (length > maxLength) {
    throw new LogFormatterError(
      "message-too-long",
      `message has ${length} characters, limit ${maxLength}`,
    );
  }
}

class PlainFormatter implements LogFormatter {
  private readonly config: Required<LogFormatterOptions>;

  constructor(config: Required<LogFormatterOptions>) {
    this.config = config;
  }

  format(message: string): string {
    checkMessage(message, this.config.maxLength);
    return message;
  }
}

class TaggedFormatter implements LogFormatter {
  private readonly config: Required<LogFormatterOptions>;

  constructor(config: Required<LogFormatterOptions>) {
    this.config = config;
  }

  format(message: string): string {
    checkMessage(message, this.config.maxLength);
    return `[${this.config.service}] ${message}`;
  }
}

class KeyedFormatter implements LogFormatter {
  private readonly config: Required<LogFormatterOptions>;

  constructor(config: Required<LogFormatterOptions>) {
    this.config = config;
  }

  format(message: string): string {
    checkMessage(message, this.config.maxLength);
    return `service=${this.config.service} message=${message}`;
  }
}
