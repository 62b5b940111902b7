"""`envforge registry`: look into a registry, make one, bring one up to date, hold out or quarantine."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from envforge.cli.options import DATABASE, AsJson, Database

if TYPE_CHECKING:
    from rich.table import Table

    from envforge.registry import EnvironmentSummary

HELD = "kept for evaluation"  # where no reason is given
QUARANTINED, LIFTED = "by hand", "brought back by hand"

Where = Annotated[
    str | None,
    typer.Argument(metavar="FILE|URL", help="The registry (default: library.db); the same as --db."),
]
AlsoDatabase = Annotated[
    str | None,
    typer.Option("--db", metavar="FILE|URL", help="The registry: an SQLite file or a SQLAlchemy URL."),
]


def registry() -> typer.Typer:
    """The group of commands."""
    from envforge.cli.importing import import_package
    from envforge.cli.pages import show

    group = typer.Typer(
        name="registry", help="Look into a registry, make one, bring one up to date.", no_args_is_help=True
    )
    group.command()(init)
    group.command()(upgrade)
    group.command("list")(list_environments)
    group.command()(show)
    group.command()(stats)
    group.command("hold-out")(hold_out)
    group.command()(quarantine)
    group.command()(export)
    group.command("import")(import_package)
    group.command()(lineage)
    return group


def _where(argument: str | None, option: str | None) -> str:
    from envforge.errors import UsageError

    if argument is not None and option is not None and argument != option:
        raise UsageError(f"two registries are named, {argument} and {option}: give one")
    return argument or option or DATABASE


def init(where: Where = None, db: AlsoDatabase = None) -> None:
    """Make an empty registry; one that is there already is left as it is."""
    from envforge.cli.display import screen, text
    from envforge.registry import create

    place = _where(where, db)
    made = create(place)
    screen().print(
        text(f"Made the registry {place}." if made else f"{place} is a registry already."), soft_wrap=True
    )


def upgrade(where: Where = None, db: AlsoDatabase = None) -> None:
    """Bring a registry that an older envforge made up to date. Nothing else ever changes its schema."""
    from envforge.cli.display import screen, text
    from envforge.registry import upgrade as migrate

    place = _where(where, db)
    before, after = migrate(place)
    done = (
        f"is up to date (revision {after})" if before == after else f"went from revision {before} to {after}"
    )
    screen().print(text(f"{place} {done}."), soft_wrap=True)


def list_environments(
    db: Database = DATABASE,
    status: Annotated[
        Literal["rejected", "validated", "admitted", "retired", "quarantined"] | None,
        typer.Option("--status", help="Only those with this status."),
    ] = None,
    tag: Annotated[
        str | None, typer.Option("--tag", metavar="TAG", help="Only those with this ability tag.")
    ] = None,
    oracle: Annotated[
        Literal["equality", "feasibility"] | None,
        typer.Option("--oracle", help="Only those that are judged so."),
    ] = None,
    run: Annotated[
        int | None, typer.Option("--run", metavar="N", help="Only those that this run brought.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", min=1, metavar="N", help="At most so many.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List environments, newest first."""
    from envforge.cli import display
    from envforge.registry import Registry

    with Registry.open(db, read_only=True) as opened:
        found = opened.environments(status, tag, oracle, run, limit)
    if as_json:
        display.print_json([as_data(environment) for environment in found])
        return
    console = display.screen()
    if not found:
        console.print(display.text("No environment meets these conditions."))
        return
    shown = display.table("id", "status", "title", "run", fixed=("id", "status"), right=("run",))
    for environment in found:
        kind = f"{environment.oracle}: {', '.join(environment.tags)}" if environment.tags else ""
        shown.add_row(
            display.text(environment.id, display.KEY),
            display.status(environment.status),
            display.titled(environment.title or "(no program)", kind),
            str(environment.run) if environment.run is not None else "",
        )
    console.print(shown)
    console.print()
    console.print(display.text(display.count(len(found), "environment"), display.DIM))


