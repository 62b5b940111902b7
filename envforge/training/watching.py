"""What a training run tells while it goes on, and what it came to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from envforge.errors import EnvforgeError
from envforge.registry import RunRecord, StepRecord
from envforge.verdict import LevelResult


class TrainingStopped(EnvforgeError):
    """The run cannot go on, through no fault of an environment; `checkpoint` is where it can be resumed from."""

    def __init__(self, message: str, checkpoint: Path | None) -> None:
        super().__init__(message)
        self.checkpoint = checkpoint


class TrainingWatcher(Protocol):
    """Told what happens, on the main process only; never asked anything."""

    def begun(self, run: RunRecord, folder: Path, start: int, steps: int) -> None:
        """Training begins after step `start` (0, or that of the checkpoint) and goes to `steps`."""

    def evaluating(self, name: str, responses: int) -> None: ...

    def evaluated(self, name: str, results: Sequence[LevelResult]) -> None: ...

    def stepped(self, step: StepRecord, steps: int) -> None: ...

    def saved(self, folder: Path, step: int) -> None: ...

    def notice(self, sentence: str) -> None: ...


@dataclass(frozen=True, slots=True)
class TrainingSummary:
    """What a run came to. `ended` is "finished" or "interrupted"; `checkpoint` holds the model and all its state."""

    run: int
    steps: int
    seconds: float  # of this process
    ended: str
    checkpoint: Path | None
    before: tuple[LevelResult, ...] = ()
    after: tuple[LevelResult, ...] = ()
