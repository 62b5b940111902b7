"""From what a user names and changes to a recipe: its file, and the options given beside it."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envforge.errors import UsageError

if TYPE_CHECKING:
    from envforge.recipe import Recipe

Changes = dict[str, dict[str, Any]]  # table -> option -> value

_OPTION = re.compile(r"\s*(\w+)\.(\w+)\s*")
_BARE = re.compile(r"[^\s\"'\[\]{}=#,]+")


def shipped_recipes() -> dict[str, Path]:
    """The recipes of this installation, by name."""
    from envforge.locations import data_folder

    return {path.stem: path for path in sorted(data_folder("recipes").glob("*.toml"))}


def find_recipe(name: str) -> Path:
    """The file that `name` means: a file, or the name of a recipe that ships. Raises UsageError for any other."""
    path = Path(name)
    if path.is_file():
        return path
    bare = len(path.parts) == 1 and path.suffix in ("", ".toml")
    known = shipped_recipes() if bare else {}
    if path.stem in known and bare:
        return known[path.stem]
    if path.is_dir():
        raise UsageError(f"{name} is a folder: name a recipe (*.toml) in it")
    # A slip in a path is looked for beside it, one in a name among what ships as well.
    beside = {file.name: str(file) for file in path.parent.glob("*.toml")} if path.parent.is_dir() else {}
    names = {**{stem: stem for stem in known}, **beside}
    near = difflib.get_close_matches(path.name, names, 1, 0.5)
    if near:
        hint = f"did you mean '{names[near[0]]}'?"
    elif bare:
        hint = f"the ones that ship are {', '.join(known) or 'none'}"
    else:
        hint = "give the path of a TOML file, or the name of a recipe that ships"
    raise UsageError(f"there is no recipe {name}; {hint}")


def read_recipe(name: str | None, changes: Changes) -> Recipe:
    """The recipe `name` with `changes`; without a name, the defaults with them, and paths from the current folder."""
    from envforge.recipe import load_recipe, recipe_from

    if name is not None:
        return load_recipe(find_recipe(name), changes)
    return recipe_from(changes, "the command line", Path.cwd())


def changes_from(pairs: Sequence[str]) -> Changes:
    """What `--set table.option=VALUE` asks for. VALUE is TOML; a single word needs no quotes. Raises UsageError."""
    found: Changes = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        match = _OPTION.fullmatch(name)
        if match is None or not equals or not text.strip():
            raise UsageError(f"--set {pair}: write TABLE.OPTION=VALUE, as in --set grpo.learning_rate=1e-5")
        table, option = match.groups()
        if option in found.get(table, {}):
            raise UsageError(f"--set gives {table}.{option} twice: give it once")
        found.setdefault(table, {})[option] = _value(pair, text.strip())
    return found


def with_flags(changes: Changes, flags: Sequence[tuple[str, str, str, Any]]) -> Changes:
    """`changes` and the flags that were given: (flag, table, option, value), None where it was not.

    Raises UsageError when a flag and --set, or two flags, say something of the same option.
    """
    found = {table: dict(options) for table, options in changes.items()}
    by: dict[tuple[str, str], str] = {
        (table, option): f"--set {table}.{option}" for table, options in changes.items() for option in options
    }
    for flag, table, option, value in flags:
        if value is None:
            continue
        other = by.setdefault((table, option), flag)
        if other != flag:
            raise UsageError(f"{other} and {flag} set the same option: give one of them")
        found.setdefault(table, {})[option] = value
    return found


def _value(pair: str, text: str) -> Any:
    try:
        parsed = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError as error:
        if _BARE.fullmatch(text):
            return text
        raise UsageError(f"--set {pair}: the value is not TOML ({error})") from error
    if list(parsed) != ["value"]:
        raise UsageError(f"--set {pair}: give one value")
    return parsed["value"]
