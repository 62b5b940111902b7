"""The generator role of training: what is asked, what each proposal earns, and the voice of the model in training."""

from __future__ import annotations

import dataclasses
import math
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from transcripts import build

from envforge.config import Config, ValidationConfig
from envforge.contract import Proposal
from envforge.errors import SandboxError
from envforge.growth import plant
from envforge.growth.decisions import Decision, Summary
from envforge.locations import data_folder
from envforge.novelty import NoveltyGate
from envforge.policies import Completion, PolicyError, Request, Sampling
from envforge.policies.replay import ReplayPolicy
from envforge.proposers import Plan
from envforge.recipe import Recipe
from envforge.recipe.prompt import solver_messages
from envforge.recipe.sections import GenerationConfig, PromptConfig, RolesConfig, ScheduleConfig
from envforge.registry import Registry, RunRecord
from envforge.reward import novelty_factor
from envforge.sandbox import Sandbox
from envforge.sources import read_folder
from envforge.training.proposing import LOST, Generator, Judged
from envforge.training.voice import Voice
from envforge.validation import Validator

SEEDS = data_folder("seeds") / "text"
SEED_NAMES = ("modular_recurrence.py", "coin_change.py")
# Small samples: what ends where does not hang on them.
CONFIG = Config(
    validation=ValidationConfig(sample_per_level=16, hash_seeds=1, attacked_per_level=1, drawn_answers=5)
)
FAR = 60.0  # seconds: far beyond what anything here takes

# Where each candidate of the hand-written transcript comes from, and what its first reply has to end as.
FIRST = (
    (0, "admitted", ""),
    (2, "rejected", "review"),
    (3, "rejected", "L2"),  # without the repair that mends it in a growth
    (4, "none", "proposal"),
    (7, "validated", "calibration"),
    (11, "none", "proposal"),  # the request failed
    (12, "duplicate", ""),  # the source of the first one
    (14, "rejected", "novelty"),  # the first one in other words
    (None, "rejected", "L1"),
)
LATER = ((17, "admitted", ""), (10, "rejected", "L5"))
GOOD = 9  # index of the first of LATER
PROGRAMS = Path(__file__).parent / "programs"
NO_TITLE = f"```python\n{(PROGRAMS / 'defective' / 'L1_docstring_missing.py').read_text('utf-8')}```\n"


class Quiet:
    """A watcher that is told and says nothing."""

    def planting(self, total: int) -> None: ...

    def planted(self, decision: Decision) -> None: ...

    def growing(self, run: RunRecord, done: int, limit: int, summary: Summary) -> None: ...

    def decided(self, decision: Decision) -> None: ...


