"""Values of the state that the prompt does not show: a simple measure, an aid for the reviewer and no gate.

Two looks at every top-level key of the state, on a few instances (ours). Its numbers and strings are looked for in
the prompt; and it is changed alone, to another instance's value (true to false and back), and then prompt and score
are made again. A change that leaves the prompt as it was and makes the scorer refuse the old reference points at
something that the answer depends on and the solver never learns. A key whose changes all show in the prompt and
never trouble the scorer points at a rule that is told and not scored. What is not covered: values told in other
words count as not shown, keys with the same value in both instances are not changed, and a changed state may be one
that `generate` never makes.

In a visual program the picture shows what the prompt does not, in marks and not in figures: values are not looked
for, and a change counts as told when prompt or picture tells of it. What changes the picture alone is no rule.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from envforge.contract import Instance, Program
from envforge.sandbox import Evaluator, Failure, ScoreCall
from envforge.sandbox.calls import state_text

MOST_KEYS = 12  # that are changed; the states of real programs have two to eight
MOST_VALUES = 200  # of one key that are looked for


@dataclass(frozen=True, slots=True)
class KeyFlow:
    """What was seen of one top-level key. Counts are of instances, or of changes.

    `missing` are numbers and strings of the first instance that lacks some in its prompt, as JSON texts.
    """

    key: str
    instances: int  # that have the key
    shown: int  # of them, with every number and string in the prompt
    missing: tuple[str, ...] = ()
    changes: int = 0
    silent: int = 0  # changes after which the prompt was the same
    hidden: int = 0  # of those, after which the old reference no longer scored 1.0
    idle: int = 0  # changes that the prompt told of and after which the old reference still scored 1.0


def measure_flow(
    program: Program, pairs: Sequence[tuple[Instance, Instance]], evaluator: Evaluator
) -> list[KeyFlow]:
    """The flow of every key, on pairs of instances of one level each. Raises SandboxError."""
    keys = list(dict.fromkeys(key for pair in pairs for instance in pair for key in instance.state))
    both = [instance for pair in pairs for instance in pair]
    changes: dict[str, list[tuple[bool, bool]]] = {}
    broken: set[str] = set()
    for pairing in (pairs, [(other, one) for one, other in pairs]):
        # A changed state may send a program astray for its whole time limit: once per key is enough.
        tried = [key for key in keys[:MOST_KEYS] if key not in broken]
        for key, silent, refused in _change(program, pairing, tried, evaluator):
            if silent is None:
                broken.add(key)
                continue
            changes.setdefault(key, []).append((silent, refused))
    looked_for = program.kind == "text"
    return [_flow(key, both, changes.get(key, []), looked_for) for key in keys]


def _flow(
    key: str, instances: Sequence[Instance], changes: list[tuple[bool, bool]], looked_for: bool
) -> KeyFlow:
    absent = [
        missing_values(instance.state[key], instance.prompt) if looked_for else []
        for instance in instances
        if key in instance.state
    ]
    return KeyFlow(
        key,
        instances=len(absent),
        shown=sum(not missing for missing in absent),
        missing=next((tuple(missing) for missing in absent if missing), ()),
        changes=len(changes),
        silent=sum(silent for silent, _ in changes),
        hidden=sum(silent and refused for silent, refused in changes),
        idle=sum(not silent and not refused for silent, refused in changes) if looked_for else 0,
    )


def missing_values(value: Any, prompt: str) -> list[str]:
    """The different numbers and strings in `value` that do not occur in `prompt`, as JSON texts.

    A number has to stand there as a number of its own, a string anywhere. true, false and null are not looked for.
    """
    leaves = dict.fromkeys(leaf for _, leaf in zip(range(MOST_VALUES), _leaves(value)))
    return [json.dumps(leaf, ensure_ascii=False) for leaf in leaves if not _occurs(leaf, prompt)]


def _leaves(value: Any) -> Iterator[str | int | float]:
    stack = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack.extend(reversed(list(item.values())))
        elif isinstance(item, list):
            stack.extend(reversed(item))
        elif isinstance(item, str | int | float) and not isinstance(item, bool) and item != "":
            yield item


def _occurs(leaf: str | int | float, prompt: str) -> bool:
    if isinstance(leaf, str):
        return leaf in prompt
    # In words such as "12th" or "x3" a number still is one; in 112, 1.12 and 0.12 twelve is not.
    return re.search(rf"(?<![\d.]){re.escape(json.dumps(leaf))}(?!\.?\d)", prompt) is not None


def _change(
    program: Program, pairs: Iterable[tuple[Instance, Instance]], keys: Sequence[str], evaluator: Evaluator
) -> Iterator[tuple[str, bool | None, bool]]:
    """Of every change of one key that can be made: the key, whether the prompt stayed the same (None: the program
    broke), and whether the old reference lost its score."""
    made = [
        (key, one, {**one.state, key: value})
        for one, other in pairs
        for key in keys
        if key in one.state and (value := _other(one.state[key], other.state.get(key))) is not None
    ]
    states = [state for _, _, state in made]
    derived = evaluator.derivations(program, states, prompt_first=True)
    visual = program.kind == "visual"
    pictures = evaluator.pictures(program, states) if visual else [None] * len(made)
    calls = [ScoreCall(state_text(state), one.reference) for _, one, state in made]
    scores = evaluator.scores(program, calls)
    for (key, one, _), found, picture, score in zip(made, derived, pictures, scores):
        if isinstance(found, Failure) or isinstance(picture, Failure) or isinstance(score, Failure):
            yield key, None, False
        else:
            yield key, (found[0], picture) == (one.prompt, one.picture), score < 1.0


def _other(value: Any, exchanged: Any) -> Any:
    """A different value of the same type; None when there is none."""
    if isinstance(value, bool):
        return not value
    return exchanged if type(exchanged) is type(value) and exchanged != value else None
