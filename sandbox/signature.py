"""What two programs share when names, numbers and wording differ: a signature and shingles of the tree.

The tree becomes tokens. Kept: the kinds of nodes, operators, library functions, methods and keywords.
Dropped: the program's own names, the values of constants, docstrings, annotations, imports, the metadata and
the order of module-level definitions.
"""

import ast
import hashlib
from collections import Counter
from collections.abc import Iterator

from scopes import Facts
from vocabulary import words

WINDOW = 6  # tokens per shingle
MAX_OCCURRENCES = 8  # how often one window may count; a table of 300 words must not drown everything else
METADATA = frozenset({"TAGS", "ORACLE", "MAX_DIFFICULTY", "BUCKET", "LEVELS"})
_BLOCKS = frozenset({"body", "orelse", "finalbody", "handlers", "cases"})
_DROPPED = words(
    """ctx kind type_comment returns annotation type_ignores type_params name id asname module level simple
    is_async format_spec conversion op ops"""
)
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    kind: tuple(field for field in kind._fields if field not in _DROPPED)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}
_IMPORTS = (ast.Import, ast.ImportFrom)


def describe(facts: Facts) -> tuple[str, list[int]]:
    """The signature (SHA-256, hex) and the sorted shingles (integers below 2**48) of a program."""
    units = [tokens for tokens in (_unit(facts, node) for node in facts.tree.body) if tokens]
    return _signature(units), _shingles(units)


def _signature(units: list[list[str]]) -> str:
    hashes = sorted(hashlib.sha256("\n".join(tokens).encode()).digest() for tokens in units)
    return hashlib.sha256(b"".join(hashes)).hexdigest()


def _shingles(units: list[list[str]]) -> list[int]:
    """Hashed windows with occurrence numbers, so that the Jaccard index of two sets is nearly weighted."""
    windows: Counter[tuple[str, ...]] = Counter()
    for tokens in units:
        if len(tokens) < WINDOW:
            windows[tuple(tokens)] += 1
        else:
            windows.update(zip(*(tokens[start:] for start in range(WINDOW))))
    return sorted(set(_hashes(windows)))


def _hashes(windows: Counter[tuple[str, ...]]) -> Iterator[int]:
    for window, count in windows.items():
        data = "\n".join(window).encode()
        for occurrence in range(min(count, MAX_OCCURRENCES)):
            salt = occurrence.to_bytes(1, "big")
            yield int.from_bytes(hashlib.blake2b(data, digest_size=6, salt=salt).digest(), "big")


def _unit(facts: Facts, node: ast.stmt) -> list[str]:
    """The tokens of one module-level statement; none for what does not count."""
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if any(isinstance(target, ast.Name) and target.id in METADATA for target in targets):
            return []
    tokens: list[str] = []
    _Tokens(facts, tokens).visit(node)
    return tokens


class _Tokens:
    """Writes the tokens of a tree in pre-order."""

    def __init__(self, facts: Facts, tokens: list[str]) -> None:
        self.labels = facts.labels
        self.own_attributes = facts.own_attributes
        self.emit = tokens.append

    def visit(self, node: ast.AST) -> None:
        kind = type(node)
        label = self.labels.get(id(node))
        if label is not None:
            self.emit(label)
        elif kind is ast.Name:
            self.emit("Name")
        elif isinstance(node, ast.Constant):
            self.emit(type(node.value).__name__)
        elif isinstance(node, ast.Attribute):
            self.emit("." if node.attr in self.own_attributes else "." + node.attr)
            self.visit(node.value)
        elif isinstance(node, ast.Call):
            self.call(node)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.operand, ast.Constant):
            if isinstance(node.op, ast.Not | ast.Invert):
                self.emit(type(node.op).__name__)
            self.visit(node.operand)  # a changed sign is a changed number
        elif isinstance(node, ast.JoinedStr):
            self.joined(node)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            pass  # a docstring or a comment in disguise
        elif isinstance(node, ast.AnnAssign):
            self.annotated(node)
        elif kind is not ast.Pass and kind not in _IMPORTS:
            self.generic(node, kind)

    def generic(self, node: ast.AST, kind: type[ast.AST]) -> None:
        self.emit(kind.__name__)
        operator = getattr(node, "op", None)
        if operator is not None:
            self.emit(type(operator).__name__)
        for comparison in getattr(node, "ops", ()):
            self.emit(type(comparison).__name__)
        for field in _FIELDS[kind]:
            value = getattr(node, field, None)
            if value.__class__ is list:
                for item in value:
                    if isinstance(item, ast.AST):
                        self.visit(item)
                if field in _BLOCKS and value:
                    self.emit("end")
            elif isinstance(value, ast.AST):
                self.visit(value)

    def call(self, node: ast.Call) -> None:
        self.emit("Call")
        self.visit(node.func)
        for argument in node.args:
            self.visit(argument)
        # Keywords of the program's own functions are names of its parameters.
        library = id(node.func) in self.labels or (
            isinstance(node.func, ast.Attribute) and node.func.attr not in self.own_attributes
        )
        for keyword in node.keywords:
            self.emit(f"{keyword.arg}=" if library else "=")
            self.visit(keyword.value)

    def joined(self, node: ast.JoinedStr) -> None:
        """Only what is put into the text counts, not the words around it."""
        values = [value.value for value in node.values if isinstance(value, ast.FormattedValue)]
        self.emit("JoinedStr" if values else "str")
        for value in values:
            self.visit(value)

    def annotated(self, node: ast.AnnAssign) -> None:
        if node.value is None:
            if isinstance(node.target, ast.Name):
                self.emit("Field")
        else:
            self.emit("Assign")
            self.visit(node.target)
            self.visit(node.value)
