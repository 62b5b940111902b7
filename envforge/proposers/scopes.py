"""Which names of a program mean its module-level bindings: scope resolution for renaming source text.

The stdlib's `symtable` knows the scopes but not the positions; this walk keeps both. It covers what the
contract allows in a program (no `global`, no `async`, no star imports).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (*_FUNCTIONS, *_COMPREHENSIONS, ast.ClassDef)


class AmbiguousScope(Exception):
    """A construct whose names cannot be told apart from the text alone; programs with it are left alone."""


def module_names(node: ast.AST, bound: frozenset[str]) -> Iterator[ast.Name]:
    """Every `Name` at or under the module-level statement `node` that is looked up in the module's scope.

    `bound` are the names that the module binds. Names that it does not bind (builtins) are found too, and so
    are the targets of module-level assignments. Raises AmbiguousScope.
    """
    yield from _visit(node, (("module", bound),))


def bound_names(statement: ast.stmt) -> frozenset[str]:
    """The names that a module-level statement binds in the module."""
    return frozenset(_bindings([statement]))


_Scope = tuple[str, frozenset[str]]  # "module", "function" or "class", and the names bound in it


def _visit(node: ast.AST, scopes: tuple[_Scope, ...]) -> Iterator[ast.Name]:
    if isinstance(node, ast.Global):
        raise AmbiguousScope(f"line {node.lineno}: 'global'")
    if isinstance(node, ast.Name):
        if _is_module_level(node, scopes):
            yield node
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        yield from _visit_function(node, scopes)
    elif isinstance(node, _COMPREHENSIONS):
        yield from _visit_comprehension(node, scopes)
    elif isinstance(node, ast.ClassDef):
        inner = (*scopes, ("class", frozenset(_bindings(node.body))))
        for outside in (*node.decorator_list, *node.bases, *node.keywords):
            yield from _visit(outside, scopes)
        for statement in node.body:
            yield from _visit(statement, inner)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _visit(child, scopes)


def _visit_function(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, scopes: tuple[_Scope, ...]
) -> Iterator[ast.Name]:
    parameters = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    parameters += [p for p in (node.args.vararg, node.args.kwarg) if p is not None]
    body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
    outside: list[ast.AST | None] = [*node.args.defaults, *node.args.kw_defaults]
    if not isinstance(node, ast.Lambda):
        outside += [*node.decorator_list, node.returns, *(p.annotation for p in parameters)]
    for expression in outside:
        if expression is not None:
            yield from _visit(expression, scopes)
    names = frozenset(_bindings(body)) | {p.arg for p in parameters}
    for part in body:
        yield from _visit(part, (*scopes, ("function", names)))


def _visit_comprehension(node: ast.AST, scopes: tuple[_Scope, ...]) -> Iterator[ast.Name]:
    generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
    targets = frozenset(name for g in generators for name in _bindings([g.target]))
    inner = (*scopes, ("function", targets))
    yield from _visit(generators[0].iter, scopes)  # evaluated before the comprehension's scope exists
    for position, generator in enumerate(generators):
        yield from _visit(generator.target, inner)
        if position:
            yield from _visit(generator.iter, inner)
        for condition in generator.ifs:
            yield from _visit(condition, inner)
    elements = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)  # type: ignore[attr-defined]
    for element in elements:
        yield from _visit(element, inner)


def _is_module_level(node: ast.Name, scopes: tuple[_Scope, ...]) -> bool:
    if scopes[-1][0] == "class" and node.id in scopes[-1][1]:
        if isinstance(node.ctx, ast.Load) and node.id in scopes[0][1]:
            # Before the class binds the name a read of it finds the module's; after, the class's.
            raise AmbiguousScope(f"line {node.lineno}: '{node.id}' is read where a class binds it")
        return False
    return not any(kind == "function" and node.id in names for kind, names in scopes)


def _bindings(nodes: list[ast.AST] | list[ast.stmt] | list[ast.expr]) -> Iterator[str]:
    """The names bound directly in the scope that `nodes` are the body of."""
    for node in nodes:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                yield from (alias.asname or alias.name.split(".")[0] for alias in aliases)
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                yield name
            case ast.MatchMapping(rest=str(name)):
                yield name
            case _:
                pass
        yield from _bindings(_inside(node))


def _inside(node: ast.AST) -> list[ast.AST]:
    """The children of `node` whose bindings belong to the scope that `node` stands in."""
    if isinstance(node, _COMPREHENSIONS):  # a walrus inside binds in the scope around the comprehension
        return [n.target for n in ast.walk(node) if isinstance(n, ast.NamedExpr)]
    if isinstance(node, _SCOPES):
        return []  # defaults and decorators could hold a walrus; nobody writes one there
    return list(ast.iter_child_nodes(node))
