"""Composition: source surgery, which numbers can be hidden, and the composites of small libraries and of the seeds.

Composites are read here, never run: the sandbox does that, for the static policy and for a few instances.
"""

from __future__ import annotations

import ast
import builtins
import json
import os
import re
import subprocess
import symtable
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envforge.contract import Flavour, Instance, LibraryEntry, Oracle, Profile, Program, content_id
from envforge.locations import data_folder
from envforge.proposers.compose import ComposeProposer
from envforge.proposers.drafts import literal, prepare
from envforge.proposers.parameters import hideable
from envforge.proposers.phrasing import Choice, closing, head, label, prefixes, symbol, tags
from envforge.proposers.recipes import FAMILIES
from envforge.proposers.weaving import CONTRACT_NAMES, Parts, Strand, Unweavable, prefixed, weave
from envforge.sandbox import Evaluator, Failure, ScoreCall
from envforge.sandbox.calls import state_text

SEEDS = sorted((data_folder("seeds") / "text").glob("*.py"))
CORRECT = sorted((Path(__file__).parent / "programs" / "correct").glob("*.py"))

SCORE = """

def score(state, answer):
    return 1.0 if answer.strip() == reference(state) else 0.0
"""

# Two programs that use the same names for different things, and two with constraints instead of one answer.
STEPS = (
    '''"""Climbing stairs: the number of ways up.

Levels add stairs.
"""

import math as m
from functools import reduce

TAGS = ("counting", "recurrences")
ORACLE = "equality"

LIMIT, STRIDE = 40, 3  # both are used


def generate(rng, difficulty):
    return {"stairs": rng.randint(5 + difficulty, 9 + 2 * difficulty), "salt": [rng.randint(1, 9) for _ in "abc"]}


def prompt(state):
    """A comment # in a docstring, and LIMIT in it."""
    text = f"A staircase has {state['stairs']} steps. You climb up to {STRIDE} at once. Your shoes: {state['salt']}."
    return f"{text} In how many ways can you reach the top? Answer with one integer."


# Row by row.
# Two lines of comment.
def solve(stairs, *, LIMIT=LIMIT):
    # LIMIT is the parameter from here on
    ways = [1] + [0] * stairs
    for stair in range(1, min(stairs, LIMIT) + 1):
        ways[stair] = sum(ways[max(0, stair - STRIDE) : stair])
    return reduce(lambda total, m: m, ways)


def unused():
    return m.pi


def reference(state):
    return str(solve(state["stairs"]))
'''
    + SCORE
)

DIGITS = (
    '''"""Digit product: the product of the digits that are not zero.

Levels add digits.
"""

import math
import math as m
from functools import partial as reduce

TAGS = ("arithmetic",)
ORACLE = "equality"
LIMIT = 10


class Digit:
    LIMIT = 3

    def __init__(self, value):
        self.value = value % LIMIT


def generate(rng, difficulty):
    number, base = rng.randint(10**difficulty, 10 ** (difficulty + 2)), rng.randint(2, 9)
    return {"number": number, "base": base, "digits": len(str(number)), "shift": rng.randint(1, 9)}


def solve(number):
    digits = [Digit(int(d)).value for d in str(number) if d != "0"]
    return reduce(m.prod, digits)() + math.gcd(4, 2)


def prompt(state):
    number, base = state["number"], state["base"]
    return (
        f"Write {number} in base {base} ({state['digits']} digits), add {state['shift']} to each digit. "
        "What is the product of the digits that are not zero? Answer with one integer."
    )


def reference(state):
    return str(solve(state["number"]))
'''
    + SCORE
)

FLIPS = '''"""Coin flips: turn all coins up.

Levels add coins.
"""

from itertools import combinations

TAGS = ("search", "logic", "planning", "states", "games", "puzzles")
ORACLE = "feasibility"


def generate(rng, difficulty):
    coins = [rng.choice("HT") for _ in range(5 + difficulty)]
    return {"coins": coins, "window": rng.randint(2, 4), "moves": rng.randint(20, 40)}


def prompt(state):
    window = state["window"]
    return f"Coins lie in a row: {' '.join(state['coins'])}. A move turns {window} neighbours. " \\
        f"Show a way to have at most one T within {state['moves']} moves: give the first coin of each, or none."


def reference(state):
    return "none"


def score(state, answer):
    for pair in combinations(answer, 2):
        if pair == ("n", "o"):
            return 1.0
    return 0.0
'''

