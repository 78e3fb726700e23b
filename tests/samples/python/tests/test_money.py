"""Tests of the money type."""

import pytest

from shop.money import InvalidMoneyError, Money


# happy path: an amount is shown with two digits after the point.
def test_shows_two_digits_after_the_point() -> None:
    assert str(Money(1250)) == "12.50"
    assert str(Money(5)) == "0.05"


# happy path: what is shown can be parsed again.
def test_parses_what_it_shows() -> None:
    assert Money.parse(str(Money(1999))) == Money(1999)


# happy path: amounts are added and multiplied.
def test_calculates() -> None:
    assert Money(250) + Money(1) == Money(251)
    assert Money(250) * 3 == Money(750)


# error: text that is not an amount is refused.
@pytest.mark.parametrize("text", ["", "12", "12.5", "12.500", "-1.00", ".50", "a.00"])
def test_refuses_text_that_is_not_an_amount(text: str) -> None:
    with pytest.raises(InvalidMoneyError):
        Money.parse(text)


# edge case: nothing is an amount, less than nothing is not.
def test_is_never_negative() -> None:
    assert str(Money(0)) == "0.00"
    with pytest.raises(InvalidMoneyError):
        Money(-1)
