"""The static policy, part one: what a program may import, name and call.

It keeps honest programs inside the contract and states the remedy. It is no wall: whoever wants out of Python
finds a way, and meets the confinement of the child process.
"""

import ast
from collections.abc import Iterable

from scopes import Facts, Scope
from vocabulary import (
    ALLOWED_DUNDERS,
    ALLOWED_MODULES,
    ATTRIBUTE_FUNCTIONS,
    DIRECT_CALLS_ONLY,
    FOREIGN_MODULES,
    FORMAT_ATTACK,
    INTERNAL_ATTRIBUTES,
    NETWORKX_NOT_DRAWING,
    NETWORKX_REFUSED_PARTS,
    NETWORKX_REFUSED_PREFIXES,
    NETWORKX_SEEDED,
    NETWORKX_SEEDED_APPROXIMATION,
    NETWORKX_SEEDED_WITH_K,
    PUBLIC_NAMES,
    REFUSED_BUILTINS,
    REFUSED_LIBRARY,
    SUBMODULES,
)

__all__ = ["ALLOWED_MODULES", "Violation", "check"]

Violation = tuple[int, str]  # line (from 1) and one sentence
_DRAW_FROM_RNG = "all randomness comes from generate's `rng`"


def check(facts: Facts, visual: bool) -> Iterable[Violation]:
    """Every breach of the rules on imports, names, attributes, calls, strings and async."""
    yield from _imports(facts, visual)
    yield from _identifiers(facts)
    yield from _names(facts)
    yield from _attributes(facts)
    yield from _calls(facts)
    for string in facts.strings:
        if isinstance(string.value, str) and FORMAT_ATTACK.search(string.value):
            yield (
                string.lineno,
                "a format placeholder reaches an internal attribute: format plain values only",
            )
    for node in facts.asynchronous:
        yield getattr(node, "lineno", 1), "async code is refused: write an ordinary function"


# Imports


def _imports(facts: Facts, visual: bool) -> Iterable[Violation]:
    for node, scope in facts.imports:
        if isinstance(node, ast.ImportFrom):
            problems = _import_from(node, visual)
        else:
            problems = [_module_problem(alias.name, visual) for alias in node.names]
        problems += [
            f"two different imports share the name `{name}`: give each its own"
            for name, binding in scope.bindings.items()
            if binding.conflict and binding.node is node
        ]
        for problem in problems:
            if problem is not None:
                yield node.lineno, problem


def _import_from(node: ast.ImportFrom, visual: bool) -> list[str | None]:
    module = node.module or ""
    names = [alias.name for alias in node.names]
    if node.level:
        return ["relative imports are refused: a program is a single file"]
    if module == "__future__":
        refused = [name for name in names if name != "annotations"]
        return ["of `__future__` only `annotations` may be imported"] if refused else []
    problem = _module_problem(module, visual)
    if problem is not None:
        return [problem]
    if "*" in names:
        return [f"`from {module} import *` is refused: name what you need"]
    return [_part_problem(module, name) for name in names]


def _module_problem(module: str, visual: bool) -> str | None:
    """Why `module` may not be imported, if it may not."""
    top = module.partition(".")[0]
    if top not in ALLOWED_MODULES:
        allowed = [name for name in ALLOWED_MODULES if visual or name != "canvas"]
        return f"`{module}` may not be imported: allowed are {', '.join(allowed)}"
    if top == "canvas" and not visual:
        return "`canvas` draws pictures: only a program that defines render may import it"
    if top == "networkx":
        parts = module.split(".")
        problems = [_part_problem(".".join(parts[:n]), parts[n]) for n in range(1, len(parts))]
        return next((problem for problem in problems if problem is not None), None)
    if module != top and module not in SUBMODULES:
        return f"`{module}` may not be imported: import names from `{top}` itself"
    return None


def _part_problem(base: str, name: str) -> str | None:
    """Why the part `name` of the library object `base` may not be used, if it may not.

    Parts of `random` are all refused but `Random`, which `_names` and `_attributes` confine to annotations.
    """
    if name.startswith("_"):
        return f"`{base}.{name}` is a private part of a module: use its public functions"
    dotted = f"{base}.{name}"
    if dotted in REFUSED_LIBRARY:
        return f"`{dotted}` is refused: {REFUSED_LIBRARY[dotted]}"
    if base == "random" and name != "Random":
        return f"`random.{name}` is refused, {_DRAW_FROM_RNG}: call a method of `rng`"
    if base.partition(".")[0] == "networkx":
        if name in NETWORKX_REFUSED_PARTS or name.startswith(NETWORKX_REFUSED_PREFIXES):
            return f"`{dotted}` is refused: a program neither reads nor writes files nor draws with networkx"
        if name in FOREIGN_MODULES and not base.rpartition(".")[2][:1].isupper():
            return f"`{dotted}` is not part of networkx: import `{name}` itself if it is allowed"
        return None
    public = PUBLIC_NAMES.get(base)
    if public is not None and name not in public:
        return f"`{base}` has no public name `{name}`: use what its documentation lists"
    return None


