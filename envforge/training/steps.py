"""A run's steps, between the learner (which knows tensors) and the pool, the sandbox and the registry (which do not).

Every process has one; what only the main process may do, its `Desk` does.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from envforge.errors import EnvforgeError
from envforge.policies import Completion, PolicyError, Request
from envforge.recipe import Recipe
from envforge.sandbox import Sandbox
from envforge.training.desk import Desk, Group
from envforge.training.patience import patiently
from envforge.training.rounds import Round
from envforge.training.scoring import Scored, Scorer
from envforge.training.tasks import SolverTask, Task

if TYPE_CHECKING:
    from envforge.proposers import Plan
    from envforge.training.learner import Learner

T = TypeVar("T")
Reply = list[Completion] | PolicyError
Answer = Callable[[Sequence[Request]], list[Reply]]
Written = tuple[
    int, int, "Plan", int, str, str, int, int
]  # rank, place, plan, offset, text, end, tokens of both
STATE = "envforge.json"  # in the folder of a checkpoint
FORMAT = 1


class Steps:
    """`desk` is None in every process but the main one."""

    def __init__(self, recipe: Recipe, sandbox: Sandbox, desk: Desk | None) -> None:
        self.recipe = recipe
        self.desk = desk
        self.scorer = Scorer(sandbox, recipe.schedule.retries)
        self.interrupted = False  # somebody asked for the end
        self.stopped = False  # and it came
        self._learner: Learner | None = None
        self._before: dict[str, Any] = {}  # the state with which the step under way began
        self._chance: Any = None

    @property
    def learner(self) -> Learner:
        assert self._learner is not None, "the learner has not joined yet"
        return self._learner

    def joined(self, learner: Learner) -> None:
        """Told by the learner when it is ready."""
        self._learner = learner

    # One generated batch.

    def begin(self) -> None:
        """A batch is about to be drawn. What was before it is what a checkpoint holds if it fails."""
        import torch

        self._before = self.desk.state() if self.desk else {}
        self._chance = torch.random.get_rng_state()
        if self.desk is not None:
            self.desk.begin(self.learner.state.global_step)

    def tasks(self, share: int, with_generator: bool) -> list[Task]:
        """Collective: `share` tasks for each process, drawn by the main one."""
        together = self.learner.together
        total = share * together.size
        programs = self.recipe.roles.generator_groups if with_generator else 0

        desk = self.desk

        def drawn() -> list[Task] | None:
            if desk is None:
                return None
            return self._patiently(lambda: desk.tasks(total, programs, self.learner.num_generations))

        found = together.told(together.attempt(drawn))
        return found[together.rank * share : (together.rank + 1) * share]

    def scored(self, round: Round, place: int) -> list[Scored]:
        """The scores of one group, waited for. Raises SandboxError."""
        return round.scores[place].result()

    def judged(self, written: Sequence[Written]) -> list[tuple[int, int, int, float | None]]:
        """Collective: (rank, place, offset, reward) of every program that was written."""

        def judge(answer: Answer) -> list[tuple[int, int, int, float | None]]:
            assert self.desk is not None
            desk = self.desk
            rewards = self._patiently(lambda: desk.judge([row[2:] for row in written], answer))
            return [(row[0], row[1], row[3], reward) for row, reward in zip(written, rewards)]

        if not written:
            return []
        return self.learner.together.told(self.asked(judge))

    def asked(self, work: Callable[[Answer], T]) -> T | None:
        """Collective: `work` in the main process, whose requests the models of all processes answer together; the
        result is None in the others. Errors of envforge are raised in all of them."""
        learner, together = self.learner, self.learner.together

        def part(requests: Sequence[Request]) -> list[Reply]:
            mine = range(together.rank, len(requests), together.size)
            replies = learner.drawing.answers([requests[at] for at in mine])
            found = dict(together.gathered(list(zip(mine, replies))))
            return [found[at] for at in range(len(requests))]

        def answer(requests: Sequence[Request]) -> list[Reply]:
            return part(together.told(list(requests)))

        result: T | None = None
        error: EnvforgeError | None = None
        if together.main:
            try:
                result = work(answer)
            except EnvforgeError as found:
                error = found
            together.told(None)
        else:
            while True:
                requests: list[Request] | None = together.told(None)
                if requests is None:
                    break
                part(requests)

        def outcome() -> T | None:
            if error is not None:
                raise error
            return result

        return together.attempt(outcome)

    def drawn(self, rounds: Sequence[Round], taken: Round) -> None:
        """Collective: the batch is complete. `taken` is what goes into the loss."""
        learner, together = self.learner, self.learner.together
        groups = [
            Group.of(task, round, place, number)
            for number, round in enumerate(rounds)
            for place, task in enumerate(round.tasks)
        ]
        everything = together.gathered(groups)
        kept = [not taken.live(place) for place in range(len(taken.tasks))]
        dead = sum(together.gathered(kept))
        clocks = {name: clock.taken() for name, clock in learner.clocks.items()}
        if self.desk is not None:
            self.desk.drawn(everything, len(rounds) - 1, dead, clocks)

    def stepped(self, logs: Mapping[str, float]) -> None:
        """Collective: an optimiser step has been made; `logs` are TRL's figures."""
        learner, together = self.learner, self.learner.together
        measured = []
        for place, total, count in learner.measured:
            key = self._key(learner, place)
            if key is not None:
                measured.append((key, total, count))
        learner.measured = []
        found = together.gathered(measured)
        if self.desk is not None:
            self.desk.stepped(learner.state.global_step, logs, found)

    def _key(self, learner: Learner, place: int) -> tuple[str, int] | None:
        task = learner.taken[place] if place < len(learner.taken) else None
        return (task.program.id, task.ticket.difficulty) if isinstance(task, SolverTask) else None

    def spoiled(self, norm: float) -> None:
        """A gradient was no number: the step changed nothing."""
        if self.desk is not None:
            self.desk.spoiled(self.learner.state.global_step + 1, norm)

    # Checkpoints.

    def save(self, folder: str) -> None:
        """Write what belongs to the checkpoint in `folder` beside the model's own state."""
        if self.desk is not None:
            self._write(Path(folder), self.desk.state())

    def save_failed(self, folder: str) -> None:
        """The same for a step that failed on the way: as it was before the step began."""
        if self.desk is not None:
            self._write(Path(folder), self._before or self.desk.state())

    def rewind_chance(self) -> None:
        """Random numbers as they were before the step that failed."""
        import torch

        if self._chance is not None:
            torch.random.set_rng_state(self._chance)

    def restore(self, folder: str) -> None:
        """Go back to the checkpoint in `folder`. Raises EnvforgeError when it is none of envforge's."""
        if self.desk is None:
            return
        file = Path(folder) / STATE
        try:
            state = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise EnvforgeError(
                f"cannot resume from {folder}: {file.name} cannot be read ({error})"
            ) from error
        if state.get("format") != FORMAT:
            raise EnvforgeError(f"cannot resume from {folder}: it was written by another version of envforge")
        self.desk.restore(state, int(Path(folder).name.rpartition("-")[2]))

    @staticmethod
    def _write(folder: Path, state: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / (STATE + ".partial")
        partial.write_text(json.dumps({"format": FORMAT, **state}), "utf-8")
        os.replace(partial, folder / STATE)

    def _patiently(self, call: Callable[[], T]) -> T:
        """`call`, tried again where the sandbox failed: no environment is to blame, and it may come back."""
        return patiently(call, self.recipe.schedule.retries)
