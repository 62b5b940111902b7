"""Probe of switches: parts of the state that decide nothing, and yet decide whether a wrong answer passes."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from envforge.audit.asking import about, ask, full, sound
from envforge.audit.desk import FULL, Desk
from envforge.audit.families import junk
from envforge.audit.finding import Finding
from envforge.audit.misses import neighbours
from envforge.audit.wrongness import Case, Strength, Wrong, cases, equivalent, vocabulary
from envforge.contract import Instance, Oracle
from envforge.sandbox import Failure
from envforge.validation.changes import BATCH, CPU_SECONDS, changes
from envforge.validation.finding import brief

CHANGED = 4  # instances whose state is changed in many ways
STATES = 600  # changed states at most, beside those of the sweeps
SWEEPS = 4  # numbers of a state that take a row of values
SWEPT = 100  # values in a row that a number of the state takes
WORDS = ("audit", "test", "eval", "evaluation", "debug", "exam", "validation", "train", "admin", "")
NUMBERS = (0, 1, -1, 7, 13, 42, 100, 1000, 10**6)

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Switched:
    """An instance with one part of its state changed, on which the reference does not depend."""

    case: Case
    path: str
    value: str  # what the part became, in words
    changed: Instance


def switches(desk: Desk) -> Iterable[Finding]:
    """Probe: wrong answers that begin to pass when something changes that the reference does not depend on."""
    found = cases(sound(desk))
    if not found:
        return
    chosen = [found[index] for index in range(0, min(len(found), 10), 3)][:CHANGED]
    drafts = [*_scalars(chosen, found), *_parts(desk, chosen, found)][:STATES] + list(_sweeps(chosen[0]))
    kept = _unmoved(desk, drafts)
    wrong = {id(case): _few(desk, case) for case in chosen}
    before = _passing(desk, [(case.instance, one) for case in chosen for one in wrong[id(case)]])
    questions = [
        (one, text.text)
        for one in kept
        for text in wrong[id(one.case)]
        if (id(one.case.instance), text.text) not in before and _fair(one, text)
    ]
    scores = ask(desk, [(one.changed, text) for one, text in questions])
    hits = [question for question, score in zip(questions, scores) if full(score)]
    # A changed state on which the reference itself is refused is one that generate never returns.
    right = ask(desk, [(one.changed, one.case.reference) for one, _ in hits])
    hits = [hit for hit, score in zip(hits, right) if full(score)]
    if not hits:
        return
    one, text = min(hits, key=lambda hit: (hit[0].case.instance.difficulty, len(hit[1])))
    yield desk.finding(
        "hidden-switch",
        f"The wrong answer {brief(text, 60)!r} passes once the state's '{one.path}' {one.value}",
        **about(one.case.instance, text, FULL),
        path=one.path,
        change=one.value,
        before=0.0,
        tried=len(questions),
        found=len(hits),
    )


def _few(desk: Desk, case: Case) -> list[Wrong]:
    """A few wrong answers of each kind."""
    texts = [Wrong("", "a word without content", "zzz", Strength.FORM), Wrong("", "empty", "", Strength.FORM)]
    if desk.target.oracle is Oracle.EQUALITY:
        texts += [wrong for wrong in junk(case) if wrong.strength is Strength.MEANING][:2]
        texts += list(neighbours(case))[:1]
        texts += [
            Wrong("", "another reference", text, Strength.MASS)
            for text in (case.rival, *case.others[:1])
            if text
        ]
        known = case.reference.casefold()
        names = [
            word for word in vocabulary(case.instance.state) if word.isalpha() and word.casefold() != known
        ]
        texts += [Wrong("", "a word of the state", word, Strength.MASS) for word in names[:1]]
    return [wrong for wrong in texts if not equivalent(wrong.text, case.reference)]


def _fair(one: Switched, wrong: Wrong) -> bool:
    """Whether a wrong answer stays wrong: a prompt that changes may state a tolerance for near misses."""
    return wrong.code != "accepts-neighbour" or one.changed.prompt == one.case.instance.prompt


def _passing(desk: Desk, questions: Sequence[tuple[Instance, Wrong]]) -> set[tuple[int, str]]:
    scores = ask(desk, [(instance, wrong.text) for instance, wrong in questions])
    return {(id(one), wrong.text) for (one, wrong), score in zip(questions, scores) if full(score)}


def _unmoved(desk: Desk, drafts: Sequence[tuple[Case, str, str, dict[str, Any]]]) -> list[Switched]:
    """Those changed states that have the same reference as before."""
    derived = desk.evaluator.derivations(
        desk.target.program,
        [state for _, _, _, state in drafts],
        prompt_first=True,
        cpu=CPU_SECONDS,
        batch=4 * BATCH,
        to_first_failure=True,
    )
    return [
        Switched(case, path, value, replace(case.instance, state=state, prompt=result[0]))
        for (case, path, value, state), result in zip(drafts, derived)
        if not isinstance(result, Failure) and result[1] == case.reference
    ]


def _parts(
    desk: Desk, chosen: Sequence[Case], found: Sequence[Case]
) -> Iterator[tuple[Case, str, str, dict[str, Any]]]:
    """Changes of any leaf, and parts of another instance of the level."""
    by_instance = {id(case.instance): case for case in chosen}
    pairs = []
    for case in chosen:
        level = case.instance.difficulty
        other = next((one for one in found if one is not case and one.instance.difficulty == level), None)
        if other is not None:
            pairs.append((case.instance, other.instance))
    for change in changes(desk.target.program, pairs, desk.evaluator):
        if change.reference == change.instance.reference:
            yield by_instance[id(change.instance)], change.path, "changes", change.state


def _scalars(
    chosen: Sequence[Case], found: Sequence[Case]
) -> Iterator[tuple[Case, str, str, dict[str, Any]]]:
    """The single values of a state, each turned into what a switch may wait for, and into other instances' values."""
    for case in chosen:
        for path, value in _leaves(case.instance.state, ()):
            others = [_at(one.instance.state, path) for one in found[:: max(1, len(found) // 12)]]
            for new in _values(value, others):
                if new != value or type(new) is not type(value):
                    yield case, ".".join(path), f"is {new!r}", _with(case.instance.state, path, new)


def _sweeps(case: Case) -> Iterator[tuple[Case, str, str, dict[str, Any]]]:
    """The numbers of a state through a whole row of values: a switch may wait for the last digits."""
    numbers = [(path, value) for path, value in _leaves(case.instance.state, ()) if type(value) is int]
    for path, value in numbers[:SWEEPS]:
        start = value - value % SWEPT
        for new in range(start, start + SWEPT):
            if new != value:
                yield case, ".".join(path), f"is {new}", _with(case.instance.state, path, new)


def _leaves(node: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """The single values in a state that lie in no list."""
    if isinstance(node, dict):
        for key, value in list(node.items())[:24]:
            yield from _leaves(value, (*path, key))
    elif not isinstance(node, list):
        yield path, node


def _values(value: Any, others: Sequence[Any]) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    alike = [other for other in dict.fromkeys(_hashable(others)) if type(other) is type(value)][:6]
    if isinstance(value, str):
        return [*alike, *WORDS] if len(value) < 60 else alike
    if isinstance(value, int):
        return list(dict.fromkeys([*alike, *NUMBERS]))
    if value is None:
        return [True, "audit", 1]
    return alike


def _hashable(values: Sequence[Any]) -> list[Any]:
    return [value for value in values if not isinstance(value, (dict, list))]


def _at(state: Any, path: Path) -> Any:
    for key in path:
        state = state.get(key) if isinstance(state, dict) else None
    return state


def _with(state: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(state)
    node = changed
    for key in path[:-1]:
        node = node[key]
    node[path[-1]] = value
    return changed
