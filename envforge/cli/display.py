"""What the terminal shows: consoles, tables and panels in one style, and JSON for scripts.

Titles, prompts and messages come from programs nobody trusts, so all of them pass through `plain`, which leaves
a terminal nothing to obey.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table
    from rich.text import Text

PIPE_WIDTH = 110  # characters per line where there is no terminal to ask
GOOD, BAD, WARN, DIM, KEY = "green", "red", "yellow", "dim", "cyan"
STATUS_STYLES = {
    "admitted": GOOD,
    "validated": GOOD,
    "rejected": BAD,
    "duplicate": WARN,
    "none": WARN,
    "retired": DIM,
    "quarantined": WARN,
    "finished": GOOD,
    "running": KEY,
    "interrupted": WARN,
    "failed": BAD,
}

# Control characters but tab and line feed, lone surrogates, and what turns the direction of text around.
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]")


def plain(text: str) -> str:
    """`text` with everything that a terminal would obey written out as an escape."""
    return _OBEYED.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def screen(*, stderr: bool = False) -> Console:
    """A console on standard output (or error): as wide as the terminal, colourless where NO_COLOR says so."""
    from rich.console import Console

    class Screen(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    stream = sys.stderr if stderr else sys.stdout
    width = None if stream.isatty() or os.environ.get("COLUMNS") else PIPE_WIDTH
    return Screen(stderr=stderr, highlight=False, markup=False, emoji=False, width=width, soft_wrap=False)


def text(value: object, style: str = "") -> Text:
    """Any value as harmless text."""
    from rich.text import Text

    return Text(plain(str(value)), style=style)


def titled(title: str, below: str, style: str = "") -> Text:
    """A title with something smaller below it: what a table's widest column holds."""
    found = text("").append_text(text(title.rstrip("."), style))
    return found.append_text(text(f"\n{below}", DIM)) if below else found


def status(name: str) -> Text:
    """A status or outcome in its colour."""
    return text(name, STATUS_STYLES.get(name, ""))


def isolation(level: int | str, form: str = "{} ({})") -> str:
    """An isolation level by number and name, as in "3 (cgroups)"; as it stands when it is none that we know."""
    from envforge.config import ISOLATION_NAMES

    known = {str(number): name for number, name in enumerate(ISOLATION_NAMES)}
    number = str(int(level)) if isinstance(level, int) else level
    return form.format(number, known[number]) if number in known else number


def tell(sentence: str, style: str = DIM) -> None:
    """Say something on standard error that is no result: what takes long, what is not as it might be."""
    screen(stderr=True).print(text(sentence[:1].upper() + sentence[1:], style), soft_wrap=True)


def table(
    *columns: str, title: str | None = None, right: Iterable[str] = (), fixed: Iterable[str] = ()
) -> Table:
    """An empty table. Columns named in `right` are numbers; those in `fixed` are never wrapped or cut."""
    from rich import box
    from rich.table import Table

    found = Table(
        box=box.SIMPLE_HEAD,
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="bold",
        show_edge=False,
        pad_edge=False,
    )
    right, fixed = set(right), set(fixed)
    for column in columns:
        rigid = column in right or column in fixed
        found.add_column(
            column,
            justify="right" if column in right else "left",
            no_wrap=rigid,
            overflow="ellipsis" if rigid else "fold",
        )
    return found


def facts(pairs: Mapping[str, object]) -> Table:
    """Names and values in two columns, for the head of a page."""
    from rich.table import Table
    from rich.text import Text

    found = Table.grid(padding=(0, 2))
    found.add_column(style=KEY, no_wrap=True)
    found.add_column(overflow="fold")
    for name, value in pairs.items():
        found.add_row(name, value if isinstance(value, Text) else text(value))
    return found


def panel(body: RenderableType, title: str, style: str = KEY) -> RenderableType:
    """A frame around a text that belongs together."""
    from rich.panel import Panel

    return Panel(body, title=text(title), title_align="left", border_style=style, padding=(0, 1))


def section(console: Console, body: RenderableType) -> None:
    """Print `body` below an empty line."""
    console.print()
    console.print(body)


def print_json(value: Any) -> None:
    """Write `value` to standard output as indented ASCII JSON."""
    sys.stdout.write(json.dumps(_finite(value), indent=2, allow_nan=False) + "\n")


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    return value


def seconds(value: float) -> str:
    """A duration as people say it: 0.42 s, 7.1 s, 2 min 05 s, 1 h 02 min."""
    if value < 1:
        return f"{value:.2f} s"
    if value < 60:
        return f"{value:.1f} s"
    whole = round(value)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def count(number: int, noun: str) -> str:
    """A number and its noun: 1 environment, 3 environments."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
