"""Reads a program without running it: the static policy (L1), the metadata and the signature.

Called in a confined child process, since even the parser may be brought down by a hostile source. The numbers
are those of docs/contract.md; this folder imports nothing of envforge, so they are repeated here.
"""

import ast
import re
from collections.abc import Iterable
from typing import Any

import policy
import purity
import signature
from grammar import SourceError, parse
from walk import collect

Violation = policy.Violation
MAX_VIOLATIONS = 20
MAX_MESSAGE_CHARACTERS = 400
DEFAULT_MAX_DIFFICULTY = 9
HIGHEST_MAX_DIFFICULTY = 99
LEVEL_COUNT = 10  # LEVELS says what level 0 to 9 each adds
MAX_LEVEL_CHARACTERS = 200
BUCKETS = ("spatial", "mathematical", "diagram", "pattern", "counting")
ORACLES = ("equality", "feasibility")
ARGUMENTS = {"generate": 2, "prompt": 1, "reference": 1, "score": 2, "render": 1}
_USAGE = {
    "generate": "generate(rng, difficulty)",
    "prompt": "prompt(state)",
    "reference": "reference(state)",
    "score": "score(state, answer)",
    "render": "render(state)",
}
_TAG = re.compile(r"[a-z0-9-]+")
_MISSING = object()


def inspect(source: str) -> dict[str, Any]:
    """The violations of a program, or its metadata; JSON-ready.

    `violations` lists up to 20 of {"line": int, "message": str}, sorted by line. When it is empty the rest
    is there: `title`, `tags`, `oracle`, `max_difficulty`, `flavour` ("bare" or "networkx"), `signature`,
    `shingles`, `bucket` and `levels` (None for a text program) and `functions` (of each module-level
    function its first and last line, decorators included).
    """
    try:
        facts = collect(parse(source))
    except SourceError as error:
        return _refusal({(error.args[0], error.args[1])})
    functions = _functions(facts.tree)
    metadata = _Metadata(facts.tree, visual="render" in functions)
    violations = set(metadata.read())
    violations.update(_contract_functions(facts.tree, functions))
    violations.update(policy.check(facts, metadata.visual))
    violations.update(purity.check(facts))
    if violations:
        return _refusal(violations)
    digest, shingles = signature.describe(facts)
    return {
        "violations": [],
        **metadata.values,
        "flavour": "networkx" if "networkx" in facts.imported else "bare",
        "signature": digest,
        "shingles": shingles,
        "functions": {name: _lines(node) for name, node in functions.items()},
    }


def _refusal(violations: set[Violation]) -> dict[str, Any]:
    """The first violations. Messages quote the source, so they are shortened and freed of lone surrogates."""
    first = []
    for line, message in sorted(violations)[:MAX_VIOLATIONS]:
        text = message.encode("utf-8", "replace").decode("utf-8")
        if len(text) > MAX_MESSAGE_CHARACTERS:
            text = text[: MAX_MESSAGE_CHARACTERS - 3] + "..."
        first.append({"line": line, "message": text})
    return {"violations": first}


def _functions(tree: ast.Module) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}


def _lines(node: ast.FunctionDef) -> list[int]:
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return [first, node.end_lineno or node.lineno]


# The functions of the contract


def _contract_functions(tree: ast.Module, functions: dict[str, ast.FunctionDef]) -> Iterable[Violation]:
    for name, usage in _USAGE.items():
        node = functions.get(name)
        if node is None:
            elsewhere = next((n.lineno for n in tree.body if _binds(n, name)), None)
            if elsewhere is not None:
                yield elsewhere, f"`{name}` must be written as `def {usage}:` at module level"
            elif name != "render":
                yield 1, f"the function `{usage}` is missing: define it at module level"
            continue
        arguments = node.args
        count = len(arguments.posonlyargs) + len(arguments.args)
        if count != ARGUMENTS[name] or arguments.vararg or arguments.kwarg:
            yield node.lineno, f"`{name}` must take exactly {ARGUMENTS[name]} positional arguments: `{usage}`"
        if any(default is None for default in arguments.kw_defaults):
            yield node.lineno, f"`{name}` has a required keyword-only argument: `{usage}` is how it is called"
        if _yields(node):
            yield node.lineno, f"`{name}` is a generator: return one value instead of yielding"


