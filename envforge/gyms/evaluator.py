"""Calls of adapters: as those of environment programs, with the limits and the freedom of other people's gyms."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from envforge.contract import Instance, Program
from envforge.sandbox import Evaluator, Failure, ScoreCall, Status
from envforge.sandbox.calls import BATCH

MAKE_SECONDS = 20.0  # CPU, for one instance (ours): the slowest tasks of the gyms known here take a few
SCORE_SECONDS = 10.0  # CPU, for one answer (ours)
GYM_BATCH = 16  # calls that share a process: some tasks take seconds for each


class GymEvaluator(Evaluator):
    """Makes and scores the instances of adapter programs. An instance's state names it: its seed and level.

    The seed goes to the gym as it is, so it has 31 bits at most. The contract's bounds on prompts and references do
    not hold; an instance without a reference has an empty one.
    """

    def instances(
        self,
        program: Program,
        keys: Sequence[tuple[int, int]],
        *,
        fresh: bool = False,
        hash_seed: int = 0,
        salt: int = 0,
        batch: int = BATCH,
        to_first_failure: bool = False,
        pictures: bool = False,
    ) -> list[Instance | Failure]:
        """The instances for (seed, level) `keys`, in that order, each checked or its failure."""
        if any(seed >= 2**31 for seed, _ in keys):
            raise ValueError("a gym's seed has 31 bits at most")
        values = self._calls(
            program, "gym-make", [list(key) for key in keys], [], MAKE_SECONDS, fresh,
            hash_seed=hash_seed, salt=salt, batch=min(batch, GYM_BATCH), to_first_failure=to_first_failure,
        )  # fmt: skip
        return [_instance(program, key, value) for key, value in zip(keys, values)]

    def derivations(
        self, program: Program, states: Sequence[dict[str, Any]], **options: Any
    ) -> list[tuple[str, str] | Failure]:
        """Nothing: the state of such an instance is its name, and cannot be changed."""
        return [Failure(Status.RAISED, "a gym's instance has no state of ours")] * len(states)

    def scores(
        self,
        program: Program,
        calls: Sequence[ScoreCall],
        *,
        fresh: bool = False,
        strict: bool = False,
        hash_seed: int = 0,
        salt: int = 0,
        batch: int = BATCH,
        to_first_failure: bool = False,
    ) -> list[float | Failure]:
        """The score of every call, in order; `strict` also verifies that scoring leaves the instance alone."""
        states = [json.loads(call.state) for call in calls]
        items = [[state["seed"], state["level"], call.answer] for state, call in zip(states, calls)]
        # A process makes an instance once for the answers to it that come one after another.
        order = range(len(items)) if fresh else sorted(range(len(items)), key=lambda at: items[at][:2])
        values = self._calls(
            program, "gym-score", [items[at] for at in order], [], SCORE_SECONDS, fresh,
            strict=strict, hash_seed=hash_seed, salt=salt, batch=min(batch, 8 * GYM_BATCH),
            to_first_failure=to_first_failure,
        )  # fmt: skip
        found: list[float | Failure] = [0.0] * len(items)
        for at, value in zip(order, values):
            found[at] = _score(value)
        return found

    def streams(self, program: Program, keys: Sequence[tuple[int, int]]) -> list[list[str] | Failure | None]:
        """For (seed, count) `keys` the first prompts that the gym itself deals out; None where it deals none."""
        values = self._calls(
            program, "gym-stream", [list(key) for key in keys], [], 4 * MAKE_SECONDS, False, batch=1
        )
        return [_stream(value) for value in values]


def _instance(program: Program, key: tuple[int, int], value: Any) -> Instance | Failure:
    if isinstance(value, Failure):
        return value
    if not isinstance(value, dict) or set(value) != {"prompt", "reference"}:
        return Failure(Status.FORGED, "an instance without its two parts")
    prompt, reference = value["prompt"], value["reference"]
    if type(prompt) is not str or type(reference) not in (str, type(None)):
        return Failure(Status.FORGED, "a prompt or reference that is no string")
    return Instance(program.id, key[0], key[1], {"seed": key[0], "level": key[1]}, prompt, reference or "")


def _score(value: Any) -> float | Failure:
    if isinstance(value, Failure):
        return value
    if type(value) is not float or not 0.0 <= value <= 1.0:
        return Failure(Status.FORGED, f"a score that is no float from 0 to 1: {str(value)[:60]}")
    return value


def _stream(value: Any) -> list[str] | Failure | None:
    if isinstance(value, Failure) or value is None:
        return value
    if not isinstance(value, list) or not all(type(one) is str for one in value):
        return Failure(Status.FORGED, "a stream that is no list of texts")
    return value
