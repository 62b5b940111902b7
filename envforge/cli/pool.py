"""`envforge pool`: look at the live pool that a learner draws from."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from envforge.cli.options import DATABASE, AsJson, ConfigFile, Database

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from envforge.pool import Member, Pool

SPARKS = "▁▂▃▄▅▆▇█"
BARS = 8  # newest groups that are drawn
SHOWN = 40  # active environments that are listed
NARROW = 100  # characters per line below which some columns are left out


def pool() -> typer.Typer:
    """The group of commands."""
    group = typer.Typer(name="pool", help="Look at the live pool of environments.", no_args_is_help=True)
    group.callback()(lambda: None)  # a group, also as long as it has one command
    group.command()(status)
    return group


def status(
    db: Database = DATABASE,
    config: ConfigFile = None,
    state: Annotated[
        Literal["active", "parked", "rotated", "retired"] | None,
        typer.Option("--state", help="Only environments in this state."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show what is drawn, at which levels, how it went, and what was let go and why. Changes nothing."""
    from envforge.cli import display
    from envforge.config import load_config
    from envforge.pool import Pool
    from envforge.registry import Registry

    settings = load_config(config).pool
    with Registry.open(db, read_only=True) as opened:
        found = Pool(opened, settings)
        away = [
            {"id": id, "title": opened.environment(id).summary.title, "reason": why}
            for id, why in opened.quarantined().items()
        ]
    if as_json:
        display.print_json({**_as_data(found, settings.controller, state), "quarantined": away})
        return
    console = display.screen()
    if found.members:
        _show(console, found, settings.controller, settings.seed_share, state)
    else:
        console.print(
            display.text(
                f"{db} has no environment to draw: 'envforge grow' admits the seeds, and what grows from them.",
                display.WARN,
            ),
            soft_wrap=True,
        )
    members = {member.id for member in found.members}
    never = [row for row in away if row["id"] not in members]
    if never and state is None:
        display.section(console, _quarantined(never))


def _quarantined(rows: list[dict[str, Any]]) -> Table:
    """What was quarantined before it was ever in the pool; what was in it is among those that are gone."""
    from envforge.cli import display

    shown = display.table("id", "never drawn", fixed=("id",))
    for row in rows:
        why = f"quarantined in the registry: {row['reason']}"
        shown.add_row(display.text(row["id"], display.KEY), display.titled(row["title"] or "", why))
    return shown


def _show(console: Console, found: Pool, controller: str, seed_share: float, state: str | None) -> None:
    from envforge.cli import display

    if not found.groups:
        console.print(
            display.text(
                "This pool has never been used. With this configuration it would begin so:", display.WARN
            ),
            soft_wrap=True,
        )
        console.print()
    counts = _counts(found)
    states = ", ".join(f"{number:,} {name}" for name, number in counts.items() if number)
    share, recent = found.effective_prompt_ratio(), found.recent_effective_prompt_ratio()
    facts: dict[str, object] = {"environments": states, "controller": controller}
    if found.tickets:
        facts["groups"] = f"{found.groups:,} scored of {found.tickets:,} drawn"
        facts["effective-prompt ratio"] = (
            f"{_percent(share)} of all groups, {_percent(recent)} of the newest 200"
        )
    drawn = _seed_share(found)
    facts["seed share"] = (f"{_percent(drawn)} of the draws, " if drawn is not None else "") + (
        f"at least {seed_share:.0%} wanted"
    )
    console.print(display.facts(facts))
    chances = found.chances()
    here = [member for member in found.members if member.state == "active"]
    here.sort(key=lambda member: (-chances[member.id], member.id))
    if here and state in (None, "active"):
        display.section(console, _active(found, here[:SHOWN], chances, console.width))
        if len(here) > SHOWN:
            more = display.count(len(here) - SHOWN, "more active environment")
            console.print(display.text(f"and {more}, less likely to be drawn: --json lists all", display.DIM))
    if state is None:
        display.section(console, _tags(found, chances))
    gone = [member for member in found.members if member.state != "active" and state in (None, member.state)]
    gone.sort(key=lambda member: (("parked", "rotated", "retired").index(member.state), -member.since))
    if gone:
        display.section(console, _gone(gone, console.width))
    if not (gone or (here and state in (None, "active"))):
        display.section(console, display.text(f"No environment is {state}.", display.DIM))


def _active(found: Pool, members: list[Member], chances: dict[str, float], width: int) -> Table:
    from envforge.cli import display

    wide = ("live", "drawn") if width >= NARROW else ()
    numbers = ("groups", *wide, "next")
    names = ("id", "title", "levels", "accuracy", *numbers)
    shown = display.table(*names, right=numbers, fixed=("id", "levels", "accuracy"))
    for member in members:
        low, high = found.position(member)
        tags = ", ".join(member.environment.tags)
        below = [f"seed: {tags}" if member.seed else tags, member.reason]
        shares = (_live(member), _drawn(found, member)) if wide else ()
        shown.add_row(
            display.text(member.id, display.KEY),
            display.titled(member.environment.title, "\n".join(filter(None, below))),
            display.text(_levels(low, high, member.top)),
            _accuracy(member),
            f"{member.groups:,}",
            *map(_percent, shares),
            _percent(chances[member.id]),
        )
    return shown


