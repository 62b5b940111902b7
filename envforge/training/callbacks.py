"""What happens between the steps of TRL's loop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from envforge.training.steps import Steps


class Following(TrainerCallback):  # type: ignore[misc, unused-ignore]
    """Writes steps down, ends an interrupted run with a checkpoint, and evaluates on the way."""

    def __init__(self, steps: Steps, evaluate: Callable[[str, int], Any]) -> None:
        self._steps = steps
        self._evaluate = evaluate

    def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any) -> None:
        """Once per step, after it and before its checkpoint; TRL's summary at the end is not one."""
        if logs and "loss" in logs:
            self._steps.stepped(logs)
            every, step = self._steps.recipe.evaluation.every, state.global_step
            if every and step % every == 0 and step < args.max_steps:
                self._evaluate(f"step {step}", step)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        """A checkpoint and the end, when one process was asked to stop: between two batches, never inside one."""
        recipe = self._steps.recipe
        whole = state.global_step % recipe.grpo.iterations == 0
        asked = any(self._steps.learner.together.gathered([self._steps.interrupted]))
        if asked and whole and state.global_step < args.max_steps:
            self._steps.stopped = True
            control.should_save = control.should_training_stop = True
        return control

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self._steps.desk is not None:
            folder = Path(self._steps.learner.checkpoint_folder())
            self._steps.desk.watcher.saved(folder, state.global_step)
