"""Builds log formatters of several kinds from a configuration."""

from abc import ABC, abstractmethod
from dataclasses import dataclass


class LogFormatterError(Exception):
    """Base class of the errors of this module."""


class UnknownKindError(LogFormatterError):
    """No formatter of the given kind exists."""


@dataclass(frozen=True)
class LogFormatterConfig:
    """Says which formatter to build and how."""

    kind: str
    service: str = "app"
    max_length: int = 200


class LogFormatter(ABC):
    """Turns a log message into one line of text."""

    @abstractmethod
    def format(self, message: str) -> str:
        """Return the line for the message."""


def create_log_formatter(config: LogFormatterConfig) -> LogFormatter:
    """Build the formatter of the configured kind.

    Raises UnknownKindError when no such kind exists.
    """
    if config.kind == "plain":
        return _PlainFormatter(config)
    if config.kind == "tagged":
        return _TaggedFormatter(config)
    raise UnknownKindError(f"unknown kind: {config.kind!r}")


class _PlainFormatter(LogFormatter):
    """Writes the message alone."""

    def __init__(self, config: LogFormatterConfig) -> None:
        self._config = config

    def format(self, message: str) -> str:
        return message[: self._config.max_length]


class _TaggedFormatter(LogFormatter):
    """Writes the service in brackets before the message."""

    def __init__(self, config: LogFormatterConfig) -> None:
        self._config = config

    def format(self, message: str) -> str:
        return f"[{self._config.service}] {message[: self._config.max_length]}"
