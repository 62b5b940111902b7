"""Words of a composite that are chosen when its source is written: titles, labels, letters, closing sentences.

Choices are hashed from the operation, so the same recipe is always worded alike and different recipes differ.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from envforge.contract import derive_seed
from envforge.proposers.weaving import Parts

T = TypeVar("T")

_LABELS = ("Problem", "Question", "Puzzle", "Exercise", "Part", "Riddle")
_CASES = ("Case", "Round", "Instance", "Item", "Exercise", "Sample")
_LETTERS = "NKMQTXZ"
_SMUDGE = "??"  # where every letter may have a meaning of its own
_SMALL = frozenset(
    "a all an and as at between by count fewest first for from given how in into largest last least longest many "
    "most number of on one or planted second shortest smallest some sum that the then their to total two with".split()
)
_CLOSING = re.compile(
    r"(?: |\n+)(?:Answer|Reply|Respond) with (?:one|an|a single|the) (?:integer|number)(?: only| alone)?\.$"
)

ONE_INTEGER = "Answer with one integer."


@dataclass(frozen=True, slots=True)
class Choice:
    """Hashed choices for one recipe."""

    key: str

    def of(self, slot: str, options: Sequence[T]) -> T:
        return options[derive_seed("phrasing", self.key, slot) % len(options)]


def head(parts: Parts) -> str:
    """The title up to its colon, as a name for the program: `Coin change`."""
    lines = parts.docstring.strip().split("\n")
    return re.split(r"[:.(]", lines[0])[0].strip() or "Untitled problem"


def lowered(name: str) -> str:
    """A head inside a sentence; names such as `LIS` keep their capitals."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def prefixes(name: str, role: str) -> list[str]:
    """Prefixes for a program's functions, best first: a telling word of its head, else its role."""
    words = [w for w in re.findall(r"[a-z]+", name.lower()) if w not in _SMALL and 3 <= len(w) <= 12]
    return [*reversed(words), role, f"{role}_problem"]


def label(choice: Choice, parents: Iterable[Parts], cases: bool = False) -> str:
    """What the parts of the prompt are called, other than any word of the parents' own prompts."""
    text = " ".join(s.lower() for parts in parents for s in parts.strings)
    options = _CASES if cases else _LABELS
    free = [o for o in options if not re.search(rf"\b{o.lower()}", text)]
    return choice.of("label", free or ["Section"])


def symbol(choice: Choice, parents: Iterable[Parts]) -> str:
    """A letter that stands for the hidden number, or a smudge if any letter could be mistaken."""
    parents = list(parents)
    if any({"ascii_uppercase", "ascii_letters", "chr"} & parts.words for parts in parents):
        return _SMUDGE
    strings = [s for parts in parents for s in parts.strings]
    alphabets = "".join(s for s in strings if len(s) > 1 and s.isupper() and s.isalpha())
    free = [
        letter
        for letter in _LETTERS
        if letter not in alphabets
        and not any(re.search(rf"(?i)(?<![a-z]){letter}(?![a-z])", s) for s in strings)
    ]
    return choice.of("letter", free) if free else _SMUDGE


def closing(parts: Parts) -> str:
    """The last sentence of the prompt if it only says that the answer is one integer, else nothing.

    In a composite that sentence stands in the middle, where it would send the reader the wrong way.
    """
    function = parts.function("prompt")
    returned = [n for n in ast.walk(function) if isinstance(n, ast.Return)] if function else []
    if function is None or len(returned) != 1 or returned[0].value is None:
        return ""
    last = _last_part(returned[0].value)
    if isinstance(last, ast.Name):
        values = [n.value for n in ast.walk(function) if isinstance(n, ast.Assign) and _assigns(n, last.id)]
        last = _last_part(values[0]) if len(values) == 1 else last
    found = (
        _CLOSING.search(last.value)
        if isinstance(last, ast.Constant) and isinstance(last.value, str)
        else None
    )
    return found[0] if found else ""


def _last_part(node: ast.expr) -> ast.AST:
    """The constant or name that stands last in an expression."""
    parts = [n for n in _leaves(node) if isinstance(n, ast.Constant | ast.Name)]
    return parts[-1] if parts else node


def _leaves(node: ast.AST) -> Iterator[ast.AST]:
    children = [child for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr_context)]
    if not children:
        yield node
    for child in children:
        yield from _leaves(child)


def _assigns(node: ast.Assign, name: str) -> bool:
    return any(isinstance(target, ast.Name) and target.id == name for target in node.targets)


def tags(groups: Sequence[Sequence[str]], most: int = 6) -> tuple[str, ...]:
    """The union of tags, taking turns, so that no parent's are cut first."""
    longest = max(map(len, groups))
    turns = [group[i] for i in range(longest) for group in groups if i < len(group)]
    return tuple(dict.fromkeys(turns))[:most]
