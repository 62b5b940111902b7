"""The registry's tables. A change here needs a migration in `db/versions` (a test compares the two)."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

KINDS = ("text", "visual")
STATUSES = ("rejected", "validated", "admitted", "retired", "quarantined")
ACCEPTED = ("validated", "admitted")  # what a growing library looks at
OUTCOMES = ("admitted", "validated", "rejected", "duplicate", "none")
POOL_STATES = ("active", "parked", "retired", "rotated")
RUN_KINDS = ("grow", "train")
RUN_STATES = ("running", "finished", "interrupted", "failed")

_MARK = "\ufdd0"  # a code point that Unicode reserves as "not a character": no real text holds it
_UNSTORABLE = re.compile(f"[\x00\ud800-\udfff{_MARK}]")
_STORED = re.compile(f"{_MARK}([0-9a-f]{{4}})")


class AnyText(TypeDecorator[str]):
    """Text that may hold what databases refuse: NUL (PostgreSQL) and lone surrogates (both).

    A proposer can send either, and every proposal is kept. They are stored as U+FDD0 and four hex digits and
    come back unchanged; all other text is stored as it is.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value and _UNSTORABLE.sub(lambda match: f"{_MARK}{ord(match[0]):04x}", value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return value and _STORED.sub(lambda match: chr(int(match[1], 16)), value)


class Moment(TypeDecorator[datetime]):
    """A point in time, always aware and in UTC, also on SQLite, which keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def now() -> datetime:
    """The present moment in UTC."""
    return datetime.now(UTC)


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: AnyText,
        datetime: Moment,
        dict[str, Any]: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
        list[int]: JSON(none_as_null=True),
    }


class Run(Base):
    """One `envforge grow` or `envforge train`. `base` is the highest environment sequence that it saw when it
    started."""

    __tablename__ = "runs"
    __table_args__ = (_one_of("state", RUN_STATES), _one_of("kind", RUN_KINDS))

    id: Mapped[int] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(default=now)
    finished_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16), index=True)
    proposer: Mapped[str]
    seed: Mapped[int] = mapped_column(BigInteger)
    config: Mapped[dict[str, Any]]
    version: Mapped[str]
    isolation: Mapped[str]
    command: Mapped[list[str] | None]
    base: Mapped[int]
    policy: Mapped[str | None]  # the version of the policy that reviewed and calibrated, if one did
    kind: Mapped[str] = mapped_column(String(8))


class Environment(Base):
    """One source text, whatever became of it.

    What the static policy reads from a source (`title` to `levels`) is null for one that did not pass it.
    `sequence` counts acceptances: it is given when an environment first becomes validated or admitted, grows
    without gaps in the order of the writers' commits and never changes, so it is a cursor for growers.
    """

    __tablename__ = "environments"
    __table_args__ = (_one_of("kind", KINDS), _one_of("status", STATUSES))

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    sequence: Mapped[int | None] = mapped_column(unique=True)
    title: Mapped[str | None]
    kind: Mapped[str] = mapped_column(String(8))
    status: Mapped[str] = mapped_column(String(16), index=True)
    source: Mapped[str]
    tags: Mapped[list[str] | None]
    oracle: Mapped[str | None] = mapped_column(String(16))
    max_difficulty: Mapped[int | None]
    flavour: Mapped[str | None] = mapped_column(String(16))
    signature: Mapped[str | None] = mapped_column(String(64), index=True)
    bucket: Mapped[str | None]
    levels: Mapped[list[str] | None]
    profile: Mapped[dict[str, Any] | None]  # without its prompt shingles, which are a fingerprint
    origin: Mapped[str]  # the seed's file name, or the proposer
    depth: Mapped[int]
    isolation: Mapped[str]
    created_run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now, index=True)


class Fingerprint(Base):
    """Shingles of a program's code or of its prompts: packed little-endian unsigned 64-bit integers, sorted."""

    __tablename__ = "fingerprints"
    __table_args__ = (_one_of("part", ("code", "prompt")),)

    environment_id: Mapped[str] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    part: Mapped[str] = mapped_column(String(8), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ProposalRow(Base):
    """What a proposer handed in: exactly one row for each round of each index, also when it was nothing.

    Round 0 is the proposal itself, the following ones are its repairs. `usage` counts the tokens and seconds that the
    last round's candidate cost in all, by role; it is null for the rounds before.
    """

    __tablename__ = "proposals"
    __table_args__ = (UniqueConstraint("run_id", "index", "round"), _one_of("outcome", OUTCOMES))

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"))
    index: Mapped[int]
    round: Mapped[int] = mapped_column(default=0)
    environment_id: Mapped[str | None] = mapped_column(ForeignKey("environments.id"), index=True)
    proposer: Mapped[str]
    operation: Mapped[str]
    outcome: Mapped[str] = mapped_column(String(16))
    stage: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str]
    transcript: Mapped[dict[str, Any] | None]
    usage: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class Lineage(Base):
    """`parent_id` is the parent at `position` of `child_id`; one parent may hold several positions."""

    __tablename__ = "lineage"

    child_id: Mapped[str] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    parent_id: Mapped[str] = mapped_column(ForeignKey("environments.id"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(primary_key=True)


class VerdictRow(Base):
    """One gate's finding (see `envforge.verdict`), one row per examination and stage."""

    __tablename__ = "verdicts"

    id: Mapped[int] = mapped_column(primary_key=True)
    environment_id: Mapped[str] = mapped_column(ForeignKey("environments.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"), index=True)
    proposal_id: Mapped[int | None] = mapped_column(ForeignKey("proposals.id"))
    stage: Mapped[str] = mapped_column(String(16))
    passed: Mapped[bool]
    reason: Mapped[str]
    evidence: Mapped[dict[str, Any]]
    seconds: Mapped[float] = mapped_column(Double)
    isolation: Mapped[str]
    policy: Mapped[str | None]  # the version that judged, for verdicts that a policy gave
    created_at: Mapped[datetime] = mapped_column(default=now)


class ReviewRow(Base):
    """One review of an environment (see `envforge.verdict.Review`) by one policy version."""

    __tablename__ = "reviews"

    id: Mapped[int] = mapped_column(primary_key=True)
    environment_id: Mapped[str] = mapped_column(ForeignKey("environments.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    policy: Mapped[str]
    number: Mapped[int]
    accepted: Mapped[bool | None]
    reason: Mapped[str]
    findings: Mapped[dict[str, Any]]
    text: Mapped[str]
    asked: Mapped[int]
    tokens: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(default=now)


class CalibrationRow(Base):
    """One calibration of an environment (see `envforge.verdict.Calibration`); of a policy version the newest counts.

    `detail` holds the levels with their responses, and where the program broke, as JSON.
    """

    __tablename__ = "calibrations"

    id: Mapped[int] = mapped_column(primary_key=True)
    environment_id: Mapped[str] = mapped_column(ForeignKey("environments.id"), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    policy: Mapped[str]
    passed: Mapped[bool]
    reason: Mapped[str]
    rate: Mapped[float] = mapped_column(Double)
    low: Mapped[float] = mapped_column(Double)
    high: Mapped[float] = mapped_column(Double)
    trend: Mapped[float | None] = mapped_column(Double)
    detail: Mapped[dict[str, Any]]
    tokens: Mapped[int] = mapped_column(BigInteger)
    isolation: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=now)


class PoolMember(Base):
    """The place of an admitted environment in the live pool. `memory` is what its difficulty controller knows.

    `groups` and `live_groups` count all groups that were trained on it and those whose rewards were not all equal;
    `since` is the number of the pool's group at which it took its state.
    """

    __tablename__ = "pool_members"
    __table_args__ = (_one_of("state", POOL_STATES),)

    environment_id: Mapped[str] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    reason: Mapped[str]
    since: Mapped[int]
    groups: Mapped[int]
    live_groups: Mapped[int]
    memory: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime] = mapped_column(default=now)


class PoolGroup(Base):
    """One group of rollouts on one instance. `number` counts the groups of the pool from 1, without gaps."""

    __tablename__ = "pool_groups"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    environment_id: Mapped[str] = mapped_column(ForeignKey("environments.id"), index=True)
    difficulty: Mapped[int]
    seed: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int]
    accuracy: Mapped[float] = mapped_column(Double)  # mean score, 0 to 1
    live: Mapped[bool]  # the rewards of the group were not all equal
    policy: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=now)


class TrainingStep(Base):
    """One step of a run of `train`. `step` counts the completed optimiser steps of the run from 1.

    `metrics` is a JSON object of figures by name; what was not measured is null or missing.
    """

    __tablename__ = "training_steps"

    run_id: Mapped[int] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    metrics: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)


class TrainingEnvironment(Base):
    """What one environment at one level brought to a step. The means are null when no response counted."""

    __tablename__ = "training_environments"
    __table_args__ = (
        ForeignKeyConstraint(["run_id", "step"], ["training_steps.run_id", "training_steps.step"]),
    )

    run_id: Mapped[int] = mapped_column(primary_key=True)
    step: Mapped[int] = mapped_column(primary_key=True)
    environment_id: Mapped[str] = mapped_column(ForeignKey("environments.id"), primary_key=True, index=True)
    difficulty: Mapped[int] = mapped_column(primary_key=True)
    groups: Mapped[int]
    live_groups: Mapped[int]
    responses: Mapped[int]
    accuracy: Mapped[float | None] = mapped_column(Double)
    reward: Mapped[float | None] = mapped_column(Double)
    format_failures: Mapped[int]
    tokens: Mapped[float | None] = mapped_column(Double)
    entropy: Mapped[float | None] = mapped_column(Double)


class EvaluationRow(Base):
    """One evaluation of a policy version: in a run of `train` (its `name` is unique there), or by itself."""

    __tablename__ = "evaluations"
    __table_args__ = (UniqueConstraint("run_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    step: Mapped[int | None]
    policy: Mapped[str]
    name: Mapped[str] = mapped_column(String(128))
    settings: Mapped[dict[str, Any]]
    created_at: Mapped[datetime] = mapped_column(default=now)


class EvaluationResult(Base):
    """The result of an evaluation on one subject at one level (see `envforge.verdict.LevelResult`).

    A subject need not be an environment of the registry: it may be a task of a gym.
    """

    __tablename__ = "evaluation_results"

    evaluation_id: Mapped[int] = mapped_column(ForeignKey("evaluations.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)  # in the order in which they were given, from 0
    subject: Mapped[str]
    title: Mapped[str]
    tags: Mapped[list[str]]
    split: Mapped[str] = mapped_column(String(16))
    difficulty: Mapped[int]
    samples: Mapped[int]
    passes: Mapped[list[int]]
    total: Mapped[float] = mapped_column(Double)
    seeds: Mapped[list[int]]
    format_failures: Mapped[int]
    tokens: Mapped[int] = mapped_column(BigInteger)
    lost: Mapped[int]


class HeldOut(Base):
    """An environment that is kept for evaluation: it is never in the live pool and never shown to a proposer."""

    __tablename__ = "held_out"

    environment_id: Mapped[str] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    reason: Mapped[str]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class StatusChange(Base):
    """The history of an environment's status; `old` is null for the first entry.

    Being held out and being released are entries too: `old` and `new` are the same there.
    """

    __tablename__ = "status_changes"

    id: Mapped[int] = mapped_column(primary_key=True)
    environment_id: Mapped[str] = mapped_column(ForeignKey("environments.id"), index=True)
    old: Mapped[str | None] = mapped_column(String(16))
    new: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str]
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id"))
    created_at: Mapped[datetime] = mapped_column(default=now)


class Embedding(Base):
    """A vector of `dimension` little-endian 32-bit floats that `model` gave for one part of a program."""

    __tablename__ = "embeddings"

    environment_id: Mapped[str] = mapped_column(ForeignKey("environments.id"), primary_key=True)
    model: Mapped[str] = mapped_column(String(128), primary_key=True)
    part: Mapped[str] = mapped_column(String(32), primary_key=True)
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    dimension: Mapped[int]


class Writer(Base):
    """One row that a writer locks where the database, unlike SQLite, has no lock of its own for that."""

    __tablename__ = "writer"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: Mapped[int] = mapped_column(primary_key=True)


Index("ix_proposals_outcome_stage", ProposalRow.outcome, ProposalRow.stage)
