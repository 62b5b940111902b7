"""The static policy, the metadata and the signature: what is refused, what must not be, what stays the same."""

import ast
import json
import re
import sys
from pathlib import Path
from textwrap import dedent, indent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "sandbox"))
import inspection  # type: ignore[import-not-found,unused-ignore]  # noqa: E402

FUNCTIONS = '''
def generate(rng, difficulty):
    """Two numbers."""
    return {"first": rng.randint(1, 10 + difficulty), "second": rng.randint(1, 10)}


def prompt(state):
    return f"What is {state['first']} plus {state['second']}?"


def reference(state):
    return str(state["first"] + state["second"])


def score(state, answer):
    try:
        return 1.0 if int(answer.strip()) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
'''
METADATA = 'TAGS = ("numbers", "sums")\nORACLE = "equality"\n'
RENDER = "def render(state):\n    return '<svg viewBox=\"0 0 1 1\"/>'\n"
VISUAL = f'BUCKET = "counting"\nLEVELS = {tuple(f"step {n}" for n in range(10))!r}\n'


def program(top: str = "", body: str = "", metadata: str = METADATA, functions: str = FUNCTIONS) -> str:
    """A correct program with `top` at module level and `body` inside a helper function."""
    helper = f"def helper(value, other, rng=None):\n{indent(dedent(body), '    ')}\n    return value\n"
    return f'"""Sums: add two numbers.\n\nMore words.\n"""\n{metadata}{dedent(top)}\n\n{helper}\n{functions}'


def messages(source: str) -> list[str]:
    return [f"line {v['line']}: {v['message']}" for v in inspection.inspect(source)["violations"]]


def top(code: str) -> str:
    return program(top=code)


def body(code: str) -> str:
    return program(body=code)


def metadata(code: str) -> str:
    return program(metadata=code)


def swap(old: str, new: str) -> str:
    source = program()
    assert old in source
    return source.replace(old, new, 1)


