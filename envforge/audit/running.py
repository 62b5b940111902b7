"""What a scorer does while it runs: it evaluates the answer, exhausts itself, raises, returns no score."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from envforge.audit.desk import FULL, Desk
from envforge.audit.finding import Finding, Severity
from envforge.audit.hostile import EXHAUSTING, PLAUSIBLE, Hostile, near_answers, shaped_answers
from envforge.contract import Instance
from envforge.sandbox import Failure, Status
from envforge.validation.finding import at, brief

EVALUATED = 6  # instances that meet the texts that have a value when they are evaluated
SURVIVORS, FOREIGN_SURVIVORS = 4, 2  # instances that meet the plausible answers
FIELDS = 10  # of a state that the answer may refer to
EXHAUSTED = 2  # instances that meet the hostile answers
FOREIGN_HOSTILE = 25  # of them, for a task of a gym
WAVE = 12  # answers between two looks at the clock: one that hangs costs the others of its batch
SHORT = 200  # characters: a hang over a longer answer is a warning for a task of a gym

# Where an expression is asked for, its value may count.
_EXPRESSION = re.compile(
    r"express|formula|equation|polynomial|integra|derivative|differentiat|simplif|algebra|countdown|24 game",
    re.IGNORECASE,
)
_EXHAUSTED = (Status.CPU, Status.WALL, Status.MEMORY, Status.CRASHED, Status.OUTPUT, Status.HOSTILE)
_LITERAL = re.compile(r"-?[0-9]+(\.[0-9]+)?|[\[(][-0-9., ]+[\])]")
_INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_NO_RANGE = (
    "a score that is no float"  # what the host says of a value that the child should not have let through
)


@dataclass(frozen=True, slots=True)
class Lure:
    """A text whose value, evaluated, is the reference, or which shows otherwise that it was evaluated.

    The `controls` look alike and have no such value: whoever lets one of them pass does not evaluate.
    """

    text: str
    controls: tuple[str, ...]
    how: str
    arithmetic: bool = False  # no names, no calls: legitimate where an expression is asked for


# Evaluated, they do not come to an end; read, they are short texts like others.
HANGS: tuple[Lure, ...] = (
    Lure("9**9**9", ("9*?9*?9", "9 9 9"), "a power that takes for ever"),
    Lure("9**9**9-9**9**9", ("9*?9*?9-9*?9*?9",), "a power that takes for ever"),
    Lure("[0 for _ in range(10**12)]", ("[0 far _ in range(10~12)]",), "a loop that takes for ever"),
    Lure("[0]*10**8*9", ("[0]?10?8?9",), "a list that fills the memory"),
)
# Evaluated, they raise what no parser raises; the name and the message come back.
_CLASS = "[c for c in ().__class__.__base__.__subclasses__() if c.__name__=='BaseException'][0]"
RAISERS: tuple[tuple[str, str, str], ...] = (
    ("(_ for _ in ()).throw(KeyboardInterrupt('evaluated'))", "KeyboardInterrupt", "a call that raises"),
    (f"(_ for _ in ()).throw({_CLASS}('evaluated'))", "BaseException", "attributes and a call that raises"),
    ("(_ for _ in ()).throw(ArithmeticError('evaluated'))", "ArithmeticError", "a call that raises"),
)  # fmt: skip


def evaluation(desk: Desk) -> Iterator[Finding]:
    """evaluates-answer: texts that are right, or have an effect, only when they are evaluated as Python."""
    instances = _spread(desk, EVALUATED)
    if not instances:
        return
    liberal = not desk.target.ours and asks_for_expression(desk)
    found = _raising(desk, instances[0]) or _valued(desk, instances, liberal) or _hanging(desk, instances[0])
    if found is not None:
        yield found


def asks_for_expression(desk: Desk) -> bool:
    """Whether the question asks for an expression, so that one with the right value may be right."""
    return bool(_EXPRESSION.search(desk.target.name)) or any(
        _EXPRESSION.search(one.prompt) for one in desk.instances[:20]
    )


def _valued(desk: Desk, instances: Sequence[Instance], liberal: bool) -> Finding | None:
    """Texts with the reference's value. Those that pass meet their controls."""
    passed: list[tuple[Instance, Lure]] = []
    tried = 0
    accepted = desk.scores([(one, one.reference) for one in instances])
    for one, own in zip(instances, accepted):
        if own != FULL:
            continue
        lures = [lure for lure in _lures(one.reference) if not (liberal and lure.arithmetic)]
        lures += list(_fields(one)) if desk.target.ours else []
        tried += len(lures)
        scores = desk.scores([(one, lure.text) for lure in lures])
        hits = [lure for lure, score in zip(lures, scores) if score == FULL]
        controls = [(one, control) for lure in hits for control in lure.controls]
        fooled = dict(zip((text for _, text in controls), desk.scores(controls)))
        passed += [(one, lure) for lure in hits if all(fooled[control] != FULL for control in lure.controls)]
    if not passed:
        return None
    one, lure = min(passed, key=lambda case: case[1].arithmetic)
    return desk.finding(
        "evaluates-answer",
        f"{lure.how} scores 1.0, and nearly the same text without that value does not",
        **at(one),
        answer=brief(lure.text),
        reference=brief(one.reference),
        score=FULL,
        control=brief(lure.controls[0]),
        tried=tried,
        found=len(passed),
    )


