"""Shaping plug-ins: what training may do to rewards, advantages, sampling and draws. See docs/shaping.md.

The table below is all there is: nothing registers itself, and everything in it is off unless a recipe asks for it.
Importing it imports neither torch nor any of the modules that it names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from envforge.recipe import Recipe

Point = Literal["reward", "advantage", "sampling", "draw"]


@dataclass(frozen=True, slots=True)
class Shaper:
    """One plug-in: what it is, where it comes from, where it acts and what turns it on.

    `point` says what it changes: the "reward" of a response, its "advantage", the "sampling" of its tokens, or what
    the pool's "draw" of the next environment and level goes by. It is on when `option` of the recipe's table
    `table` has the value `value`. `constants` are the options of [shaping] that only it reads.
    """

    title: str
    source: str
    point: Point
    module: str
    entry: tuple[str, ...]  # the module's functions or classes that training calls
    table: str
    option: str
    value: bool | str = True
    constants: tuple[str, ...] = ()


SHAPERS: dict[str, Shaper] = {
    "overlong": Shaper(
        title="soft overlong punishment",
        source="DAPO, arXiv 2503.14476, section 3.4, equation 13",
        point="reward",
        module="envforge.shaping.overlong",
        entry=("overlong_penalty",),
        table="shaping",
        option="overlong",
        constants=("overlong_buffer", "overlong_penalty"),
    ),
    "floor": Shaper(
        title="guess-floor subtraction",
        source="ours, as in docs/calibration.md",
        point="draw",
        module="envforge.shaping.floor",
        entry=("above_floor", "scores_above_floor"),
        table="shaping",
        option="guess_floor",
    ),
    "curriculum": Shaper(
        title="self-evolving curriculum",
        source="SEC, arXiv 2505.14970",
        point="draw",
        module="envforge.pool.bandit",
        entry=("Bandit", "mean_advantage"),
        table="pool",
        option="controller",
        value="bandit",
    ),
    "entropy": Shaper(
        title="entropy-based advantage shaping",
        source="MSSR, arXiv 2512.18215",
        point="advantage",
        module="envforge.shaping.entropy",
        entry=("entropy_shaped",),
        table="shaping",
        option="entropy",
        constants=("entropy_weight", "entropy_cap"),
    ),
    "gradient": Shaper(
        title="gradient-guided reward scaling",
        source="G2RL, arXiv 2512.15687, sections 2.2 to 2.5",
        point="reward",
        module="envforge.shaping.gradient",
        entry=("sequence_features", "gradient_scales", "gradient_shaped"),
        table="shaping",
        option="gradient",
        constants=("gradient_weight",),
    ),
    "cuts": Shaper(
        title="mixed constrained uniform top-k sampling",
        source="Mixed-CUTS, arXiv 2604.18493",
        point="sampling",
        module="envforge.shaping.cuts",
        entry=("CutsProcessor", "explorers"),
        table="shaping",
        option="cuts",
        constants=("cuts_k", "cuts_threshold", "cuts_warmup"),
    ),
}


def switched_on(recipe: Recipe) -> tuple[str, ...]:
    """The names in SHAPERS of those that `recipe` turns on, in the table's order."""
    tables = {"shaping": recipe.shaping, "pool": recipe.config.pool}
    return tuple(name for name, one in SHAPERS.items() if getattr(tables[one.table], one.option) == one.value)


__all__ = ["SHAPERS", "Shaper", "switched_on"]
