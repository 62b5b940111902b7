"""The analysis of a set of environments: each probed on its own, several side by side, then compared."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from envforge.analysis.crew import side_by_side
from envforge.analysis.diversity import level_figures, step_figures
from envforge.analysis.figures import Analysis, EnvironmentFigures, Fault, Times
from envforge.analysis.guessing import guess_floors
from envforge.analysis.neighbours import near_pairs
from envforge.analysis.probing import Probes, probe
from envforge.analysis.quality import Rates
from envforge.contract import Program, content_id
from envforge.sandbox import Evaluator, Failure, Sandbox
from envforge.validation.features import strongest_trend
from envforge.validation.profiling import prompt_shingles

SHOWN = 3  # faults that are kept of each rate
PRINTS = 2  # pictures of each level by which environments are compared
WORDED = 4  # prompts of each level by which they are


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be analysed: a program's text, how to call it, and its status in a registry (or another word)."""

    source: str
    name: str
    status: str


def survey(
    sources: Sequence[Source],
    sandbox: Sandbox,
    instances: int,
    levels: Sequence[int] | None = None,
    *,
    visual: bool = False,
    advance: Callable[[], None] = lambda: None,
) -> Analysis:
    """Analyse `sources` with `instances` probes of each level: of all levels, or of those among `levels` that a
    program has. With `visual` text environments are left out. `advance` is called for each source when it is done.

    A source that is no program has a generation rate of 0. Raises SandboxError when the sandbox itself fails.
    """
    start = time.perf_counter()

    def one(source: Source) -> EnvironmentFigures | None:
        found = examine(source, Evaluator(sandbox), instances, levels, visual=visual)
        advance()
        return found

    found = side_by_side(one, sources, sandbox.workers)
    environments = tuple(figures for figures in found if figures is not None)
    pairs = tuple(near_pairs(environments))
    return Analysis(environments, pairs, instances, time.perf_counter() - start)


def examine(
    source: Source,
    evaluator: Evaluator,
    instances: int,
    levels: Sequence[int] | None = None,
    *,
    visual: bool = False,
) -> EnvironmentFigures | None:
    """The figures of one source; None for a text environment where only visual ones are wanted."""
    program = evaluator.inspect(source.source)
    if not isinstance(program, Program):
        return _refused(source, program)
    if visual and program.kind != "visual":
        return None
    wanted = [level for level in program.difficulties if levels is None or level in levels]
    found = probe(program, evaluator, instances, wanted)
    return _figures(source, found, evaluator, instances)


def _figures(source: Source, found: Probes, evaluator: Evaluator, instances: int) -> EnvironmentFigures:
    program, places = found.program, range(len(found.levels))
    floors = guess_floors(program, evaluator, found.levels)
    full = [level for level in found.levels if level]
    probes = instances * len(found.levels)
    trend = strongest_trend(full) if len(full) > 1 else None
    return EnvironmentFigures(
        id=program.id,
        name=source.name,
        status=source.status,
        program=program,
        rates=Rates(
            found.rate("generation") or 0.0,
            found.rate("image"),
            found.rate("question"),
            found.rate("verifier"),
        ),
        levels=tuple(level_figures(found, place, instances, floors[place]) for place in places),
        steps=tuple(step_figures(found, *pair) for pair in itertools.pairwise(places)),
        ends=step_figures(found, 0, places[-1]) if len(places) > 1 else None,
        trend=(trend.feature, trend.z) if trend is not None else None,
        faults=tuple(fault for faults in found.faults.values() for fault in faults[:SHOWN]),
        times=Times(
            _milliseconds(found.generate_seconds, probes),
            _milliseconds(found.render_seconds, found.drawn),
            _milliseconds(found.raster_seconds, found.drawn),
        ),
        fingerprints=tuple(
            found.sketches[level[0].difficulty, instance.seed].fingerprint
            for level in full
            for instance in level[:PRINTS]
            if (level[0].difficulty, instance.seed) in found.sketches
        ),
        shingles=frozenset().union(
            *(prompt_shingles(instance.prompt) for level in full for instance in level[:WORDED])
        ),
    )  # fmt: skip


def _milliseconds(seconds: float, count: int) -> float | None:
    return 1000 * seconds / count if count else None


def _refused(source: Source, why: Failure | list[dict[str, object]]) -> EnvironmentFigures:
    """The row of a source that is no program: nothing of it can be probed."""
    if isinstance(why, Failure):
        reason = f"it cannot be read as a program: {why}"
    else:
        reason = f"line {why[0]['line']}: {why[0]['message']}"
    return EnvironmentFigures(
        id=content_id(source.source),
        name=source.name,
        status=source.status,
        program=None,
        rates=Rates(0.0, None, None, None),
        levels=(),
        steps=(),
        ends=None,
        trend=None,
        faults=(Fault("generation", None, None, f"the static policy refuses it: {reason}"),),
        times=Times(None, None, None),
    )
