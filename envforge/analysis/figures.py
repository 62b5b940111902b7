"""What an analysis found, as plain values. All but the times follow from the programs and the settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from envforge.analysis.capacity import Capacity
from envforge.analysis.quality import Rates
from envforge.contract import Program


@dataclass(frozen=True, slots=True)
class Fault:
    """One probe that did not come through, and why: evidence for a rate. Make it again with `envforge sample`.

    Without seed and difficulty it is about the program as a whole.
    """

    rate: str  # the name of the rate that it lowers
    seed: int | None
    difficulty: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class LevelFigures:
    """The questions of one level. Shares and distances are from 0 to 1; None where nothing was there to measure."""

    difficulty: int
    probes: int
    instances: int  # probes that became questions
    distinct: float | None  # share of the questions, with their pictures, that differ from all before
    templates: float | None  # different prompts once their numbers are masked, as a share of the questions
    entropy: float | None  # of the references, in bits; at most log2(instances)
    floor: float | None  # mean score of the best constant answer
    spread: float | None  # mean distance of the pictures' fingerprints, over all pairs
    foreground: float | None  # mean share of a picture's pixels that differ from its commonest colour
    capacity: Capacity


@dataclass(frozen=True, slots=True)
class StepFigures:
    """What changes from one level to another one. `picture` is the mean distance of fingerprints across the two, and
    `contrast` how much more that is than within them: near 0 when the pictures of both look alike as a whole."""

    low: int
    high: int
    prompt: float | None  # 1 less the shared part of the prompts' word windows
    picture: float | None
    contrast: float | None


@dataclass(frozen=True, slots=True)
class Times:
    """Mean milliseconds: CPU in the sandbox for generate, prompt and reference together and for render; wall time on
    the host from an SVG to its PNG."""

    generate: float | None
    render: float | None
    raster: float | None


@dataclass(frozen=True, slots=True)
class EnvironmentFigures:
    """All of one environment. `program` is None for a source that the static policy refuses; `faults` are the first
    few of each rate."""

    id: str
    name: str
    status: str
    program: Program | None
    rates: Rates
    levels: tuple[LevelFigures, ...]
    steps: tuple[StepFigures, ...]  # of neighbouring levels
    ends: StepFigures | None  # from the lowest level to the highest
    trend: tuple[str, float] | None  # what differs most between low and high levels, and its z value
    faults: tuple[Fault, ...]
    times: Times
    fingerprints: tuple[int, ...] = field(repr=False, default=())  # of a few pictures of each level
    shingles: frozenset[int] = field(repr=False, default=frozenset())  # of the prompts

    @property
    def title(self) -> str:
        return self.program.title if self.program else self.name

    @property
    def label(self) -> str:
        """The title up to its first colon: what stands in tables."""
        return self.title.partition(":")[0].strip().rstrip(".") or self.name

    @property
    def group(self) -> str:
        """Its bucket, or `text`; `refused` for what is no program."""
        if self.program is None:
            return "refused"
        return self.program.bucket or "text"

    def mean(self, figure: str) -> float | None:
        """The mean of a figure of LevelFigures over the levels where it was measured."""
        return mean(getattr(level, figure) for level in self.levels)

    @property
    def floor(self) -> float | None:
        """The guess floor of the level where guessing is worth most."""
        return max((level.floor for level in self.levels if level.floor is not None), default=None)

    @property
    def entropy(self) -> float | None:
        """The bits of the level whose answers vary least."""
        return min((level.entropy for level in self.levels if level.entropy is not None), default=None)

    @property
    def capacity(self) -> Capacity | None:
        """That of the level with the fewest questions."""
        return min(
            (level.capacity for level in self.levels if level.instances),
            key=lambda found: found.estimate,
            default=None,
        )


@dataclass(frozen=True, slots=True)
class Pair:
    """Two environments that are nearer than they should be, in `kind`: `code`, `prompt` or `picture`."""

    kind: str
    first: str  # ids
    second: str
    similarity: float  # 0 to 1


@dataclass(frozen=True, slots=True)
class Analysis:
    """All environments in the order in which they were named, and the pairs that are near."""

    environments: tuple[EnvironmentFigures, ...]
    pairs: tuple[Pair, ...]
    instances: int  # probes per level
    seconds: float  # of the whole, by the wall


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of the values that are there; None without any."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
