"""Where tasks come from: tickets of the live pool, and the instances that they stand for. Main process only."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from envforge.contract import Instance, Program, derive_seed
from envforge.errors import UsageError
from envforge.pixels import png_of
from envforge.pool import Pool, Ticket
from envforge.recipe import PicturesConfig, PromptConfig, solver_messages
from envforge.registry import Registry
from envforge.sandbox import Evaluator, Failure, Sandbox
from envforge.sandbox.calls import state_text
from envforge.training.tasks import SolverTask
from envforge.verdict import Stage, Verdict

ROUNDS = (
    20  # of replacement for instances of programs that broke, before the pool as a whole counts as broken
)


class Source:
    """Draws solver tasks. A program that breaks on a fresh instance is quarantined with the evidence, and another
    ticket takes its place: neither is the solver's fault."""

    def __init__(
        self,
        registry: Registry,
        pool: Pool,
        sandbox: Sandbox,
        prompt: PromptConfig,
        run: int,
        pictures: PicturesConfig | None = None,
    ) -> None:
        self.pool = pool
        self.seconds = 0.0  # spent in `draw`
        self.broken: list[str] = []  # ids that were quarantined, in order
        self._registry = registry
        self._evaluator = Evaluator(sandbox)
        self._prompt, self._pictures = prompt, pictures or PicturesConfig()
        self._run = run
        self._programs: dict[str, tuple[Program, tuple[float, ...]]] = {}

    def draw(self, count: int) -> list[SolverTask]:
        """`count` tasks in the order of their tickets. Raises UsageError when the pool is empty, SandboxError."""
        began = time.perf_counter()
        try:
            return self._draw(count)
        finally:
            self.seconds += time.perf_counter() - began

    def _draw(self, count: int) -> list[SolverTask]:
        tasks: list[SolverTask] = []
        for _ in range(ROUNDS):
            tickets = self.pool.draw(count - len(tasks))
            made = self._instances(tickets)
            for ticket, one, picture in zip(tickets, made, self._shown(tickets, made)):
                if isinstance(one, Failure):
                    self.quarantine(ticket, one, Stage.L2)
                    continue
                if isinstance(picture, Failure):
                    self.quarantine(ticket, picture, Stage.L2)
                    continue
                program, floors = self._program(ticket.environment)
                messages = solver_messages(one.prompt, self._prompt, picture)
                floor = floors[ticket.difficulty] if ticket.difficulty < len(floors) else 0.0
                tasks.append(SolverTask(ticket, messages, state_text(one.state), program, floor))
            if len(tasks) == count:
                return tasks
        raise UsageError(
            f"the programs of {ROUNDS} draws in a row broke: look at 'envforge pool status' and at what was "
            "quarantined"
        )

    def _shown(
        self, tickets: Sequence[Ticket], made: Sequence[Instance | Failure]
    ) -> list[bytes | Failure | None]:
        """The pictures of instances as this run shows them, drawn side by side; None where there is none."""
        if not any(isinstance(one, Instance) and one.picture for one in made):
            return [None] * len(made)
        with ThreadPoolExecutor(os.cpu_count() or 1, "drawing") as crew:
            return list(crew.map(self._picture, tickets, made))

    def _picture(self, ticket: Ticket, instance: Instance | Failure) -> bytes | Failure | None:
        """One of them: through a view of its own, which the ticket decides, so that a run that is resumed shows the
        same."""
        if isinstance(instance, Failure):
            return None
        picture = png_of(instance, self._pictures.width)
        if isinstance(picture, bytes) and self._pictures.view:
            from envforge.pictures.views import view

            seed = derive_seed("view", ticket.environment, ticket.difficulty, ticket.seed)
            picture, _ = view(picture, seed, self._pictures.view)
        return picture

    def _instances(self, tickets: Sequence[Ticket]) -> list[Instance | Failure]:
        """The instances of `tickets`, one batch per environment; what fails is tried once more by itself."""
        places: dict[str, list[int]] = {}
        for place, ticket in enumerate(tickets):
            places.setdefault(ticket.environment, []).append(place)
        made: list[Instance | Failure | None] = [None] * len(tickets)
        for id, where in places.items():
            program, _ = self._program(id)
            keys = [(tickets[place].seed, tickets[place].difficulty) for place in where]
            for place, key, one in zip(where, keys, self._evaluator.instances(program, keys, pictures=True)):
                if isinstance(one, Failure):  # a machine under load can be slow once
                    (one,) = self._evaluator.instances(program, [key], fresh=True, pictures=True)
                made[place] = one
        return [one for one in made if one is not None]

    def quarantine(self, ticket: Ticket, failure: Failure, stage: Stage, answer: str | None = None) -> None:
        """Take an environment that broke out of the pool, with the seed and level that show it."""
        evidence: dict[str, Any] = {
            "seed": ticket.seed,
            "difficulty": ticket.difficulty,
            "failure": str(failure),
        }
        if answer is not None:
            evidence["answer"] = answer
        reason = f"broke while it was trained on: {failure}"
        if self._registry.status(ticket.environment) == "admitted":
            with self._registry.transaction() as transaction:
                verdict = Verdict(stage, False, reason, evidence)
                transaction.add_verdict(ticket.environment, verdict, self._run)
                transaction.set_status(ticket.environment, "quarantined", reason, self._run)
            self.broken.append(ticket.environment)
        self.pool.refresh()

    def _program(self, id: str) -> tuple[Program, tuple[float, ...]]:
        if id not in self._programs:
            record = self._registry.environment(id)
            assert record.program is not None, f"{id} was admitted without a program"
            floors = record.profile.guess_floors if record.profile is not None else ()
            self._programs[id] = record.program, tuple(floors)
        return self._programs[id]

    def state(self) -> dict[str, Any]:
        """What a checkpoint needs."""
        return {"pool": self.pool.state()}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go back to a checkpoint."""
        self.pool.restore(state["pool"])
        self.pool.refresh()
