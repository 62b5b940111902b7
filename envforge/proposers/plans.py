"""Which composites a library allows, and in what order they are worth writing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import combinations

from envforge.proposers.aggregates import aggregate_plans, draft_aggregate
from envforge.proposers.chains import (
    chain_plans,
    draft_chain,
    draft_relay,
    draft_select,
    relay_plans,
    select_plans,
)
from envforge.proposers.drafts import Draft, Member, Plan
from envforge.proposers.pairings import compare_plans, draft_compare, draft_joint, joint_plans
from envforge.proposers.transforms import draft_transform, transform_plans

MAX_MEMBERS = 150  # parents looked at, the shallowest first: pairs grow with the square

_Plans = Callable[[tuple[Member, ...]], Iterator[Plan]]

# Family: its plans, its drafts, how many parents it takes, and its share of the proposals.
FAMILIES: dict[str, tuple[_Plans, Callable[[Plan], Draft], int, float]] = {
    "chain": (chain_plans, draft_chain, 2, 3.0),
    "select": (select_plans, draft_select, 2, 2.0),
    "compare": (compare_plans, draft_compare, 2, 2.0),
    "joint": (joint_plans, draft_joint, 2, 1.5),
    "aggregate": (aggregate_plans, draft_aggregate, 1, 3.0),
    "relay": (relay_plans, draft_relay, 1, 1.5),
    "transform": (transform_plans, draft_transform, 1, 1.0),
}


def draft(plan: Plan) -> Draft:
    """The composite that `plan` describes, before it is woven."""
    return FAMILIES[plan.family][1](plan)


def ordered_plans(members: Sequence[Member], history: Collection[str], seed: int) -> Iterator[Plan]:
    """Every plan that `history` does not hold, the most diverse first.

    The next plan is for the set of parents that was used least, where parents that are composites themselves
    count as used before; among equals for those whose members were used least; then the family that is
    furthest behind its share. The seed decides what is left open. Later uses of one set differ in family
    first, because two composites of the same parents and family are likely to be near-duplicates.
    """
    usage = _Usage(history)
    members = sorted(members, key=lambda m: (m.entry.depth, _rank(seed, m.id)))[:MAX_MEMBERS]
    sets = {_name(s): s for s in _parent_sets(members)}
    ranks = {name: _rank(seed, name) for name in sets}
    while sets:
        name = min(sets, key=lambda n: (*usage.cost(sets[n]), ranks[n]))
        plan = _next_plan(sets[name], usage, seed)
        if plan is None:
            del sets[name]
        else:
            usage.count(plan.operation)
            yield plan


def _parent_sets(members: Sequence[Member]) -> Iterator[tuple[Member, ...]]:
    """Single programs, and pairs that have no ancestor in common: relatives would repeat themselves."""
    yield from ((m,) for m in members)
    yield from ((a, b) for a, b in combinations(members, 2) if not a.entry.roots & b.entry.roots)


def _next_plan(parents: tuple[Member, ...], usage: _Usage, seed: int) -> Plan | None:
    plans = [
        plan
        for make, _, arity, _ in FAMILIES.values()
        if arity == len(parents)
        for plan in make(parents)
        if plan.operation not in usage.seen
    ]
    return min(plans, key=lambda p: (*usage.surplus(p), _rank(seed, p.operation)), default=None)


class _Usage:
    """How often parents, sets of parents and families appear in the operations so far."""

    def __init__(self, history: Collection[str]) -> None:
        self.seen: set[str] = set()
        self._sets: Counter[str] = Counter()
        self._members: Counter[str] = Counter()
        self._families: Counter[str] = Counter()
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

    def cost(self, parents: tuple[Member, ...]) -> tuple[int, float]:
        deep = sum(m.entry.depth for m in parents)
        mean = sum(self._members[m.id] for m in parents) / len(parents)
        return self._sets[_name(parents)] + deep, mean

    def surplus(self, plan: Plan) -> tuple[int, float, int]:
        together = f"{plan.family} {_name(plan.parents)}"
        share = FAMILIES[plan.family][3]
        return (
            self._families[together],
            self._families[plan.family] / share,
            self._variants[f"{plan.family}/{plan.variant}"],
        )


def _name(parents: tuple[Member, ...]) -> str:
    return "+".join(sorted(m.id for m in parents))


def _rank(seed: int, text: str) -> str:
    return hashlib.sha256(f"{seed}\n{text}".encode()).hexdigest()
