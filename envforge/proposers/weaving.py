"""Source surgery: parts of several programs in one file, names renamed apart, comments and layout kept.

Text is edited at the positions of syntax tree nodes, then parsed again and compared with the tree that was
meant; a statement that comes out different (an f-string that Python 3.11 gives no inner positions for, an
identifier in a compatibility spelling) is printed from the tree instead, which loses only its comments.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from envforge.contract import normalise_source
from envforge.proposers.scopes import AmbiguousScope, bound_names, module_names

CONTRACT_NAMES = frozenset(
    "TAGS ORACLE MAX_DIFFICULTY BUCKET LEVELS generate prompt reference score render".split()
)


class Unweavable(Exception):
    """The source holds something that renaming by text cannot be trusted with."""


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """One imported binding: `import name as alias`, or `from module import name as alias`."""

    module: str | None
    name: str
    alias: str | None

    @property
    def bound(self) -> str:
        return self.alias or self.name.split(".")[0]

    def renamed(self, name: str) -> Import:
        if name == self.bound:
            return self
        if self.module is None and "." in self.name and not self.alias:
            raise Unweavable(f"'import {self.name}' binds its first part and cannot be renamed")
        return Import(self.module, self.name, name)


@dataclass(frozen=True, slots=True)
class Item:
    """One module-level statement other than an import, with the comment lines right above it."""

    node: ast.stmt
    first_line: int  # of the comments, from 1
    names: frozenset[str]  # what it binds
    uses: frozenset[str]  # what it looks up in the module's scope, builtins included
    shares_lines: bool  # "a = 1; b = 2"

    @property
    def is_definition(self) -> bool:
        return isinstance(self.node, ast.FunctionDef | ast.ClassDef)


class Parts:
    """A program taken apart. Only reads text; nothing is run. Raises Unweavable."""

    def __init__(self, source: str) -> None:
        self.source = normalise_source(source)
        try:
            self.tree = ast.parse(self.source)
            self.docstring = ast.get_docstring(self.tree) or ""
            self.items, self.imports, self.bound = self._take_apart()
        except (SyntaxError, ValueError, RecursionError, MemoryError, AmbiguousScope) as error:
            raise Unweavable(str(error)) from error

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the text: a superset of its identifiers."""
        return frozenset(re.findall(r"\w+", self.source))

    @cached_property
    def strings(self) -> tuple[str, ...]:
        """Every string constant, the literal parts of f-strings included, docstrings left out."""
        documented = (ast.Module, ast.FunctionDef, ast.ClassDef)
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(self.tree)
            if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
        }
        constants = (
            n for n in ast.walk(self.tree) if isinstance(n, ast.Constant) and id(n) not in docstrings
        )
        return tuple(n.value for n in constants if isinstance(n.value, str))

    def function(self, name: str) -> ast.FunctionDef | None:
        """The module-level function called `name`."""
        found = (i.node for i in self.items if isinstance(i.node, ast.FunctionDef) and i.node.name == name)
        return next(found, None)

    def reachable(self, wanted: Iterable[str]) -> tuple[list[Item], list[Import]]:
        """The items and imports that `wanted` names need, in the order of the file."""
        makers = [(item.names, item.uses) for item in self.items]
        found: set[str] = set()
        todo = list(wanted)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo += [use for names, uses in makers if name in names for use in uses]
        items = [i for i in self.items if i.names & found]
        return items, [i for i in self.imports if i.bound in found]

    def _take_apart(self) -> tuple[list[Item], list[Import], frozenset[str]]:
        imports: list[Import] = []
        statements: list[ast.stmt] = []
        for node in self.tree.body:
            if isinstance(node, ast.Import):
                imports += [Import(None, a.name, a.asname) for a in node.names]
            elif isinstance(node, ast.ImportFrom):
                if node.level or any(a.name == "*" for a in node.names):
                    raise Unweavable("relative and star imports bind names that the text does not show")
                imports += [Import(node.module, a.name, a.asname) for a in node.names]
            elif not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                statements.append(node)
        bound = frozenset(i.bound for i in imports).union(*(bound_names(s) for s in statements))
        return [self._item(s, bound) for s in statements], imports, bound

    def _item(self, node: ast.stmt, bound: frozenset[str]) -> Item:
        first = _first_line(node)
        spans = [(_first_line(s), s.end_lineno or s.lineno) for s in self.tree.body if s is not node]
        shares = any(low <= (node.end_lineno or first) and first <= high for low, high in spans)
        lines = self.source.split("\n")
        while first > 1 and lines[first - 2].startswith("#") and not shares:
            first -= 1
        names = bound_names(node)
        uses = frozenset(name.id for name in module_names(node, bound)) - names
        return Item(node, first, names, uses, shares)


