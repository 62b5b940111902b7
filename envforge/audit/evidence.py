"""What a registry knows against an environment: its source, its rates, its neighbours, its ancestors."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from envforge.analysis.guessing import guess_floors
from envforge.audit.desk import Desk
from envforge.audit.finding import Finding
from envforge.audit.probe import Probe
from envforge.audit.subject import Subject, also, told
from envforge.calibration.statistics import wilson_interval
from envforge.config import AuditConfig, NoveltyConfig
from envforge.contract import LibraryEntry, content_id
from envforge.novelty import NoveltyGate
from envforge.registry import PoolGroupRecord, PoolMemberRecord, Registry
from envforge.sandbox import Failure
from envforge.verdict import Calibration, Stage, Verdict

FLOOR_CONFIDENCE = 0.99  # of the two intervals that must not overlap, for a floor to be called raised
FLOORED = 48  # fresh instances of each level on which a floor is measured
DRIFT_CONFIDENCE = 0.95  # the same for rates
NEWEST = 32  # groups of a level whose mean is held against the calibration
MIN_SAMPLE = 8  # instances behind a recorded floor where no verdict tells: the smaller sample's half
STATES = ("parked", "retired")  # of the pool, in which it has given an environment up
KINDS = {
    "saturated": "saturated",
    "zero": "dead",
    "flat": "flat",
}  # of the pool's parking, and what they mean


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a registry holds of one environment, as far as an audit looks at it."""

    id: str
    source: str
    status: str
    floors: tuple[float, ...]  # guess floor by level; empty where it never passed L4
    sample: int  # instances of a level behind each floor
    calibration: Calibration | None  # the newest
    member: PoolMemberRecord | None
    groups: tuple[PoolGroupRecord, ...]  # of the pool, oldest first


@dataclass(frozen=True, slots=True)
class Library:
    """What the audit needs of a registry, read once: nothing that happens meanwhile makes two findings disagree."""

    environments: Mapping[str, Recorded]
    accepted: Mapping[str, LibraryEntry]  # by id, in the order of their acceptance
    parents: Mapping[str, tuple[str, ...]]
    statuses: Mapping[str, str]


def read_library(registry: Registry, ids: Collection[str]) -> Library:
    """What `registry` holds: of the environments `ids` everything, of the others what they are compared by."""
    pool = {member.environment: member for member in registry.pool().members}
    _, edges = registry.lineage_edges(accepted_only=False)
    parents: dict[str, tuple[str, ...]] = {}
    for edge in edges:
        parents[edge.child] = (*parents.get(edge.child, ()), edge.parent)
    return Library(
        {id: _recorded(registry, id, pool.get(id)) for id in ids},
        {entry.program.id: entry for entry in registry.library(("validated", "admitted"))},
        parents,
        registry.statuses(),
    )


def _recorded(registry: Registry, id: str, member: PoolMemberRecord | None) -> Recorded:
    record = registry.environment(id)
    calibrations = registry.calibrations(id)
    return Recorded(
        id=id,
        source=record.source,
        status=record.status,
        floors=record.profile.guess_floors if record.profile is not None else (),
        sample=floor_sample([found.verdict for found in registry.verdicts(id)]),
        calibration=calibrations[-1].calibration if calibrations else None,
        member=member,
        groups=tuple(registry.groups(id)) if member is not None else (),
    )


