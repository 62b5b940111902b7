"""The proposer that needs no model: it writes new programs out of one or two that the library holds.

It reads source text and profiles and runs nothing. What it writes meets the same gates as any other proposal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from envforge.contract import LibraryEntry, Proposal
from envforge.proposers import Plan
from envforge.proposers.drafts import Member, Recipe, prepare, write
from envforge.proposers.recipes import draft, ordered_recipes
from envforge.proposers.weaving import Unweavable
from envforge.verdict import Examination

MAX_PARENT_DEPTH = 2  # deeper ones make prompts that nobody wants to read


class ComposeProposer:
    """Writes composites, deterministic in (library, history, indices, seed)."""

    name = "compose"

    def __init__(self, seed: int, visual: bool = False) -> None:
        """With `visual` every composite has a parent that draws."""
        self._seed = seed
        self._visual = visual
        self._members: dict[str, Member | None] = {}  # by program id: parsed once
        self._recipes: dict[str, tuple[Recipe, ...]] = {}

    def plan(
        self, library: Sequence[LibraryEntry], history: Collection[str], indices: Sequence[int]
    ) -> list[Plan]:
        """One composite per index, fewer when every recipe has been used.

        They are written here: only that shows whether a recipe gives a program at all.
        """
        members = [m for entry in library if (m := self._member(entry)) is not None]
        # The order of the library must not matter, nor an entry that is in it twice.
        members = list({m.id: m for m in sorted(members, key=lambda m: m.id)}.values())
        recipes = ordered_recipes(members, history, self._seed, self._recipes, visual=self._visual)
        written = self._written(recipes)
        return [
            Plan(index, recipe.operation, tuple(m.id for m in recipe.parents), source=source)
            for index, (recipe, source) in zip(indices, written)
        ]

    def write(self, plan: Plan) -> Proposal:
        """Hands over what `plan` wrote."""
        return Proposal(plan.index, self.name, plan.operation, plan.source, plan.parents)

    def repair(self, proposal: Proposal, examination: Examination, round: int) -> None:
        """None: the same recipe would give the same program."""

    def close(self) -> None:
        """Holds nothing open."""

    def _member(self, entry: LibraryEntry) -> Member | None:
        if entry.depth > MAX_PARENT_DEPTH:
            return None
        if entry.program.id not in self._members:
            self._members[entry.program.id] = prepare(entry)
        return self._members[entry.program.id]

    @staticmethod
    def _written(recipes: Iterator[Recipe]) -> Iterator[tuple[Recipe, str]]:
        """The recipes that can be put into one file, with their sources."""
        for recipe in recipes:
            try:
                yield recipe, write(recipe, draft(recipe))
            except Unweavable:
                continue  # the recipe is skipped each time it comes up, so runs agree
