"""The auditor: targets side by side, each before every probe, then what only a comparison of them shows."""

from __future__ import annotations

import dataclasses
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from envforge.analysis.crew import side_by_side
from envforge.audit.codes import CODES
from envforge.audit.desk import Desk, OutOfTime
from envforge.audit.evidence import (
    Known,
    Library,
    changed_source,
    defective_ancestor,
    drifted_rate,
    floors_probe,
    near_duplicate,
)
from envforge.audit.finding import Audited, Finding, Severity
from envforge.audit.gates import gates_probe
from envforge.audit.journal import Journal, key_of
from envforge.audit.probe import Probe
from envforge.audit.probes import PROBES
from envforge.audit.subject import Subject, also, told
from envforge.audit.target import Target
from envforge.config import AuditConfig, NoveltyConfig, ValidationConfig
from envforge.contract import LibraryEntry, Program
from envforge.sandbox import Evaluator, Failure, Sandbox
from envforge.validation.profiling import profile_of

SLOW = "slow"
PROFILED = (
    4  # instances of each level by which programs that no registry knows are compared, as profiles are made
)
REGISTRY_CODES = ("source-changed", "rate-drifted", "near-duplicate", "defective-ancestor")
_ORDER = {name: place for place, name in enumerate(CODES)}


@dataclass(frozen=True, slots=True)
class Audit:
    """What is the same for all targets. `sandbox` runs environments; without one, all targets bring their own.

    `only` are the codes that are looked for, all where it is empty. `library` is what the registry knows, of those
    subjects that have an id in it. `probes` are tried before the gates, which run with `validation` (see gates.py);
    `novelty` says what is too near. `advance` hears of each target when its
    probes are done, from any thread.
    """

    config: AuditConfig
    sandbox: Sandbox | None = None
    only: frozenset[str] = frozenset()
    validation: ValidationConfig = field(default_factory=ValidationConfig)
    novelty: NoveltyConfig = field(default_factory=NoveltyConfig)
    library: Library | None = None
    probes: tuple[Probe, ...] = PROBES
    journal: Journal | None = None
    advance: Callable[[Audited], None] = lambda audited: None


def audit(subjects: Sequence[Subject], how: Audit) -> Iterator[Audited]:
    """What became of each subject, in their order.

    The same arguments give the same findings in the same order, however many workers there are, as long as no target
    runs out of time. Raises SandboxError when the sandbox itself fails.
    """

    def one(subject: Subject) -> Audited:
        wanted = [f"{probe.name}: {code}" for probe in _probes(subject, how) for code in _codes(probe, how)]
        key = key_of(subject, how.config, wanted)
        known = how.journal.known(key, how.config) if how.journal is not None else None
        found = known or _look(subject, how)
        if known is None and how.journal is not None:
            how.journal.write(key, found, how.config)
        how.advance(found)
        return found

    workers = how.config.workers or (how.sandbox.workers if how.sandbox else os.cpu_count() or 1)
    audits = side_by_side(one, subjects, workers)
    yield from _related(subjects, audits, how, workers)


def _look(subject: Subject, how: Audit) -> Audited:
    """One target before all probes. Does not raise OutOfTime: what was not reached is told as skipped."""
    began = time.monotonic()
    target, evaluator = subject.target, subject.evaluator
    if target is None or evaluator is None:
        assert how.sandbox is not None
        evaluator = Evaluator(how.sandbox)
        program = evaluator.inspect(subject.source)
        if not isinstance(program, Program):
            return _unreadable(subject, how, program, time.monotonic() - began)
        target = Target(subject.name, program, subject.words)
    desk = Desk(target, evaluator, how.config)
    probes = _probes(subject, how)
    findings: list[Finding] = []
    begun: list[str] = []
    skipped: dict[str, str] = {}
    for number, probe in enumerate(probes):
        wanted = _codes(probe, how)
        try:
            desk.hurry()
            begun += wanted
            for finding in probe.run(desk):
                if finding.code in wanted:
                    findings.append(finding)
        except OutOfTime:
            found = {finding.code for finding in findings}
            missed = [code for left in probes[number:] for code in _codes(left, how) if code not in found]
            skipped = dict.fromkeys(missed, f"the {how.config.seconds:g} s for this target were over")
            findings.append(_slow(desk, number, len(probes), missed))
            break
    if how.only and SLOW in how.only:
        findings = [finding for finding in findings if finding.code in how.only]
    return Audited(
        target=subject.name,
        title=target.program.title,
        group=target.group,
        findings=_ordered(findings),
        codes=tuple(sorted({*begun, SLOW}, key=_ORDER.__getitem__)),
        skipped=skipped,
        instances=_instances(desk),
        answers=desk.answers,
        seconds=time.monotonic() - began,
    )


def _probes(subject: Subject, how: Audit) -> list[Probe]:
    """The probes for a subject, the gates last: they take longest, and no time that is left can interrupt one."""
    recorded = how.library.environments.get(subject.id) if how.library is not None else None
    floors = (floors_probe(recorded),) if recorded is not None and recorded.floors else ()
    probes = (*how.probes, *floors, gates_probe(how.validation))
    return [probe for probe in probes if (subject.ours or probe.foreign) and _codes(probe, how)]