WORDS = '''"""Word ladders: find a word.

Levels add letters.
"""

from string import ascii_uppercase

TAGS = ("strings",)
ORACLE = "feasibility"


def generate(rng, difficulty):
    return {"letters": rng.sample(ascii_uppercase, 5 + difficulty), "length": rng.randint(2, 4)}


def prompt(state):
    letters = " ".join(state["letters"])
    return f"Use {state['length']} of the letters {letters}, each once; X; Y. Which string do you make?"


def reference(state):
    return "".join(state["letters"][: state["length"]])


def score(state, answer):
    return 1.0 if len(answer) == state["length"] and set(answer) <= set(state["letters"]) else 0.0
'''

WIDE = (
    '''"""Echo.

Levels do nothing.
"""

TAGS = ("noise",)
ORACLE = "equality"


def generate(rng, difficulty):
    return {"n": rng.randint(1, 10**9)}


def prompt(state):
    return f"What is {state['n']}?"


def reference(state):
    return str(state["n"])
'''
    + SCORE
)


def entry(
    source: str,
    keys: tuple[str, ...] = (),
    answers: tuple[int, int] | None = None,
    floor: float = 0.1,
    depth: int = 0,
    roots: frozenset[str] | None = None,
    template: str = "x" * 300,
) -> LibraryEntry:
    """A library entry with a hand-made profile; compose looks at neither signature nor shingles."""
    values = {
        n.targets[0].id: n.value for n in ast.parse(source).body if isinstance(n, ast.Assign) and is_name(n)
    }
    oracle = Oracle(ast.literal_eval(values["ORACLE"]))
    title = (ast.get_docstring(ast.parse(source)) or "").split("\n")[0]
    id = content_id(source)
    labels = ast.literal_eval(values["TAGS"])
    program = Program(id, source, title, labels, oracle, 9, Flavour.BARE, "", frozenset())
    profile = Profile(answers is not None, answers, keys, (floor,) * 10, frozenset(), frozenset(), template)
    return LibraryEntry(program, profile, depth, roots or frozenset([id]))


def is_name(node: ast.Assign) -> bool:
    return isinstance(node.targets[0], ast.Name)


SMALL = (
    entry(STEPS, ("stairs",), (1, 900)),
    entry(DIGITS, ("number", "base", "digits", "shift"), (0, 700)),
    entry(FLIPS, ("window", "moves")),
    entry(WORDS, ("length",)),
    entry(WIDE, ("n",), (1, 10**9)),
)

# Integer keys, range of the answers, length of the template: what sampling shows.
SEED_FACTS: dict[str, tuple[tuple[str, ...], tuple[int, int] | None, int]] = {
    "bubble_sort_swaps": (("passes",), (2, 124), 548),
    "coin_change": (("amount",), (3, 22), 392),
    "critical_path": (("delay",), (29, 226), 921),
    "edit_distance": (("insert", "delete", "replace"), (1, 42), 293),
    "graph_colouring": (("size", "colours"), None, 446),
    "knights_and_knaves": ((), None, 731),
    "longest_increasing_subsequence": (("gap",), (2, 18), 295),
    "modular_recurrence": (("n", "modulus", "first", "second", "near", "far"), (0, 53), 187),
    "shortest_path": (("toll",), None, 674),
    "subset_sum": (("target",), None, 278),
}


@pytest.fixture(scope="module")
def seeds() -> list[LibraryEntry]:
    """The ten seeds, with what sampling shows of them."""
    found = []
    for path in SEEDS:
        keys, answers, length = SEED_FACTS[path.stem]
        found.append(entry(path.read_text("utf-8"), keys, answers, floor=0.25, template="x" * length))
    return found


def compose(library, count, history=(), seed=0):
    proposer = ComposeProposer(seed)
    return [proposer.write(plan) for plan in proposer.plan(library, history, range(count))]


# Structure of a program, without running it


