"""Probe of right answers that a scorer refuses: its references, white space around them, others of many."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from envforge.audit.asking import ATTACKED, MIN_TRIED, about, ask, full, spread, worth
from envforge.audit.desk import FULL, Desk
from envforge.audit.finding import Finding, Severity
from envforge.audit.wrongness import equivalent
from envforge.contract import Instance, Oracle
from envforge.sandbox import Failure
from envforge.sandbox.reply import Status
from envforge.validation.answers import reordered
from envforge.validation.changes import BATCH, CPU_SECONDS

_ANY_VALID = re.compile(
    r"\bany (one |other )?(valid|correct|suitable|possible|right|such|of (them|these|those|the))\b"
    r"|\bone (possible|valid|such|of the (possible|valid))\b"
    r"|\bif (there are|there is|several|more than one)\b[^.]*\bany\b"
    r"|\bany\b[^.]{0,60}\b(will do|is fine|counts|is accepted|is right|suffices)\b",
    re.IGNORECASE,
)  # fmt: skip


_SOMEBODY = re.compile(
    r"\b(somebody|someone|any one|one of (them|the|those))\b"
    r"|\b(name|find|give|write|state) (a|an|some) [\w-]+ (that|who|which|with|whose)\b",
    re.IGNORECASE,
)
TIES = 60  # instances whose lists are turned round
MAX_TIES = 0.6  # share of them that may change


def right_answers(desk: Desk) -> Iterator[Finding]:
    """Probe: references refused, white space refused, one of several right answers alone accepted."""
    instances = [
        instance for instance in desk.instances if instance.reference
    ]  # the rest has another finding
    scores = ask(desk, [(instance, instance.reference) for instance in instances])
    refused = [(one, score) for one, score in zip(instances, scores) if _refused(score)]
    if refused:
        instance, score = min(refused, key=lambda pair: (pair[0].difficulty, len(pair[0].reference)))
        value = score if not isinstance(score, Failure) else None
        yield desk.finding(
            "reference-refused",
            f"{len(refused)} of {len(instances)} references do not get full credit",
            **about(instance, instance.reference, worth(score)),
            message=str(score) if value is None else f"the reference scores {value}",
            tried=len(instances),
            found=len(refused),
        )
    good = [instance for instance, score in zip(instances, scores) if full(score)]
    yield from _space(desk, good)
    yield from _one_of_many(desk, good)


def _refused(score: float | Failure) -> bool:
    # A value that is no score at all is another fault, and so is a scorer that takes too long.
    return score.status is Status.RAISED if isinstance(score, Failure) else score < FULL


def _space(desk: Desk, instances: Sequence[Instance]) -> Iterator[Finding]:
    """No white space is taken, or no line end around several lines.

    A scorer that takes blanks around one line, and no line end, never meets one: the host strips answers.
    """
    chosen = spread(instances, ATTACKED * 2)
    forms = [(f" {one.reference} ", f"{one.reference}\n", f"\n{one.reference}") for one in chosen]
    scores = ask(desk, [(one, text) for one, texts in zip(chosen, forms) for text in texts])
    refused = []
    for number, (instance, texts) in enumerate(zip(chosen, forms)):
        given = scores[3 * number : 3 * number + 3]
        lost = [index for index, score in enumerate(given) if not isinstance(score, Failure) and score < FULL]
        if len(lost) == len(given) or (lost and "\n" in instance.reference):
            refused.append((instance, texts[lost[0]], worth(given[lost[0]])))
    if refused:
        instance, text, score = refused[0]
        yield desk.finding(
            "space-refused",
            f"The reference with white space around it is refused on {len(refused)} of {len(chosen)} instances",
            # Gyms leave it to whoever takes the answer out of a reply.
            None if desk.target.ours else Severity.INFO,
            **about(instance, text, score),
            tried=len(chosen),
            found=len(refused),
        )


def _one_of_many(desk: Desk, instances: Sequence[Instance]) -> Iterator[Finding]:
    for rule in (_any_order, _same_question, _one_text, _stored, _tie):
        found = rule(desk, instances)
        if found is not None:
            yield found
            return


def _one(
    desk: Desk, summary: str, tried: int, found: int, instance: Instance, answer: str, score: float
) -> Finding:
    return desk.finding("one-of-many", summary, **about(instance, answer, score), tried=tried, found=found)


def _tie(desk: Desk, instances: Sequence[Instance]) -> Finding | None:
    """Where somebody is asked for, the order in which the state lists its parts must not choose who.

    A reference that changes with that order now and then stands for ties. One that changes mostly may well depend
    on the order, which is then part of the question.
    """
    asked = [one for one in instances if _SOMEBODY.search(one.prompt) or _ANY_VALID.search(one.prompt)][:TIES]
    if desk.target.oracle is not Oracle.EQUALITY or not asked:
        return None
    turned = [(one, state) for one in asked for state in _turned(one.state)]
    derived = desk.evaluator.derivations(
        desk.target.program, [state for _, state in turned], prompt_first=True, cpu=CPU_SECONDS, batch=BATCH
    )
    moved: dict[int, tuple[Instance, str]] = {}
    for (one, _), value in zip(turned, derived):
        if isinstance(value, Failure) or equivalent(value[1], one.reference):
            continue
        if Counter(value[0].split()) == Counter(one.prompt.split()):
            moved.setdefault(id(one), (one, value[1]))
    scores = ask(desk, list(moved.values()))
    refused = [pair for pair, score in zip(moved.values(), scores) if not full(score)]
    if len(refused) < 2 or len(refused) > MAX_TIES * len(asked):
        return None
    summary = (
        "Of several right answers one passes, and which one depends on the order of the question's parts"
    )
    return _one(desk, summary, len(asked), len(refused), *refused[0], 0.0)


def _turned(state: dict[str, Any]) -> list[dict[str, Any]]:
    """The state with one of its lists in reverse, for each list of several parts."""
    return [
        {**state, key: value[::-1]}
        for key, value in state.items()
        if isinstance(value, list) and len(value) > 1
    ]


def _any_order(desk: Desk, instances: Sequence[Instance]) -> Finding | None:
    """Where the prompt leaves the answer's order free, the reversed reference must pass at least somewhere."""
    questions = [(one, text) for one in instances if (text := reordered(one)) is not None]
    if len(questions) < MIN_TRIED:
        return None
    scores = ask(desk, questions)
    if any(full(score) for score in scores):
        return None
    summary = "The prompt leaves the order free, but no reference with its parts in another order is accepted"
    return _one(desk, summary, len(questions), len(questions), *questions[0], worth(scores[0]))