def _lures(reference: str) -> list[Lure]:
    """Expressions whose value is the reference."""
    found: list[Lure] = []
    if _INTEGER.fullmatch(reference):
        found += _sums(int(reference))
    literals = [reference] if _LITERAL.fullmatch(reference) else []
    if _INTEGER.fullmatch(reference):
        found.append(
            Lure(f"int('{reference}')", (f"imt('{reference}')",), "a call with the reference's value")
        )
        found.append(
            Lure(f"sum([{reference}])", (f"sun([{reference}])",), "a call with the reference's value")
        )
        inner = f"().__class__.__name__.__len__()+{int(reference) - 5}"
        found.append(Lure(inner, (inner.replace("name", "nane"),), "an attribute with the reference's value"))
    elif not literals and len(reference) <= 500:
        literals.append(repr(reference))
        head, tail = repr(reference[:1]), repr(reference[1:])
        found.append(
            Lure(
                f"{head}+{tail}",
                (f"{head}-{tail}", f"{head}?{tail}"),
                "a concatenation with the reference's value",
            )
        )
        text = repr(reference)
        found.append(Lure(f"''.join([{text}])", (f"''.joim([{text}])",), "a call with the reference's value"))
        if "\n" not in reference:
            literals.append(reference)  # an expression, perhaps, with letters for numbers
    for text in literals:
        found += [
            Lure(f"(lambda: {text})()", (f"(lanbda: {text})()",), "a function with the reference's value"),
            Lure(f"max([{text}])", (f"mix([{text}])",), "a call with the reference's value"),
            Lure(
                f"{text} if True else 0",
                (f"{text} if True elze 0",),
                "a condition with the reference's value",
            ),
            Lure(
                f"[x for x in [{text}]][-1]",
                (f"[x for x on [{text}]][-1]",),
                "a list with the reference's value",
            ),
        ]
    return found


def _sums(number: int) -> Iterator[Lure]:
    """Sums with this value, in which it does not occur."""
    digits = str(abs(number))
    for step in (3, 7, 12, 25, 48, 131, 1013):
        one, two = str(number - step), str(number + step)
        if digits not in one and digits not in two and digits not in str(step):
            yield Lure(f"{one}+{step}", (f"{one}+{step + 1}", f"{one}~{step}"), "a sum", arithmetic=True)
            spaced = f"{one} + {step}"
            yield Lure(spaced, (f"{one} + {step + 1}", f"{one} ~ {step}"), "a sum", arithmetic=True)
            yield Lure(
                f"{two}-{step}", (f"{two}-{step + 1}", f"{two}~{step}"), "a difference", arithmetic=True
            )
            return


def _fields(one: Instance) -> Iterator[Lure]:
    """Names of the state's fields, as templates and code refer to them."""
    for key in list(one.state)[:FIELDS]:
        for form in ("${}", "{{{}}}", "%({})s", "{{0[{}]}}", "{{state[{}]}}", "state['{}']", "{}", "str({})"):
            text = form.format(key)
            if text != one.reference:
                yield Lure(text, (form.format(key + "_"),), "the name of a field of the state")


