"""Changed states: what would have to look different, were the answer to be read off the picture.

A state is changed in one place: a leaf gets a neighbouring value or another leaf's, or a whole part comes from
another instance of the same level. Many results are states that `generate` would never return; what the program does
with those is its own business, so a change counts only where prompt, reference and picture can all be had.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from envforge.contract import Instance, Program, derive_seed
from envforge.sandbox import Evaluator, Failure
from envforge.sandbox.reply import Status

LEAVES = 24  # of a state that are changed; the others stand for the same paths
PARTS = 12  # top-level parts that are taken from another instance
CPU_SECONDS = 0.25  # for one changed state: a search may never end on one that generate would not return
BATCH = 12  # changes that share a process, and an end: those after one that takes too long are given up
WAVE = 12  # batches
GIVE_UP_AFTER = 60  # changes given up in all


@dataclass(frozen=True, slots=True)
class Change:
    """An instance whose state was changed at `path`, with the prompt and reference that it has then."""

    instance: Instance
    path: str  # `edges[][]`: every index is left out, so that the same fact has one name
    state: dict[str, Any]
    prompt: str
    reference: str

    @property
    def of_the_answer(self) -> bool:
        """The prompt is the same and the reference is not: only the picture can tell."""
        return self.prompt == self.instance.prompt and self.reference != self.instance.reference


def changes(
    program: Program, pairs: Sequence[tuple[Instance, Instance]], evaluator: Evaluator
) -> list[Change]:
    """The changes of the first of each pair, parts being taken from the second, that can be derived at all.

    Every level is met early: a program whose search does not end on changed states is not tried to the last of them.
    """
    drafts = [
        (instance, path, state)
        for instance, other in sorted(pairs, key=lambda pair: pair[0].seed)
        for path, state in _drafts(instance, other, random.Random(derive_seed("changes", instance.seed)))
    ]
    found: list[Change] = []
    lost = 0
    for start in range(0, len(drafts), WAVE * BATCH):
        wave = drafts[start : start + WAVE * BATCH]
        states = [state for _, _, state in wave]
        derived = evaluator.derivations(
            program, states, prompt_first=True, cpu=CPU_SECONDS, batch=BATCH, to_first_failure=True
        )
        for (instance, path, state), value in zip(wave, derived):
            if not isinstance(value, Failure):
                found.append(Change(instance, path, state, *value))
            elif value.status is not Status.RAISED:
                lost += 1
        if lost >= GIVE_UP_AFTER:
            break
    return found


def _drafts(instance: Instance, other: Instance, rng: random.Random) -> Iterator[tuple[str, dict[str, Any]]]:
    state = instance.state
    parts = [key for key in state if key in other.state and state[key] != other.state[key]]
    for key in parts[:PARTS]:
        yield key, {**state, key: other.state[key]}
    leaves = list(_leaves(state, ()))
    for path, value in rng.sample(leaves, min(LEAVES, len(leaves))):
        changed = _changed(value, [leaf for place, leaf in leaves if _name(place) == _name(path)], rng)
        if changed is not None:
            yield _name(path), _with(state, path, changed)


def _leaves(node: Any, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _leaves(value, (*path, index))
    else:
        yield path, node


def _changed(value: Any, alike: Sequence[Any], rng: random.Random) -> Any:
    """Another value of the same type; None where there is none to be had."""
    if isinstance(value, bool):
        return not value
    others = sorted({leaf for leaf in alike if type(leaf) is type(value) and leaf != value})
    if others and rng.random() < 0.5:
        return rng.choice(others)
    if isinstance(value, int):
        return value + rng.choice((-1, 1))
    if isinstance(value, float):
        return value + rng.choice((-1.0, 1.0))
    return rng.choice(others) if others else None


def _with(state: dict[str, Any], path: tuple[str | int, ...], value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(state)
    node: Any = changed
    for step in path[:-1]:
        node = node[step]
    node[path[-1]] = value
    return changed


def _name(path: tuple[str | int, ...]) -> str:
    return "".join("[]" if isinstance(step, int) else f".{step}" for step in path).lstrip(".")