def unresolved(source: str) -> set[str]:
    """Names that some scope looks up globally and that neither the module nor Python has."""
    top = symtable.symtable(source, "<program>", "exec")
    bound = {
        s.get_name() for s in top.get_symbols() if s.is_assigned() or s.is_imported() or s.is_namespace()
    }
    missing: set[str] = set()
    todo = [top]
    while todo:
        table = todo.pop()
        todo += table.get_children()
        for name in table.get_symbols():
            looked_up = name.is_referenced() and (name.is_global() or table is top)
            if looked_up and name.get_name() not in bound and not hasattr(builtins, name.get_name()):
                missing.add(name.get_name())
    return missing


def check_structure(source: str) -> ast.Module:
    tree = ast.parse(source)
    assert len(source.encode()) <= 32 * 1024
    assert source.count("\n") < 400
    document = ast.get_docstring(tree)
    assert document is not None
    assert re.fullmatch(r".+\.", document.split("\n")[0])
    assert unresolved(source) == set()
    top: Counter[str] = Counter()
    for node in tree.body[1:]:
        assert isinstance(node, ast.Import | ast.ImportFrom | ast.Assign | ast.FunctionDef | ast.ClassDef), (
            node
        )
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            top[node.name] += 1
        elif isinstance(node, ast.Assign):
            top.update(n.id for t in node.targets for n in ast.walk(t) if isinstance(n, ast.Name))
        else:
            top.update(a.asname or a.name for a in node.names)
    assert {"TAGS", "ORACLE", "generate", "prompt", "reference", "score"} <= set(top)
    assert [name for name, count in top.items() if count > 1] == []
    assert not re.search(r"\$|__(?!init__)\w+__|\bMAX_DIFFICULTY\b", source)
    parameters = {n.name: [a.arg for a in n.args.args] for n in tree.body if isinstance(n, ast.FunctionDef)}
    assert parameters["generate"] == ["rng", "difficulty"]
    assert parameters["prompt"] == parameters["reference"] == ["state"]
    assert parameters["score"] == ["state", "answer"]
    return tree


# Weaving


def woven(source: str, other: str = "", body: str = "def generate():\n    return old_reference\n") -> str:
    strands = [Strand(Parts(source), "old", ("reference", "score"), "Old")]
    if other:
        strands.append(Strand(Parts(other), "new", ("reference",), "New"))
    return weave("Title.", 'TAGS = ("a",)', strands, "Rest", body)


@pytest.mark.parametrize("path", [*SEEDS, *CORRECT], ids=lambda path: path.stem)
def test_weaving_changes_names_and_nothing_else(path: Path) -> None:
    """Every function and constant of a real program comes back the same once the names are changed back."""
    parts = Parts(path.read_text("utf-8"))
    hostile = "".join(f"{name} = 0\n" for name in sorted(parts.bound - CONTRACT_NAMES) if name.isidentifier())
    body = hostile + "def generate():\n    return 0\n"
    wanted = tuple(parts.bound)
    result = weave("T.", "", [Strand(parts, "zz", wanted, "Old")], "Rest", body)
    back = {prefixed("zz", name): name for name in parts.bound}
    defined = {ast.dump(node) for node in Restore(back).visit(ast.parse(result)).body}
    for item in parts.items:
        assert ast.dump(item.node) in defined
    comments = re.findall(r"(?m)^ +# .*$", parts.source)
    assert all(comment in result for comment in comments)
    assert unresolved(result) == set()


