"""Probe of what a scorer accepts: every code of a wrong answer that is let through.

For a program with one right answer any wrong answer with full credit is a finding. Where many answers may be right,
and for tasks of other people, a text counts only for its form, or when it passes nearly everywhere.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from envforge.audit.asking import ATTACKED, MASS, MIN_MASS, MIN_TRIED, MOST, about, ask, full, sound, worth
from envforge.audit.desk import Desk
from envforge.audit.families import SIDE_BY_SIDE, wrongs
from envforge.audit.finding import Finding
from envforge.audit.wrongness import Strength, Wrong, cases, listing
from envforge.contract import Instance, Oracle
from envforge.sandbox import Failure
from envforge.validation.finding import brief

LIGHT = 400  # instances that meet the light ones
ALL_ORDERS = 0.99  # of the times it was tried: another order, where many answers may be right
NEARLY_ALL = 0.9  # of the times it was tried: a near miss that a foreign task must accept to be accused
_STRICT = frozenset({"accepts-neighbour", "accepts-affix", "ignores-sign", "ignores-order", "accepts-part"})
_ORDERED = re.compile(
    r"\b(ascending|descending|increasing|decreasing|sort(ed)?|alphabetical|in (the|this) order)\b"
)
_WHOLE = re.compile(r"-?\d{1,1000}")
_SEPARATED = re.compile(r"\bseparated by\b", re.IGNORECASE)
_ALL = re.compile(r"\b(all|every|each|exactly)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tried:
    """One wrong answer, asked of one instance."""

    instance: Instance
    wrong: Wrong
    score: float | Failure

    @property
    def passed(self) -> bool:
        return full(self.score)


def wrong_answers(desk: Desk) -> Iterator[Finding]:
    """Probe: every code of a wrong answer that is let through."""
    instances = sound(desk)
    questions: list[tuple[Instance, Wrong]] = []
    largest = sorted(instances, key=lambda one: len(one.reference))[-4:]
    for index, case in enumerate(cases(instances)):
        thorough = index < ATTACKED or case.instance in largest
        if thorough or index < LIGHT:
            questions += [(case.instance, wrong) for wrong in wrongs(case, light=not thorough)]
    scores = ask(desk, [(instance, wrong.text) for instance, wrong in questions])
    tried = [Tried(instance, wrong, score) for (instance, wrong), score in zip(questions, scores)]
    yield from _judged(desk, tried)


def _judged(desk: Desk, tried: Sequence[Tried]) -> Iterator[Finding]:
    """One finding of each code that is proved. Where anything passes, near misses say nothing more."""
    by_code: dict[str, list[Tried]] = defaultdict(list)
    for one in tried:
        by_code[one.wrong.code].append(one)
    anything = _proved(desk, by_code.pop("accepts-anything", []))
    proved = {"accepts-anything": anything}
    open_to = {id(one.instance) for one in anything if one.wrong.strength is not Strength.MANY}
    for code, asked in by_code.items():
        asked = [one for one in asked if id(one.instance) not in open_to]
        proved[code] = _proved(desk, asked)
    _explained(proved)
    counts = {code: sum(one.wrong.code == code for one in tried) for code in proved}
    for code, found in proved.items():
        if found:
            yield _finding(desk, code, counts[code], found)


def _proved(desk: Desk, asked: Sequence[Tried]) -> list[Tried]:
    return [one for kind in _kinds(asked) for one in kind if one.passed and _proves(desk, kind, one)]


def _explained(proved: dict[str, list[Tried]]) -> None:
    """Take out what an earlier code explains: "-15", "15.4" and "15 1" where anything may stand beside 15."""
    if len(proved.get("accepts-affix", ())) >= MIN_TRIED:
        for code in ("ignores-sign", "accepts-neighbour", "accepts-superset"):
            found = proved.get(code, [])
            proved[code] = [one for one in found if one.instance.reference not in one.wrong.text]
    if proved.get("accepts-superset"):
        found = proved.get("accepts-hedge", [])
        if all(one.wrong.kind == SIDE_BY_SIDE for one in found):
            proved["accepts-hedge"] = []


def _kinds(asked: Sequence[Tried]) -> list[list[Tried]]:
    kinds: dict[tuple[str, Strength], list[Tried]] = defaultdict(list)
    for one in asked:
        kinds[one.wrong.kind, one.wrong.strength].append(one)
    return list(kinds.values())


def _proves(desk: Desk, kind: Sequence[Tried], one: Tried) -> bool:
    """Whether that this kind of wrong answer passed is a fault of the scorer, and not another right answer."""
    passed = {id(other.instance) for other in kind if other.passed}
    share = sum(other.passed for other in kind) / len(kind)
    if desk.target.oracle is Oracle.EQUALITY:
        return one.wrong.strength is not Strength.MANY
    if desk.target.oracle is Oracle.FEASIBILITY:
        if one.wrong.strength is Strength.FORM:
            return True
        # Another order is often right as well, and hardly ever every one of them.
        least = ALL_ORDERS if one.wrong.code == "ignores-order" else MASS
        return one.wrong.strength is not Strength.MEANING and len(passed) >= MIN_MASS and share >= least
    if len(passed) < MIN_TRIED:
        return False
    if one.wrong.code in _STRICT or one.wrong.code == "accepts-superset":
        return share >= NEARLY_ALL and _certain(desk, one)
    return one.wrong.strength in (Strength.FORM, Strength.MASS) and share >= MOST


def _certain(desk: Desk, one: Tried) -> bool:
    """Whether a near miss of a foreign task's reference is surely wrong."""
    reference, prompt = one.instance.reference, one.instance.prompt
    if _WHOLE.fullmatch(reference):
        # Where others are lists, a single number may be a list as well, and "2 0" another one.
        alone = all(_WHOLE.fullmatch(other.reference) for level in desk.levels for other in level)
        return one.wrong.code != "accepts-superset" and alone and not _SEPARATED.search(prompt)
    if one.wrong.code == "ignores-order":
        # Two numbers may well be a pair whose order means nothing.
        found = listing(reference)
        return _ORDERED.search(prompt) is not None and found is not None and len(found.items) > 2
    if one.wrong.code == "accepts-superset":
        return _ALL.search(prompt) is not None and listing(reference) is not None
    return False


def _finding(desk: Desk, code: str, tried: int, proved: Sequence[Tried]) -> Finding:
    kinds = Counter(one.wrong.kind for one in proved)
    plainest = max(kinds, key=lambda kind: (kinds[kind], -len(kind)))
    example = min(
        (one for one in proved if one.wrong.kind == plainest),
        key=lambda one: (one.instance.difficulty, len(one.wrong.text)),
    )
    return desk.finding(
        code,
        f"{_sentence(example)} gets full credit: {len(proved)} of {tried} such answers passed",
        **about(example.instance, example.wrong.text, worth(example.score)),
        kind=plainest,
        tried=tried,
        found=len(proved),
        kinds=dict(kinds.most_common(6)),
        instances=len({id(one.instance) for one in proved}),
    )


def _sentence(one: Tried) -> str:
    text = brief(one.wrong.text, 60)
    return f"{one.wrong.kind[:1].upper()}{one.wrong.kind[1:]} ({text!r})"
