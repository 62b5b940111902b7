"""`envforge registry show`: everything that a registry knows of one environment."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envforge.cli.options import DATABASE, AsJson, Database

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import Console

    from envforge.registry import EnvironmentRecord, Registry, StatusRecord, VerdictRecord


def show(
    id: Annotated[
        str, typer.Argument(metavar="ID", help="The environment's id, or at least its first 4 digits.")
    ],
    db: Database = DATABASE,
    as_json: AsJson = False,
) -> None:
    """Show one environment: source, verdicts with evidence, history, parents and children."""
    from envforge.cli.display import print_json
    from envforge.registry import Registry

    with Registry.open(db, read_only=True) as opened:
        record = opened.environment(id)
        verdicts, history = opened.verdicts(record.id), opened.history(record.id)
        if as_json:
            judged = {
                "reviews": _reviews(opened, record.id),
                "calibrations": _calibrations(opened, record.id),
            }
            held = {"held_out": opened.held_out().get(record.id)}
            print_json({**_as_data(record, verdicts, history), **judged, **held})
        else:
            _show(opened, record, verdicts, history)


def _reviews(opened: Registry, id: str) -> list[dict[str, Any]]:
    return [
        {
            **dataclasses.asdict(given.review),
            "policy": given.policy,
            "run": given.run,
            "created_at": given.created_at.isoformat(),
        }
        for given in opened.reviews(id)
    ]


def _calibrations(opened: Registry, id: str) -> list[dict[str, Any]]:
    return [
        {
            **dataclasses.asdict(given.calibration),
            "run": given.run,
            "created_at": given.created_at.isoformat(),
        }
        for given in opened.calibrations(id)
    ]


def _as_data(
    record: EnvironmentRecord, verdicts: list[VerdictRecord], history: list[StatusRecord]
) -> dict[str, Any]:
    from envforge.cli.registry import as_data

    profile = record.profile
    return {
        **as_data(record.summary),
        "max_difficulty": record.program.max_difficulty if record.program else None,
        "guess_floors": list(profile.guess_floors) if profile else None,
        "isolation": record.isolation,
        "parents": list(record.parents),
        "children": list(record.children),
        "verdicts": [
            {
                "stage": given.verdict.stage.value,
                "passed": given.verdict.passed,
                "reason": given.verdict.reason,
                "evidence": given.verdict.evidence,
                "seconds": round(given.verdict.seconds, 4),
                "isolation": given.verdict.isolation,
                "policy": given.policy,
                "run": given.run,
                "created_at": given.created_at.isoformat(),
            }
            for given in verdicts
        ],
        "history": [
            {
                "old": change.old,
                "new": change.new,
                "reason": change.reason,
                "run": change.run,
                "created_at": change.created_at.isoformat(),
            }
            for change in history
        ],
        "source": record.source,
    }


def _show(
    opened: Registry, record: EnvironmentRecord, verdicts: list[VerdictRecord], history: list[StatusRecord]
) -> None:
    from rich.syntax import Syntax

    from envforge.cli import display
    from envforge.cli.findings import show_failure, verdict_table

    summary = record.summary
    console = display.screen()
    console.print(display.text(summary.title or "(no program)", "bold"), soft_wrap=True)
    pairs: dict[str, object] = {
        "id": summary.id,
        "status": display.status(summary.status),
        "held out": display.text(opened.held_out().get(summary.id, ""), display.WARN),
        "oracle": summary.oracle or "unknown",
        "tags": ", ".join(summary.tags or ()),
        "levels": f"0 to {record.program.max_difficulty}" if record.program else "unknown",
        "origin": summary.origin + (f", run {summary.run}" if summary.run is not None else ""),
        "depth": summary.depth,
        "parents": _family(opened, record.parents),
        "children": _family(opened, record.children),
        "created": _moment(summary.created_at),
    }
    console.print(display.facts({name: value for name, value in pairs.items() if str(value)}))
    if verdicts:
        display.section(console, verdict_table(given.verdict for given in verdicts))
    for given in verdicts:
        if not given.verdict.passed:
            console.print()
            show_failure(console, given.verdict, reason=False)
    _show_judgements(console, opened, record.id)
    changes = display.table("when", "status", "why", fixed=("when", "status"))
    for change in history:
        changes.add_row(
            _moment(change.created_at), display.status(change.new), display.text(change.reason, display.DIM)
        )
    display.section(console, changes)
    console.print()
    console.print(
        Syntax(
            display.plain(record.source),
            "python",
            theme="ansi_dark",
            background_color="default",
            line_numbers=True,
            word_wrap=True,
        )
    )


def _show_judgements(console: Console, opened: Registry, id: str) -> None:
    """What policies said of it, and how they did on it."""
    from envforge.cli import display

    reviews, calibrations = opened.reviews(id), opened.calibrations(id)
    if reviews:
        shown = display.table("review", "verdict", "why", "policy", fixed=("review", "verdict"))
        for given in reviews:
            word, style = _WORDS[given.review.accepted]
            why = given.review.reason or "no objection"
            shown.add_row(
                f"{given.review.number + 1}",
                display.text(word, style),
                display.text(why, display.DIM),
                display.text(given.policy, display.DIM),
            )
        display.section(console, shown)
    if calibrations:
        shown = display.table(
            "policy", "level", "solved", "interval", "floor", "a", "verdict",
            right=("level", "solved", "floor", "a"), fixed=("interval",),
        )  # fmt: skip
        for measured in calibrations:
            found = measured.calibration
            verdict = display.text(found.reason or "passed", display.GOOD if found.passed else display.BAD)
            for level in found.levels:
                solved = f"{sum(row['score'] for row in level.responses):g}/{len(level.responses)}"
                shown.add_row(
                    display.text(found.policy, display.DIM),
                    str(level.difficulty),
                    solved,
                    f"{level.low:.2f} to {level.high:.2f}",
                    f"{level.guess_floor:.2f}",
                    f"{level.adjusted:.2f}",
                    verdict,
                )
            if not found.levels:
                shown.add_row(display.text(found.policy, display.DIM), "", "", "", "", "", verdict)
        display.section(console, shown)


_WORDS = {True: ("accept", "green"), False: ("reject", "red"), None: ("unreadable", "yellow")}


def _family(opened: Registry, ids: tuple[str, ...]) -> str:
    """Relatives by id and title, one a line."""
    return "\n".join(f"{id}  {opened.environment(id).summary.title or ''}" for id in dict.fromkeys(ids))


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