# name, fragment of the message, a source that is refused, a source near by that is not
PAIRS = [
    # the file
    ("size", "at most 32,768", program() + "#" * 32_768, program() + "#" * (32_768 - len(program()))),
    ("NUL", "NUL byte", program() + "# \0", program() + "# 0"),
    ("surrogate", "lone surrogate", program() + "# \ud800", program() + "# \u00e9"),
    ("syntax", "not Python 3.11", program() + "def (:", program()),
    ("return outside", "not Python 3.11", top("X = 1\nreturn X"), body("return other")),
    ("type statement", "not Python 3.11", top("type Row = list[int]"), top("Row = list[int]")),
    ("type parameters", "not Python 3.11", top("def first[T](xs: T): return xs"), top("def first(xs): return xs")),
    ("depth", "nested", body("value = " + "-" * 120 + "1"), body("value = " + "-" * 60 + "1")),
    ("nodes", "syntax nodes", top(f"X = [{'X,' * 15_000}]"), top(f"X = [{'1,' * 15_000}]")),
    ("title", "no title", swap('"""Sums: add two numbers.\n\nMore words.\n"""', "X = 1"), program()),
    ("empty title", "no title", swap('"""Sums: add two numbers.\n\nMore words.\n"""', '"""  """'), program()),
    ("title on line 2", "no title", swap("Sums: add two numbers.\n\nMore words.", " "), swap("Sums", "\nSums")),
    ("title text", "cannot be printed", swap("Sums", "S\\ud800"), swap("Sums", "\u03a3ums")),
    # module level
    ("if", "`if` statement", top("if True:\n    X = 1"), top("X = 1 if True else 2")),
    ("for", "`for` statement", top("for i in (1,):\n    pass"), top("X = [i for i in (1, 2)]")),
    ("bare string", "bare expression", top('X = 1\n"about X"'), top("X = 1  # about X")),
    ("main guard", "`if` statement", top('if __name__ == "x":\n    pass'), program()),
    ("call", "bare expression", top("len([])"), top("X = len([])")),
    ("del", "`delete` statement", top("X = 1\ndel X"), body("x = 1\ndel x")),
    ("declaration", "without a value", top("X: int"), top("X: int = 1")),
    ("subscript target", "at module level", top("X = [1]\nX[0] = 2"), top("X = [1]")),
    ("unpacking", "at module level", top("X = [1]\nA, X[0] = 1, 2"), top("A, B = 1, 2")),
    ("own call", "runs while the module is loaded", top("def f(): return 1\nX = f()"),
     top("def f(): return 1\nX = {'f': f}")),
    ("own key", "runs while the module is loaded", top("def f(x): return x\nX = sorted([1], key=f)"),
     top("X = sorted([1], key=lambda x: -x)")),
    ("lambda call", "runs while", top("X = (lambda: 1)()"), top("X = lambda: 1")),
    ("own class", "runs while", top("class A:\n    def __init__(self): self.x = 1\nX = A()"),
     top("import dataclasses\n@dataclasses.dataclass(frozen=True)\nclass A:\n    x: int\nX = (A(1), A(2))")),
    ("class body", "class body runs", top("class A:\n    for i in range(3):\n        x = i"),
     top("class A:\n    x = 3\n    y: int = 4")),
    ("class value", "runs while", top("def f(): return 1\nclass A:\n    x = f()"),
     top("from enum import Enum, auto\nclass A(Enum):\n    RED = auto()\n    GREEN = auto()")),
    ("walrus", "`:=` at module level", top("X = (y := 3) + 1"), body("x = (y := 3) + 1")),
    ("graph constant", "runs while", top("import networkx as nx\nX = nx.petersen_graph()"),
     body("import networkx as nx\nx = nx.petersen_graph()")),
    # constants stay as they are
    ("rebound", "bound twice", top("X = 1\nX = 2"), top("X = 1\nY = 2")),
    ("function twice", "bound twice", top("def f(): return 1\ndef f(): return 2"), top("def f(): return 1")),
    ("score twice", "bound twice", program() + "\n\ndef score(state, answer):\n    return 1.0\n", program()),
    ("augmented", "changed after", top("X = [1]\nX += [2]"), body("x = [1]\nx += [2]")),
    ("global", "`global` is refused", body("global X\nX = 1"), body("def f():\n    nonlocal value\n    value = 1")),
    ("item", "`X` is changed", program("X = [1]", "X[0] = 2"), program("X = [1]", "x = list(X)\nx[0] = 2")),
    ("nested item", "`X` is changed", program("X = [[1]]", "X[0][0] += 2"),
     program("X = [[1]]", "other[X[0][0]] = 2")),
    ("delete item", "`X` is changed", program("X = [1]", "del X[0]"), program("X = [1]", "x = X[:]\ndel x[0]")),
    ("append", "by `append`", program("X = [1]", "X.append(2)"), program("X = [1]", "X = []\nX.append(2)")),
    ("bound method", "by `append`", program("X = [1]", "push = X.append\npush(2)"),
     program("X = [1]", "push = [].append\npush(2)")),
    ("element method", "by `append`", program("X = {'a': []}", "X['a'].append(2)"),
     program("X = {'a': []}", "x = {'a': []}\nx['a'].append(2)")),
    ("setdefault", "by `setdefault`", program("X = {}", "value = X.setdefault(1, 2)"),
     program("X = {}", "value = X.get(1, 2)")),
    ("alias", "by `sort`", program("X = [2, 1]", "x = X\nx.sort()"),
     program("X = [2, 1]", "x = sorted(X)\nx.sort()")),
    ("row alias", "by `append`", program("X = [[1]]", "row = X[0]\nrow.append(1)"),
     program("X = [[1]]", "row = X[0] + []\nrow.append(1)")),
    ("loop alias", "by `append`", program("X = [[1]]", "for row in X:\n    row.append(1)"),
     program("X = [[1]]", "for row in X:\n    row = list(row)\n    row.append(1)")),
    ("enumerated alias", "by `append`", program("X = [[1]]", "for i, row in enumerate(X):\n    row.append(1)"),
     program("X = [[1]]", "for i, row in enumerate(other):\n    row.append(len(X))")),
    ("items alias", "by `add`", program("X = {1: {2}}", "for k, v in X.items():\n    v.add(k)"),
     program("X = {1: {2}}", "for k, v in X.items():\n    other.add(k)")),
    ("default alias", "`X` is changed", top("X = [1]\ndef f(xs=X):\n    xs[0] = 2"),
     top("X = [1]\ndef f(xs=X):\n    xs = list(xs)\n    xs[0] = 2")),
    ("heap", "`X` is changed", program("import heapq\nX = [1]", "heapq.heappush(X, 1)"),
     program("import heapq\nX = [1]", "heapq.heappush(other, X)")),
    ("shuffle", "`X` is changed", program("X = [1]", "rng.shuffle(X)"), program("X = [1]", "rng.sample(X, 1)")),
    ("list.append", "`X` is changed", program("X = [1]", "list.append(X, 1)"),
     program("X = [1]", "list.index(X, 1)")),
    ("setattr", "`helper` is changed", body("setattr(helper, 'memo', 1)"), body("setattr(other, 'memo', 1)")),
    ("function attribute", "`helper` is changed", body("helper.memo = 1"), body("other.memo = 1")),
    ("class attribute", "`A` is changed", top("class A:\n    n = 0\n    def f(self):\n        A.n += 1"),
     top("class A:\n    n = 0\n    def f(self):\n        self.n += 1")),
    ("cls attribute", "class attribute `n`", top("class A:\n    @classmethod\n    def f(cls):\n        cls.n = 1"),
     top("class A:\n    @classmethod\n    def f(cls, other):\n        other.n = 1")),
    ("type attribute", "class attribute `n`", top("class A:\n    def f(self):\n        type(self).n = 1"),
     top("class A:\n    def f(self):\n        return type(self)")),
    ("class list", "shared by all instances",
     top("class A:\n    xs = []\n    def f(self):\n        self.xs.append(1)"),
     top("class A:\n    xs = []\n    def f(self):\n        self.xs = [*self.xs, 1]\n        self.xs.append(1)")),
    ("inner class list", "shared by all instances",
     top("class A:\n    class B:\n        xs = []\n    def f(self):\n        self.xs.append(1)"),
     body("class A:\n    xs = []\n    def f(self):\n        self.xs.append(1)")),
    ("class dict", "shared by all instances", top("class A:\n    xs = {}\n    def f(self):\n        self.xs[1] = 1"),
     top("class A:\n    xs = {}\n    def f(self):\n        return self.xs[1]")),
    ("module attribute", "`math` is changed", program("import math", "math.pi = 3"),
     program("import math", "math.pi")),
    ("iterator", "remembers how far", top("X = zip([1], [2])"), top("X = tuple(zip([1], [2]))")),
    ("count", "remembers how far", top("import itertools\nX = itertools.count()"),
     body("import itertools\nx = itertools.count()")),
    ("generator", "remembers how far", top("X = (i for i in (1, 2))"), top("X = sum(i for i in (1, 2))")),
    ("held iterator", "remembers how far", top("X = {'a': iter([1])}"), top("X = {'a': list(reversed([1]))}")),
    ("defaultdict", "changes when it is read", top("from collections import defaultdict\nX = defaultdict(int)"),
     body("from collections import defaultdict\nx = defaultdict(int)\nx[1] += 1")),
    ("default list", "mutable default", top("def f(xs=[]): return xs"), top("def f(xs=()): return xs")),
    ("default set", "mutable default", top("def f(*, xs=set()): return xs"),
     top("def f(*, xs=frozenset()): return xs")),
    ("method default", "mutable default", top("class A:\n    def f(self, xs={}): return xs"),
     top("class A:\n    def f(self, xs=None): return xs")),
    ("inner default", "mutable default", top("f = lambda xs=[]: xs"), body("f = lambda xs=[]: xs")),
    ("cache", "cache across calls", top("import functools\n@functools.lru_cache(maxsize=None)\ndef f(x): return x"),
     body("import functools\n@functools.lru_cache(maxsize=None)\ndef f(x): return x")),
    ("renamed cache", "cache across calls", top("from functools import cache as memo\n@memo\ndef f(x): return x"),
     top("from functools import wraps as memo\n@memo(len)\ndef f(x): return x")),
    ("method cache", "cache across calls",
     top("import functools\nclass A:\n    @functools.cache\n    def f(self): return 1"),
     top("import functools\nclass A:\n    @functools.cached_property\n    def f(self): return 1")),
    ("called cache", "cache across calls", top("import functools\ndef f(x): return x\ng = functools.lru_cache(f)"),
     top("import functools\ndef f(x): return x\ng = functools.partial(f, 1)")),
    ("decimal context", "localcontext", program("import decimal", "decimal.getcontext().prec = 50"),
     program("import decimal", "with decimal.localcontext() as c:\n    c.prec = 50")),
    # the four functions
    ("missing", "`reference(state)` is missing", swap("def reference", "def answer_of"), program()),
    ("lambda", "must be written as", swap("def reference(state):\n    return str", "reference = lambda state: str"),
     program()),
    ("too many", "exactly 1 positional", swap("def prompt(state)", "def prompt(state, extra=1)"),
     swap("def prompt(state)", "def prompt(latent)")),
    ("too few", "exactly 2 positional", swap("def generate(rng, difficulty)", "def generate(rng)"), program()),
    ("star", "exactly 2 positional", swap("def score(state, answer)", "def score(*args)"),
     swap("def score(state, answer)", "def score(state, answer, /, *, case=True)")),
    ("keyword-only", "required keyword-only", swap("def prompt(state)", "def prompt(state, *, style)"),
     swap("def prompt(state)", "def prompt(state, *, style=1)")),
    ("yields", "is a generator", swap("    return str(state", "    yield str(state"),
     swap("    return str(state", "    g = (lambda: (yield))\n    return str(state")),
    ("async function", "async code", swap("def prompt(state)", "async def prompt(state)"), program()),
    ("await", "async code", top("async def f(x):\n    await x"), top("def f(x):\n    return x")),
    # metadata
    ("no tags", "`TAGS` must be", metadata('ORACLE = "equality"\n'), program()),
    ("tag list", "`TAGS` must be", metadata('TAGS = ["a"]\nORACLE = "equality"\n'),
     metadata('TAGS: tuple[str, ...] = ("a",)\nORACLE = "equality"\n')),
    ("tag string", "`TAGS` must be", metadata('TAGS = ("a")\nORACLE = "equality"\n'),
     metadata('TAGS = ("a-1",)\nORACLE = "equality"\n')),
    ("tag case", "`TAGS` must be", metadata('TAGS = ("Graphs",)\nORACLE = "equality"\n'), program()),
    ("tag newline", "`TAGS` must be", metadata('TAGS = ("a\\n",)\nORACLE = "equality"\n'), program()),
    ("seven tags", "`TAGS` must be", metadata('TAGS = tuple("abcdefg")\nORACLE = "equality"\n'),
     metadata('TAGS = ("a", "b", "c", "d", "e", "f")\nORACLE = "equality"\n')),
    ("tag twice", "`TAGS` must be", metadata('TAGS = ("a", "a")\nORACLE = "equality"\n'), program()),
    ("oracle", "`ORACLE` must be", metadata('TAGS = ("a",)\nORACLE = "exact"\n'),
     metadata('TAGS = ("a",)\nORACLE = "feasibility"\n')),
    ("no oracle", "`ORACLE` must be", metadata('TAGS = ("a",)\n'), program()),
    ("low maximum", "`MAX_DIFFICULTY` must be", top("MAX_DIFFICULTY = 8"), top("MAX_DIFFICULTY = 9")),
    ("high maximum", "`MAX_DIFFICULTY` must be", top("MAX_DIFFICULTY = 100"), top("MAX_DIFFICULTY = 99")),
    ("bool maximum", "`MAX_DIFFICULTY` must be", top("MAX_DIFFICULTY = True"), top("MAX_DIFFICULTY: int = 12")),
    ("computed maximum", "`MAX_DIFFICULTY` must be", top("MAX_DIFFICULTY = 3 * 4"), top("MAX_DIFFICULTY = 12")),
    ("bucket", "`BUCKET` must be", top('BUCKET = "maps"\n' + VISUAL.split("\n")[1] + "\n" + RENDER),
     top(VISUAL + RENDER)),
    ("nine levels", "`LEVELS` must be", top(VISUAL.replace("'step 9'", "") + RENDER), top(VISUAL + RENDER)),
    ("text with bucket", "belongs to visual", top(VISUAL), top(VISUAL + RENDER)),
    ("render arguments", "exactly 1 positional", top(VISUAL + RENDER.replace("(state)", "(state, size)")),
     top(VISUAL + RENDER.replace("state", "latent"))),
    # imports
    ("os", "may not be imported", top("import os"), top("import math, re")),
    ("inner import", "may not be imported", body("import sys"), body("import math")),
    ("from os", "may not be imported", top("from os.path import join"), top("from collections.abc import Mapping")),
    ("submodule", "may not be imported", top("import json.tool"), top("import json.decoder")),
    ("relative", "relative imports", top("from . import x"), top("from typing import Any")),
    ("star import", "import *", top("from math import *"), top("from math import gcd")),
    ("future", "only `annotations`", metadata("from __future__ import division\n" + METADATA),
     metadata("from __future__ import annotations\n" + METADATA)),
    ("canvas", "only a program that defines render", top("import canvas"), top("import canvas\n" + VISUAL + RENDER)),
    ("private module", "private part", top("from random import _inst"), top("from random import Random")),
    ("private name", "private part", program("import random", "random._os"), body("value._os")),
    ("private method", "private part", program("from fractions import Fraction", "Fraction._richcmp"),
     program("from collections import namedtuple\nP = namedtuple('P', 'x y')", "P(1, 2)._replace(x=1)")),
    ("held module", "no public name `sys`", program("import dataclasses", "dataclasses.sys"),
     program("import dataclasses", "dataclasses.replace(value)")),
    ("held function", "no public name `namedtuple`", top("from functools import namedtuple"),
     top("from functools import reduce")),
    ("unknown name", "no public name `foo`", top("from math import foo"), top("from math import e")),
    ("module value", "used as a value", program("import json", "x = [json]"),
     program("import json", "x = [json.loads]")),
    ("module alias", "used as a value", program("import json", "j = json\nj.codecs"),
     program("import json as j", "j.dumps(1)")),
    ("two modules", "share the name", body("import math as m\nimport random as m"),
     body("import math as m\nimport math as m")),
    # chance
    ("random.random", "all randomness", program("import random", "random.random()"),
     program("import random", "def f(r: random.Random): return r.random()")),
    ("from random", "all randomness", top("from random import shuffle"), top("from random import Random")),
    ("Random()", "annotations only", program("from random import Random", "r = Random(1)"),
     program("from random import Random", "def f(rng: Random) -> Random: return rng")),
    ("Random()", "annotations only", program("from random import Random", "r: Random(1) = 1"),
     program("from random import Random", "r: Random = rng")),
    ("Random class", "annotations only", top("import random\nclass R(random.Random):\n    pass"),
     top("import random\ndef f(r: 'random.Random'): return r")),
    ("Random argument", "annotations only", program("from random import Random", "other(Random, seed=1)"),
     program("from random import Random", "other(rng, seed=1)")),
    ("Random value", "annotations only", program("from random import Random", "R = Random"), program()),
    ("SystemRandom", "all randomness", program("import random", "random.SystemRandom()"), program()),
    ("samples", "without a seed", program("import statistics", "statistics.NormalDist().samples(3)"),
     body("value.samples(3)")),
    # networkx
    ("unseeded", "pass `seed=rng`", program("import networkx as nx", "nx.gnp_random_graph(5, 0.5)"),
     program("import networkx as nx", "nx.gnp_random_graph(5, 0.5, seed=rng)")),
    ("seed None", "pass `seed=rng`", program("import networkx", "networkx.spring_layout(value, seed=None)"),
     program("import networkx", "networkx.circular_layout(value)")),
    ("unknown random", "pass `seed=rng`", program("import networkx as nx", "nx.new_random_thing(5)"),
     program("import networkx as nx", "nx.new_random_thing(5, seed=rng)")),
    ("from networkx", "pass `seed=rng`", program("from networkx import barabasi_albert_graph as ba", "ba(5, 2)"),
     program("from networkx import barabasi_albert_graph as ba", "ba(5, 2, rng)")),
    ("deep networkx", "pass `seed=rng`",
     body("from networkx.algorithms import community\ncommunity.louvain_communities(value)"),
     body("from networkx.algorithms import community\ncommunity.louvain_communities(value, seed=rng)")),
    ("approximation", "pass `seed=rng`", program("import networkx as nx", "nx.approximation.diameter(value)"),
     program("import networkx as nx", "nx.diameter(value)")),
    ("aliased part", "pass `seed=rng`", program("import networkx as nx", "a = nx.approximation\na.diameter(value)"),
     program("import networkx as nx", "a = nx.approximation\na.max_clique(value)")),
    ("sampled", "pass `seed=rng`", program("import networkx as nx", "nx.betweenness_centrality(value, k=3)"),
     program("import networkx as nx", "nx.betweenness_centrality(value)")),
    ("rich club", "pass `seed=rng`", program("import networkx as nx", "nx.rich_club_coefficient(value)"),
     program("import networkx as nx", "nx.rich_club_coefficient(value, normalized=False)")),
    ("greedy", "draws without a seed",
     program("import networkx as nx", "nx.greedy_color(value, 'random_sequential')"),
     program("import networkx as nx", "nx.greedy_color(value, 'largest_first')")),
    ("uncalled", "call it directly", program("import networkx as nx", "f = [nx.path_graph, nx.gnp_random_graph]"),
     program("import networkx as nx\nfrom functools import partial", "f = partial(nx.gnp_random_graph, seed=rng)")),
    ("read", "neither reads nor writes", program("import networkx as nx", "nx.read_gml('x')"),
     program("import networkx as nx", "nx.parse_gml(value)")),
    ("readwrite", "neither reads nor writes", top("from networkx.readwrite import gml"),
     top("from networkx import node_link_data")),
    ("drawing", "neither reads nor writes", program("import networkx as nx", "nx.drawing.layout"),
     program("import networkx as nx", "nx.algorithms.dag")),
    ("foreign module", "not part of networkx", program("import networkx as nx", "nx.utils.misc.sys"),
     program("import networkx as nx", "nx.utils.pairwise(value)")),
    # names
    *[
        (name, f"`{name}` is refused", body(f"value = {name}"), body(f"{name} = 1\nvalue = {name} + {name}"))
        for name in ("eval", "exec", "compile", "open", "input", "print", "globals", "locals", "vars", "breakpoint",
                     "exit", "quit", "help", "id", "hash")
    ],
    ("__import__", "`__import__` is refused", body("value = __import__('os')"), body("import_ = value")),
    ("builtins", "`__builtins__` is refused", body("value = __builtins__"), body("value = other.builtins")),
    ("aliased", "`eval` is refused", body("e = eval\ne('1')"), body("e = other.eval\ne('1')")),
    ("shadowed at load", "`eval` is refused", top("X = [eval]\neval = 3"),
     top("def compile(x): return x\ndef g(): return compile(1)")),
    ("class body name", "`id` is refused", top("class A:\n    x = id\n    id = 1"),
     top("class A:\n    id = 1\n    def f(self): return self.id")),
    ("comprehension", "`id` is refused", body("x = [id for i in other]"), body("x = [id for id in other]")),
    ("leaked comprehension", "`id` is refused", body("x = [id for id in other]\ny = id"),
     body("for id in other:\n    y = id")),
    ("argument", "`input` is refused", body("def f(x): return input"), body("def f(input): return lambda: input")),
    ("nested scope", "`vars` is refused", body("def f():\n    vars = 1\nx = vars"),
     body("vars = 1\ndef f():\n    return vars")),
    ("handler name", "`id` is refused", body("try:\n    pass\nexcept ValueError as e:\n    x = id"),
     body("try:\n    pass\nexcept ValueError as id:\n    x = id")),
    ("match name", "`id` is refused", body("match value:\n    case [x]:\n        x = id"),
     body("match value:\n    case [id, *vars]:\n        x = id, vars\n    case {'a': 1, **open}:\n        x = open")),
    ("with name", "`open` is refused", body("with open('x') as f:\n    pass"),
     body("with other as open:\n    x = open")),
    ("hash", "`hash` is refused", body("value = hash(other)"),
     top("class A:\n    def __hash__(self):\n        return hash(self.x)")),
    ("hash method", "`__hash__` is refused", body("value = other.__hash__()"),
     top("class A:\n    def __hash__(self):\n        return self.x.__hash__()")),
    ("hash word", "`hash` is refused", body("value = {'a': hash}"), body("value = {'hash': other.hash}")),
    ("getattr", "literal attribute name", body("getattr(value, other)"), body("getattr(value, 'x', None)")),
    ("getattr dunder", "`__class__` is refused", body("getattr(value, '__class__')"),
     body("getattr(value, 'class_')")),
    ("getattr value", "only be called directly", body("f = getattr"), body("f = hasattr")),
    ("getattr of a module", "private part", body("import random\ngetattr(random, '_os')"),
     top("import operator\nX = getattr(operator, 'mul')")),
    ("getattr drawing", "draws random", body("import networkx as nx\ngetattr(nx, 'gnp_random_graph')(5, 0.5)"),
     body("import networkx as nx\ngetattr(nx, 'path_graph')(5)")),
    ("getattr submodule", "used as a value", body("import collections\ngetattr(collections, 'abc')"),
     body("import collections\ngetattr(collections, 'deque')")),
    ("getattr renamed", "only be called directly", body("f = getattr\nf(value, 'x')"),
     body("getattr = other\nf = getattr")),
    ("setattr frame", "`gi_frame` is refused", body("setattr(value, 'gi_frame', 1)"),
     body("setattr(value, 'frame', 1)")),
    ("getattr star", "literal attribute name", body("getattr(*other)"), body("max(*other)")),
    ("attrgetter", "literal attribute names", body("from operator import attrgetter as ag\nag(other)"),
     body("from operator import attrgetter as ag\nag('x.y')")),
    ("attrgetter dunder", "`__class__` is refused", body("import operator\noperator.attrgetter('x.__class__')"),
     body("import operator\noperator.itemgetter('x')")),
    ("methodcaller", "literal attribute names", body("import operator\noperator.methodcaller(other)"),
     body("import operator\noperator.methodcaller('split', other)")),
    ("attrgetter value", "only be called directly", body("import operator\nf = operator.attrgetter"),
     body("import operator\nf = operator.itemgetter")),
    ("type hints", "evaluates strings", top("from typing import get_type_hints"), top("from typing import get_args")),
    ("make_dataclass", "write a class", body("import dataclasses\ndataclasses.make_dataclass('A', [])"),
     body("import dataclasses\ndataclasses.asdict(value)")),
    ("namedtuple", "needs literal names", body("from collections import namedtuple\nnamedtuple('A', other)"),
     body("from collections import namedtuple\nnamedtuple('A', ['x', 'y'], defaults=[other])")),
    ("Formatter", "use an f-string", body("import string\nstring.Formatter()"), body("import string\nstring.digits")),
    ("type()", "write a class statement", body("type('A', (), {})"), body("type(value)")),
    # double underscores and frames
    ("class attribute", "`__class__` is refused", body("value.__class__"), body("value._class")),
    ("subclasses", "`__subclasses__` is refused", body("object.__subclasses__()"), body("object()")),
    ("mro", "`mro` is refused", body("int.mro()"), body("value.more")),
    ("name", "`__name__` is refused", body("value = __name__"), body("value = name_ = other.name")),
    ("annotations", "`__doc__` is refused", body("helper.__doc__"), body("helper.__annotations__")),
    ("slots", "`__slots__` is refused", top("class A:\n    __slots__ = ('x',)"), top("class A:\n    slots = ('x',)")),
    ("add", "`__add__` is refused", top("class A:\n    def __add__(self, o): return o"),
     top("class A:\n    def add(self, o): return o\nclass B(A):\n    def __init__(self): super().__init__()")),
    ("outside class", "`__init__` is refused", top("def __init__(x): return x"),
     top("class A:\n    def __init__(self): pass")),
    ("stored dunder", "define the method", body("value.__eq__ = other"), body("value.__eq__(other)")),
    ("keyword", "`__x__` is refused", body("dict(__x__=1)"), body("dict(x__=1, __y=2)")),
    ("parameter", "`__x__` is refused", body("def f(__x__): pass"), body("def f(__x): pass")),
    ("pattern", "`__class__` is refused", body("match value:\n    case dict(__class__=c):\n        pass"),
     body("match value:\n    case dict(size=c):\n        pass")),
    ("frame", "`gi_frame` is refused", body("(x for x in other).gi_frame"), body("value.f_score + value.tb")),
    ("globals attribute", "`__globals__` is refused", body("helper.__globals__"), body("helper.globals_")),
    ("traceback", "`tb_frame` is refused", body("value.tb_frame.f_back"), body("value.frame.back")),
    ("format", "format placeholder", body("'{0.__class__}'.format(value)"),
     body("'{0.size} {1[a]}'.format(value, other)")),
    ("format index", "format placeholder", body("'{x[__a]}'.format(x=value)"),
     body("'__init__ {x}'.format(x=value)")),
    ("format frame", "format placeholder", body("'{0.gi_frame}'.format(value)"),
     body("'{gi_frame}'.format(gi_frame=1)")),
]  # fmt: skip


