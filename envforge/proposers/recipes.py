"""Which composites a library allows, and in what order they are worth writing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from envforge.proposers.aggregates import aggregate_recipes, draft_aggregate
from envforge.proposers.chains import (
    chain_recipes,
    draft_chain,
    draft_relay,
    draft_select,
    relay_recipes,
    select_recipes,
)
from envforge.proposers.drafts import Draft, Member, Recipe
from envforge.proposers.pairings import compare_recipes, draft_compare, draft_joint, joint_recipes
from envforge.proposers.transforms import draft_transform, transform_recipes

MAX_MEMBERS = 150  # parents looked at, the shallowest first: pairs grow with the square


@dataclass(frozen=True, slots=True)
class Family:
    """One operation: what it can be done to, and how it is written.

    `scenes` says for each parent where the composite's state holds that parent's, so that a visual parent's picture
    can be drawn from it; None where a parent cannot be visual, since a composite has one picture. A number of a chain
    stands both in a state and in what leads to it, so no change of the picture could be told from it.
    """

    recipes: Callable[[tuple[Member, ...]], Iterator[Recipe]]
    draft: Callable[[Recipe], Draft]
    share: float  # of the proposals, against the other families'
    scenes: tuple[str | None, ...]  # one for each parent

    def takes(self, parents: tuple[Member, ...]) -> bool:
        """Whether so many parents, in these roles, can be put together."""
        return len(parents) == len(self.scenes) and all(
            scene is not None or not parent.is_visual for scene, parent in zip(self.scenes, parents)
        )


_PAIR = ('state["first"]', 'state["second"]')
FAMILIES: dict[str, Family] = {
    "chain": Family(chain_recipes, draft_chain, 3.0, (None, None)),
    "select": Family(select_recipes, draft_select, 2.0, ('state["decides"]', None)),
    "compare": Family(compare_recipes, draft_compare, 2.0, _PAIR),
    "joint": Family(joint_recipes, draft_joint, 1.5, _PAIR),
    "aggregate": Family(aggregate_recipes, draft_aggregate, 3.0, (None,)),
    "relay": Family(relay_recipes, draft_relay, 1.5, (None,)),
    "transform": Family(transform_recipes, draft_transform, 1.0, ('state["question"]',)),
}


def draft(recipe: Recipe) -> Draft:
    """The composite that `recipe` describes, before it is woven."""
    family = FAMILIES[recipe.family]
    seen = [role for role, parent in enumerate(recipe.parents) if parent.is_visual]
    return replace(family.draft(recipe), scene=(seen[0], family.scenes[seen[0]] or "") if seen else None)


def ordered_recipes(
    members: Sequence[Member],
    history: Collection[str],
    seed: int,
    known: dict[str, tuple[Recipe, ...]],
    *,
    visual: bool = False,
) -> Iterator[Recipe]:
    """Every recipe that `history` does not hold, the most diverse first.

    The next recipe is for the set of parents that was used least, where parents that are composites themselves
    count as used before; among equals for one that allows the family which is furthest behind its share; then
    for the one whose members were used least. The seed decides what is left open. Later uses of one set differ
    in family first, because two composites of the same parents and family are likely to be near-duplicates. With
    `visual` only sets with a visual parent count.

    `known` keeps the recipes of each set of parents between calls.
    """
    usage = _Usage(history)
    members = sorted(members, key=lambda m: (m.entry.depth, _rank(seed, m.id)))[:MAX_MEMBERS]
    sets: dict[str, tuple[Member, ...]] = {}
    recipes: dict[str, list[Recipe]] = {}
    for parents in _parent_sets(members):
        if visual and not any(parent.is_visual for parent in parents):
            continue
        name = _name(parents)
        if name not in known:
            known[name] = tuple(_recipes_for(parents))
        unseen = [recipe for recipe in known[name] if recipe.operation not in usage.seen]
        if unseen:
            sets[name], recipes[name] = parents, unseen
    ranks = {name: _rank(seed, name) for name in sets}
    while sets:
        name = min(sets, key=lambda n: (usage.cost(n, sets[n], recipes[n]), ranks[n]))
        recipe = min(recipes[name], key=lambda p: (usage.surplus(name, p), _rank(seed, p.operation)))
        usage.count(recipe.operation)
        recipes[name].remove(recipe)
        if not recipes[name]:
            del sets[name], recipes[name]
        yield recipe


def _parent_sets(members: Sequence[Member]) -> Iterator[tuple[Member, ...]]:
    """Single programs, and pairs: relatives would repeat themselves, and a composite has one picture at most."""
    yield from ((m,) for m in members)
    yield from (
        (a, b)
        for a, b in combinations(members, 2)
        if not a.entry.roots & b.entry.roots and not (a.is_visual and b.is_visual)
    )


def _recipes_for(parents: tuple[Member, ...]) -> Iterator[Recipe]:
    for family in FAMILIES.values():
        if len(parents) == len(family.scenes):
            yield from (recipe for recipe in family.recipes(parents) if family.takes(recipe.parents))


class _Usage:
    """How often parents, sets of parents and families appear in the operations so far."""

    def __init__(self, history: Collection[str]) -> None:
        self.seen: set[str] = set()
        self._sets: Counter[str] = Counter()
        self._members: Counter[str] = Counter()
        self._families: Counter[str] = Counter()  # over all parents, and per set of parents
        self._variants: Counter[str] = Counter()
        for operation in history:
            self.count(operation)

    def count(self, operation: str) -> None:
        """Adds one operation; those of other proposers tell nothing and are left out."""
        what, _, parents = operation.rpartition(" ")
        family = what.split("/")[0]
        if family not in FAMILIES or operation in self.seen:
            return
        ids = sorted(parents.split("+"))
        self.seen.add(operation)
        self._sets["+".join(ids)] += 1
        self._members.update(ids)
        self._families[family] += 1
        self._families[f"{family} {'+'.join(ids)}"] += 1
        self._variants[what.split(":")[0]] += 1

    def cost(self, name: str, parents: tuple[Member, ...], recipes: Sequence[Recipe]) -> tuple[float, ...]:
        """What speaks against using a set of parents now, the weightiest first."""
        used = self._sets[name] + sum(m.entry.depth for m in parents)
        families = {recipe.family for recipe in recipes}
        behind = min((self._families[f"{f} {name}"], self._lead(f)) for f in families)
        return used, behind[1], sum(self._members[m.id] for m in parents) / len(parents)

    def surplus(self, name: str, recipe: Recipe) -> tuple[float, ...]:
        """What speaks against a recipe for the set of parents called `name`, the weightiest first."""
        variant = self._variants[f"{recipe.family}/{recipe.variant}"]
        return self._families[f"{recipe.family} {name}"], self._lead(recipe.family), variant

    def _lead(self, family: str) -> float:
        return self._families[family] / FAMILIES[family].share


def _name(parents: tuple[Member, ...]) -> str:
    return "+".join(sorted(m.id for m in parents))


def _rank(seed: int, text: str) -> str:
    return hashlib.sha256(f"{seed}\n{text}".encode()).hexdigest()
