"""The gyms that envforge knows, and what their adapters are made of. An explicit table: GYMS."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from envforge.errors import UsageError
from envforge.gyms.packages import folder_of, libraries, version
from envforge.sandbox.box import Gym


@dataclass(frozen=True, slots=True)
class Task:
    """One task: its name, the expression that binds it in the adapter, its hardest level, and what the gym files it
    under."""

    name: str
    expression: str
    levels: int
    category: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A gym: its package on the package index, and how its tasks are found without importing it."""

    distribution: str
    module: str
    remedy: str
    tasks: Callable[[Path], list[Task]]  # of the folder that holds the package
    parts: tuple[str, ...] = ()  # modules of the package that its own __init__ does not import
    missing: tuple[str, ...] = ()  # modules that a stand-in may replace

    def gym(self, folder: Path) -> Gym:
        """What the runner holds."""
        return Gym(
            (folder, *(one for one in libraries() if one != folder)), (self.module, *self.parts), self.missing
        )

    def version(self) -> str:
        """The version that is installed."""
        return version(self.distribution)


def _reasoning_gym(folder: Path) -> list[Task]:
    """Every `register_dataset("NAME", ...)` of the package; a composite of other tasks needs settings of its own."""
    found: dict[str, str] = {}
    for file in (folder / "reasoning_gym").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "register_dataset":
                continue
            named = node.args[0] if node.args else None
            if isinstance(named, ast.Name):
                named = _constant(file, named.id)
            if isinstance(named, ast.Constant) and isinstance(named.value, str):
                found[named.value] = file.parent.name.replace("_", "-")
    found.pop("composite", None)
    return [
        Task(name, f"gyms.ReasoningGym({name!r})", 0, category) for name, category in sorted(found.items())
    ]


def _constant(file: Path, name: str) -> ast.expr | None:
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.Assign) and any(getattr(one, "id", "") == name for one in node.targets):
            return node.value
    return None


def _rlve(folder: Path) -> list[Task]:
    """Every environment that the package exports, with the controller of its parameters."""
    environments = _exports(folder / "Gym" / "environments" / "__init__.py")
    controllers = _exports(folder / "Gym" / "parameter_controllers" / "__init__.py")
    return [
        Task(module, f"gyms.Rlve({name!r}, {controllers[module]!r})", 2)
        for module, name in sorted(environments.items())
        if module in controllers
    ]


def _exports(file: Path) -> dict[str, str]:
    """By module, the class that a package's __init__ takes from it."""
    found = {}
    for node in ast.parse(file.read_text("utf-8")).body:
        if isinstance(node, ast.ImportFrom) and node.module and node.names:
            found[node.module.rpartition(".")[2]] = node.names[0].name
    return found


GYMS: dict[str, Kind] = {
    "reasoning_gym": Kind("reasoning-gym", "reasoning_gym", "pip install 'envforge[gym]'", _reasoning_gym),
    "rlve": Kind(
        "rlve-gym",
        "Gym",
        "pip install rlve-gym, or name a checkout: gym:rlve@FOLDER",
        _rlve,
        ("Gym.environment", "Gym.environments", "Gym.parameter_controllers"),
        ("torch",),
    ),
}


def located(kind: Kind, checkout: str) -> Path:
    """The folder that holds the gym's package: the checkout that was named, or where it is installed.

    Raises UsageError.
    """
    if not checkout:
        return folder_of(kind.module, kind.remedy)
    folder = Path(checkout).resolve()
    if not (folder / kind.module).is_dir():
        raise UsageError(f"{checkout} holds no package '{kind.module}': name the folder that contains it")
    return folder
