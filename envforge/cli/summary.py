"""What a run of `envforge grow` came to, for people and for scripts."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from envforge.cli.display import (
    BAD,
    DIM,
    KEY,
    count,
    facts,
    print_json,
    seconds,
    section,
    status,
    table,
    text,
    titled,
)

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from envforge.growth import Decision, Summary
    from envforge.registry import EnvironmentSummary, Registry, RunRecord

SHOWN = 40  # accepted environments that a summary lists


def print_summary(
    registry: Registry, run: RunRecord, summary: Summary, planted: Sequence[Decision], total: float
) -> None:
    """Write the JSON of docs/cli.md. `total` is the command's wall time in seconds."""
    print_json(
        {
            "db": registry.name,
            "run": run.id,
            "proposer": run.proposer,
            "isolation": run.isolation,
            "seeds": {
                "examined": len(planted),
                "rejected": [
                    {"title": seed.title, "stage": seed.stage, "reason": seed.reason}
                    for seed in planted
                    if seed.outcome == "rejected"
                ],
            },
            "proposals": summary.proposals,
            "outcomes": summary.outcomes,
            "rejections": summary.stages,
            "policy": run.policy,
            "stages": {
                stage: {"met": met, "passed": passed} for stage, (met, passed) in summary.reached().items()
            },
            "before_repair": summary.first,
            "repairs": {"rounds": summary.repairs, "mended": summary.mended},
            "tokens": summary.tokens,
            "tokens_per_admitted": _each(summary.all_tokens, summary.admitted),
            "sandbox_cpu_seconds": round(summary.sandbox_seconds, 3),
            "busy": {name: round(share, 4) for name, share in summary.busy.items()},
            "accepted": [
                {
                    "id": environment.id,
                    "title": environment.title,
                    "status": environment.status,
                    "tags": list(environment.tags or ()),
                    "oracle": environment.oracle,
                    "parents": list(registry.environment(environment.id).parents),
                }
                for environment in _accepted(registry, run)
            ],
            "seconds": round(summary.seconds, 3),
            "total_seconds": round(total, 3),
            "ended": summary.ended,
        }
    )


def show(
    console: Console,
    registry: Registry,
    run: RunRecord,
    summary: Summary,
    planted: Sequence[Decision],
    made: int,
    total: float,
) -> None:
    """Print tables of what was accepted, what was not and why, and what to do next.

    `made` is the number of proposals that this process decided, which is what its wall time bought; `total`
    includes the start of the sandbox and the seeds.
    """
    for seed in planted:
        if seed.outcome == "rejected":
            console.print(
                text(f"Seed '{seed.title}' was rejected: {seed.stage} {seed.reason}", BAD), soft_wrap=True
            )
    accepted = _accepted(registry, run)
    if accepted:
        section(console, _accepted_table(registry, accepted[:SHOWN]))
        if len(accepted) > SHOWN:
            more = f"and {len(accepted) - SHOWN} more: envforge registry list --run {run.id}"
            console.print(text(more, DIM))
    if summary.outcomes:
        section(
            console, _counts(f"Outcomes of run {run.id}", summary.outcomes, summary.proposals, styled=True)
        )
    if run.policy is not None and summary.proposals:
        section(console, _stages(summary))
        section(console, facts(_costs(summary)))
    elif summary.stages:
        section(console, _counts("Rejections by stage", summary.stages, sum(summary.stages.values())))
    rate = f" ({60 * made / summary.seconds:.0f} a minute)" if made and summary.seconds > 1 else ""
    admitted = f" ({summary.admitted} admitted)" if run.policy is not None else ""
    console.print()
    console.print(
        text(
            f"{count(summary.accepted, 'new environment')}{admitted} from {count(summary.proposals, 'proposal')} "
            f"in {seconds(summary.seconds)}{rate}, {seconds(total)} in all; {summary.ended}.",
            "bold",
        )
    )
    _hints(console, registry.name, accepted)


def _accepted(registry: Registry, run: RunRecord) -> list[EnvironmentSummary]:
    """What the run added to the library, in the order of acceptance."""
    found = [
        environment for environment in registry.environments(run=run.id) if environment.sequence is not None
    ]
    return sorted(found, key=lambda environment: environment.sequence or 0)


def _accepted_table(registry: Registry, accepted: Sequence[EnvironmentSummary]) -> Table:
    shown = table(
        "id", "title", "oracle", "parents", title="New environments", fixed=("id", "oracle", "parents")
    )
    for environment in accepted:
        parents = registry.environment(environment.id).parents
        shown.add_row(
            text(environment.id[:8], KEY),
            titled(environment.title or "", ", ".join(environment.tags or ())),
            text(environment.oracle or ""),
            text("\n".join(dict.fromkeys(parent[:8] for parent in parents)), DIM),
        )
    return shown


def _stages(summary: Summary) -> Table:
    """How far the candidates came; what a repair mended counts by where it ended after it."""
    shown = table(
        "stage", "met", "passed", "share", "held up", "before repair",
        title="By stage", right=("met", "passed", "share", "held up", "before repair"), fixed=("stage",),
    )  # fmt: skip
    for stage, (met, passed) in summary.reached().items():
        share = f"{passed / met:.0%}" if met else ""
        early = summary.first.get(stage, 0)
        shown.add_row(
            text(stage), f"{met:,}", f"{passed:,}", share, f"{met - passed or ''}", f"{early or ''}"
        )
    return shown


def _costs(summary: Summary) -> dict[str, object]:
    """What the run spent, by role, and on each admitted environment."""
    roles = ", ".join(f"{role} {tokens:,}" for role, tokens in summary.tokens.items())
    each = _each(summary.all_tokens, summary.admitted)
    found: dict[str, object] = {
        "tokens": f"{summary.all_tokens:,}" + (f" ({roles})" if roles else ""),
        "per admitted": "none was admitted" if each is None else f"{each:,.0f} tokens",
        "repairs": f"{count(summary.repairs, 'round')}, {count(summary.mended, 'candidate')} mended",
        "sandbox": f"{seconds(summary.sandbox_seconds)} of CPU",
    }
    if summary.busy:
        busy = summary.busy
        found["busy"] = (
            f"policy {busy['policy']:.0%} of the time, sandbox {busy['sandbox']:.0%}, both at once {busy['both']:.0%}"
        )
    return found


def _each(total: float, number: int) -> float | None:
    return round(total / number, 1) if number else None


def _counts(title: str, counts: Mapping[str, int], total: int, *, styled: bool = False) -> Table:
    shown = table(title, "number", "share", right=("number", "share"), fixed=(title,))
    for name, number in sorted(counts.items(), key=lambda item: -item[1] if styled else 0):
        shown.add_row(
            status(name) if styled else text(name), f"{number:,}", f"{number / total:.0%}" if total else ""
        )
    return shown


def _hints(console: Console, db: str, accepted: Sequence[Any]) -> None:
    option = "" if db == "library.db" else f" --db {shlex.quote(db)}"
    lines = []
    if accepted:
        some = accepted[-1].id[:8]
        lines = [f"envforge play {some}{option}", f"envforge registry show {some}{option}"]
    lines += [f"envforge registry lineage{option}", f"envforge registry stats{option}"]
    for number, line in enumerate(lines):
        console.print(text(("Next: " if number == 0 else "      ") + line, DIM), soft_wrap=True)