@pytest.mark.parametrize(("fragment", "refused"), [pytest.param(p[1], p[2], id=p[0]) for p in PAIRS])
def test_refuses(fragment: str, refused: str) -> None:
    found = messages(refused)
    assert any(fragment in message for message in found), found


@pytest.mark.parametrize("accepted", [pytest.param(p[3], id=p[0]) for p in PAIRS])
def test_accepts(accepted: str) -> None:
    assert messages(accepted) == []


IDIOMS = {
    "dataclass": """
        from __future__ import annotations
        from dataclasses import dataclass, field

        @dataclass(order=True)
        class Item:
            weight: int
            parts: list[int] = field(default_factory=list, compare=False)

            def __post_init__(self):
                self.parts.append(self.weight)

        def build(values: list[int]) -> list[Item]:
            items = [Item(v) for v in values]
            items.sort()
            return items
        """,
    "enum": """
        from enum import Enum

        class Direction(Enum):
            NORTH = (0, 1)
            SOUTH = (0, -1)

            def reverse(self):
                return Direction.NORTH if self is Direction.SOUTH else Direction.SOUTH

        START = Direction.NORTH

        def turn(direction):
            return START.reverse(), Direction.SOUTH.reverse(), direction.reverse()
        """,
    "named tuple": """
        from typing import NamedTuple

        class Rule(NamedTuple):
            add: int
            remove: int

        RULES = (Rule(1, 2), Rule(add=3, remove=4))

        def total():
            return sum(rule.add - rule.remove for rule in RULES)
        """,
    "locals named like constants": """
        ROWS = [1, 2]
        NAMES = {"a": 1}

        def build(ROWS):
            ROWS.append(3)
            NAMES = {}
            NAMES["b"] = 2
            NAMES.update(c=3)
            return [ROWS for ROWS in NAMES], {k: v for k, v in NAMES.items()}
        """,
    "closures": """
        def search(graph, start):
            seen, order = set(), []

            def visit(node):
                nonlocal start
                seen.add(node)
                for neighbour in graph.get(node, ()):
                    if neighbour not in seen:
                        visit(neighbour)
                start = node
                order.append(node)

            visit(start)
            return order[::-1]
        """,
    "constants of many kinds": """
        import itertools
        import math
        import re
        import string
        from decimal import Decimal
        from fractions import Fraction
        from typing import Final

        WORDS = "red green blue".split()
        INDEX = {word: i for i, word in enumerate(WORDS)}
        PAIRS = tuple(itertools.combinations(WORDS, 2))
        MOVES = ((0, 1), (1, 0))
        NUMBER = re.compile(r"[+-]?\\d+")
        ROOT: Final = math.sqrt(2)
        HALF, TENTH = Fraction(1, 2), Decimal("0.1")
        LETTERS = string.ascii_lowercase.upper()
        TABLE = str.maketrans("ab", "ba")
        OPERATIONS = {"+": lambda a, b: a + b, "-": lambda a, b: a - b}
        SORTED = sorted(INDEX.items(), key=lambda pair: -pair[1])
        BIG = 10**9 + 7
        MISSING = object()
        Grid = list[list[int]]
        """,
    "stateful helpers inside functions": """
        import heapq
        from collections import Counter, defaultdict, deque
        from functools import cache, lru_cache

        def count(values):
            counts, queue, groups, heap = Counter(values), deque(values), defaultdict(list), []
            while queue:
                value = queue.popleft()
                groups[value % 3].append(value)
                heapq.heappush(heap, value)
                counts[value] -= 1

            @cache
            def ways(n):
                return 1 if n < 2 else ways(n - 1) + ways(n - 2)

            return counts, groups, heap, ways(5), lru_cache(None)(len)(heap)
        """,
    "class with a container interface": """
        class Grid:
            SIZES = {"small": 3}

            def __init__(self, cells):
                self.cells = [list(row) for row in cells]

            def __getitem__(self, place):
                return self.cells[place[0]][place[1]]

            def __iter__(self):
                yield from self.cells

            def __len__(self):
                return len(self.cells)

            @property
            def size(self):
                return len(self.cells)

            @staticmethod
            def blank(n):
                return Grid([[0] * n for _ in range(n)])

            @classmethod
            def small(cls):
                return cls([[0] * cls.SIZES["small"]])

            def append(self, row):
                self.cells.append(row)
                return self

        class Cube(Grid):
            def __init__(self, cells):
                super().__init__(cells)
                Grid.__init__(self, cells)
        """,
    "random annotated": """
        from random import Random
        from typing import Any, Callable, TypeVar

        T = TypeVar("T")

        def pick(rng: Random, values: list[T], key: Callable[[Random], Any] | None = None) -> T:
            shuffled: list[T] = list(values)
            rng.shuffle(shuffled)
            return shuffled[0]
        """,
    "match and walrus": """
        def parse(tokens):
            match tokens:
                case ["add", int(x), *rest] if (total := x + len(rest)) > 1:
                    return total
                case {"kind": "leaf", "value": None | True} | "x":
                    return 0
                case _:
                    return [y := 1, y**2]
        """,
    "reading a constant through names": """
        GRAPH = {"a": ["b"], "b": []}
        STARTS = (1, 2)

        def walk(node, path=STARTS):
            edges = GRAPH[node]
            best = STARTS
            best = best + (3,)
            fresh = GRAPH.copy()
            fresh["c"] = edges[:]
            fresh["c"].append("d")
            for key in GRAPH:
                edges = list(GRAPH[key])
                edges.append(key)
            return edges, best, path
        """,
    "exceptions": """
        def value_of(text):
            try:
                return int(text)
            except (ValueError, TypeError) as error:
                return str(error)
            except Exception:
                raise
            finally:
                text = None
        """,
}


