"""Which numbers of a program another program's answer can stand for, decided from the text alone.

A number qualifies if the prompt shows it in one way only, as a bare placeholder of an f-string, so that a
letter can take its place and nothing else betrays it; and if it is drawn at random, so that it cannot be known
from habit. What this cannot see: a number that the rest of the statement implies.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from envforge.proposers.weaving import Parts

_CONDITIONAL = (ast.If, ast.IfExp, ast.Match, ast.Try, ast.For, ast.While, ast.Lambda, ast.FunctionDef)
_REPEATED = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def hideable(parts: Parts, integer_keys: tuple[str, ...]) -> tuple[str, ...]:
    """The top-level state keys, out of `integer_keys`, that can be hidden behind a letter."""
    prompt, generate = parts.function("prompt"), parts.function("generate")
    if prompt is None or generate is None or len(prompt.args.args) != 1 or not generate.args.args:
        return ()
    shown = _shown_keys(prompt)
    return tuple(key for key in integer_keys if key in shown and _is_drawn(generate, key))


def _shown_keys(prompt: ast.FunctionDef) -> set[str]:
    """The keys that `prompt` uses as bare placeholders and in no other way."""
    state = prompt.args.args[0].arg
    parents = {child: node for node in ast.walk(prompt) for child in ast.iter_child_nodes(node)}
    good: set[str] = set()
    bad: set[str] = set()
    for node in ast.walk(prompt):
        if not (isinstance(node, ast.Name) and node.id == state):
            continue
        access = parents[node]
        key = access.slice if isinstance(access, ast.Subscript) else None
        if isinstance(access, ast.Compare) and isinstance(access.left, ast.Constant):
            continue  # "key" in state
        if not (isinstance(key, ast.Constant) and isinstance(key.value, str)):
            return set()  # the whole state goes elsewhere
        uses = list(_uses(prompt, access, parents))
        (good if uses and all(_is_bare(use, parents) for use in uses) else bad).add(key.value)
    return good - bad


def _uses(prompt: ast.FunctionDef, access: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    """Where the value of `access` is used: itself, or the local names that it is assigned to."""
    name = _assigned_name(access, parents)
    if name is None:
        yield access
        return
    mentions = [n for n in ast.walk(prompt) if isinstance(n, ast.Name) and n.id == name]
    if sum(isinstance(n.ctx, ast.Store) for n in mentions) == 1:
        yield from (n for n in mentions if isinstance(n.ctx, ast.Load))


def _assigned_name(access: ast.AST, parents: dict[ast.AST, ast.AST]) -> str | None:
    around = parents[access]
    if (
        isinstance(around, ast.Assign)
        and len(around.targets) == 1
        and isinstance(around.targets[0], ast.Name)
    ):
        return around.targets[0].id
    if isinstance(around, ast.Tuple) and isinstance(assign := parents[around], ast.Assign):
        targets = assign.targets[0]
        if isinstance(targets, ast.Tuple) and len(targets.elts) == len(around.elts):
            target = targets.elts[around.elts.index(access)]  # type: ignore[arg-type]
            return target.id if isinstance(target, ast.Name) else None
    return None


def _is_bare(use: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether `use` is all of an f-string placeholder that is always shown and stands apart."""
    field = parents[use]
    if not isinstance(field, ast.FormattedValue) or field.conversion != -1 or field.format_spec is not None:
        return False
    string = parents[field]
    if not isinstance(string, ast.JoinedStr):
        return False
    place = string.values.index(field)
    before = string.values[place - 1] if place else None
    after = string.values[place + 1] if place + 1 < len(string.values) else None
    if _touches(before, -1) or _touches(after, 0):
        return False
    node: ast.AST = string
    while not isinstance(node := parents[node], ast.FunctionDef):
        if isinstance(node, _CONDITIONAL + _REPEATED):
            return False
    return True


def _touches(neighbour: ast.expr | None, edge: int) -> bool:
    """Whether a letter put in the placeholder would run into its neighbour."""
    if neighbour is None:
        return False
    if not (isinstance(neighbour, ast.Constant) and isinstance(neighbour.value, str) and neighbour.value):
        return True
    return neighbour.value[edge].isalnum()


def _is_drawn(generate: ast.FunctionDef, key: str) -> bool:
    """Whether every value that `generate` stores under `key` is drawn, and is not how many of something it makes."""
    values: list[ast.expr] = []
    for node in ast.walk(generate):
        if isinstance(node, ast.Dict):
            values += [
                v for k, v in zip(node.keys, node.values) if isinstance(k, ast.Constant) and k.value == key
            ]
        elif isinstance(node, ast.Assign):
            targets = [
                t for t in node.targets if isinstance(t, ast.Subscript) and isinstance(t.slice, ast.Constant)
            ]
            values += [node.value for t in targets if t.slice.value == key]  # type: ignore[attr-defined]
    sizes = _size_names(generate)
    rng = generate.args.args[0].arg
    return bool(values) and all(
        not (isinstance(v, ast.Name) and v.id in sizes) and _draws(v, generate, rng, 4) for v in values
    )


def _draws(value: ast.expr, generate: ast.FunctionDef, rng: str, depth: int) -> bool:
    """Whether chance decides `value`: it calls the generator, or sums or picks what was drawn."""
    if isinstance(value, ast.IfExp):
        return _draws(value.body, generate, rng, depth) and _draws(value.orelse, generate, rng, depth)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "len":
        return False
    names = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
    if rng in names:
        return True
    return depth > 0 and any(
        _draws(assigned, generate, rng, depth - 1) for name in names for assigned in _assigned(generate, name)
    )


def _assigned(generate: ast.FunctionDef, name: str) -> list[ast.expr]:
    """The expressions that a local name gets its values from."""
    found = []
    for node in ast.walk(generate):
        if isinstance(node, ast.Assign):
            targets = node.targets
            if any(isinstance(n, ast.Name) and n.id == name for t in targets for n in ast.walk(t)):
                found.append(node.value)
    return found


def _size_names(generate: ast.FunctionDef) -> set[str]:
    """The names that say how many of something are made: the statement would show the number by its length."""
    names: set[str] = set()
    for node in ast.walk(generate):
        sizes: list[ast.expr] = []
        if isinstance(node, ast.Call):
            called = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if called == "range":
                sizes = node.args
            elif called in ("sample", "choices", "combinations"):
                sizes = [*node.args[1:], *(k.value for k in node.keywords if k.arg == "k")]
        elif isinstance(node, ast.BinOp) and ast.List in (type(node.left), type(node.right)):
            sizes = [node.left, node.right]  # [0] * n
        names |= {n.id for size in sizes for n in ast.walk(size) if isinstance(n, ast.Name)}
    return names
