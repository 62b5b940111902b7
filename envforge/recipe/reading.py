"""A recipe from its TOML file: unknown keys and impossible values are refused, with the nearest valid name."""

from __future__ import annotations

import dataclasses
import tomllib
import typing
from pathlib import Path
from typing import Any

from envforge.config import Config, change, config_from, nearest
from envforge.errors import ConfigError
from envforge.recipe.sections import Recipe

_OWN = {name: kind for name, kind in typing.get_type_hints(Recipe).items() if name != "config"}
_SHARED = {
    field.name: field for field in dataclasses.fields(Config) if field.name not in ("growth",)
}  # growth is what grows; a recipe says that in [roles]


def load_recipe(path: str | Path, changes: dict[str, dict[str, Any]] | None = None) -> Recipe:
    """The recipe in the file `path`, with `changes` (table -> option -> value) made to it afterwards.

    Raises ConfigError, one sentence, for what cannot be read, is unknown or cannot be.
    """
    file = Path(path)
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"cannot read the recipe {path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    for table, options in (changes or {}).items():
        if not isinstance(data.setdefault(table, {}), dict):
            raise ConfigError(f"{path}: [{table}] must be a table of options")
        data[table].update(options)
    return recipe_from(data, str(path), file.resolve().parent)


def recipe_from(data: dict[str, Any], where: str, folder: Path) -> Recipe:
    """The recipe in `data`; `where` names it in errors, and its paths are relative to `folder`."""
    sections: dict[str, Any] = {}
    shared: dict[str, Any] = {}
    for name, table in data.items():
        if name in _SHARED:
            shared[name] = table
        elif name not in _OWN:
            raise ConfigError(f"{where}: unknown table [{name}]{nearest(name, [*_OWN, *_SHARED])}")
        elif not isinstance(table, dict):
            raise ConfigError(f"{where}: [{name}] must be a table of options")
        else:
            sections[name] = change(_OWN[name](), dict(table), f"{where}: [{name}]", name)
    recipe = Recipe(**sections, config=config_from(shared, where))
    recipe = _placed(recipe, folder)
    _check(recipe, where)
    return recipe


def recipe_as_dict(recipe: Recipe) -> dict[str, Any]:
    """A recipe as plain JSON-ready data: `recipe_from` makes the same one of it."""
    data = dataclasses.asdict(recipe)
    shared = data.pop("config")
    shared.pop("growth")
    return {**data, **shared}


def _placed(recipe: Recipe, folder: Path) -> Recipe:
    """Paths made absolute, as far as they are paths."""

    def absolute(place: str) -> str:
        path = Path(place).expanduser()
        candidate = path if path.is_absolute() else folder / path
        return str(candidate.resolve()) if candidate.exists() else place

    environments = dataclasses.replace(
        recipe.environments,
        folders=tuple(absolute(place) for place in recipe.environments.folders),
        held_out=tuple(absolute(place) for place in recipe.environments.held_out),
    )
    processes = recipe.processes
    if processes.deepspeed:
        processes = dataclasses.replace(processes, deepspeed=absolute(processes.deepspeed))
    model = recipe.model
    if model.path.startswith((".", "~")):
        model = dataclasses.replace(model, path=absolute(model.path))
    roles = recipe.roles
    kind, _, rest = roles.policy.partition(":")
    if kind == "replay" and rest:
        roles = dataclasses.replace(roles, policy=f"replay:{absolute(rest)}")
    return dataclasses.replace(
        recipe, environments=environments, processes=processes, model=model, roles=roles
    )


def _check(recipe: Recipe, where: str) -> None:
    """Refuse what no single option shows to be impossible."""
    grpo, roles, generation, shaping = recipe.grpo, recipe.roles, recipe.generation, recipe.shaping
    problems = (
        (
            not recipe.model.path,
            "[model] path: name the model to train: a folder, an id of the hub, or smollm2",
        ),
        (
            roles.generator_groups >= grpo.groups,
            f"[roles] generator_groups ({roles.generator_groups}) must be below [grpo] groups ({grpo.groups}): "
            "a step needs solver groups as well",
        ),
        (
            bool(recipe.prompt.question) != bool(recipe.prompt.answer),
            "[prompt] question and answer belong together: give both or none",
        ),
        (
            grpo.micro_batch and (grpo.groups * grpo.group_size) % grpo.micro_batch != 0,
            f"[grpo] micro_batch ({grpo.micro_batch}) must divide groups x group_size "
            f"({grpo.groups * grpo.group_size})",
        ),
        (
            shaping.cuts and generation.engine != "transformers",
            '[shaping] cuts draws tokens itself, which only [generation] engine = "transformers" lets it do',
        ),
        (
            shaping.cuts and grpo.group_size % 2 != 0,
            "[shaping] cuts draws half of each group: [grpo] group_size must be even",
        ),
        (
            recipe.processes.fsdp and bool(recipe.processes.deepspeed),
            "[processes] fsdp and deepspeed exclude each other: choose one",
        ),
        (
            recipe.schedule.save_every % grpo.iterations != 0,
            f"[schedule] save_every must be a multiple of [grpo] iterations ({grpo.iterations}): a checkpoint "
            "inside a generated batch could not be resumed",
        ),
    )
    for wrong, sentence in problems:
        if wrong:
            raise ConfigError(f"{where}: {sentence}")
