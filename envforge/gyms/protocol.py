"""What a class has to offer for `py:MODULE:CLASS` (docs/audit.md). Nobody has to inherit from these."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Task(Protocol):
    """One task: it makes items, asks about them and judges answers. Made without arguments, inside the sandbox.

    An item may be anything. It does not leave the process in which it was made: it is made anew, from the same seed,
    wherever it is needed again. Whatever a method raises is told as a failure of the instance or the answer.
    """

    def generate(self, seed: int, level: int) -> Any:
        """The item of a seed, always the same one. `seed` has 31 bits; `level` is 0."""

    def prompt(self, item: Any) -> str:
        """The question."""

    def reference(self, item: Any) -> object:
        """A right answer: a text, a number, or a flat list of these, which is written with blanks between; None where
        there is none."""

    def score(self, item: Any, answer: str) -> float:
        """How good an answer is, from 0 to 1; 1 is full credit. The item has to stay as it is."""


@runtime_checkable
class Streamed(Task, Protocol):
    """A task that deals out items by itself, so that `overlapping-seeds` can look at how it does."""

    def stream(self, seed: int, count: int) -> Sequence[str]:
        """The prompts of the first `count` items under a seed."""