@dataclass(frozen=True, slots=True)
class Strand:
    """What one program gives to the weave: its `wanted` names and all that they need."""

    parts: Parts
    prefix: str  # its contract functions become `<prefix>_generate` and so on
    wanted: tuple[str, ...]
    heading: str


def weave(docstring: str, constants: str, strands: Sequence[Strand], heading: str, body: str) -> str:
    """One program: docstring, merged imports, constants, each strand's parts, then `body` under `heading`.

    `body` is the text of module-level statements that call the strands' functions by their prefixed names.
    A strand's other names keep their spelling unless something else in the file would mean another thing by
    them. Raises Unweavable.
    """
    ending = Parts(body)
    kept = [strand.parts.reachable(strand.wanted) for strand in strands]
    everything = [*kept, (ending.items, ending.imports)]
    imports = set(ending.imports)
    blocks: list[str] = []
    for position, strand in enumerate(strands):
        others = [k for i, k in enumerate(everything) if i != position]
        mapping = _renaming(strand, kept[position], others, [s.parts for s in strands])
        items, strand_imports = kept[position]
        imports.update(i.renamed(mapping.get(i.bound, i.bound)) for i in strand_imports)
        blocks.append(f"# --- {strand.heading} ---\n\n" + _print_items(strand.parts, items, mapping))
    blocks.append(f"# --- {heading} ---\n\n" + _print_items(ending, ending.items, {}))
    head = [f'"""{docstring}"""', _print_imports(imports), constants.strip("\n")]
    return normalise_source("\n\n".join(part for part in head if part) + "\n\n\n" + "\n\n\n".join(blocks))


def prefixed(prefix: str, name: str) -> str:
    """`name` renamed into the family of `prefix`, in the spelling of its kind."""
    bare = name.lstrip("_")
    under = name[: len(name) - len(bare)]
    if bare.isupper():
        return f"{under}{prefix.upper()}_{bare}"
    if bare[:1].isupper():
        return f"{under}{prefix.title().replace('_', '')}{bare}"
    return f"{under}{prefix}_{bare}"


_Kept = tuple[list[Item], list[Import]]


def _renaming(
    strand: Strand, kept: _Kept, others: Sequence[_Kept], sources: Sequence[Parts]
) -> dict[str, str]:
    """The new names of `strand`'s bindings that cannot keep theirs."""
    items, imports = kept
    own_imports = {i.bound: i for i in imports}
    mapping: dict[str, str] = {}
    for name in sorted({n for item in items for n in item.names} | set(own_imports)):
        if name not in CONTRACT_NAMES and not any(_clashes(name, own_imports.get(name), o) for o in others):
            continue
        mapping[name] = prefixed(strand.prefix, name)
        if any(mapping[name] in parts.words for parts in sources):
            raise Unweavable(f"'{mapping[name]}' is taken")
    return mapping


def _clashes(name: str, imported: Import | None, other: _Kept) -> bool:
    items, imports = other
    if any(name in item.names for item in items):
        return True
    same = [i for i in imports if i.bound == name]
    if same:
        return any(i != imported for i in same)
    return any(name in item.uses for item in items)  # a builtin there