@pytest.mark.parametrize("code", [pytest.param(code, id=name) for name, code in IDIOMS.items()])
def test_accepts_idioms(code: str) -> None:
    future = "from __future__ import annotations\n"
    code = dedent(code)
    if future in code:
        assert messages(metadata(future + METADATA + code.replace(future, ""))) == []
    else:
        assert messages(top(code)) == []


@pytest.mark.parametrize("path", sorted((ROOT / "seeds").rglob("*.py")), ids=lambda path: path.stem)
def test_accepts_seeds(path: Path) -> None:
    assert messages(path.read_text(encoding="utf-8")) == []


# What comes back


def test_metadata_of_a_text_program() -> None:
    result = inspection.inspect(top("import networkx as nx\nMAX_DIFFICULTY = 12"))
    assert json.loads(json.dumps(result)) == result
    assert result["title"] == "Sums: add two numbers."
    assert (result["tags"], result["oracle"]) == (["numbers", "sums"], "equality")
    assert (result["max_difficulty"], result["flavour"]) == (12, "networkx")
    assert (result["bucket"], result["levels"]) == (None, None)
    assert list(result["functions"]) == ["helper", "generate", "prompt", "reference", "score"]
    assert re.fullmatch("[0-9a-f]{64}", result["signature"])
    shingles = result["shingles"]
    assert shingles == sorted(set(shingles))
    assert all(0 <= shingle < 2**48 for shingle in shingles)