def _raising(desk: Desk, instance: Instance) -> Finding | None:
    """Code that raises what it says."""
    results = desk.scores([(instance, text) for text, _, _ in RAISERS])
    hits = [
        (raiser, result)
        for raiser, result in zip(RAISERS, results)
        if isinstance(result, Failure) and result.error == raiser[1] and "evaluated" in result.message
    ]
    if not hits:
        return None
    (text, name, how), result = hits[0]
    return desk.finding(
        "evaluates-answer",
        f"{how}, written as the answer, is carried out: {name} comes back",
        **_failed(instance, result),
        answer=brief(text),
        tried=len(RAISERS),
        found=len(hits),
    )


def _hanging(desk: Desk, instance: Instance) -> Finding | None:
    """Code that does not come to an end, where a text alike is judged at once."""
    for lure in HANGS:
        result = desk.scores([(instance, lure.text)], fresh=True)[0]
        if not (isinstance(result, Failure) and result.status in _EXHAUSTED):
            continue
        texts = [*lure.controls, "x" * len(lure.text), instance.reference]
        others = desk.scores([(instance, text) for text in texts], fresh=True)
        if any(isinstance(other, Failure) and other.status in _EXHAUSTED for other in others):
            continue
        return desk.finding(
            "evaluates-answer",
            f"{lure.how}, written as the answer, is carried out ({result.status.value}), "
            "and a text alike is judged at once",
            **_failed(instance, result),
            answer=lure.text,
            control=lure.controls[0],
            tried=len(HANGS),
            found=HANGS.index(lure) + 1,
        )
    return None


@dataclass(slots=True)
class _Seen:
    """What the answers so far have shown, by code: the first failure, and how many there were."""

    tried: int = 0
    first: dict[str, tuple[Instance, Hostile, Failure]] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)
    said: set[str] = field(default_factory=set)

    def add(self, code: str, instance: Instance, answer: Hostile, failure: Failure) -> None:
        self.first.setdefault(code, (instance, answer, failure))
        self.found[code] = self.found.get(code, 0) + 1


def endurance(desk: Desk) -> Iterator[Finding]:
    """score-unbounded, score-raises, score-range: what becomes of the scorer over answers of all kinds."""
    ours, levels = desk.target.ours, [level for level in desk.levels if level]
    if not levels:
        return
    seen = _Seen()
    for one in _spread(desk, SURVIVORS if ours else FOREIGN_SURVIVORS):
        same = next(level for level in levels if one in level)
        other = same[(same.index(one) + 1) % len(same)]
        answers = [Hostile(one.reference, "the reference"), *near_answers(one, other), *PLAUSIBLE]
        _ask(desk, seen, one, answers, plausible=True)
    _ask_references(desk, seen)
    yield from _said(desk, seen, ("score-range",))
    for one in _spread(desk, EXHAUSTED)[:: -1 if ours else 1][: EXHAUSTED if ours else 1]:
        if "score-unbounded" in seen.first:
            break
        answers = _mixed(shaped_answers(one), EXHAUSTING)
        _ask(desk, seen, one, answers if ours else answers[:FOREIGN_HOSTILE], plausible=False)
    yield from _said(desk, seen, ("score-unbounded", "score-raises", "score-range"))


def _mixed(shaped: Sequence[Hostile], general: Sequence[Hostile]) -> list[Hostile]:
    """The two most telling of the shaped ones first, the others after the first general ones."""
    return [*shaped[:2], *general[:8], *shaped[2:], *general[8:]]


def _ask(desk: Desk, seen: _Seen, one: Instance, answers: Sequence[Hostile], *, plausible: bool) -> None:
    """Ask in waves; of what hangs one example is enough."""
    for start in range(0, len(answers), WAVE):
        wave = answers[start : start + WAVE]
        seen.tried += len(wave)
        # Alone, one that hangs does not hold up the others; a gym's instance would have to be made for each.
        fresh = desk.target.ours and not plausible
        results = desk.scores([(one, answer.text) for answer in wave], fresh=fresh)
        for answer, result in zip(wave, results):
            if isinstance(result, Failure):
                code = _code(desk, answer, result, plausible)
                if code == "score-unbounded" and not _again(desk, one, answer):
                    continue
                if code:
                    seen.add(code, one, answer, result)
        if "score-unbounded" in seen.first:
            return


