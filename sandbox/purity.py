"""The static policy, part two: nothing outlives a call. Constants stay as they are and nothing is cached.

What escapes these rules (a constant handed to a helper that changes it, say) is found by running the program
in fresh processes and in another order.
"""

import ast
from collections.abc import Iterable

from scopes import Binding, Facts, FunctionNode, Scope
from vocabulary import (
    CACHES,
    ENUM_BASES,
    FUNCTION_CALLERS,
    HARMLESS_CALLS,
    HARMLESS_IN_CLASS,
    HARMLESS_MODULES,
    IN_PLACE,
    ITERATOR_MAKERS,
    MUTABLE_CONSTRUCTORS,
    MUTATORS,
    PURE_METHODS,
)

Violation = tuple[int, str]
_LAYOUT = "only the docstring, imports, constants, functions and classes may stand there"
_COPY = "copy it inside the function and change the copy"
_CACHE = "a cache across calls is refused: keep a dict inside the function, or decorate an inner function"
_DISPLAYS = (ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)


def _spelled(node: ast.AST) -> str:
    """The code of a node, for messages. A number can have too many digits to be written in decimal."""
    try:
        return ast.unparse(node)
    except ValueError:
        return "..."


def check(facts: Facts) -> Iterable[Violation]:
    """Every breach of the rules on module-level code, constants, defaults and caches."""
    for number, statement in enumerate(facts.tree.body):
        yield from _module_statement(facts, statement, first=number == 0)
    yield from _rebinding(facts)
    for node in facts.globals:
        names = ", ".join(f"`{name}`" for name in node.names)
        yield node.lineno, f"`global` is refused for {names}: pass values as arguments and return them"
    for class_, outer, own in facts.classes:
        if outer is facts.module or (outer.kind == "class" and own.eager):
            yield from _class_body(facts, class_, own)
    yield from _changes(facts)
    for function, scope in facts.functions:
        if scope.eager:
            yield from _defaults(facts, function, scope)
            yield from _caches(facts, function)


# Module level


