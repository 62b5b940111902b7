"""Instances of an environment to look at, made in the sandbox when somebody asks."""

from __future__ import annotations

import base64
import threading
from dataclasses import dataclass

from envforge.config import SandboxConfig
from envforge.contract import Instance, Program, derive_seed
from envforge.errors import SandboxError
from envforge.gallery.exhibit import WIDTH, reduced
from envforge.sandbox import Evaluator, Failure, Sandbox

PURPOSE = "serve"  # of the seeds
WAIT_SECONDS = 20  # for the sandbox, which serves one reader at a time


@dataclass(frozen=True, slots=True)
class Sample:
    """One question. `picture` is a data URL; `problem` says in a sentence what could not be shown."""

    difficulty: int
    seed: int
    adds: str = ""  # what the level adds, where the program says so
    prompt: str = ""
    answer: str = ""
    picture: str = ""
    problem: str = ""


class Sampler:
    """Makes samples. A sandbox is started for each request and ends with it: nothing of it waits in between."""

    def __init__(self, config: SandboxConfig) -> None:
        self._config = config
        self._turn = threading.Lock()

    def samples(self, program: Program) -> list[Sample]:
        """A question of the lowest level, one of the middle and one of the highest; always the same ones.

        Raises SandboxError when the sandbox fails or is busy, IsolationError when it cannot have its level.
        """
        levels = (0, program.max_difficulty // 2, program.max_difficulty)
        keys = [(derive_seed(PURPOSE, program.id, level, 0), level) for level in levels]
        if not self._turn.acquire(timeout=WAIT_SECONDS):
            raise SandboxError("the sandbox is busy with another reader's question: try again in a moment")
        try:
            with Sandbox(self._config) as sandbox:
                made = Evaluator(sandbox).instances(program, keys, pictures=True)
        finally:
            self._turn.release()
        return [_sample(program, key, one) for key, one in zip(keys, made)]


def _sample(program: Program, key: tuple[int, int], made: Instance | Failure) -> Sample:
    from envforge.pictures import PictureError, rasterise

    seed, level = key
    adds = program.levels[level] if program.levels is not None and level < len(program.levels) else ""
    if isinstance(made, Failure):
        return Sample(level, seed, adds, problem=str(made))
    picture = problem = ""
    if made.picture is not None:
        try:
            drawn = reduced(rasterise(made.picture, width=WIDTH))
            picture = f"data:image/png;base64,{base64.b64encode(drawn).decode()}"
        except PictureError as error:
            problem = str(error)
    return Sample(level, seed, adds, made.prompt, made.reference, picture, problem)
