"""What the compose operations share: a library program prepared as a parent, and the draft of a composite."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from string import Template

from envforge.contract import MAX_SOURCE_BYTES, LibraryEntry, Oracle, Program
from envforge.proposers.parameters import hideable
from envforge.proposers.phrasing import ONE_INTEGER, Choice, closing, head, lowered, prefixes, tags
from envforge.proposers.weaving import Parts, Strand, Unweavable, weave

MAX_LINES = 400  # of a composite: people read them
PROMPT_BUDGET = 7_000  # characters that the parents' prompts may be expected to fill, of the contract's 8,000
_WIDTH = 100  # of a line of generated text
_LEAST_PROMPT = 600  # what a prompt is taken to have at least, at the highest level
_GROWTH = (1.6, 2.4)  # highest level's prompt to a middle one's template: of seeds, of composites


@dataclass(frozen=True, slots=True)
class Member:
    """A library program as a possible parent: what its text and its profile say."""

    entry: LibraryEntry
    parts: Parts
    head: str
    closing: str  # the sentence to cut from its prompt where it is not the last
    keys: tuple[str, ...]  # state keys that can be hidden behind a letter

    @property
    def id(self) -> str:
        return self.entry.program.id

    @property
    def is_visual(self) -> bool:
        """Whether it has a picture."""
        return self.entry.program.kind == "visual"

    @property
    def is_integer(self) -> bool:
        """Whether its one right answer is always an integer."""
        return self.entry.profile.answer_is_integer and self.entry.program.oracle is Oracle.EQUALITY

    @property
    def floor(self) -> float:
        """The highest guess floor over the levels; a careful guess where none was measured."""
        return max(self.entry.profile.guess_floors, default=0.4)

    @property
    def least(self) -> int:
        """The smallest answer seen; 0 where unknown."""
        return self.entry.profile.answer_range[0] if self.entry.profile.answer_range else 0

    @property
    def length(self) -> int:
        """Characters that its prompt may have at the highest level."""
        growth = _GROWTH[min(1, self.entry.depth)]
        return max(_LEAST_PROMPT, int(growth * len(self.entry.profile.prompt_template)))


def prepare(entry: LibraryEntry) -> Member | None:
    """`entry` as a parent, or None when its source cannot be taken apart safely."""
    try:
        parts = Parts(entry.program.source)
    except Unweavable:
        return None
    keys = hideable(parts, entry.profile.integer_keys)
    ending = closing(parts) if entry.profile.answer_is_integer else ""
    return Member(entry, parts, head(parts), ending, keys)


@dataclass(frozen=True, slots=True)
class Recipe:
    """One composite that can be written: what to do, in which variant, to which parents in which roles."""

    family: str
    variant: str
    parents: tuple[Member, ...]
    key: str = ""  # the state key that takes the first answer

    @property
    def operation(self) -> str:
        """Its name in the history: unique, and stable over runs."""
        detail = f"{self.variant}:{self.key}" if self.key else self.variant
        return f"{self.family}/{detail} {'+'.join(p.id for p in self.parents)}"


@dataclass(frozen=True, slots=True)
class Draft:
    """A composite before it is woven: `body` is a template over `words` and the parents' prefixes.

    In `body`, `$first` is the prefix of the first parent and `$first_end` cuts its closing sentence; the same
    for `$second`.
    """

    title: str
    summary: str
    oracle: Oracle
    wanted: tuple[tuple[str, ...], ...]  # per parent
    body: str
    words: dict[str, str]
    scene: tuple[int, str] | None = None  # the visual parent, and where the state holds its own


def write(recipe: Recipe, draft: Draft) -> str:
    """The composite's source. Raises Unweavable when it would be too long or names cannot be told apart."""
    members = recipe.parents
    chosen = _choose_prefixes(members)
    words = dict(draft.words)
    for role, prefix, member in zip(("first", "second"), chosen, members):
        words[role] = prefix
        words[f"{role}_end"] = f".removesuffix({quoted(member.closing)})" if member.closing else ""
    wanted = list(draft.wanted)
    body = Template(draft.body).substitute(words)
    if draft.scene is not None:
        visual, place = draft.scene
        wanted[visual] = (*wanted[visual], "render")
        body += _RENDER.format(prefix=chosen[visual], place=place)
    strands = [
        Strand(member.parts, prefix, names, member.head)
        for member, prefix, names in zip(members, chosen, wanted)
    ]
    labels = tags([member.entry.program.tags for member in members])
    listed = ", ".join(quoted(tag) for tag in labels) + ("," if len(labels) == 1 else "")
    constants = f"TAGS = ({listed})\nORACLE = {quoted(draft.oracle.value)}"
    if draft.scene is not None:
        constants += _visual_constants(members[draft.scene[0]].entry.program)
    docstring = f"{draft.title}.\n\n{draft.summary}\n"
    heading = "Both together" if len(members) > 1 else "What is asked"
    source = weave(docstring, constants, strands, heading, body)
    if source.count("\n") >= MAX_LINES or len(source.encode()) > MAX_SOURCE_BYTES:
        raise Unweavable("the composite would be too long to read")
    return source


