"""What a training run is about to do, found out without a model: for `envforge train` to show before it begins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envforge.cli.display import count
from envforge.errors import UsageError

if TYPE_CHECKING:
    from envforge.recipe import Recipe
    from envforge.registry import Registry


@dataclass(frozen=True, slots=True)
class Plan:
    """A run before it begins. `folder` is its own, or the one in which it will get one."""

    recipe: Recipe
    source: str  # the recipe's file, or where else it comes from
    db: str
    folder: Path
    run: int | None  # of a resumption
    start: int  # steps that are done
    pool: int  # environments that can be drawn
    new: int  # programs of the recipe's folders that the registry does not know yet
    trained: int  # environments that are evaluated as trained ones
    held_out: int  # environments that are evaluated as held-out ones

    @property
    def responses(self) -> int:
        """Responses per optimiser step, those of the generator role included."""
        return self.recipe.grpo.groups * self.recipe.grpo.group_size

    @property
    def evaluations(self) -> int:
        """How often the run evaluates: before, after, and on the way."""
        config, steps = self.recipe.evaluation, self.recipe.schedule.steps
        if not config.instances:
            return 0
        return 2 + ((steps - 1) // config.every if config.every else 0)

    @property
    def evaluated(self) -> int:
        """Environments in each evaluation, if all of the new programs pass their gates."""
        if not self.recipe.evaluation.instances:
            return 0
        return self.held_out + (self.trained if self.recipe.evaluation.trained else 0)

    @property
    def evaluation_responses(self) -> int:
        """Responses in each evaluation, if every environment has every level."""
        config = self.recipe.evaluation
        return self.evaluated * len(config.levels) * config.instances * config.samples

    def as_data(self) -> dict[str, Any]:
        """The JSON of docs/cli.md."""
        from envforge.recipe import recipe_as_dict

        return {
            "db": self.db,
            "run": self.run,
            "folder": str(self.folder),
            "model": self.recipe.model.path,
            "steps": self.recipe.schedule.steps,
            "done": self.start,
            "groups": self.recipe.grpo.groups,
            "group_size": self.recipe.grpo.group_size,
            "responses": self.responses,
            "pool": self.pool,
            "new": self.new,
            "held_out": self.held_out,
            "evaluations": self.evaluations,
            "evaluated": self.evaluated,
            "evaluation_responses": self.evaluation_responses,
            "recipe": recipe_as_dict(self.recipe),
        }

    def as_facts(self) -> dict[str, object]:
        """Names and sentences for people."""
        recipe = self.recipe
        grpo, roles, config = recipe.grpo, recipe.roles, recipe.evaluation
        method = (
            f"adapters of rank {recipe.model.lora_rank}" if recipe.model.method == "lora" else "all weights"
        )
        step = f"{count(grpo.groups, 'group')} x {grpo.group_size} = {self.responses:,} responses"
        if roles.generator_groups:
            step += f", {count(roles.generator_groups, 'group')} of them proposals"
        rate = "0: a control, which learns nothing" if grpo.learning_rate == 0 else f"{grpo.learning_rate:g}"
        steps = f"{recipe.schedule.steps:,}" + (f", {self.start:,} of them done" if self.start else "")
        pool = count(self.pool, "environment")
        if self.new:
            pool += f", and {self.new:,} in the recipe's folders, to be examined first"
        found: dict[str, object] = {"recipe": self.source} | ({"run": self.run} if self.run else {})
        found |= {
            "model": f"{recipe.model.path} ({method})",
            "a step": step,
            "steps": steps,
            "learning rate": rate,
            "seed": recipe.schedule.seed,
            "sampling": f"{recipe.generation.engine}, at most {recipe.generation.solver_tokens:,} tokens",
            "registry": self.db,
            "pool": f"{pool}; controller {recipe.config.pool.controller}"
            + (f"; buckets {', '.join(recipe.config.pool.buckets)}" if recipe.config.pool.buckets else ""),
            "held out": count(self.held_out, "environment"),
        }
        if not self.evaluations:
            found["evaluation"] = "none"
        else:
            levels = ", ".join(map(str, config.levels))
            found["evaluation"] = (
                f"{count(self.evaluated, 'environment')} at {'level' if len(config.levels) == 1 else 'levels'} "
                f"{levels}, {config.instances:,} instances x {config.samples} = "
                f"{self.evaluation_responses:,} responses, {self.evaluations:,} times"
            )
        found["writes to"] = str(self.folder)
        return found


def plan(
    recipe: Recipe,
    source: str,
    db: str,
    registry: Registry | None,
    folder: Path,
    run: int | None = None,
    start: int = 0,
) -> Plan:
    """Count what `recipe` would train on in `registry` (None: not made yet).

    Raises UsageError when there is nothing to draw and nothing to examine, or something held out is not there.
    """
    from envforge.contract import content_id
    from envforge.pool import Pool

    apart = _held_out(recipe.environments.held_out, registry)
    own = {content_id(one) for one in _sources(recipe.environments.folders)}
    if own & apart:
        raise UsageError(
            f"[environments]: {min(own & apart)} is both in folders and in held_out: leave it in one of them"
        )
    known: set[str] = set()
    members: dict[str, str] = {}  # state by id
    held = apart
    if registry is not None:
        held = apart | set(registry.held_out())
        known = set(registry.statuses())
        pool = Pool(registry, recipe.config.pool, recipe.schedule.seed)
        members = {
            member.id: member.state for member in pool.members if member.id not in held and pool.draws(member)
        }
    new = own - known
    buckets = recipe.config.pool.buckets
    if buckets:
        own &= members.keys() | new  # of the others nothing is trained on
    if buckets and not members and not new:
        raise UsageError(
            f"{db} has no environment of [pool] buckets ({', '.join(buckets)}) to train on: admit some, or name "
            "other buckets"
        )
    if not members and not new:
        raise UsageError(
            f"{db} has no environment to train on: admit some with 'envforge grow --db {db}', or name programs in "
            "[environments] folders of the recipe"
            if not held
            else f"every environment of {db} is held out, and none is left to train on: hold out fewer of them"
        )
    active = sum(state == "active" for state in members.values())
    # As the run itself does: the recipe's own environments, if it names some, and else what the library has.
    return Plan(
        recipe, source, db, folder, run, start, active, len(new), len(own) or active, len(apart) or len(held)
    )


def _held_out(places: Iterable[str], registry: Registry | None) -> set[str]:
    """The ids behind folders, files and ids."""
    from envforge.contract import content_id

    found: set[str] = set()
    for place in places:
        if Path(place).exists():
            found |= {content_id(source) for source in _sources([place])}
        elif registry is not None:
            found.add(registry.environment(place).id)
        else:
            raise UsageError(
                f"[environments] held_out: '{place}' is neither a file nor a folder, and there is no registry yet "
                "in which it could be an id"
            )
    return found


def _sources(places: Iterable[str]) -> list[str]:
    from envforge.sources import read_sources

    paths = [Path(place) for place in places]
    for path in paths:
        if not path.exists():
            raise UsageError(
                f"[environments]: {path} does not exist; paths are relative to the recipe's file"
            )
    return [file.source for file in read_sources(paths)]