def _same_question(desk: Desk, instances: Sequence[Instance]) -> Finding | None:
    """Two instances that ask for any one answer to the same question must accept each other's."""
    by_question: dict[tuple[str, str | None], list[Instance]] = defaultdict(list)
    for instance in instances:
        if _ANY_VALID.search(instance.prompt):
            by_question[instance.prompt, instance.picture].append(instance)
    questions = [
        (one, two.reference)
        for same in by_question.values()
        for one, two in zip(same, same[1:])
        if one.reference != two.reference
    ]
    refused = [pair for pair, score in zip(questions, ask(desk, questions)) if not full(score)]
    if not refused:
        return None
    summary = "The same question asked again, for any right answer, refuses its first reference"
    return _one(desk, summary, len(questions), len(refused), *refused[0], 0.0)


def _one_text(desk: Desk, instances: Sequence[Instance]) -> Finding | None:
    """A program whose answers may be many must take some other text than the reference somewhere."""
    if desk.target.oracle is not Oracle.FEASIBILITY:
        return None
    questions = [(one, text) for one in spread(instances, ATTACKED * 2) for text in respelled(one.reference)]
    scores = ask(desk, questions)
    if not questions or any(full(score) for score in scores):
        return None
    summary = "Of many right answers one text alone passes: no other order, spacing or spelling of any reference does"
    return _one(desk, summary, len(questions), len(questions), *questions[0], worth(scores[0]))


def respelled(reference: str) -> list[str]:
    """The reference with what a statement commonly leaves free changed: order, spacing, labels, spelling."""
    tokens, gaps = re.split(r"[\s,;]+", reference), re.findall(r"[\s,;]+", reference)
    found = []
    if len(tokens) > 1:
        gap = gaps[0]
        found = [gap.join(order) for order in (tokens[::-1], sorted(tokens), [*tokens[1:], tokens[0]])]
        found += [f" {gap} ".join(tokens), ", ".join(tokens), "  ".join(tokens), " ".join(tokens)]
        kinds = sorted(set(tokens))
        for one, two in zip(kinds, kinds[1:]):
            swap = {one: two, two: one}
            found.append(gap.join(swap.get(token, token) for token in tokens))
    found += [re.sub(r"\d+", lambda match: "0" + match.group(), reference), f" {reference} ", f"+{reference}"]
    found += [reference.upper(), reference.lower(), re.sub(r"\s+", "", reference), reference[::-1]]
    return [text for text in dict.fromkeys(found) if text != reference]


def _stored(desk: Desk, instances: Sequence[Instance]) -> Finding | None:
    """A solution stored in the state must not decide: with another one in its place the old one stays right."""
    if desk.target.oracle is None:
        return None
    promised = [
        one for one in instances if desk.target.oracle is Oracle.FEASIBILITY or _ANY_VALID.search(one.prompt)
    ]
    drafts = []
    for one, two in zip(promised, promised[10:]):
        for key in list(one.state)[:12]:
            if key in two.state and one.state[key] != two.state[key]:
                drafts.append((one, {**one.state, key: two.state[key]}))
    drafts = drafts[:200]
    program, evaluator = desk.target.program, desk.evaluator
    derived = evaluator.derivations(program, [state for _, state in drafts], prompt_first=True)
    hidden = [
        (one, replace(one, state=state))
        for (one, state), value in zip(drafts, derived)
        if not isinstance(value, Failure) and value[0] == one.prompt and value[1] != one.reference
    ]
    if program.kind == "visual":
        pictures = evaluator.pictures(program, [changed.state for _, changed in hidden])
        hidden = [pair for pair, picture in zip(hidden, pictures) if picture == pair[0].picture]
    questions = [(changed, one.reference) for one, changed in hidden]
    scores = ask(desk, questions)
    refused = [pair for pair, score in zip(hidden, scores) if not full(score)]
    if not refused:
        return None
    instance = refused[0][0]
    summary = (
        "The answer is compared with a stored one: with another stored solution the same answer is refused"
    )
    return _one(desk, summary, len(questions), len(refused), instance, instance.reference, 0.0)
