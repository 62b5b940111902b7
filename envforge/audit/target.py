"""What is audited: an environment program, or a task of somebody else's gym behind an adapter."""

from __future__ import annotations

from dataclasses import dataclass

from envforge.contract import Oracle, Program

ENVIRONMENT = "environment"


@dataclass(frozen=True, slots=True)
class Target:
    """`name` is how the command line names it; `words` are what stands after `envforge audit` to name it again
    (`--db FILE ID`, a path, `gym:NAME/TASK`). `group` is ENVIRONMENT, or the gym's name: then `program` is the
    adapter's (envforge.gyms), the contract's promises do not bind it, and its oracle is not known."""

    name: str
    program: Program
    words: tuple[str, ...]
    group: str = ENVIRONMENT

    @property
    def ours(self) -> bool:
        """Whether it is bound by the contract of environment programs."""
        return self.group == ENVIRONMENT

    @property
    def oracle(self) -> Oracle | None:
        """How answers are judged; None where nobody says."""
        return self.program.oracle if self.ours else None
