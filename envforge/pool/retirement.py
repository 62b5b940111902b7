"""When an environment has nothing more to teach: runs of groups that were not live (SCALER; the rules are ours)."""

from __future__ import annotations

from typing import Any, Protocol

from envforge.pool.controllers import ROUNDING

Run = dict[str, Any]
KINDS = ("saturated", "zero", "flat")


class Scored(Protocol):
    """The part of a group that counts here."""

    @property
    def difficulty(self) -> int: ...
    @property
    def accuracy(self) -> float: ...
    @property
    def live(self) -> bool: ...


def extend(run: Run | None, group: Scored, before: tuple[int, int], after: tuple[int, int]) -> Run | None:
    """The run of groups that were not live, with one more group; None after a live one.

    A controller that moves on to levels it had not reached during the run begins a new one: an environment that is
    being climbed is all right at every level for a while, and is not done. One that only goes to and fro between
    levels does not.
    """
    if group.live:
        return None
    held = run or {"length": 0, "ones": 0, "zeros": 0, "levels": [], "span": list(before)}
    low, high = held["span"]
    if after[0] < low or after[1] > high:
        span = [min(low, after[0]), max(high, after[1])]
        return {"length": 0, "ones": 0, "zeros": 0, "levels": [], "span": span}
    levels = [*held["levels"], group.difficulty]
    return {
        "length": held["length"] + 1,
        "ones": held["ones"] + (group.accuracy >= 1 - ROUNDING),
        "zeros": held["zeros"] + (group.accuracy <= ROUNDING),
        "levels": [min(levels), max(levels)],
        "span": held["span"],
    }


def finding(run: Run | None, top: int, patience: int) -> tuple[str, str] | None:
    """(kind, sentence) when a run is long enough to park its environment, else None.

    All right counts once the highest level was among them, all wrong once level 0 was: before that the controller
    has somewhere to go. Everything else (right here and wrong there, or equal scores in between) is flat.
    """
    if run is None or run["length"] < patience:
        return None
    number = run["length"]
    lowest, highest = run["levels"]
    if run["ones"] == number:
        if highest < top:
            return None
        return "saturated", f"saturated: all right in {number} groups in a row, up to the top level {top}"
    if run["zeros"] == number:
        if lowest > 0:
            return None
        return "zero", f"at zero: all wrong in {number} groups in a row, down to level 0"
    return (
        "flat",
        f"flat: equal scores within each of {number} groups in a row (levels {lowest} to {highest})",
    )
