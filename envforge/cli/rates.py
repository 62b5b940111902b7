"""Solve rates as tables and as JSON: what `envforge calibrate` shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from envforge.cli import display

if TYPE_CHECKING:
    from rich.table import Table

    from envforge.contract import Profile, Program
    from envforge.verdict import Calibration, LevelRate

BAR_CELLS = 10


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be calibrated. `status` is None for a program that is not of the registry: nothing is stored."""

    program: Program
    profile: Profile
    status: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one subject; `word` is admitted (just now), passed or failed."""

    subject: Subject
    calibration: Calibration
    word: str


def show(found: Sequence[Outcome], known: int, confidence: float) -> None:
    """The table, and what it comes to. `known` environments were calibrated before and left out."""
    console = display.screen()
    before = display.count(known, "environment") + " calibrated for this policy version before"
    if not found:
        console.print(display.text(f"Nothing to do: {before}." if known else "Nothing to do.", display.DIM))
        return
    console.print(_table(found, console.encoding.startswith("utf")))
    tokens = sum(outcome.calibration.tokens for outcome in found)
    passed = sum(outcome.calibration.passed for outcome in found)
    admitted = sum(outcome.word == "admitted" for outcome in found)
    said = (
        f"{passed} of {display.count(len(found), 'environment')} solved in part by {found[0].calibration.policy}",
        f"{admitted} admitted now" if admitted else "",
        display.count(tokens, "token") if tokens else "",
        before if known else "",
        f"{confidence:.0%} Wilson intervals",
    )
    display.section(console, display.text("; ".join(filter(None, said)) + ".", display.DIM))


def _table(found: Sequence[Outcome], pretty: bool) -> Table:
    """One line for each level; the environment and its verdict beside the first."""
    numbers = ("level", "solved", "floor", "adj.", "silent")
    shown = display.table(
        "environment", "level", "solved", "rate", "", "floor", "adj.", "silent", "verdict",
        right=numbers, fixed=("rate", ""),
    )  # fmt: skip
    for outcome in found:
        calibration, program = outcome.calibration, outcome.subject.program
        name = display.titled(program.title, calibration.reason or program.id)
        style = display.GOOD if calibration.passed else display.BAD
        verdict = display.text(outcome.word, style)
        if calibration.trend is not None:
            verdict.append_text(display.text(f"\np = {calibration.trend:.2g}", display.DIM))
        if not calibration.levels:
            shown.add_row(name, "", "", "", "", "", "", "", verdict)
        for level in calibration.levels:
            shown.add_row(
                name,
                str(level.difficulty),
                f"{_solved(level)}/{len(level.responses)}",
                f"{level.rate:.2f} [{level.low:.2f}, {level.high:.2f}]",
                bar(level.rate, level.guess_floor, pretty=pretty),
                f"{level.guess_floor:.2f}",
                f"{level.adjusted:.2f}",
                str(level.format_failures or ""),
                verdict,
            )
            name, verdict = display.text(""), display.text("")
    return shown


def _solved(level: LevelRate) -> int:
    return sum(response["score"] == 1.0 for response in level.responses)


def bar(rate: float, floor: float, *, pretty: bool) -> str:
    """A rate drawn in BAR_CELLS characters; "|" stands where the guess floor ends, unless the rate covers it."""
    full, empty, mark = ("█", "·", "|") if pretty else ("#", ".", "|")
    filled, at = round(rate * BAR_CELLS), min(round(floor * BAR_CELLS), BAR_CELLS - 1)
    cells = [full] * filled + [empty] * (BAR_CELLS - filled)
    if floor > 0 and at >= filled:
        cells[at] = mark
    return "".join(cells)


def as_data(outcome: Outcome) -> dict[str, Any]:
    """One calibration as the JSON of docs/calibration.md."""
    calibration = outcome.calibration
    found = dataclasses.asdict(calibration)
    levels = [
        {**level, "solved": _solved(rate)} for level, rate in zip(found.pop("levels"), calibration.levels)
    ]
    return {
        **found,
        "title": outcome.subject.program.title,
        "stored": outcome.subject.status is not None,
        "verdict": outcome.word,
        "levels": levels,
    }
