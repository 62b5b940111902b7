"""`envforge audit`: what is wrong with environments, found by trying, with a command for each finding."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envforge.cli.options import AsJson, ConfigFile, Isolation

if TYPE_CHECKING:
    from envforge.audit.finding import Audited
    from envforge.audit.journal import Journal
    from envforge.audit.subject import Subject
    from envforge.config import Config
    from envforge.sandbox import Sandbox

Targets = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[PATH|ID|gym:NAME/TASK|py:MODULE:CLASS]...",
        help="What to audit: files, folders, ids (or their first digits) in the registry, seeds' names, tasks of "
        "other people's gyms.",
    ),
]


def audit(
    targets: Targets = None,
    every: Annotated[
        bool, typer.Option("--all", metavar="", help="Audit every accepted environment of --db.")
    ] = False,
    db: Annotated[
        str | None,
        typer.Option("--db", metavar="FILE|URL", help="The registry: an SQLite file or a SQLAlchemy URL."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="CODE", help="Look for this code alone; may be given several times."),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option("--seed", metavar="N", help="Another one draws other instances (default: 0)."),
    ] = None,
    instances: Annotated[
        int | None, typer.Option("--instances", metavar="N", help="Instances of each level (default: 12).")
    ] = None,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", metavar="S", help="Time for one target; 0: no limit (default: 300)."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", metavar="N", help="Targets at once; 0: one per core (default: 0)."),
    ] = None,
    solver: Annotated[
        Path | None,
        typer.Option("--solver", metavar="FILE.py", help="An independent solver to hold references against."),
    ] = None,
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy",
            metavar="SPEC",
            help="A policy that looks for answers that score without solving (openai:URL#MODEL, ...).",
        ),
    ] = None,
    attempts: Annotated[
        int, typer.Option("--attempts", metavar="N", min=0, help="The policy's attempts on each question.")
    ] = 4,
    votes: Annotated[
        int,
        typer.Option(
            "--votes",
            metavar="K",
            min=0,
            help="Have the policy also answer each question K times: most of its answers against the reference.",
        ),
    ] = 0,
    questions: Annotated[
        int,
        typer.Option("--questions", metavar="N", min=1, help="Questions of each target for the policy."),
    ] = 4,
    regressions: Annotated[
        Path | None,
        typer.Option(
            "--regressions",
            metavar="FILE",
            help="Try answers again that once scored without solving, and keep those the policy finds.",
        ),
    ] = None,
    quarantine: Annotated[
        bool,
        typer.Option(
            "--quarantine", metavar="", help="Take environments of --db with an error out of the pool."
        ),
    ] = False,
    journal: Annotated[
        Path | None,
        typer.Option(
            "--journal", metavar="FILE", help="Keep what is done, and take from it what was done before."
        ),
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write the audit as one HTML page.")
    ] = None,
    sarif: Annotated[
        Path | None, typer.Option("--sarif", metavar="FILE", help="Also write the findings as SARIF 2.1.0.")
    ] = None,
    config: ConfigFile = None,
    isolation: Isolation = None,
    as_json: AsJson = False,
) -> int:
    """Look for what is wrong with environments: wrong answers that are paid, right ones that are not, and more."""
    from envforge.audit.auditor import Audit
    from envforge.audit.auditor import audit as examine
    from envforge.audit.probes import PROBES
    from envforge.cli import audit_display
    from envforge.cli.analyze import check_place
    from envforge.cli.audit_probes import Helpers
    from envforge.cli.audit_targets import Named, found
    from envforge.cli.display import print_json
    from envforge.cli.exits import FAILED
    from envforge.errors import UsageError

    codes = checked_codes(only or [])
    settings = _settings(config, isolation, seed=seed, instances=instances, seconds=seconds, workers=workers)
    if quarantine and db is None:
        raise UsageError("--quarantine changes a registry: name it with --db")
    for path in (html, sarif):
        if path is not None:
            check_place(path)
    helpers = Helpers(solver, policy, attempts, votes, questions, regressions, settings.audit.seed)
    began = time.monotonic()
    with ExitStack() as stack:
        extra = helpers.probes(stack)
        named = Named(targets or [], every, db, _again(config, isolation))
        subjects, library = found(named, settings.sandbox, stack)
        how = Audit(
            config=settings.audit,
            sandbox=_sandbox(subjects, settings, stack),
            only=codes,
            validation=settings.validation,
            novelty=settings.novelty,
            library=library,
            probes=(*PROBES, *extra),
            journal=_journal(journal, stack),
            advance=stack.enter_context(audit_display.watched(len(subjects))),
        )
        audits = list(examine(subjects, how))
        helpers.keep()
    away = _quarantine(db, subjects, audits) if quarantine and db is not None else []
    written = _write(audits, html, sarif)
    if as_json:
        print_json([finding.data() for one in audits for finding in one.findings])
    else:
        audit_display.show(audits, away, written, time.monotonic() - began)
    return FAILED if any(one.faulty for one in audits) else 0


def checked_codes(names: Sequence[str]) -> frozenset[str]:
    """The codes that --only names. Raises UsageError, with the nearest one, for what is none."""
    from envforge.audit.codes import CODES
    from envforge.config import nearest
    from envforge.errors import UsageError

    for name in names:
        if name not in CODES:
            raise UsageError(f"--only: there is no code '{name}'{nearest(name, CODES)}")
    return frozenset(names)


def _settings(file: Path | None, isolation: int | None, **given: float | None) -> Config:
    """The configuration with what was given on the command line."""
    import dataclasses

    from envforge.config import change, load_config

    settings = load_config(file)
    level = {} if isolation is None else {"isolation": isolation}
    ours: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return dataclasses.replace(
        settings,
        audit=change(settings.audit, ours, "the command line", "audit"),
        sandbox=change(settings.sandbox, level, "the command line", "sandbox"),
    )


def _again(config: Path | None, isolation: int | None) -> tuple[str, ...]:
    """What a finding's command has to repeat, besides the target, the code, the seed and the instances."""
    words = ("--config", str(config)) if config is not None else ()
    return words if isolation is None else (*words, "--isolation", str(isolation))


