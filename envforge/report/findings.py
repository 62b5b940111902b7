"""What a run came to, in figures and in sentences: everything on the page that is no curve."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from envforge.evaluation import Estimate, compare, summarise
from envforge.registry import StepEnvironment
from envforge.report.data import Report, RunData
from envforge.verdict import Stage

DRAWS = 5  # steps at each end whose mean is called the first and the last pass rate of an environment
ENDS = 0.1  # share of the steps at each end whose mean stands for the beginning and the end of a curve


@dataclass(frozen=True, slots=True)
class EnvironmentRow:
    """One environment over the whole run. Levels are of the first and last step that drew it; pass rates are means
    over the first and last DRAWS of these steps, weighted by responses."""

    id: str
    title: str
    first_level: float
    last_level: float
    first_rate: float | None
    last_rate: float | None
    groups: int
    live_groups: int
    responses: int
    format_failures: int
    steps: int  # that drew it

    @property
    def effective(self) -> float | None:
        """The share of its groups whose rewards were not all equal."""
        return self.live_groups / self.groups if self.groups else None


@dataclass(frozen=True, slots=True)
class EvaluationRow:
    """pass@1 on one environment, or one split, before and after; None where one of the two is missing."""

    name: str
    title: str
    split: str
    instances: int
    before: Estimate | None
    after: Estimate | None
    rise: Estimate | None

    @property
    def word(self) -> str:
        """What became of it, as far as the interval of the difference says."""
        if self.rise is None or self.rise.value is None:
            return ""
        if self.rise.high < 0:
            return "worse"
        if self.rise.low > 0:
            return "better"
        return "no clear change"


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The evaluations of a run, compared as far as they can be. `at` says when the later one was made."""

    environments: tuple[EvaluationRow, ...]  # what got worse comes first
    splits: tuple[EvaluationRow, ...]
    at: str
    missing: int  # instances that only one evaluation has
    lost: int

    def split(self, name: str) -> EvaluationRow | None:
        return next((row for row in self.splits if row.name == name), None)


@dataclass(frozen=True, slots=True)
class Curve:
    """What a metric came to. `start` and `end` are means over the first and last tenth of the steps."""

    measured: int
    start: float | None
    end: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class StageRate:
    """How many proposals met a gate, and how many of them passed it."""

    stage: str
    met: int
    passed: int


def evaluated(data: RunData) -> Evaluated | None:
    """The run's evaluations before and after; None if it made none."""
    before, latest = data.before, data.latest
    given = [record for record in (before, latest) if record is not None]
    if not given:
        return None
    lost = sum(result.lost for record in given for result in record.results)
    at = "before training" if latest is None else "after training"
    if latest is not None and latest.name != "after":
        at = f"at {latest.name}" if latest.name else f"at step {latest.step}"
    if before is not None and latest is not None:
        found = compare(before.results, latest.results)
        environments, splits = (
            [
                EvaluationRow(row.name, row.title, row.split, row.instances, row.before, row.after, row.rise)
                for row in rows
            ]
            for rows in (found.environments, found.splits)
        )
        environments.sort(key=lambda row: row.rise.value if row.rise and row.rise.value is not None else 9.0)
        return Evaluated(tuple(environments), tuple(splits), at, found.missing, lost)
    alone = summarise(given[0].results)
    environments, splits = (
        [
            EvaluationRow(
                row.name,
                row.title,
                row.split,
                row.instances,
                row.pass_at[1] if latest is None else None,
                row.pass_at[1] if latest is not None else None,
                None,
            )
            for row in rows
        ]
        for rows in (alone.environments, alone.splits)
    )
    return Evaluated(tuple(environments), tuple(splits), at, 0, lost)