def as_data(environment: EnvironmentSummary) -> dict[str, Any]:
    """One line of a listing as the JSON of docs/cli.md."""
    row = dataclasses.asdict(environment)
    row["tags"] = list(environment.tags) if environment.tags is not None else None
    row["created_at"] = environment.created_at.isoformat()
    return row


def stats(db: Database = DATABASE, as_json: AsJson = False) -> None:
    """Count environments, proposals and runs."""
    from rich.columns import Columns

    from envforge.cli import display
    from envforge.registry import Registry

    with Registry.open(db, read_only=True) as opened:
        found = opened.statistics()
    if as_json:
        display.print_json(found)
        return
    environments, proposals, runs = found["environments"], found["proposals"], found["runs"]
    console = display.screen()
    if not environments["status"]:
        console.print(display.text("The registry is empty."))
        return
    for groups in (
        {
            "environments": environments["status"],
            "by oracle": environments["oracle"],
            "by depth": environments["depth"],
        },
        {"proposals": proposals["outcome"], "rejected at": proposals["stage"], "runs": runs["state"]},
    ):
        tables = [_counts(name, counts) for name, counts in groups.items() if counts]
        if tables:
            console.print(Columns(tables, padding=(0, 4)))
            console.print()
    tags = ", ".join(f"{tag} {number:,}" for tag, number in environments["tag"].items())
    console.print(display.facts({"tags": tags or "none"}))
    if proposals["proposer"]:
        display.section(console, _proposers(proposals["proposer"]))


def _counts(name: str, counts: Mapping[str, int]) -> Table:
    from envforge.cli import display

    shown = display.table(name, "number", right=("number",), fixed=(name,))
    for key, number in counts.items():
        shown.add_row(display.status(key), f"{number:,}")
    return shown


def _proposers(counts: Mapping[str, Mapping[str, int]]) -> Table:
    from envforge.cli import display

    outcomes = sorted({outcome for row in counts.values() for outcome in row})
    shown = display.table("proposer", *outcomes, right=outcomes)
    for proposer, row in counts.items():
        shown.add_row(display.text(proposer), *(f"{row.get(outcome, 0):,}" for outcome in outcomes))
    return shown


