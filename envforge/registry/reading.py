"""What a registry can be asked. Every method sees one state of the database."""

from __future__ import annotations

import dataclasses
import re
from array import array
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import ColumnElement, Engine, Text, cast, func, or_, select, true
from sqlalchemy.orm import Session

from envforge.contract import LibraryEntry
from envforge.errors import RegistryError
from envforge.registry.engine import Place, translated
from envforge.registry.library import load_entries
from envforge.registry.pool import PoolGroupRecord, PoolRecord, load_groups, load_pool
from envforge.registry.records import (
    CalibrationRecord,
    EnvironmentRecord,
    EnvironmentSummary,
    LineageEdge,
    LineageNode,
    ProposalRecord,
    ReviewRecord,
    RunRecord,
    StatusRecord,
    VerdictRecord,
    calibration_from,
    profile_from,
    program_from,
    unpack_vector,
)
from envforge.registry.tables import (
    ACCEPTED,
    CalibrationRow,
    Embedding,
    Environment,
    Fingerprint,
    Lineage,
    ProposalRow,
    ReviewRow,
    Run,
    StatusChange,
    VerdictRow,
)
from envforge.registry.training import (
    EvaluationRecord,
    StepRecord,
    load_evaluations,
    load_held_out,
    load_steps,
)
from envforge.verdict import Review, Stage, Verdict

MIN_PREFIX = 4  # digits that an abbreviated environment id must have


