"""What training leaves behind: its steps, evaluations of the policy, and the environments that are held out."""

from __future__ import annotations

import dataclasses
import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select
from sqlalchemy.orm import Session

from envforge.errors import RegistryError
from envforge.registry.tables import (
    Environment,
    EvaluationResult,
    EvaluationRow,
    HeldOut,
    Run,
    StatusChange,
    TrainingEnvironment,
    TrainingStep,
)
from envforge.verdict import LevelResult


@dataclass(frozen=True, slots=True)
class StepEnvironment:
    """What one environment at one level brought to a step; the means are over the responses that count."""

    environment: str
    difficulty: int
    groups: int
    live_groups: int  # of those, the ones whose rewards were not all equal
    responses: int
    accuracy: float | None
    reward: float | None
    format_failures: int
    tokens: float | None  # of a response
    entropy: float | None


@dataclass(frozen=True, slots=True)
class StepRecord:
    """One step of a run of `train`. `step` counts completed optimiser steps from 1.

    `metrics` holds figures by name (docs/registry.md lists them); what was not measured is None or missing.
    """

    step: int
    metrics: dict[str, float | None]
    environments: tuple[StepEnvironment, ...]  # by id and level


@dataclass(frozen=True, slots=True)
class EvaluationRecord:
    """One evaluation of a policy version. `name` tells the evaluations of a run apart: "before", "step 20"."""

    id: int
    run: int | None  # None for `envforge eval`
    step: int | None
    policy: str
    name: str
    settings: dict[str, Any]
    results: tuple[LevelResult, ...]
    created_at: datetime


def add_steps(session: Session, run_id: int, steps: Sequence[StepRecord]) -> None:
    """Write down steps of a run in place of those that have the same number."""
    _check_run(session, run_id)
    found = {step.step: step for step in steps}
    if any(number < 1 for number in found):
        raise ValueError(f"steps are counted from 1: {min(found)}")
    _check_environments(session, {row.environment for step in found.values() for row in step.environments})
    _delete_steps(session, run_id, TrainingStep.step.in_(found), TrainingEnvironment.step.in_(found))
    rows: list[dict[str, Any]] = []
    for step in found.values():
        for row in step.environments:
            columns = {name: _plain(value) for name, value in dataclasses.asdict(row).items()}
            columns["environment_id"] = columns.pop("environment")
            rows.append({"run_id": run_id, "step": step.step, **columns})
    if found:
        metrics = [(step.step, _metrics(step.metrics)) for step in found.values()]
        session.execute(
            insert(TrainingStep),
            [{"run_id": run_id, "step": number, "metrics": values} for number, values in metrics],
        )
    if rows:
        session.execute(insert(TrainingEnvironment), rows)


def forget_steps(session: Session, run_id: int, after: int) -> None:
    """Delete the run's steps after step `after`, and its evaluations of later steps."""
    _check_run(session, run_id)
    _delete_steps(session, run_id, TrainingStep.step > after, TrainingEnvironment.step > after)
    _delete_evaluations(session, EvaluationRow.run_id == run_id, EvaluationRow.step > after)


def load_steps(session: Session, run_id: int) -> list[StepRecord]:
    """The steps of a run, in their order."""
    names = [field.name for field in dataclasses.fields(StepEnvironment)]
    columns = [
        TrainingEnvironment.environment_id,
        *(getattr(TrainingEnvironment, name) for name in names[1:]),
    ]
    rows = session.execute(
        select(TrainingEnvironment.step, *columns)
        .where(TrainingEnvironment.run_id == run_id)
        .order_by(
            TrainingEnvironment.step, TrainingEnvironment.environment_id, TrainingEnvironment.difficulty
        )
    )
    environments: defaultdict[int, list[StepEnvironment]] = defaultdict(list)
    for step, *values in rows:
        environments[step].append(StepEnvironment(*values))
    steps = session.execute(
        select(TrainingStep.step, TrainingStep.metrics)
        .where(TrainingStep.run_id == run_id)
        .order_by(TrainingStep.step)
    )
    return [
        StepRecord(step, {name: _number(value) for name, value in metrics.items()}, tuple(environments[step]))
        for step, metrics in steps
    ]


def add_evaluation(session: Session, results: Sequence[LevelResult], **columns: Any) -> int:
    """Write down an evaluation, in place of one of the same name in its run; returns its id."""
    run_id = columns["run_id"]
    if run_id is not None:
        _check_run(session, run_id)
        _delete_evaluations(session, EvaluationRow.run_id == run_id, EvaluationRow.name == columns["name"])
    row = EvaluationRow(**columns)
    session.add(row)
    session.flush()
    rows = [
        {**_result_columns(result), "evaluation_id": row.id, "position": position}
        for position, result in enumerate(results)
    ]
    if rows:
        session.execute(insert(EvaluationResult), rows)
    return row.id


