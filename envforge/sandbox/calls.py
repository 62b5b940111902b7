"""Typed calls of environment programs: inspect, generate, derive, render, score. Checks all values that come back."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from envforge.contract import (
    INSTANCE_CPU_SECONDS,
    MAX_PICTURE_BYTES,
    MAX_STATE_BYTES,
    PROMPT_CHARACTERS,
    REFERENCE_CHARACTERS,
    RENDER_CPU_SECONDS,
    SCORE_CPU_SECONDS,
    Flavour,
    Instance,
    Oracle,
    Program,
    content_id,
)
from envforge.errors import SandboxError
from envforge.sandbox.client import Sandbox
from envforge.sandbox.reply import Failure, Reply, Status
from envforge.sandbox.request import Request

BATCH = 256
MIN_BATCH = 16
PICTURE_BATCH = 32  # the largest pictures of a batch must fit into what a child may write

_Maker = Callable[[Sequence[list[Any]], bool], Request]


@dataclass(frozen=True, slots=True)
class ScoreCall:
    """Score `answer` on the instance whose state is the JSON text `state`."""

    state: str
    answer: str


_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def state_text(state: dict[str, Any]) -> str:
    """The JSON text of a state, as it travels and is measured."""
    return _ENCODER.encode(state)


class Evaluator:
    """Calls environment programs through a sandbox.

    `fresh=True` runs every call in a process of its own; otherwise calls share one per batch and a batch
    that breaks is repeated in pieces, so that the failure is pinned to the call that made it. With
    `to_first_failure` the calls after it in its batch are not made: its failure stands for them. `batch` is
    the most calls that share a process.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.cpu_seconds = 0.0  # spent by the children of this evaluator's calls

    @property
    def isolation(self) -> str:
        """The level in force, as verdicts record it."""
        return str(self.sandbox.level.value)

    def inspect(self, source: str) -> Program | Failure | list[dict[str, Any]]:
        """The program in `source`; or the static policy's violations (`line`, `message`); or why it broke."""
        reply = self.sandbox.run(Request("inspect", source, [None]))
        result = reply.failure or reply.results[0]
        if isinstance(result, Failure):
            return result
        if result["violations"]:
            violations: list[dict[str, Any]] = result["violations"]
            return violations
        return program_from(source, result)

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
        """Generate the instances for (seed, difficulty) `keys`, in that order, each checked or its failure.

        With `pictures` those of a visual program carry their SVG, and one that cannot be rendered is a Failure.
        """
        items = [list(key) for key in keys]
        values = self._calls(
            program, "instance", items, [], INSTANCE_CPU_SECONDS, fresh,
            hash_seed=hash_seed, salt=salt, batch=batch, to_first_failure=to_first_failure,
        )  # fmt: skip
        found = [_instance(program, key, value) for key, value in zip(keys, values)]
        if not pictures or program.kind != "visual":
            return found
        states = [instance.state for instance in found if isinstance(instance, Instance)]
        drawn = iter(self.pictures(program, states, fresh=fresh, hash_seed=hash_seed, salt=salt))
        pictured: list[Instance | Failure] = []
        for instance in found:
            if isinstance(instance, Failure):
                pictured.append(instance)
                continue
            picture = next(drawn)
            pictured.append(picture if isinstance(picture, Failure) else replace(instance, picture=picture))
        return pictured

    def derivations(
        self,
        program: Program,
        states: Sequence[dict[str, Any]],
        *,
        prompt_first: bool,
        hash_seed: int = 0,
        salt: int = 0,
        cpu: float = INSTANCE_CPU_SECONDS,
        batch: int = BATCH,
        to_first_failure: bool = False,
    ) -> list[tuple[str, str] | Failure]:
        """(prompt, reference) for each state, without generating; the order of the two calls is chosen.

        `cpu` is what a call may take in seconds.
        """
        items = [[index, prompt_first] for index in range(len(states))]
        texts = [state_text(state) for state in states]
        values = self._calls(
            program, "derive", items, texts, cpu, False,
            hash_seed=hash_seed, salt=salt, batch=batch, to_first_failure=to_first_failure,
        )  # fmt: skip
        return [value if isinstance(value, Failure) else _derived(value) for value in values]

    def pictures(
        self,
        program: Program,
        states: Sequence[dict[str, Any]],
        *,
        fresh: bool = False,
        hash_seed: int = 0,
        salt: int = 0,
        to_first_failure: bool = False,
    ) -> list[str | Failure]:
        """The SVG of each state, as the program wrote it: nothing has looked at it yet."""
        items = [[index] for index in range(len(states))]
        texts = [state_text(state) for state in states]
        values = self._calls(
            program, "render", items, texts, RENDER_CPU_SECONDS, fresh,
            hash_seed=hash_seed, salt=salt, batch=PICTURE_BATCH, to_first_failure=to_first_failure,
        )  # fmt: skip
        return [value if isinstance(value, Failure) else _rendered(value) for value in values]

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
        """The score of every call, in order; `strict` also verifies that scoring leaves the state alone."""
        states: dict[str, int] = {}
        items = [[states.setdefault(call.state, len(states)), call.answer] for call in calls]
        values = self._calls(
            program, "score", items, list(states), SCORE_CPU_SECONDS, fresh,
            strict=strict, hash_seed=hash_seed, salt=salt, batch=batch, to_first_failure=to_first_failure,
        )  # fmt: skip
        return [value if isinstance(value, Failure) else _scored(value) for value in values]

    def _calls(
        self,
        program: Program,
        op: str,
        items: list[list[Any]],
        states: list[str],
        cpu: float,
        fresh: bool,
        *,
        strict: bool = False,
        hash_seed: int = 0,
        salt: int = 0,
        batch: int = BATCH,
        to_first_failure: bool = False,
    ) -> list[Any]:
        def request(part: Sequence[list[Any]], precise: bool) -> Request:
            texts, rows = _only_used(states, part) if states else ([], part)
            return Request(
                op, program.source, rows, texts, program.flavour, hash_seed, salt, cpu, strict, precise
            )

        # Every worker gets a share before anybody gets a second one.
        size = 1 if fresh else min(batch, max(MIN_BATCH, -(-len(items) // self.sandbox.workers)))
        parts = [items[start : start + size] for start in range(0, len(items), size)]
        replies = self.sandbox.run_many([request(part, False) for part in parts])
        values: list[Any] = []
        for part, reply in zip(parts, replies):
            self.cpu_seconds += reply.cpu
            values += self._resolve(part, reply, request, to_first_failure, 1)
        return values

    def _resolve(
        self,
        part: Sequence[list[Any]],
        reply: Reply,
        request: _Maker,
        to_first_failure: bool,
        round: int,
    ) -> list[Any]:
        """The values of one batch; a broken one is repeated, split at the call where it broke.

        What breaks again after that is repeated call by call, side by side: a program that breaks at every
        call, or lies about where it broke, must not cost a batch per call.
        """
        if reply.failure is None:
            return list(reply.results)
        if len(part) == 1 or not reply.loaded:
            return [reply.failure] * len(part)
        if round > 2 and not to_first_failure:
            replies = self.sandbox.run_many([request([item], False) for item in part])
            return [single.failure or single.results[0] for single in replies]
        # Results are written in blocks, so how far the batch came is known only when it is asked for.
        again = self.sandbox.run(request(part, True))
        if again.failure is None:
            return list(again.results)
        at = min(again.reached, len(part) - 1)
        values: list[Any] = []
        for piece in (part[:at], part[at : at + 1], part[at + 1 :]):
            if to_first_failure and values and isinstance(values[-1], Failure):
                values += [values[-1]] * len(piece)
            elif piece:
                reply = self.sandbox.run(request(piece, False))
                values += self._resolve(piece, reply, request, to_first_failure, round + 1)
        return values


def _only_used(states: list[str], part: Sequence[list[Any]]) -> tuple[list[str], list[list[Any]]]:
    """The states that `part` refers to, and `part` renumbered: a batch carries no others."""
    numbers: dict[int, int] = {}
    rows = [[numbers.setdefault(index, len(numbers)), *rest] for index, *rest in part]
    return [states[index] for index in numbers], rows


def program_from(source: str, metadata: dict[str, Any]) -> Program:
    """A Program from what `sandbox/inspection.py` found in its source."""
    levels = metadata["levels"]
    return Program(
        id=content_id(source),
        source=source,
        title=metadata["title"],
        tags=tuple(metadata["tags"]),
        oracle=Oracle(metadata["oracle"]),
        max_difficulty=metadata["max_difficulty"],
        flavour=Flavour(metadata["flavour"]),
        signature=metadata["signature"],
        shingles=frozenset(metadata["shingles"]),
        bucket=metadata["bucket"],
        levels=tuple(levels) if levels is not None else None,
    )


def _instance(program: Program, key: tuple[int, int], value: Any) -> Instance | Failure:
    if isinstance(value, Failure):
        return value
    if not isinstance(value, dict) or set(value) != {"state", "prompt", "reference"}:
        return Failure(Status.FORGED, "an instance without its three parts")
    state = value["state"]
    if not isinstance(state, dict):
        return Failure(Status.FORGED, "a state that is no JSON object")
    size = len(state_text(state).encode("utf-8", "surrogatepass"))
    if size > MAX_STATE_BYTES:
        return Failure(Status.RAISED, f"the state takes {size} bytes as JSON, more than {MAX_STATE_BYTES}")
    derived = _derived(value)
    if isinstance(derived, Failure):
        return derived
    return Instance(program.id, key[0], key[1], state, *derived)


def _derived(value: Any) -> tuple[str, str] | Failure:
    prompt, reference = value.get("prompt"), value.get("reference")
    if type(prompt) is not str or type(reference) is not str:
        return Failure(Status.FORGED, "a prompt or reference that is no string")
    low, high = PROMPT_CHARACTERS
    if not low <= len(prompt) <= high:
        return Failure(Status.RAISED, f"the prompt has {len(prompt)} characters, not {low} to {high}")
    low, high = REFERENCE_CHARACTERS
    if not low <= len(reference) <= high:
        return Failure(Status.RAISED, f"the reference has {len(reference)} characters, not {low} to {high}")
    if reference != reference.strip():
        return Failure(Status.RAISED, f"the reference {reference[:60]!r} has white space at an end")
    if "</answer>" in reference or "\\boxed" in reference:
        return Failure(Status.RAISED, "the reference contains </answer> or \\boxed")
    return prompt, reference


def _rendered(value: Any) -> str | Failure:
    if type(value) is not str or len(value.encode("utf-8", "surrogatepass")) > MAX_PICTURE_BYTES:
        return Failure(Status.FORGED, f"a picture that is no string of at most {MAX_PICTURE_BYTES} bytes")
    return value


def _scored(value: Any) -> float | Failure:
    if type(value) is not float or not 0.0 <= value <= 1.0:
        return Failure(Status.FORGED, f"a score that is no float from 0 to 1: {str(value)[:60]}")
    return value


def require(value: Any) -> Any:
    """The value, for programs that were admitted: a Failure there raises SandboxError with its text."""
    if isinstance(value, Failure):
        raise SandboxError(f"an admitted environment failed: {value}")
    return value
