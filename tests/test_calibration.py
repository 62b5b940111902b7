"""Calibration: the statistics against brute force, measuring with real programs, the command line."""

from __future__ import annotations

import itertools
import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envforge.calibration import Calibrator, check_levels, falling_trend, judge, wilson_interval
from envforge.calibration import statistics as ours
from envforge.cli import main
from envforge.cli.rates import BAR_CELLS, bar
from envforge.config import CalibrationConfig, PolicyConfig, ValidationConfig
from envforge.contract import Profile, Program, answer_line, content_id, derive_seed
from envforge.errors import UsageError
from envforge.locations import data_folder
from envforge.policies import Completion, Policy, PolicyError, Request
from envforge.policies.flight import Flight
from envforge.registry import Registry
from envforge.sandbox import Evaluator, Sandbox
from envforge.validation import Validator
from envforge.verdict import Calibration, Examination, Stage

# Statistics ------------------------------------------------------------------------------------------------

scores = st.sampled_from([0.0, 1.0]) | st.sampled_from([0.0, 0.25, 0.5, 1.0])
small = st.lists(st.lists(scores, min_size=1, max_size=3), min_size=2, max_size=3)


def brute_force(groups: list[list[float]]) -> float:
    """The definition: all orders of the scores, each as likely as any other."""
    ranks = [rank for rank, group in enumerate(groups) for _ in group]
    values = [score for group in groups for score in group]
    found = sum(rank * score for rank, score in zip(ranks, values))
    statistics = [
        sum(rank * score for rank, score in zip(ranks, order))
        for order in set(itertools.permutations(values))
    ]
    return sum(statistic <= found + 1e-9 for statistic in statistics) / len(statistics)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(scores, min_size=1, max_size=2), min_size=2, max_size=4))
def test_trend_is_that_of_all_permutations(groups: list[list[float]]) -> None:
    if len({score for group in groups for score in group}) == 1:
        assert falling_trend(groups) == 1.0
    else:
        assert falling_trend(groups) == pytest.approx(brute_force(groups))


@pytest.mark.parametrize(
    ("groups", "expected"),
    [
        ([[1, 1, 1], [0, 0, 0]], 1 / 20),
        ([[0, 0, 0], [1, 1, 1]], 1.0),
        ([[1], [0]], 1 / 2),
        ([[1, 1], [1, 1]], 1.0),
        ([[0.5] * 4, [0.5] * 4, [0.5] * 4], 1.0),
        ([[1, 0, 1]], 1.0),
        ([[1] * 8, [0] * 8], 1 / 12870),
    ],
)
def test_trend_of_plain_cases(groups: list[list[float]], expected: float) -> None:
    assert falling_trend(groups) == pytest.approx(expected)


@given(small)
def test_trend_is_a_share_and_turns_round(groups: list[list[float]]) -> None:
    forward, backward = falling_trend(groups), falling_trend(groups[::-1])
    assert 0 < forward <= 1
    assert forward + backward >= 1 - 1e-12  # what is exactly as found counts for both


@given(st.lists(st.lists(st.floats(0, 1), min_size=40, max_size=60), min_size=3, max_size=4))
@settings(max_examples=25, deadline=None)
def test_asymptotic_trend_turns_round(groups: list[list[float]]) -> None:
    if len({round(score * ours.RESOLUTION) for group in groups for score in group}) > ours.EXACT_VALUES:
        assert falling_trend(groups) + falling_trend(groups[::-1]) == pytest.approx(1.0)


@given(st.lists(st.lists(scores, min_size=8, max_size=8), min_size=3, max_size=3))
@settings(max_examples=25, deadline=None)
def test_asymptotic_trend_is_near_the_exact_one(groups: list[list[float]]) -> None:
    values = [round(score * ours.RESOLUTION) for group in groups for score in group]
    ranks = [rank for rank, group in enumerate(groups) for _ in group]
    if values.count(max(values)) < 6 or values.count(min(values)) < 6 or len(set(values)) < 2:
        return  # an approximation is not claimed for a handful
    found = sum(rank * value for rank, value in zip(ranks, values))
    exact, near = falling_trend(groups), ours._asymptotic(ranks, values, found)
    tie = exact + falling_trend(groups[::-1]) - 1  # the share that is exactly as found
    assert exact - tie - 0.05 <= near <= exact + 0.05