def test_metadata_of_a_visual_program() -> None:
    result = inspection.inspect(top(VISUAL + RENDER))
    assert result["bucket"] == "counting"
    assert result["levels"] == [f"step {n}" for n in range(10)]
    assert (result["max_difficulty"], result["flavour"]) == (9, "bare")


def test_functions_give_their_lines() -> None:
    source = top("import functools\n@functools.wraps(len)\ndef f(x):\n    return x")
    first, last = inspection.inspect(source)["functions"]["f"]
    assert source.splitlines()[first - 1 : last] == ["@functools.wraps(len)", "def f(x):", "    return x"]


def test_violations_are_sorted_and_limited() -> None:
    found = inspection.inspect(body("\n".join(f"print({n})" for n in reversed(range(40)))))["violations"]
    lines = [violation["line"] for violation in found]
    assert len(found) == 20
    assert lines == sorted(lines)
    assert set(found[0]) == {"line", "message"}


def test_messages_are_short_and_valid_text() -> None:
    for source in (
        body("x" * 5_000 + ".__class__\nprint"),
        top("def " + "f" * 9_000 + "(): pass\nX = " + "f" * 9_000 + "()"),
    ):
        assert all(len(message) < 500 for message in messages(source))
    (message,) = messages(body("getattr(value, '__\\ud800__')"))
    assert message.encode("utf-8")