def _gone(members: list[Member], width: int) -> Table:
    from envforge.cli import display

    styles = {"parked": display.WARN, "rotated": display.DIM, "retired": display.BAD}
    wide = ("accuracy", "groups") if width >= NARROW else ()
    names = ("id", "state", "title and reason", *wide, "since group")
    shown = display.table(*names, right=("groups", "since group"), fixed=("id", "state", "accuracy"))
    for member in members:
        title = member.environment.title.rstrip(".") + (" (seed)" if member.seed else "")
        figures = (_accuracy(member), f"{member.groups:,}") if wide else ()
        shown.add_row(
            display.text(member.id, display.KEY),
            display.text(member.state, styles[member.state]),
            display.titled(title, member.reason),
            *figures,
            f"{member.since:,}",
        )
    return shown


def _tags(found: Pool, chances: dict[str, float]) -> Table:
    from envforge.cli import display

    shown = display.table("tag", "active", "of", "drawn", "next", right=("active", "of", "drawn", "next"))
    for row in _by_tag(found, chances):
        shown.add_row(
            display.text(row["tag"]),
            f"{row['active']:,}",
            f"{row['members']:,}",
            _percent(row["drawn"]),
            _percent(row["chance"]),
        )
    return shown


def _by_tag(found: Pool, chances: dict[str, float]) -> list[dict[str, Any]]:
    """Of each tag, most likely first; an environment with several tags shares itself out among them."""
    rows: defaultdict[str, dict[str, Any]] = defaultdict(
        lambda: {"active": 0, "members": 0, "drawn": 0.0, "chance": 0.0}
    )
    for member in found.members:
        tags = member.environment.tags or ("",)
        for tag in tags:
            row = rows[tag]
            row["members"] += 1
            row["active"] += member.state == "active"
            row["drawn"] += (_drawn(found, member) or 0.0) / len(tags)
            row["chance"] += chances.get(member.id, 0.0) / len(tags)
    if not found.tickets:
        for row in rows.values():
            row["drawn"] = None
    return sorted(
        ({"tag": tag, **row} for tag, row in rows.items()), key=lambda row: (-row["chance"], row["tag"])
    )


def _accuracy(member: Member) -> Text:
    """The mean of the recent groups and a bar for each of the newest, oldest first; dead ones are dim."""
    from envforge.cli import display

    if member.accuracy is None:
        return display.text("")
    found = display.text(f"{member.accuracy:.2f} ")
    for _, accuracy, live in member.recent[-BARS:]:
        bar = SPARKS[min(int(accuracy * len(SPARKS)), len(SPARKS) - 1)]
        found.append_text(display.text(bar, display.GOOD if live else display.DIM))
    return found


def _levels(low: int, high: int, top: int) -> str:
    return f"{low} of {top}" if low == high else f"{low}-{high} of {top}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _live(member: Member) -> float | None:
    return member.live_groups / member.groups if member.groups else None


def _drawn(found: Pool, member: Member) -> float | None:
    return member.tickets / found.tickets if found.tickets else None


def _seed_share(found: Pool) -> float | None:
    if not found.tickets:
        return None
    return sum(member.tickets for member in found.members if member.seed) / found.tickets


def _counts(found: Pool) -> dict[str, int]:
    states = dict.fromkeys(("active", "parked", "rotated", "retired"), 0)
    for member in found.members:
        states[member.state] += 1
    return states


def _as_data(found: Pool, controller: str, state: str | None) -> dict[str, Any]:
    """The JSON of docs/pool.md."""
    chances = found.chances()
    return {
        "controller": controller,
        "tickets": found.tickets,
        "groups": found.groups,
        "effective_prompt_ratio": {
            "all": found.effective_prompt_ratio(),
            "recent": found.recent_effective_prompt_ratio(),
        },
        "seed_share": {"drawn": _seed_share(found)},
        "states": _counts(found),
        "tags": _by_tag(found, chances),
        "members": [
            {
                "id": member.id,
                "title": member.environment.title,
                "tags": list(member.environment.tags),
                "seed": member.seed,
                "state": member.state,
                "reason": member.reason,
                "since": member.since,
                "levels": list(found.position(member)),
                "max_difficulty": member.top,
                "groups": member.groups,
                "live_groups": member.live_groups,
                "accuracy": member.accuracy,
                "recent": [
                    {"difficulty": difficulty, "accuracy": accuracy, "live": live}
                    for difficulty, accuracy, live in member.recent
                ],
                "drawn": _drawn(found, member),
                "chance": chances.get(member.id, 0.0),
            }
            for member in found.members
            if state in (None, member.state)
        ],
    }