def _codes(probe: Probe, how: Audit) -> list[str]:
    """The codes of a probe that are wanted; `slow` alone asks for all, to see how long they take."""
    return [code for code in probe.codes if not how.only or code in how.only or SLOW in how.only]


def _unreadable(
    subject: Subject, how: Audit, why: Failure | list[dict[str, object]], seconds: float
) -> Audited:
    """The audit of a source that is no program: it is told whatever was looked for, since nothing else can be."""
    if isinstance(why, Failure):
        reason, lines = str(why), [{"line": why.line, "message": why.message}]
    else:
        reason, lines = f"line {why[0]['line']}: {why[0]['message']}", why
    summary = f"fails L1: {reason}"
    finding = told(subject, how.config, "gate-failed", summary, stage="L1", reason=reason, violations=lines)
    problem = f"it is no environment program: {reason}"
    codes = [code for probe in _probes(subject, how) for code in _codes(probe, how) if code != "gate-failed"]
    return Audited(
        target=subject.name,
        title=subject.name,
        group=subject.group,
        findings=(finding,),
        codes=("gate-failed",),
        skipped=dict.fromkeys(codes, problem),
        seconds=seconds,
        problem=problem,
    )


def _slow(desk: Desk, done: int, count: int, missed: Sequence[str]) -> Finding:
    """The finding that says how far the audit of a target came."""
    seconds = desk.config.seconds
    summary = f"after {seconds:g} s {done} of {count} probes were done"
    found = desk.finding(SLOW, summary, seconds=seconds, done=done, probes=count, missed=list(missed))
    return also(found, "--seconds", f"{seconds:g}")


def _instances(desk: Desk) -> int:
    """How many instances the probes looked at; 0 when they came to none."""
    try:
        return len(desk.instances) if desk.answers else 0
    except OutOfTime:
        return 0


def _ordered(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings in the order of the table of codes, whoever found them first."""
    return tuple(sorted(findings, key=lambda finding: _ORDER[finding.code]))


# What a comparison shows


def _related(
    subjects: Sequence[Subject], audits: Sequence[Audited], how: Audit, workers: int
) -> Iterator[Audited]:
    """The audits with what the registry and the other targets say of each. Never from a journal: it changes."""
    wanted = [code for code in REGISTRY_CODES if not how.only or code in how.only]
    library = how.library
    errors = {
        subject.id: (
            subject,
            tuple(found.code for found in audited.findings if found.severity is Severity.ERROR),
        )
        for subject, audited in zip(subjects, audits)
        if subject.id and audited.worst is Severity.ERROR
    }
    entries = _entries(subjects, how, workers) if "near-duplicate" in wanted else {}
    known = [Known(subjects[place], entry) for place, entry in entries.items()]
    held = {subject.id for subject in subjects}
    if library is not None:
        known += [Known(None, entry) for id, entry in library.accepted.items() if id not in held]
    for place, (subject, audited) in enumerate(zip(subjects, audits)):
        findings: list[Finding] = []
        codes: list[str] = []
        recorded = library.environments.get(subject.id) if library is not None else None
        if recorded is not None and library is not None:
            codes += [code for code in wanted if code != "near-duplicate"]
            if "source-changed" in wanted:
                findings += changed_source(subject, how.config, recorded)
            if "rate-drifted" in wanted:
                findings += drifted_rate(subject, how.config, recorded)
            if "defective-ancestor" in wanted:
                findings += defective_ancestor(subject, how.config, library, errors)
        others = [one for one in known if one.subject is not subject]
        if place in entries and others:
            codes.append("near-duplicate")
            findings += near_duplicate(subject, how.config, entries[place], others, how.novelty)
        yield dataclasses.replace(
            audited,
            findings=_ordered([*audited.findings, *findings]),
            codes=tuple(sorted({*audited.codes, *codes}, key=_ORDER.__getitem__)),
        )


def _entries(subjects: Sequence[Subject], how: Audit, workers: int) -> dict[int, LibraryEntry]:
    """By place, what each environment is compared by: from the registry, or from a few instances."""
    accepted = how.library.accepted if how.library is not None else {}
    ours = [place for place, subject in enumerate(subjects) if subject.ours]
    if len(ours) < 2 and not accepted:
        return {}

    def one(place: int) -> LibraryEntry | None:
        subject = subjects[place]
        return accepted.get(subject.id) or _profiled(subject, how)

    found = side_by_side(one, ours, workers)
    return {place: entry for place, entry in zip(ours, found) if entry is not None}


def _profiled(subject: Subject, how: Audit) -> LibraryEntry | None:
    """A program that no registry has accepted; None where it is none, or makes no instances at some level."""
    assert how.sandbox is not None
    evaluator = Evaluator(how.sandbox)
    program = evaluator.inspect(subject.source)
    if not isinstance(program, Program):
        return None
    desk = Desk(
        Target(subject.name, program, subject.words), evaluator, dataclasses.replace(how.config, seconds=0.0)
    )
    made = evaluator.instances(program, desk.keys(PROFILED))
    levels = [
        [one for one in made[start : start + PROFILED] if not isinstance(one, Failure)]
        for start in range(0, len(made), PROFILED)
    ]
    if not all(levels):
        return None
    return LibraryEntry(program, profile_of(levels, ()), 0, frozenset({program.id}))