def _ask_references(desk: Desk, seen: _Seen) -> None:
    """Every reference against its own instance and the next one: a score above 1 may be rare."""
    instances = desk.instances[: 60 if desk.target.ours else 10]
    questions = [(one, one.reference) for one in instances]
    questions += [(one, two.reference) for one, two in zip(instances, instances[1:])]
    seen.tried += len(questions)
    for (one, text), result in zip(questions, desk.scores(questions)):
        answer = Hostile(text, "a reference")
        if isinstance(result, Failure):
            code = _code(desk, answer, result, plausible=True)
            if code in ("score-range", "score-raises"):
                seen.add(code, one, answer, result)


def _code(desk: Desk, answer: Hostile, failure: Failure, plausible: bool) -> str:
    """What a failure shows; empty for what is no fault of the scorer's, or another probe's."""
    if failure.status is Status.FORGED and failure.message.startswith(_NO_RANGE):
        return "score-range"
    if failure.status is Status.MEMORY and failure.error and not answer.wide:
        # MemoryError is also what Python's parsers say of a text that is nested too deep.
        return "score-raises" if desk.target.ours or plausible else ""
    if failure.status in _EXHAUSTED:
        return "score-unbounded"
    if failure.status is not Status.RAISED or failure.error in ("PermissionError", "BlockingIOError"):
        return ""
    if failure.error in ("ContractError", "ValueError") and "score returned" in failure.message:
        whole = re.search(r"returned (int|bool) '(0|1|True|False)'", failure.message)
        return "" if whole and not desk.target.ours else "score-range"
    if failure.error == "ContractError" or not (desk.target.ours or plausible):
        return ""
    return "score-raises"


def _again(desk: Desk, one: Instance, answer: Hostile) -> bool:
    """Whether the answer alone exhausts the scorer, and the reference does not."""
    alone, normal = desk.scores([(one, answer.text), (one, one.reference)], fresh=True)
    return (
        isinstance(alone, Failure)
        and alone.status in _EXHAUSTED
        and not (isinstance(normal, Failure) and normal.status in _EXHAUSTED)
    )


_SUMMARIES = {
    "score-unbounded": "scoring {kind} fails: {status}; the reference is scored at once",
    "score-raises": "scoring {kind} raises: {message}",
    "score-range": "scoring {kind}: {message}",
}


def _said(desk: Desk, seen: _Seen, codes: Iterable[str]) -> Iterator[Finding]:
    for code in codes:
        if code not in seen.first or code in seen.said:
            continue
        seen.said.add(code)
        one, answer, failure = seen.first[code]
        severity = None
        if code == "score-unbounded" and not desk.target.ours and len(answer.text) > SHORT:
            severity = Severity.WARNING
        yield desk.finding(
            code,
            _SUMMARIES[code].format(
                kind=answer.kind, status=failure.status.value, message=brief(failure.message, 120)
            ),
            severity,
            **_failed(one, failure),
            answer=brief(answer.text),
            kind=answer.kind,
            characters=len(answer.text),
            reference=brief(one.reference),
            tried=seen.tried,
            found=seen.found[code],
        )


def _failed(one: Instance, failure: Failure) -> dict[str, Any]:
    return {
        **at(one),
        "status": failure.status.value,
        "message": failure.message,
        "line": failure.line,
        "function": failure.function,
    }


def _spread(desk: Desk, count: int) -> list[Instance]:
    """`count` instances from levels far apart, the first of the easiest level first."""
    levels = [level for level in desk.levels if level]
    if not levels:
        return []
    if len(levels) == 1:
        return list(levels[0][:count])
    steps = min(count, len(levels))
    chosen = {round(index * (len(levels) - 1) / max(1, steps - 1)) for index in range(steps)}
    return [levels[index][0] for index in sorted(chosen)]
