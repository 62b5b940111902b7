"""The ten seeds against independent solvers, through the sandbox."""

from __future__ import annotations

import pytest
from oracles import CHECKERS, ORACLES, SMALL_LEVELS

from envforge.contract import Instance, Oracle, Program, derive_seed
from envforge.locations import data_folder
from envforge.sandbox import Evaluator, ScoreCall
from envforge.sandbox.calls import state_text
from envforge.sources import SourceFile, read_folder

SEEDS = {file.path.stem: file for file in read_folder(data_folder("seeds") / "text")}
PER_LEVEL = 12


def inspected(evaluator: Evaluator, file: SourceFile) -> Program:
    program = evaluator.inspect(file.source)
    assert isinstance(program, Program), program
    return program


def drawn(evaluator: Evaluator, name: str, levels: range) -> tuple[Program, list[Instance]]:
    program = inspected(evaluator, SEEDS[name])
    keys = [(derive_seed("oracle test", name, d, i), d) for d in levels for i in range(PER_LEVEL)]
    instances = evaluator.instances(program, keys)
    assert all(isinstance(instance, Instance) for instance in instances)
    return program, instances  # type: ignore[return-value]


def test_every_seed_has_an_independent_judge() -> None:
    assert set(ORACLES) | set(CHECKERS) == set(SEEDS)
    assert not set(ORACLES) & set(CHECKERS)


@pytest.mark.parametrize("name", sorted(ORACLES))
def test_reference_is_what_an_independent_solver_finds(name: str, evaluator: Evaluator) -> None:
    program, instances = drawn(evaluator, name, range(SMALL_LEVELS[name] + 1))
    assert program.oracle is Oracle.EQUALITY
    for instance in instances:
        assert int(instance.reference) == int(ORACLES[name](instance.state)), instance.prompt


@pytest.mark.parametrize("name", sorted(CHECKERS))
def test_reference_is_right_and_scorer_agrees_with_an_independent_judge(
    name: str, evaluator: Evaluator
) -> None:
    program, instances = drawn(evaluator, name, range(SMALL_LEVELS[name] + 1))
    assert program.oracle is Oracle.FEASIBILITY
    questions = []
    for instance in instances:
        assert CHECKERS[name](instance.state, instance.reference), instance.prompt
        tokens = instance.reference.split()
        variants = [tokens[::-1], sorted(tokens), tokens[:-1], [*tokens[1:], tokens[0]], tokens]
        questions += [(instance, " ".join(variant)) for variant in variants]
    scores = evaluator.scores(program, [ScoreCall(state_text(i.state), answer) for i, answer in questions])
    for (instance, answer), score in zip(questions, scores):
        assert (score == 1.0) == bool(CHECKERS[name](instance.state, answer)), (instance.prompt, answer)
