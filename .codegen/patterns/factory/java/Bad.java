package shop;

/** Builds log formatters of several kinds; a kind that nobody knows gives nothing at all. */
public final class LogFormatterFactory {

    private LogFormatterFactory() {}

    /** Returns the formatter of the configured kind. */
    public static LogFormatter create(Config config) {
        if (config.kind().equals("plain")) {
            return message -> message;
        }
        if (config.kind().equals("tagged")) {
            return message -> "[" + config.service() + "] " + message;
        }
        return null;
    }

    /** Turns a log message into one line of text. */
    public interface LogFormatter {

        /** Returns the line. */
        String format(String message);
    }

    /** Says which formatter to build and how. */
    public record Config(String kind, String service) {

        /** Checks the service. */
        public Config {
            if (service.isEmpty()) {
                throw new InvalidConfigException("service must not be empty");
            }
        }

        /** Returns this configuration with another service. */
        public Config withService(String service) {
            return new Config(kind, service);
        }
    }

    /** A setting is invalid. */
    public static final class InvalidConfigException extends RuntimeException {

        InvalidConfigException(String message) {
            super(message);
        }
    }
}
