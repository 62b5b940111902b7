"""What the registry hands out: frozen records, free of SQL; and how programs and profiles are laid out in rows."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from envforge.contract import Flavour, Oracle, Profile, Program
from envforge.verdict import Calibration, LevelRate, Review, Verdict


@dataclass(frozen=True, slots=True)
class RunRecord:
    """One run of `envforge grow` or `envforge train`. `base` is the highest environment sequence when it started."""

    id: int
    started_at: datetime
    finished_at: datetime | None
    state: str  # one of tables.RUN_STATES
    proposer: str
    seed: int
    config: dict[str, Any]
    version: str
    isolation: str
    command: list[str] | None
    base: int
    policy: str | None  # the version that reviewed and calibrated
    kind: str  # one of tables.RUN_KINDS


@dataclass(frozen=True, slots=True)
class ProposalRecord:
    """What became of one round of a proposal. `environment_id` is null when no source came.

    `usage` says what the candidate cost in all, on its last round: tokens and seconds by role.
    """

    index: int
    round: int  # 0, or the number of the repair
    outcome: str  # one of tables.OUTCOMES
    stage: str | None  # the gate that failed
    operation: str
    environment_id: str | None
    proposer: str
    reason: str
    usage: dict[str, Any] | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EnvironmentSummary:
    """One line of a listing. `title`, `tags` and `oracle` are None for a source that the static policy refused."""

    id: str
    sequence: int | None
    title: str | None
    kind: str
    status: str
    tags: tuple[str, ...] | None
    oracle: str | None
    origin: str
    depth: int
    run: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class EnvironmentRecord:
    """Everything known of one environment except its verdicts and history.

    `program` is None when the source did not pass L1, `profile` when it did not pass L4.
    """

    summary: EnvironmentSummary
    source: str = field(repr=False)
    program: Program | None
    profile: Profile | None
    isolation: str
    parents: tuple[str, ...]  # in the order of their roles
    children: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.summary.id

    @property
    def status(self) -> str:
        return self.summary.status


@dataclass(frozen=True, slots=True)
class VerdictRecord:
    """A verdict, and when and in which run it was given. `run` is None for `envforge registry` commands."""

    verdict: Verdict
    run: int | None
    policy: str | None  # the version that judged, for verdicts that a policy gave
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """A review, by which policy version, and when and in which run."""

    review: Review
    policy: str
    run: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CalibrationRecord:
    """A calibration, and when and in which run it was made."""

    calibration: Calibration
    run: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StatusRecord:
    """One entry of an environment's history. `old` is None for the first, and the same as `new` where the environment
    was held out or released."""

    old: str | None
    new: str
    reason: str
    run: int | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LineageNode:
    """A member of the family graph."""

    id: str
    title: str | None
    status: str
    depth: int
    origin: str


@dataclass(frozen=True, slots=True)
class LineageEdge:
    """`parent` is the parent at `position` of `child`."""

    child: str
    parent: str
    position: int


def review_columns(review: Review) -> dict[str, Any]:
    """The values of the columns of `reviews` that describe a review."""
    return {
        "number": review.number,
        "accepted": review.accepted,
        "reason": review.reason,
        "findings": review.findings,
        "text": review.text,
        "asked": review.asked,
        "tokens": review.tokens,
    }


def calibration_columns(calibration: Calibration) -> dict[str, Any]:
    """The values of the columns of `calibrations` that describe a calibration."""
    levels = [
        {
            "difficulty": level.difficulty,
            "rate": level.rate,
            "adjusted": level.adjusted,
            "low": level.low,
            "high": level.high,
            "guess_floor": level.guess_floor,
            "format_failures": level.format_failures,
            "responses": list(level.responses),
        }
        for level in calibration.levels
    ]
    return {
        "environment_id": calibration.environment,
        "policy": calibration.policy,
        "passed": calibration.passed,
        "reason": calibration.reason,
        "rate": calibration.rate,
        "low": calibration.low,
        "high": calibration.high,
        "trend": calibration.trend,
        "detail": {"levels": levels, "failure": calibration.failure},
        "tokens": calibration.tokens,
    }


def calibration_from(columns: Mapping[str, Any]) -> Calibration:
    """The inverse of `calibration_columns`."""
    detail = columns["detail"]
    levels = tuple(
        LevelRate(**{**level, "responses": tuple(level["responses"])}) for level in detail["levels"]
    )
    others = {name: columns[name] for name in ("policy", "passed", "reason", "rate", "low", "high", "trend")}
    return Calibration(
        environment=columns["environment_id"],
        levels=levels,
        tokens=columns["tokens"],
        failure=detail["failure"],
        **others,
    )


class ProgramRow(Protocol):
    """The columns of `environments` that describe a program."""

    id: str
    source: str
    title: str | None
    tags: list[str] | None
    oracle: str | None
    max_difficulty: int | None
    flavour: str | None
    signature: str | None
    bucket: str | None
    levels: list[str] | None


def program_columns(program: Program) -> dict[str, Any]:
    """The values of those columns, and `kind`, for a program that passed L1."""
    return {
        "title": program.title,
        "kind": program.kind,
        "tags": list(program.tags),
        "oracle": program.oracle.value,
        "max_difficulty": program.max_difficulty,
        "flavour": program.flavour.value,
        "signature": program.signature,
        "bucket": program.bucket,
        "levels": None if program.levels is None else list(program.levels),
    }


def program_from(row: ProgramRow, code: bytes | None) -> Program | None:
    """The program in a row and its code fingerprint; None for a source that did not pass L1."""
    if row.title is None or row.oracle is None or row.flavour is None or row.max_difficulty is None:
        return None
    return Program(
        id=row.id,
        source=row.source,
        title=row.title,
        tags=tuple(row.tags or ()),
        oracle=Oracle(row.oracle),
        max_difficulty=row.max_difficulty,
        flavour=Flavour(row.flavour),
        signature=row.signature or "",
        shingles=unpack_shingles(code),
        bucket=row.bucket,
        levels=None if row.levels is None else tuple(row.levels),
    )


def profile_column(profile: Profile) -> dict[str, Any]:
    """A profile as JSON, without its prompt shingles."""
    return {
        "answer_is_integer": profile.answer_is_integer,
        "answer_range": None if profile.answer_range is None else list(profile.answer_range),
        "integer_keys": list(profile.integer_keys),
        "guess_floors": list(profile.guess_floors),
        "answer_shapes": sorted(profile.answer_shapes),
        "prompt_template": profile.prompt_template,
    }


def profile_from(column: Mapping[str, Any] | None, prompt: bytes | None) -> Profile | None:
    """The profile in a row and its prompt fingerprint."""
    if column is None:
        return None
    bounds = column["answer_range"]
    return Profile(
        answer_is_integer=column["answer_is_integer"],
        answer_range=None if bounds is None else (bounds[0], bounds[1]),
        integer_keys=tuple(column["integer_keys"]),
        guess_floors=tuple(column["guess_floors"]),
        prompt_shingles=unpack_shingles(prompt),
        answer_shapes=frozenset(column["answer_shapes"]),
        prompt_template=column["prompt_template"],
    )


def pack_shingles(shingles: Iterable[int]) -> bytes:
    """Unsigned 64-bit integers, little-endian, sorted."""
    return _little_endian(array("Q", sorted(shingles))).tobytes()


def unpack_shingles(data: bytes | None) -> frozenset[int]:
    """The inverse of `pack_shingles`; nothing for None."""
    packed = array("Q")
    packed.frombytes(data or b"")
    return frozenset(_little_endian(packed))


def pack_vector(vector: bytes | Iterable[float]) -> bytes:
    """32-bit floats, little-endian; bytes are taken to be just that."""
    return vector if isinstance(vector, bytes) else _little_endian(array("f", vector)).tobytes()


def unpack_vector(data: bytes) -> array[float]:
    """The inverse of `pack_vector`."""
    vector = array("f")
    vector.frombytes(data)
    return _little_endian(vector)


_Numbers = TypeVar("_Numbers", "array[int]", "array[float]")


def _little_endian(values: _Numbers) -> _Numbers:
    if sys.byteorder == "big":
        values.byteswap()
    return values