def test_trend_of_many_scores_is_quick_enough_to_be_had() -> None:
    groups = [[float((i * 7 + level) % (level + 2) == 0) for i in range(1000)] for level in range(10)]
    assert falling_trend(groups) < 1e-6
    assert falling_trend([[i / 1000 + level / 10 for i in range(500)] for level in range(3)]) > 0.999


@pytest.mark.parametrize(
    ("total", "count", "expected"),
    [
        (0, 10, (0.0, 0.2775)),  # Brown, Cai, DasGupta 2001: z^2 / (n + z^2)
        (10, 10, (0.7225, 1.0)),
        (5, 10, (0.2366, 0.7634)),
        (3, 8, (0.1368, 0.6943)),
        (0, 0, (0.0, 1.0)),
    ],
)
def test_wilson_interval(total: float, count: int, expected: tuple[float, float]) -> None:
    assert wilson_interval(total, count, 0.95) == pytest.approx(expected, abs=5e-5)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.floats(0.5, 0.9999))
def test_wilson_interval_encloses_the_rate(values: list[float], confidence: float) -> None:
    total, count = sum(values), len(values)
    low, high = wilson_interval(min(total, count), count, confidence)
    assert 0 <= low <= min(1.0, total / count) <= high <= 1
    wider = wilson_interval(min(total, count), count, (1 + confidence) / 2)
    assert wider[0] <= low + 1e-12 and wider[1] >= high - 1e-12


# Measuring -------------------------------------------------------------------------------------------------

