"""What a run of `envforge train` came to, for people and for scripts."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

from envforge.calibration.statistics import wilson_interval
from envforge.cli.display import BAD, DIM, GOOD, count, print_json, seconds, section, table, text, titled

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from envforge.recipe import Recipe
    from envforge.registry import StepRecord
    from envforge.training.watching import TrainingSummary
    from envforge.verdict import LevelResult

CONFIDENCE = 0.95
SPLITS = {
    "trained": "Trained environments",
    "held-out": "Held-out environments",
    "other": "Other environments",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One environment at one level, before and after; None where it was not measured."""

    about: LevelResult
    before: LevelResult | None
    after: LevelResult | None

    @property
    def change(self) -> float | None:
        """Accuracy after minus before."""
        if self.before is None or self.after is None:
            return None
        old, new = self.before.accuracy, self.after.accuracy
        return None if old is None or new is None else new - old


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run of this command when it is over, with what its summary shows."""

    db: str
    recipe: Recipe
    folder: Path
    summary: TrainingSummary
    last: StepRecord | None
    total: float  # wall seconds of the command
    go_on: str  # the command that resumes it


def compare(before: Sequence[LevelResult], after: Sequence[LevelResult]) -> list[Comparison]:
    """Results of the same environment and level side by side, trained ones first, in the order of measurement."""
    rows: dict[tuple[str, str, int], list[LevelResult | None]] = {}
    for place, results in enumerate((before, after)):
        for result in results:
            key = (result.split, result.subject, result.difficulty)
            rows.setdefault(key, [None, None])[place] = result
    found = [Comparison(old or new, old, new) for old, new in rows.values() if old or new]  # type: ignore[arg-type]
    order = list(SPLITS)
    return sorted(
        found, key=lambda row: order.index(row.about.split) if row.about.split in order else len(order)
    )


def interval(result: LevelResult) -> tuple[float, float]:
    """The Wilson interval of the accuracy. Several samples of an instance count as one, their mean: they are not
    independent of each other."""
    return wilson_interval(result.total / result.samples, result.instances, CONFIDENCE)


def split_means(results: Sequence[LevelResult]) -> dict[str, tuple[float | None, int]]:
    """Of each split the mean accuracy over environments and levels, and the number of environments."""
    found: dict[str, tuple[float | None, int]] = {}
    for split in sorted({result.split for result in results}, key=lambda name: (*SPLITS, name).index(name)):
        rows = [result for result in results if result.split == split]
        rates = [rate for row in rows if (rate := row.accuracy) is not None]
        found[split] = (fmean(rates) if rates else None, len({row.subject for row in rows}))
    return found


def print_summary(outcome: Outcome) -> None:
    """Write the JSON of docs/cli.md."""
    summary = outcome.summary
    print_json(
        {
            "db": outcome.db,
            "run": summary.run,
            "folder": str(outcome.folder),
            "model": outcome.recipe.model.path,
            "learning_rate": outcome.recipe.grpo.learning_rate,
            "seed": outcome.recipe.schedule.seed,
            "steps": summary.steps,
            "of": outcome.recipe.schedule.steps,
            "ended": summary.ended,
            "checkpoint": None if summary.checkpoint is None else str(summary.checkpoint),
            "metrics": {} if outcome.last is None else dict(outcome.last.metrics),
            "evaluation": [_as_data(row) for row in compare(summary.before, summary.after)],
            "seconds": round(summary.seconds, 3),
            "total_seconds": round(outcome.total, 3),
        }
    )


def _as_data(row: Comparison) -> dict[str, Any]:
    return {
        "environment": row.about.subject,
        "title": row.about.title,
        "tags": list(row.about.tags),
        "split": row.about.split,
        "difficulty": row.about.difficulty,
        "before": _measured(row.before),
        "after": _measured(row.after),
        "worse": None if row.change is None else row.change < 0,
    }


def _measured(result: LevelResult | None) -> dict[str, Any] | None:
    if result is None:
        return None
    low, high = interval(result)
    return {
        "accuracy": result.accuracy,
        "low": low,
        "high": high,
        "instances": result.instances,
        "samples": result.samples,
        "format_failures": result.format_failures,
        "lost": result.lost,
    }


def show(console: Console, outcome: Outcome) -> None:
    """Print the tables, trained and held-out environments apart, how it ended, and what to do next."""
    summary = outcome.summary
    rows = compare(summary.before, summary.after)
    for split in dict.fromkeys(row.about.split for row in rows):
        section(console, _table(split, [row for row in rows if row.about.split == split]))
    worse = [row for row in rows if row.change is not None and row.change < 0]
    if worse:
        rest = f"{len(worse)} of {count(len(rows), 'result')} came out worse than before"
        console.print(
            text(f"{rest}; intervals are those of Wilson at {CONFIDENCE:.0%}.", DIM), soft_wrap=True
        )
    done = f"{summary.steps:,} of {count(outcome.recipe.schedule.steps, 'step')}"
    console.print()
    console.print(
        text(
            f"Run {summary.run} {summary.ended}: {done}, {seconds(summary.seconds)} of training, "
            f"{seconds(outcome.total)} in all.",
            "bold",
        ),
        soft_wrap=True,
    )
    if summary.checkpoint is not None:
        console.print(text(f"Checkpoint: {summary.checkpoint}"), soft_wrap=True)
    option = "" if outcome.db == "library.db" else f" --db {shlex.quote(outcome.db)}"
    lines = [outcome.go_on] if summary.ended == "interrupted" else []
    lines.append(f"envforge report {summary.run}{option}")
    if outcome.recipe.logging.tensorboard:
        lines.append(f"tensorboard --logdir {shlex.quote(str(outcome.folder))}")
    for number, line in enumerate(lines):
        console.print(text(("Next: " if number == 0 else "      ") + line, DIM), soft_wrap=True)


def _table(split: str, rows: Sequence[Comparison]) -> Table:
    shown = table(
        "environment", "level", "before", "after", "change", "",
        title=SPLITS.get(split, split), right=("level", "change"), fixed=("before", "after", ""),
    )  # fmt: skip
    for row in rows:
        shown.add_row(
            titled(row.about.title, row.about.subject),
            text(row.about.difficulty),
            _rate(row.before),
            _rate(row.after),
            *_change(row.change),
        )
    if len(rows) > 1:
        both = [row for row in rows if row.change is not None]
        if both:
            old = fmean(row.before.accuracy or 0.0 for row in both if row.before is not None)
            new = fmean(row.after.accuracy or 0.0 for row in both if row.after is not None)
            shown.add_row(
                text(f"mean of {len(both)}", "bold"), "", text(f"{old:.2f}"), text(f"{new:.2f}"),
                *_change(new - old),
            )  # fmt: skip
    return shown


def _rate(result: LevelResult | None) -> Text:
    """Accuracy with its interval, responses without an answer, and what was lost through our fault."""
    if result is None or result.accuracy is None:
        return text("not measured", DIM)
    low, high = interval(result)
    found = text(f"{result.accuracy:.2f}") + text(f" {low:.2f}-{high:.2f}", DIM)
    below = []
    if result.format_failures:
        below.append(f"no answer {result.format_failures / (result.instances * result.samples):.0%}")
    if result.lost:
        below.append(f"{result.lost} lost")
    return found + text("\n" + ", ".join(below), DIM) if below else found


def _change(change: float | None) -> tuple[Text, Text]:
    if change is None:
        return text(""), text("")
    style = BAD if change < 0 else GOOD if change > 0 else ""
    return text(f"{change:+.2f}", style), text("worse" if change < 0 else "", BAD)
