"""What the registry holds of the runs that a report shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envforge.charts import Point
from envforge.errors import UsageError
from envforge.registry import EvaluationRecord, Registry, RunRecord, StepRecord


@dataclass(frozen=True, slots=True)
class RunData:
    """One training run, as far as it has come."""

    run: RunRecord
    steps: tuple[StepRecord, ...]
    evaluations: tuple[EvaluationRecord, ...]
    registry: str = ""  # what charts call the registry that holds it, where that is not the report's own

    @property
    def name(self) -> str:
        """What charts and tables call it."""
        return f"{self.registry}#{self.run.id}" if self.registry else f"run {self.run.id}"

    @property
    def recipe(self) -> dict[str, Any]:
        """Its recipe's tables by name."""
        recipe = self.run.config.get("recipe")
        return recipe if isinstance(recipe, dict) else {}

    @property
    def last(self) -> int:
        """The number of its last step."""
        return self.steps[-1].step if self.steps else 0

    @property
    def before(self) -> EvaluationRecord | None:
        """The evaluation of the untrained policy."""
        return next((given for given in self.evaluations if given.name == "before"), None)

    @property
    def latest(self) -> EvaluationRecord | None:
        """The last evaluation after some training: the one at the end, or the newest of an unfinished run."""
        later = [given for given in self.evaluations if given.name != "before"]
        ended = [given for given in later if given.name == "after"]
        found = ended or sorted(later, key=lambda given: (given.step or 0, given.id))
        return found[-1] if found else None

    def curve(self, metric: str) -> list[Point]:
        """The metric at each step from 1 to the last; None for a step without it and for one that is missing."""
        known = {step.step: step.metrics.get(metric) for step in self.steps}
        return [(number, known.get(number)) for number in range(1, self.last + 1)]

    def has(self, metric: str) -> bool:
        """Whether any step measured it."""
        return bool(self.values(metric))

    def values(self, metric: str) -> list[float]:
        """What was measured of it, in the order of the steps."""
        given = (step.metrics.get(metric) for step in self.steps)
        return [value for value in given if value is not None and math.isfinite(value)]

    def total(self, metric: str) -> float:
        return math.fsum(self.values(metric))


@dataclass(frozen=True, slots=True)
class Report:
    """The run that a page is about, those that it is held against, and the titles of environments by id."""

    own: RunData
    others: tuple[RunData, ...]
    titles: Mapping[str, str]

    @property
    def runs(self) -> tuple[RunData, ...]:
        return (self.own, *self.others)


def gather(registry: Registry, run: int | None = None, against: Sequence[int | RunData] = ()) -> Report:
    """Read what a page about `run` needs (None: the newest training run), and the runs `against`: numbers in this
    registry, or what `read_run` took from another one.

    Raises UsageError where there is nothing to show: no such training run, or a run of another kind.
    """
    run = newest(registry) if run is None else run
    if run in against:
        raise UsageError(f"--against {run}: that is the run of the report itself")
    own = read_run(registry, run)
    read = [other if isinstance(other, RunData) else read_run(registry, other) for other in against]
    others = tuple({other.name: other for other in read}.values())
    titles = {found.id: found.title or "" for found in registry.environments()}
    return Report(own, others, titles)


def newest(registry: Registry) -> int:
    """The number of the newest training run. Raises UsageError where there is none."""
    trained = [record.id for record in registry.runs() if record.kind == "train"]
    if not trained:
        raise UsageError(f"{registry.name} holds no training run yet: envforge train makes one")
    return max(trained)


def read_run(registry: Registry, number: int, name: str = "") -> RunData:
    """Training run `number`; `name` is what charts call the registry, where it is not the report's own."""
    run = registry.run(number)
    if run.kind != "train":
        raise UsageError(f"run {number} is a run of envforge {run.kind}: a report shows training runs")
    return RunData(run, tuple(registry.steps(number)), tuple(registry.evaluations(number)), name)
