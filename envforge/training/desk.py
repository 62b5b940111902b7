"""What only the main process does: draw from the pool, judge programs, and write everything down."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envforge.pool import Pool, Ticket
from envforge.proposers import Plan
from envforge.recipe import Recipe
from envforge.registry import Registry, RunRecord, StepEnvironment, StepRecord
from envforge.sandbox import Failure
from envforge.shaping.floor import scores_above_floor
from envforge.training.proposing import Generator
from envforge.training.rounds import Round, is_live
from envforge.training.source import Source
from envforge.training.tasks import GeneratorTask, Task
from envforge.training.voice import Voice
from envforge.training.watching import TrainingWatcher
from envforge.verdict import Stage

LOGGED = {  # names of ours for figures of TRL
    "loss": "loss",
    "grad_norm": "grad_norm",
    "learning_rate": "learning_rate",
    "entropy": "entropy",
    "clip_ratio/low_mean": "clip_low",
    "clip_ratio/high_mean": "clip_high",
    "kl": "kl",
}


@dataclass(frozen=True, slots=True)
class Group:
    """One group of responses as the main process needs to know it, whichever process drew it."""

    role: str  # "solver" or "generator"
    number: int  # of the round: 0 for the first, then the resampled ones
    ticket: Ticket | None
    scores: tuple[float | None, ...]  # the scorer's values; None where it broke
    rewards: tuple[float | None, ...]  # after shaping
    formatted: tuple[bool, ...]
    tokens: tuple[int, ...]
    floor: float  # the guess floor of the level
    cut: int  # responses that reached the limit without an end
    failures: tuple[tuple[Failure, str | None], ...]  # of the scorer, with the answer that it met

    @classmethod
    def of(cls, task: Task, round: Round, place: int, number: int) -> Group:
        """The group at `place` of a round."""
        rewards, tokens = tuple(round.rewards[place]), tuple(round.tokens(place))
        cut = sum(length >= round.limits[place] for length in tokens)
        if isinstance(task, GeneratorTask):
            return cls("generator", number, None, (), rewards, (), tokens, 0.0, cut, ())
        scored = round.scored[place]
        return cls(
            "solver",
            number,
            task.ticket,
            tuple(one.score for one in scored),
            rewards,
            tuple(one.formatted for one in scored),
            tokens,
            task.floor,
            cut,
            tuple((one.failure, one.answer) for one in scored if one.failure is not None),
        )

    @property
    def live(self) -> bool:
        return is_live(self.rewards)


class Desk:
    """The main process's part of a run. `generator` is None without the generator role."""

    def __init__(
        self,
        recipe: Recipe,
        registry: Registry,
        pool: Pool,
        source: Source,
        generator: Generator | None,
        run: RunRecord,
        watcher: TrainingWatcher,
        voice: Voice | None = None,
    ) -> None:
        self.recipe, self.registry, self.pool = recipe, registry, pool
        self.source, self.generator, self.run, self.watcher = source, generator, run, watcher
        self.voice = voice
        self.tokens = 0  # generated so far, by all roles' rollouts
        self._step = 0
        self._began = 0.0
        self._metrics: dict[str, float | None] = {}
        self._groups: list[Group] = []
        self._seconds = {"sampling": 0.0}

    def begin(self, done: int) -> None:
        """The batch of step `done` + 1 is about to be drawn."""
        self._step = done
        if not self._began:
            self._began = time.perf_counter()  # loading and evaluating before the first step are none of it
        self._metrics, self._groups = {}, []
        self.source.seconds = 0.0

    def pause(self) -> None:
        """What was done since the last step, such as an evaluation, belongs to no step."""
        self._began = 0.0

    def tasks(self, total: int, programs: int, size: int) -> list[Task]:
        """`total` groups, of which `programs` are requests for programs, spread evenly among the others."""
        wanted: list[Task] = []
        if programs and self.generator is not None:
            wanted = self._requests(self.generator, programs, size)
        drawn: list[Task] = list(self.source.draw(total - len(wanted)))
        places = {index * total // len(wanted): task for index, task in enumerate(wanted)} if wanted else {}
        rest = iter(drawn)
        return [places[at] if at in places else next(rest) for at in range(total)]

    def _requests(self, generator: Generator, count: int, size: int) -> list[Task]:
        """Requests for programs; with a policy of its own for this role, its replies too."""
        self.version(self._step)
        tasks: list[Task] = []
        for plan in generator.plan(count, size, self._step):
            written = tuple(generator.written(plan, size)) if generator.writes else ()
            tasks.append(GeneratorTask(plan, tuple(dict(m) for m in plan.messages), written))
        return tasks

    def version(self, step: int) -> str:
        """What the weights after `step` are called in the registry; the voice of the learner is told."""
        name = f"run-{self.run.id}/step-{step}"
        if self.voice is not None:
            self.voice.version = name
        return name

    def judge(
        self, written: Sequence[tuple[Plan, int, str, str, int, int]], answer: Callable[..., Any]
    ) -> list[float | None]:
        """The rewards of programs: (plan, offset, text, how it ended, tokens of prompt and completion) each."""
        assert self.generator is not None
        proposals = [
            self.generator.proposal(plan, offset, text, end, asked, said)
            for plan, offset, text, end, asked, said in written
        ]
        judged = self.generator.judge(proposals, answer)
        self._metrics |= {name: value for name, value in judged.metrics.items() if name != "gates_seconds"}
        if judged.admitted:
            self.pool.refresh()
        return list(judged.rewards)

    def drawn(self, groups: Sequence[Group], resamples: int, dead: int, clocks: Mapping[str, float]) -> None:
        """The batch is complete: the pool learns from every group, in the order of the tickets."""
        self._groups = list(groups)
        policy = self.version(self._step)
        floored = self.recipe.shaping.guess_floor
        for group in sorted(
            (g for g in groups if g.ticket), key=lambda g: g.ticket.number if g.ticket else 0
        ):
            assert group.ticket is not None
            for failure, answer in group.failures[:1]:
                self.source.quarantine(group.ticket, failure, Stage.L5, answer)
            seen = scores_above_floor(group.scores, group.floor) if floored else group.scores
            self.pool.report(group.ticket, seen, policy)
        self._metrics |= _figures(self._groups, resamples, dead)
        self._metrics |= {
            "generation_seconds": clocks["generation"],
            "environment_seconds": clocks["waiting"] + self.source.seconds,
            "gates_seconds": clocks["gates"],
        }
        self.tokens += sum(sum(group.tokens) for group in groups)

    def stepped(
        self, step: int, logs: Mapping[str, float], entropies: Sequence[tuple[tuple[str, int], float, float]]
    ) -> None:
        """Step `step` is done: write it down, and the pool as it is now, and tell."""
        seconds = time.perf_counter() - self._began
        self._began = time.perf_counter()
        metrics = dict(self._metrics)
        for name, ours in LOGGED.items():
            value = logs.get(name)
            metrics[ours] = float(value) if value is not None and math.isfinite(value) else None
        spent = [
            metrics.get(name) or 0.0
            for name in ("generation_seconds", "environment_seconds", "gates_seconds")
        ]
        metrics |= {
            "seconds": seconds,
            "update_seconds": max(0.0, seconds - sum(spent)),
            "environment_share": (metrics.get("environment_seconds") or 0.0) / seconds if seconds else None,
            "tokens": float(self.tokens),
            **self._composition(),
        }
        record = StepRecord(step, metrics, _by_environment(self._groups, entropies))
        self.pool.save()
        with self.registry.transaction() as transaction:
            transaction.add_steps(self.run.id, [record])
        self._metrics, self._groups = {}, []
        self.watcher.stepped(record, self.recipe.schedule.steps)

    def spoiled(self, step: int, norm: float) -> None:
        """A step changed nothing, since its gradient was no number."""
        self.watcher.notice(f"step {step} was left out: its gradient norm is {norm}")

    def state(self) -> dict[str, Any]:
        """What a checkpoint holds besides the model's own state."""
        state: dict[str, Any] = {"run": self.run.id, "tokens": self.tokens, **self.source.state()}
        if self.generator is not None:
            state["generator"] = self.generator.state()
        return state

    def restore(self, state: Mapping[str, Any], step: int) -> None:
        """Go back to the checkpoint of `step`: what was written down after it is taken back."""
        with self.registry.transaction() as transaction:
            transaction.forget_steps(self.run.id, step)
        self.tokens = int(state["tokens"])
        self.source.restore(state)
        if self.generator is not None and "generator" in state:
            self.generator.load(state["generator"])

    def _composition(self) -> dict[str, float | None]:
        """The pool as it is."""
        members = self.pool.members
        counts = {f"pool_{state}": 0.0 for state in ("active", "parked", "rotated", "retired")}
        for member in members:
            counts[f"pool_{member.state}"] += 1
        active = [member for member in members if member.state == "active"]
        tops = [self.pool.position(member)[1] for member in active]
        return {
            **counts,
            "pool_seeds": float(sum(member.seed for member in active)),
            "pool_top_level": sum(tops) / len(tops) if tops else None,
        }


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None


def _figures(groups: Sequence[Group], resamples: int, dead: int) -> dict[str, float | None]:
    """The metrics of one batch; docs/training.md says what each means."""
    solver = [group for group in groups if group.role == "solver"]
    first = [group for group in solver if group.number == 0]
    generator = [group for group in groups if group.role == "generator"]
    scores = [score for group in solver for score in group.scores if score is not None]
    rewards = [reward for group in solver for reward in group.rewards if reward is not None]
    formatted = [one for group in solver for one in group.formatted]
    tokens = [float(length) for group in solver for length in group.tokens]
    found: dict[str, float | None] = {
        "groups": float(len(groups)),
        "live_groups": float(sum(group.live for group in groups)),
        "resample_rounds": float(resamples),
        "resampled_groups": float(len(solver) - len(first)),
        "dead_groups": float(dead),
        "lost_responses": float(sum(score is None for group in solver for score in group.scores)),
        "reward": _mean(rewards),
        "accuracy": _mean(scores),
        "format_failure_rate": _mean([float(not one) for one in formatted]),
        "effective_prompt_ratio": _mean([float(group.live) for group in first]),
        "solver_tokens": _mean(tokens),
        "truncated_rate": sum(group.cut for group in solver) / len(tokens) if tokens else None,
    }
    if generator:
        earned = [reward for group in generator for reward in group.rewards if reward is not None]
        lengths = [float(length) for group in generator for length in group.tokens]
        found |= {"generator_reward": _mean(earned), "generator_tokens": _mean(lengths)}
    return found


def _by_environment(
    groups: Sequence[Group], entropies: Sequence[tuple[tuple[str, int], float, float]]
) -> tuple[StepEnvironment, ...]:
    found: dict[tuple[str, int], list[Group]] = {}
    for group in groups:
        if group.ticket is not None:
            found.setdefault((group.ticket.environment, group.ticket.difficulty), []).append(group)
    rows = []
    for key, members in sorted(found.items()):
        scores = [score for group in members for score in group.scores if score is not None]
        rewards = [reward for group in members for reward in group.rewards if reward is not None]
        tokens = [float(length) for group in members for length in group.tokens]
        measured = [(total, count) for place, total, count in entropies if place == key]
        count = math.fsum(count for _, count in measured)
        rows.append(
            StepEnvironment(
                environment=key[0],
                difficulty=key[1],
                groups=len(members),
                live_groups=sum(group.live for group in members),
                responses=len(scores),
                accuracy=_mean(scores),
                reward=_mean(rewards),
                format_failures=sum(not one for group in members for one in group.formatted),
                tokens=_mean(tokens),
                entropy=math.fsum(total for total, _ in measured) / count if count else None,
            )
        )
    return tuple(rows)
