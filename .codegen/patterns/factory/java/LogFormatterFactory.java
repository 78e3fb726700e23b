package shop;

/** Builds log formatters of several kinds from a configuration. */
public final class LogFormatterFactory {

    private LogFormatterFactory() {}

    /** Returns the formatter of the configured kind; throws {@link UnknownKindException}. */
    public static LogFormatter create(Config config) {
        return switch (config.kind()) {
            case "plain" -> new PlainFormatter(config);
            case "tagged" -> new TaggedFormatter(config);
            case "keyed" -> new KeyedFormatter(config);
            default -> throw new UnknownKindException(config.kind());
        };
    }

    /** Turns a log message into one line of text. */
    public interface LogFormatter {

        /** Returns the line; throws {@link BlankMessageException} or {@link MessageTooLongException}. */
        String format(String message);
    }

    /** Says which formatter to build and how; throws {@link InvalidConfigException} when a setting is invalid. */
    public record Config(String kind, String service, int maxLength) {

        private static final String DEFAULT_SERVICE = "app";
        private static final int DEFAULT_MAX_LENGTH = 200;
        private static final int MAX_MAX_LENGTH = 1000;

        /** Checks service and maxLength, in this order. */
        public Config {
            if (service == null || service.isEmpty()) {
                throw new InvalidConfigException("service", "must not be empty");
            }
            if (maxLength < 1 || maxLength > MAX_MAX_LENGTH) {
                throw new InvalidConfigException("maxLength", "must be from 1 to " + MAX_MAX_LENGTH);
            }
        }

        /** Returns the default configuration of a kind. */
        public static Config of(String kind) {
            return new Config(kind, DEFAULT_SERVICE, DEFAULT_MAX_LENGTH);
        }

        /** Returns this configuration with another service. */
        public Config withService(String service) {
            return new Config(kind, service, maxLength);
        }

        /** Returns this configuration with another length of the longest message, in characters. */
        public Config withMaxLength(int maxLength) {
            return new Config(kind, service, maxLength);
        }

        /** Refuses a message that no formatter takes. */
        private void check(String message) {
            if (message == null || message.isBlank()) {
                throw new BlankMessageException();
            }
            if (message.codePointCount(0, message.length()) > maxLength) {
                throw new MessageTooLongException(maxLength);
            }
        }
    }

    private record PlainFormatter(Config config) implements LogFormatter {

        @Override
        public String format(String message) {
            config.check(message);
            return message;
        }
    }

    private record TaggedFormatter(Config config) implements LogFormatter {

        @Override
        public String format(String message) {
            config.check(message);
            return "[" + config.service() + "] " + message;
        }
    }

    private record KeyedFormatter(Config config) implements LogFormatter {

        @Override
        public String format(String message) {
            config.check(message);
            return "service=" + config.service() + " message=" + message;
        }
    }

    /** The base of everything that this factory and its formatters throw. */
    public abstract static sealed class LogFormatterException extends RuntimeException {

        private LogFormatterException(String message) {
            super(message);
        }
    }

    /** There is no formatter of this kind. */
    public static final class UnknownKindException extends LogFormatterException {

        private final String kind;

        UnknownKindException(String kind) {
            super("unknown kind: " + kind);
            this.kind = kind;
        }

        /** Returns the kind that is not known. */
        public String kind() {
            return kind;
        }
    }

    /** A setting is invalid: "service" or "maxLength". */
    public static final class InvalidConfigException extends LogFormatterException {

        private final String setting;

        InvalidConfigException(String setting, String reason) {
            super(setting + " " + reason);
            this.setting = setting;
        }

        /** Returns the name of the invalid setting. */
        public String setting() {
            return setting;
        }
    }

    /** The message is empty or only spaces. */
    public static final class BlankMessageException extends LogFormatterException {

        BlankMessageException() {
            super("the message must not be blank");
        }
    }

    /** The message is longer than the configuration allows. */
    public static final class MessageTooLongException extends LogFormatterException {

        private final int maxLength;

        MessageTooLongException(int maxLength) {
            super("the message must have at most " + maxLength + " characters");
            this.maxLength = maxLength;
        }

        /** Returns the length that is allowed. */
        public int maxLength() {
            return maxLength;
        }
    }
}
