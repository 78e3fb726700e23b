"""An amount of money in whole cents."""

from __future__ import annotations

import re
from dataclasses import dataclass


class InvalidMoneyError(ValueError):
    """The value is not an amount such as 12.50."""


@dataclass(frozen=True, order=True)
class Money:
    """An amount of money in whole cents, never negative."""

    cents: int

    def __post_init__(self) -> None:
        """Refuse negative amounts."""
        if self.cents < 0:
            raise InvalidMoneyError(f"{self.cents} cents is negative")

    @classmethod
    def parse(cls, text: str) -> Money:
        """Parse whole units, a point and exactly two digits."""
        if not re.fullmatch(r"[0-9]+\.[0-9]{2}", text):
            raise InvalidMoneyError(f"{text!r} is not an amount such as 12.50")
        units, cents = text.split(".")
        return cls(int(units) * 100 + int(cents))

    def __add__(self, other: Money) -> Money:
        """Add two amounts."""
        return Money(self.cents + other.cents)

    def __mul__(self, quantity: int) -> Money:
        """Multiply the amount by a quantity."""
        return Money(self.cents * quantity)

    def __str__(self) -> str:
        """Return the amount with two digits after the point."""
        return f"{self.cents // 100}.{self.cents % 100:02}"