def _sandbox(subjects: Sequence[Subject], settings: Config, stack: ExitStack) -> Sandbox | None:
    """The sandbox for environment programs, where there is one among the subjects."""
    from envforge.cli.programs import sandboxed

    if not any(subject.ours for subject in subjects):
        return None
    return stack.enter_context(sandboxed(settings.sandbox))


def _journal(path: Path | None, stack: ExitStack) -> Journal | None:
    from contextlib import closing

    from envforge.audit.journal import Journal
    from envforge.cli.exits import on_interrupt

    if path is None:
        return None
    on_interrupt(f"interrupted; the same command goes on: what is done is in {path}")
    return stack.enter_context(closing(Journal(path)))


def _quarantine(db: str, subjects: Sequence[Subject], audits: Sequence[Audited]) -> list[str]:
    """Take what has an error out of the pool, in one transaction; returns the ids of what was in it until now."""
    from envforge.audit.finding import Severity
    from envforge.registry import Registry

    reasons: Mapping[str, str] = {
        subject.id: "audit: " + "; ".join(f"{one.code}: {one.summary}" for one in bad)
        for subject, audited in zip(subjects, audits)
        if subject.id and (bad := [one for one in audited.findings if one.severity is Severity.ERROR])
    }
    if not reasons:
        return []
    with Registry.open(db) as registry, registry.transaction() as transaction:
        return transaction.quarantine(reasons)


def _write(audits: Sequence[Audited], html: Path | None, sarif: Path | None) -> list[Path]:
    """Write the page and the SARIF file that were asked for; returns their paths."""
    from envforge.cli.exits import writing

    written = []
    if html is not None:
        from envforge.audit.page import page

        with writing(html):
            html.write_text(page(audits), encoding="utf-8")
        written.append(html)
    if sarif is not None:
        from envforge.audit.sarif import sarif as as_sarif

        with writing(sarif):
            sarif.write_text(as_sarif(audits), encoding="utf-8")
        written.append(sarif)
    return written
