"""What hangs in the gallery: of each environment a question of four levels, with its picture, and its figures."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from envforge.analysis import EnvironmentFigures, Source, examine
from envforge.analysis.crew import side_by_side
from envforge.contract import Instance, Program, derive_seed
from envforge.pictures import PictureError, rasterise
from envforge.sandbox import Evaluator, Failure, Sandbox
from envforge.verdict import Calibration

LEVELS = (0, 3, 6, 9)
WIDTH = 480  # pixels: what a card shows on a dense screen
COLOURS = 64  # of a picture's palette: what is drawn has few, and the rest are the edges between them
PURPOSE = "gallery"  # of the seeds


@dataclass(frozen=True, slots=True)
class Shot:
    """One question. `picture` is a PNG, None for text; `problem` says in a sentence what could not be shown."""

    difficulty: int
    seed: int
    prompt: str | None
    answer: str | None
    picture: bytes | None = field(default=None, repr=False)
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One environment. `measured` is false where its figures were not asked for: then its grade means nothing."""

    figures: EnvironmentFigures
    shots: tuple[Shot, ...]
    calibration: Calibration | None
    measured: bool


def exhibits(
    sources: Sequence[tuple[Source, Calibration | None]],
    sandbox: Sandbox,
    instances: int,
    advance: Callable[[], None] = lambda: None,
) -> list[Exhibit]:
    """One exhibit for each source, in their order; `instances` probes of each level make the figures, 0 none.

    Whatever a program does wrong is shown in its exhibit. Raises SandboxError when the sandbox itself fails.
    """

    def one(given: tuple[Source, Calibration | None]) -> Exhibit:
        source, calibration = given
        evaluator = Evaluator(sandbox)
        figures = examine(source, evaluator, instances)
        assert figures is not None  # both kinds were asked for
        found = _shots(figures.program, evaluator) if figures.program is not None else ()
        advance()
        return Exhibit(figures, found, calibration, instances > 0 or figures.program is None)

    return side_by_side(one, sources, sandbox.workers)


def _shots(program: Program, evaluator: Evaluator) -> tuple[Shot, ...]:
    keys = [(derive_seed(PURPOSE, program.id, level, 0), level) for level in LEVELS]
    asked = evaluator.instances(program, keys)
    made = [instance for instance in asked if isinstance(instance, Instance)]
    drawn: dict[int, str | Failure] = {}
    if program.kind == "visual":
        pictures = evaluator.pictures(program, [instance.state for instance in made])
        drawn = {instance.difficulty: picture for instance, picture in zip(made, pictures)}
    return tuple(
        Shot(key[1], key[0], None, None, problem=str(instance))
        if isinstance(instance, Failure)
        else _shot(instance, drawn.get(instance.difficulty))
        for key, instance in zip(keys, asked)
    )


def _shot(instance: Instance, drawn: str | Failure | None) -> Shot:
    picture, problem = None, None
    if isinstance(drawn, Failure):
        problem = str(drawn)
    elif drawn is not None:
        try:
            picture = reduced(rasterise(drawn, width=WIDTH))
        except PictureError as error:
            problem = str(error)
    return Shot(instance.difficulty, instance.seed, instance.prompt, instance.reference, picture, problem)


def reduced(png: bytes) -> bytes:
    """The picture as a PNG with a palette of COLOURS: a few kilobytes instead of many."""
    from PIL import Image

    with Image.open(io.BytesIO(png), formats=("PNG",)) as opened:
        image = opened.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    written = io.BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()