def test_reports_every_violation() -> None:
    found = messages(program("import os\nX = []", "X.append(1)\nprint(eval('1'))"))
    for fragment in ("`os` may not", "by `append`", "`print` is refused", "`eval` is refused"):
        assert any(fragment in message for message in found), (fragment, found)


@pytest.mark.parametrize(
    "source",
    ["", "\n", "#", "(" * 5_000, "[" * 90, "a" + ".a" * 15_000, "-" * 30_000 + "1", "x" * 30_000, "\\", "'''",
     "'\\N{nothing}'", "f'{'", "\ufeffx", "0" * 10_000, "9" * 20_000, "if 1:\n" * 3, "\f", "\r", "def f(a, a): pass"],
    ids=repr,
)  # fmt: skip
def test_hostile_text_is_a_violation(source: str) -> None:
    assert messages(source[:200]) and messages(source)


# The signature

SUBJECT = '''"""Subject: something to recognise."""
from math import gcd
import re as regex

TAGS = ("numbers",)
ORACLE = "equality"
WORDS = ("one", "two", "three")


class Pair:
    def __init__(self, left, right=1):
        self.left = left
        self.right = right

    def combined(self, scale):
        return self.left * scale + self.right


def blend(alpha, beta, *, gamma=2):
    total = 0
    for index, word in enumerate(WORDS):
        if index % 2 == 0 and alpha > beta:
            total += gcd(alpha, index) * gamma - len(word)
    return [item for item in range(total) if item != beta]


def generate(rng, difficulty):
    pair = Pair(rng.randint(1, 10), right=3)
    return {"n": pair.combined(scale=2), "m": difficulty, "k": blend(1, 2, gamma=5)}


def prompt(state):
    return f"Take {state['n']} and then {state['m']} and mix them well."


def reference(state):
    return str(state["n"] ** 2)


def score(state, answer):
    found = regex.fullmatch("[0-9]+", answer.strip())
    return 1.0 if found is not None and answer == reference(state) else 0.0
'''
NAMES = ("alpha", "beta", "total", "index", "word", "item", "pair", "found", "blend", "Pair", "WORDS", "left",
         "right", "combined", "scale", "state", "answer", "rng", "difficulty", "self")  # fmt: skip