def _print_imports(imports: Iterable[Import]) -> str:
    plain, grouped = [], dict[str, list[str]]()
    for item in sorted(imports, key=lambda i: (i.module or "", i.name, i.alias or "")):
        spelling = item.name if item.alias in (None, item.name) else f"{item.name} as {item.alias}"
        if item.module is None:
            plain.append(f"import {spelling}")
        else:
            grouped.setdefault(item.module, []).append(spelling)
    future = (
        [f"from __future__ import {', '.join(grouped.pop('__future__'))}\n"]
        if "__future__" in grouped
        else []
    )
    return "\n".join(future + plain + [f"from {m} import {', '.join(names)}" for m, names in grouped.items()])


def _print_items(parts: Parts, items: Sequence[Item], mapping: Mapping[str, str]) -> str:
    text = ""
    for before, item in zip([None, *items], items):
        if before is not None:
            close = not (before.is_definition or item.is_definition)
            text += "\n" if close else "\n\n\n"
        text += _print_item(parts, item, mapping)
    return text


def _print_item(parts: Parts, item: Item, mapping: Mapping[str, str]) -> str:
    if not (item.names | item.uses) & mapping.keys() and not item.shares_lines:
        return "\n".join(parts.source.split("\n")[item.first_line - 1 : item.node.end_lineno])
    meant = copy.deepcopy(item.node)
    for name in list(module_names(meant, parts.bound)):
        name.id = mapping.get(name.id, name.id)
    if isinstance(meant, ast.FunctionDef | ast.ClassDef):
        meant.name = mapping.get(meant.name, meant.name)
    if not item.shares_lines:
        text = _edited(parts, item, mapping)
        if _says(text, meant):
            return text
    text = ast.unparse(meant)
    if not _says(text, meant):
        raise Unweavable(f"line {item.node.lineno} cannot be printed from its syntax tree")
    return text


def _says(text: str, meant: ast.stmt) -> bool:
    try:
        found = ast.parse(text).body
    except SyntaxError:
        return False
    return len(found) == 1 and ast.dump(found[0]) == ast.dump(meant)


def _edited(parts: Parts, item: Item, mapping: Mapping[str, str]) -> str:
    """The item's own text with every edit applied; right in all but odd cases, which the caller detects."""
    data = parts.source.encode()
    starts = [0]
    for line in data.split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    names = [n for n in module_names(item.node, parts.bound) if n.id in mapping]
    strings = list(_outermost_fstrings(item.node))
    inside = {id(n): s for s in strings for n in ast.walk(s)}
    edits: list[tuple[int, int, bytes]] = []
    for name in names:
        if id(name) not in inside:
            start = starts[name.lineno - 1] + name.col_offset
            edits.append((start, start + len(name.id.encode()), mapping[name.id].encode()))
    for string in strings:
        low = starts[string.lineno - 1] + string.col_offset
        high = starts[(string.end_lineno or string.lineno) - 1] + (string.end_col_offset or 0)
        wanted = {n.id for n in names if inside.get(id(n)) is string}
        for word in wanted:
            for match in re.finditer(rb"(?<![\w.])" + word.encode() + rb"(?!\w)", data[low:high]):
                edits.append((low + match.start(), low + match.end(), mapping[word].encode()))
    if isinstance(item.node, ast.FunctionDef | ast.ClassDef) and item.node.name in mapping:
        start = starts[item.node.lineno - 1] + item.node.col_offset
        keyword = re.compile(rb"(?:def|class)[ \t]+").match(data, start)
        if keyword:
            end = keyword.end() + len(item.node.name.encode())
            edits.append((keyword.end(), end, mapping[item.node.name].encode()))
    for start, end, new in sorted(edits, reverse=True):
        data = data[:start] + new + data[end:]
    # Edits never add or remove a line, so the item is still on the lines where it was.
    lines = data.decode().split("\n")
    return "\n".join(lines[item.first_line - 1 : item.node.end_lineno])


def _outermost_fstrings(node: ast.AST) -> Iterator[ast.JoinedStr]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr):
            yield child
        else:
            yield from _outermost_fstrings(child)


def _first_line(node: ast.stmt) -> int:
    decorators = node.decorator_list if isinstance(node, ast.FunctionDef | ast.ClassDef) else []
    return min([node.lineno, *(d.lineno for d in decorators)])
