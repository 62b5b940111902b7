"""The words that a model is sent: templates filled in. The templates are the files in `templates/`."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cache
from importlib import resources
from string import Template

from envforge.contract import LibraryEntry, Oracle, derive_seed
from envforge.policies import Message
from envforge.proposers.coverage import is_behind, rare_tags

MAX_TITLES = 120  # of the library, named in a request
MAX_TITLE_CHARACTERS = 160


def theme_of(seed: int, index: int, visual: bool = False) -> str:
    """The theme of a request: each comes once before any comes again, in an order that the seed decides."""
    themes = template("visual-themes.txt" if visual else "themes.txt").split("\n")[:-1]
    random.Random(derive_seed("themes", seed)).shuffle(themes)
    return themes[index % len(themes)]


def proposal_messages(
    entries: Sequence[LibraryEntry],
    exemplars: Sequence[LibraryEntry],
    theme: str,
    oracle: Oracle,
    rng: random.Random,
    visual: bool = False,
) -> tuple[Message, ...]:
    """The conversation that asks for a new environment. `entries` is the library, in a fixed order.

    With `visual` the rules for pictures are added to those for programs.
    """
    shown = [
        Template(template("exemplar.txt")).substitute(program=fenced(e.program.source)) for e in exemplars
    ]
    titles = [e.program.title for e in rng.sample(entries, min(MAX_TITLES, len(entries)))]
    fields = {
        "exemplars": "".join(shown),
        "titles": "\n".join(sorted(f"- {_line(title)}" for title in titles)) or "(none yet)",
        "theme": theme,
        "oracle": oracle.value,
        "hints": _hints(entries, oracle, rng),
    }
    request = Template(template("request.txt")).substitute(fields)
    system = template("system.txt")
    if visual:
        system, request = f"{system}\n{template('visual.txt')}", request + template("visual-request.txt")
    return ({"role": "system", "content": system}, {"role": "user", "content": request})


def _hints(entries: Sequence[LibraryEntry], oracle: Oracle, rng: random.Random) -> str:
    """What the library lacks, as sentences to go on with."""
    hints = " The library has few of this kind." if is_behind(entries, oracle) else ""
    tags = ", ".join(rare_tags(entries, rng))
    if tags:
        hints += (
            f" The library has few with these tags: {tags}. One that truly needs such an ability is welcome."
        )
    return hints


def fenced(source: str) -> str:
    """A program in a fence that none of its own lines can close."""
    longest = max((len(run) for run in re.findall(r"`{3,}", source)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}python\n{source.rstrip()}\n{fence}"


def _line(text: str) -> str:
    """One line of bounded length: titles are written by models too."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_TITLE_CHARACTERS else f"{line[:MAX_TITLE_CHARACTERS]}..."


@cache
def template(name: str) -> str:
    """The text of a template file."""
    return (resources.files("envforge.proposers") / "templates" / name).read_text("utf-8")