class Reader:
    """The reading half of `envforge.registry.Registry`."""

    def __init__(self, place: Place, engine: Engine) -> None:
        self._place = place
        self._engine = engine

    @property
    def name(self) -> str:
        """The path or URL, without a password."""
        return self._place.name

    @contextmanager
    def _reading(self) -> Iterator[Session]:
        with translated(self._place), Session(self._engine) as session:
            yield session

    def run(self, run_id: int) -> RunRecord:
        """The run with this id."""
        run = self._one_run(Run.id == run_id)
        if run is None:
            raise RegistryError(f"{self.name} holds no run {run_id}")
        return run

    def runs(self) -> list[RunRecord]:
        """All runs, oldest first."""
        with self._reading() as session:
            return [_run_record(run) for run in session.scalars(select(Run).order_by(Run.id))]

    def latest_unfinished_run(self, kind: str = "grow") -> RunRecord | None:
        """The newest run of `kind` that did not finish: interrupted, failed, or left "running" by a killed
        process."""
        return self._one_run(Run.state != "finished", Run.kind == kind)

    def proposals(self, run_id: int) -> list[ProposalRecord]:
        """What became of the run's proposals and their repairs, by index and round."""
        with self._reading() as session:
            rows = session.execute(
                select(
                    ProposalRow.index,
                    ProposalRow.round,
                    ProposalRow.outcome,
                    ProposalRow.stage,
                    ProposalRow.operation,
                    ProposalRow.environment_id,
                    ProposalRow.proposer,
                    ProposalRow.reason,
                    ProposalRow.usage,
                    ProposalRow.created_at,
                )
                .where(ProposalRow.run_id == run_id)
                .order_by(ProposalRow.index, ProposalRow.round)
            )
            return [ProposalRecord(*row) for row in rows]

    def knows(self, environment_id: str, run_id: int, before: int) -> bool:
        """Whether the source with this id is held, and not only since proposal `before` of the run or later."""
        with self._reading() as session:
            row = session.execute(
                select(Environment.created_run_id).where(Environment.id == environment_id)
            ).one_or_none()
            if row is None or row.created_run_id != run_id:
                return row is not None
            first = select(func.min(ProposalRow.index)).where(
                ProposalRow.run_id == run_id, ProposalRow.environment_id == environment_id
            )
            return (session.scalar(first) or 0) < before

    def transcripts(self, run_id: int) -> list[tuple[int, dict[str, Any]]]:
        """(index, transcript) of the run's proposals and repairs that have one: what was asked of a policy, and its
        reply."""
        with self._reading() as session:
            rows = session.execute(
                select(ProposalRow.index, ProposalRow.transcript)
                .where(ProposalRow.run_id == run_id, ProposalRow.transcript.is_not(None))
                .order_by(ProposalRow.index, ProposalRow.round)
            )
            return [(index, transcript) for index, transcript in rows if transcript is not None]

    def library(
        self,
        statuses: Iterable[str] = ("admitted",),
        upto: int | None = None,
        kind: str | None = None,
    ) -> list[LibraryEntry]:
        """The entries with one of `statuses`, by sequence, and of those up to sequence `upto` and of `kind`."""
        conditions: list[ColumnElement[bool]] = [Environment.status.in_(list(statuses))]
        if upto is not None:
            conditions.append(Environment.sequence <= upto)
        if kind is not None:
            conditions.append(Environment.kind == kind)
        with self._reading() as session:
            return [entry for _, entry in load_entries(session, *conditions)]

    def entries(self, after: int) -> list[tuple[int, LibraryEntry]]:
        """(sequence, entry) of what is validated or admitted with a sequence above `after`, by sequence."""
        with self._reading() as session:
            return load_entries(session, Environment.status.in_(ACCEPTED), Environment.sequence > after)

    def embeddings(self, model: str, after: int = 0) -> dict[str, dict[str, array[float]]]:
        """For each accepted environment with a sequence above `after`: part of the program to its vector, 32-bit
        floats, as `model` gave it."""
        found: dict[str, dict[str, array[float]]] = {}
        with self._reading() as session:
            for id, part, vector in session.execute(
                select(Embedding.environment_id, Embedding.part, Embedding.vector)
                .join(Environment, Environment.id == Embedding.environment_id)
                .where(
                    Embedding.model == model, Environment.status.in_(ACCEPTED), Environment.sequence > after
                )
                .order_by(Environment.sequence, Embedding.part)
            ):
                found.setdefault(id, {})[part] = unpack_vector(vector)
        return found

    def environment(self, id_or_prefix: str) -> EnvironmentRecord:
        """The environment with this id, or the only one whose id begins so (at least 4 digits)."""
        with self._reading() as session:
            row = session.get_one(Environment, self._resolve(session, id_or_prefix))
            prints = {
                found.part: found.data
                for found in session.scalars(select(Fingerprint).where(Fingerprint.environment_id == row.id))
            }
            parents = session.scalars(
                select(Lineage.parent_id).where(Lineage.child_id == row.id).order_by(Lineage.position)
            )
            children = session.scalars(
                select(Lineage.child_id)
                .join(Environment, Environment.id == Lineage.child_id)
                .where(Lineage.parent_id == row.id)
                .group_by(Lineage.child_id, Environment.created_at)
                .order_by(Environment.created_at, Lineage.child_id)
            )
            return EnvironmentRecord(
                summary=_summary(row),
                source=row.source,
                program=program_from(row, prints.get("code")),
                profile=profile_from(row.profile, prints.get("prompt")),
                isolation=row.isolation,
                parents=tuple(parents),
                children=tuple(children),
            )

    def status(self, environment_id: str) -> str | None:
        """The status of one environment, or None if the registry does not hold it."""
        with self._reading() as session:
            return session.scalar(select(Environment.status).where(Environment.id == environment_id))

    def statuses(self) -> dict[str, str]:
        """The status of every environment that was ever accepted, by id."""
        with self._reading() as session:
            rows = session.execute(
                select(Environment.id, Environment.status).where(Environment.sequence.is_not(None))
            )
            return {row.id: row.status for row in rows}

    def environments(
        self,
        status: str | None = None,
        tag: str | None = None,
        oracle: str | None = None,
        run: int | None = None,
        limit: int | None = None,
    ) -> list[EnvironmentSummary]:
        """The environments that meet all conditions given, newest first, at most `limit`."""
        conditions: list[ColumnElement[bool]] = []
        if status is not None:
            conditions.append(Environment.status == status)
        if tag is not None:
            conditions.append(cast(Environment.tags, Text).contains(f'"{tag}"', autoescape=True))
        if oracle is not None:
            conditions.append(Environment.oracle == oracle)
        if run is not None:
            conditions.append(Environment.created_run_id == run)
        with self._reading() as session:
            rows = session.execute(
                select(*_SUMMARY)
                .where(*conditions)
                .order_by(Environment.created_at.desc(), Environment.sequence.desc(), Environment.id)
                .limit(limit)
            )
            return [_summary(row) for row in rows]

    def verdicts(self, environment_id: str) -> list[VerdictRecord]:
        """All verdicts on the environment (id or prefix), in the order in which they were given."""
        with self._reading() as session:
            id = self._resolve(session, environment_id)
            rows = session.scalars(
                select(VerdictRow).where(VerdictRow.environment_id == id).order_by(VerdictRow.id)
            )
            return [
                VerdictRecord(
                    Verdict(
                        Stage(row.stage), row.passed, row.reason, row.evidence, row.seconds, row.isolation
                    ),
                    row.run_id,
                    row.policy,
                    row.created_at,
                )
                for row in rows
            ]

    def reviews(self, environment_id: str) -> list[ReviewRecord]:
        """The reviews of the environment (id or prefix), oldest first."""
        with self._reading() as session:
            id = self._resolve(session, environment_id)
            rows = session.scalars(
                select(ReviewRow).where(ReviewRow.environment_id == id).order_by(ReviewRow.id)
            )
            fields = [f.name for f in dataclasses.fields(Review)]
            return [
                ReviewRecord(
                    Review(**{name: getattr(row, name) for name in fields}),
                    row.policy,
                    row.run_id,
                    row.created_at,
                )
                for row in rows
            ]

    def calibrations(self, environment_id: str) -> list[CalibrationRecord]:
        """The calibrations of the environment (id or prefix), oldest first."""
        with self._reading() as session:
            id = self._resolve(session, environment_id)
            rows = session.scalars(
                select(CalibrationRow).where(CalibrationRow.environment_id == id).order_by(CalibrationRow.id)
            )
            return [
                CalibrationRecord(calibration_from(vars(row)), row.run_id, row.created_at) for row in rows
            ]

    def calibrated(self, policy: str) -> set[str]:
        """The ids of the environments that have a calibration by this policy version."""
        with self._reading() as session:
            ids = select(CalibrationRow.environment_id).where(CalibrationRow.policy == policy).distinct()
            return set(session.scalars(ids))

    def history(self, environment_id: str) -> list[StatusRecord]:
        """The status changes of the environment (id or prefix), oldest first."""
        with self._reading() as session:
            id = self._resolve(session, environment_id)
            rows = session.scalars(
                select(StatusChange).where(StatusChange.environment_id == id).order_by(StatusChange.id)
            )
            return [StatusRecord(row.old, row.new, row.reason, row.run_id, row.created_at) for row in rows]

    def lineage_edges(self, accepted_only: bool = True) -> tuple[list[LineageNode], list[LineageEdge]]:
        """The family graph: members in the order of their acceptance, and edges in the order of the parents' roles.

        `accepted_only` leaves out what was never validated or admitted; retired and quarantined members stay. A
        repaired member then hangs on the parents of the candidate that was repaired.
        """
        condition = Environment.sequence.is_not(None) if accepted_only else true()
        with self._reading() as session:
            nodes = session.execute(
                select(
                    Environment.id,
                    Environment.title,
                    Environment.status,
                    Environment.depth,
                    Environment.origin,
                )
                .where(condition)
                .order_by(Environment.sequence.is_(None), Environment.sequence, Environment.created_at)
            )
            edges = session.execute(
                select(Lineage.child_id, Lineage.parent_id, Lineage.position).order_by(
                    Lineage.child_id, Lineage.position
                )
            )
            return _family([LineageNode(*row) for row in nodes], [LineageEdge(*row) for row in edges])

    def statistics(self) -> dict[str, Any]:
        """Counts, as a JSON object:

        `environments`: their number by `status`; of the accepted ones by `tag`, `oracle` and `depth`.
        `proposals`: `total`, by `outcome`, the rejected ones by `stage`, and by `proposer` and outcome.
        `runs`: `total` and by `state`.
        """
        with self._reading() as session:

            def count(column: Any, *conditions: ColumnElement[bool]) -> dict[str, int]:
                rows = session.execute(
                    select(column, func.count()).where(*conditions).group_by(column).order_by(column)
                )
                return {str(value): number for value, number in rows}

            accepted = Environment.status.in_(ACCEPTED)
            tags = Counter(
                tag for row in session.scalars(select(Environment.tags).where(accepted)) for tag in row or ()
            )
            proposers: dict[str, dict[str, int]] = {}
            for proposer, outcome, number in session.execute(
                select(ProposalRow.proposer, ProposalRow.outcome, func.count())
                .group_by(ProposalRow.proposer, ProposalRow.outcome)
                .order_by(ProposalRow.proposer, ProposalRow.outcome)
            ):
                proposers.setdefault(proposer, {})[outcome] = number
            outcomes, states = count(ProposalRow.outcome), count(Run.state)
            return {
                "environments": {
                    "status": count(Environment.status),
                    "tag": dict(sorted(tags.items(), key=lambda item: (-item[1], item[0]))),
                    "oracle": count(Environment.oracle, accepted),
                    "depth": count(Environment.depth, accepted),
                },
                "proposals": {
                    "total": sum(outcomes.values()),
                    "outcome": outcomes,
                    "stage": count(ProposalRow.stage, ProposalRow.outcome == "rejected"),
                    "proposer": proposers,
                },
                "runs": {"total": sum(states.values()), "state": states},
            }

    def pool(self, newest: int = 0, also: Collection[str] = ()) -> PoolRecord:
        """The live pool as it was saved last, with at most `newest` of its groups, and the environments with the
        ids `also`, which are not in it yet."""
        with self._reading() as session:
            return load_pool(session, newest, also)

    def groups(self, environment_id: str) -> list[PoolGroupRecord]:
        """The groups of the live pool that were trained on one environment, oldest first."""
        with self._reading() as session:
            return load_groups(session, environment_id)

    def steps(self, run_id: int) -> list[StepRecord]:
        """The steps of a run of `train`, in their order."""
        with self._reading() as session:
            return load_steps(session, run_id)

    def evaluations(self, run_id: int | None = None) -> list[EvaluationRecord]:
        """The evaluations of one run, or all that the registry holds, oldest first."""
        with self._reading() as session:
            return load_evaluations(session, run_id)

    def held_out(self) -> dict[str, str]:
        """The environments that are kept for evaluation, longest held first: id to reason."""
        with self._reading() as session:
            return load_held_out(session)

    def quarantined(self) -> dict[str, str]:
        """The environments that are quarantined, longest first: id to reason."""
        with self._reading() as session:
            rows = session.execute(
                select(StatusChange.environment_id, StatusChange.reason)
                .join(Environment, Environment.id == StatusChange.environment_id)
                .where(Environment.status == "quarantined", StatusChange.new == "quarantined")
                .where(or_(StatusChange.old.is_(None), StatusChange.old != "quarantined"))
                .order_by(StatusChange.id)
            )
            found: dict[str, str] = {}
            for id, reason in rows:
                found.pop(id, None)  # it was let out in between
                found[id] = reason
            return found

    def _one_run(self, *conditions: ColumnElement[bool]) -> RunRecord | None:
        with self._reading() as session:
            run = session.scalar(select(Run).where(*conditions).order_by(Run.id.desc()).limit(1))
            return None if run is None else _run_record(run)

    def _resolve(self, session: Session, id_or_prefix: str) -> str:
        prefix = id_or_prefix.strip().lower()
        if not re.fullmatch(rf"[0-9a-f]{{{MIN_PREFIX},16}}", prefix):
            raise RegistryError(
                f"'{id_or_prefix}' is no environment id: give at least the first {MIN_PREFIX} of its 16 hex digits"
            )
        ids = session.scalars(
            select(Environment.id)
            .where(Environment.id >= prefix, Environment.id < prefix + "g")
            .order_by(Environment.id)
            .limit(4)
        ).all()
        if not ids:
            raise RegistryError(
                f"no environment of {self.name} has an id that begins with {prefix}: "
                "'envforge registry list' shows what there is"
            )
        if len(ids) > 1:
            some = ", ".join(ids[:3]) + (" and others" if len(ids) > 3 else "")
            raise RegistryError(f"{prefix} is the beginning of several ids ({some}): give more digits")
        return ids[0]


