"""What `envforge train` shows while it runs: a live line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from envforge.cli.display import DIM, GOOD, WARN, count, screen, seconds, text

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.live import Live
    from rich.progress import Progress
    from rich.text import Text

    from envforge.registry import RunRecord, StepRecord
    from envforge.verdict import LevelResult

EVERY_SECONDS = 2.0  # between lines where there is no terminal
RECENT = 20  # steps that the rate is measured over


class TrainingDisplay:
    """A `TrainingWatcher` that shows what it is told. A context manager that takes its live line down."""

    def __init__(self, *, stderr: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self.console = screen(stderr=stderr)
        self.last: StepRecord | None = None
        self._clock = clock
        self._arrivals: deque[float] = deque(maxlen=RECENT + 1)
        self._steps = 0
        self._said = float("-inf")  # when the newest line was written
        self._waiting: Text | None = None  # a line that came too soon after it
        self._doing = ""
        self._bar: Progress | None = None
        self._live: Live | None = None

    def __enter__(self) -> TrainingDisplay:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def begun(self, run: RunRecord, folder: Path, start: int, steps: int) -> None:
        """Training begins after step `start`."""
        self._steps = steps
        self._arrivals.clear()
        self._arrivals.append(self._clock())
        after = f" after step {start:,}" if start else ""
        self._say(text(f"Run {run.id}: training{after} to step {steps:,}, in {folder}"))
        if self.console.is_terminal:
            self._start_live(start, steps)

    def evaluating(self, name: str, responses: int) -> None:
        """An evaluation begins."""
        self._flush()
        self._doing = f"evaluation '{name}': {count(responses, 'response')} to be drawn"
        if self._live is None:
            self._say(text(f"{self._doing[:1].upper()}{self._doing[1:]}", DIM))

    def evaluated(self, name: str, results: Sequence[LevelResult]) -> None:
        """An evaluation is done: one line for all splits; the tables come at the end."""
        from envforge.cli.training_summary import split_means

        self._doing = ""
        parts = [
            f"{split} {'nothing measured' if mean is None else f'{mean:.2f}'} ({count(number, 'environment')})"
            for split, (mean, number) in split_means(results).items()
        ]
        self._say(text(f"Evaluation '{name}': {', '.join(parts) or 'nothing to measure'}"))
        # Its time is none of the steps'.
        if self._arrivals:
            self._arrivals.clear()
            self._arrivals.append(self._clock())

    def stepped(self, step: StepRecord, steps: int) -> None:
        """An optimiser step is done."""
        self.last, self._steps = step, steps
        self._arrivals.append(self._clock())
        if self._bar is not None:
            self._bar.update(self._bar.tasks[-1].id, completed=step.step, counts=self._pace())
            return
        line = text(f"step {step.step:>{len(str(steps))}}/{steps}", DIM)
        line = line + figures(step) + text(f"  {self._pace()}", DIM)
        now = self._clock()
        if now - self._said >= EVERY_SECONDS or step.step == steps:
            self._waiting, self._said = None, now
            self._say(line)
        else:
            self._waiting = line

    def saved(self, folder: Path, step: int) -> None:
        """A checkpoint was written."""
        self._flush()
        self._say(text(f"Checkpoint of step {step:,}: {folder}", DIM))

    def notice(self, sentence: str) -> None:
        """Something that is not as it might be, or that is about to happen."""
        self._flush()
        self._say(text(sentence[:1].upper() + sentence[1:], WARN))

    def end(self) -> None:
        """Take the live line down, and say what still waits."""
        if self._live is not None:
            self._live.stop()
            self._live = self._bar = None
            if self.last is not None:  # the newest figures stay
                self._say(text(f"step {self.last.step}/{self._steps}", DIM) + figures(self.last))
        self._flush()

    def _say(self, line: Text) -> None:
        self.console.print(line, soft_wrap=True)

    def _flush(self) -> None:
        if self._waiting is not None:
            line, self._waiting = self._waiting, None
            self._say(line)

    def _pace(self) -> str:
        """Steps per minute over the newest of them, and how long the others will take."""
        taken = self._arrivals[-1] - self._arrivals[0] if self._arrivals else 0.0
        if self.last is None or len(self._arrivals) < 2 or taken <= 0:
            return ""
        rate = (len(self._arrivals) - 1) / taken
        left = self._steps - self.last.step
        speed = f"{rate:.1f} steps/s" if rate >= 1 else f"{60 * rate:.1f} steps/min"
        return f"{speed}  ETA {seconds(left / rate)}" if left else speed

    def _start_live(self, start: int, steps: int) -> None:
        from rich.live import Live
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        self.end()
        self._bar = Progress(
            TextColumn("step"),
            MofNCompleteColumn(),
            BarColumn(bar_width=20),
            TimeElapsedColumn(),
            TextColumn("{task.fields[counts]}"),
            console=self.console,
        )
        self._bar.add_task("step", total=steps, completed=start, counts="")
        self._live = Live(
            get_renderable=self._shown, console=self.console, transient=True, refresh_per_second=4
        )
        self._live.start()

    def _shown(self) -> RenderableType:
        from rich.console import Group

        assert self._bar is not None
        below = text(self._doing, DIM) if self._doing else None
        line = None if self.last is None else figures(self.last)
        for row in (line, below):
            if row is not None:
                row.no_wrap, row.overflow = True, "ellipsis"
        return Group(self._bar, *(row for row in (line, below) if row is not None))


def figures(step: StepRecord) -> Text:
    """The figures of a step in one line; what was not measured is left out."""
    metrics = step.metrics

    def share(name: str) -> str | None:
        value = metrics.get(name)
        return None if value is None else f"{value:.1%}" if value < 0.1 else f"{value:.0%}"

    def number(value: float | None) -> str | None:
        return None if value is None else f"{value:.2f}"

    taken = metrics.get("seconds")
    shown = {
        "reward": number(metrics.get("reward")),
        "accuracy": number(metrics.get("accuracy")),
        "no answer": share("format_failure_rate"),
        "live groups": share("effective_prompt_ratio"),
        "level": number(_level(step)),
        "environment": share("environment_share"),
        "in": None if taken is None else seconds(taken),
    }
    line = text("")
    for name, value in shown.items():
        if value is not None:
            line += text(f"  {name} ", DIM) + text(value, GOOD if name == "accuracy" else "")
    return line


def _level(step: StepRecord) -> float | None:
    """The mean level of the groups that were trained on."""
    groups = sum(one.groups for one in step.environments)
    return sum(one.difficulty * one.groups for one in step.environments) / groups if groups else None