class Restore(ast.NodeTransformer):
    """Changes names back."""

    def __init__(self, names: dict[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self.names.get(node.id, node.id)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.name = self.names.get(node.name, node.name)
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = self.names.get(node.name, node.name)
        return self.generic_visit(node)


SHADOWS = [
    # (reference and its helpers, what they must become when `x`, `y` and `m` are renamed)
    ("def reference(x):\n    return x", "def old_reference(x):\n    return x"),
    ("def reference(s):\n    return x", "def old_reference(s):\n    return old_x"),
    ("def reference(s, x=x):\n    return x", "def old_reference(s, x=old_x):\n    return x"),
    ("def reference(s):\n    x = 1\n    return x", "def old_reference(s):\n    x = 1\n    return x"),
    ("def reference(s):\n    return [x for x in x]", "def old_reference(s):\n    return [x for x in old_x]"),
    ("def reference(s):\n    return [x for y in s]", "def old_reference(s):\n    return [old_x for y in s]"),
    (
        "def reference(s):\n    return [x for s in y for x in s if x]",
        "def old_reference(s):\n    return [x for s in old_y for x in s if x]",
    ),
    ("def reference(s):\n    return {x: y for y in s}", "def old_reference(s):\n    return {old_x: y for y in s}"),
    ("def reference(s):\n    return lambda x, y=y: x", "def old_reference(s):\n    return lambda x, y=old_y: x"),
    ("def reference(s):\n    return s.x(x=x)", "def old_reference(s):\n    return s.x(x=old_x)"),
    (
        "def reference(s):\n    def x(y):\n        return y\n    return x(y)",
        "def old_reference(s):\n    def x(y):\n        return y\n    return x(old_y)",
    ),
    (
        "def reference(s):\n    return (lambda: x)() if (y := s) else y",
        "def old_reference(s):\n    return (lambda: old_x)() if (y := s) else y",
    ),
    (
        "def reference(s):\n    return any((x := a) for a in s) and x",
        "def old_reference(s):\n    return any((x := a) for a in s) and x",
    ),
    (
        "def reference(s):\n    try:\n        return x\n    except ValueError as y:\n        return y",
        "def old_reference(s):\n    try:\n        return old_x\n    except ValueError as y:\n        return y",
    ),
    (
        "def reference(s):\n    match s:\n        case [x, *y] | {'a': x, **y}:\n            return x, y",
        "def old_reference(s):\n    match s:\n        case [x, *y] | {'a': x, **y}:\n            return x, y",
    ),
    ("def reference(s):\n    for x in s:\n        y = x", "def old_reference(s):\n    for x in s:\n        y = x"),
    ("def reference(s):\n    import x\n    return x", "def old_reference(s):\n    import x\n    return x"),
    ("def reference(s: x) -> y:\n    return 1", "def old_reference(s: old_x) -> old_y:\n    return 1"),
    ("def reference(s):\n    return f'{x}' 'x'", "def old_reference(s):\n    return f'{old_x}x'"),
    ("def reference(s):\n    return f'{x!r:>{y}} é'", "def old_reference(s):\n    return f'{old_x!r:>{old_y}} é'"),
    ("def reference(s):\n    return f'x {x}'", "def old_reference(s):\n    return f'x {old_x}'"),
    ("def reference(s):\n    return f'{x=}'", "def old_reference(s):\n    return f'x={old_x!r}'"),
    ("def reference(s):\n    return 'é€', x  # x stays", "def old_reference(s):\n    return 'é€', old_x  # x stays"),
    ("def reference(s):\n    return m.x.y(x)", "def old_reference(s):\n    return old_m.x.y(old_x)"),
    ("x = y; z = x\ndef reference(s):\n    return z", "def old_reference(s):\n    return z"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), SHADOWS)
def test_shadowing(before: str, after: str) -> None:
    source = f"import math as m\nx = 1\ny = 2\n{before}\nscore = 0\n"
    result = woven(source, body="x = y = m = 0\ndef generate():\n    return old_reference\n")
    assert after in result
    assert unresolved(result) == set()


def test_class_members_keep_their_names_and_bodies_find_the_module() -> None:
    source = "x = 1\nclass Node:\n    y = x\n    def go(self, y):\n        return x, y\n"
    source += "def reference(s):\n    return Node\nscore = 0\n"
    result = woven(source, body="x = Node = 0\n")
    assert "class OldNode:\n    y = old_x\n    def go(self, y):\n        return old_x, y" in result
    assert "return OldNode" in result


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\nclass A:\n    x = x\ndef reference(s):\n    return A\nscore = 0",
        "x = 1\ndef reference(s):\n    global x\n    x = 2\nscore = 0",
        "from math import *\ndef reference(s):\n    return pi\nscore = 0",
        "from . import x\nscore = reference = 0",
        "def reference(s:\n",
        "reference = '\0'",
        "(" * 5000,
    ],
)
def test_what_cannot_be_told_apart_is_left_alone(source: str) -> None:
    with pytest.raises(Unweavable):
        woven(source)


