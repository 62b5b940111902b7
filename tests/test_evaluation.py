"""Evaluation: the statistics against brute force and published figures, examinations of known outcome, gyms, the
command line."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import random
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
from chat_server import ChatServer, Reply, closed_port, completion
from hypothesis import given
from hypothesis import strategies as st
from tiny import tiny_model

from envforge.cli import main
from envforge.cli.figures import Evaluation, as_data, read_data
from envforge.config import SandboxConfig, ValidationConfig
from envforge.contract import Program, answer_line, derive_seed
from envforge.errors import UsageError
from envforge.evaluation import (
    Exam,
    Subject,
    attempts,
    compare,
    difference,
    estimate,
    pass_at_k,
    program_subject,
    subjects_of,
    summarise,
    wilson,
)
from envforge.evaluation.gym import gym_seed, gym_subjects
from envforge.evaluation.subjects import ProgramSource
from envforge.locations import data_folder
from envforge.policies import Completion, PolicyError, Request
from envforge.recipe import EvaluationConfig, PromptConfig
from envforge.registry import Registry
from envforge.sandbox import Evaluator, Sandbox
from envforge.validation import Validator
from envforge.verdict import Examination, LevelResult

# Statistics ------------------------------------------------------------------------------------------------


@given(st.integers(1, 7).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))))
def test_pass_at_k_is_the_share_of_all_choices(case: tuple[int, int, int]) -> None:
    samples, passes, k = case
    responses = [1] * passes + [0] * (samples - passes)
    choices = list(itertools.combinations(responses, k))
    assert pass_at_k(samples, passes, k) == pytest.approx(sum(map(max, choices)) / len(choices))


@pytest.mark.parametrize(("samples", "passes", "k"), [(4, 2, 5), (4, 2, 0), (4, 5, 1), (4, -1, 1)])
def test_pass_at_k_beyond_the_samples_is_refused(samples: int, passes: int, k: int) -> None:
    with pytest.raises(ValueError, match="no estimate"):
        pass_at_k(samples, passes, k)


def test_attempts() -> None:
    assert [attempts(samples) for samples in (1, 2, 5, 8)] == [(1,), (1, 2), (1, 2, 4, 5), (1, 2, 4, 8)]


@pytest.mark.parametrize(
    ("solved", "number", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (3, 8, 0.1368, 0.6943)],
)
def test_one_response_gives_wilsons_interval(solved: int, number: int, low: float, high: float) -> None:
    found = estimate([1.0] * solved + [0.0] * (number - solved))
    assert (found.value, found.low, found.high) == pytest.approx((solved / number, low, high), abs=5e-5)


@given(st.lists(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0]), min_size=1, max_size=40))
def test_several_responses_count_for_no_less_than_instances_and_no_more_than_all(values: list[float]) -> None:
    found, rate = estimate(values, 4), fmean(values)
    widest, narrowest = wilson(rate, len(values)), wilson(rate, 4 * len(values))
    assert widest[0] - 1e-12 <= found.low <= narrowest[0] + 1e-12
    assert narrowest[1] - 1e-12 <= found.high <= widest[1] + 1e-12


def test_intervals_of_instances_with_several_responses_cover_the_truth() -> None:
    """Instances that differ a lot, and ones that do not: 95 % of the intervals should hold the mean."""
    stream = random.Random(derive_seed("coverage"))
    for a, b in ((0.5, 0.5), (0.2, 1.8), (50.0, 50.0)):
        covered, rounds = 0, 600
        for _ in range(rounds):
            rates = [stream.betavariate(a, b) for _ in range(16)]
            found = estimate([sum(stream.random() < rate for _ in range(4)) / 4 for rate in rates], 4)
            covered += found.low <= a / (a + b) <= found.high
        assert covered / rounds > 0.92


def pairs(both: int, first: int, second: int, neither: int) -> tuple[list[float], list[float]]:
    before = [1.0] * (both + first) + [0.0] * (second + neither)
    return before, [1.0] * both + [0.0] * first + [1.0] * second + [0.0] * neither


@pytest.mark.parametrize(
    "table", [(36, 12, 2, 0), (20, 12, 2, 16), (3, 9, 7, 2), (0, 10, 0, 5), (9, 0, 1, 9)]
)
def test_paired_difference_of_zeros_and_ones_is_newcombes(table: tuple[int, int, int, int]) -> None:
    """Method 10 of Newcombe 1998 (Statistics in Medicine 17, 2635), in the form it has for a table of four."""
    both, first, second, neither = table
    number = sum(table)
    product = (both + first) * (second + neither) * (both + second) * (first + neither)
    excess = both * neither - first * second
    phi = (max(excess - number / 2, 0) if excess > 0 else excess) / product**0.5 if product else 0.0
    one, two = (both + first) / number, (both + second) / number
    (low1, high1), (low2, high2) = wilson(one, number), wilson(two, number)
    below, above, below2, above2 = one - low1, high2 - two, two - low2, high1 - one
    low = one - two - (below**2 - 2 * phi * below * above + above**2) ** 0.5
    high = one - two + (above2**2 - 2 * phi * above2 * below2 + below2**2) ** 0.5
    before, after = pairs(*table)
    fall, rise = difference(after, before), difference(before, after)
    assert (fall.value, fall.low, fall.high) == pytest.approx((one - two, low, high))
    assert (rise.low, rise.high) == pytest.approx((-high, -low))


def test_intervals_of_differences_cover_the_truth() -> None:
    """Pairs that share much and pairs that share nothing, few of them: the hard case for any approximation."""
    stream = random.Random(derive_seed("coverage of differences"))
    for first, second, shared in ((0.5, 0.5, 0.0), (0.5, 0.6, 0.95), (0.55, 0.95, 0.5)):
        covered, rounds = 0, 600
        for _ in range(rounds):
            draws = [
                (one := stream.random(), one if stream.random() < shared else stream.random())
                for _ in range(16)
            ]
            found = difference([float(u < first) for u, _ in draws], [float(v < second) for _, v in draws])
            covered += found.low <= second - first <= found.high
        assert covered / rounds > 0.92


def test_pairs_that_all_agree_leave_room() -> None:
    found = difference([1.0, 0.0] * 4, [1.0, 0.0] * 4)
    assert found.value == 0.0 and found.low < -0.05 and found.high > 0.05
    nothing = difference([], [])
    assert (nothing.value, nothing.low, nothing.high) == (None, -1.0, 1.0)
    with pytest.raises(ValueError, match="no pairs"):
        difference([1.0], [])


def test_pairs_tell_more_than_two_samples() -> None:
    """The same shares: instances that stay right are evidence, instances that trade places are not."""
    paired, traded = difference(*pairs(20, 0, 10, 20)), difference(*pairs(8, 12, 22, 8))
    assert paired.value == traded.value == pytest.approx(0.2)
    assert paired.low > 0 > traded.low


# Examinations ----------------------------------------------------------------------------------------------

ADDING = '''"""Adds numbers."""
TAGS = ("arithmetic", "sums")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"numbers": [rng.randrange(10**6) for _ in range(difficulty + 2)]}


def prompt(state):
    return f"What is the sum of these numbers: {' + '.join(map(str, state['numbers']))}?"


def reference(state):
    return str(sum(state["numbers"]))


def score(state, answer):
    given = answer.strip()
    if given == "nearly":
        return 0.5
    if given == "break":
        raise ValueError("broken by an answer")
    return 1.0 if given == reference(state) else 0.0
'''
FRAGILE = ADDING.replace("Adds numbers", "Adds few numbers").replace(
    "    return {", "    if difficulty == 2:\n        raise ValueError('no such level')\n    return {"
)


@pytest.fixture(scope="module")
def adding(sandbox: Sandbox) -> Program:
    return inspected(sandbox, ADDING)


def inspected(sandbox: Sandbox, source: str) -> Program:
    found = Evaluator(sandbox).inspect(source)
    assert isinstance(found, Program)
    return found


def solve(request: Request) -> str:
    """The right response to a question of ADDING."""
    question = request.messages[-1]["content"].partition(":")[2].partition("?")[0]
    return f"I add them up. <answer>{sum(map(int, question.split('+')))}</answer>"


def said(*texts: str) -> list[Completion]:
    return [Completion(text, 10, 5, "stop") for text in texts]


Replies = Sequence[list[Completion] | PolicyError]


def by_turns(exam: Exam, *kinds: Callable[[Request], list[Completion] | PolicyError]) -> Replies:
    return [kinds[number % len(kinds)](request) for number, request in enumerate(exam.requests)]


def right(request: Request) -> list[Completion]:
    return said(*[solve(request)] * request.n)


def wrong(request: Request) -> list[Completion]:
    return said(*["<answer>-1</answer>"] * request.n)


def silent(request: Request) -> list[Completion]:
    return said(*["I cannot say."] * request.n)


def text(*texts: str) -> Callable[[Request], list[Completion]]:
    return lambda _: said(*texts)


def gone(_: Request) -> PolicyError:
    return PolicyError("the server is gone")


@pytest.fixture
def examine(sandbox: Sandbox, adding: Program) -> Callable[..., Exam]:
    def examine(*, split: str = "trained", prompt: PromptConfig | None = None, **options: Any) -> Exam:
        config = EvaluationConfig(**{"instances": 8, **options})
        subjects = [program_subject(adding, split)]
        return Exam(subjects, sandbox, config, prompt or PromptConfig(), 64)

    return examine


def test_figures_are_those_of_the_responses(examine: Callable[..., Exam], adding: Program) -> None:
    exam = examine(levels=(0, 3))
    (easy, hard) = exam.mark(by_turns(exam, right, wrong, right, silent))
    assert (easy.subject, easy.title, easy.tags, easy.split) == (
        adding.id, "Adds numbers.", ("arithmetic", "sums"), "trained",
    )  # fmt: skip
    assert (easy.difficulty, hard.difficulty, easy.samples) == (0, 3, 1)
    assert easy.passes == hard.passes == (1, 0, 1, 0, 1, 0, 1, 0)
    assert (easy.total, easy.format_failures, easy.tokens, easy.lost) == (4.0, 2, 40, 0)
    summary = summarise([easy, hard])
    assert [figures.name for figures in summary.levels] == ["0", "3"]
    assert [figures.name for figures in summary.tags] == ["arithmetic", "sums"]
    one = summary.all.pass_at[1]
    assert one.value == 0.5 and (one.low, one.high) == pytest.approx(wilson(0.5, 16))
    assert (summary.all.instances, summary.all.responses, summary.all.tokens) == (16, 16, 80)


def test_requests_are_as_documented(examine: Callable[..., Exam], adding: Program) -> None:
    prompt = PromptConfig(system="Be short.", question="1 + 1?", answer="<answer>2</answer>")
    exam = examine(levels=(3, 0, 3), instances=2, samples=4, temperature=0.7, prompt=prompt)
    assert len(exam.requests) == 4  # a level that is named twice is measured once
    expected = [
        f"eval/{adding.id}/{level}/{derive_seed('evaluation', adding.id, level, index)}"
        for level in (0, 3)
        for index in range(2)
    ]
    assert [request.key for request in exam.requests] == expected
    request = exam.requests[0]
    assert [message["role"] for message in request.messages] == ["system", "user", "assistant", "user"]
    assert request.messages[-1]["content"].endswith(f"?\n\n{answer_line()}")
    assert (request.n, request.sampling.temperature, request.sampling.max_tokens) == (4, 0.7, 64)
    seeds = [request.sampling.seed for request in exam.requests]
    assert len(set(seeds)) == 4 and None not in seeds


def test_another_seed_draws_anew_and_asks_the_same(sandbox: Sandbox, adding: Program) -> None:
    subjects, config = [program_subject(adding, "other")], EvaluationConfig(instances=3, temperature=1.0)
    first, second = (Exam(subjects, sandbox, config, PromptConfig(), 0, seed).requests for seed in (0, 1))
    assert [one.key for one in first] == [one.key for one in second]
    assert [one.messages for one in first] == [one.messages for one in second]
    assert not {one.sampling.seed for one in first} & {one.sampling.seed for one in second}
    assert first[0].sampling.max_tokens is None  # 0: the backend's own limit


def test_no_other_purpose_meets_an_evaluation_seed(examine: Callable[..., Exam], adding: Program) -> None:
    ours = {int(request.key.rpartition("/")[2]) for request in examine(instances=200).requests}
    for purpose in ("train", "calibration", "sample"):
        assert not ours & {derive_seed(purpose, adding.id, 0, index) for index in range(2_000)}


def test_pass_at_k_of_several_samples(examine: Callable[..., Exam]) -> None:
    exam = examine(samples=4, temperature=1.0)

    def one_of_four(request: Request) -> list[Completion]:
        return [*wrong(request)[:3], *right(request)[:1]]

    (result,) = exam.mark(by_turns(exam, one_of_four, wrong))
    assert result.passes == (1, 0) * 4
    figures = summarise([result]).all
    assert {k: one.value for k, one in figures.pass_at.items()} == {1: 0.125, 2: 0.25, 4: 0.5}
    assert (figures.pass_at[4].low, figures.pass_at[4].high) == pytest.approx(wilson(0.5, 8))


def test_partial_credit_is_no_pass(examine: Callable[..., Exam]) -> None:
    exam = examine(instances=4)
    (result,) = exam.mark(by_turns(exam, right, text("<answer>nearly</answer>")))
    assert (result.passes, result.total, result.accuracy) == ((1, 0, 1, 0), 3.0, 0.75)
    assert summarise([result]).all.score == 0.75


def test_what_was_not_the_policys_fault_is_left_out_and_counted(examine: Callable[..., Exam]) -> None:
    exam = examine(instances=12)
    breaking = text("<answer>break</answer>")
    (result,) = exam.mark(by_turns(exam, right, gone, breaking, lambda _: []))
    assert (result.passes, result.lost, result.total) == ((1, 1, 1), 9, 3.0)
    assert result.seeds == tuple(int(request.key.rpartition("/")[2]) for request in exam.requests[::4])
    (problem,) = exam.problems
    assert "the scorer fails at level 0" in problem and "broken by an answer" in problem


def test_all_lost_is_no_rate(examine: Callable[..., Exam]) -> None:
    exam = examine()
    (result,) = exam.mark(by_turns(exam, gone))
    assert (result.instances, result.lost, result.accuracy) == (0, 8, None)
    assert summarise([result]).all.pass_at[1].value is None
    with pytest.raises(ValueError, match="0 replies to 8 requests"):
        exam.mark([])


def test_answers_that_the_contract_does_not_let_in_are_wrong(examine: Callable[..., Exam]) -> None:
    exam = examine(instances=2)
    long, torn = "<answer>" + "1" * 10_001 + "</answer>", "<answer>\ud800</answer>"
    (result,) = exam.mark(by_turns(exam, text(long), text(torn)))
    assert (result.passes, result.lost, result.format_failures) == ((0, 0), 0, 0)


def test_instances_that_cannot_be_made_are_lost(sandbox: Sandbox, adding: Program) -> None:
    subjects = [program_subject(inspected(sandbox, FRAGILE), "other"), program_subject(adding, "other")]
    exam = Exam(subjects, sandbox, EvaluationConfig(instances=3, levels=(1, 2)), PromptConfig(), 8)
    assert len(exam.requests) == 9
    results = exam.mark(by_turns(exam, right))
    assert [(result.instances, result.lost) for result in results] == [(3, 0), (0, 3), (3, 0), (3, 0)]
    assert all("level 2: " in problem and "no such level" in problem for problem in exam.problems)
    assert len(exam.problems) == 1


def test_what_cannot_be_examined_is_refused(sandbox: Sandbox, adding: Program) -> None:
    subject = program_subject(adding, "other")
    for options, sentence in (
        ({"levels": (0, 10)}, "level 10 cannot be measured.*levels 0 to 9"),
        ({"samples": 2}, "2 samples at temperature 0"),
    ):
        with pytest.raises(UsageError, match=sentence):
            Exam([subject], sandbox, EvaluationConfig(**options), PromptConfig(), 8)
    flat = dataclasses.replace(subject, levels=(0,))
    with pytest.raises(UsageError, match="has level 0 only"):
        Exam([flat], sandbox, EvaluationConfig(levels=(1,)), PromptConfig(), 8)


# Before and after ------------------------------------------------------------------------------------------


def result(passes: Sequence[int], seeds: Sequence[int] = (), **fields: Any) -> LevelResult:
    return LevelResult(
        **{
            "subject": "a",
            "title": "A",
            "tags": ("t",),
            "split": "trained",
            "difficulty": 0,
            "samples": 1,
            "passes": tuple(passes),
            "total": float(sum(passes)),
            "format_failures": 0,
            "tokens": 0,
            "seeds": tuple(seeds) or tuple(range(len(passes))),
            **fields,
        }
    )


def test_comparison_pairs_instances() -> None:
    before = [result([0, 0, 1, 1], [1, 2, 3, 4]), result([1], subject="gone")]
    after = [result([1, 1, 1, 0], [2, 3, 4, 9]), result([0, 0], subject="b", split="held-out")]
    found = compare(before, after)
    (change,) = found.environments
    assert (change.name, change.split, change.instances) == ("a", "trained", 3)
    assert (change.before.value, change.after.value) == pytest.approx((2 / 3, 1.0))
    assert change.rise.value == pytest.approx(1 / 3)
    assert found.missing == 5  # seeds 1 and 9, the only instance of "gone", both of "b"
    assert [row.name for row in found.splits] == ["trained"]


def test_comparison_of_strangers_says_nothing() -> None:
    found = compare([result([1])], [result([1], subject="b")])
    assert found.environments == () and found.missing == 2
    assert (found.all.instances, found.all.rise.value) == (0, None)


def test_json_is_read_back() -> None:
    results = (result([1, 0]), result([2, 0], samples=2, difficulty=3, lost=1))
    evaluation = Evaluation("policy", "before", {"temperature": 1.0}, results)
    data = as_data(evaluation, summarise(results), compare(results, results), 7, [])
    assert read_data(json.loads(json.dumps(data, allow_nan=False)), "a file") == evaluation
    for name, value in (
        ("passes", ["1", 0]),
        ("passes", [5, 0]),
        ("seeds", [1]),
        ("title", None),
        ("more", 1),
    ):
        broken = json.loads(json.dumps(data))
        broken["results"][0][name] = value
        with pytest.raises(UsageError, match="a file is no evaluation"):
            read_data(broken, "a file")


# Gyms ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def gym() -> Iterator[Callable[[str], Subject]]:
    """The task of reasoning_gym of this name."""
    with contextlib.ExitStack() as stack:
        yield lambda task: gym_subjects(f"gym:reasoning_gym/{task}", SandboxConfig(), stack)[0]


def test_gym_task_is_examined(gym: Callable[[str], Subject]) -> None:
    subject = gym("chain_sum")
    assert (subject.id, subject.levels) == ("gym:reasoning_gym/chain_sum", (0,))
    assert subject.tags == ("reasoning-gym", "arithmetic")
    exam = Exam([subject], None, EvaluationConfig(instances=4), PromptConfig(), 64)
    prompts = [request.messages[0]["content"] for request in exam.requests]
    assert len(set(prompts)) == 4 and all(prompt.endswith(answer_line()) for prompt in prompts)

    def calculate(request: Request) -> list[Completion]:
        terms = request.messages[0]["content"].partition("problem: ")[2].partition(" =")[0]
        assert not set(terms) - set("0123456789 +-")
        return said(f"<answer>{eval(terms)}</answer>")

    (found,) = exam.mark(by_turns(exam, calculate, text("<answer>no number</answer>"), silent, gone))
    assert (found.passes, found.lost, found.format_failures) == ((1, 0, 0), 1, 1)
    again = Exam([subject], None, EvaluationConfig(instances=4), PromptConfig(), 64)
    assert again.requests == exam.requests


def test_gym_seeds_are_hashed() -> None:
    seeds = [derive_seed("evaluation", "gym:reasoning_gym/chain_sum", 0, index) for index in range(500)]
    found = sorted(map(gym_seed, seeds))
    assert len(set(found)) == 500 and found[0] >= 0 and found[-1] < 2**31
    assert all(second - first > 1 for first, second in itertools.pairwise(found))


def test_gym_mistakes_have_their_remedy(gym: Callable[[str], Subject]) -> None:
    for task, sentence in (
        ("chain_sums", "did you mean 'chain_sum'"),
        ("composite", "has no task 'composite'"),
    ):
        with pytest.raises(UsageError, match=sentence):
            gym(task)


@pytest.mark.parametrize(
    "answer", ["__import__('os').system('touch FILE')", "open('FILE', 'w')", "[open][0]('FILE', 'w')"]
)
def test_answers_that_are_evaluated_touch_nothing(
    answer: str, gym: Callable[[str], Subject], tmp_path: Path
) -> None:
    """string_insertion evaluates what looks like code: in the sandbox there is nothing that it could do."""
    source = gym("string_insertion").source
    (question,) = source.questions([(derive_seed("attack"), 0)], None)
    target = tmp_path / "made"
    (score,) = source.scores([(question, answer.replace("FILE", str(target)))], None)  # type: ignore[list-item]
    assert isinstance(score, float) and score < 1.0
    assert not target.exists()


def test_an_answer_that_takes_for_ever_is_wrong(
    gym: Callable[[str], Subject], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envforge.gyms.evaluator.SCORE_SECONDS", 2.0)
    source = gym("countdown").source
    (question,) = source.questions([(7, 0)], None)
    endless, plain = source.scores([(question, "9**9**9**9"), (question, "1 + 1")], None)  # type: ignore[list-item]
    assert endless == 0.0
    assert isinstance(plain, float) and 0.0 < plain < 1.0


# The command line ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def examined(sandbox: Sandbox) -> list[Examination]:
    """Two seeds that passed quick gates."""
    quick = ValidationConfig(
        sample_per_level=16, hash_seeds=1, borderline_sample=48, attacked_per_level=1, drawn_answers=4
    )
    validator, folder = Validator(sandbox, quick), data_folder("seeds") / "text"
    names = ("coin_change", "subset_sum")
    return [validator.examine((folder / f"{name}.py").read_text("utf-8")) for name in names]


@pytest.fixture
def library(examined: list[Examination], tmp_path: Path) -> tuple[str, list[str]]:
    """A registry with two admitted seeds, the second of which is held out."""
    db, ids = str(tmp_path / "library.db"), [examination.id for examination in examined]
    with Registry.open(db, create=True) as registry, registry.transaction() as transaction:
        for examination in examined:
            transaction.add_seed(examination, "a seed")
        transaction.hold_out(ids[1:], "for a test")
    return db, ids


def recording(
    path: Path, sandbox: Sandbox, subjects: Sequence[Subject], solved: dict[str, int], **options: Any
) -> str:
    """A policy that solves the first `solved[id]` instances of each subject and level; its spec."""
    exam = Exam(subjects, sandbox, EvaluationConfig(**options), PromptConfig(), 0)
    programs = {one.id: one.source.program for one in subjects if isinstance(one.source, ProgramSource)}
    lines, places = [], {(one.id, level): 0 for one in subjects for level in one.levels}
    for request in exam.requests:
        _, id, level, seed = request.key.split("/")
        (instance,) = Evaluator(sandbox).instances(programs[id], [(int(seed), int(level))])
        place = places[id, int(level)]
        places[id, int(level)] += 1
        answer = instance.reference if place < solved[id] else "none"  # type: ignore[union-attr]
        reply = {"text": f"<answer>{answer}</answer>", "completion_tokens": 7}
        record = {"key": request.key, "policy": path.stem, "completions": [reply] * request.n, "error": None}
        lines.append(json.dumps(record))
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return f"replay:{path}"


@pytest.fixture
def replayed(library: tuple[str, list[str]], sandbox: Sandbox, tmp_path: Path) -> Callable[..., str]:
    db, ids = library

    def replayed(name: str, *solved: int, **options: Any) -> str:
        with Registry.open(db, read_only=True) as registry:
            subjects = subjects_of(registry, ids, "other")
        return recording(tmp_path / f"{name}.jsonl", sandbox, subjects, dict(zip(ids, solved)), **options)

    return replayed


def evaluated(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    capsys.readouterr()
    assert main(["eval", *arguments]) == code
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_splits_come_from_the_registry(
    library: tuple[str, list[str]], replayed: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    db, ids = library
    spec = replayed("half", 6, 2, instances=8)
    options = ("--policy", spec, "--db", db, "--instances", "8", "--json")
    data = json.loads(evaluated(capsys, *options, "--on", "admitted", "--on", "held-out", "--on", ids[0])[0])
    named = [(row["name"], row["split"]) for row in data["environments"]]
    assert named == [(ids[0], "trained"), (ids[1], "held-out")]
    rates = {row["name"]: row["pass_at"]["1"]["value"] for row in data["splits"]}
    assert rates == {"trained": 0.75, "held-out": 0.25}
    assert data["all"]["instances"] == 16 and data["policy"] == "half" and data["saved"] is None
    again = json.loads(evaluated(capsys, *options, "--on", ids[1])[0])
    assert again["results"] == data["results"][1:]


def test_saved_and_compared(
    library: tuple[str, list[str]],
    replayed: Callable[..., str],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    db, ids = library
    common = ("--db", db, "--on", "admitted", "--on", "held-out", "--instances", "16", "--levels", "0,2")
    first, second = (
        replayed(name, *solved, instances=16, levels=(0, 2))
        for name, solved in (("old", (4, 8)), ("new", (16, 7)))
    )
    shown, _ = evaluated(capsys, "--policy", first, *common, "--save", "--name", "before")
    assert "saved as evaluation 1" in shown
    with Registry.open(db, read_only=True) as registry:
        (record,) = registry.evaluations()
    assert (record.name, record.policy, record.run, record.step) == ("before", "old", None, None)
    assert record.settings["levels"] == [0, 2] and len(record.results) == 4
    data = json.loads(evaluated(capsys, "--policy", second, *common, "--against", "1", "--json")[0])
    rises = {row["name"]: row["rise"] for row in data["change"]["environments"]}
    assert rises[ids[0]]["value"] == pytest.approx(0.75) and rises[ids[0]]["low"] > 0.5
    assert (
        rises[ids[1]]["value"] == pytest.approx(-1 / 16) and rises[ids[1]]["low"] < 0 < rises[ids[1]]["high"]
    )
    assert {row["name"] for row in data["change"]["splits"]} == {"trained", "held-out"}

    file, drawing = tmp_path / "new.json", tmp_path / "new.svg"
    file.write_text(json.dumps(data), "utf-8")
    shown, errors = evaluated(
        capsys,
        "--policy",
        first,
        *common,
        "--against",
        str(file),
        "--system",
        "Hm.",
        "--picture",
        str(drawing),
    )
    assert "Change since new" in shown and "-0.75 [" in shown
    assert "differ in prompt" in errors
    svg = drawing.read_text("utf-8")
    assert svg.startswith("<svg") and "before" in svg and "after" in svg and "Coin change" in svg


def test_tables_fit(
    library: tuple[str, list[str]],
    replayed: Callable[..., str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    db, _ = library
    spec = replayed("half", 8, 2, instances=8, samples=4, temperature=1.0, levels=(0, 2))
    for width in (80, 120):
        monkeypatch.setenv("COLUMNS", str(width))
        shown, _ = evaluated(
            capsys, "--policy", spec, "--db", db, "--on", "admitted", "--on", "held-out", "--instances", "8",
            "--samples", "4", "--temperature", "1", "--levels", "0,2",
        )  # fmt: skip
        assert max(map(len, shown.splitlines())) <= width
        assert "1.00 [0.68, 1.00]" in shown and "0.25 [" in shown and "pass@4" in shown
        assert "held-out" in shown and "tag search" in shown


def test_lost_instances_are_said(
    library: tuple[str, list[str]], replayed: Callable[..., str], capsys: pytest.CaptureFixture[str]
) -> None:
    db, ids = library
    spec = replayed("few", 4, 2, instances=4)
    common = ("--policy", spec, "--db", db, "--on", ids[0])
    data, errors = evaluated(capsys, *common, "--instances", "6", "--json")
    assert json.loads(data)["all"]["lost"] == 2 and json.loads(data)["all"]["instances"] == 4
    assert "2 instances of 6 lost and left out: " in errors and "holds no reply" in errors
    shown, _ = evaluated(capsys, *common, "--instances", "6")
    assert "lost" in shown
    shown, errors = evaluated(capsys, *common, "--instances", "2", "--levels", "5", code=1)
    assert shown == "" and "Nothing was measured, every one of 2 instances was lost: " in errors


def test_server_that_is_gone(library: tuple[str, list[str]], capsys: pytest.CaptureFixture[str]) -> None:
    db, ids = library
    with closed_port() as url:
        shown, errors = evaluated(
            capsys, "--policy", f"openai:{url}#m", "--db", db, "--on", ids[0], "--save", code=1
        )
    assert shown == "" and len(errors.strip().splitlines()) == 1 and "Traceback" not in errors
    with Registry.open(db, read_only=True) as registry:
        assert registry.evaluations() == []


def test_gym_on_the_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with ChatServer(lambda *_: completion("<answer>1</answer>")) as server:
        common = ("--policy", f"openai:{server.url}#m", "--on", "gym:reasoning_gym/chain_sum")
        options = ("--db", str(tmp_path / "none.db"), "--instances", "3")
        data = json.loads(evaluated(capsys, *common, *options, "--json")[0])
        assert data["all"]["instances"] == 3 and data["environments"][0]["name"] == common[-1]
        _, errors = evaluated(capsys, *common, *options, "--levels", "1", code=2)
        assert "chain_sum (reasoning_gym 0." in errors and "level 0 only" in errors
    assert not (tmp_path / "none.db").exists()


RECIPE = """
[model]
path = "smollm2"
[environments]
folders = ["train"]
held_out = ["kept"]
[evaluation]
instances = 3
levels = [0, 2]
[prompt]
system = "Reply with only <answer>your answer</answer>."
[generation]
solver_tokens = 12
"""


def test_a_recipe_gives_environments_prompt_and_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder, name in (("train", "coin_change"), ("kept", "subset_sum")):
        (tmp_path / folder).mkdir()
        source = (data_folder("seeds") / "text" / f"{name}.py").read_text("utf-8")
        (tmp_path / folder / f"{name}.py").write_text(source, "utf-8")
    recipe, model = tmp_path / "recipe.toml", tiny_model(tmp_path / "model")
    recipe.write_text(RECIPE, "utf-8")
    common = ("--policy", f"transformers:{model}", "--recipe", str(recipe), "--db", str(tmp_path / "none.db"))
    options = ("--temperature", "1", "--samples", "2", "--seed", "1", "--json")
    first, second = (json.loads(evaluated(capsys, *common, *options)[0]) for _ in range(2))
    assert first == second
    assert [row["split"] for row in first["environments"]] == ["trained", "held-out"]
    assert first["all"]["instances"] == 12 and first["all"]["tokens"] <= 24 * 12
    assert first["all"]["pass_at"]["2"]["value"] == 0.0 and first["all"]["format_failures"] == 24
    assert first["settings"]["prompt"]["system"].startswith("Reply with only")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--on", "seeds"], "name who is examined with --policy"),
        (["--policy", "replay:x"], "say what to examine it on with --on"),
        (["--policy", "nobody:x", "--on", "seeds"], "there is no policy 'nobody:x'"),
        (["--policy", "replay:x", "--on", "sedes"], "did you mean 'seeds'"),
        (["--policy", "replay:x", "--on", "coin_chance"], "did you mean 'coin_change'"),
        (["--policy", "replay:x", "--on", "seeds", "--levels", "easy"], "no list of whole numbers"),
        (["--policy", "replay:x", "--on", "seeds", "--instances", "0"], "nothing to measure"),
        (["--policy", "replay:x", "--on", "seeds", "--samples", "0"], "samples must be from 1"),
        (["--policy", "replay:x", "--on", "seeds", "--temperature", "9"], "temperature must be from"),
        (["--policy", "replay:x", "--on", "seeds", "--name", "before"], "--name goes with --save"),
        (["--policy", "replay:x", "--on", "seeds", "--picture", "x.pdf"], "must end in .svg or .html"),
        (["--policy", "replay:x", "--on", "seeds", "--picture", "no/x.svg"], "the folder no does not exist"),
        (["--policy", "replay:x", "--recipe", "none.toml"], "cannot read the recipe none.toml"),
        (["--policy", "smollm2:x", "--on", "seeds"], "there is no policy"),
        (["--policy", "openai:http://h/v1#m", "--on", "admitted", "--db", "none.db"], "none.db"),
        (["--policy", "openai:http://h/v1#m", "--on", "gym:nogym/x"], "there is no gym 'nogym'"),
        (["--policy", "openai:http://h/v1#m", "--on", "seeds", "--against", "none.json"], "cannot read none"),
        (["--policy", "openai:http://h/v1#m", "--on", "seeds", "--against", "3"], "library.db"),
        (
            ["--policy", "openai:http://h/v1#m", "--on", "seeds", "--against", "other.json"],
            "is no evaluation",
        ),
    ],
)
def test_mistakes_are_one_sentence(
    arguments: list[str],
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.json").write_text('{"policy": "me"}', "utf-8")
    shown, errors = evaluated(capsys, *arguments, code=2)
    assert shown == "" and sentence in errors
    assert len(errors.strip().splitlines()) == 1 and "Traceback" not in errors


def test_interruption_says_how_far_it_came(tmp_path: Path) -> None:
    """The server answers ten questions and keeps the others waiting."""
    stuck, over = threading.Event(), threading.Event()

    def reply(_: dict[str, Any], number: int) -> Reply:
        if number >= 10:
            stuck.set()
            over.wait(60)
        return completion("<answer>1</answer>")

    command = [sys.executable, "-m", "envforge", "eval", "--on", "coin_change", "--instances", "40", "--save"]
    db = tmp_path / "library.db"
    with ChatServer(reply) as server:
        process = subprocess.Popen(
            [*command, "--policy", f"openai:{server.url}#m", "--db", str(db)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            # A test run in the background of a shell ignores Ctrl-C, and so would what it starts.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )  # fmt: skip
        assert stuck.wait(60)
        process.send_signal(signal.SIGINT)
        shown, errors = process.communicate(timeout=60)
        over.set()
    assert (process.returncode, shown) == (130, "")
    assert re.search(r"interrupted (after \d+ of 40 instances|before the first response)", errors)
    assert "nothing was saved" in errors
    with Registry.open(db, read_only=True) as registry:
        assert registry.evaluations() == []