def signature(source: str) -> tuple[str, list[int]]:
    result = inspection.inspect(source)
    assert result["violations"] == [], result["violations"]
    return result["signature"], result["shingles"]


BASELINE = signature(SUBJECT)
fast = settings(max_examples=40, deadline=None)


def units(source: str) -> tuple[str, list[str]]:
    """The head of a program and its functions and classes, each as text."""
    lines = source.splitlines()
    nodes = [n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    return "\n".join(lines[: nodes[0].lineno - 1]), [
        "\n".join(lines[n.lineno - 1 : n.end_lineno]) for n in nodes
    ]


@fast
@given(st.permutations([f"name{n}" for n in range(len(NAMES))]), st.sets(st.sampled_from(NAMES)))
def test_signature_ignores_names(fresh: list[str], chosen: set[str]) -> None:
    renamed = SUBJECT
    for old, new in zip(NAMES, fresh, strict=True):
        if old in chosen:
            renamed = re.sub(rf"\b{old}\b", new, renamed)
    assert signature(renamed) == BASELINE


@fast
@given(st.data())
def test_signature_ignores_numbers(data: st.DataObject) -> None:
    def replace(match: re.Match[str]) -> str:
        return str(data.draw(st.integers(0, 10**6)))

    head, rest = SUBJECT.split("class Pair", 1)
    assert signature(head + "class Pair" + re.sub(r"(?<![\w.\[])\d+(?![\w.\]])", replace, rest)) == BASELINE


@fast
@given(st.permutations(range(6)))
def test_signature_ignores_the_order_of_definitions(order: list[int]) -> None:
    head, parts = units(SUBJECT)
    assert len(parts) == 6
    assert signature("\n\n".join([head, *(parts[n] for n in order)])) == BASELINE


@fast
@given(st.lists(st.tuples(st.integers(0, 45), st.text("abc #'{}", max_size=20)), max_size=8))
def test_signature_ignores_comments_and_blank_lines(comments: list[tuple[int, str]]) -> None:
    lines = SUBJECT.splitlines()
    for place, text in comments:
        lines.insert(1 + place % (len(lines) - 1), f"# {text}\n")
    assert signature("\n".join(lines)) == BASELINE


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "Take {state['n']} and then {state['m']} and mix them well.",
            "Of {state['n']}, {state['m']}: which?",
        ),
        ("Subject: something", "Another title"),
        ('("numbers",)', '("graphs", "trees")'),
        ('"equality"', '"feasibility"'),
        ("def prompt(state):", 'def prompt(state):\n    """Says something."""'),
        ("def reference(state):", "def reference(state: dict[str, int]) -> str:"),
        ("    total = 0", "    total: int = 0"),
        ("right=3", "right=-3"),
        ("import re as regex", "import json\nimport re as regex"),
        ('"two"', '"another"'),
    ],
)
def test_signature_ignores_wording(old: str, new: str) -> None:
    assert old in SUBJECT
    assert signature(SUBJECT.replace(old, new)) == BASELINE