def _binds(node: ast.stmt, name: str) -> bool:
    """Whether a module-level statement other than a plain `def` gives `name` a meaning."""
    if isinstance(node, ast.AsyncFunctionDef | ast.ClassDef):
        return node.name == name
    if isinstance(node, ast.Import | ast.ImportFrom):
        return any((alias.asname or alias.name) == name for alias in node.names)
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return any(isinstance(target, ast.Name) and target.id == name for target in targets)


def _yields(function: ast.FunctionDef) -> bool:
    pending: list[ast.AST] = list(function.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(node))
    return False


# The metadata


class _Metadata:
    """Title, tags and the other constants that the host reads; complete if `read` yields nothing."""

    def __init__(self, tree: ast.Module, visual: bool) -> None:
        self.tree = tree
        self.visual = visual
        self.values: dict[str, Any] = {"bucket": None, "levels": None}
        self.constants: dict[str, ast.expr] = {}
        for node in tree.body:
            target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
            value = getattr(node, "value", None)
            if (
                isinstance(node, ast.Assign | ast.AnnAssign)
                and isinstance(target, ast.Name)
                and value is not None
            ):
                self.constants.setdefault(target.id, value)

    def read(self) -> Iterable[Violation]:
        """What is wrong with the metadata."""
        yield from self._title()
        yield from self._tags()
        yield from self._choice("ORACLE", "oracle", ORACLES)
        yield from self._max_difficulty()
        if self.visual:
            yield from self._choice("BUCKET", "bucket", BUCKETS)
            yield from self._levels()
        else:
            for name in ("BUCKET", "LEVELS"):
                if name in self.constants:
                    line = self.constants[name].lineno
                    yield line, f"`{name}` belongs to visual programs: remove it or define `render(state)`"

    def _literal(self, name: str) -> Any:
        """The value of a literal constant; `_MISSING` when there is none or when it is computed."""
        try:
            return ast.literal_eval(self.constants[name])
        except (KeyError, ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            return _MISSING

    def _line(self, name: str) -> int:
        return self.constants[name].lineno if name in self.constants else 1

    def _title(self) -> Iterable[Violation]:
        lines = (ast.get_docstring(self.tree, clean=False) or "").strip().splitlines()
        title = lines[0].strip() if lines else ""
        if not title:
            yield 1, "the program has no title: begin it with a docstring whose first line is the title"
        elif not title.isprintable():
            yield 1, "the title holds characters that cannot be printed: write it in plain text"
        self.values["title"] = title

    def _tags(self) -> Iterable[Violation]:
        tags = self._literal("TAGS")
        good = (
            isinstance(tags, tuple)
            and 1 <= len(tags) <= 6
            and all(isinstance(tag, str) and _TAG.fullmatch(tag) for tag in tags)
            and len(set(tags)) == len(tags)
        )
        if good:
            self.values["tags"] = list(tags)
        else:
            example = 'such as ("graphs", "shortest-path")'
            yield self._line("TAGS"), f"`TAGS` must be a tuple of 1 to 6 different lower-case tags, {example}"

    def _choice(self, name: str, key: str, allowed: tuple[str, ...]) -> Iterable[Violation]:
        value = self._literal(name)
        if isinstance(value, str) and value in allowed:
            self.values[key] = value
        else:
            choices = ", ".join(f'"{choice}"' for choice in allowed)
            yield self._line(name), f"`{name}` must be one of {choices}"

    def _max_difficulty(self) -> Iterable[Violation]:
        self.values["max_difficulty"] = DEFAULT_MAX_DIFFICULTY
        if "MAX_DIFFICULTY" not in self.constants:
            return
        value = self._literal("MAX_DIFFICULTY")
        if type(value) is int and DEFAULT_MAX_DIFFICULTY <= value <= HIGHEST_MAX_DIFFICULTY:
            self.values["max_difficulty"] = value
        else:
            bounds = f"from {DEFAULT_MAX_DIFFICULTY} to {HIGHEST_MAX_DIFFICULTY}"
            yield self._line("MAX_DIFFICULTY"), f"`MAX_DIFFICULTY` must be an integer literal {bounds}"

    def _levels(self) -> Iterable[Violation]:
        levels = self._literal("LEVELS")
        good = (
            isinstance(levels, tuple | list)
            and len(levels) == LEVEL_COUNT
            and all(
                isinstance(level, str) and 1 <= len(level.strip()) <= MAX_LEVEL_CHARACTERS for level in levels
            )
            and all(level.isprintable() for level in levels)
        )
        if good:
            self.values["levels"] = list(levels)
        else:
            yield self._line("LEVELS"), f"`LEVELS` must be {LEVEL_COUNT} short strings: what each level adds"