_SUMMARY = (
    Environment.id,
    Environment.sequence,
    Environment.title,
    Environment.kind,
    Environment.status,
    Environment.tags,
    Environment.oracle,
    Environment.origin,
    Environment.depth,
    Environment.created_run_id,
    Environment.created_at,
)


def _family(
    nodes: list[LineageNode], edges: list[LineageEdge]
) -> tuple[list[LineageNode], list[LineageEdge]]:
    """`nodes`, and the edges between them; what lies between two of them and is none of them is passed over."""
    members = {node.id for node in nodes}
    above: dict[str, list[LineageEdge]] = {}
    for edge in edges:
        above.setdefault(edge.child, []).append(edge)

    def kept(child: str, seen: frozenset[str]) -> Iterator[str]:
        for edge in above.get(child, ()):
            if edge.parent in members:
                yield edge.parent
            elif edge.parent not in seen:
                yield from kept(edge.parent, seen | {edge.parent})

    found = []
    for child in sorted(members):
        direct = all(edge.parent in members for edge in above.get(child, ()))
        if direct:
            found += above.get(child, [])
        else:
            parents = dict.fromkeys(kept(child, frozenset()))
            found += [LineageEdge(child, parent, position) for position, parent in enumerate(parents)]
    return nodes, found


def _summary(row: Any) -> EnvironmentSummary:
    values = {column.key: getattr(row, column.key) for column in _SUMMARY}
    values["run"] = values.pop("created_run_id")
    values["tags"] = None if row.tags is None else tuple(row.tags)
    return EnvironmentSummary(**values)


def _run_record(run: Run) -> RunRecord:
    return RunRecord(**{f.name: getattr(run, f.name) for f in dataclasses.fields(RunRecord)})