def test_imports_merge_and_only_real_clashes_are_renamed() -> None:
    one = "import math\nfrom heapq import heappush, heappop\nfrom math import pow\nimport json as js\n"
    one += "def reference(s):\n    return math, heappush, heappop, pow, js\nscore = 0\n"
    two = "from heapq import heappop, heappush as hp\nimport math\nimport random as js\nimport re\n"
    two += "def reference(s):\n    return math, heappop, hp, pow, js\n"
    result = woven(one, two)
    assert result.split("\n\n")[1].split("\n") == [
        "import json as old_js",
        "import math",
        "import random as new_js",
        "from heapq import heappop, heappush, heappush as hp",
        "from math import pow as old_pow",
    ]
    assert "return math, heappush, heappop, old_pow, old_js" in result
    assert "return math, heappop, hp, pow, new_js" in result


def test_future_import_comes_first() -> None:
    source = (
        "from __future__ import annotations\nimport math\ndef reference(s: math.x):\n    return 0\nscore = 0"
    )
    assert '"""Title."""\n\nfrom __future__ import annotations\n\nimport math' not in woven(
        "reference = score = 0"
    )
    result = woven(
        source.replace("reference(s", "reference(annotations, s").replace("0\nsc", "annotations\nsc")
    )
    ast.parse(result)


def test_only_what_is_needed_comes_along() -> None:
    result = woven(STEPS, "def reference(s):\n    return solve\ndef solve():\n    return 1")
    assert "unused" not in result
    assert "old_generate" not in result
    assert "import math" not in result
    assert "# Row by row.\n# Two lines of comment.\ndef old_solve(stairs, *, LIMIT=LIMIT):" in result
    assert "LIMIT, STRIDE = 40, 3  # both are used" in result


def test_a_name_that_is_taken_is_refused() -> None:
    with pytest.raises(Unweavable, match="'old_reference' is taken"):
        woven("def reference(old_reference):\n    return 0\nscore = 0")


@pytest.mark.parametrize(
    ("name", "new"),
    [("solve", "p_solve"), ("_solve", "_p_solve"), ("LIMIT", "P_LIMIT"), ("Node", "PNode"), ("_A", "_P_A")],
)
def test_new_names_keep_the_spelling_of_their_kind(name: str, new: str) -> None:
    assert prefixed("p", name) == new


NAMES = st.sampled_from(["x", "y", "s", "f"])


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0:
        return draw(NAMES)
    inner = expressions(depth=depth - 1)
    forms = ["({} + {})", "[{} for {n} in {}]", "(lambda {n}={}: {})", "[{} for {n} in {} for {m} in {n}]"]
    forms += ["({n} := {})", "f'{{{}}}x'", "{}.x", "{}(x={})"]
    form = draw(st.sampled_from(forms))
    if "for" in form:  # Python allows no walrus in what a comprehension runs over
        body = draw(inner)
        return form.format(body, draw(NAMES), n=draw(NAMES), m=draw(NAMES))
    if ":=" in form and depth < 3:
        return draw(NAMES)
    return form.format(
        draw(inner).replace("'", '"') if "'" in form else draw(inner), draw(inner), n=draw(NAMES)
    )


@given(st.lists(expressions(), min_size=1, max_size=3))
def test_scopes_agree_with_the_compiler(lines: list[str]) -> None:
    """After renaming, Python's own symbol table finds no use of an old module-level name."""
    source = "x = 1\ny = 2\ndef f(s):\n    return s\ndef reference(s):\n"
    source += "".join(f"    {line}\n" for line in lines) + "score = 0\n"
    try:
        symtable.symtable(source, "<drawn>", "exec")
    except SyntaxError:
        return
    body = "def generate():\n    return 0\n"
    parts = Parts(source)
    result = weave(
        "T.", "", [Strand(parts, "old", ("reference", "x", "y", "f"), "O")], "R", "x = y = f = 0\n" + body
    )
    functions = symtable.symtable(result, "r", "exec").get_children()
    todo = [table for table in functions if table.get_name() == "old_reference"]
    assert todo
    while todo:
        table = todo.pop()
        todo += table.get_children()
        assert not {n.get_name() for n in table.get_symbols() if n.is_global()} & {"x", "y", "f"}


# Numbers that can be hidden


