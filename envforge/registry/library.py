"""Loading library entries: four queries, however many there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, select
from sqlalchemy.orm import Session

from envforge.contract import LibraryEntry
from envforge.registry.records import profile_from, program_from
from envforge.registry.tables import Environment, Fingerprint, Lineage


def load_entries(session: Session, *conditions: ColumnElement[bool]) -> list[tuple[int, LibraryEntry]]:
    """(sequence, entry) of the accepted environments that meet `conditions`, by sequence."""
    condition = and_(Environment.sequence.is_not(None), *conditions)
    rows = session.execute(
        select(
            Environment.id,
            Environment.sequence,
            Environment.source,
            Environment.title,
            Environment.tags,
            Environment.oracle,
            Environment.max_difficulty,
            Environment.flavour,
            Environment.signature,
            Environment.bucket,
            Environment.levels,
            Environment.profile,
            Environment.depth,
        )
        .where(condition)
        .order_by(Environment.sequence)
    ).all()
    if not rows:
        return []
    chosen = select(Environment.id).where(condition)
    prints: dict[tuple[str, str], bytes] = {
        (id, part): data
        for id, part, data in session.execute(
            select(Fingerprint.environment_id, Fingerprint.part, Fingerprint.data).where(
                Fingerprint.environment_id.in_(chosen)
            )
        )
    }
    roots = load_roots(session, [row.id for row in rows], chosen)
    entries: list[tuple[int, LibraryEntry]] = []
    for row in rows:
        program = program_from(row, prints.get((row.id, "code")))
        profile = profile_from(row.profile, prints.get((row.id, "prompt")))
        if program is not None and profile is not None:
            entries.append((row.sequence, LibraryEntry(program, profile, row.depth, roots[row.id])))
    return entries


def load_roots(session: Session, ids: Iterable[str], chosen: Select[Any]) -> dict[str, frozenset[str]]:
    """For each of `ids`, which `chosen` selects, its ancestors that have no parents; its own id if it has none."""
    upward = (
        select(Lineage.child_id, Lineage.parent_id).where(Lineage.child_id.in_(chosen)).cte(recursive=True)
    )
    upward = upward.union(
        select(Lineage.child_id, Lineage.parent_id).join(upward, Lineage.child_id == upward.c.parent_id)
    )
    parents: defaultdict[str, set[str]] = defaultdict(set)
    for child, parent in session.execute(select(upward)):
        parents[child].add(parent)
    roots: dict[str, frozenset[str]] = {}

    def roots_of(id: str) -> frozenset[str]:
        pending = [id]
        while pending:
            current = pending[-1]
            missing = [parent for parent in parents.get(current, ()) if parent not in roots]
            if missing:
                pending += missing
                continue
            pending.pop()
            above = [roots[parent] for parent in parents.get(current, ())]
            roots[current] = frozenset().union(*above) if above else frozenset([current])
        return roots[id]

    return {id: roots_of(id) for id in ids}
