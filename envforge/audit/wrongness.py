"""What makes an answer wrong: its strength as evidence, the forms of references, and when two answers are one.

The gates refuse a program at the first wrong answer that passes. An audit names the fault, so each wrong answer
(envforge.audit.families) belongs to one code, and its strength says when its acceptance proves that fault.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from envforge.contract import Instance
from envforge.validation.spelling import same_meaning

INTEGER = re.compile(r"[-+]?\d{1,1000}")
_LOOSE = re.compile(r"\\boxed|\\text|\\\(|\\\)|[\[\](){}\"'`$]|[.,;:!?](?!\d)")
_FREE_ORDER = re.compile(
    r"\b(any|whatever|either|arbitrary|no particular) (order|sequence)"
    r"|order (does not|doesn't|is not|need not|is free)"
    r"|(regardless|irrespective) of (the )?order|in which(ever)? order|\bunordered\b|\bas a set\b|\bset of\b",
    re.IGNORECASE,
)
TOLERANT = re.compile(
    r"\bwithin [\d.]+ ?(%|percent)|\bwithin [\d.]+ of\b|\bcorrect to within\b|±|\btoleranc|\bapproximat|\bestimate"
    r"|\b(absolute|relative) error|\berror of|\bplus or minus|\bgive or take|\bmay (differ|be off)",
    re.IGNORECASE,
)
_NUMBER_WORDS = "no one two three four five six seven eight nine ten eleven twelve".split()
_OPPOSITES = {
    one: two
    for pair in (
        "yes no",
        "true false",
        "possible impossible",
        "valid invalid",
        "even odd",
        "win lose",
        "y n",
    )
    for one, two in (pair.split(), pair.split()[::-1])
}


class Strength(enum.Enum):
    """When the acceptance of a wrong answer proves a fault."""

    FORM = "form"  # always: no right answer looks like that
    MASS = "mass"  # where one answer is right, always; where many are, when it passes nearly everywhere
    MANY = "many"  # where many are right, when it passes nearly everywhere: it may be a near miss elsewhere
    MEANING = "meaning"  # where one answer is right


@dataclass(frozen=True, slots=True)
class Wrong:
    """A wrong answer, the code its acceptance belongs to, and what it is in words ("the reference with ...")."""

    code: str
    kind: str
    text: str
    strength: Strength = Strength.MEANING
    light: bool = False  # asked of every instance, not of a few per level


@dataclass(frozen=True, slots=True)
class Listing:
    """A reference that lists items: `opening` + items joined by `gap` + `closing`."""

    items: tuple[str, ...]
    gap: str
    opening: str = ""
    closing: str = ""

    def written(self, items: Sequence[str]) -> str:
        """Other items in the same form."""
        return f"{self.opening}{self.gap.join(items)}{self.closing}"


@dataclass(frozen=True, slots=True)
class Case:
    """One instance, and references of other instances that mean something else."""

    instance: Instance
    others: tuple[str, ...]

    @property
    def reference(self) -> str:
        return self.instance.reference

    @property
    def integer(self) -> int | None:
        """The reference as an integer, if it is nothing else."""
        return int(self.reference) if INTEGER.fullmatch(self.reference) else None

    @property
    def verdict(self) -> str | None:
        """The opposite of a reference like "yes"; None for other references."""
        return _OPPOSITES.get(self.reference.strip(".").casefold())

    @property
    def rival(self) -> str | None:
        """Another answer of the same form that is wrong here, far from the reference where that can be had."""
        if self.verdict is not None:
            return self.verdict
        number = self.integer
        if number is not None:
            return str(number + 3 if abs(number) < 1000 else number + 1 + abs(number) // 2)
        return next((other for other in self.others if "\n" not in other and len(other) <= 200), None)


def equivalent(one: str, two: str) -> bool:
    """Whether two answers may be one answer: in spelling, in brackets, quotes and punctuation, or in value."""
    if same_meaning(one, two):
        return True
    first, second = _LOOSE.sub(" ", one), _LOOSE.sub(" ", two)
    if first.strip() and second.strip() and same_meaning(first, second):
        return True
    value = value_of(one)
    return value is not None and value == value_of(two)


def value_of(text: str) -> Fraction | None:
    plain = text.strip().strip("$%").replace(" ", "")
    if not re.fullmatch(r"[-+]?\d{1,400}(\.\d{1,400}|/\d{1,400})?", plain):
        return None
    try:
        return Fraction(plain)
    except ZeroDivisionError:
        return None


def listing(reference: str) -> Listing | None:
    """The items of a reference that lists at least two; None for one word or number, and for several sections."""
    match = re.fullmatch(r"([\[({<]?)(.*?)([\])}>]?)", reference, re.DOTALL)
    assert match is not None
    opening, inner, closing = match.groups()
    if re.search(r"[\[\](){}]", inner):
        return None
    for gap in (r"\s*;\s*", r"\s*,\s*", r"\s*\n\s*", r"\s*->\s*", r" - ", r"\s+"):
        found = re.search(gap, inner)
        if found is None:
            continue
        items = tuple(re.split(gap, inner))
        return Listing(items, found.group(), opening, closing) if len(items) > 1 and all(items) else None
    return None


def free_order(prompt: str) -> bool:
    """Whether the prompt leaves the order of the answer's parts free."""
    return _FREE_ORDER.search(prompt) is not None


def bound(prompt: str, count: int) -> bool:
    """Whether the prompt allows no more than `count` parts, in figures or in words."""
    names = [str(count), *_NUMBER_WORDS[count : count + 1]]
    return any(
        re.search(rf"\b(at most|exactly|no more than|not more than|up to) {name}\b", prompt, re.IGNORECASE)
        for name in names
    )


def vocabulary(state: Any) -> list[str]:
    """The words and numbers of a state, keys of inner objects included, each once, in order."""
    found: dict[str, None] = {}

    def walk(node: Any, depth: int) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if depth:
                    found.setdefault(key)
                walk(value, depth + 1)
        elif isinstance(node, list):
            for value in node:
                walk(value, depth + 1)
        elif isinstance(node, (str, int)) and not isinstance(node, bool):
            found.setdefault(str(node))

    walk(state, 0)
    return [word for word in list(found)[:400] if word]


def cases(instances: Sequence[Instance]) -> list[Case]:
    """A case for each instance; the other references come from its own level first."""
    distinct: dict[str, int] = {}
    for instance in instances:
        distinct.setdefault(instance.reference, instance.difficulty)
    found = []
    for instance in instances:
        near = sorted(distinct, key=lambda text: abs(distinct[text] - instance.difficulty))
        others = [text for text in near[:40] if not equivalent(text, instance.reference)]
        found.append(Case(instance, tuple(others)))
    return found