@pytest.mark.parametrize(
    ("value", "text", "good"),
    [
        ("rng.randint(1, 9)", "f'use {state[\"k\"]} of them'", True),
        ("rng.randint(1, 9)", "f'{state[\"k\"]}'", True),
        ("sum(drawn)", "f'use {state[\"k\"]} of them'", True),
        ("drawn[0] + 1", "f'use {state[\"k\"]} of them'", True),
        ("drawn[0] if difficulty else rng.randint(1, 2)", "f'use {state[\"k\"]}'", True),
        ("3", "f'use {state[\"k\"]} of them'", False),
        ("difficulty + 2", "f'use {state[\"k\"]} of them'", False),
        ("drawn[0] if difficulty > 3 else 1", "f'use {state[\"k\"]} of them'", False),
        ("len(drawn)", "f'use {state[\"k\"]} of them'", False),
        ("size", "f'use {state[\"k\"]} of them'", False),
        ("rng.randint(1, 9)", "f'use {state[\"k\"]:>3} of them'", False),
        ("rng.randint(1, 9)", "f'use {state[\"k\"]!r} of them'", False),
        ("rng.randint(1, 9)", "f'use {state[\"k\"] + 1} of them'", False),
        ("rng.randint(1, 9)", "f'use {state[\"k\"]} of 1' + 's' * state['k']", False),
        ("rng.randint(1, 9)", "f'the {state[\"k\"]}th of them'", False),
        ("rng.randint(1, 9)", "f'the 1{state[\"k\"]} of them'", False),
        ("rng.randint(1, 9)", 'f\'the {state["k"]}{state["j"]}\'', False),
        ("rng.randint(1, 9)", "f'use {state[\"k\"]}' if state['j'] else 'none'", False),
        ("rng.randint(1, 9)", "' '.join(f'{state[\"k\"]}' for _ in 'ab')", False),
        ("rng.randint(1, 9)", "f'use {state[\"k\"]} {state}'", False),
        ("rng.randint(1, 9)", "f'use {state[\"k\"]} ' + helper(state)", False),
        ("rng.randint(1, 9)", "'use ' + str(state['k'])", False),
        ("rng.randint(1, 9)", "'use {k}'.format(**state)", False),
        ("rng.randint(1, 9)", "'use nothing'", False),
    ],
)
def test_number_can_be_hidden(value: str, text: str, good: bool) -> None:
    source = f"""
def generate(rng, difficulty):
    size = rng.randint(2, 5)
    drawn = [rng.randint(1, 9) for _ in range(size)]
    return {{"k": {value}, "j": rng.randint(1, 9), "drawn": drawn}}

def prompt(state):
    return {text}
"""
    assert hideable(Parts(source), ("k",)) == (("k",) if good else ())


def test_hideable_numbers_of_small_programs() -> None:
    found = {e.program.title.split(":")[0]: prepare(e).keys for e in SMALL}  # type: ignore[union-attr]
    assert found == {
        "Climbing stairs": ("stairs",),
        "Digit product": ("number", "base", "shift"),
        "Coin flips": ("window", "moves"),
        "Word ladders": ("length",),
        "Echo.": ("n",),
    }


# Wording


def test_symbol_avoids_every_letter_in_use() -> None:
    taken = Parts("A = 'the number N, and x(k)'\nB = 'KLMNOPQ'\nC = f'T{A}'")
    assert {symbol(Choice(str(i)), [taken]) for i in range(99)} == {"Z"}
    assert symbol(Choice("a"), [Parts("from string import ascii_uppercase\nA = ascii_uppercase")]) == "??"


def test_label_avoids_words_of_the_parents() -> None:
    taken = Parts("A = 'Problems, a question; this puzzle! Exercise parts.'")
    assert {label(Choice(str(i)), [taken]) for i in range(99)} == {"Riddle"}


def test_closing_sentence_is_found_only_at_the_end() -> None:
    assert closing(Parts(STEPS)) == " Answer with one integer."
    assert closing(Parts(FLIPS)) == ""
    assert closing(Parts("def prompt(state):\n    return 'Answer with one integer. Now.'")) == ""
    assert (
        closing(Parts("def prompt(state):\n    return 'Answer with the number, a space, and a word.'")) == ""
    )
    source = "def prompt(s):\n    end = 'Go. Answer with the number only.'\n    return f(s, [s, end])"
    assert closing(Parts(source)) == " Answer with the number only."


def test_closing_sentence_of_composites_is_cut_too() -> None:
    kinds = {
        "chain/number",
        "relay/number",
        "select/remainder",
        "aggregate/sum",
        "transform/base",
        "compare/balance",
    }
    found = {
        p.operation.split(" ")[0].split(":")[0]: closing(Parts(p.source or ""))
        for p in compose(SMALL[:2], 999)
    }
    assert {found[kind] for kind in kinds} == {" Answer with one integer."}
    assert found["transform/parity"] == found["joint/both"] == found["compare/larger"] == ""


