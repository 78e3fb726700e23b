from dataclasses import FrozenInstanceError

import pytest

from shop.log_formatter_factory import (
    BlankMessageError,
    InvalidConfigError,
    LogFormatter,
    LogFormatterConfig,
    LogFormatterError,
    MessageTooLongError,
    UnknownKindError,
    create_log_formatter,
)


# happy path: every kind formats a message in its own way.
@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("plain", "started up"),
        ("tagged", "[search] started up"),
        ("keyed", "service=search message=started up"),
    ],
)
def test_every_kind_formats_in_its_own_way(kind: str, expected: str) -> None:
    config = LogFormatterConfig(kind=kind, service="search")
    formatter = create_log_formatter(config)
    assert isinstance(formatter, LogFormatter)
    assert formatter.format("started up") == expected


# happy path: without settings the service is app and the limit is 200.
def test_defaults_apply_without_settings() -> None:
    formatter = create_log_formatter(LogFormatterConfig(kind="tagged"))
    message = "x" * 200
    assert formatter.format(message) == f"[app] {message}"
    with pytest.raises(MessageTooLongError):
        formatter.format("x" * 201)


# error: an unknown kind is refused.
@pytest.mark.parametrize("kind", ["", "Plain", "fancy"])
def test_unknown_kind_is_refused(kind: str) -> None:
    config = LogFormatterConfig(kind=kind)
    with pytest.raises(UnknownKindError):
        create_log_formatter(config)


# error: an empty service is refused.
def test_empty_service_is_refused() -> None:
    with pytest.raises(InvalidConfigError):
        LogFormatterConfig(kind="plain", service="")


# error: a limit outside 1 to 1000 is refused.
@pytest.mark.parametrize("max_length", [-1, 0, 1001])
def test_invalid_max_length_is_refused(max_length: int) -> None:
    with pytest.raises(InvalidConfigError):
        LogFormatterConfig(kind="plain", max_length=max_length)


# error: every kind refuses a blank message.
@pytest.mark.parametrize("kind", ["plain", "tagged", "keyed"])
@pytest.mark.parametrize("message", ["", "  "])
def test_blank_message_is_refused(kind: str, message: str) -> None:
    formatter = create_log_formatter(LogFormatterConfig(kind=kind))
    with pytest.raises(BlankMessageError):
        formatter.format(message)


# error: every kind refuses a message that is too long.
@pytest.mark.parametrize("kind", ["plain", "tagged", "keyed"])
def test_long_message_is_refused(kind: str) -> None:
    formatter = create_log_formatter(LogFormatterConfig(kind=kind, max_length=5))
    with pytest.raises(MessageTooLongError):
        formatter.format("123456")


# error: all errors derive from the base class.
def test_errors_derive_from_the_base_class() -> None:
    with pytest.raises(LogFormatterError):
        create_log_formatter(LogFormatterConfig(kind="fancy"))
    with pytest.raises(LogFormatterError):
        LogFormatterConfig(kind="plain", service="")


# edge case: the smallest and the largest limit are accepted.
@pytest.mark.parametrize("max_length", [1, 1000])
def test_limits_of_max_length_are_accepted(max_length: int) -> None:
    config = LogFormatterConfig(kind="plain", max_length=max_length)
    message = "x" * max_length
    assert create_log_formatter(config).format(message) == message


# edge case: characters are counted and spaces are kept.
def test_characters_are_counted_and_spaces_kept() -> None:
    config = LogFormatterConfig(kind="plain", max_length=5)
    assert create_log_formatter(config).format(" äöü ") == " äöü "


# edge case: a configuration cannot be changed after it was created.
def test_configuration_cannot_be_changed() -> None:
    config = LogFormatterConfig(kind="plain")
    with pytest.raises(FrozenInstanceError):
        config.service = "search"  # type: ignore[misc]