def floor_sample(verdicts: Iterable[Verdict]) -> int:
    """How many instances of a level the guess floors of an examination rest on: half of those that L2 drew."""
    found = MIN_SAMPLE
    levels = 0
    for verdict in verdicts:
        if verdict.stage is Stage.L4 and verdict.passed:
            levels = len(verdict.evidence.get("guess_floor", ()))
    for verdict in verdicts:
        if verdict.stage is Stage.L2 and verdict.passed and levels:
            found = max(1, verdict.evidence.get("instances", 0) // levels // 2)
    return found


# Guess floors


def floors_probe(recorded: Recorded) -> Probe:
    """The probe that measures the guess floors again."""
    return Probe("guess floors", ("floor-raised",), lambda desk: _measured(desk, recorded), foreign=False)


def _measured(desk: Desk, recorded: Recorded) -> Iterator[Finding]:
    keys = desk.keys(FLOORED, "audit floors")
    desk.hurry()
    made = desk.evaluator.instances(desk.target.program, keys)
    levels = [
        [one for one in made[start : start + FLOORED] if not isinstance(one, Failure)]
        for start in range(0, len(made), FLOORED)
    ]
    desk.hurry()
    floors = guess_floors(desk.target.program, desk.evaluator, levels)
    yield from raised_floor(desk, recorded, floors)


def raised_floor(desk: Desk, recorded: Recorded, floors: Sequence[float | None]) -> Iterator[Finding]:
    """A finding when a level, or all together, has a higher floor than was recorded; `floors` rest on FLOORED
    instances each.

    The two Wilson intervals, of the floor that was recorded and of the fresh one, must not overlap. Each is of 99 %,
    so of ten levels of an environment that is all right hardly one is accused. The recorded floor was chosen and
    measured on the same instances, which makes it look higher; the fresh one was not, so chance speaks for the
    environment.
    """
    measured = [
        (level, before, after)
        for level, (before, after) in enumerate(zip(recorded.floors, floors))
        if after is not None
    ]
    if not measured or len(floors) != len(recorded.floors):
        return
    count = len(measured)
    means = sum(before for _, before, _ in measured) / count, sum(after for _, _, after in measured) / count
    judged: list[tuple[int | None, float, float]] = [*measured, (None, *means)]
    raised = []
    for level, before, after in judged:
        times = count if level is None else 1
        high = wilson_interval(before * recorded.sample * times, recorded.sample * times, FLOOR_CONFIDENCE)[1]
        low = wilson_interval(after * FLOORED * times, FLOORED * times, FLOOR_CONFIDENCE)[0]
        if low > high:
            raised.append((level, before, after))
    if raised:
        level, before, after = max(raised, key=lambda one: one[2] - one[1])
        where = "over all levels" if level is None else f"at level {level}"
        yield desk.finding(
            "floor-raised",
            f"guessing earns {after:.2f} {where}, and {before:.2f} was recorded",
            difficulty=level,
            before=round(before, 4),
            after=round(after, 4),
            instances=FLOORED,
            tried=count + 1,
            found=len(raised),
        )


# The source


def changed_source(subject: Subject, config: AuditConfig, recorded: Recorded) -> Iterator[Finding]:
    """A finding when the source no longer hashes to the id under which it is held."""
    now = content_id(recorded.source)
    if now != recorded.id:
        summary = f"the source hashes to {now}, and not to its id"
        yield told(subject, config, "source-changed", summary, expected=recorded.id, now=now)


# Rates


def drifted_rate(subject: Subject, config: AuditConfig, recorded: Recorded) -> Iterator[Finding]:
    """A finding when the environment has nothing to teach, or another rate than its calibration says.

    Told are, in this order: that the pool has parked or retired it for its groups (all right up to the top level, all
    wrong down to level 0, or all equal); that the newest calibration found it solved always or never; and a level at
    which the newest groups disagree with that calibration.

    For the last, the mean accuracy of the newest groups of a level is held against the calibration of that level:
    their Wilson intervals, both of 95 %, must not overlap (which happens by chance less than once in a hundred
    levels). A group counts as one observation, however many responses it has: they all answer one question. That a
    policy in training does better than the one that calibrated is no surprise; the finding says that the recorded
    rate is out of date.
    """
    found = _given_up(recorded) or _calibrated_out(recorded) or _apart(recorded)
    if found is not None:
        summary, evidence = found
        yield told(subject, config, "rate-drifted", summary, **evidence)


_Told = tuple[str, dict[str, Any]]


def _given_up(recorded: Recorded) -> _Told | None:
    member = recorded.member
    if member is None or member.state not in STATES:
        return None
    kind = member.reason.partition(":")[0].removeprefix("at ")
    if kind not in KINDS:
        return None  # retired elsewhere, held out
    summary = f"the pool has {member.state} it as {KINDS[kind]}: {member.reason}"
    return summary, {
        "kind": KINDS[kind],
        "state": member.state,
        "groups": member.groups,
        "live_groups": member.live_groups,
    }


def _calibrated_out(recorded: Recorded) -> _Told | None:
    found = recorded.calibration
    if found is None or found.passed or recorded.status != "admitted":
        return None
    return f"its newest calibration did not pass: {found.reason}", {
        "kind": "calibration",
        "policy": found.policy,
        "rate": round(found.rate, 4),
    }


def _apart(recorded: Recorded) -> _Told | None:
    calibration = recorded.calibration
    if calibration is None:
        return None
    drifts = []
    for level in calibration.levels:
        groups = [group for group in recorded.groups if group.difficulty == level.difficulty][-NEWEST:]
        scores = [response["score"] for response in level.responses if response["score"] is not None]
        if not groups or not scores:
            continue
        now = sum(group.accuracy for group in groups)
        ours = wilson_interval(now, len(groups), DRIFT_CONFIDENCE)
        theirs = wilson_interval(sum(scores), len(scores), DRIFT_CONFIDENCE)
        if ours[0] > theirs[1] or ours[1] < theirs[0]:
            drifts.append((abs(now / len(groups) - level.rate), level, groups, ours, theirs))
    if not drifts:
        return None
    _, level, groups, ours, theirs = max(drifts, key=lambda one: one[0])
    now = sum(group.accuracy for group in groups) / len(groups)
    return (
        f"its newest groups at level {level.difficulty} solve {now:.2f}, and the calibration {level.rate:.2f}",
        {
            "kind": "drifted",
            "difficulty": level.difficulty,
            "rate": round(now, 4),
            "interval": [round(bound, 4) for bound in ours],
            "groups": len(groups),
            "calibrated": round(level.rate, 4),
            "calibrated_interval": [round(bound, 4) for bound in theirs],
            "policy": calibration.policy,
            "trained": groups[-1].policy,
        },
    )


# Neighbours


class Known(NamedTuple):
    """A program by which others are compared: whose it is, and how the command line names it."""

    subject: Subject | None  # None: an environment of the registry that is not audited
    entry: LibraryEntry


def near_duplicate(
    subject: Subject,
    config: AuditConfig,
    entry: LibraryEntry,
    others: Sequence[Known],
    novelty: NoveltyConfig,
) -> Iterator[Finding]:
    """A finding when another program is as near as the novelty gate refuses: the same program but for names,
    constants and wording, the same code, or too alike in code and prompt together (`novelty`)."""
    twin = next((other for other in others if other.entry.program.id == entry.program.id), None)
    if twin is not None and twin.subject is not None:
        yield told(
            subject, config, "near-duplicate", f"is the same source as {twin.subject.name}", (twin.subject,),
            neighbour=twin.subject.name, similarity=1.0,
        )  # fmt: skip
        return
    verdict = NoveltyGate(novelty).judge(entry.program, entry.profile, (other.entry for other in others))
    if verdict.passed:
        return
    near = verdict.evidence["neighbour"]
    owner = next(other.subject for other in others if other.entry.program.id == near)
    named = (owner,) if owner is not None else ()
    evidence = verdict.evidence if owner is None else {**verdict.evidence, "neighbour": owner.name}
    yield told(subject, config, "near-duplicate", verdict.reason, named, **evidence)


# Ancestors


def defective_ancestor(
    subject: Subject,
    config: AuditConfig,
    library: Library,
    errors: Mapping[str, tuple[Subject, tuple[str, ...]]],
) -> Iterator[Finding]:
    """A finding when an ancestor is quarantined or has an error in this audit (`errors`: by id who, and codes)."""
    seen: dict[str, None] = {}
    pending = [*library.parents.get(subject.id, ())]
    while pending:
        ancestor = pending.pop(0)
        if ancestor not in seen:
            seen[ancestor] = None
            pending += library.parents.get(ancestor, ())
    bad = [id for id in seen if id in errors]
    away = [id for id in seen if library.statuses.get(id) == "quarantined"]
    if not bad and not away:
        return
    first = (bad or away)[0]
    codes = errors[first][1] if bad else ()
    why = f"has an error ({', '.join(codes)})" if bad else "is quarantined"
    more = f", and {len({*bad, *away}) - 1} more" if len({*bad, *away}) > 1 else ""
    others = (errors[first][0],) if bad else ()
    found = told(
        subject, config, "defective-ancestor", f"descends from {first}, which {why}{more}", others,
        ancestors=list(dict.fromkeys([*bad, *away])), codes=list(codes),
    )  # fmt: skip
    yield also(found, *(word for code in codes for word in ("--only", code)))
