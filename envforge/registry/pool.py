"""The live pool's rows: members and groups, loaded and saved. What they mean is `envforge.pool`'s."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session

from envforge.errors import RegistryError
from envforge.registry.library import load_roots
from envforge.registry.tables import Environment, HeldOut, PoolGroup, PoolMember, StatusChange, now


@dataclass(frozen=True, slots=True)
class PoolEnvironment:
    """What the pool needs of an environment. `reason` is that of its newest status change."""

    id: str
    title: str
    tags: tuple[str, ...]
    bucket: str | None
    max_difficulty: int
    seed: bool  # it came from a seed file: depth 0 and a file as its origin
    status: str
    reason: str
    roots: frozenset[str]  # ids of the seeds it descends from (its own id for a seed)
    held_out: str | None = None  # why it is kept for evaluation, if it is


@dataclass(frozen=True, slots=True)
class PoolMemberRecord:
    """A row of `pool_members`."""

    environment: str
    state: str  # one of tables.POOL_STATES
    reason: str
    since: int
    groups: int
    live_groups: int
    memory: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PoolGroupRecord:
    """A row of `pool_groups`."""

    number: int
    environment: str
    difficulty: int
    seed: int
    size: int
    accuracy: float
    live: bool
    policy: str | None


@dataclass(frozen=True, slots=True)
class PoolMark:
    """How far the saved pool is: its last group, and when a member was last saved."""

    groups: int
    saved: datetime | None


@dataclass(frozen=True, slots=True)
class PoolRecord:
    """The saved pool: everything that is admitted or was ever a member, the members, and the newest groups."""

    environments: tuple[PoolEnvironment, ...]  # by id
    members: tuple[PoolMemberRecord, ...]  # by environment id
    newest: tuple[PoolGroupRecord, ...]  # oldest first
    mark: PoolMark


def load_pool(session: Session, newest: int, also: Collection[str]) -> PoolRecord:
    """The saved pool, with at most `newest` of its groups, and the environments `also`, whatever their status."""
    members = [
        PoolMemberRecord(
            row.environment_id, row.state, row.reason, row.since, row.groups, row.live_groups, row.memory
        )
        for row in session.scalars(select(PoolMember).order_by(PoolMember.environment_id))
    ]
    groups = session.scalars(select(PoolGroup).order_by(PoolGroup.number.desc()).limit(newest)).all()
    return PoolRecord(
        environments=_environments(session, also),
        members=tuple(members),
        newest=tuple(_group(row) for row in reversed(groups)),
        mark=_mark(session),
    )


def load_groups(session: Session, environment_id: str) -> list[PoolGroupRecord]:
    """The groups of one environment, oldest first."""
    rows = select(PoolGroup).where(PoolGroup.environment_id == environment_id).order_by(PoolGroup.number)
    return [_group(row) for row in session.scalars(rows)]


def _group(row: PoolGroup) -> PoolGroupRecord:
    return PoolGroupRecord(
        row.number,
        row.environment_id,
        row.difficulty,
        row.seed,
        row.size,
        row.accuracy,
        row.live,
        row.policy,
    )


def _environments(session: Session, also: Collection[str]) -> tuple[PoolEnvironment, ...]:
    concerned = or_(
        Environment.status == "admitted",
        Environment.id.in_(select(PoolMember.environment_id)),
        Environment.id.in_(list(also)),
    )
    rows = session.execute(
        select(
            Environment.id,
            Environment.title,
            Environment.tags,
            Environment.bucket,
            Environment.max_difficulty,
            Environment.status,
            Environment.origin,
            Environment.depth,
        )
        .where(concerned)
        .order_by(Environment.id)
    ).all()
    chosen = select(Environment.id).where(concerned)
    roots = load_roots(session, [row.id for row in rows], chosen)
    latest = (
        select(func.max(StatusChange.id))
        .where(
            StatusChange.environment_id.in_(chosen),
            or_(StatusChange.old.is_(None), StatusChange.old != StatusChange.new),
        )
        .group_by(StatusChange.environment_id)
    )
    changes = select(StatusChange).where(StatusChange.id.in_(latest))
    reasons = {change.environment_id: change.reason for change in session.scalars(changes)}
    held = select(HeldOut.environment_id, HeldOut.reason).where(HeldOut.environment_id.in_(chosen))
    held_out = {row.environment_id: row.reason for row in session.execute(held)}
    return tuple(
        PoolEnvironment(
            id=row.id,
            title=row.title,
            tags=tuple(row.tags or ()),
            bucket=row.bucket,
            max_difficulty=row.max_difficulty,
            seed=row.depth == 0 and row.origin.endswith(".py"),
            status=row.status,
            reason=reasons.get(row.id, ""),
            roots=roots[row.id],
            held_out=held_out.get(row.id),
        )
        for row in rows
        if row.title is not None and row.max_difficulty is not None
    )


def save_pool(
    session: Session,
    members: Sequence[PoolMemberRecord],
    groups: Sequence[PoolGroupRecord],
    mark: PoolMark,
    rewound: tuple[int, Collection[str]] | None,
) -> PoolMark:
    """Write members and groups of a pool that was last saved or loaded at `mark`; returns the new mark.

    `rewound` is (group, ids) for a pool that was taken back to that group, when those were its members: what was
    saved after it goes first. Raises RegistryError when another process has saved the pool since `mark`.
    """
    found = _mark(session)
    if found != mark:
        raise RegistryError(
            f"another process has used this registry's pool since it was opened here (it is at group "
            f"{found.groups:,}, and was at {mark.groups:,}): let one process draw from it at a time, and start this "
            "one again"
        )
    if rewound is not None:
        group, ids = rewound
        session.execute(delete(PoolGroup).where(PoolGroup.number > group))
        for id in set(session.scalars(select(PoolMember.environment_id))) - set(ids):
            session.execute(delete(PoolMember).where(PoolMember.environment_id == id))
    moment = now()
    for member in members:
        session.merge(
            PoolMember(
                environment_id=member.environment,
                state=member.state,
                reason=member.reason,
                since=member.since,
                groups=member.groups,
                live_groups=member.live_groups,
                memory=member.memory,
                updated_at=moment,
            )
        )
    session.add_all(
        PoolGroup(
            number=group.number,
            environment_id=group.environment,
            difficulty=group.difficulty,
            seed=group.seed,
            size=group.size,
            accuracy=group.accuracy,
            live=group.live,
            policy=group.policy,
            created_at=moment,
        )
        for group in groups
    )
    session.flush()
    return _mark(session)


def _mark(session: Session) -> PoolMark:
    groups = session.scalar(select(func.max(PoolGroup.number))) or 0
    return PoolMark(groups, session.scalar(select(func.max(PoolMember.updated_at))))