# Names and attributes


def _is_dunder(name: str) -> bool:
    return len(name) > 4 and name.startswith("__") and name.endswith("__")


def _identifiers(facts: Facts) -> Iterable[Violation]:
    for name, node, scope in facts.identifiers:
        if not _is_dunder(name) or name == "__annotations__":
            continue
        if scope is not None and scope.kind == "class" and name in ALLOWED_DUNDERS:
            continue
        if scope is not None and scope.kind == "class":
            advice = f"a class may define {', '.join(sorted(ALLOWED_DUNDERS))}; give it another name"
        else:
            advice = "choose a name without double underscores at both ends"
        yield getattr(node, "lineno", 1), f"`{name}` is refused: {advice}"
    for pattern in facts.patterns:
        for name in pattern.kwd_attrs:
            problem = _attribute_problem(name)
            if problem is not None:
                yield pattern.lineno, problem


def _attribute_problem(name: str) -> str | None:
    if _is_dunder(name) and name not in ALLOWED_DUNDERS and name != "__annotations__":
        return f"the attribute `{name}` is refused: use the operator or function that stands for it"
    if name in INTERNAL_ATTRIBUTES:
        return f"the attribute `{name}` is refused: it leads into the interpreter"
    return None


def _names(facts: Facts) -> Iterable[Violation]:
    for node, scope, annotation in facts.names:
        label = facts.labels.get(id(node))
        binding = scope.lookup(node.id)
        shadowed = binding is not None and not (scope.eager and binding.scope.kind in ("module", "class"))
        if node.id in REFUSED_BUILTINS and not shadowed:
            if not (node.id == "hash" and _in_hash(scope)):
                yield node.lineno, f"`{node.id}` is refused: {REFUSED_BUILTINS[node.id]}"
        elif label is not None:
            yield from _library_use(facts, node, label, annotation)


def _in_hash(scope: Scope) -> bool:
    """Whether the scope lies within a class's `__hash__`."""
    inner: Scope | None = scope
    while inner is not None and inner.parent is not None:
        if inner.parent.kind == "class" and getattr(inner.node, "name", "") == "__hash__":
            return True
        inner = inner.parent
    return False


def _attributes(facts: Facts) -> Iterable[Violation]:
    for node, scope, annotation in facts.attributes:
        problem = _attribute_problem(node.attr)
        if problem is None and node.attr == "__hash__" and not _in_hash(scope):
            problem = f"`__hash__` is refused: {REFUSED_BUILTINS['hash']}"
        if problem is None and _is_dunder(node.attr) and not isinstance(node.ctx, ast.Load):
            problem = f"`{node.attr}` is refused: define the method in a class instead of assigning it"
        base = facts.labels.get(id(node.value))
        if (
            problem is None
            and base is not None
            and not base.startswith("builtins.")
            and not _is_dunder(node.attr)
        ):
            problem = _part_problem(base, node.attr)
        if problem is not None:
            yield node.lineno, problem
            continue
        label = facts.labels.get(id(node))
        if label is not None:
            yield from _library_use(facts, node, label, annotation)


def _library_use(
    facts: Facts, node: ast.Name | ast.Attribute, label: str, annotation: bool
) -> Iterable[Violation]:
    called, qualified = id(node) in facts.called, id(node) in facts.qualified
    if label.startswith("networkx.") and id(node) in facts.given_seed:
        called = True
    problem = _use_problem(label, called, qualified, annotation)
    if problem is not None:
        yield node.lineno, problem


def _use_problem(label: str, called: bool, qualified: bool, annotation: bool) -> str | None:
    """The rules on how (not whether) a library object may be used."""
    name = label.rpartition(".")[2]
    if label == "random.Random" and (called or not annotation):
        advice = "it may stand in annotations only; draw from the `rng` that generate is given"
        return f"`Random` is refused here: {advice}"
    if called or qualified:
        return None
    if label in PUBLIC_NAMES:
        return f"the module `{label}` is used as a value: name the function you need"
    if label in DIRECT_CALLS_ONLY or label.removeprefix("builtins.") in ATTRIBUTE_FUNCTIONS:
        return f"`{name}` may only be called directly, with a literal attribute name"
    if label.startswith("networkx.") and _seed_position(label) is not None:
        return f"`{name}` draws random numbers: call it directly, with `seed=rng`"
    return None


