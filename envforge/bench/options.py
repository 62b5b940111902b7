"""What the command lines of the benchmarks take."""

from __future__ import annotations

from envforge.config import ISOLATION_NAMES
from envforge.sandbox import Level


def level(word: str) -> Level:
    """An isolation level by its number or name."""
    return Level(ISOLATION_NAMES.index(word) if word in ISOLATION_NAMES else int(word))


def levels(text: str) -> list[Level]:
    """Several, with commas between."""
    return sorted({level(word) for word in text.split(",")})


def positive(text: str) -> int:
    """A whole number from 1 on."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number
