"""One walk over the syntax tree of a program: collects the facts that the checks and the signature need."""

import ast
from collections.abc import Callable
from typing import Any

from scopes import Binding, Facts, FunctionNode, Scope
from vocabulary import words

_NO_CHILDREN = words(
    """ctx op ops id attr arg name asname names rest kwd_attrs kind type_comment conversion simple is_async
    type_ignores module level"""
)
_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    kind: tuple(field for field in kind._fields if field not in _NO_CHILDREN)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}


def collect(tree: ast.Module) -> Facts:
    """The facts about a program whose tree is not too deep to recurse into."""
    facts = Facts(tree)
    _Walk(facts).run()
    facts.label()
    return facts


class _Walk:
    """Fills `Facts`. Recursion is safe: the depth of the tree was limited before."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.scope = facts.module
        self.annotation = False

    def run(self) -> None:
        self.each(self.facts.tree.body)

    def visit(self, node: ast.AST) -> None:
        handler = _HANDLERS.get(type(node))
        if handler is not None:
            handler(self, node)
        else:
            self.children(node)

    def children(self, node: ast.AST) -> None:
        for field in _FIELDS[type(node)]:
            value = getattr(node, field, None)
            if value.__class__ is list:
                for item in value:
                    if item is not None:
                        self.visit(item)
            elif value is not None:
                self.visit(value)

    def each(self, nodes: list[Any]) -> None:
        for node in nodes:
            if node is not None:
                self.visit(node)

    def bind(self, name: str, kind: str, node: ast.AST, scope: Scope | None = None) -> Binding:
        scope = scope or self.scope
        if name in scope.free or name in scope.used_globals:
            self.facts.rebound.add(name)
            return Binding(scope, kind, node)
        binding = scope.bindings.get(name)
        if binding is None:
            binding = scope.bindings[name] = Binding(scope, kind, node)
        else:
            binding.value = None
        binding.count += 1
        if scope.kind == "class":
            self.facts.own_attributes.add(name)
        return binding

    def identifier(self, name: str, node: ast.AST, scope: Scope | None) -> None:
        """Keep a name for the rule on double underscores; `scope` is where it gets bound, if it does."""
        if name.startswith("__"):
            self.facts.identifiers.append((name, node, scope))

    def bind_value(self, target: ast.expr, value: ast.expr, iterated: bool = False) -> None:
        """Bind a target and remember where its value comes from, where that is simple to say."""
        if isinstance(target, ast.Name):
            self.visit(target)
            binding = self.scope.lookup(target.id)
            if binding is not None and binding.scope is self.scope and binding.count == 1:
                binding.value, binding.iterated = value, iterated
        elif iterated and isinstance(target, ast.Tuple | ast.List):
            for element in target.elts:
                self.bind_value(element, value, iterated=True)
        else:
            self.visit(target)

    def inside(self, scope: Scope, action: Callable[[], None]) -> None:
        outer, self.scope = self.scope, scope
        annotation, self.annotation = self.annotation, False
        action()
        self.scope, self.annotation = outer, annotation

    def annotated(self, node: ast.AST | None) -> None:
        if node is not None:
            outer, self.annotation = self.annotation, True
            self.visit(node)
            self.annotation = outer

    # One method per kind of node that matters.

    def name(self, node: ast.Name) -> None:
        self.identifier(node.id, node, None if isinstance(node.ctx, ast.Load) else self.scope)
        if isinstance(node.ctx, ast.Load):
            self.facts.names.append((node, self.scope, self.annotation))
        else:
            self.bind(node.id, "value", node)

    def attribute(self, node: ast.Attribute) -> None:
        self.facts.attributes.append((node, self.scope, self.annotation))
        self.facts.qualified.add(id(node.value))
        if not isinstance(node.ctx, ast.Load):
            self.facts.own_attributes.add(node.attr)
        self.visit(node.value)

    def subscript(self, node: ast.Subscript) -> None:
        if not isinstance(node.ctx, ast.Load):
            self.facts.subscripts.append((node, self.scope))
        self.visit(node.value)
        self.visit(node.slice)

    def call(self, node: ast.Call) -> None:
        self.facts.calls.append((node, self.scope))
        self.facts.called.add(id(node.func))
        if node.args and any(keyword.arg == "seed" for keyword in node.keywords):
            self.facts.given_seed.add(id(node.args[0]))
        self.children(node)

    def constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self.facts.strings.append(node)

    def keyword(self, node: ast.keyword) -> None:
        if node.arg is not None:
            self.identifier(node.arg, node, None)
        self.visit(node.value)

    def imports(self, node: ast.Import | ast.ImportFrom) -> None:
        self.facts.imports.append((node, self.scope))
        modules = (
            [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        )
        self.facts.imported.update(module.partition(".")[0] for module in modules)
        for alias in node.names:
            name = alias.asname or (
                alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name
            )
            if name == "*":
                continue
            binding = self.bind(name, "import", node)
            self.identifier(name, node, self.scope)
            if isinstance(node, ast.ImportFrom):
                origin = f"{node.module}.{alias.name}"
            else:
                origin = alias.name if alias.asname else name
            binding.conflict |= binding.origin not in (None, origin)
            binding.origin = origin

    def function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        if isinstance(node, ast.AsyncFunctionDef):
            self.facts.asynchronous.append(node)
        self.each(node.decorator_list)
        self.identifier(node.name, node, self.scope)
        self.bind(node.name, "function", node)
        self.callable(node, node.body)
        self.annotated(node.returns)

    def lambda_(self, node: ast.Lambda) -> None:
        self.callable(node, [node.body])

    def callable(self, node: FunctionNode, body: list[Any]) -> None:
        self.facts.functions.append((node, self.scope))
        arguments = node.args
        self.each(arguments.defaults)
        self.each(arguments.kw_defaults)
        scope = Scope("function", node, self.scope)
        positional = arguments.posonlyargs + arguments.args
        defaults = [None] * (len(positional) - len(arguments.defaults)) + arguments.defaults
        pairs = list(zip(positional, defaults, strict=True))
        pairs += zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
        pairs += [(extra, None) for extra in (arguments.vararg, arguments.kwarg) if extra is not None]
        for argument, default in pairs:
            self.annotated(argument.annotation)
            self.identifier(argument.arg, argument, scope)
            binding = self.bind(argument.arg, "parameter", argument, scope)
            binding.value, binding.value_scope = default, self.scope
        self.inside(scope, lambda: self.each(body))

    def class_(self, node: ast.ClassDef) -> None:
        self.each(node.decorator_list)
        self.each(node.bases)
        self.each(node.keywords)
        self.identifier(node.name, node, self.scope)
        self.bind(node.name, "class", node)
        scope = Scope("class", node, self.scope)
        self.facts.classes.append((node, self.scope, scope))
        self.inside(scope, lambda: self.each(node.body))

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        self.visit(node.generators[0].iter)
        scope = Scope("comprehension", node, self.scope)
        self.inside(scope, lambda: self.comprehension_body(node))

    def comprehension_body(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp) -> None:
        for number, generator in enumerate(node.generators):
            if generator.is_async:
                self.facts.asynchronous.append(node)
            if number:
                self.visit(generator.iter)
            self.bind_value(generator.target, generator.iter, iterated=True)
            self.each(generator.ifs)
        if isinstance(node, ast.DictComp):
            self.visit(node.key)
            self.visit(node.value)
        else:
            self.visit(node.elt)

    def walrus(self, node: ast.NamedExpr) -> None:
        self.visit(node.value)
        scope = self.scope
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        self.identifier(node.target.id, node, scope)
        binding = self.bind(node.target.id, "value", node, scope)
        if binding.count == 1 and scope is self.scope:
            binding.value = node.value

    def assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self.bind_value(target, node.value)

    def annotated_assign(self, node: ast.AnnAssign) -> None:
        self.annotated(node.annotation)
        if node.value is not None:
            self.visit(node.value)
            self.bind_value(node.target, node.value)
        else:
            self.visit(node.target)

    def loop(self, node: ast.For | ast.AsyncFor) -> None:
        if isinstance(node, ast.AsyncFor):
            self.facts.asynchronous.append(node)
        self.visit(node.iter)
        self.bind_value(node.target, node.iter, iterated=True)
        self.each(node.body)
        self.each(node.orelse)

    def handler(self, node: ast.ExceptHandler) -> None:
        if node.name is not None:
            self.identifier(node.name, node, self.scope)
            self.bind(node.name, "value", node)
        self.children(node)

    def pattern(self, node: ast.MatchAs | ast.MatchStar | ast.MatchMapping) -> None:
        name = node.rest if isinstance(node, ast.MatchMapping) else node.name
        if name is not None:
            self.identifier(name, node, self.scope)
            self.bind(name, "value", node)
        self.children(node)

    def class_pattern(self, node: ast.MatchClass) -> None:
        self.facts.patterns.append(node)
        self.visit(node.cls)
        self.each(node.patterns)
        self.each(node.kwd_patterns)

    def global_(self, node: ast.Global) -> None:
        self.facts.globals.append(node)
        self.scope.used_globals.update(node.names)

    def nonlocal_(self, node: ast.Nonlocal) -> None:
        self.scope.free.update(node.names)
        self.facts.rebound.update(node.names)

    def leaf(self, node: ast.AST) -> None:
        """Nothing below it is a node."""

    def asynchronous(self, node: ast.AST) -> None:
        self.facts.asynchronous.append(node)
        self.children(node)


_HANDLERS: dict[type[ast.AST], Callable[[_Walk, Any], None]] = {
    ast.Name: _Walk.name,
    ast.Attribute: _Walk.attribute,
    ast.Subscript: _Walk.subscript,
    ast.Call: _Walk.call,
    ast.Constant: _Walk.constant,
    ast.keyword: _Walk.keyword,
    ast.Import: _Walk.imports,
    ast.ImportFrom: _Walk.imports,
    ast.FunctionDef: _Walk.function,
    ast.AsyncFunctionDef: _Walk.function,
    ast.Lambda: _Walk.lambda_,
    ast.ClassDef: _Walk.class_,
    ast.ListComp: _Walk.comprehension,
    ast.SetComp: _Walk.comprehension,
    ast.GeneratorExp: _Walk.comprehension,
    ast.DictComp: _Walk.comprehension,
    ast.NamedExpr: _Walk.walrus,
    ast.Assign: _Walk.assign,
    ast.AnnAssign: _Walk.annotated_assign,
    ast.For: _Walk.loop,
    ast.AsyncFor: _Walk.loop,
    ast.ExceptHandler: _Walk.handler,
    ast.MatchAs: _Walk.pattern,
    ast.MatchStar: _Walk.pattern,
    ast.MatchMapping: _Walk.pattern,
    ast.MatchClass: _Walk.class_pattern,
    ast.MatchSingleton: _Walk.leaf,
    ast.Global: _Walk.global_,
    ast.Nonlocal: _Walk.nonlocal_,
    ast.AsyncWith: _Walk.asynchronous,
    ast.Await: _Walk.asynchronous,
}