@pytest.fixture(scope="module")
def transcript(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with these candidates only, numbered from 0, their repairs left out."""
    folder = tmp_path_factory.mktemp("handwritten")
    for shared in build.FOLDER.glob("accept*.reply"):
        shutil.copy(shared, folder)
    candidates = build.read()
    for index, (origin, outcome, stage) in enumerate(FIRST + LATER):
        fields = {"kind": "good", "note": "A candidate.", "outcome": outcome, "stage": stage, "rounds": 0}
        if origin is None:
            (folder / f"{index:03d}.reply").write_text(NO_TITLE)
        else:
            source = candidates[origin]
            fields |= {"solve": source.solve} | ({"error": source.error} if source.error else {})
            for file in build.FOLDER.glob(f"{origin:03d}.re*.reply"):
                if "repair" not in file.name:
                    shutil.copy(file, folder / f"{index:03d}.{file.name.partition('.')[2]}")
            if not source.error:
                shutil.copy(build.FOLDER / f"{origin:03d}.reply", folder / f"{index:03d}.reply")
        lines = [f'{key} = "{value}"' for key, value in fields.items() if isinstance(value, str)]
        (folder / f"{index:03d}.toml").write_text("\n".join([*lines, "rounds = 0"]) + "\n")
    return folder


@pytest.fixture(scope="module")
def recording(transcript: Path) -> Path:
    path = transcript / "said.jsonl"
    build.build(path, transcript)
    return path


@pytest.fixture(scope="module")
def planted(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A registry that holds two seeds and no run."""
    folder = tmp_path_factory.mktemp("seeds")
    for name in SEED_NAMES:
        shutil.copy(SEEDS / name, folder)
    path = folder / "planted.db"
    with Registry.open(path, create=True) as registry:
        plant(registry, sandbox, CONFIG, read_folder(folder), Quiet())
    return path


@pytest.fixture
def registry(planted: Path, tmp_path: Path) -> Iterator[Registry]:
    path = tmp_path / "library.db"
    shutil.copy(planted, path)
    with Registry.open(path) as opened:
        yield opened


def start(registry: Registry) -> RunRecord:
    return registry.run(
        registry.start_run(proposer="train", seed=0, config={}, version="0", isolation="1", policy=None)
    )


def recipe(policy: str, **sections: Any) -> Recipe:
    return Recipe(
        roles=RolesConfig(generator_groups=1, policy=policy, exemplars=1), config=CONFIG, **sections
    )


def made(
    registry: Registry,
    sandbox: Sandbox,
    recipe: Recipe,
    run: RunRecord | None = None,
    voice: Voice | None = None,
) -> Generator:
    novelty = NoveltyGate(recipe.config.novelty)
    return Generator(registry, sandbox, novelty, recipe, run or start(registry), voice)


def proposals(generator: Generator, plans: Sequence[Plan], size: int) -> list[Proposal]:
    """What the generator's own policy wrote to the plans."""
    return [
        generator.proposal(
            plan,
            offset,
            said.text,
            said.finish_reason or "",
            said.prompt_tokens or 0,
            said.completion_tokens or 0,
        )
        for plan in plans
        for offset, said in enumerate(generator.written(plan, size))
    ]


@dataclasses.dataclass(frozen=True)
class Step:
    """One step of a run whose programs come from the recording."""

    db: Path
    recipe: Recipe
    run: RunRecord
    plans: list[Plan]
    judged: Judged


@pytest.fixture(scope="module")
def step(
    sandbox: Sandbox, planted: Path, recording: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Step]:
    """Three groups of three proposals, judged together."""
    db = tmp_path_factory.mktemp("step") / "library.db"
    shutil.copy(planted, db)
    with Registry.open(db) as registry:
        chosen = recipe(f"replay:{recording}")
        run = start(registry)
        generator = made(registry, sandbox, chosen, run)
        plans = generator.plan(3, 3, 0)
        judged = generator.judge(proposals(generator, plans, 3))
        generator.close()
    yield Step(db, chosen, run, plans, judged)


def test_each_proposal_ends_where_it_should(step: Step) -> None:
    found = [(decision.index, decision.outcome, decision.stage or "") for decision in step.judged.decisions]
    wanted = [
        (index, outcome, stage or ("novelty" if outcome == "duplicate" else ""))
        for index, (_, outcome, stage) in enumerate(FIRST)
    ]
    assert found == wanted
    assert [plan.index for plan in step.plans] == [0, 3, 6]
    assert len(step.judged.admitted) == 1


def test_rewards_are_those_of_the_formula(step: Step) -> None:
    """Computed here once more from what the registry holds: 3 of 8 solved, and all of 8."""
    config = step.recipe.config.reward
    rewards = step.judged.rewards

    def worth(place: int, solved: int) -> float:
        id = step.judged.decisions[place].environment
        assert id is not None
        with Registry.open(step.db, read_only=True) as registry:
            (calibration,) = [found.calibration for found in registry.calibrations(id)]
            (novelty,) = [v.verdict for v in registry.verdicts(id) if v.verdict.stage == "novelty"]
        floor = calibration.levels[0].guess_floor
        rate = (solved / 8 - floor) / (1 - floor)
        quality = math.exp(-((rate - 0.3) ** 2) / (2 * 0.2**2))
        return quality * (1 + novelty_factor(novelty.evidence["similarity"], config))

    assert rewards[0] == pytest.approx(worth(0, 3)) and rewards[0] is not None and rewards[0] > 0.5
    assert rewards[4] == pytest.approx(worth(4, 8)) and rewards[4] is not None and rewards[4] < 0.2
    assert rewards[1] is None  # reviews gate and never enter a reward
    assert rewards[2] == config.failed_l2
    assert rewards[3] == config.no_program
    assert rewards[5] is None  # the request failed: our fault
    assert rewards[6] == rewards[7] == config.duplicate
    assert rewards[8] == config.failed_l1
    known = [reward for reward in rewards if reward is not None]
    assert step.judged.metrics["generator_reward"] == pytest.approx(sum(known) / 7)
    with Registry.open(step.db, read_only=True) as registry:
        rows = registry.proposals(step.run.id)
    assert [row.usage and row.usage["reward"] for row in rows] == list(rewards)


def test_counts_by_stage(step: Step) -> None:
    """By hand: nine proposals, of which one was never had and one no program, and so on down."""
    wanted = {
        "proposal": (8, 7),
        "L1": (7, 6),
        "L2": (6, 5),
        "L3": (5, 5),
        "L4": (5, 5),
        "L5": (5, 5),
        "picture": (5, 5),  # there is none to object to
        "novelty": (5, 3),  # the duplicate and the one in other words
        "review": (3, 2),
        "calibration": (2, 1),
    }
    assert step.judged.reached == wanted
    metrics = step.judged.metrics
    assert (metrics["met_review"], metrics["passed_review"]) == (3, 2)
    assert (metrics["proposals"], metrics["admitted"]) == (9, 1)
    assert set(step.judged.tokens) == {"propose", "review", "solve"}


def test_what_is_kept_of_an_admitted_proposal(step: Step) -> None:
    (id,) = step.judged.admitted
    with Registry.open(step.db, read_only=True) as registry:
        record = registry.environment(id)
        assert record.status == "admitted" and record.summary.run == step.run.id
        assert record.parents == step.plans[0].parents and len(record.parents) == 1
        assert record.summary.depth == 1
        stages = [given.verdict.stage.value for given in registry.verdicts(id)]
        assert stages == ["L1", "L2", "L3", "L4", "L5", "novelty", "review", "calibration"]
        (calibration,) = registry.calibrations(id)
        assert calibration.calibration.policy == build.POLICY
        assert [given.policy for given in registry.reviews(id)] == [build.POLICY] * 3
        transcripts = dict(registry.transcripts(step.run.id))
        assert transcripts[0]["messages"] == [dict(message) for message in step.plans[0].messages]
        assert "```" in transcripts[0]["completion"] and transcripts[5]["completion"] is None


def test_a_resumed_run_goes_on_behind_what_is_recorded(
    step: Step, sandbox: Sandbox, transcript: Path, tmp_path: Path
) -> None:
    """Its checkpoint is older than the registry: no index comes twice, and the request is that of its number."""
    db = tmp_path / "library.db"
    shutil.copy(step.db, db)
    with Registry.open(db) as registry:
        generator = made(registry, sandbox, step.recipe, step.run)
        generator.load({"next": 3})
        (plan,) = generator.plan(1, 2, 1)
        assert plan.index == GOOD and generator.state() == {"next": GOOD + 2}
        said = generator.written(plan, 2)
        assert [one.text for one in said] == [
            (transcript / f"{index:03d}.reply").read_text("utf-8") for index in (GOOD, GOOD + 1)
        ]
        judged = generator.judge(proposals(generator, [plan], 2))
        assert [(d.index, d.outcome, d.stage) for d in judged.decisions] == [
            (GOOD, "admitted", None),
            (GOOD + 1, "rejected", "L5"),
        ]
        assert judged.rewards[1] == step.recipe.config.reward.failed_l5
        generator.load({"next": 40})
        assert generator.plan(1, 2, 2)[0].index == 40
        with pytest.raises(PolicyError, match="holds no reply to propose/40"):
            generator.written(dataclasses.replace(plan, index=40), 1)


def test_what_is_asked_depends_on_the_number_alone(registry: Registry, sandbox: Sandbox) -> None:
    voice = Voice()
    one, two = (made(registry, sandbox, recipe(""), voice=voice) for _ in range(2))
    two.load({"next": 100})
    first, second = one.plan(2, 4, 5), two.plan(2, 4, 5)
    assert [plan.index for plan in first] == [0, 4] and [plan.index for plan in second] == [100, 104]
    assert [plan.messages for plan in first] == [plan.messages for plan in second]
    asked = [plan.messages[-1]["content"] for plan in (*first, *one.plan(2, 4, 6))]
    assert len(set(asked)) == 4


def test_what_is_held_out_is_shown_to_no_generator(registry: Registry, sandbox: Sandbox) -> None:
    held, kept = (entry.program for entry in registry.library())
    generator = made(registry, sandbox, recipe(""), voice=Voice())
    assert {plan.parents for plan in generator.plan(8, 1, 0)} == {(held.id,), (kept.id,)}
    with registry.transaction() as transaction:
        transaction.hold_out([held.id], "a test")
    plans = generator.plan(8, 1, 1)
    assert {plan.parents for plan in plans} == {(kept.id,)}
    assert not any(held.title in message["content"] for plan in plans for message in plan.messages)


# The model in training ----------------------------------------------------------------------------------


def learner(registry: Registry, sandbox: Sandbox, transcript: Path) -> tuple[Generator, list[Proposal]]:
    """A generator whose learner wrote a good program and one that is none."""
    voice = Voice(version="run-1/step-3")
    sections = {
        "prompt": PromptConfig(system="Be brief.", question="What is 1 + 1?", answer="<answer>2</answer>"),
        "generation": GenerationConfig(solver_tokens=77, temperature=0.9, top_p=0.8),
        "schedule": ScheduleConfig(seed=4),
    }
    generator = made(registry, sandbox, recipe("", **sections), voice=voice)
    (plan,) = generator.plan(1, 2, 0)
    text = (transcript / f"{GOOD:03d}.reply").read_text("utf-8")
    return generator, [
        generator.proposal(plan, 0, text, "stop", 10, 20),
        generator.proposal(plan, 1, "I would rather not.", "stop", 10, 4),
    ]


class Speaker:
    """Answers as the recording does, on whichever thread it is called."""

    def __init__(self, recording: Path) -> None:
        self.replay = ReplayPolicy(recording)
        self.requests: list[Request] = []
        self.threads: set[int] = set()

    def __call__(self, requests: Sequence[Request]) -> list[list[Completion] | PolicyError]:
        self.requests += requests
        self.threads.add(threading.get_ident())
        return [self.one(request) for request in requests]

    def one(self, request: Request) -> list[Completion] | PolicyError:
        return self.replay.complete(request)


def threads() -> list[str]:
    """The threads that a judgement starts and that are alive."""
    names = ("proposal-", "envforge-flight")
    return [thread.name for thread in threading.enumerate() if thread.name.startswith(names)]


def wait_until_alone() -> None:
    """Every thread of a judgement ends by itself."""
    end = time.monotonic() + FAR
    while threads():
        assert time.monotonic() < end, f"still there: {threads()}"
        time.sleep(0.02)


def test_the_learner_reviews_and_solves_as_it_is_trained(
    registry: Registry, sandbox: Sandbox, transcript: Path, recording: Path
) -> None:
    generator, written = learner(registry, sandbox, transcript)
    speaker = Speaker(recording)
    judged = generator.judge(written, speaker)
    assert speaker.threads == {threading.get_ident()}
    assert [decision.outcome for decision in judged.decisions] == ["admitted", "none"]
    assert judged.rewards[1] == -1.0 and 0 <= judged.answering <= judged.seconds
    (id,) = judged.admitted
    (calibration,) = registry.calibrations(id)
    assert calibration.calibration.policy == "run-1/step-3"
    assert {given.policy for given in registry.verdicts(id)} == {None, "run-1/step-3"}
    solved = [request for request in speaker.requests if request.key.startswith("solve/")]
    assert len(solved) == 8 and len({request.sampling.seed for request in solved}) == 8
    for request in solved:
        question = request.messages[-1]["content"].rpartition("\n\n")[0]
        assert request.messages == solver_messages(question, generator.recipe.prompt)
        assert request.messages[0] == {"role": "system", "content": "Be brief."}
        limits = dataclasses.replace(request.sampling, seed=None)
        assert limits == Sampling(temperature=0.9, top_p=0.8, max_tokens=77)
    assert sum(request.key.startswith("review/") for request in speaker.requests) == 3
    wait_until_alone()


def test_ctrl_c_while_the_learner_answers_leaves_no_thread_and_no_record(
    registry: Registry, sandbox: Sandbox, transcript: Path, recording: Path
) -> None:
    generator, written = learner(registry, sandbox, transcript)

    def interrupted(requests: Sequence[Request]) -> list[list[Completion] | PolicyError]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        generator.judge(written, interrupted)
    wait_until_alone()
    assert registry.proposals(generator.run.id) == [] and len(registry.library()) == 2
    again = generator.judge(written, Speaker(recording))  # nothing was spent: the same can be judged again
    assert [decision.outcome for decision in again.decisions] == ["admitted", "none"]
    wait_until_alone()


def test_an_answer_that_cannot_be_had_is_no_reward(
    registry: Registry, sandbox: Sandbox, transcript: Path, recording: Path
) -> None:
    class Loses(Speaker):
        def one(self, request: Request) -> list[Completion] | PolicyError:
            lost = request.key.startswith("solve/") and request is self.requests[-1]
            return PolicyError("out of memory") if lost else super().one(request)

    generator, written = learner(registry, sandbox, transcript)
    judged = generator.judge(written, Loses(recording))
    assert judged.rewards == (None, -1.0)
    assert judged.decisions[0].outcome == "validated" and judged.admitted == ()
    assert "out of memory" in judged.decisions[0].reason
    assert judged.reached["review"] == (1, 1) and judged.reached["calibration"] == (0, 0)


def test_a_sandbox_that_fails_is_the_owners_to_retry(
    registry: Registry,
    sandbox: Sandbox,
    transcript: Path,
    recording: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def dead(*_: object) -> None:
        raise SandboxError("the sandbox is gone")

    generator, written = learner(registry, sandbox, transcript)
    with monkeypatch.context() as patch, pytest.raises(SandboxError, match="is gone"):
        patch.setattr(Validator, "examine", dead)
        generator.judge(written, Speaker(recording))
    assert registry.proposals(generator.run.id) == []
    wait_until_alone()


def test_a_transaction_that_fails_leaves_the_recorder_as_it_was(
    registry: Registry, sandbox: Sandbox, recording: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was taken in during it was never there: the same program has to be new when it is decided again."""
    generator = made(registry, sandbox, recipe(f"replay:{recording}"))
    plans = generator.plan(2, 1, 0)
    written = proposals(generator, [dataclasses.replace(plans[0], index=GOOD)], 1)
    written.append(generator.proposal(plans[1], 0, NO_TITLE, "stop", 1, 1))
    candidates = generator._candidates(written, None)
    monkeypatch.setattr(generator, "_candidates", lambda *_: candidates)
    decide, decided = generator._recorder.decide, []

    def fails(*given: Any) -> Any:
        decided.append(decide(*given))
        if len(decided) == 2:
            raise OSError("the disk is full")
        return decided[-1]

    with monkeypatch.context() as patch, pytest.raises(OSError, match="full"):
        patch.setattr(generator._recorder, "decide", fails)
        generator.judge(written)
    assert len(decided) == 2 and registry.proposals(generator.run.id) == []
    judged = generator.judge(written)
    assert [decision.outcome for decision in judged.decisions] == ["admitted", "rejected"]
    assert len(registry.library()) == 3


# The voice alone ----------------------------------------------------------------------------------------


def echo(requests: Sequence[Request]) -> list[list[Completion] | PolicyError]:
    return [[Completion(f"{request.key} {request.sampling.seed}")] for request in requests]


def request(thread: int, turn: int) -> Request:
    return Request(f"solve/{thread}/{turn}", (), Sampling(seed=1_000 * thread + turn))


def test_many_threads_are_answered_together_and_each_gets_its_own() -> None:
    voice, sizes = Voice(), []
    speakers: set[int] = set()

    def ask(thread: int) -> list[str]:
        return [voice.complete(request(thread, turn))[0].text for turn in range(8)]

    def answer(requests: Sequence[Request]) -> list[list[Completion] | PolicyError]:
        sizes.append(len(requests))
        speakers.add(threading.get_ident())
        return echo(requests)

    with ThreadPoolExecutor(32) as pool:
        futures = [pool.submit(ask, thread) for thread in range(32)]
        for future in futures:
            future.add_done_callback(lambda _: voice.wake())
        voice.serve(lambda: all(future.done() for future in futures), answer)
        found = [future.result() for future in futures]
    assert found == [
        [f"solve/{thread}/{turn} {1_000 * thread + turn}" for turn in range(8)] for thread in range(32)
    ]
    assert sum(sizes) == 256 and max(sizes) > 1 and speakers == {threading.get_ident()}


@pytest.mark.parametrize("error", [RuntimeError("no memory"), KeyboardInterrupt()], ids=type)
def test_an_answer_that_raises_frees_every_caller(error: BaseException) -> None:
    voice = Voice()
    with ThreadPoolExecutor(32) as pool:
        futures = [pool.submit(voice.complete, request(thread, 0)) for thread in range(32)]

        def answer(requests: Sequence[Request]) -> list[list[Completion] | PolicyError]:
            raise error

        with pytest.raises(type(error)) as raised:
            voice.serve(lambda: all(future.done() for future in futures), answer)
        assert raised.value is error
        for future in futures:  # those that came too late are refused
            with pytest.raises(PolicyError, match="could not answer"):
                future.result(timeout=FAR)
        with pytest.raises(PolicyError, match="could not answer"):
            voice.complete(request(0, 1))
        voice.open()
        later = pool.submit(voice.complete, request(0, 2))
        voice.serve(later.done, echo)
        assert later.result()[0].text == "solve/0/2 2"


def test_one_error_among_the_answers_is_for_its_caller_alone() -> None:
    voice = Voice()

    def answer(requests: Sequence[Request]) -> list[list[Completion] | PolicyError]:
        return [
            PolicyError("too long") if asked.key == "solve/1/0" else said
            for asked, said in zip(requests, echo(requests))
        ]

    with ThreadPoolExecutor(3) as pool:
        futures = [pool.submit(voice.complete, request(thread, 0)) for thread in range(3)]
        voice.serve(lambda: all(future.done() for future in futures), answer)
        with pytest.raises(PolicyError, match="too long"):
            futures[1].result()
        assert [futures[place].result()[0].text for place in (0, 2)] == ["solve/0/0 0", "solve/2/0 2000"]


def test_answers_that_do_not_fit_the_requests_are_an_error() -> None:
    voice = Voice()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(voice.complete, request(0, 0))
        with pytest.raises(RuntimeError, match="0 answers to 1 requests"):
            voice.serve(future.done, lambda requests: [])
        with pytest.raises(PolicyError):
            future.result(timeout=FAR)


def test_closing_frees_whoever_waits() -> None:
    voice = Voice()
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(voice.complete, request(thread, 0)) for thread in range(4)]
        voice.close()
        for future in futures:
            with pytest.raises(PolicyError, match="not asked any more"):
                future.result(timeout=FAR)


def test_the_role_needs_somebody_who_speaks(registry: Registry, sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="needs the voice"):
        made(registry, sandbox, recipe(""))
    assert LOST not in ("stop", "length")
