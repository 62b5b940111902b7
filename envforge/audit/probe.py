"""A probe: one way to look for faults, and the codes of what it may find."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from envforge.audit.desk import Desk
from envforge.audit.finding import Finding


@dataclass(frozen=True, slots=True)
class Probe:
    """`run` yields at most one finding of each code: the plainest example, with counts in its evidence.

    It may raise OutOfTime; findings yielded before count. `foreign` tells whether it also makes sense for tasks of
    other people's gyms, whose oracle is unknown and which never promised what the contract asks.
    """

    name: str
    codes: tuple[str, ...]
    run: Callable[[Desk], Iterable[Finding]]
    foreign: bool = True