_RENDER = '''

def render(state):
    """The picture of the one problem that has one."""
    return {prefix}_render({place})
'''


def _visual_constants(program: Program) -> str:
    """Bucket and levels are those of the visual parent."""
    levels = "".join(f"    {quoted(level)},\n" for level in program.levels or ())
    return f"\nBUCKET = {quoted(program.bucket or '')}\nLEVELS = (\n{levels})"


def heads(recipe: Recipe) -> tuple[str, ...]:
    """The parents' heads for use inside a sentence."""
    return tuple(lowered(member.head) for member in recipe.parents)


def choice(recipe: Recipe) -> Choice:
    return Choice(recipe.operation)


def quoted(text: str) -> str:
    """A Python string literal with double quotes where possible."""
    literal = repr(text)
    return (
        f'"{literal[1:-1]}"' if literal[0] == "'" and '"' not in literal and "\\'" not in literal else literal
    )


def growing(most: int, least: int = 2) -> str:
    """A Python expression over `difficulty` that grows from `least` at level 0 to `most` at level 9."""
    return f"{least} + {most - least} * difficulty // 9" if most > least else str(least)


def room_for(length: int, most: int, taken: int = 0) -> int:
    """How many prompts of `length` characters fit in one beside `taken` characters, `most` at most."""
    return max(0, min(most, (PROMPT_BUDGET - taken) // length))


def form(member: Member) -> str:
    """The end of a sentence that asks for `member`'s answer: what it looks like."""
    return f". {ONE_INTEGER}" if member.closing else ", in the form that it asks for."


def literal(text: str, indent: int = 4) -> str:
    """Source for the string `text`, in which `{...}` are f-string placeholders, on lines of readable length."""
    pieces = [""]
    for word in re.findall(r"(?:\{[^}]*\}|\S)+\s*", text):
        if len(pieces[-1]) + len(word) > _WIDTH - indent:
            pieces.append("")
        pieces[-1] += word
    spelled = [p.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for p in pieces]
    printed = [f'f"{p}"' if "{" in p else f'"{p}"' for p in spelled]
    if len(printed) == 1:
        return printed[0]
    inner = " " * (indent + 4)
    return "(\n" + "".join(f"{inner}{p}\n" for p in printed) + " " * indent + ")"


def _choose_prefixes(members: Sequence[Member]) -> list[str]:
    chosen: list[str] = []
    words = frozenset[str]().union(*(m.parts.words for m in members))
    roles = ("first", "second") if len(members) > 1 else ("single",)
    for role, member in zip(roles, members):
        for prefix in prefixes(member.head, role):
            if prefix not in chosen and not any(
                w.startswith((f"{prefix}_", f"{prefix.upper()}_")) for w in words
            ):
                chosen.append(prefix)
                break
        else:
            raise Unweavable("no prefix is free")
    return chosen


INTEGER_SCORE = '''

def score(state, answer):
    """Compares text with text, so that no string can raise and no near miss can pass."""
    return 1.0 if answer.strip() == reference(state) else 0.0
'''

INTEGERS_SCORE = '''

def score(state, answer):
    """The right words in the right order; commas between them do no harm."""
    return 1.0 if answer.replace(",", " ").split() == reference(state).split() else 0.0
'''
