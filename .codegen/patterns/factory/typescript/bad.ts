/** Builds log formatters of several kinds from validated options. */

/** Turns a log message into one line of text. */
export interface LogFormatter {
  /** Returns the line for the message. */
  format(message: string): string;
}

/** The kinds that createLogFormatter can build. */
export type LogFormatterKind = "plain" | "tagged";

/** Says which formatter to build and how. */
export interface LogFormatterOptions {
  readonly kind: LogFormatterKind;
  /** The name of the service; the default is `app`. */
  readonly service?: string;
}

/** Builds the formatter that the options describe. */
export function createLogFormatter(options: LogFormatterOptions): LogFormatter {
  const config = validateOptions(options);
  switch (config.kind) {
    case "plain":
      return new PlainFormatter();
    case "tagged":
      return new TaggedFormatter(config);
    default:
      throw new Error(`unknown kind: ${String(config.kind)}`);
  }
}

function validateOptions(options: LogFormatterOptions): Required<LogFormatterOptions> {
  const { kind, service = "app" } = options;
  if (service === "") {
    throw new Error("service must not be empty");
  }
  return { kind, service };
}

class PlainFormatter implements LogFormatter {
  format(message: string): string {
    return message;
  }
}

class TaggedFormatter implements LogFormatter {
  private readonly config: Required<LogFormatterOptions>;

  constructor(config: Required<LogFormatterOptions>) {
    this.config = config;
  }

  format(message: string): string {
    return `[${this.config.service}] ${message}`;
  }
}
