"""Which name means what: bindings, scopes and the facts about one program that the checks read.

Python decides at compile time which scope a name belongs to, so a use can only be judged when the whole tree
has been seen: `walk` collects the facts, then the checks ask them. `symtable` gives the same scopes but no
way back to the nodes.
"""

import ast

from vocabulary import BUILTINS

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Binding:
    """What the assignments to one name in one scope say about it."""

    __slots__ = ("conflict", "count", "iterated", "kind", "node", "origin", "scope", "value", "value_scope")

    def __init__(self, scope: "Scope", kind: str, node: ast.AST) -> None:
        self.scope = scope
        self.kind = kind  # "import", "function", "class", "parameter" or "value"
        self.node = node
        self.count = 0
        self.origin: str | None = (
            None  # of an import: "math" or "math.gcd"; stays, whatever else the name gets
        )
        self.conflict = False  # two imports of different things under one name
        self.value: ast.expr | None = None  # of a name that is bound once, by a plain assignment or by a loop
        self.value_scope = scope
        self.iterated = False  # bound to the elements of `value`


class Scope:
    """A namespace. `kind` is "module", "class", "function" (lambdas too) or "comprehension"."""

    __slots__ = ("bindings", "eager", "free", "kind", "node", "parent", "used_globals")

    def __init__(self, kind: str, node: ast.AST, parent: "Scope | None") -> None:
        self.kind = kind
        self.node = node
        self.parent = parent
        self.bindings: dict[str, Binding] = {}
        self.used_globals: set[str] = set()
        self.free: set[str] = set()  # declared nonlocal
        # Runs while the module is loaded, when names may still mean the builtins.
        deferred = kind == "function" and not isinstance(node, ast.Lambda)
        self.eager: bool = parent is None or (parent.eager and not deferred)

    def lookup(self, name: str) -> Binding | None:
        """The binding a load of `name` in this scope refers to; None for a builtin or an unknown name."""
        scope: Scope | None = self
        while scope is not None:
            if name in scope.used_globals:
                while scope.parent is not None:
                    scope = scope.parent
                return scope.bindings.get(name)
            if scope.kind != "class" or scope is self:
                found = scope.bindings.get(name)
                if found is not None:
                    return found
            scope = scope.parent
        return None


class Facts:
    """Everything the checks need to know of one program."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.module = Scope("module", tree, None)
        self.names: list[tuple[ast.Name, Scope, bool]] = []  # loads; True: within an annotation
        self.attributes: list[tuple[ast.Attribute, Scope, bool]] = []
        self.subscripts: list[tuple[ast.Subscript, Scope]] = []  # stored to or deleted
        self.calls: list[tuple[ast.Call, Scope]] = []
        self.strings: list[ast.Constant] = []
        self.imports: list[tuple[ast.Import | ast.ImportFrom, Scope]] = []
        self.imported: set[str] = set()  # top-level names of all imported modules
        self.functions: list[tuple[FunctionNode, Scope]] = []  # with the scope they stand in
        self.classes: list[tuple[ast.ClassDef, Scope, Scope]] = []  # the scope they stand in, and their own
        self.identifiers: list[tuple[str, ast.AST, Scope | None]] = []  # the scope where it is bound there
        self.patterns: list[ast.MatchClass] = []
        self.globals: list[ast.Global] = []
        self.asynchronous: list[ast.AST] = []
        self.rebound: set[str] = set()  # names in nonlocal statements
        self.called: set[int] = set()  # ids of the nodes that are directly called
        self.qualified: set[int] = set()  # ids of the nodes whose attribute is taken
        self.own_attributes: set[str] = set()  # names of the attributes and methods the program defines
        self.given_seed: set[int] = set()  # ids of the functions in `partial(function, ..., seed=...)`
        self.labels: dict[int, str] = {}  # id of a Name or Attribute node to the library name it stands for

    def label(self) -> None:
        """Find the library names, once all bindings are known; attributes were collected outermost first."""
        uses: list[tuple[ast.expr, Scope]] = [(node, scope) for node, scope, _ in self.names]
        uses += [(node, scope) for node, scope, _ in reversed(self.attributes)]
        for node, scope in uses:
            origin = self.origin(node, scope)
            if origin is not None:
                self.labels[id(node)] = origin
        for call, _ in self.calls:
            if call.args and self.labels.get(id(call.func)) == "builtins.getattr":
                self.qualified.add(id(call.args[0]))

    def origin(self, node: ast.expr, scope: Scope, depth: int = 0) -> str | None:
        """The dotted library name that an expression stands for ("math.gcd", "builtins.len"), if any."""
        known = self.labels.get(id(node))
        if known is not None:
            return known
        if isinstance(node, ast.Name):
            binding = scope.lookup(node.id)
            if binding is None:
                return "builtins." + node.id if node.id in BUILTINS else None
            if binding.origin is not None:
                return binding.origin
            value = binding.value
            if depth < 8 and isinstance(value, ast.Name | ast.Attribute) and not binding.iterated:
                return self.origin(value, binding.value_scope, depth + 1)
            return None
        if isinstance(node, ast.Attribute):
            base = self.origin(node.value, scope, depth)
            return None if base is None else f"{base}.{node.attr}"
        return None

    def module_root(self, node: ast.expr, scope: Scope, depth: int = 0) -> Binding | None:
        """The module-level name whose object, or part of it, an expression denotes.

        Follows names that stand for it (`row = GRID[0]`, `for row in GRID`, a default value) as long as they
        are bound only once; a slice or a call makes a copy and ends the trail.
        """
        while isinstance(node, ast.Attribute | ast.Subscript):
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
                return None
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        binding = scope.lookup(node.id)
        if binding is None or binding.scope is self.module:
            return binding
        if binding.value is None or depth >= 8 or node.id in self.rebound:
            return None
        value = self._elements(binding) if binding.iterated else binding.value
        return self.module_root(value, binding.value_scope, depth + 1)

    def _elements(self, binding: Binding) -> ast.expr:
        value = binding.value
        assert value is not None
        while isinstance(value, ast.Call):
            if isinstance(value.func, ast.Attribute) and value.func.attr in ("items", "values"):
                value = value.func.value
            elif (
                isinstance(value.func, ast.Name)
                and value.func.id in ("enumerate", "reversed", "sorted")
                and value.args
            ):
                value = value.args[0]
            else:
                break
        return value
