"""Progress while something takes its time: a bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from envforge.cli.display import DIM, screen, seconds, status, tell, text

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live
    from rich.progress import Progress, TaskID
    from rich.text import Text

    from envforge.growth import Decision, Summary
    from envforge.registry import RunRecord

SLOW_SECONDS = 2.0


@contextmanager
def progress_bar(label: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar with its rate on standard error while the block runs; the function yielded moves it on. Nothing off a
    terminal."""
    console = screen(stderr=True)
    if not console.is_terminal or total < 2:
        yield lambda: None
        return
    with _bar(console) as bar:
        task = bar.add_task(label, total=total, counts="")

        def advance() -> None:
            speed = bar.tasks[-1].speed
            bar.update(task, advance=1, counts=f"{60 * speed:.0f}/min" if speed else "")

        yield advance


@contextmanager
def slow(label: str) -> Iterator[None]:
    """Say on standard error what is going on when the block takes longer than people wait without wondering."""
    timer = threading.Timer(SLOW_SECONDS, tell, [f"{label} ..."])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _bar(console: Console) -> Progress:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[counts]}"),
        console=console,
        transient=True,
    )


class GrowthDisplay:
    """Watches `envforge grow`: a live bar with rate, counts and yield on a terminal, a line per decision elsewhere.

    A context manager, so that the bar is taken down whatever happens.
    """

    def __init__(self, *, stderr: bool) -> None:
        self.console = screen(stderr=stderr)
        self.live = self.console.is_terminal
        self.made = 0  # decisions of this process, without seeds
        self._counts: dict[str, int] = {}
        self._summary: Summary | None = None
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._live: Live | None = None
        self._limit = 0
        self._number = 0

    def __enter__(self) -> GrowthDisplay:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def planting(self, total: int) -> None:
        """Seeds are about to be examined."""
        self._begin("seeds", total, 0)

    def planted(self, decision: Decision) -> None:
        """One seed was examined."""
        self._count(decision)

    def growing(self, run: RunRecord, done: int, limit: int, summary: Summary) -> None:
        """Proposals are about to be made; `done` of them are decided already."""
        self._summary = summary if run.policy is not None else None
        self._begin(f"run {run.id}", limit, done)

    def decided(self, decision: Decision) -> None:
        """One proposal was decided."""
        self.made += 1
        self._count(decision)

    def _begin(self, label: str, total: int, done: int) -> None:
        self.end()
        self._counts, self._limit, self._number = {}, total, done
        if self.live and total:
            from rich.live import Live

            self._bar = _bar(self.console)
            self._task = self._bar.add_task(label, total=total, completed=done, counts="")
            self._live = Live(
                get_renderable=self._shown, console=self.console, transient=True, refresh_per_second=4
            )
            self._live.start()
        elif total:
            resumed = f", {done} of them decided already" if done else ""
            what = "seeds to examine" if label == "seeds" else f"proposals at most in {label}"
            self.console.print(text(f"{total} {what}{resumed}"), soft_wrap=True)

    def _shown(self) -> RenderableType:
        """The bar, and below it how far the candidates came and what they cost, where a policy is asked."""
        from rich.console import Group

        assert self._bar is not None
        if self._summary is None:
            return self._bar
        return Group(self._bar, stages_line(self._summary), costs_line(self._summary))

    def end(self) -> None:
        """Take the bar down."""
        if self._live is not None:
            self._live.stop()
            self._live = self._bar = None

    def _count(self, decision: Decision) -> None:
        self._number += 1
        self._counts[decision.outcome] = self._counts.get(decision.outcome, 0) + 1
        if self._bar is None or self._task is None:
            self._line(decision)
            return
        if decision.outcome in ("validated", "admitted"):
            self.console.print(
                status(decision.outcome), text(decision.title), no_wrap=True, overflow="ellipsis"
            )
        speed = self._bar.tasks[-1].speed
        parts = [f"{number} {outcome}" for outcome, number in self._counts.items()]
        rate = f"{60 * speed:.0f}/min  " if speed else ""
        self._bar.update(self._task, advance=1, counts=rate + ", ".join(parts))

    def _line(self, decision: Decision) -> None:
        place = f"{self._number:>{len(str(self._limit))}}/{self._limit}"
        why = (
            f"{decision.stage}: {decision.reason}" if decision.stage and decision.reason else decision.reason
        )
        more = [f"repaired {decision.rounds}x"] if decision.rounds else []
        more += [f"a {decision.rate:.2f}"] if decision.rate is not None else []
        more += [why] if why else []
        line = text(f"{place}  ", DIM) + status(f"{decision.outcome:<10}") + text(f" {decision.title}")
        for part in more:
            line += text(f"  {part}")
        self.console.print(line + text(f"  {seconds(decision.seconds)}", DIM), soft_wrap=True)


def stages_line(summary: Summary) -> Text:
    """How many candidates came past each stage, in one line."""
    line = text("passed  ", DIM)
    for stage, (_, passed) in summary.reached().items():
        line += text(f"{stage} ", DIM) + text(f"{passed}  ")
    return line


def costs_line(summary: Summary) -> Text:
    """What was spent so far, and on each admitted environment."""
    each = summary.all_tokens / summary.admitted if summary.admitted else None
    cost = f", {each:,.0f} per admitted environment" if each is not None else ""
    return text("spent   ", DIM) + text(f"{summary.all_tokens:,} tokens{cost}")