def hold_out(
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID...",
            help="Environments by id, or at least its first 4 digits; none: only show what is held out.",
        ),
    ] = None,
    db: Database = DATABASE,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the environments' histories.")
    ] = "",
    release: Annotated[
        bool, typer.Option("--release", metavar="", help="Let them be trained on again instead.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Keep environments for evaluation: none is trained on, or shown to a proposer, until it is released."""
    from envforge.cli import display
    from envforge.errors import UsageError
    from envforge.registry import Registry

    if not ids and (reason or release):
        raise UsageError("name the environments: 'envforge registry list' shows their ids")
    with Registry.open(db, read_only=not ids) as opened:
        changed: list[str] = []
        if ids:
            wanted = [opened.environment(id).id for id in ids]
            with opened.transaction() as transaction:
                if release:
                    changed = transaction.release(wanted, reason)
                else:
                    changed = transaction.hold_out(wanted, reason or HELD)
        held = [
            {"id": id, "title": opened.environment(id).summary.title, "reason": why}
            for id, why in opened.held_out().items()
        ]
    if as_json:
        display.print_json({"changed": changed, "held_out": held})
        return
    console = display.screen()
    if ids:
        done = "let be trained on again" if release else "newly held out"
        console.print(display.text(f"{display.count(len(changed), 'environment')} {done}."))
    if not held:
        console.print(display.text("No environment is held out."))
        return
    shown = display.table("id", "held out", "why", fixed=("id",))
    for row in held:
        shown.add_row(
            display.text(row["id"], display.KEY),
            display.text((row["title"] or "").rstrip(".")),
            display.text(row["reason"], display.DIM),
        )
    display.section(console, shown)
    console.print()
    console.print(display.text(f"{display.count(len(held), 'environment')} held out", display.DIM))


def quarantine(
    ids: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ID...",
            help="Environments by id, or at least its first 4 digits; none: only show what is quarantined.",
        ),
    ] = None,
    db: Database = DATABASE,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why; kept in the environments' histories.")
    ] = "",
    lift: Annotated[
        bool, typer.Option("--lift", metavar="", help="Give them back the status that they had instead.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take environments out of the pool because something is wrong with them, or bring them back."""
    from envforge.cli import display
    from envforge.errors import UsageError
    from envforge.registry import Registry

    if not ids and (reason or lift):
        raise UsageError("name the environments: 'envforge registry quarantine' shows what is quarantined")
    with Registry.open(db, read_only=not ids) as opened:
        changed: list[str] = []
        if ids:
            wanted = [opened.environment(id).id for id in ids]
            with opened.transaction() as transaction:
                if lift:
                    changed = transaction.lift_quarantine(wanted, reason or LIFTED)
                else:
                    changed = transaction.quarantine(dict.fromkeys(wanted, reason or QUARANTINED))
        away = [
            {"id": id, "title": opened.environment(id).summary.title, "reason": why}
            for id, why in opened.quarantined().items()
        ]
    if as_json:
        display.print_json({"changed": changed, "quarantined": away})
        return
    console = display.screen()
    if ids:
        done = "back" if lift else "newly quarantined"
        console.print(display.text(f"{display.count(len(changed), 'environment')} {done}."))
    if not away:
        console.print(display.text("No environment is quarantined."))
        return
    shown = display.table("id", "quarantined", "why", fixed=("id",))
    for row in away:
        shown.add_row(
            display.text(row["id"], display.KEY),
            display.text((row["title"] or "").rstrip(".")),
            display.text(row["reason"], display.DIM),
        )
    display.section(console, shown)
    console.print()
    console.print(display.text(f"{display.count(len(away), 'environment')} quarantined", display.DIM))


def export(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where to write them; made if it is missing.")
    ],
    db: Database = DATABASE,
    status: Annotated[
        list[str] | None,
        typer.Option(
            "--status",
            metavar="STATUS",
            help="Those with this status; may be given several times (default: validated and admitted).",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write environments as files: FOLDER/ID.py each, and an index.json."""
    from envforge.cli import display
    from envforge.errors import UsageError
    from envforge.registry import ACCEPTED, STATUSES, Registry

    chosen = tuple(status or ACCEPTED)
    for name in chosen:
        if name not in STATUSES:
            raise UsageError(f"'{name}' is not a status: use one of {', '.join(STATUSES)}")
    with Registry.open(db, read_only=True) as opened:
        number = opened.export(folder, chosen)
    if as_json:
        display.print_json({"folder": str(folder), "environments": number, "status": list(chosen)})
        return
    display.screen().print(
        display.text(f"Wrote {display.count(number, 'environment')} and index.json to {folder}."),
        soft_wrap=True,
    )


def lineage(
    db: Database = DATABASE,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            "-o",
            metavar="FILE",
            help="Where to write it; '-' is standard output (default: lineage.svg).",
        ),
    ] = None,
    form: Annotated[
        Literal["dot", "json", "svg"] | None,
        typer.Option("--format", help="What to write (default: as the file's suffix says, else svg)."),
    ] = None,
) -> None:
    """Draw the family graph: which environment came from which."""
    from envforge.cli import display
    from envforge.cli.exits import writing
    from envforge.errors import UsageError
    from envforge.lineage import family_graph, to_dot, to_json, to_svg
    from envforge.registry import Registry

    writers = {"dot": to_dot, "json": to_json, "svg": to_svg}
    suffix = out.suffix.lower().removeprefix(".") if out is not None else ""
    if form is None and suffix and suffix not in writers:
        raise UsageError(f"{out}: the suffix is none of .dot, .json and .svg: say which with --format")
    kind = form or suffix or "svg"
    path = out or Path(f"lineage.{kind}")
    with Registry.open(db, read_only=True) as opened:
        family = family_graph(*opened.lineage_edges())
    written = writers[kind](family)
    if str(path) == "-":
        typer.echo(written, nl=not written.endswith("\n"))
        return
    with writing(path):
        path.write_text(written, encoding="utf-8")
    members = display.count(family.number_of_nodes(), "environment")
    display.screen().print(display.text(f"Wrote {path}: {members}, {kind}."), soft_wrap=True)
