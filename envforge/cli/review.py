"""`envforge review`: the semantic self-review of one program by a policy."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envforge.cli.options import DATABASE, AsJson, ConfigFile, Database, Isolation, PolicyVersion, Target

if TYPE_CHECKING:
    from envforge.config import Config
    from envforge.contract import Profile, Program
    from envforge.policies import Request
    from envforge.registry import EnvironmentRecord, Registry
    from envforge.review import Judgement
    from envforge.sandbox import Sandbox
    from envforge.verdict import Review

_EXCERPT = 1_000  # characters of an unreadable reply that are shown


def review(
    target: Target,
    policy: Annotated[
        str | None,
        typer.Option("--policy", metavar="SPEC", help="Who reviews (docs/policies.md lists the kinds)."),
    ] = None,
    policy_version: PolicyVersion = None,
    show_prompt: Annotated[
        bool,
        typer.Option(
            "--show-prompt", metavar="", help="Print what the first review would be asked, and ask nobody."
        ),
    ] = False,
    db: Database = DATABASE,
    config: ConfigFile = None,
    isolation: Isolation = None,
    as_json: AsJson = False,
) -> int:
    """Have a program reviewed: do its wording, data flow, algorithm and scorer agree?"""
    from envforge.cli.display import WARN, count, print_json, tell
    from envforge.cli.exits import FAILED
    from envforge.cli.programs import sandboxed
    from envforge.errors import UsageError
    from envforge.policies.flight import Flight
    from envforge.policies.kinds import make_policy
    from envforge.registry import Registry
    from envforge.review import Reviewer

    if policy is None and not show_prompt:
        raise UsageError("give --policy SPEC to say who reviews, or --show-prompt to see what would be asked")
    settings = _settings(config, isolation)
    source, record = _find(target, db)
    with ExitStack() as stack:
        registry = None
        if record is not None and not show_prompt:  # opened first: nobody is asked what cannot be stored
            registry = stack.enter_context(Registry.open(db))
        asked = None
        if policy is not None and not show_prompt:
            asked = make_policy(policy, version=policy_version, say=lambda message: tell(message, WARN))
            stack.callback(asked.close)
        sandbox = stack.enter_context(sandboxed(settings.sandbox))
        program, profile = _examined(target, source, record, sandbox, settings)
        if asked is None:
            _show_request(_first_request(program, profile, sandbox, settings), as_json)
            return 0
        version = asked.version
        tell(f"asking for {count(settings.review.reviews, 'review')} ...")
        flight = Flight(asked, settings.policy.concurrency)
        stack.callback(flight.close)
        judgement = Reviewer(sandbox, flight, settings.review).judge(program, profile)
        status = None if registry is None else _store(registry, program.id, version, judgement)
    if as_json:
        print_json(as_data(program, version, judgement, status))
    else:
        _show(program, version, judgement, status)
    return 0 if judgement.verdict.passed else FAILED


def _settings(config: Path | None, isolation: int | None) -> Config:
    import dataclasses

    from envforge.config import change, load_config

    settings = load_config(config)
    if isolation is None:
        return settings
    sandbox = change(settings.sandbox, {"isolation": isolation}, "the command line", "sandbox")
    return dataclasses.replace(settings, sandbox=sandbox)


def _find(target: str, db: str) -> tuple[str, EnvironmentRecord | None]:
    """The source that `target` names, and what the registry knows of it when it was named by its id."""
    from envforge.cli.programs import find_source, shipped_seeds

    source = find_source(target, db)
    if Path(target).exists() or any(seed.path.stem == target for seed in shipped_seeds()):
        return source, None
    from envforge.registry import Registry

    with Registry.open(db, read_only=True) as registry:
        return source, registry.environment(target)


def _examined(
    target: str, source: str, record: EnvironmentRecord | None, sandbox: Sandbox, config: Config
) -> tuple[Program, Profile]:
    """The program and its profile: as recorded, where it was accepted once, else by the gates L1 to L5.

    Raises Finding for a program that does not pass them: a review of it would be wasted.
    """
    from envforge.cli.exits import Finding
    from envforge.validation import Validator

    accepted = record is not None and record.summary.sequence is not None
    if record is not None and accepted and record.program is not None and record.profile is not None:
        return record.program, record.profile
    found = Validator(sandbox, config.validation).examine(source)
    if found.failure is not None or found.program is None or found.profile is None:
        failed = f" {found.failure.stage.value}: {found.failure.reason}" if found.failure else ""
        raise Finding(f"{target} is not reviewed, because it does not pass{failed} (see envforge check)")
    return found.program, found.profile


def _first_request(program: Program, profile: Profile, sandbox: Sandbox, config: Config) -> Request:
    from envforge.cli.exits import Finding
    from envforge.review import review_request
    from envforge.review.evidence import Broken, gather_cases
    from envforge.sandbox import Evaluator

    try:
        cases = gather_cases(program, profile, config.review.reviews, Evaluator(sandbox))
    except Broken as broken:
        raise Finding(f"'{program.title}' breaks on an instance for review: {broken.reason}") from broken
    return review_request(program, cases[0], config.review)


def _show_request(request: Request, as_json: bool) -> None:
    import dataclasses

    from envforge.cli.display import KEY, print_json, screen, text
    from envforge.messages import without_pictures

    if as_json:
        print_json(
            {
                "key": request.key,
                "messages": [dict(message) for message in request.messages],
                "sampling": dataclasses.asdict(request.sampling),
            }
        )
        return
    console = screen()
    for number, message in enumerate(request.messages):
        if number:
            console.print()
        console.print(text(f"[{message['role']}]", KEY))
        console.print(text(without_pictures(message)["content"].rstrip("\n")), soft_wrap=True)


def _store(registry: Registry, environment_id: str, version: str, judgement: Judgement) -> str | None:
    """Write reviews and verdict down; returns the status of the environment, which a reject may change."""
    from envforge.registry import ACCEPTED

    verdict = judgement.verdict
    with registry.transaction() as transaction:
        transaction.add_reviews(environment_id, version, judgement.reviews)
        transaction.add_verdict(environment_id, verdict, policy=version)
        status = transaction.has(environment_id)
        if not verdict.passed and status in ACCEPTED:
            status = "quarantined"
            transaction.set_status(environment_id, status, f"review: {verdict.reason}")
    return status


def as_data(program: Program, version: str, judgement: Judgement, status: str | None) -> dict[str, Any]:
    """A judgement as the JSON of docs/review.md."""
    verdict = judgement.verdict
    return {
        "id": program.id,
        "title": program.title,
        "policy": version,
        "passed": verdict.passed,
        "reason": verdict.reason,
        "evidence": verdict.evidence,
        "reviews": [
            {
                "number": review.number,
                "accepted": review.accepted,
                "reason": review.reason,
                "findings": review.findings,
                "asked": review.asked,
                "tokens": review.tokens,
                "text": review.text,
            }
            for review in judgement.reviews
        ],
        "seconds": round(verdict.seconds, 4),
        "isolation": verdict.isolation,
        "status": status,
    }


def _show(program: Program, version: str, judgement: Judgement, status: str | None) -> None:
    """Print a panel for each review, then the verdict."""
    from envforge.cli.display import BAD, DIM, GOOD, screen, text
    from envforge.cli.findings import show_failure

    console, verdict = screen(), judgement.verdict
    console.print(text(program.title, "bold"))
    console.print(text(f"reviewed by {version}", DIM))
    console.print()
    shown: Sequence[dict[str, Any]] = verdict.evidence.get("reviews", ())
    for review, evidence in zip(judgement.reviews, shown):
        console.print(_panel(review, evidence))
    if not judgement.reviews:
        show_failure(console, verdict, reason=False)
    words = "Accepted." if verdict.passed else f"Rejected: {verdict.reason.rstrip('.')}."
    console.print(text(words, GOOD if verdict.passed else BAD), soft_wrap=True)
    if status is not None:
        console.print(text(f"Stored; the environment is {status}.", DIM))


def _panel(review: Review, evidence: dict[str, Any]) -> Any:
    from envforge.cli.display import BAD, GOOD, WARN, facts, panel, text

    verdict, style = {
        True: ("accepted", GOOD),
        False: ("rejected", BAD),
        None: ("unreadable", WARN),
    }[review.accepted]
    pairs: dict[str, object] = {}
    for check, finding in review.findings.items():
        mark = {True: ("ok", GOOD), False: ("FAIL", f"bold {BAD}")}.get(finding["ok"], ("?", WARN))
        pairs[check.replace("_", " ")] = text(*mark).append_text(text(f"  {finding['note']}"))
    if review.reason:
        pairs["reason"] = text(review.reason, "bold")
    if review.accepted is None and review.text.strip():
        cut = review.text.strip()
        pairs["reply"] = text(cut if len(cut) <= _EXCERPT else f"...{cut[-_EXCERPT:]}")
    if review.accepted is not None and not review.findings:
        pairs["checks"] = text("none: the verdict came in words", WARN)
    if review.asked > 1:
        pairs["asked"] = f"{review.asked} times"
    where = f"seed {evidence['seed']}, difficulty {evidence['difficulty']}"
    return panel(facts(pairs), f"review {review.number}: {verdict} ({where})", style)
