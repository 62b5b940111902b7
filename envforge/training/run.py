"""One training run, wired: environments into the pool, evaluation, steps, checkpoints, evaluation again."""

from __future__ import annotations

import dataclasses
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from envforge import embedding
from envforge.contract import content_id
from envforge.errors import EnvforgeError, UsageError
from envforge.evaluation.exam import Exam
from envforge.evaluation.subjects import subjects_of
from envforge.growth.decisions import Silent
from envforge.growth.planting import plant
from envforge.novelty import NoveltyGate
from envforge.policies import Request
from envforge.policies.weights import weights_version
from envforge.pool import Pool
from envforge.recipe import Recipe
from envforge.registry import Registry, RunRecord
from envforge.sandbox import Sandbox
from envforge.sources import read_sources
from envforge.training.desk import Desk
from envforge.training.model import (
    check_packages,
    load_model,
    micro_batch,
    peft_config,
    place_of,
    trl_config,
    world_size,
)
from envforge.training.proposing import Generator
from envforge.training.source import Source
from envforge.training.steps import Answer, Steps
from envforge.training.voice import Voice
from envforge.training.watching import TrainingStopped, TrainingSummary, TrainingWatcher
from envforge.verdict import LevelResult


def train(
    recipe: Recipe,
    registry: Registry,
    sandbox: Sandbox,
    *,
    run: RunRecord,
    folder: Path,
    watcher: TrainingWatcher,
    resume: Path | None = None,
) -> TrainingSummary:
    """Train as `recipe` says, on the main process. `folder` gets the checkpoints and event files; `resume` is a
    checkpoint to go on from.

    The first SIGINT or SIGTERM ends the run after the step under way, with a checkpoint. Raises UsageError for what
    cannot be trained, TrainingStopped (after a checkpoint) when the run cannot go on.
    """
    check_packages(recipe)
    began = time.perf_counter()
    micro_batch(recipe)  # says what cannot be divided, before the environments are examined
    trained, held_out = _planted(recipe, registry, sandbox, run, watcher)
    pool = Pool(registry, recipe.config.pool, recipe.schedule.seed)
    source = Source(registry, pool, sandbox, recipe.prompt, run.id, recipe.pictures)
    voice = Voice() if recipe.roles.generator_groups and not recipe.roles.policy else None
    generator = None
    if recipe.roles.generator_groups:
        novelty = NoveltyGate(recipe.config.novelty, embedding.choose(recipe.config.novelty.embeddings))
        generator = Generator(registry, sandbox, novelty, recipe, run, voice)
    desk = Desk(recipe, registry, pool, source, generator, run, watcher, voice)
    try:
        drawn = {m.id: m for m in pool.members if m.state == "active" and pool.draws(m)}
        chosen = [id for id in trained if id in drawn or not recipe.config.pool.buckets] or list(drawn)
        return _Run(recipe, sandbox, folder, desk, chosen, held_out).go(resume, began)
    finally:
        if generator is not None:
            generator.close()


def follow(recipe: Recipe, sandbox: Sandbox, folder: Path, resume: Path | None = None) -> None:
    """The same on every other process: it has no registry, and does what the main one tells."""
    check_packages(recipe)
    _Run(recipe, sandbox, folder, None, (), ()).go(resume, time.perf_counter())


