"""The proposer that needs no model: it writes new programs out of one or two that the library holds.

It reads source text and profiles and runs nothing. What it writes meets the same gates as any other proposal.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from envforge.contract import LibraryEntry, Proposal
from envforge.proposers.drafts import Member, Plan, prepare, write
from envforge.proposers.plans import draft, ordered_plans
from envforge.proposers.weaving import Unweavable

MAX_PARENT_DEPTH = 2  # deeper ones make prompts that nobody wants to read


class ComposeProposer:
    """Writes composites, deterministic in (library, history, indices, seed)."""

    name = "compose"

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._members: dict[str, Member | None] = {}  # by program id: parsed once
        self._plans: dict[str, tuple[Plan, ...]] = {}

    def propose(
        self, library: Sequence[LibraryEntry], history: Collection[str], indices: Sequence[int]
    ) -> Iterator[Proposal]:
        """One composite per index, fewer when every plan has been written."""
        members = [m for entry in library if (m := self._member(entry)) is not None]
        # The order of the library must not matter, nor an entry that is in it twice.
        members = list({m.id: m for m in sorted(members, key=lambda m: m.id)}.values())
        sources = self._written(ordered_plans(members, history, self._seed, self._plans))
        for index, (plan, source) in zip(indices, sources):
            parents = tuple(m.id for m in plan.parents)
            yield Proposal(index, self.name, plan.operation, source, parents)

    def close(self) -> None:
        """Holds nothing open."""

    def _member(self, entry: LibraryEntry) -> Member | None:
        if entry.depth > MAX_PARENT_DEPTH:
            return None
        if entry.program.id not in self._members:
            self._members[entry.program.id] = prepare(entry)
        return self._members[entry.program.id]

    @staticmethod
    def _written(plans: Iterator[Plan]) -> Iterator[tuple[Plan, str]]:
        """The plans that can be put into one file, with their sources."""
        for plan in plans:
            try:
                yield plan, write(plan, draft(plan))
            except Unweavable:
                continue  # the plan is skipped each time it comes up, so runs agree