ADDING = '''"""Adds numbers."""
TAGS = ("arithmetic",)
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


class Solver:
    """A policy of the tests: a function of the request."""

    name = version = "solver-1"

    def __init__(self, reply: Callable[[Request], str | Completion]) -> None:
        self.reply = reply
        self.requests: list[Request] = []
        self._lock = threading.Lock()

    def complete(self, request: Request) -> list[Completion]:
        with self._lock:
            self.requests.append(request)
        reply = self.reply(request)
        return [reply if isinstance(reply, Completion) else Completion(reply, 10, 5, "stop")]

    def close(self) -> None:
        pass


def level_of(request: Request) -> int:
    return int(request.key.split("/")[2])


def right(request: Request) -> str:
    numbers = re.findall(r"\d+", request.messages[0]["content"].partition("\n\n")[0])
    return f"I add them up. <answer>{sum(map(int, numbers))}</answer>"


def by_seed(*replies: Callable[[Request], str]) -> Callable[[Request], str]:
    """Takes turns over the instances of a level, whatever the order in which they are asked."""
    places: dict[str, int] = {}
    for level in range(10):
        for index in range(100):
            seed = derive_seed("calibration", content_id(ADDING), level, index)
            places[f"solve/{content_id(ADDING)}/{level}/{seed}"] = index
    return lambda request: replies[places[request.key] % len(replies)](request)


def wrong(_: Request) -> str:
    return "<answer>-1</answer>"


def says(text: str) -> Callable[[Request], str]:
    return lambda _: text


def profile(*floors: float) -> Profile:
    return Profile(True, None, (), floors or (0.0,) * 10, frozenset(), frozenset())


@pytest.fixture(scope="module")
def adding(sandbox: Sandbox) -> Program:
    found = Evaluator(sandbox).inspect(ADDING)
    assert isinstance(found, Program)
    return found


@pytest.fixture
def measure(sandbox: Sandbox, adding: Program) -> Callable[..., Calibration]:
    def measure(
        solver: Policy | Callable[[Request], str], floors: Profile | None = None, **options: Any
    ) -> Calibration:
        policy = Solver(solver) if callable(solver) else solver
        config = CalibrationConfig(**options)
        flight = Flight(policy, 4)
        try:
            return Calibrator(sandbox, flight, config, PolicyConfig()).measure(adding, floors or profile())
        finally:
            flight.close()

    return measure


def test_partly_solved_passes(measure: Callable[..., Calibration], adding: Program) -> None:
    found = measure(by_seed(right, wrong, wrong, wrong), levels=(0,))
    assert (found.passed, found.reason, found.rate) == (True, "", 0.25)
    assert (found.environment, found.policy, found.trend) == (adding.id, "solver-1", None)
    assert (found.low, found.high) == pytest.approx(wilson_interval(2, 8, 0.95))
    (level,) = found.levels
    assert [response["score"] for response in level.responses] == [1.0, 0.0, 0.0, 0.0] * 2
    assert found.tokens == 8 * 15 and level.format_failures == 0
    expected = [derive_seed("calibration", adding.id, 0, index) for index in range(8)]
    assert [response["seed"] for response in level.responses] == expected
    verdict = judge(found, seconds=1.5, isolation="1")
    assert (verdict.stage, verdict.passed, verdict.isolation) == (Stage.CALIBRATION, True, "1")
    assert verdict.evidence["levels"][0]["instances"] == 8
    json.dumps(verdict.evidence, allow_nan=False)


def test_requests_are_as_documented(measure: Callable[..., Calibration], adding: Program) -> None:
    solver = Solver(right)
    measure(solver, levels=(3, 0, 3), instances=2)
    assert len(solver.requests) == 4  # a level named twice is probed once
    request = next(request for request in solver.requests if level_of(request) == 3)
    seed = int(request.key.split("/")[3])
    assert seed in [derive_seed("calibration", adding.id, 3, index) for index in range(2)]
    (message,) = request.messages
    assert message["role"] == "user"
    assert message["content"].startswith("What is the sum") and message["content"].endswith(
        f"?\n\n{answer_line()}"
    )
    assert request.n == 1
    assert request.sampling.temperature == 1.0 and request.sampling.max_tokens == 16_384
    assert request.sampling.seed == derive_seed("solve", adding.id, 3, seed)


def test_settings_below_zero_are_left_to_the_backend(sandbox: Sandbox, adding: Program) -> None:
    solver = Solver(right)
    flight = Flight(solver, 2)
    options = PolicyConfig(solve_temperature=-1.0, solve_tokens=0)
    Calibrator(sandbox, flight, CalibrationConfig(instances=1), options).measure(adding, profile())
    sampling = solver.requests[0].sampling
    assert sampling.temperature is None and sampling.max_tokens is None


@pytest.mark.parametrize(
    ("solver", "floor", "options", "reason"),
    [
        (right, 0.0, {}, "solved every one of 8 instances"),
        (right, 0.6, {"levels": (0, 4)}, "solved every one of 16 instances"),
        (wrong, 0.0, {}, "solved none of 8 instances"),
        (says("I cannot say."), 0.0, {}, "solved none of 8 instances (no answer in 8 of them)"),
        (
            by_seed(right, wrong, wrong, wrong),
            0.3,
            {},
            "no better than guessing (rate 0.25; guess floor 0.30)",
        ),
        (by_seed(right, wrong), 0.3, {}, ""),
        (by_seed(right, wrong, wrong, wrong), 0.3, {"subtract_floor": False}, ""),
        (by_seed(*[right] * 99, says("<answer>nearly</answer>")), 0.0, {"instances": 100}, ""),
        (says("<answer>nearly</answer>"), 0.0, {}, ""),
        (
            lambda request: right(request) if level_of(request) else wrong(request),
            0.0,
            {"levels": (0, 5), "monotone": True},
            "the solve rate does not fall with the level (p = 1)",
        ),
        (
            lambda request: wrong(request) if level_of(request) else right(request),
            0.0,
            {"levels": (0, 5), "monotone": True},
            "",
        ),
        (
            by_seed(right, wrong),
            0.0,
            {"levels": (0, 5), "monotone": True, "instances": 4},
            "the solve rate does not fall with the level (p = 0.76)",
        ),
        (by_seed(right, wrong), 0.0, {"levels": (0, 5)}, ""),
        (by_seed(right, wrong), 0.0, {"monotone": True}, ""),
    ],
)
def test_what_is_admitted(
    measure: Callable[..., Calibration],
    solver: Callable[[Request], str],
    floor: float,
    options: dict[str, Any],
    reason: str,
) -> None:
    found = measure(solver, profile(*[floor] * 10), **options)
    assert (found.reason, found.passed) == (reason, not reason)
    assert found.passed <= (0 < found.rate < 1)
    assert judge(found).reason == reason


def test_floor_is_taken_off_per_level(measure: Callable[..., Calibration]) -> None:
    found = measure(by_seed(right, wrong), profile(0.2, 0, 0, 0.6, 0, 0, 0, 0, 0, 0), levels=(3, 0))
    assert [level.difficulty for level in found.levels] == [0, 3]
    assert [level.adjusted for level in found.levels] == pytest.approx([0.375, 0.0])
    assert [level.rate for level in found.levels] == [0.5, 0.5]
    assert found.rate == pytest.approx(0.1875)
    assert (found.low, found.high) == pytest.approx(wilson_interval(8, 16, 0.95))
    assert found.trend == pytest.approx(falling_trend([[1, 0] * 4] * 2))


def test_hostile_and_cut_off_responses_are_wrong_and_counted(measure: Callable[..., Calibration]) -> None:
    replies: list[Callable[[Request], Any]] = [
        right,
        says("<answer>" + "9" * 10_001 + "</answer>"),
        says("<answer>\ud800</answer>"),
        says("\udfff no answer at all"),
        lambda _: Completion("<think>a long thought about <answer>12", None, None, "length"),
        says("<answer>\0\x1b[2J</answer>"),
        says("<answer></answer>"),
        says(""),
    ]
    found = measure(by_seed(*replies))
    (level,) = found.levels
    assert found.passed and found.rate == 0.125
    assert level.format_failures == 3
    responses = level.responses
    assert responses[1]["unscored"] == "10001 characters" and len(responses[1]["answer"]) == 300
    assert responses[2]["answer"] == "\\ud800" and "unscored" in responses[2]
    assert responses[3]["answer"] is None and responses[3]["end"] == "\\udfff no answer at all"
    assert responses[4]["finish_reason"] == "length" and responses[4]["tokens"] == 0
    assert [response["score"] for response in responses] == [1.0] + [0.0] * 7
    assert not any({"scorable", "difficulty"} & set(response) for response in responses)
    json.dumps(responses).encode("ascii")


def test_scorer_that_breaks_is_the_programs_fault(measure: Callable[..., Calibration]) -> None:
    found = measure(by_seed(right, right, says("<answer>break</answer>"), wrong), levels=(0,))
    assert not found.passed and found.levels == () and found.failure is not None
    assert found.failure["answer"] == "break" and found.failure["difficulty"] == 0
    assert "broken by an answer" in found.reason and "scorer" in found.reason
    assert found.tokens == 8 * 15
    assert judge(found).evidence["message"] == found.failure["message"]


def test_generator_that_breaks_is_found_before_anything_is_asked(sandbox: Sandbox) -> None:
    source = ADDING.replace(
        "    return {", "    assert rng.random() < 2 - difficulty, 'no more'\n    return {", 1
    )
    program = Evaluator(sandbox).inspect(source)
    assert isinstance(program, Program)
    solver = Solver(right)
    calibrator = Calibrator(sandbox, Flight(solver, 1), CalibrationConfig(levels=(0, 3)), PolicyConfig())
    found = calibrator.measure(program, profile())
    assert not found.passed and found.failure is not None and found.failure["difficulty"] == 3
    assert "no more" in found.reason and solver.requests == [] and (found.low, found.high) == (0.0, 1.0)


def test_a_failed_request_is_no_zero(measure: Callable[..., Calibration]) -> None:
    def unreliable(request: Request) -> str:
        raise PolicyError("the server went away")

    with pytest.raises(PolicyError, match="went away"):
        measure(by_seed(right, wrong, unreliable))

    class Silent(Solver):
        def complete(self, request: Request) -> list[Completion]:
            return []

    with pytest.raises(PolicyError, match="no completion"):
        measure(Silent(right))


def test_levels_that_are_not_there_are_refused(measure: Callable[..., Calibration], adding: Program) -> None:
    solver = Solver(right)
    with pytest.raises(UsageError, match=r"level 10 cannot be probed.*levels 0 to 9"):
        measure(solver, levels=(0, 10))
    assert solver.requests == []
    check_levels(adding, CalibrationConfig(levels=(0, 9)))


def test_measuring_repeats_exactly(measure: Callable[..., Calibration]) -> None:
    first, second = (measure(by_seed(right, wrong, wrong), levels=(0, 2)) for _ in range(2))
    assert first == second


# The command line ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rate", "floor", "drawn"),
    [
        (0.0, 0.0, ".........."),
        (1.0, 0.5, "##########"),
        (0.5, 0.0, "#####....."),
        (0.3, 0.5, "###..|...."),
        (0.0, 1.0, ".........|"),
    ],
)
def test_bar(rate: float, floor: float, drawn: str) -> None:
    assert bar(rate, floor, pretty=False) == drawn
    assert len(bar(rate, floor, pretty=True)) == BAR_CELLS


LEVEL = 2
LEVELS = ("--levels", str(LEVEL))


@pytest.fixture(scope="module")
def examined(sandbox: Sandbox) -> list[Examination]:
    """Three seeds that passed quick gates."""
    quick = ValidationConfig(
        sample_per_level=16, hash_seeds=1, borderline_sample=48, attacked_per_level=1, drawn_answers=4
    )
    validator, folder = Validator(sandbox, quick), data_folder("seeds") / "text"
    names = ("coin_change", "subset_sum", "bubble_sort_swaps")
    return [validator.examine((folder / f"{name}.py").read_text("utf-8")) for name in names]


@pytest.fixture
def library(examined: list[Examination], tmp_path: Path) -> tuple[str, list[str]]:
    """A registry with three seeds: the first one admitted, the others validated."""
    db, ids = str(tmp_path / "library.db"), [examination.id for examination in examined]
    with Registry.open(db, create=True) as registry:
        with registry.transaction() as transaction:
            for examination in examined:
                transaction.add_seed(examination, "a seed")
        for id in ids[1:]:
            registry.set_status(id, "validated", "for a test")
    return db, ids


def recording(path: Path, sandbox: Sandbox, db: str, ids: list[str], solved: dict[str, int]) -> Path:
    """Replies of a policy that solves the first `solved[id]` of eight instances of each environment."""
    evaluator, lines = Evaluator(sandbox), []
    with Registry.open(db, read_only=True) as registry:
        programs = [registry.environment(id).program for id in ids]
    for program in programs:
        assert program is not None
        keys = [(derive_seed("calibration", program.id, LEVEL, index), LEVEL) for index in range(8)]
        for index, instance in enumerate(evaluator.instances(program, keys)):
            answer = instance.reference if index < solved[program.id] else "none"
            completion = {"text": f"<answer>{answer}</answer>", "prompt_tokens": 20, "completion_tokens": 10,
                          "finish_reason": "stop"}  # fmt: skip
            lines.append({"key": f"solve/{program.id}/{LEVEL}/{instance.seed}", "policy": "strong-1",
                          "messages": [], "completions": [completion], "error": None})  # fmt: skip
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_all_is_calibrated_stored_and_admitted_once(
    sandbox: Sandbox, library: tuple[str, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db, ids = library
    admitted, partly, never = ids
    file = recording(tmp_path / "said.jsonl", sandbox, db, ids, {admitted: 8, partly: 3, never: 0})
    command = ["calibrate", "--all", "--policy", f"replay:{file}", "--db", db, *LEVELS]
    assert main([*command, "--json"]) == 0
    rows = {row["environment"]: row for row in json.loads(capsys.readouterr().out)}
    assert {id: row["verdict"] for id, row in rows.items()} == {
        admitted: "failed",
        partly: "admitted",
        never: "failed",
    }
    assert rows[partly]["levels"][0]["solved"] == 3 and rows[partly]["tokens"] == 240
    with Registry.open(db) as registry:
        assert [registry.status(id) for id in ids] == ["admitted", "admitted", "validated"]
        (record,) = registry.calibrations(partly)
        assert record.calibration.policy == "strong-1" and record.calibration.passed
        assert len(record.calibration.levels[0].responses) == 8
        last = registry.verdicts(partly)[-1].verdict
        assert (last.stage, last.passed) == (Stage.CALIBRATION, True)
        assert "strong-1" in registry.history(partly)[-1].reason
        assert registry.calibrated("strong-1") == set(ids)

    assert main(command) == 0
    assert "Nothing to do: 3 environments" in capsys.readouterr().out
    assert main([*command, "--again", "--policy-version", "strong-2"]) == 0
    assert "solved every one of 8" in capsys.readouterr().out.replace("\n", " ")
    with Registry.open(db) as registry:
        assert [len(registry.calibrations(id)) for id in ids] == [2, 2, 2]


def test_what_was_finished_stays_when_the_policy_fails(
    sandbox: Sandbox, library: tuple[str, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db, ids = library
    file = recording(tmp_path / "said.jsonl", sandbox, db, ids, dict.fromkeys(ids, 4))
    lines = file.read_text().splitlines()
    file.write_text("\n".join(lines[:-1]) + "\n")  # the last environment lacks one reply
    config = tmp_path / "one_at_a_time.toml"
    config.write_text("[policy]\nconcurrency = 1\n")
    command = ["calibrate", "--all", "--policy", f"replay:{file}", "--db", db, *LEVELS]
    assert main([*command, "--config", str(config)]) == 1
    assert "no reply to solve/" in capsys.readouterr().err
    file.write_text("\n".join(lines) + "\n")
    assert main(command) == 0
    with Registry.open(db) as registry:
        assert [len(registry.calibrations(id)) for id in ids] == [1, 1, 1]


def test_named_ones_decide_the_exit_code(
    sandbox: Sandbox, library: tuple[str, list[str]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    db, ids = library
    file = recording(tmp_path / "said.jsonl", sandbox, db, ids, {ids[0]: 8, ids[1]: 3, ids[2]: 0})
    options = ["--policy", f"replay:{file}", "--db", db, *LEVELS]
    assert main(["calibrate", ids[1][:8], *options]) == 0
    assert "3/8" in capsys.readouterr().out
    assert main(["calibrate", ids[1], ids[2], *options]) == 1
    assert "solved none of 8" in capsys.readouterr().out
    path, quick = str(data_folder("seeds") / "text" / "coin_change.py"), tmp_path / "quick.toml"
    quick.write_text(
        "[validation]\nsample_per_level = 16\nhash_seeds = 1\nattacked_per_level = 1\ndrawn_answers = 4\n"
    )
    assert main(["calibrate", path, *options, "--config", str(quick), "--json"]) == 1
    (row,) = json.loads(capsys.readouterr().out)
    assert row["stored"] is False and row["verdict"] == "failed"
    with Registry.open(db) as registry:
        assert registry.calibrations(ids[0]) == []
        registry.set_status(ids[2], "retired", "for a test")
    assert main(["calibrate", ids[2], *options]) == 2
    assert "is retired" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["coin_change"], "--policy"),
        (["--policy", "replay:x"], "--all"),
        (["--all", "coin_change", "--policy", "replay:x"], "--all"),
        (["coin_change", "--again", "--policy", "replay:x"], "--again"),
        (["coin_change", "--policy", "replay:x", "--levels", "0,a"], "--levels"),
        (["coin_change", "--policy", "replay:x", "--instances", "0"], "instances"),
        (["coin_change", "--policy", "nonsense:x"], "no policy"),
    ],
)
def test_usage(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calibrate", *arguments]) == 2
    assert said in capsys.readouterr().err
