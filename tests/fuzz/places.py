"""A program that is being mutated, and the places in its syntax tree where something may be changed.

Text that `ast.unparse` could not write (nests deeper than its recursion, numbers with 5,000 digits) stands in the
tree as the name of a variable: unparse writes names as they are.
"""

from __future__ import annotations

import ast
import random
from dataclasses import dataclass
from typing import Any

FUNCTIONS = ("generate", "prompt", "reference", "score")


@dataclass(frozen=True, slots=True)
class Draft:
    """A program being mutated: its tree, the tree of another program to take parts from, and the random stream."""

    tree: ast.Module
    donor: ast.Module
    rng: random.Random


Slot = tuple[ast.AST, str, int | None]  # where an expression stands: node, field, and index if it is a list


def blocks(tree: ast.AST) -> list[list[ast.stmt]]:
    """Every list of statements, outermost first."""
    found = []
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            value = getattr(node, field, None)
            if isinstance(value, list) and value:
                found.append(value)
    return found


def slots(tree: ast.AST) -> list[Slot]:
    """Every place where one expression may stand for another as far as the grammar is concerned."""
    found: list[Slot] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr | ast.MatchValue | ast.MatchMapping | ast.MatchClass):
            continue  # only some kinds of expressions may stand there
        for field, value in ast.iter_fields(node):
            if isinstance(value, list):
                found += [(node, field, place) for place, item in enumerate(value) if _replaceable(item)]
            elif _replaceable(value) and field != "format_spec":
                found.append((node, field, None))
    return found


def _replaceable(value: object) -> bool:
    return isinstance(value, ast.expr) and isinstance(getattr(value, "ctx", None), ast.Load | None)


def get(slot: Slot) -> ast.expr:
    """The expression in a slot."""
    node, field, place = slot
    value: Any = getattr(node, field)
    found: ast.expr = value if place is None else value[place]
    return found


def put(slot: Slot, expression: ast.expr) -> None:
    """Replace the expression in a slot."""
    node, field, place = slot
    if place is None:
        setattr(node, field, expression)
    else:
        getattr(node, field)[place] = expression


def raw(text: str) -> ast.expr:
    """An expression that is written exactly so."""
    return ast.Name(text, ast.Load())


def statements(text: str) -> list[ast.stmt]:
    """Text of ours as statements."""
    return ast.parse(text).body


def functions(tree: ast.Module) -> list[ast.FunctionDef]:
    return [node for node in tree.body if isinstance(node, ast.FunctionDef)]


def of_kind(tree: ast.AST, *kinds: type[ast.AST]) -> list[ast.AST]:
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]
