"""Verdicts as people read them: a table of stages, and what was measured or went wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from envforge.cli.display import (
    BAD,
    DIM,
    GOOD,
    count,
    facts,
    isolation,
    panel,
    screen,
    seconds,
    section,
    table,
    text,
)
from envforge.verdict import Examination, Stage, Verdict

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from envforge.sources import SourceFile

GATES = (Stage.L1, Stage.L2, Stage.L3, Stage.L4, Stage.L5)
VISUAL_GATES = (*GATES, Stage.PICTURE)
_IN_REASON = ("status", "message", "line", "function", "violations")  # what a reason often says already
ROOMY = 100  # columns from which on the overview has room for figures
LONGEST = 600  # characters of one piece of evidence


def show(files: Sequence[SourceFile], examinations: Sequence[Examination]) -> None:
    """Print what `envforge check` found: one table for several files, then each failure with its evidence."""
    console = screen()
    if len(files) == 1:
        console.print(
            text(examinations[0].program.title if examinations[0].program else files[0].path, "bold")
        )
        section(console, verdict_table(examinations[0].verdicts))
    else:
        console.print(_overview(files, examinations, console.width))

    console.print()
    for file, found in zip(files, examinations):
        if found.failure is not None:
            show_failure(console, found.failure, str(file.path), reason=len(files) > 1)
    failed = sum(not found.passed for found in examinations)
    passed = len(files) - failed
    if len(files) == 1:
        stage = examinations[0].failure.stage.value if examinations[0].failure else ""
        console.print(text(f"Fails at {stage}." if failed else "Passes every gate.", BAD if failed else GOOD))
    else:
        tally = text(f"{count(passed, 'program')} passed, {failed:,} failed.", BAD if failed else GOOD)
        levels = sorted({verdict.isolation for found in examinations for verdict in found.verdicts})
        console.print(tally.append_text(text(f"  Isolation: {', '.join(map(isolation, levels))}", DIM)))


def verdict_table(verdicts: Iterable[Verdict]) -> Table:
    """The stages of one examination: passed or not, how long, at which isolation level, and what was measured."""
    rigid = ("stage", "result", "isolation")
    shown = table("stage", "result", "time", "isolation", "found", right=("time",), fixed=rigid)
    for verdict in verdicts:
        found = text(brief(verdict), DIM if verdict.passed else "")
        level = text(isolation(verdict.isolation, "{} {}"), DIM)
        shown.add_row(verdict.stage.value, _mark(verdict), seconds(verdict.seconds), level, found)
    return shown


def _overview(files: Sequence[SourceFile], examinations: Sequence[Examination], width: int) -> Table:
    drawn = any(found.program is not None and found.program.kind == "visual" for found in examinations)
    gates = VISUAL_GATES if drawn else GATES
    stages = [stage.value for stage in gates]
    floor = ["guess floor"] if width >= ROOMY else []
    shown = table("program", *stages, *floor, "time", right=[*floor, "time"], fixed=stages)
    for file, found in zip(files, examinations):
        marks = {verdict.stage: _mark(verdict) for verdict in found.verdicts}
        spent = sum(verdict.seconds for verdict in found.verdicts)
        floors = found.profile.guess_floors if found.profile else ()
        shown.add_row(
            text(file.path.name),
            *(marks.get(stage, text("-", DIM)) for stage in gates),
            *(text(_range(floors), DIM) for _ in floor),
            text(seconds(spent), DIM),
        )
    return shown


def _mark(verdict: Verdict) -> Text:
    return text("ok", GOOD) if verdict.passed else text("FAIL", f"bold {BAD}")


def show_failure(console: Console, failure: Verdict, name: str = "", *, reason: bool) -> None:
    """Frame the evidence of a failure, with its `reason` where no table has said it; nothing if there is none."""
    pairs: dict[str, object] = {"reason": text(failure.reason, "bold")} if reason else {}
    for key, value in failure.evidence.items():
        written = _written(key, value)
        # A failed call's reason says its message, line and function already.
        if written and not (key in _IN_REASON and written in failure.reason):
            pairs[key.replace("_", " ")] = written
    if pairs:
        stage = failure.stage.value
        console.print(panel(facts(pairs), f"{name}: {stage}" if name else stage, BAD))


def _written(key: str, value: Any) -> str:
    """A piece of evidence for a line or a few; empty for what is unknown."""
    if value in (None, "") or (key == "line" and value == 0):
        return ""
    if key == "violations" and isinstance(value, list):
        return "\n".join(f"line {found['line']}: {found['message']}" for found in value)
    bare = isinstance(value, str) and key in ("message", "status", "function")
    shown = value if bare else json.dumps(value, ensure_ascii=False)
    if key == "line":
        shown = f"line {value}"
    return shown if len(shown) <= LONGEST else f"{shown[:LONGEST]}..."


def brief(verdict: Verdict) -> str:
    """One line on a verdict: the reason of a failure, or the figures that a passed gate measured."""
    if not verdict.passed:
        return verdict.reason
    evidence = verdict.evidence
    try:
        return _FIGURES[verdict.stage](evidence) if verdict.stage in _FIGURES else ""
    except (KeyError, TypeError, ValueError, IndexError):
        return ""  # a verdict of another version of envforge


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.2f}-{max(values):.2f}" if values else ""


def _l4(evidence: Mapping[str, Any]) -> str:
    return (
        f"guess floor {_range(evidence['guess_floor'])}, {min(evidence['distinct_prompts']):.0%} or more of the "
        f"prompts distinct, prompts grow {evidence['prompt_growth']:.1f} times"
    )


def _picture(evidence: Mapping[str, Any]) -> str:
    return (
        f"{evidence['pictures']} pictures can be read, {evidence['changes']:,} changes of the answer show in them; "
        f"the prompt alone is worth {evidence['prompt_only']:.2f}"
    )


def _novelty(evidence: Mapping[str, Any]) -> str:
    return f"nearest is '{evidence['neighbour_title']}', similarity {evidence['similarity']:.2f}"


_FIGURES: dict[Stage, Callable[[Mapping[str, Any]], str]] = {
    Stage.L1: lambda e: f"{e['lines']} lines, {e['bytes']:,} bytes, {e['oracle']}",
    Stage.L2: lambda e: (
        f"{e['instances']} instances, {e['cpu_milliseconds_fresh']:.1f} ms each in fresh processes"
    ),
    Stage.L3: lambda e: f"{e['replays']} replays under {e['hash_seeds']} hash seeds",
    Stage.L4: _l4,
    Stage.L5: lambda e: (
        f"{e['references']} references score 1.0; {e['wrong_answers']:,} wrong answers at most "
        f"{e['best_wrong_score']:.2f}"
    ),
    Stage.PICTURE: _picture,
    Stage.NOVELTY: _novelty,
    Stage.REVIEW: lambda e: f"{e['accepted']} of {len(e['reviews'])} reviews accept",
    Stage.CALIBRATION: lambda e: (
        f"a {e['rate']:.2f}, solved {e['low']:.2f} to {e['high']:.2f} by {e['policy']}"
    ),
}