def _module_statement(facts: Facts, node: ast.stmt, first: bool) -> Iterable[Violation]:
    if isinstance(node, ast.Import | ast.ImportFrom | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            names = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
            if not all(isinstance(name, ast.Name) for name in names):
                yield node.lineno, f"`{_spelled(target)}` is assigned at module level, but {_LAYOUT}"
        if node.value is None:
            yield (
                node.lineno,
                f"`{_spelled(node.target)}` is declared without a value: give it one or remove it",
            )
        else:
            yield from _constant(facts, node.value, facts.module)
    elif isinstance(node, ast.AugAssign):
        name = _spelled(node.target)
        yield node.lineno, f"the constant `{name}` is changed after its assignment: write its final value"
    elif not (first and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
        kind = (
            "bare expression" if isinstance(node, ast.Expr) else f"`{type(node).__name__.lower()}` statement"
        )
        yield node.lineno, f"a {kind} stands at module level, but {_LAYOUT}"


def _rebinding(facts: Facts) -> Iterable[Violation]:
    places: dict[str, list[tuple[int, bool]]] = {}
    for node in facts.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            places.setdefault(node.name, []).append((node.lineno, False))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                places.setdefault(alias.asname or alias.name.partition(".")[0], []).append(
                    (node.lineno, True)
                )
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                for name in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
                    if isinstance(name, ast.Name) and name.id != "_":
                        places.setdefault(name.id, []).append((node.lineno, False))
    for bound, lines in places.items():
        if len(lines) > 1 and not all(imported for _, imported in lines):
            yield lines[-1][0], f"`{bound}` is bound twice at module level: give each its own name"


def _constant(facts: Facts, value: ast.expr, scope: Scope) -> Iterable[Violation]:
    """What is wrong with a value that is built while the module is loaded."""
    if _holds_iterator(facts, value):
        yield value.lineno, "an iterator remembers how far it was read: make it a tuple"
    pending: list[ast.AST] = [value]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Lambda):
            continue  # its body does not run here
        if isinstance(node, ast.NamedExpr):
            yield node.lineno, "`:=` at module level is refused: write an assignment of its own"
        if isinstance(node, ast.Call):
            problem = _loading_call(facts, node, scope)
            if problem is not None:
                yield node.lineno, problem
        pending.extend(ast.iter_child_nodes(node))


def _holds_iterator(facts: Facts, node: ast.expr) -> bool:
    if isinstance(node, ast.GeneratorExp):
        return True
    if isinstance(node, ast.Call):
        label = facts.labels.get(id(node.func), "")
        return label in ITERATOR_MAKERS or label.startswith("itertools.") or label == "builtins.iter"
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return any(_holds_iterator(facts, element) for element in node.elts)
    if isinstance(node, ast.Dict):
        return any(_holds_iterator(facts, element) for element in node.values)
    if isinstance(node, ast.IfExp):
        return _holds_iterator(facts, node.body) or _holds_iterator(facts, node.orelse)
    if isinstance(node, ast.ListComp):
        return _holds_iterator(facts, node.elt)
    return isinstance(node, ast.DictComp) and _holds_iterator(facts, node.value)


def _loading_call(facts: Facts, node: ast.Call, scope: Scope) -> str | None:
    """Why the call may not run while the module is loaded, if it may not."""
    label = facts.labels.get(id(node.func))
    if label is None and isinstance(node.func, ast.Call):
        label = facts.labels.get(id(node.func.func))
    if label in CACHES:
        return _CACHE
    if label == "collections.defaultdict":
        return "a defaultdict changes when it is read: use a dict"
    if label in FUNCTION_CALLERS:
        functions = [
            name for name in node.args + [k.value for k in node.keywords] if isinstance(name, ast.Name)
        ]
        for name in functions:
            binding = facts.module.bindings.get(name.id)
            if binding is not None and binding.kind == "function":
                return f"`{name.id}` runs while the module is loaded: compute the value inside a function"
    if label in HARMLESS_CALLS or (label is not None and label.partition(".")[0] in HARMLESS_MODULES):
        return None
    if scope.kind == "class" and label in HARMLESS_IN_CLASS:
        return None
    if isinstance(node.func, ast.Attribute) and node.func.attr in PURE_METHODS:
        return None
    if isinstance(node.func, ast.Name) and _is_immutable_class(facts, scope.lookup(node.func.id)):
        return None
    called = _spelled(node.func)
    return (
        f"`{called}(...)` runs while the module is loaded: call it inside a function or write the value out"
    )


def _is_immutable_class(facts: Facts, binding: Binding | None) -> bool:
    """Whether the name is an enumeration, a named tuple or a frozen dataclass of the program itself."""
    if binding is None or binding.scope is not facts.module:
        return False
    if isinstance(binding.value, ast.Call):
        return facts.labels.get(id(binding.value.func)) in {"collections.namedtuple", "typing.NamedTuple"}
    if not isinstance(binding.node, ast.ClassDef):
        return False
    bases = {facts.labels.get(id(base)) for base in binding.node.bases}
    if bases & (ENUM_BASES | {"typing.NamedTuple"}):
        return True
    for decorator in binding.node.decorator_list:
        if (
            isinstance(decorator, ast.Call)
            and facts.labels.get(id(decorator.func)) == "dataclasses.dataclass"
        ):
            frozen = [k.value for k in decorator.keywords if k.arg == "frozen"]
            if any(isinstance(value, ast.Constant) and value.value is True for value in frozen):
                return True
    return False


def _class_body(facts: Facts, node: ast.ClassDef, scope: Scope) -> Iterable[Violation]:
    for statement in node.body:
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            if statement.value is not None:
                yield from _constant(facts, statement.value, scope)
        elif not isinstance(
            statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Pass
        ) and not (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)):
            advice = "keep to methods and assigned values"
            yield statement.lineno, f"a class body runs while the module is loaded: {advice}"


# Changes from inside functions


def _changes(facts: Facts) -> Iterable[Violation]:
    mutators = MUTATORS - facts.own_attributes
    class_state = _mutable_class_attributes(facts)
    for attribute, scope, _ in facts.attributes:
        if not isinstance(attribute.ctx, ast.Load):
            yield from _store(facts, attribute, scope, class_state)
        elif attribute.attr in mutators:
            yield from _mutating_method(facts, attribute, scope, class_state)
    for subscript, scope in facts.subscripts:
        yield from _store(facts, subscript, scope, class_state)
    for call, scope in facts.calls:
        target = _changed_argument(facts, call)
        root = None if target is None else facts.module_root(target, scope)
        if root is not None and root.kind != "import":
            yield call.lineno, f"`{_name(root)}` is changed by `{_spelled(call.func)}`: {_COPY}"


