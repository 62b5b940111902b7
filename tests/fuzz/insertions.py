"""Grammar-based mutators that put something of ours into a program: hostile code, odd values, impossible shapes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from fuzz import hostile
from fuzz.places import FUNCTIONS, Draft, blocks, functions, get, put, raw, slots, statements

_MODULES = """collections copy dataclasses decimal enum fractions functools itertools json math operator random re
typing"""
IMPORTS = f"import {', '.join(_MODULES.split())}"
DEPTHS = (2, 5, 12, 30, 60, 85, 95, 105, 150, 200, 400, 1000, 4000)
BLOCK_DEPTHS = (2, 5, 15, 19, 21, 40, 60, 90)


def insert_endless(draft: Draft) -> None:
    _insert(draft, draft.rng.choice(hostile.ENDLESS))


def insert_hostile(draft: Draft) -> None:
    _insert(draft, draft.rng.choice(hostile.STATEMENTS))


def _insert(draft: Draft, text: str) -> None:
    _import_all(draft)
    inside = [block for function in functions(draft.tree) for block in blocks(function)]
    block = draft.tree.body if not inside or draft.rng.random() < 0.1 else draft.rng.choice(inside)
    place = draft.rng.randrange(len(block) + 1)
    block[place:place] = statements(text)


def _import_all(draft: Draft) -> None:
    """What hostile parts use, so that they get beyond the first unknown name."""
    place = 1 if ast.get_docstring(draft.tree, clean=False) is not None else 0
    draft.tree.body[place:place] = statements(IMPORTS)


def change_return(draft: Draft) -> None:
    """Another kind of value from a function of the contract."""
    found = list(_returns(draft))
    if found:
        _import_all(draft)
        _, node = draft.rng.choice(found)
        node.value = raw(draft.rng.choice(hostile.RETURNS))


def wrap_return(draft: Draft) -> None:
    """What a function returns, dressed up: the program stays whole, and what is odd reaches the late gates."""
    found = [
        (name, node) for name, node in _returns(draft) if name in hostile.WRAPPERS and node.value is not None
    ]
    if not found:
        return
    _import_all(draft)
    name = draft.rng.choice([name for name, _ in found])
    wrapper = draft.rng.choice(hostile.WRAPPERS[name])
    for owner, node in found:
        if owner == name and node.value is not None:
            node.value = raw(f"({wrapper.replace('VALUE', f'({ast.unparse(node.value)})')})")


def _returns(draft: Draft) -> Iterator[tuple[str, ast.Return]]:
    for function in functions(draft.tree):
        if function.name in FUNCTIONS:
            for node in ast.walk(function):
                if isinstance(node, ast.Return):
                    yield function.name, node


def change_metadata(draft: Draft) -> None:
    """Another value of a constant that the host reads, or one more."""
    name = draft.rng.choice(list(hostile.METADATA))
    value = raw(draft.rng.choice(hostile.METADATA[name]))
    for node in draft.tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == name:
            node.value = value
            return
    _import_all(draft)
    target = raw(
        draft.rng.choice((name, name, name, "X[0]", "X.a", "X[0x" + "f" * 4000 + "].a", "X, Y", "*X,"))
    )
    place = draft.rng.randint(1, len(draft.tree.body))
    draft.tree.body[place:place] = [ast.Assign([target], value, lineno=0)]


_NESTS = (
    ("(", ")"), ("[", "]"), ("{", "}"), ("{0: ", "}"), ("-", ""), ("not ", ""), ("~", ""), ("lambda: ", ""),
    ("str(", ")"), ("1 + ", ""), ("1 ** ", ""), ("0 or ", ""), ("0 if 0 else ", ""), ("0 < ", ""), ("[*", "]"),
    ("(lambda: ", ")()"), ("[_ for _ in ", "]"), ("(_ := ", ")"), ("", ".real"), ("", "[0]"), ("", "()"),
    ("", " + 1"), ("", " and 1"), ("", ", 1"), ("await ", ""), ("{**", "}"), ("(yield ", ")"),
)  # fmt: skip


_SHELLS = (
    "if 1: pass",
    "for _ in '1': pass",
    "while 1: pass",
    "try: pass\nfinally: pass",
    "with rng: pass",
    "def inner(): pass",
    "class Inner: pass",
    "match 1:\n    case _: pass",
)


def nest_expression(draft: Draft) -> None:
    """Brackets, operators, lambdas or calls around an expression, up to depths that no parser takes."""
    slot = draft.rng.choice(slots(draft.tree))
    before, after = draft.rng.choice(_NESTS)
    depth = draft.rng.choice(DEPTHS)
    put(slot, raw(f"({before * depth}({ast.unparse(get(slot))}){after * depth})"))


def nest_statement(draft: Draft) -> None:
    """One statement within another, many times over."""
    block = draft.rng.choice(blocks(draft.tree))
    place = draft.rng.randrange(len(block))
    shape = draft.rng.choice(_SHELLS)
    inner = block[place]
    for _ in range(draft.rng.choice(BLOCK_DEPTHS)):
        outer = statements(shape)[0]
        where: Any = outer.cases[0] if isinstance(outer, ast.Match) else outer
        where.body = [inner]
        if isinstance(outer, ast.While):
            outer.body.append(ast.Break())  # else this would be one more endless loop
        inner = outer
    block[place] = inner


def change_signature(draft: Draft) -> None:
    functions = [node for node in ast.walk(draft.tree) if isinstance(node, ast.FunctionDef)]
    if not functions:
        return
    node = draft.rng.choice(functions)
    arguments, choice = node.args, draft.rng.randrange(10)
    if choice == 0 and arguments.args:
        del arguments.args[draft.rng.randrange(len(arguments.args))]
        arguments.defaults = arguments.defaults[: len(arguments.args)]
    elif choice == 1:
        arguments.args.append(ast.arg(draft.rng.choice(hostile.NAMES)))
        arguments.defaults = [*arguments.defaults, raw("None")]
    elif choice == 2:
        arguments.args[:0] = [ast.arg("extra")]
    elif choice == 3:
        arguments.vararg = ast.arg("rest")
    elif choice == 4:
        arguments.kwarg = ast.arg("__kwdefaults__")
    elif choice == 5:
        arguments.kwonlyargs.append(ast.arg("only"))
        arguments.kw_defaults.append(draft.rng.choice((None, raw("[]"), raw("1"))))
    elif choice == 6:
        arguments.posonlyargs, arguments.args = arguments.posonlyargs + arguments.args, []
    elif choice == 7:
        arguments.defaults = [raw(draft.rng.choice(hostile.LITERALS)) for _ in arguments.args]
    elif choice == 8:
        node.returns = raw(draft.rng.choice((*hostile.NAMES, *hostile.LITERALS)))
    else:
        parts = node.name, arguments, node.body, node.decorator_list, node.returns
        later = ast.AsyncFunctionDef(*parts, lineno=0)
        for block in blocks(draft.tree):
            block[:] = [later if statement is node else statement for statement in block]


def decorate(draft: Draft) -> None:
    nodes = [node for node in ast.walk(draft.tree) if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    if nodes:
        _import_all(draft)
        chosen = raw(draft.rng.choice(hostile.DECORATORS))
        draft.rng.choice(nodes).decorator_list += [chosen] * draft.rng.choice((1, 1, 2, 50))
