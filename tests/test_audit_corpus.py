"""The collection of defective programs for the auditor: its form, and (slow) how many of them the auditor finds."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import audited
import pytest

from envforge.audit.codes import CODES
from envforge.contract import Program
from envforge.sandbox import Evaluator, Failure, ScoreCall
from envforge.sandbox.calls import state_text

CASES = [case for case in audited.cases() if case.codes]
# What no program has of itself: these need a registry, other programs, a policy, or more time than there was.
NOT_OF_A_PROGRAM = {
    "hacked", "source-changed", "gate-failed", "floor-raised", "rate-drifted", "near-duplicate",
    "defective-ancestor", "slow",
}  # fmt: skip
# Defects by which the instances or the references themselves fail.
FAILING = {"generation-fails", "answer-missing", "reference-refused", "changes-state", "prompt-varies"}

SAMPLED = 6  # every so many programs are audited in the suite
# A little below what `python tests/audited.py` measured.
RECALL = 0.80  # one of the named codes
RECALL_OF_ANY = 0.85  # any error or warning


def test_every_code_of_a_single_program_is_represented() -> None:
    programs = Counter(code for case in CASES for code in case.codes)
    assert set(programs) == set(CODES) - NOT_OF_A_PROGRAM
    few = {code for code, count in programs.items() if count < 2}
    assert few == {"level-generation-slow"}
    assert len(CASES) >= 66


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.path.stem)
def test_defective_program_names_known_codes_and_one_defect(case: audited.Case) -> None:
    assert set(case.codes) <= set(CODES)
    assert len(set(case.codes)) == len(case.codes)
    source = case.path.read_text("utf-8")
    docstring = ast.get_docstring(ast.parse(source)) or ""
    assert sum(line.startswith("Defect: ") for line in docstring.splitlines()) == 1
    assert ("label-contradicted" in case.codes) == (case.solver is not None)


def test_every_solver_belongs_to_a_program() -> None:
    solvers = {path.resolve() for root in audited.SETS["all"] for path in (root / "solvers").glob("*.py")}
    assert solvers == {case.solver.resolve() for case in CASES if case.solver is not None}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.path.stem)
def test_defective_program_is_in_the_form_of_the_contract(case: audited.Case, evaluator: Evaluator) -> None:
    program = evaluator.inspect(case.path.read_text("utf-8"))
    assert isinstance(program, Program), program
    keys = [(seed, level) for level in program.difficulties for seed in range(2)]
    if "level-generation-slow" in case.codes:
        keys = [key for key in keys if key[1] < 9]
    instances = evaluator.instances(program, keys)
    if FAILING.isdisjoint(case.codes):
        calls = []
        for instance in instances:
            assert not isinstance(instance, Failure), instance
            calls.append(ScoreCall(state_text(instance.state), instance.reference))
        assert set(evaluator.scores(program, calls)) == {1.0}
    else:
        assert any(not isinstance(instance, Failure) for instance in instances)


def test_first_line_must_name_codes(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text('# audit: ignores-sign, accepts-part\n"""Title.\n\nDefect: one.\n"""\n')
    assert audited.named_codes(path) == ("ignores-sign", "accepts-part")
    path.write_text('"""Title."""\n')
    with pytest.raises(ValueError, match="does not begin with"):
        audited.named_codes(path)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_auditor_finds_the_defects_and_accuses_nobody_else() -> None:
    """On a sample that fits into CI; `python tests/audited.py` takes all."""
    every = audited.cases()
    defective, correct = [one for one in every if one.codes], [one for one in every if not one.codes]
    found = audited.figures(audited.judge([*defective[::SAMPLED], *correct[::SAMPLED]]), 0.0)
    assert found["falsely_accused"] == {}
    assert found["precision"] == 1.0
    assert found["recall"] >= RECALL, found["missed"]
    assert found["recall_of_any"] >= RECALL_OF_ANY, found["missed"]
    assert found["recall"] > found["recall_of_the_gates"]
