package shop;

import java.util.ArrayList;
import java.util.List;

/** Builds journals of several kinds from a configuration. */
public final class JournalFactory {

    private JournalFactory() {}

    /** Returns the journal of the configured kind; throws {@link UnknownKindException} or {@link InvalidConfigException}. */
    public static Journal create(Config config) {
        return switch (config.kind()) {
            case "plain" -> new PlainJournal(config.validate());
            case "signed" -> new SignedJournal(config.validate());
            case "tagged" -> new TaggedJournal(config.validate());
            default -> throw new UnknownKindException(config.kind());
        };
    }

    /** Keeps lines of text in the order of writing. */
    public interface Journal {

        /** Keeps one line; throws {@link BlankTopicException} or {@link TextTooLongException}. */
        void write(String topic, String text);

        /** Returns the kept lines in the order of writing. */
        List<String> lines();
    }

    /** Says which journal to build and how. */
    public record Config(String kind, String author, int maxLength) {

        private static final String DEFAULT_AUTHOR = "";
        private static final int DEFAULT_MAX_LENGTH = 120;
        private static final int MAX_MAX_LENGTH = 500;

        /** Returns the default configuration of a kind. */
        public static Config of(String kind) {
            return new Config(kind, DEFAULT_AUTHOR, DEFAULT_MAX_LENGTH);
        }

        /** Returns this configuration with another author. */
        public Config withAuthor(String author) {
            return new Config(kind, author, maxLength);
        }

        /** Returns this configuration with another length of the longest text, in characters. */
        public Config withMaxLength(int maxLength) {
            return new Config(kind, author, maxLength);
        }

        /** Checks author and maxLength, in this order. */
        private Config validate() {
            if (kind.equals("signed") && !author.contains(" ")) {
                throw new InvalidConfigException("author", "must contain a space");
            }
            int length = author.codePointCount(0, author.length());
            if (kind.equals("tagged") && (length < 2 || length > 4)) {
                throw new InvalidConfigException("author", "must have 2 to 4 characters");
            }
            if (maxLength < 1 || maxLength > MAX_MAX_LENGTH) {
                throw new InvalidConfigException("maxLength", "must be from 1 to " + MAX_MAX_LENGTH);
            }
            return this;
        }

        /** Refuses a line that no journal keeps. */
        private void check(String topic, String text) {
            if (topic == null || topic.isBlank()) {
                throw new BlankTopicException();
            }
            if (text.codePointCount(0, text.length()) > maxLength) {
                throw new TextTooLongException(maxLength);
            }
        }
    }

    private static final class PlainJournal implements Journal {

        private final Config config;
        private final List<String> lines = new ArrayList<>();

        PlainJournal(Config config) {
            this.config = config;
        }

        @Override
        public void write(String topic, String text) {
            config.check(topic, text);
            lines.add(topic + ": " + text);
        }

        @Override
        public List<String> lines() {
            return List.copyOf(lines);
        }
    }

    private static final class SignedJournal implements Journal {

        private final Config config;
        private final List<String> lines = new ArrayList<>();

        SignedJournal(Config config) {
            this.config = config;
        }

        @Override
        public void write(String topic, String text) {
            config.check(topic, text);
            lines.add(topic + ": " + text + " (" + config.author() + ")");
        }

        @Override
        public List<String> lines() {
            return List.copyOf(lines);
        }
    }

    private static final class TaggedJournal implements Journal {

        private final Config config;
        private final List<String> lines = new ArrayList<>();

        TaggedJournal(Config config) {
            this.config = config;
        }

        @Override
        public void write(String topic, String text) {
            config.check(topic, text);
            lines.add("[" + config.author() + "] " + topic + ": " + text);
        }

        @Override
        public List<String> lines() {
            return List.copyOf(lines);
        }
    }

    /** The base of everything that this factory and its journals throw. */
    public abstract static sealed class JournalException extends RuntimeException {

        private JournalException(String message) {
            super(message);
        }
    }

    /** There is no journal of this kind. */
    public static final class UnknownKindException extends JournalException {

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

    /** A setting is invalid: "author" or "maxLength". */
    public static final class InvalidConfigException extends JournalException {

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

    /** The topic is empty or only spaces. */
    public static final class BlankTopicException extends JournalException {

        BlankTopicException() {
            super("the topic must not be blank");
        }
    }

    /** The text is longer than the configuration allows. */
    public static final class TextTooLongException extends JournalException {

        private final int maxLength;

        TextTooLongException(int maxLength) {
            super("the text must have at most " + maxLength + " characters");
            this.maxLength = maxLength;
        }

        /** Returns the length that is allowed. */
        public int maxLength() {
            return maxLength;
        }
    }
}
