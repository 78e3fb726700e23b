"""Builds log formatters of several kinds from a validated configuration."""

from abc import ABC, abstractmethod
from dataclasses import dataclass


class LogFormatterError(Exception):
    """Base class of the errors of this module."""


class UnknownKindError(LogFormatterError):
    """No formatter of the given kind exists."""


class InvalidConfigError(LogFormatterError):
    """A setting of the configuration is invalid."""


class BlankMessageError(LogFormatterError):
    """The message is empty or only spaces."""


class MessageTooLongError(LogFormatterError):
    """The message is longer than the limit."""


@dataclass(frozen=True)
class LogFormatterConfig:
    """Says which formatter to build and how.

    Raises InvalidConfigError for an empty service or a limit outside 1 to 1000.
    """

    kind: str
    service: str = "app"
    max_length: int = 200

    def __post_init__(self) -> None:
        if not self.service:
            raise InvalidConfigError("service must not be empty")
        if self.max_length < 1 or self.max_length > 1000:
            raise InvalidConfigError(
                f"max_length must be from 1 to 1000, not {self.max_length}"
            )


class LogFormatter(ABC):
    """Turns a log message into one line of text."""

    @abstractmethod
    def format(self, message: str) -> str:
        """Return the line for the message.

        Raises BlankMessageError or MessageTooLongError for a refused message.
        """


def create_log_formatter(config: LogFormatterConfig) -> LogFormatter:
    """Build the formatter of the configured kind.

    Raises UnknownKindError when no such kind exists.
    """
    if config.kind == "plain":
        return _PlainFormatter(config)
    if config.kind == "tagged":
        return _TaggedFormatter(config)
    if config.kind == "keyed":
        return _KeyedFormatter(config)
    raise UnknownKindError(f"unknown kind: {config.kind!r}")


def _check_message(config: LogFormatterConfig, message: str) -> None:
    if not message.strip():
        raise BlankMessageError("message must not be blank")
    if len(message) > config.max_length:
        raise MessageTooLongError(
            f"message has {len(message)} characters, limit {config.max_length}"
        )


class _PlainFormatter(LogFormatter):
    """Writes the message alone."""

    def __init__(self, config: LogFormatterConfig) -> None:
        self._config = config

    def format(self, message: str) -> str:
        _check_message(self._config, message)
        return message


class _TaggedFormatter(LogFormatter):
    """Writes the service in brackets before the message."""

    def __init__(self, config: LogFormatterConfig) -> None:
        self._config = config

    def format(self, message: str) -> str:
        _check_message(self._config, message)
        return f"[{self._config.service}] {message}"


class _KeyedFormatter(LogFormatter):
    """Writes the service and the message as keys with values."""

    def __init__(self, config: LogFormatterConfig) -> None:
        self._config = config

    def format(self, message: str) -> str:
        _check_message(self._config, message)
        return f"service={self._config.service} message={message}"
