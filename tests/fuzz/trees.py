"""Grammar-based mutators: each changes the syntax tree of one of our own programs in place.

Only seeds and correct programs of the repository are ever parsed here; what comes out is text and goes to the
sandbox unparsed. A mutator that finds nothing to change leaves the tree as it is.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from fuzz import hostile, insertions
from fuzz.places import FUNCTIONS, Draft, Slot, blocks, functions, get, of_kind, put, raw, slots, statements

Mutator = Callable[[Draft], None]


# Statements


def drop_statement(draft: Draft) -> None:
    block = draft.rng.choice(blocks(draft.tree))
    del block[draft.rng.randrange(len(block))]
    if not block:
        block.append(ast.Pass())


def double_statement(draft: Draft) -> None:
    block = draft.rng.choice(blocks(draft.tree))
    place = draft.rng.randrange(len(block))
    block[place:place] = [block[place]] * draft.rng.choice((1, 1, 1, 20))


def swap_statements(draft: Draft) -> None:
    block, other = draft.rng.choice(blocks(draft.tree)), draft.rng.choice(blocks(draft.tree))
    if draft.rng.random() < 0.7:
        other = block
    one, two = draft.rng.randrange(len(block)), draft.rng.randrange(len(other))
    if not (_within(block[one], other) or _within(other[two], block)):
        block[one], other[two] = other[two], block[one]


def _within(node: ast.AST, block: list[ast.stmt]) -> bool:
    """Whether `block` lies below `node`: the two must not be swapped, that would close a circle."""
    return any(part is block for inner in ast.walk(node) for part in vars(inner).values())


def splice_statements(draft: Draft) -> None:
    """Statements of another program between ours."""
    block, other = draft.rng.choice(blocks(draft.tree)), draft.rng.choice(blocks(draft.donor))
    first = draft.rng.randrange(len(other))
    place = draft.rng.randrange(len(block) + 1)
    block[place:place] = other[first : first + draft.rng.randint(1, 3)]


def wrap_statement(draft: Draft) -> None:
    """Put a statement under a condition, into a loop, or where its errors are caught."""
    block = draft.rng.choice(blocks(draft.tree))
    place = draft.rng.randrange(len(block))
    shape = draft.rng.choice(
        (
            "if difficulty: pass",
            "if not state: pass",
            "for _ in range(3): pass",
            "for _ in '': pass",
            "try: pass\nexcept BaseException: pass",
            "try: pass\nfinally: return None",
            "with rng: pass",
            "def inner(): pass",
            "class Inner: pass",
        )
    )
    outer = statements(shape)[0]
    outer.body = [block[place]]  # type: ignore[attr-defined]
    block[place] = outer


def cross_functions(draft: Draft) -> None:
    """One function of the contract from another program."""
    name = draft.rng.choice(FUNCTIONS)
    donor = next((node for node in functions(draft.donor) if node.name == name), None)
    for place, node in enumerate(draft.tree.body):
        if donor is not None and isinstance(node, ast.FunctionDef) and node.name == name:
            draft.tree.body[place] = donor


def turn_loop(draft: Draft) -> None:
    """`while` for `if`, `continue` for `break`, a condition negated, a loop variable changed."""
    nodes = of_kind(draft.tree, ast.While, ast.If, ast.IfExp, ast.Break, ast.Continue, ast.For, ast.Return)
    if not nodes:
        return
    node = draft.rng.choice(nodes)
    if isinstance(node, ast.While | ast.If | ast.IfExp):
        node.test = ast.UnaryOp(ast.Not(), node.test)
    elif isinstance(node, ast.For):
        node.iter = draft.rng.choice(
            (ast.List([], ast.Load()), ast.Call(raw("enumerate"), [node.iter], []), raw("rng"))
        )
    else:
        for block in blocks(draft.tree):
            for place, statement in enumerate(block):
                if statement is node:
                    block[place] = draft.rng.choice(
                        (ast.Break(), ast.Continue(), ast.Pass(), ast.Return(None))
                    )
                    return


# Expressions


def graft_expression(draft: Draft) -> None:
    """An expression from elsewhere in this program or from another one."""
    source = draft.tree if draft.rng.random() < 0.6 else draft.donor
    target = draft.rng.choice(slots(draft.tree))
    graft = get(draft.rng.choice(slots(source)))
    if not any(node is get(target) for node in ast.walk(graft)):
        put(target, graft)


def swap_expressions(draft: Draft) -> None:
    places = slots(draft.tree)
    one, two = draft.rng.choice(places), draft.rng.choice(places)
    first, second = get(one), get(two)
    inside = [
        node for root, leaf in ((first, second), (second, first)) for node in ast.walk(root) if node is leaf
    ]
    if not inside:
        put(one, second)
        put(two, first)


def drop_expression(draft: Draft) -> None:
    """A part of an expression in place of the whole."""
    target = draft.rng.choice(slots(draft.tree))
    parts = [get(slot) for slot in slots(get(target))]
    if parts:
        put(target, draft.rng.choice(parts))


def change_constant(draft: Draft) -> None:
    places = [slot for slot in slots(draft.tree) if isinstance(get(slot), ast.Constant)]
    if places:
        put(draft.rng.choice(places), raw(draft.rng.choice(hostile.LITERALS)))


def nudge_number(draft: Draft) -> None:
    """A number a little different: these mutants get furthest."""
    numbers = [slot for slot in slots(draft.tree) if type(getattr(get(slot), "value", None)) is int]
    if numbers:
        slot = draft.rng.choice(numbers)
        value = get(slot).value  # type: ignore[attr-defined]
        put(
            slot,
            raw(f"({draft.rng.choice((value + 1, value - 1, -value, value * 2, value + 7, value // 2))})"),
        )


_OPERATORS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.operator: tuple(ast.operator.__subclasses__()),
    ast.cmpop: tuple(ast.cmpop.__subclasses__()),
    ast.boolop: tuple(ast.boolop.__subclasses__()),
    ast.unaryop: tuple(ast.unaryop.__subclasses__()),
}


def change_operator(draft: Draft) -> None:
    places: list[Slot] = []
    for node in ast.walk(draft.tree):
        if isinstance(node, ast.BinOp | ast.BoolOp | ast.UnaryOp | ast.AugAssign):
            places.append((node, "op", None))
        elif isinstance(node, ast.Compare):
            places += [(node, "ops", place) for place in range(len(node.ops))]
    if places:
        slot = draft.rng.choice(places)
        kind = next(kind for kind in _OPERATORS if isinstance(get(slot), kind))
        put(slot, draft.rng.choice(_OPERATORS[kind])())  # type: ignore[arg-type]


def change_name(draft: Draft) -> None:
    """One use of a name, or every one, under another name."""
    found = of_kind(draft.tree, ast.Name, ast.arg, ast.FunctionDef, ast.Attribute)
    node = draft.rng.choice(found)
    field = {ast.Name: "id", ast.arg: "arg", ast.FunctionDef: "name", ast.Attribute: "attr"}
    old = getattr(node, field[type(node)])
    if isinstance(node, ast.Attribute):
        new = draft.rng.choice(hostile.ATTRIBUTES)
    elif draft.rng.random() < 0.5:
        new = draft.rng.choice([other.id for other in found if isinstance(other, ast.Name)])
    else:
        new = draft.rng.choice(hostile.NAMES)
    for other in found if draft.rng.random() < 0.4 else [node]:
        if getattr(other, field[type(other)]) == old:
            setattr(other, field[type(other)], new)


def change_call(draft: Draft) -> None:
    calls = [node for node in ast.walk(draft.tree) if isinstance(node, ast.Call)]
    if not calls:
        return
    call = draft.rng.choice(calls)
    choice = draft.rng.randrange(7)
    if choice == 0:
        call.func = draft.rng.choice(calls).func
    elif choice == 1:
        call.func = raw(draft.rng.choice(hostile.NAMES))
    elif choice == 2:
        call.func = ast.Attribute(call.func, draft.rng.choice(hostile.ATTRIBUTES), ast.Load())
    elif choice == 3 and call.args:
        del call.args[draft.rng.randrange(len(call.args))]
    elif choice == 4:
        call.args = [*call.args, *call.args, raw(draft.rng.choice(hostile.LITERALS))]
    elif choice == 5:
        call.keywords = [
            *call.keywords,
            ast.keyword(draft.rng.choice(("key", "seed", "x", None)), raw("state")),
        ]
    else:
        call.args = [ast.Starred(raw("state"), ast.Load())] * 2


# Family of a mutant -> its mutators and its share among the grammar-based ones, in parts per thousand.
FAMILIES: dict[str, tuple[int, tuple[Mutator, ...]]] = {
    "statements": (
        170,
        (drop_statement, double_statement, swap_statements, splice_statements, wrap_statement, turn_loop),
    ),
    "functions": (30, (cross_functions,)),
    "expressions": (120, (graft_expression, swap_expressions, drop_expression)),
    "constants": (110, (change_constant, change_constant, nudge_number)),
    "operators": (60, (change_operator,)),
    "names": (80, (change_name,)),
    "calls": (70, (change_call,)),
    "hostile": (120, (insertions.insert_hostile,)),
    "endless": (6, (insertions.insert_endless,)),
    "returns": (84, (insertions.change_return,)),
    "wrappers": (30, (insertions.wrap_return,)),
    "metadata": (40, (insertions.change_metadata,)),
    "nests": (40, (insertions.nest_expression, insertions.nest_statement)),
    "signatures": (30, (insertions.change_signature,)),
    "decorators": (10, (insertions.decorate,)),
}
