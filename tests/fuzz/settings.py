"""How a campaign is run: which mutants, how deep each goes, and what each may cost."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from fuzz.mutation import Mutant
from fuzz.rationing import Ration

from envforge.config import SandboxConfig, ValidationConfig
from envforge.contract import derive_seed

SMALL = ValidationConfig(
    fresh_seeds=1,
    sample_per_level=10,
    hash_seeds=1,
    borderline_sample=20,
    attacked_per_level=1,
    drawn_answers=4,
)
LIGHT = Ration(call=0.1, examination=0.0)
WHOLE = Ration(call=0.1, examination=4.0)
FULL = Ration(call=None, examination=60.0)
ONE_IN = {"returns": 4, "wrappers": 4}  # of these families so many meet all gates
ONE_IN_OTHERWISE = 16
WALL_FACTOR = 20.0  # calls are short here and the machine may be busy with other things
GRACE_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Settings:
    """One campaign. `numbers` may be endless when `minutes` is not None."""

    seed: int
    numbers: range
    isolation: int | None = None  # exactly this level; None: the best that needs no Docker engine
    workers: int = 0  # examinations at once; 0: two per core
    minutes: float | None = None
    keep: Path | None = None
    full: bool = False

    @property
    def most(self) -> Ration:
        """The largest ration of an examination."""
        return FULL if self.full else WHOLE

    def ration(self, mutant: Mutant) -> Ration:
        """What the examination of a mutant may cost."""
        drawn = derive_seed("whole", self.seed, mutant.number)
        chosen = drawn % ONE_IN.get(mutant.family, ONE_IN_OTHERWISE) == 0
        return self.most if self.full or chosen or len(self.numbers) == 1 else LIGHT

    @property
    def validation(self) -> ValidationConfig:
        return ValidationConfig() if self.full else SMALL

    @property
    def sandbox(self) -> SandboxConfig:
        if self.isolation is None:
            return SandboxConfig(wall_factor=WALL_FACTOR)
        return SandboxConfig(isolation=self.isolation, use=str(self.isolation), wall_factor=WALL_FACTOR)

    def deadline(self, at_once: int, children: int) -> float:
        """Seconds after which an examination is overdue, of `at_once` that share `children` processes."""
        return 10 * self.most.examination * max(1.0, at_once / children) + GRACE_SECONDS
