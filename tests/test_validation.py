"""The gates on whole programs: the collection of defective ones, the correct ones, and the seeds."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from envforge.contract import Flavour, Oracle, Program, content_id
from envforge.locations import data_folder
from envforge.sandbox import Sandbox
from envforge.validation import Validator
from envforge.verdict import Examination, Stage

PROGRAMS = Path(__file__).parent / "programs"
DEFECTIVE = sorted((PROGRAMS / "defective").glob("*.py"))
CORRECT = sorted((PROGRAMS / "correct").glob("*.py"))
SEEDS = sorted((data_folder("seeds") / "text").glob("*.py"))
ORDER = list(Stage)


@pytest.fixture(scope="module")
def examinations(sandbox: Sandbox) -> dict[Path, Examination]:
    """Every program examined once, side by side."""
    validator = Validator(sandbox)
    paths = [*DEFECTIVE, *CORRECT, *SEEDS]
    with ThreadPoolExecutor(sandbox.workers) as pool:
        return dict(zip(paths, pool.map(lambda path: validator.examine(path.read_text("utf-8")), paths)))


def test_collection_is_as_large_as_promised() -> None:
    assert len(DEFECTIVE) >= 40
    assert len(CORRECT) >= 15
    assert len(SEEDS) == 10
    assert {path.name[:2] for path in DEFECTIVE} == {"L1", "L2", "L3", "L4", "L5"}


@pytest.mark.parametrize("path", DEFECTIVE, ids=lambda path: path.stem)
def test_defective_program_is_rejected_in_time(path: Path, examinations: dict[Path, Examination]) -> None:
    examination = examinations[path]
    failure = examination.failure
    assert failure is not None, "it passed every gate"
    expected = Stage(path.name[:2])
    assert ORDER.index(failure.stage) <= ORDER.index(expected), failure
    assert failure.reason
    assert [verdict.passed for verdict in examination.verdicts] == [True] * (
        len(examination.verdicts) - 1
    ) + [False]
    json.dumps(failure.evidence, allow_nan=False)
    if failure.stage is not Stage.L1:
        assert {"difficulty"} <= set(failure.evidence), failure.evidence


@pytest.mark.parametrize("path", [*CORRECT, *SEEDS], ids=lambda path: path.stem)
def test_correct_program_passes(path: Path, examinations: dict[Path, Examination]) -> None:
    examination = examinations[path]
    assert examination.passed, examination.failure
    assert [verdict.stage for verdict in examination.verdicts] == ORDER[1:6]
    assert examination.program is not None and examination.profile is not None
    assert len(examination.profile.guess_floors) == examination.program.max_difficulty + 1


def test_at_least_four_seeds_are_feasibility(examinations: dict[Path, Examination]) -> None:
    programs = [examinations[path].program for path in SEEDS]
    assert sum(program is not None and program.oracle is Oracle.FEASIBILITY for program in programs) >= 4
    assert len({program.signature for program in programs if program}) == 10


def test_examination_repeats_exactly(sandbox: Sandbox) -> None:
    source = SEEDS[1].read_text("utf-8")
    first, second = (Validator(sandbox).examine(source) for _ in range(2))
    for one, two in zip(first.verdicts, second.verdicts):
        assert (one.stage, one.passed, one.reason) == (two.stage, two.passed, two.reason)
        same = {key: value for key, value in one.evidence.items() if "milliseconds" not in key}
        assert same == {key: value for key, value in two.evidence.items() if "milliseconds" not in key}
    assert first.profile == second.profile


def test_evidence_names_an_instance_that_shows_the_defect(sandbox: Sandbox) -> None:
    """The seed, level and answer of an L5 verdict give the same score again, by hand."""
    from envforge.sandbox import Evaluator, ScoreCall
    from envforge.sandbox.calls import state_text

    source = SEEDS[0].read_text("utf-8")
    right, wrong = "answer.strip() == reference(state)", 'answer.strip().lstrip("-") == reference(state)'
    assert right in source
    source = source.replace(right, wrong)
    examination = Validator(sandbox).examine(source)
    failure = examination.failure
    assert failure is not None and failure.stage is Stage.L5, failure
    assert examination.program is not None
    evaluator = Evaluator(sandbox)
    (instance,) = evaluator.instances(
        examination.program, [(failure.evidence["seed"], failure.evidence["difficulty"])]
    )
    (score,) = evaluator.scores(
        examination.program, [ScoreCall(state_text(instance.state), failure.evidence["answer"])]
    )
    assert score == failure.evidence["score"] == 1.0


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "ORACLE"),
        ("\ud800", "UTF-8"),
        ("x" * 40_000, "more than"),
        ("(" * 20_000, "Python"),
        ('"""T."""\n' + "x = " + "-" * 9_000 + "1\n", ""),
        ("\x00", "NUL"),
    ],
    ids=["empty", "surrogate", "too large", "open parentheses", "minus signs", "NUL"],
)
def test_nothing_that_is_no_program_passes_the_parser(sandbox: Sandbox, source: str, reason: str) -> None:
    failure = Validator(sandbox).examine(source).failure
    assert failure is not None and failure.stage is Stage.L1
    assert reason in failure.reason


def test_content_id_ignores_line_ends_and_trailing_space() -> None:
    assert content_id("a = 1  \r\nb\r\n\r\n") == content_id("a = 1\nb")
    assert content_id("a = 1") != content_id("a = 2")


def test_program_kind_follows_its_bucket() -> None:
    program = Program("0" * 16, "", "t", ("a",), Oracle.EQUALITY, 9, Flavour.BARE, "", frozenset())
    assert program.kind == "text"
    assert list(program.difficulties) == list(range(10))
