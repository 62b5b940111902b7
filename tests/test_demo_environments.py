"""The environments of recipes/cpu-demo and of tests/toys pass every gate and get harder with the level."""

from __future__ import annotations

import statistics
from pathlib import Path

import pytest
import toys

from envforge.config import PoolConfig
from envforge.contract import Instance
from envforge.locations import data_folder
from envforge.pool.controllers import Outcome
from envforge.pool.fixed import Fixed
from envforge.pool.streams import Stream
from envforge.sandbox import Evaluator, Sandbox
from envforge.validation import Validator

DEMO = data_folder("recipes") / "cpu-demo"
TRAINED = sorted((DEMO / "train").glob("*.py"))
HELD_OUT = sorted((DEMO / "held-out").glob("*.py"))
TOYS = (*toys.TRAINED, *toys.HELD_OUT)


def test_the_demonstration_has_both_sides() -> None:
    assert len(TRAINED) == 3
    assert len(HELD_OUT) == 5
    assert {path.read_bytes() for path in TRAINED}.isdisjoint(path.read_bytes() for path in HELD_OUT)


@pytest.mark.parametrize("path", [*TRAINED, *HELD_OUT, *TOYS], ids=lambda path: path.stem)
def test_gates_guessing_and_lengths(path: Path, sandbox: Sandbox) -> None:
    """Every gate is passed, guessing does not pay, prompts are short and grow with the level."""
    found = Validator(sandbox).examine(path.read_text("utf-8"))
    assert found.passed, found.failure
    assert found.profile is not None and found.program is not None
    assert max(found.profile.guess_floors) <= 0.35
    keys = [(seed, level) for level in (0, 9) for seed in range(12)]
    made = Evaluator(sandbox).instances(found.program, keys)
    lengths = [len(instance.prompt) for instance in made if isinstance(instance, Instance)]
    assert len(lengths) == len(keys)
    assert max(lengths) <= 300
    assert statistics.mean(lengths[:12]) < statistics.mean(lengths[12:])


def test_the_fixed_controller_stays_where_it_is() -> None:
    stream = Stream(0, 1)
    for top, level in ((9, 4), (2, 2)):
        controller = Fixed(PoolConfig(controller="fixed", fixed_level=4))
        memory = controller.begin(top)
        for number, accuracy in enumerate((1.0, 1.0, 0.0, 0.5), 1):
            assert controller.level(memory, top, stream) == level
            memory = controller.learn(memory, top, Outcome(number, level, accuracy, 0.0))
        assert controller.span(memory, top) == (level, level)