def test_titles_and_prefixes() -> None:
    assert head(Parts('"""Fewest coins: the least number.\n\nMore."""')) == "Fewest coins"
    assert prefixes("Fewest coins", "first") == ["coins", "first", "first_problem"]
    assert tags([("a", "b", "c"), ("b", "d"), ("e",)]) == ("a", "b", "e", "d", "c")


@given(st.text(st.characters(codec="utf-8", exclude_characters="{}", exclude_categories=["C"]), min_size=1))
def test_literal_means_the_text(text: str) -> None:
    text = " ".join(text.split()) or "x"
    assert ast.literal_eval(literal(text)) == text


# Composites


@pytest.mark.parametrize("seed", [0, 1])
def test_every_composite_of_small_programs_is_well_formed(seed: int) -> None:
    proposals = compose(SMALL, 10_000, seed=seed)
    assert {p.operation.split("/")[0] for p in proposals} == set(FAMILIES)
    assert len({p.operation for p in proposals}) == len(proposals)
    assert [p.index for p in proposals] == list(range(len(proposals)))
    for proposal in proposals:
        assert proposal.source is not None
        check_structure(proposal.source)
        assert set(proposal.operation.split(" ")[-1].split("+")) == set(proposal.parents)


def test_small_composites_pass_the_static_policy(evaluator: Evaluator) -> None:
    for proposal in compose(SMALL, 10_000)[::3]:
        found = evaluator.inspect(proposal.source)  # type: ignore[arg-type]
        assert isinstance(found, Program), (proposal.operation, found)


def test_ten_seeds_give_many_distinct_composites(seeds: list[LibraryEntry]) -> None:
    proposals = compose(seeds, 120)
    assert len(proposals) == 120
    first = [frozenset(p.parents) for p in proposals[:51]]
    assert len(set(first)) == len(first)
    families = {(frozenset(p.parents), p.operation.split("/")[0]) for p in proposals}
    assert len(families) >= 100
    counts = Counter(p.operation.split("/")[0] for p in proposals[:60])
    assert set(counts) == set(FAMILIES)
    assert Counter(parent for p in proposals[:51] for parent in p.parents).most_common()[-1][1] >= 8
    for proposal in proposals:
        check_structure(proposal.source)  # type: ignore[arg-type]


def test_seed_composites_run_at_every_level(seeds: list[LibraryEntry], evaluator: Evaluator) -> None:
    """The first of each family and variant: instances are made, and the reference is the right answer."""
    seen: set[str] = set()
    for proposal in compose(seeds, 160):
        kind = proposal.operation.split(":")[0].split(" ")[0]
        if kind in seen:
            continue
        seen.add(kind)
        program = evaluator.inspect(proposal.source)  # type: ignore[arg-type]
        assert isinstance(program, Program), program
        made = evaluator.instances(program, [(7, difficulty) for difficulty in program.difficulties])
        calls = []
        for instance in made:
            assert not isinstance(instance, Failure), (kind, instance)
            answers = (instance.reference, instance.reference + " 1")
            calls += [ScoreCall(state_text(instance.state), answer) for answer in answers]
        assert evaluator.scores(program, calls) == [1.0, 0.0] * 10
        assert len({instance.prompt for instance in made if isinstance(instance, Instance)}) == 10
    assert len(seen) >= 25


def test_chain_hides_the_number(evaluator: Evaluator) -> None:
    steps, moves = SMALL[0], SMALL[2]
    chains = [p for p in compose([steps, moves], 99) if p.operation.startswith("chain/number:moves")]
    (chain,) = chains
    program = evaluator.inspect(chain.source)  # type: ignore[arg-type]
    assert isinstance(program, Program)
    assert program.oracle is Oracle.FEASIBILITY
    for instance in evaluator.instances(program, [(seed, 3) for seed in range(20)]):
        assert not isinstance(instance, Failure)
        state = instance.state
        letter = re.search(r"within (\S+) moves", instance.prompt)
        assert letter is not None and not letter[1].isdigit()
        words = re.search(r"answer to \w+ 1(?: (plus|minus) (\d+))?", instance.prompt.split("\n\n")[-1])
        assert words is not None
        shift = int(words[2] or 0) * (-1 if words[1] == "minus" else 1)
        assert state["shift"] == shift
        assert f"{state['second']['moves']} moves" not in instance.prompt


