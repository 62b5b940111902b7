"""L2, execute: the program runs at every level within the contract's limits and returns the right types."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from envforge.config import ValidationConfig
from envforge.contract import Instance, Program
from envforge.sandbox import Evaluator, Failure
from envforge.validation.finding import Rejected, failed
from envforge.validation.sampling import Sample, sample_seed

SLOW_SECONDS = 0.1  # CPU per instance above which the sample is the smaller one


def execute(
    program: Program, evaluator: Evaluator, config: ValidationConfig, stream: int = 0
) -> tuple[Sample, dict[str, Any]]:
    """Draw the sample: `fresh_seeds` per level each in a process of its own, the rest in batches.

    Instances of a visual program carry their pictures. Raises Rejected at the first instance that fails. Types, sizes
    and the JSON round trip are checked in the child and again here.
    """
    fresh = config.fresh_seeds
    # One seed at every level first: what loops for ever is then found at the price of a few calls.
    alone = [_keys(program, range(1), stream), _keys(program, range(1, fresh), stream)]
    drawn: dict[tuple[int, int], Instance] = {}
    before = evaluator.cpu_seconds
    for keys in alone:
        drawn.update(_draw(program, evaluator, keys, fresh=True))
    spent = (evaluator.cpu_seconds - before) / max(1, len(drawn))
    size = config.slow_sample_per_level if spent > SLOW_SECONDS else config.sample_per_level
    rest = _keys(program, range(fresh, max(size, fresh)), stream)
    drawn.update(_draw(program, evaluator, rest, fresh=False))
    levels = tuple(
        tuple(drawn[sample_seed(program, d, i, stream), d] for i in range(max(size, fresh)))
        for d in program.difficulties
    )
    sample = Sample(levels, fresh, stream)
    longest = max(sample.instances, key=lambda instance: len(instance.prompt))
    figures = {
        "instances": len(drawn),
        "longest_prompt": len(longest.prompt),
        "cpu_milliseconds_fresh": round(1000 * spent, 2),
    }
    return sample, figures


def _keys(program: Program, indices: range, stream: int) -> list[tuple[int, int]]:
    return [(sample_seed(program, d, i, stream), d) for i in indices for d in program.difficulties]


def _draw(
    program: Program, evaluator: Evaluator, keys: Sequence[tuple[int, int]], fresh: bool
) -> dict[tuple[int, int], Instance]:
    values = evaluator.instances(program, keys, fresh=fresh, to_first_failure=True, pictures=True)
    drawn = {}
    for (seed, difficulty), value in zip(keys, values):
        if isinstance(value, Failure):
            raise Rejected(
                f"an instance at level {difficulty} fails: {value}", **failed(value, seed, difficulty)
            )
        drawn[seed, difficulty] = value
    return drawn