def environments(report: Report) -> list[EnvironmentRow]:
    """A row for each environment that the run drew, those with the most groups first."""
    drawn: defaultdict[str, dict[int, list[StepEnvironment]]] = defaultdict(lambda: defaultdict(list))
    for step in report.own.steps:
        for row in step.environments:
            drawn[row.environment][step.step].append(row)
    rows = []
    for id, steps in drawn.items():
        by_step = [steps[number] for number in sorted(steps)]
        every = [row for rows in by_step for row in rows]
        rows.append(
            EnvironmentRow(
                id=id,
                title=report.titles.get(id, ""),
                first_level=level(by_step[0]),
                last_level=level(by_step[-1]),
                first_rate=_rate(by_step[:DRAWS]),
                last_rate=_rate(by_step[-DRAWS:]),
                groups=sum(row.groups for row in every),
                live_groups=sum(row.live_groups for row in every),
                responses=sum(row.responses for row in every),
                format_failures=sum(row.format_failures for row in every),
                steps=len(by_step),
            )
        )
    return sorted(rows, key=lambda row: (-row.groups, row.id))


def level(rows: Sequence[StepEnvironment]) -> float:
    """The level of an environment in one step: the mean over its groups, where it was drawn at several."""
    groups = sum(row.groups for row in rows)
    if not groups:
        return rows[0].difficulty
    return sum(row.difficulty * row.groups for row in rows) / groups


def _rate(steps: Sequence[Sequence[StepEnvironment]]) -> float | None:
    known = [(row.accuracy, row.responses) for rows in steps for row in rows if row.accuracy is not None]
    count = sum(responses for _, responses in known)
    return math.fsum(rate * responses for rate, responses in known) / count if count else None


def curves(data: RunData) -> dict[str, Curve]:
    """What each metric that was measured at all came to, by name."""
    names = sorted({name for step in data.steps for name in step.metrics})
    tenth = max(1, round(len(data.steps) * ENDS))
    found = {}
    for name in names:
        values = data.values(name)
        if not values:
            continue
        ends = [
            [value for step in part if (value := step.metrics.get(name)) is not None and math.isfinite(value)]
            for part in (data.steps[:tenth], data.steps[-tenth:])
        ]
        start, end = (math.fsum(part) / len(part) if part else None for part in ends)
        found[name] = Curve(len(values), start, end, min(values), max(values))
    return found


def stages(data: RunData) -> list[StageRate]:
    """The gates that proposals met, in their order, over the whole run."""
    counted = ((s.value, round(data.total(f"met_{s}")), round(data.total(f"passed_{s}"))) for s in Stage)
    return [StageRate(name, met, passed) for name, met, passed in counted if met]


def planned(data: RunData) -> int | None:
    """How many steps its recipe asks for."""
    steps = data.recipe.get("schedule", {}).get("steps")
    return steps if isinstance(steps, int) else None


def share(data: RunData) -> float | None:
    """The environment's part of the time of all steps together."""
    pairs = [(step.metrics.get("environment_seconds"), step.metrics.get("seconds")) for step in data.steps]
    known = [(part, whole) for part, whole in pairs if part is not None and whole is not None]
    whole = math.fsum(seconds for _, seconds in known)
    return math.fsum(part for part, _ in known) / whole if whole > 0 else None


def settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Every option of a recipe by table and name, in its order."""
    found: dict[str, Any] = {}
    for table, options in config.items():
        if isinstance(options, Mapping):
            found.update({f"{table}.{name}": value for name, value in settings(options).items()})
        else:
            found[table] = options
    return found


def differences(own: RunData, other: RunData) -> dict[str, tuple[Any, Any]]:
    """The options in which two runs differ: name -> (own, other's)."""
    mine, theirs = settings(own.recipe), settings(other.recipe)
    names = dict.fromkeys([*mine, *theirs])
    return {n: (mine.get(n), theirs.get(n)) for n in names if mine.get(n) != theirs.get(n)}


def notes(report: Report) -> list[str]:
    """What a reader must know before believing the curves, gravest first."""
    data, said = report.own, []
    results = evaluated(data)
    rows = list(results.environments) if results else []
    worse = [row for row in rows if row.word == "worse"]
    lower = [
        row
        for row in rows
        if row.word == "no clear change" and row.rise and row.rise.value is not None and row.rise.value < 0
    ]
    if worse:
        named = "; ".join(
            f"{row.title or row.name} ({row.split}): {row.before.value:.3f} to {row.after.value:.3f}"
            for row in worse
            if row.before and row.after and row.before.value is not None and row.after.value is not None
        )
        said.append(f"Got worse beyond the interval of the difference: {named}.")
    if lower:
        said.append(
            f"{_count(len(lower), 'evaluated environment')} fell, though not beyond the interval of the difference."
        )
    said += _course(data)
    dead, groups = data.total("dead_groups"), data.total("groups")
    if dead:
        part = f" of {groups:,.0f}" if groups else ""
        said.append(
            f"{dead:,.0f}{part} groups were kept although their responses all got the same reward: "
            "they teach nothing."
        )
    if lost := data.total("lost_responses"):
        said.append(
            f"{_count(round(lost), 'response')} could not be scored through our own fault and count nowhere."
        )
    cut = curves(data).get("truncated_rate")
    if cut and cut.end is not None and cut.end >= 0.05:
        said.append(
            f"In the last tenth of the steps {cut.end:.1%} of the responses were cut off at the token limit."
        )
    if results is None:
        said.append("The policy was not evaluated: nothing here shows what it does on fresh questions.")
    elif data.before is None or data.latest is None:
        said.append(f"There is only one evaluation, {results.at}: nothing to compare.")
    elif results.split("held-out") is None:
        said.append("No environment was held out: nothing here shows what carries over to others.")
    if results and results.missing:
        said.append(
            f"{_count(results.missing, 'instance')} of the evaluations have no counterpart in the other one and are "
            "left out of the comparison."
        )
    if results and results.lost:
        said.append(f"{_count(results.lost, 'response')} of the evaluations could not be had or scored.")
    return said


def _course(data: RunData) -> list[str]:
    """What went wrong on the way."""
    said, steps = [], planned(data)
    if data.run.state != "finished":
        far = f"{data.last:,} of {steps:,} steps" if steps else _count(data.last, "step")
        state = "not finished" if data.run.state == "running" else data.run.state
        said.append(f"The run is {state}: {far} are recorded.")
    elif steps and data.last < steps:
        said.append(f"Only {data.last:,} of {steps:,} steps are recorded.")
    numbers = {step.step for step in data.steps}
    if absent := [number for number in range(1, data.last + 1) if number not in numbers]:
        said.append(f"No record of {_listed(absent)}: the curves have gaps there.")
    # Training writes None for what came out as no number; a figure that no step has was never asked for.
    watched = [name for name in ("loss", "grad_norm") if data.has(name)]
    bad = [
        step.step
        for step in data.steps
        if any((value := step.metrics.get(name)) is None or not math.isfinite(value) for name in watched)
    ]
    if bad:
        said.append(f"Bad steps, whose loss or gradient was no number: {_listed(bad)}.")
    return said


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(f"{number:,}" for number in numbers[:8])
    more = f" and {len(numbers) - 8:,} more" if len(numbers) > 8 else ""
    return f"{'step' if len(numbers) == 1 else 'steps'} {shown}{more}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def as_data(report: Report) -> dict[str, Any]:
    """The report as the JSON of docs/report.md: what the page says, without the curves."""

    def run(data: RunData) -> dict[str, Any]:
        results = evaluated(data)
        return {
            "run": data.run.id,
            "registry": data.registry or None,
            "state": data.run.state,
            "steps": data.last,
            "planned": planned(data),
            "seconds": data.total("seconds"),
            "tokens": max(data.values("tokens"), default=None),
            "environment_share": share(data),
            "evaluated": None
            if results is None
            else {
                "at": results.at,
                "missing": results.missing,
                "lost": results.lost,
                "splits": [{**asdict(row), "word": row.word} for row in results.splits],
                "environments": [{**asdict(row), "word": row.word} for row in results.environments],
            },
            "metrics": {name: asdict(curve) for name, curve in curves(data).items()},
            "stages": [asdict(rate) for rate in stages(data)],
        }

    return {
        **run(report.own),
        "settings": settings(report.own.recipe),
        "notes": notes(report),
        "environments": [{**asdict(row), "effective": row.effective} for row in environments(report)],
        "against": [
            {
                **run(other),
                "differs": {
                    name: {"own": own, "other": theirs}
                    for name, (own, theirs) in differences(report.own, other).items()
                },
            }
            for other in report.others
        ],
    }