def test_signature_ignores_how_a_library_function_is_imported() -> None:
    assert (
        signature(SUBJECT.replace("from math import gcd", "import math as m").replace("gcd(", "m.gcd("))
        == BASELINE
    )


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("* scale", "+ scale"),
        ("index % 2 == 0", "index % 2 != 0"),
        ("and alpha", "or alpha"),
        ("total +=", "total -="),
        ("gcd", "lcm"),
        ("fullmatch", "match"),
        ("is not None", "is None"),
        ("enumerate(WORDS)", "zip(WORDS, WORDS)"),
        ("** 2", "** -state['m']"),
        ("1.0 if", "1 if"),
    ],
)
def test_signature_sees_a_changed_mechanism(old: str, new: str) -> None:
    changed, shingles = signature(SUBJECT.replace(old, new))
    assert changed != BASELINE[0]
    assert shingles != BASELINE[1]


def test_shingles_measure_how_much_is_shared() -> None:
    def overlap(a: str, b: str) -> float:
        first, second = set(signature(a)[1]), set(signature(b)[1])
        return len(first & second) / len(first | second)

    near = SUBJECT.replace("index % 2 == 0", "index % 2 != 0")
    assert overlap(SUBJECT, near) > 0.85
    assert overlap(SUBJECT, program()) < 0.5


def test_shingles_count_repetition_up_to_a_limit() -> None:
    def table(length: int) -> int:
        return len(signature(top(f"X = [{'1, ' * length}]"))[1])

    assert table(12) > table(10)
    assert table(40) == table(400)