# Order and determinism


def test_history_is_never_repeated() -> None:
    everything = [p.operation for p in compose(SMALL, 10_000)]
    proposer, history = ComposeProposer(0), list[str]()
    while batch := proposer.plan(SMALL, history, range(len(history), len(history) + 7)):
        history += [plan.operation for plan in batch]
    assert sorted(history) == sorted(everything)
    assert history == everything


def test_order_follows_the_seed_and_not_the_order_of_the_library() -> None:
    ahead = [(p.operation, p.source) for p in compose(SMALL, 20)]
    assert ahead == [(p.operation, p.source) for p in compose([*reversed(SMALL), SMALL[0]], 20)]
    assert ahead != [(p.operation, p.source) for p in compose(SMALL, 20, seed=1)]


def test_operations_of_other_proposers_do_no_harm() -> None:
    ours = compose(SMALL, 20)
    foreign = ["invent #3: a game", "", " ", "chain", "+", "chain/number"]
    assert [p.operation for p in compose(SMALL, 20, foreign)] == [p.operation for p in ours]


def test_same_in_every_process() -> None:
    script = (
        "import json, sys; sys.path[:0] = sys.argv[1:]\n"
        "from test_compose import SMALL, compose\n"
        "print(json.dumps([(p.index, p.operation, p.source, p.parents) for p in compose(SMALL, 40)]))"
    )
    here = Path(__file__).parent
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script, str(here), str(here.parent)],
            env={**os.environ, "PYTHONHASHSEED": value},
            check=True,
            capture_output=True,
        ).stdout
        for value in ("1", "2")
    }
    assert len(outputs) == 1
    expected = [[p.index, p.operation, p.source, list(p.parents)] for p in compose(SMALL, 40)]
    assert json.loads(outputs.pop()) == expected


# What may be a parent


def test_deep_related_and_broken_programs_are_no_parents() -> None:
    steps = SMALL[0]
    deep = entry(WIDE, ("n",), (1, 9), depth=3)
    assert {i for p in compose([steps, deep], 999) for i in p.parents} == {steps.program.id}
    related = entry(DIGITS, ("base",), (1, 9), depth=1, roots=steps.roots)
    assert all(len(p.parents) == 1 for p in compose([steps, related], 999))
    broken = entry(DIGITS)
    broken = LibraryEntry(
        Program("b" * 16, "def (", "B", ("a",), Oracle.EQUALITY, 9, Flavour.BARE, "", frozenset()), broken.profile, 0,
        frozenset("b"),
    )  # fmt: skip
    assert {i for p in compose([steps, broken], 999) for i in p.parents} == {steps.program.id}
    assert compose([], 5) == []


def test_long_prompts_are_not_multiplied() -> None:
    long = entry(STEPS, ("stairs",), (1, 900), template="x" * 3000)
    assert {p.operation.split("/")[0] for p in compose([long], 999)} == {"transform"}


def test_answers_that_are_easy_to_guess_are_not_used() -> None:
    easy = entry(STEPS, ("stairs",), (1, 9), floor=0.58)
    variants = {p.operation.split(" ")[0] for p in compose([easy], 999)}
    assert variants == {"aggregate/digest", "relay/number:stairs"}


def test_composites_compose_again(seeds: list[LibraryEntry]) -> None:
    """Three generations deep, names stay apart and programs stay readable."""
    library = seeds[:4]
    for depth in (1, 2):
        made = compose(library, 40, seed=depth)[:12]
        roots = {e.program.id: e.roots for e in library}
        for proposal in made:
            source = proposal.source or ""
            answers = (1, 50) if 'ORACLE = "equality"' in source else None
            descent = frozenset[str]().union(*(roots[i] for i in proposal.parents))
            library = [*library, entry(source, ("shift",), answers, depth=depth, roots=descent)]
    proposals = compose(library, 120, seed=5)
    assert len(proposals) >= 100
    for proposal in proposals:
        check_structure(proposal.source)  # type: ignore[arg-type]
