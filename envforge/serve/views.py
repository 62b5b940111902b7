"""What each page says: one function for each, from the registry to what its template is given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import networkx as nx

from envforge.charts import Bar, bars, lines
from envforge.config import PoolConfig
from envforge.lineage import family_graph
from envforge.pool import Member, Pool
from envforge.registry import (
    STATUSES,
    CalibrationRecord,
    EnvironmentSummary,
    PoolGroupRecord,
    Registry,
    RunRecord,
)
from envforge.registry.tables import KINDS, POOL_STATES
from envforge.report import gather
from envforge.report.curves import sections
from envforge.report.findings import environments as trained_on
from envforge.report.findings import notes
from envforge.serve.drawing import curve, family, listing

PAGE = 50  # rows of a table at once
NEWEST = 8  # environments and runs on the overview
PROPOSALS = 200  # of a run that are listed, the newest
DRAWN = 400  # environments that one drawing holds
CURVE = 40  # groups of a small curve
TAGS = 24  # that the overview names

Context = dict[str, Any]


class Missing(Exception):
    """The registry holds nothing under that address. The message is a sentence."""


def overview(registry: Registry, config: PoolConfig) -> Context:
    """Headline figures, the newest environments, the newest runs."""
    counts = registry.statistics()
    rejected = counts["proposals"]["stage"]
    newest = registry.environments(limit=NEWEST)
    return {
        "counts": counts,
        "total": sum(counts["environments"]["status"].values()),
        "pool": Counter(member.state for member in Pool(registry, config).members),
        "held": len(registry.held_out()),
        "tags": list(counts["environments"]["tag"].items())[:TAGS],
        "stages": _bars(rejected, "Rejected proposals, by the gate that refused them") if rejected else "",
        "rows": _rows(registry, newest),
        "runs": registry.runs()[: -NEWEST - 1 : -1],
    }


@dataclass(frozen=True, slots=True)
class Query:
    """Which environments are asked for; empty texts ask for all. `page` counts from 1."""

    status: str = ""
    kind: str = ""
    tag: str = ""
    search: str = ""
    page: int = 1

    @classmethod
    def of(cls, parameters: Mapping[str, str]) -> Query:
        """From an address; what makes no sense is passed over."""
        status, kind = parameters.get("status", ""), parameters.get("kind", "")
        number = parameters.get("page", "1")
        return cls(
            status if status in STATUSES else "",
            kind if kind in KINDS else "",
            parameters.get("tag", ""),
            parameters.get("search", "").strip(),
            max(1, int(number)) if number.isascii() and number.isdigit() and len(number) < 9 else 1,
        )

    def fits(self, row: EnvironmentSummary) -> bool:
        """Whether an environment has the kind and all the words that are searched for."""
        said = f"{row.id} {row.title or ''} {' '.join(row.tags or ())} {row.origin}".casefold()
        return self.kind in ("", row.kind) and all(word in said for word in self.search.casefold().split())


def environments(registry: Registry, query: Query) -> Context:
    """A page of the environments that fit, newest first."""
    known = registry.environments()
    tags = Counter(tag for row in known for tag in row.tags or ())
    found = [
        row
        for row in known
        if query.status in ("", row.status)
        and (not query.tag or query.tag in (row.tags or ()))
        and query.fits(row)
    ]
    pages = max(1, -(-len(found) // PAGE))
    at = min(query.page, pages)
    return {
        "query": query,
        "statuses": Counter(row.status for row in known),
        "kinds": Counter(row.kind for row in known),
        "tags": sorted(tags.items()),
        "found": len(found),
        "total": len(known),
        "rows": _rows(registry, found[(at - 1) * PAGE : at * PAGE]),
        "page": at,
        "pages": pages,
    }


def environment(registry: Registry, id: str) -> Context:
    """Everything that is known of one environment. Raises Missing."""
    if registry.status(id) is None:
        raise Missing(f"The registry holds no environment {id}.")
    record = registry.environment(id)
    known = {row.id: row for row in registry.environments()}
    calibrations = registry.calibrations(id)
    groups = registry.groups(id)
    member = next((one for one in registry.pool().members if one.environment == id), None)
    return {
        "record": record,
        "summary": record.summary,
        "listing": listing(record.source),
        "verdicts": registry.verdicts(id),
        "reviews": registry.reviews(id),
        "calibrations": calibrations[::-1],
        "solved": _solved(calibrations[-1]) if calibrations else "",
        "history": registry.history(id),
        "held": registry.held_out().get(id),
        "parents": [known[one] for one in dict.fromkeys(record.parents) if one in known],
        "children": [known[one] for one in record.children if one in known],
        "member": member,
        "trained": _trained(groups),
    }


def lineage(registry: Registry, of: str) -> Context:
    """The drawing of the accepted environments: all, or the ancestors and descendants of one. Raises Missing."""
    graph = family_graph(*registry.lineage_edges(accepted_only=not of))
    if of:
        if of not in graph:
            raise Missing(f"The registry holds no environment {of}.")
        graph = graph.subgraph({of, *nx.ancestors(graph, of), *nx.descendants(graph, of)}).copy()
    title = graph.nodes[of]["title"] if of else ""
    drawn = family(graph) if len(graph) <= DRAWN else ""
    return {"of": of, "title": title, "count": len(graph), "most": DRAWN, "drawing": drawn}


def pool(registry: Registry, config: PoolConfig, state: str) -> Context:
    """The members of the live pool: those likeliest to be drawn first, then those that were let go."""
    found = Pool(registry, config)
    chances = found.chances()
    members = sorted(
        found.members, key=lambda one: (POOL_STATES.index(one.state), -chances.get(one.id, 0.0), one.id)
    )
    return {
        "pool": found,
        "controller": config.controller,
        "states": Counter(member.state for member in members),
        "state": state if state in POOL_STATES else "",
        "members": [
            _place(found, member, chances)
            for member in members
            if state not in POOL_STATES or member.state == state
        ],
    }


def runs(registry: Registry) -> Context:
    """All runs, newest first."""
    return {"runs": registry.runs()[::-1]}


def run(registry: Registry, number: int) -> Context:
    """One run: a training run's curves, or what became of a growth run's proposals. Raises Missing."""
    record = next((one for one in registry.runs() if one.id == number), None)
    if record is None:
        raise Missing(f"The registry holds no run {number}.")
    return {
        "run": record,
        **(_training(registry, number) if record.kind == "train" else {}),
        **_grown(registry, record),
    }


def _training(registry: Registry, number: int) -> Context:
    report = gather(registry, number)
    return {
        "notes": notes(report),
        "sections": sections(report),
        "trained": trained_on(report),
        "steps": len(report.own.steps),
    }


def _grown(registry: Registry, record: RunRecord) -> Context:
    proposals = registry.proposals(record.id)
    last = {one.index: one for one in proposals}
    outcomes = Counter(one.outcome for one in last.values())
    stages = Counter(one.stage for one in last.values() if one.stage and one.outcome == "rejected")
    return {
        "outcomes": outcomes,
        "stages": _bars(stages, "Rejected proposals, by the gate that refused them") if stages else "",
        "proposals": proposals[: -PROPOSALS - 1 : -1],
        "all_proposals": len(proposals),
    }


# The parts of pages


def _rows(
    registry: Registry, found: list[EnvironmentSummary]
) -> list[tuple[EnvironmentSummary, float | None]]:
    """Environments with the solve rate of their newest calibration."""
    rows = []
    for row in found:
        calibrations = registry.calibrations(row.id)
        rows.append((row, calibrations[-1].calibration.rate if calibrations else None))
    return rows


def _bars(counts: Mapping[str, int], title: str) -> str:
    most = max(counts.values())
    rows = [
        Bar(name, float(number))
        for name, number in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return bars(rows, title=title, high=float(max(most, 4)), inline=True)


def _solved(given: CalibrationRecord) -> str:
    """The newest calibration, level by level, against the guess floor."""
    levels = given.calibration.levels
    if not levels:
        return ""
    series = {
        "solved": [(float(level.difficulty), level.rate) for level in levels],
        "guess floor": [(float(level.difficulty), level.guess_floor) for level in levels],
    }
    title = f"Solve rate by {given.calibration.policy}"
    return lines(series, title=title, x="level", low=0.0, high=1.0, smooth=False, inline=True)


def _trained(groups: list[PoolGroupRecord]) -> list[str]:
    """The pool's groups of one environment: how they went, and at which level."""
    if len(groups) < 2:
        return []
    accuracy = [(float(group.number), group.accuracy) for group in groups]
    level = [(float(group.number), float(group.difficulty)) for group in groups]
    return [
        lines(
            {"accuracy": accuracy}, title="Accuracy in training", x="group", low=0.0, high=1.0, inline=True
        ),
        lines({"level": level}, title="Level in training", x="group", low=0.0, smooth=False, inline=True),
    ]


def _place(found: Pool, member: Member, chances: Mapping[str, float]) -> Context:
    low, high = found.position(member)
    return {
        "member": member,
        "levels": f"{low}" if low == high else f"{low} to {high}",
        "live": member.live_groups / member.groups if member.groups else None,
        "chance": chances.get(member.id),
        "curve": curve([float(accuracy) for _, accuracy, _ in member.recent[-CURVE:]]),
    }
