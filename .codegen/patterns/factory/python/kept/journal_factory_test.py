from dataclasses import FrozenInstanceError

import pytest

from shop.journal_factory import (
    BlankTopicError,
    InvalidConfigError,
    Journal,
    JournalConfig,
    JournalError,
    TextTooLongError,
    UnknownKindError,
    create_journal,
)

AUTHORS = {"plain": "", "signed": "Ada King", "tagged": "ak"}


def journal_of(kind: str, max_length: int = 120) -> Journal:
    """Build a journal whose author fits its kind."""
    return create_journal(JournalConfig(kind, AUTHORS[kind], max_length))


# happy path: plain keeps `p: t`, signed `p: t (a)` and tagged `[a] p: t`.
@pytest.mark.parametrize(
    ("kind", "author", "expected"),
    [
        ("plain", "", "saw: blade changed"),
        ("signed", "Ada King", "saw: blade changed (Ada King)"),
        ("tagged", "ak", "[ak] saw: blade changed"),
    ],
)
def test_every_kind_keeps_in_its_own_way(kind: str, author: str, expected: str) -> None:
    journal = create_journal(JournalConfig(kind, author))
    assert isinstance(journal, Journal)
    journal.write("saw", "blade changed")
    assert journal.lines() == [expected]


# happy path: every kind gives the lines in the order of writing, none at first.
@pytest.mark.parametrize("kind", ["plain", "signed", "tagged"])
def test_lines_are_in_the_order_of_writing(kind: str) -> None:
    journal = journal_of(kind)
    assert journal.lines() == []
    journal.write("saw", "")
    first = journal.lines()
    journal.write("drill", "greased")
    assert len(first) == 1
    assert journal.lines()[:1] == first
    assert "greased" in journal.lines()[1]


# happy path: without a setting the limit is 120.
@pytest.mark.parametrize("kind", ["plain", "signed", "tagged"])
def test_default_of_max_length_applies(kind: str) -> None:
    assert JournalConfig(kind, AUTHORS[kind]).max_length == 120


# error: any other kind than plain, signed and tagged is refused.
@pytest.mark.parametrize("kind", ["", "fancy", "other"])
def test_unknown_kind_is_refused(kind: str) -> None:
    config = JournalConfig(kind=kind)
    with pytest.raises(UnknownKindError):
        create_journal(config)


# error: an author that does not fit is refused: signed needs a space, tagged 2 to 4
# characters, plain takes any.
@pytest.mark.parametrize(
    ("kind", "author"),
    [
        ("signed", ""),
        ("signed", "Ada"),
        ("tagged", ""),
        ("tagged", "a"),
        ("tagged", "abcde"),
    ],
)
def test_author_that_does_not_fit_is_refused(kind: str, author: str) -> None:
    with pytest.raises(InvalidConfigError):
        JournalConfig(kind=kind, author=author)


# error: every kind refuses a limit outside 1 to 500.
@pytest.mark.parametrize("kind", ["plain", "signed", "tagged"])
@pytest.mark.parametrize("max_length", [-1, 0, 501])
def test_invalid_max_length_is_refused(kind: str, max_length: int) -> None:
    with pytest.raises(InvalidConfigError):
        journal_of(kind, max_length)


# error: every kind refuses a blank topic, and nothing is kept.
@pytest.mark.parametrize("kind", ["plain", "signed", "tagged"])
@pytest.mark.parametrize("topic", ["", "  "])
def test_blank_topic_is_refused(kind: str, topic: str) -> None:
    journal = journal_of(kind)
    with pytest.raises(BlankTopicError):
        journal.write(topic, "blade changed")
    assert journal.lines() == []


# error: every kind refuses a text that is too long, and nothing is kept.
@pytest.mark.parametrize("kind", ["plain", "signed", "tagged"])
def test_long_text_is_refused(kind: str) -> None:
    journal = journal_of(kind, max_length=5)
    with pytest.raises(TextTooLongError):
        journal.write("saw", "123456")
    assert journal.lines() == []


# error: all errors derive from the base class.
def test_errors_derive_from_the_base_class() -> None:
    with pytest.raises(JournalError):
        create_journal(JournalConfig(kind="fancy"))
    with pytest.raises(JournalError):
        journal_of("plain", max_length=0)


# edge case: tagged accepts an author of 2 and of 4 characters.
@pytest.mark.parametrize("author", ["ab", "abcd"])
def test_author_at_the_limits_is_accepted(author: str) -> None:
    assert JournalConfig(kind="tagged", author=author).author == author


# edge case: every kind accepts a text of exactly the limit, the smallest and the largest.
@pytest.mark.parametrize("kind", ["plain", "signed", "tagged"])
@pytest.mark.parametrize("max_length", [1, 500])
def test_limits_of_max_length_are_accepted(kind: str, max_length: int) -> None:
    journal = journal_of(kind, max_length)
    journal.write("saw", "x" * max_length)
    assert len(journal.lines()) == 1
    assert "x" * max_length in journal.lines()[0]


# edge case: the lines that were given can be changed without an effect.
@pytest.mark.parametrize("kind", ["plain", "signed", "tagged"])
def test_given_lines_are_a_copy(kind: str) -> None:
    journal = journal_of(kind)
    journal.lines().append("saw: gone")
    assert journal.lines() == []


# edge case: a configuration cannot be changed after it was created.
@pytest.mark.parametrize("kind", ["plain", "signed", "tagged"])
def test_configuration_cannot_be_changed(kind: str) -> None:
    config = JournalConfig(kind, AUTHORS[kind])
    with pytest.raises(FrozenInstanceError):
        config.author = "Ada King"  # type: ignore[misc]
