"""The generator role: what is asked for, what came, what the gates and the policy say of it, and what it earns."""

from __future__ import annotations

import dataclasses
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from functools import partial
from typing import Any

from envforge.calibration import Calibrator
from envforge.contract import Proposal, content_id, derive_seed
from envforge.growth.crew import Crew
from envforge.growth.decisions import STAGES, Decision
from envforge.growth.pipeline import Candidate, Pipeline, Round, View
from envforge.growth.recording import Recorder
from envforge.novelty import NoveltyGate
from envforge.policies import Completion, NoReply, Policy, PolicyError, Request, Sampling
from envforge.policies.flight import Flight
from envforge.policies.kinds import make_policy
from envforge.proposers import Plan
from envforge.proposers.model import ModelProposer, completed
from envforge.recipe import Recipe
from envforge.recipe.prompt import solver_messages
from envforge.registry import Registry, RunRecord
from envforge.sandbox import Sandbox
from envforge.training.voice import Answer, Answers, Voice
from envforge.verdict import Stage

LOST = "lost"  # finish reason of a proposal that could not be had
ASKING = 256  # requests that the model in training may find waiting at once (ours)
EXAMINING = 128  # candidates under way at once (ours)


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of the proposals of one step, in their order.

    A reward is None where it would say nothing about the proposal: a failure of ours, or no pass rate because a
    review rejected the program (reviews gate and never enter a reward: EvoEnv). `rounds` of each decision are 0.
    """

    rewards: tuple[float | None, ...]
    decisions: tuple[Decision, ...]
    admitted: tuple[str, ...]  # ids
    reached: dict[str, tuple[int, int]]  # by stage: proposals that met it, and that passed it
    tokens: dict[str, int]  # by role, prompts included
    seconds: float  # of wall time in all
    answering: float  # of these, until the model in training had answered

    @property
    def metrics(self) -> dict[str, float | None]:
        """The figures that a step records."""
        known = [reward for reward in self.rewards if reward is not None]
        figures: dict[str, float | None] = {
            "proposals": float(len(self.rewards)),
            "generator_reward": sum(known) / len(known) if known else None,
            "admitted": float(len(self.admitted)),
            "gates_seconds": self.seconds - self.answering,
        }
        for stage, (met, passed) in self.reached.items():
            figures |= {f"met_{stage}": float(met), f"passed_{stage}": float(passed)}
        return figures


class Generator:
    """The generator role of one run, on the main process and its main thread.

    The recipe's `[roles] policy` says who writes, reviews and solves: the model in training, which speaks through
    `voice`, or a policy of its own. Responses are samples of a learner, so no program is ever repaired.
    """

    def __init__(
        self,
        registry: Registry,
        sandbox: Sandbox,
        novelty: NoveltyGate,
        recipe: Recipe,
        run: RunRecord,
        voice: Voice | None,
    ) -> None:
        """Raises UsageError or ProposerError for a policy that cannot be made."""
        if not recipe.roles.policy and voice is None:
            raise ValueError("without a policy of its own the generator role needs the voice of the learner")
        self.registry = registry
        self.sandbox = sandbox
        self.novelty = novelty
        self.recipe = recipe
        self.run = run
        self._voice = None if recipe.roles.policy else voice
        self.policy: Policy = self._voice or make_policy(recipe.roles.policy)
        self._config = recipe.config
        self._flight = Flight(self.policy, self._config.policy.concurrency)
        self._proposer = ModelProposer(
            self._flight,
            seed=recipe.schedule.seed,
            exemplars=recipe.roles.exemplars,
            config=self._config.policy,
        )
        self._recorder = Recorder(registry, sandbox, novelty, self._config, rewarded=True)
        self._recorder.take_in(registry.entries(0))
        if novelty.embedder is not None:
            novelty.remember(registry.embeddings(novelty.embedder.model))
        recorded = registry.proposals(run.id)
        self._next = 1 + max((proposal.index for proposal in recorded), default=-1)
        self._history = dict.fromkeys(proposal.operation for proposal in recorded)  # an ordered set
        self._problems: dict[int, str] = {}  # why a proposal could not be had, by index

    @property
    def writes(self) -> bool:
        """Whether the programs are written by a policy of its own (see `written`), not by the model in training."""
        return self._voice is None

    def state(self) -> dict[str, Any]:
        """What a checkpoint keeps."""
        return {"next": self._next}

    def load(self, state: Mapping[str, Any]) -> None:
        """Go on after a checkpoint, or behind what was recorded since it: an index is used once."""
        recorded = self.registry.proposals(self.run.id)
        self._next = max(int(state["next"]), 1 + max((proposal.index for proposal in recorded), default=-1))

    def plan(self, groups: int, size: int, number: int) -> list[Plan]:
        """The requests for `groups` prompts with `size` responses each; response j of a plan has the index
        `plan.index` + j. `number` counts the calls of the run: it decides what is asked, so that a resumed run asks
        the same whatever indices are free."""
        self._recorder.take_in(self.registry.entries(self._recorder.cursor))
        statuses, held_out = self.registry.statuses(), self.registry.held_out()
        library = [
            entry
            for _, entry in self._recorder.accepted(statuses)
            if statuses[entry.program.id] == "admitted" and entry.program.id not in held_out
        ]
        asked = range(number * groups, (number + 1) * groups)
        plans = [
            dataclasses.replace(plan, index=self._next + place * size)
            for place, plan in enumerate(self._proposer.plan(library, self._history, asked))
        ]
        self._next += groups * size
        self._history |= dict.fromkeys(plan.operation for plan in plans)
        return plans

    def written(self, plan: Plan, size: int) -> list[Completion]:
        """`size` responses of the policy of its own to one plan; one that could not be had ends with LOST.

        Raises PolicyError when the next ones would fail too, and NoReply at the end of a recording.
        """
        assert self.writes, "the model in training draws its responses itself"
        generation = self.recipe.generation
        requests = [
            Request(
                f"propose/{index}",
                plan.messages,
                Sampling(
                    temperature=generation.temperature,
                    top_p=generation.top_p,
                    max_tokens=generation.generator_tokens,
                    seed=derive_seed("propose", self.recipe.schedule.seed, index),
                ),
            )
            for index in range(plan.index, plan.index + size)
        ]
        found = []
        for offset, reply in enumerate(self._flight.gather(requests)):
            if isinstance(reply, PolicyError):
                if reply.fatal or isinstance(reply, NoReply):
                    raise reply
                self._problems[plan.index + offset] = str(reply)
                found.append(Completion("", 0, 0, LOST))
            else:
                found.append(reply[0])
        return found

    def proposal(
        self,
        plan: Plan,
        offset: int,
        text: str,
        finish_reason: str,
        prompt_tokens: int,
        completion_tokens: int,
    ) -> Proposal:
        """Response number `offset` to `plan` as a proposal, with its transcript."""
        index = plan.index + offset
        asked = Proposal(index, self.policy.name, plan.operation, None, plan.parents)
        messages = [dict(message) for message in plan.messages]
        transcript: dict[str, Any] = {"messages": messages, "completion": None, "usage": None}
        if finish_reason == LOST:
            problem = self._problems.get(index, "the request failed")
            return dataclasses.replace(asked, transcript=transcript, problem=problem)
        return completed(asked, transcript, Completion(text, prompt_tokens, completion_tokens, finish_reason))

    def judge(self, proposals: Sequence[Proposal], answer: Answer | None = None) -> Judged:
        """Take all proposals through gates, novelty, review and calibration, and decide them in one transaction.

        `answer` lets the model in training reply to a batch of requests; it is called from this thread, and needed
        unless the recipe names a policy. Raises SandboxError, fatal PolicyErrors and whatever `answer` raises: then
        nothing has been recorded, and the same proposals can be judged once more.
        """
        began = time.perf_counter()
        self._recorder.take_in(self.registry.entries(self._recorder.cursor))
        candidates, answering = self._candidates(proposals, answer)
        run = self.run
        if any(candidate.reviews or candidate.calibration for candidate in candidates):
            run = dataclasses.replace(run, policy=self.policy.version)
        decisions: list[Decision] = []
        rewards: list[float | None] = []
        with self._recorder.transaction() as transaction:
            for candidate in candidates:
                decision, _, usage = self._recorder.decide(transaction, run, candidate)
                decisions.append(decision)
                rewards.append(usage["reward"])
        tokens: Counter[str] = Counter()
        for candidate in candidates:
            tokens.update(candidate.tokens)
        return Judged(
            rewards=tuple(rewards),
            decisions=tuple(decisions),
            admitted=tuple(d.environment for d in decisions if d.outcome == "admitted" and d.environment),
            reached=_reached(candidates, decisions),
            tokens=dict(tokens),
            seconds=time.perf_counter() - began,
            answering=answering,
        )

    def close(self) -> None:
        """Let go of a policy of its own; the voice is its owner's."""
        self._flight.close()
        if self._voice is None:
            self.policy.close()

    def _candidates(
        self, proposals: Sequence[Proposal], answer: Answer | None
    ) -> tuple[list[Candidate], float]:
        """What was found out about each proposal, side by side in threads, and the seconds spent in `answer`."""
        # Requests of a judgement that was given up must reach nobody any more, so each has a flight of its own.
        concurrency = self._config.policy.concurrency
        flight = Flight(self.policy, concurrency if self._voice is None else max(concurrency, ASKING))
        pipeline = self._pipeline(flight)
        accepted = [entry for _, entry in self._recorder.accepted(self.registry.statuses())]
        view = View(accepted, lambda id: self.registry.status(id) is not None)
        crew = Crew(min(max(1, len(proposals)), EXAMINING), "proposal")
        futures: list[Future[Candidate]] = []
        if self._voice is not None:
            self._voice.open()
        try:
            seen: set[str] = set()
            for proposal in proposals:
                id = None if proposal.source is None else content_id(proposal.source)
                # The second one of the same source is a duplicate, whatever becomes of the first.
                work = _settled if id is None or id in seen else partial(pipeline.judge, view=view)
                seen |= {id} if id is not None else set()
                futures.append(crew.submit(partial(work, proposal)))
            answering = self._serve(futures, answer)
            return [future.result() for future in futures], answering
        except BaseException:
            if self._voice is not None:
                self._voice.close()  # frees whoever asks although nobody answers any more
            raise
        finally:
            for future in futures:
                future.cancel()  # what has not begun
            flight.close()
            crew.close()

    def _serve(self, futures: Sequence[Future[Candidate]], answer: Answer | None) -> float:
        """Wait until all is found out, and answer meanwhile; returns the seconds of answering.

        The first error of a candidate ends it, as soon as the answer under way is given.
        """
        if self._voice is None:
            return 0.0
        spent = 0.0
        for future in futures:
            future.add_done_callback(self._woken)

        def done() -> bool:
            for future in futures:
                if future.done() and (error := future.exception()) is not None:
                    raise error
            return all(future.done() for future in futures)

        def answered(requests: Sequence[Request]) -> Answers:
            nonlocal spent
            done()
            if answer is None:
                raise ValueError("the model in training has to answer, and nothing says how")
            began = time.perf_counter()
            replies = answer(requests)
            spent += time.perf_counter() - began
            return replies

        self._voice.serve(done, answered)
        return spent

    def _woken(self, _: Future[Candidate]) -> None:
        if self._voice is not None:
            self._voice.wake()

    def _pipeline(self, flight: Flight) -> Pipeline:
        """The steps; the model in training is asked as it is in training."""
        pipeline = Pipeline.made(self.sandbox, self._proposer, self.novelty, self._config, flight)
        if self._voice is not None:
            generation, prompt = self.recipe.generation, self.recipe.prompt
            pipeline.calibrator = Calibrator(
                self.sandbox,
                flight,
                self._config.calibration,
                self._config.policy,
                messages=lambda text, picture: solver_messages(text, prompt, picture),
                sampling=Sampling(
                    temperature=generation.temperature,
                    top_p=generation.top_p,
                    max_tokens=generation.solver_tokens,
                ),
                width=self.recipe.pictures.width,
            )
        return pipeline


def _settled(proposal: Proposal) -> Candidate:
    """The candidate of a proposal with nothing to examine: no program, or one that its batch holds before it."""
    lost = proposal.source is None and (proposal.transcript or {}).get("completion") is None
    return Candidate((Round(proposal, None),), unfinished=proposal.problem or LOST if lost else "")


def _reached(candidates: Sequence[Candidate], decisions: Sequence[Decision]) -> dict[str, tuple[int, int]]:
    """By stage, in order: proposals that met it and that passed it. What a failure of ours kept from a stage has not
    met it."""
    met: Counter[Stage] = Counter()
    passed: Counter[Stage] = Counter()
    for candidate, decision in zip(candidates, decisions):
        end = Stage(decision.stage) if decision.stage else None
        missed = None  # the stage that it could not be taken through
        if candidate.unfinished:
            missed = Stage.CALIBRATION if candidate.reviews else Stage.REVIEW
            if candidate.final.proposal.source is None:
                missed = Stage.PROPOSAL
        for stage in STAGES:
            if stage is missed:
                break
            met[stage] += 1
            if stage is end:
                break
            passed[stage] += 1
    return {stage.value: (met[stage], passed[stage]) for stage in STAGES}