def load_evaluations(session: Session, run_id: int | None) -> list[EvaluationRecord]:
    """The evaluations of one run, or all, oldest first."""
    concerned = [] if run_id is None else [EvaluationRow.run_id == run_id]
    names = [field.name for field in dataclasses.fields(LevelResult)]
    results: defaultdict[int, list[LevelResult]] = defaultdict(list)
    rows = session.execute(
        select(EvaluationResult.evaluation_id, *(getattr(EvaluationResult, name) for name in names))
        .join(EvaluationRow, EvaluationRow.id == EvaluationResult.evaluation_id)
        .where(*concerned)
        .order_by(EvaluationResult.evaluation_id, EvaluationResult.position)
    )
    for evaluation, *values in rows:
        columns = dict(zip(names, values))
        for name in ("tags", "passes", "seeds"):
            columns[name] = tuple(columns[name])
        results[evaluation].append(LevelResult(**columns))
    return [
        EvaluationRecord(
            id=row.id,
            run=row.run_id,
            step=row.step,
            policy=row.policy,
            name=row.name,
            settings=row.settings,
            results=tuple(results[row.id]),
            created_at=row.created_at,
        )
        for row in session.scalars(select(EvaluationRow).where(*concerned).order_by(EvaluationRow.id))
    ]


def hold_out(session: Session, ids: Iterable[str], reason: str, run_id: int | None) -> list[str]:
    """Keep environments for evaluation; returns those that were not held out before."""
    wanted = list(dict.fromkeys(ids))
    statuses = _check_environments(session, wanted)
    if run_id is not None:
        _check_run(session, run_id)
    accepted = set(
        session.scalars(
            select(Environment.id).where(Environment.id.in_(wanted), Environment.sequence.is_not(None))
        )
    )
    for id in wanted:
        if id not in accepted:
            raise RegistryError(
                f"environment {id} cannot be held out: it is {statuses[id]} and was never accepted, so nothing is "
                "trained on it"
            )
    held = {
        row.environment_id: row
        for row in session.scalars(select(HeldOut).where(HeldOut.environment_id.in_(wanted)))
    }
    for id in wanted:
        if id not in held:
            session.add(HeldOut(environment_id=id, reason=reason, run_id=run_id))
            session.add(_entry(id, statuses[id], "held out", reason, run_id))
        elif held[id].reason != reason:
            held[id].reason, held[id].run_id = reason, run_id
            session.add(_entry(id, statuses[id], "held out", reason, run_id))
    session.flush()
    return [id for id in wanted if id not in held]


def release(session: Session, ids: Iterable[str], reason: str) -> list[str]:
    """Let environments be trained on again; returns those that were held out."""
    wanted = list(dict.fromkeys(ids))
    statuses = _check_environments(session, wanted)
    held = set(session.scalars(select(HeldOut.environment_id).where(HeldOut.environment_id.in_(wanted))))
    session.execute(delete(HeldOut).where(HeldOut.environment_id.in_(held)))
    released = [id for id in wanted if id in held]
    session.add_all(_entry(id, statuses[id], "no longer held out", reason, None) for id in released)
    session.flush()
    return released


def load_held_out(session: Session) -> dict[str, str]:
    """The environments that are held out, longest held first: id to reason."""
    rows = session.execute(
        select(HeldOut.environment_id, HeldOut.reason).order_by(HeldOut.created_at, HeldOut.environment_id)
    )
    return {row.environment_id: row.reason for row in rows}


def _entry(id: str, status: str, what: str, reason: str, run_id: int | None) -> StatusChange:
    why = f"{what}: {reason}" if reason else what
    return StatusChange(environment_id=id, old=status, new=status, reason=why, run_id=run_id)


def _check_run(session: Session, run_id: int) -> None:
    if session.scalar(select(Run.id).where(Run.id == run_id)) is None:
        raise RegistryError(f"the registry holds no run {run_id}")


def _check_environments(session: Session, ids: Collection[str]) -> dict[str, str]:
    """The statuses of the environments, all of which must be known."""
    rows = session.execute(select(Environment.id, Environment.status).where(Environment.id.in_(ids)))
    statuses = {row.id: row.status for row in rows}
    for id in ids:
        if id not in statuses:
            raise RegistryError(f"the registry holds no environment {id}")
    return statuses


def _delete_steps(
    session: Session, run_id: int, steps: ColumnElement[bool], environments: ColumnElement[bool]
) -> None:
    session.execute(delete(TrainingEnvironment).where(TrainingEnvironment.run_id == run_id, environments))
    session.execute(delete(TrainingStep).where(TrainingStep.run_id == run_id, steps))


def _delete_evaluations(session: Session, *conditions: ColumnElement[bool]) -> None:
    chosen = select(EvaluationRow.id).where(*conditions)
    session.execute(
        delete(EvaluationResult)
        .where(EvaluationResult.evaluation_id.in_(chosen))
        .execution_options(synchronize_session=False)
    )
    session.execute(delete(EvaluationRow).where(*conditions))


def _result_columns(result: LevelResult) -> dict[str, Any]:
    columns = dataclasses.asdict(result)
    for name in ("tags", "passes", "seeds"):
        columns[name] = list(columns[name])
    return columns


def _metrics(metrics: Mapping[str, float | None]) -> dict[str, float | None]:
    """Plain numbers: what comes from arrays and tensors has no place in JSON."""
    return {name: None if value is None else float(value) for name, value in metrics.items()}


def _number(value: float | str | None) -> float | None:
    # JSON has no nan and no infinities; the engine writes them as their names.
    return float(value) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    """A mean that is no number counts as none: databases differ in what they make of nan."""
    return None if isinstance(value, float) and math.isnan(value) else value