def _store(
    facts: Facts, node: ast.Attribute | ast.Subscript, scope: Scope, class_state: set[str]
) -> Iterable[Violation]:
    if scope is facts.module:
        return  # reported with the statement
    root = facts.module_root(node, scope)
    if root is not None:
        advice = _COPY if root.kind == "value" else "keep state in local variables or in instances"
        yield node.lineno, f"the module-level name `{_name(root)}` is changed here: {advice}"
    elif isinstance(node, ast.Attribute) and _is_class_object(facts, node.value, scope):
        yield (
            node.lineno,
            f"the class attribute `{node.attr}` is changed here: set it on the instance in `__init__`",
        )
    elif isinstance(node, ast.Subscript) and _names_class_state(node.value, class_state):
        yield node.lineno, _class_state_message(node.value)


def _mutating_method(
    facts: Facts, node: ast.Attribute, scope: Scope, class_state: set[str]
) -> Iterable[Violation]:
    if _names_class_state(node.value, class_state):
        yield node.lineno, _class_state_message(node.value)
        return
    root = facts.module_root(node.value, scope)
    if root is None or root.kind in ("import", "function"):
        return
    if root.kind == "class" and isinstance(node.value, ast.Name):
        return  # a method of the class itself
    yield node.lineno, f"the constant `{_name(root)}` is changed by `{node.attr}`: {_COPY}"


def _changed_argument(facts: Facts, call: ast.Call) -> ast.expr | None:
    """The argument that a call changes in place, where its name tells."""
    if not call.args:
        return None
    label = facts.labels.get(id(call.func))
    if label in IN_PLACE:
        return call.args[0]
    if isinstance(call.func, ast.Attribute):
        owner = facts.labels.get(id(call.func.value))
        if call.func.attr in MUTATORS and owner in MUTABLE_CONSTRUCTORS:
            return call.args[0]  # list.append(CONSTANT, 1)
        if call.func.attr == "shuffle" and label is None:
            return call.args[0]
    return None


def _is_class_object(facts: Facts, node: ast.expr, scope: Scope) -> bool:
    """Whether an expression is `cls` of a class method or `type(...)`."""
    if isinstance(node, ast.Call):
        return facts.labels.get(id(node.func)) == "builtins.type"
    if not isinstance(node, ast.Name):
        return False
    binding = scope.lookup(node.id)
    if binding is None or binding.kind != "parameter" or not isinstance(binding.scope.node, ast.FunctionDef):
        return False
    function = binding.scope.node
    positional = function.args.posonlyargs + function.args.args
    is_method = any(facts.labels.get(id(d)) == "builtins.classmethod" for d in function.decorator_list)
    return is_method and bool(positional) and positional[0].arg == node.id


def _mutable_class_attributes(facts: Facts) -> set[str]:
    """Names that hold a list, dict or set on a class and that no instance gets for itself."""
    names: set[str] = set()
    for class_, _, own in facts.classes:
        for statement in class_.body if own.eager else ():
            if isinstance(statement, ast.Assign | ast.AnnAssign) and _is_mutable(facts, statement.value):
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                names.update(target.id for target in targets if isinstance(target, ast.Name))
    if names:
        names -= {node.attr for node, _, _ in facts.attributes if isinstance(node.ctx, ast.Store)}
    return names


def _is_mutable(facts: Facts, value: ast.expr | None) -> bool:
    if isinstance(value, ast.Call):
        return facts.labels.get(id(value.func)) in MUTABLE_CONSTRUCTORS
    return isinstance(value, _DISPLAYS)


def _names_class_state(node: ast.expr, class_state: set[str]) -> bool:
    while isinstance(node, ast.Subscript):
        node = node.value
    return isinstance(node, ast.Attribute) and node.attr in class_state


def _class_state_message(node: ast.expr) -> str:
    while isinstance(node, ast.Subscript):
        node = node.value
    name = _spelled(node)
    return (
        f"the class attribute `{name}` is shared by all instances and changed here: create it in `__init__`"
    )


def _name(binding: Binding) -> str:
    return next((name for name, other in binding.scope.bindings.items() if other is binding), "?")


# Defaults and caches of what is defined while the module is loaded


def _defaults(facts: Facts, function: FunctionNode, scope: Scope) -> Iterable[Violation]:
    for default in [*function.args.defaults, *function.args.kw_defaults]:
        if default is None:
            continue
        if _is_mutable(facts, default):
            yield default.lineno, "a mutable default value is shared by all calls: use None or a tuple"
        else:
            yield from _constant(facts, default, scope)


def _caches(facts: Facts, function: FunctionNode) -> Iterable[Violation]:
    for decorator in [] if isinstance(function, ast.Lambda) else function.decorator_list:
        plain = decorator.func if isinstance(decorator, ast.Call) else decorator
        if facts.labels.get(id(plain)) in CACHES:
            yield decorator.lineno, f"`{_spelled(plain)}`: {_CACHE}"