# Calls


def _calls(facts: Facts) -> Iterable[Violation]:
    for node, _ in facts.calls:
        label = facts.labels.get(id(node.func))
        if label is not None and label.removeprefix("builtins.") in ATTRIBUTE_FUNCTIONS:
            problem = _attribute_function_problem(facts, label, node)
        elif label is not None:
            problem = _call_problem(label, node)
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "samples" and not _has_seed(node, 1):
            # statistics.NormalDist.samples draws; other objects' methods of that name are the program's own.
            own = "samples" in facts.own_attributes or "statistics" not in facts.imported
            problem = None if own else f"`samples` draws random numbers without a seed: {_DRAW_FROM_RNG}"
        else:
            problem = None
        if problem is not None:
            yield node.lineno, problem


def _attribute_function_problem(facts: Facts, label: str, node: ast.Call) -> str | None:
    """`getattr` and its like obey the rules on the attribute that they spell."""
    starred = any(isinstance(argument, ast.Starred) for argument in node.args)
    literal = None if starred or len(node.args) < 2 else _text(node.args[1])
    if literal is None:
        name = label.rpartition(".")[2]
        return f"`{name}` needs a literal attribute name: use a dict for names that are computed"
    problem = _attribute_problem(literal)
    base = facts.labels.get(id(node.args[0]))
    if problem is None and base is not None and not base.startswith("builtins."):
        problem = _part_problem(base, literal)
        if problem is None:
            problem = _use_problem(f"{base}.{literal}", called=False, qualified=False, annotation=False)
    return problem


def _call_problem(label: str, node: ast.Call) -> str | None:
    name = label.rpartition(".")[2]
    starred = any(isinstance(argument, ast.Starred) for argument in node.args)
    if label in DIRECT_CALLS_ONLY:
        return _accessor_problem(name, node)
    if label in ("collections.namedtuple", "typing.NamedTuple"):
        parts = [part for argument in node.args for part in ast.walk(argument)]
        plain = (ast.Constant, ast.List, ast.Tuple, ast.Load)
        if label == "collections.namedtuple" and not all(isinstance(part, plain) for part in parts):
            return "`namedtuple` needs literal names: write them out"
    if label == "builtins.type" and (starred or len(node.args) != 1):
        return "`type` with three arguments is refused: write a class statement"
    if label.startswith("networkx."):
        return _seed_problem(label, node)
    return None


def _accessor_problem(name: str, node: ast.Call) -> str | None:
    literals = [_text(argument) for argument in (node.args[:1] if name == "methodcaller" else node.args)]
    for literal in literals:
        if literal is None:
            return f"`{name}` needs literal attribute names: write a lambda"
        for part in literal.split("."):
            problem = _attribute_problem(part)
            if problem is not None:
                return problem
    return None


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _seed_position(label: str) -> int | None:
    """Where the networkx function takes `seed`, if it always draws; 99 for "by keyword only"."""
    name = label.rpartition(".")[2]
    if name in NETWORKX_SEEDED_APPROXIMATION and ".approximation." in label:
        return NETWORKX_SEEDED_APPROXIMATION[name]
    unknown = "random" in name and name not in NETWORKX_NOT_DRAWING and not name[0].isupper()
    return NETWORKX_SEEDED.get(name, 99 if unknown else None)


def _seed_problem(label: str, node: ast.Call) -> str | None:
    name = label.rpartition(".")[2]
    keywords = {keyword.arg: keyword.value for keyword in node.keywords}
    position = _seed_position(label)
    if name in NETWORKX_SEEDED_WITH_K and (len(node.args) > 1 or "k" in keywords):
        position = NETWORKX_SEEDED_WITH_K[name]
    normalized = keywords.get("normalized")
    if name == "rich_club_coefficient" and isinstance(normalized, ast.Constant) and normalized.value is False:
        position = None
    strategy = keywords.get("strategy", node.args[1] if len(node.args) > 1 else None)
    if name == "greedy_color" and strategy is not None and _text(strategy) == "random_sequential":
        return (
            "`greedy_color` with random_sequential draws without a seed: order the nodes with `rng` yourself"
        )
    if position is None or _has_seed(node, position):
        return None
    return f"`{name}` draws random numbers: pass `seed=rng`"


def _has_seed(node: ast.Call, position: int) -> bool:
    if any(isinstance(argument, ast.Starred) for argument in node.args):
        return True
    given = [keyword.value for keyword in node.keywords if keyword.arg in ("seed", None)]
    given += node.args[position : position + 1]
    return any(not (isinstance(value, ast.Constant) and value.value is None) for value in given)