def _planted(
    recipe: Recipe, registry: Registry, sandbox: Sandbox, run: RunRecord, watcher: TrainingWatcher
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Bring the recipe's environments into the registry; returns the ids of those that are trained on (none: whatever
    the pool holds) and of those that are held out."""
    places = recipe.environments
    files = [source for place in places.folders for source in read_sources([Path(place)])]
    apart: list[Any] = []
    ids: list[str] = []
    for place in places.held_out:
        if Path(place).exists():
            found = read_sources([Path(place)])
            apart += found
            ids += [content_id(source.source) for source in found]
        else:
            ids.append(registry.environment(place).id)
    clash = {content_id(source.source) for source in files} & set(ids)
    if clash:
        raise UsageError(f"[environments]: {min(clash)} is both in folders and in held_out: leave it in one")
    if files or apart:
        told = _Planting(watcher)
        for decision in plant(registry, sandbox, recipe.config, [*files, *apart], told):
            if decision.outcome == "rejected":
                raise UsageError(
                    f"[environments]: '{decision.title}' did not pass the gates ({decision.stage}: {decision.reason})"
                )
    if ids:
        with registry.transaction() as transaction:
            transaction.hold_out(ids, f"held out by training run {run.id}", run.id)
    trained = tuple(dict.fromkeys(content_id(source.source) for source in files))
    return trained, tuple(dict.fromkeys(ids) if ids else registry.held_out())


class _Planting(Silent):
    """Tells the watcher of a run what planting tells."""

    def __init__(self, watcher: TrainingWatcher) -> None:
        self._watcher = watcher

    def planting(self, total: int) -> None:
        if total:
            self._watcher.notice(f"examining {total} environments of the recipe")


class _Run:
    """One process's part of a run. `desk` is None in every process but the main one."""

    def __init__(
        self,
        recipe: Recipe,
        sandbox: Sandbox,
        folder: Path,
        desk: Desk | None,
        trained: Sequence[str],
        held_out: Sequence[str],
    ) -> None:
        self.recipe, self.sandbox, self.folder = recipe, sandbox, folder
        self.desk, self.trained, self.held_out = desk, trained, held_out
        self.version = ""  # of the weights that the run began with
        self.steps = Steps(recipe, sandbox, desk)
        self.learner: Any = None

    def go(self, resume: Path | None, began: float) -> TrainingSummary:
        """All of it."""
        import torch
        import transformers

        transformers.set_seed(self.recipe.schedule.seed)
        self.learner = self._learner(torch)
        self._check_sight()
        start = _step_of(resume)
        before = self._evaluated("before", 0) if resume is None else ()
        if self.desk is not None:
            steps = self.recipe.schedule.steps
            self.desk.watcher.begun(self.desk.run, self.folder, start, steps)
        with _interrupts(self.steps):
            ended = self._trained(resume)
        learner, checkpoint = self.learner, Path(self.learner.checkpoint_folder())
        after = self._evaluated("after", learner.state.global_step) if ended == "finished" else ()
        learner.together.wait()
        self.steps.scorer.close()
        return TrainingSummary(
            run=self.desk.run.id if self.desk else 0,
            steps=learner.state.global_step,
            seconds=time.perf_counter() - began,
            ended=ended,
            checkpoint=checkpoint if checkpoint.is_dir() else None,
            before=before,
            after=after,
        )

    def _check_sight(self) -> None:
        """Raise UsageError when there are pictures for a model that reads text alone."""
        from envforge.training.learner import BLIND

        if self.desk is None or self.learner.sees:
            return
        pool, held_out = self.desk.pool, set(self.held_out)
        for member in pool.members:
            shown = member.id in held_out or (member.state == "active" and pool.draws(member))
            if shown and member.environment.bucket is not None:
                raise UsageError(BLIND.format(what=f"environment {member.id}"))

    def _learner(self, torch: Any) -> Any:
        from transformers import PrinterCallback, ProgressCallback

        from envforge.training.callbacks import Following
        from envforge.training.learner import Learner
        from envforge.training.masters import make_optimizer
        from envforge.training.tickets import ticket_dataset

        recipe = self.recipe
        place = place_of(recipe, self.desk.watcher.notice if self.desk else lambda _: None)
        args = trl_config(recipe, self.folder)
        model, tokenizer = load_model(recipe, place)
        rounded = recipe.model.masters and any(p.dtype != torch.float32 for p in model.parameters())
        optimizers: tuple[Any, Any] = (None, None)
        if (
            rounded
            and recipe.model.method == "full"
            and not (recipe.processes.fsdp or recipe.processes.deepspeed)
        ):
            optimizer = make_optimizer(
                model.parameters(), recipe.grpo.learning_rate, recipe.grpo.weight_decay, masters=True
            )
            optimizers = (optimizer, None)
        learner = Learner(
            recipe,
            self.steps,
            recipe.model.path,
            model=model,
            args=args,
            train_dataset=ticket_dataset(),
            processing_class=tokenizer,
            peft_config=peft_config(recipe),
            optimizers=optimizers,
            callbacks=[Following(self.steps, self._evaluated)],
        )
        for callback in (PrinterCallback, ProgressCallback):
            learner.remove_callback(callback)
        self.version = weights_version(place)
        return learner

    def _trained(self, resume: Path | None) -> str:
        """The steps; returns how they ended."""
        from envforge.training.learner import BadStep

        learner = self.learner
        try:
            learner.train(resume_from_checkpoint=str(resume) if resume else None)
        except (EnvforgeError, BadStep, OSError) as error:
            if isinstance(error, UsageError):
                raise
            raise TrainingStopped(_sentence(error), self._saved()) from error
        return "interrupted" if self.steps.stopped else "finished"

    def _saved(self) -> Path | None:
        """A checkpoint of the last step that was completed, for a run that cannot go on; None before the first."""
        learner = self.learner
        folder = Path(learner.checkpoint_folder())
        if learner.state.global_step == 0:
            return None
        if not folder.is_dir():
            self.steps.rewind_chance()
            learner.save_now()
        self.steps.save_failed(str(folder))
        return folder

    def _evaluated(self, name: str, step: int) -> tuple[LevelResult, ...]:
        """Collective: measure the model as it is, on seeds that training never draws."""
        evaluation = self.recipe.evaluation
        if not evaluation.instances:
            return ()
        learner, desk = self.learner, self.desk

        def work(answer: Answer) -> tuple[LevelResult, ...]:
            assert desk is not None
            exam = self._exam(desk)
            desk.watcher.evaluating(name, len(exam.requests) * evaluation.samples)
            replies = [reply for part in _parts(exam.requests) for reply in answer(part)]
            results = exam.mark(replies)
            with desk.registry.transaction() as transaction:
                transaction.add_evaluation(
                    policy=desk.version(step) if step else self.version,
                    name=name,
                    settings=dataclasses.asdict(evaluation),
                    results=results,
                    run_id=desk.run.id,
                    step=step,
                )
            desk.watcher.evaluated(name, results)
            desk.pause()
            return results

        found = learner.together.told(self.steps.asked(work))
        return found or ()

    def _exam(self, desk: Desk) -> Exam:
        registry, recipe = desk.registry, self.recipe
        width = recipe.pictures.width
        subjects = subjects_of(registry, self.trained, "trained", width) if recipe.evaluation.trained else []
        subjects += subjects_of(registry, self.held_out, "held-out", width)
        return Exam(
            subjects,
            self.sandbox,
            recipe.evaluation,
            recipe.prompt,
            recipe.generation.solver_tokens,
            recipe.schedule.seed,
        )


def _parts(requests: Sequence[Request], size: int = 256) -> Iterator[Sequence[Request]]:
    for first in range(0, len(requests), size):
        yield requests[first : first + size]


def _step_of(checkpoint: Path | None) -> int:
    return int(checkpoint.name.rpartition("-")[2]) if checkpoint is not None else 0


def _sentence(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text[:500] or type(error).__name__


@contextmanager
def _interrupts(steps: Steps) -> Iterator[None]:
    """The first SIGINT or SIGTERM asks for an end after this step, the second one is what it always is.

    Among several processes SIGTERM is left alone: a launcher sends it to end those that wait for one that is gone.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    numbers = [signal.SIGINT] if world_size() > 1 else [signal.SIGINT, signal.SIGTERM]
    before = {n: signal.getsignal(n) for n in numbers if signal.getsignal(n) is not signal.SIG_IGN}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    def asked(*_: Any) -> None:
        steps.interrupted = True
        restore()
        if steps.desk is not None:
            steps.desk.watcher.notice("stopping after this step; Ctrl-C once more stops at once")

    for number in before:
        signal.signal(number, asked)
    try:
        yield
    finally:
        restore()
