"""Adapters: tasks of other people's gyms behind three calls, inside the sandbox.

An adapter program binds `task` to one of the classes below. A task makes an item from (seed, level), and tells its
prompt, its reference (None where there is none) and the score of an answer. The same item is made anew where it is
needed: items may hold anything, so they do not travel.

`stream` is what the gym itself would deal out under a seed: the prompts of its first items.
"""

import copy
import importlib
import json
from collections.abc import Callable
from typing import Any

_encode = json.JSONEncoder(ensure_ascii=True).encode
MAX_TEXT = 100_000  # characters of a prompt or reference that travel


class ReasoningGym:
    """A task of reasoning_gym. An item is the only one of a data set of its own: item i of a longer one is made from
    seed + i. Levels are the data set's default settings alone."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._create = importlib.import_module("reasoning_gym").create_dataset

    def make(self, seed: int, level: int) -> Any:
        data = self._create(self._name, size=1, seed=seed)
        return data, data[0]

    def prompt(self, item: Any) -> Any:
        return item[1]["question"]

    def reference(self, item: Any) -> Any:
        return item[1]["answer"]

    def score(self, item: Any, answer: str) -> Any:
        return item[0].score_answer(answer, item[1])

    def facts(self, item: Any) -> Any:
        return item[1]

    def stream(self, seed: int, count: int) -> list[str]:
        data = self._create(self._name, size=count, seed=seed)
        return [str(data[index]["question"]) for index in range(count)]


class Rlve:
    """An environment of rlve-gym. Level d is the first setting of its parameter controller after d updates. Its own
    `generator` runs `_generate` in a thread, with its process's generators seeded: here without the thread."""

    def __init__(self, name: str, controller: str) -> None:
        self._kind = getattr(importlib.import_module("Gym.environments"), name)
        self._controller = getattr(importlib.import_module("Gym.parameter_controllers"), controller)
        self._seed = importlib.import_module("Gym.environment").manual_seed

    def make(self, seed: int, level: int) -> Any:
        controller, environment = self._controller(), self._kind()
        for _ in range(level):
            controller.update()
        environment.seed = seed % 2**32  # numpy takes no more
        environment.parameter = copy.deepcopy(controller.get_parameter_list()[0])
        self._seed(environment.seed)
        environment._generate()
        if environment.parameter is None:
            raise ValueError("no problem came of these parameters")
        return environment

    def prompt(self, item: Any) -> Any:
        return item.prompt_generator()

    def reference(self, item: Any) -> Any:
        return item.parameter.get("reference_answer")

    def score(self, item: Any, answer: str) -> Any:
        first, last = item.answer_markers
        verdict = item.verifier(first + answer + last)
        # Rewards go from -1 to 1; what the gym counts as right is full credit, whatever its reward.
        return 1.0 if verdict["accuracy"] == 1 else min(max(0.0, float(verdict["reward"])), 0.999)

    def facts(self, item: Any) -> Any:
        return item.parameter

    stream = None  # every item has a seed of its own


class Custom:
    """A class of the user's with `generate(seed, level)`, `prompt(item)`, `reference(item)`, `score(item, answer)`,
    and `stream(seed, count)` where it has one."""

    def __init__(self, module: str, name: str) -> None:
        kind: Any = importlib.import_module(module)
        for part in name.split("."):
            kind = getattr(kind, part)
        task = kind()
        self.make = task.generate
        self.prompt, self.reference, self.score = task.prompt, task.reference, task.score
        self.stream: Callable[[int, int], list[str]] | None = getattr(task, "stream", None)

    def facts(self, item: Any) -> Any:
        return item


_kept: dict[
    tuple[int, int], Any
] = {}  # the item that was made last: answers to one item come one after another


def _item(task: Any, seed: int, level: int) -> Any:
    if (seed, level) not in _kept:
        _kept.clear()
        _kept[seed, level] = task.make(seed, level)
    return _kept[seed, level]


def make(task: Any, item: list[int]) -> str:
    """The frame of an instance; `item` is [seed, level]."""
    _kept.clear()
    made = _item(task, *item)
    reference = task.reference(made)
    prompt = str(task.prompt(made))[:MAX_TEXT]
    return _encode({"v": {"prompt": prompt, "reference": _text(reference)}})


def _text(reference: Any) -> str | None:
    """A reference as a solver would write it: items of a list apart by blanks."""
    if reference is None:
        return None
    if isinstance(reference, (list, tuple)) and not any(isinstance(one, (list, tuple)) for one in reference):
        return " ".join(map(str, reference))[:MAX_TEXT]
    return str(reference)[:MAX_TEXT]


def score(task: Any, item: list[Any], strict: bool) -> str:
    """The frame of a score; `item` is [seed, level, answer]. `strict` verifies that the instance stays as it was."""
    seed, level, answer = item
    made = _item(task, seed, level)
    before = repr(task.facts(made)) if strict else ""
    value = task.score(made, answer)
    if strict and repr(task.facts(made)) != before:
        raise ValueError("score changed the state")
    try:
        value = float(value)
    except (TypeError, ValueError):
        raise ValueError(f"score returned {str(value)[:60]!r}, no number") from None
    if not 0.0 <= value <= 1.0:
        raise ValueError(f"score returned {value}, outside 0 to 1")
    return _encode({"v": value})


def stream(task: Any, item: list[int]) -> str:
    """The frame of a stream; `item` is [seed, count]. Null where the gym deals out no streams."""
    return _encode({"v": None if task.stream is None else [str(one)[:2000] for one in task.stream(*item)]})
