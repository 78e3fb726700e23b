"""Builds journals of several kinds from a validated configuration."""

from abc import ABC, abstractmethod
from dataclasses import dataclass


class JournalError(Exception):
    """Base class of the errors of this module."""


class UnknownKindError(JournalError):
    """No journal of the given kind exists."""


class InvalidConfigError(JournalError):
    """A setting of the configuration is invalid."""


class BlankTopicError(JournalError):
    """The topic is empty or only spaces."""


class TextTooLongError(JournalError):
    """The text is longer than the limit."""


@dataclass(frozen=True)
class JournalConfig:
    """Says which journal to build and how.

    Raises InvalidConfigError for an author that does not fit the kind or a
    limit outside 1 to 500.
    """

    kind: str
    author: str = ""
    max_length: int = 120

    def __post_init__(self) -> None:
        if self.kind == "signed" and " " not in self.author:
            raise InvalidConfigError("author must contain a space")
        if self.kind == "tagged" and not 2 <= len(self.author) <= 4:
            raise InvalidConfigError("author must have 2 to 4 characters")
        if not 1 <= self.max_length <= 500:
            raise InvalidConfigError(
                f"max_length must be from 1 to 500, not {self.max_length}"
            )


class Journal(ABC):
    """Keeps lines of text in the order of writing."""

    @abstractmethod
    def write(self, topic: str, text: str) -> None:
        """Keep one line for the topic and the text.

        Raises BlankTopicError or TextTooLongError for a refused line.
        """

    @abstractmethod
    def lines(self) -> list[str]:
        """Return the kept lines in the order of writing."""


def create_journal(config: JournalConfig) -> Journal:
    """Build the journal of the configured kind.

    Raises UnknownKindError when no such kind exists.
    """
    if config.kind == "plain":
        return _PlainJournal(config)
    if config.kind == "signed":
        return _SignedJournal(config)
    if config.kind == "tagged":
        return _TaggedJournal(config)
    raise UnknownKindError(f"unknown kind: {config.kind!r}")


def _check_line(config: JournalConfig, topic: str, text: str) -> None:
    if not topic.strip():
        raise BlankTopicError("topic must not be blank")
    if len(text) > config.max_length:
        raise TextTooLongError(
            f"text has {len(text)} characters, limit {config.max_length}"
        )


class _PlainJournal(Journal):
    """Keeps the topic and the text."""

    def __init__(self, config: JournalConfig) -> None:
        self._config = config
        self._lines: list[str] = []

    def write(self, topic: str, text: str) -> None:
        _check_line(self._config, topic, text)
        self._lines.append(f"{topic}: {text}")

    def lines(self) -> list[str]:
        return list(self._lines)


class _SignedJournal(Journal):
    """Keeps the author in parentheses behind the text."""

    def __init__(self, config: JournalConfig) -> None:
        self._config = config
        self._lines: list[str] = []

    def write(self, topic: str, text: str) -> None:
        _check_line(self._config, topic, text)
        self._lines.append(f"{topic}: {text} ({self._config.author})")

    def lines(self) -> list[str]:
        return list(self._lines)


class _TaggedJournal(Journal):
    """Keeps the author in brackets before the topic."""

    def __init__(self, config: JournalConfig) -> None:
        self._config = config
        self._lines: list[str] = []

    def write(self, topic: str, text: str) -> None:
        _check_line(self._config, topic, text)
        self._lines.append(f"[{self._config.author}] {topic}: {text}")

    def lines(self) -> list[str]:
        return list(self._lines)
