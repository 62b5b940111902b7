"""L5, scorer: the reference scores exactly 1.0, wrong answers never do, nothing raises, nothing is remembered."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from envforge.config import ValidationConfig
from envforge.contract import Instance, Oracle, Program, derive_seed
from envforge.sandbox import Evaluator, Failure, ScoreCall
from envforge.sandbox.calls import state_text
from envforge.validation.answers import WrongAnswer, draw_edits, light_answers, reordered, wrong_answers
from envforge.validation.finding import Rejected, at, brief, failed
from envforge.validation.sampling import Sample

FIRST_WAVE = 64
MIN_REORDERED = 10
SUSPECTS = 20  # keys of a state that may hold a stored solution
REPLAYED = 60  # batch scores asked for again, each in a process of its own


def score_contract(
    program: Program, sample: Sample, evaluator: Evaluator, config: ValidationConfig
) -> tuple[None, dict[str, Any]]:
    """Check the scorer on the sample. Raises Rejected with the instance, the answer and its score."""
    _accepts_references(program, sample.instances, evaluator)
    _accepts_any_order(program, sample.instances, evaluator)
    others = (sample.stream,) if sample.stream else ()
    edits = draw_edits(derive_seed("wrong answers", program.id, *others) >> 31, config.drawn_answers)
    questions: list[tuple[Instance, WrongAnswer]] = []
    for level in sample.levels:
        for index, instance in enumerate(level):
            other = level[(index + 1) % len(level)]
            if index < config.attacked_per_level:
                family = wrong_answers(instance, other, program.oracle, edits)
            else:
                family = light_answers(instance, other, program.oracle)
            questions += [(instance, wrong) for wrong in family]
    scores = _refuses(program, questions, evaluator)
    _remembers_nothing(program, questions, scores, evaluator)
    figures: dict[str, Any] = {"references": len(sample.instances), "wrong_answers": len(questions)}
    figures["best_wrong_score"] = max((s for s, (_, w) in zip(scores, questions) if w.certain), default=0.0)
    if program.oracle is Oracle.FEASIBILITY:
        figures["alternatives_accepted"] = _judges_by_constraints(program, sample, evaluator)
    return None, figures


def _accepts_references(program: Program, instances: Sequence[Instance], evaluator: Evaluator) -> None:
    # A solver writes white space around its answer now and then; the host strips it, so it is not tried here.
    calls = [ScoreCall(state_text(instance.state), instance.reference) for instance in instances]
    scores = evaluator.scores(program, calls, strict=True, to_first_failure=True)
    for instance, score in zip(instances, scores):
        if isinstance(score, Failure):
            evidence = failed(score, instance.seed, instance.difficulty)
            raise Rejected(
                f"scoring the reference fails at level {instance.difficulty}: {score}",
                **evidence,
                answer=brief(instance.reference),
            )
        if score != 1.0:
            raise Rejected(
                f"the reference scores {score}, not 1.0, at level {instance.difficulty}",
                **at(instance),
                answer=brief(instance.reference),
                score=score,
            )


def _accepts_any_order(program: Program, instances: Sequence[Instance], evaluator: Evaluator) -> None:
    """Where the prompt leaves the answer's order free, the reversed reference must pass at least somewhere."""
    questions = [(instance, text) for instance in instances if (text := reordered(instance)) is not None]
    calls = [ScoreCall(state_text(instance.state), text) for instance, text in questions]
    scores = evaluator.scores(program, calls)
    if len(questions) >= MIN_REORDERED and all(score != 1.0 for score in scores):
        instance, text = questions[0]
        raise Rejected(
            "the prompt says 'in any order', but no reference with its parts in another order is accepted",
            **at(instance),
            answer=brief(text),
            reference=brief(instance.reference),
            tried=len(questions),
        )


def _refuses(
    program: Program, questions: Sequence[tuple[Instance, WrongAnswer]], evaluator: Evaluator
) -> list[float]:
    # A scorer that hangs on some answers would hang in every batch: a few questions go first.
    first, rest = questions[:FIRST_WAVE], questions[FIRST_WAVE:]
    return [*_refuse(program, first, evaluator), *_refuse(program, rest, evaluator)]


def _refuse(
    program: Program, questions: Sequence[tuple[Instance, WrongAnswer]], evaluator: Evaluator
) -> list[float]:
    texts: dict[int, str] = {}
    calls = []
    for instance, wrong in questions:
        state = texts.setdefault(id(instance), state_text(instance.state))
        calls.append(ScoreCall(state, wrong.text))
    scores = evaluator.scores(program, calls, strict=True, to_first_failure=True)
    found = []
    for (instance, wrong), score in zip(questions, scores):
        if isinstance(score, Failure):
            raise Rejected(
                f"score fails on this answer: {wrong.why}: {score}",
                **failed(score, instance.seed, instance.difficulty),
                answer=brief(wrong.text),
            )
        if score >= 1.0 and wrong.certain:
            raise Rejected(
                f"score gives 1.0 to a wrong answer: {wrong.why}",
                **at(instance),
                answer=brief(wrong.text),
                reference=brief(instance.reference),
                score=score,
            )
        found.append(score)
    return found  # one per question, in order


def _remembers_nothing(
    program: Program,
    questions: Sequence[tuple[Instance, WrongAnswer]],
    scores: Sequence[float],
    evaluator: Evaluator,
) -> None:
    """Spread over all questions, ask some again: backwards under another hash seed, and each one alone."""
    step = max(1, len(questions) // REPLAYED)
    chosen = list(zip(questions, scores))[::step][:REPLAYED]
    calls = [ScoreCall(state_text(instance.state), wrong.text) for (instance, wrong), _ in chosen]
    backwards = evaluator.scores(program, calls[::-1], hash_seed=1, salt=1)[::-1]
    alone = evaluator.scores(program, calls[:: max(1, len(calls) // 12)], fresh=True)
    pairs = [*zip(chosen, backwards), *zip(chosen[:: max(1, len(calls) // 12)], alone)]
    for ((instance, wrong), before), after in pairs:
        if isinstance(after, Failure) or after != before:
            raise Rejected(
                "the score of an answer depends on earlier calls, the hash seed, the clock or the process",
                **at(instance),
                answer=brief(wrong.text),
                score=before,
                second=str(after),
            )


def _judges_by_constraints(program: Program, sample: Sample, evaluator: Evaluator) -> int:
    """Reject a feasibility scorer that compares with the stored solution; the number of other answers it took.

    Two signs. A part of the state that the prompt does not show and that `reference` reads is the stored
    solution: put another instance's in its place, and the old reference must still score 1.0. And a scorer
    that takes no other answer whatsoever on any instance, not even the reference spelled with another spacing
    or its parts in another order, compares texts. Not covered: a comparison with a witness that `reference`
    computes anew, where parts may be reordered.
    """
    attacked = [instance for level in sample.levels for instance in level[:4]]
    _ignores_stored(program, sample, evaluator)
    questions = [(instance, text) for instance in attacked for text in _respelled(instance.reference)]
    calls = [ScoreCall(state_text(instance.state), text) for instance, text in questions]
    scores = evaluator.scores(program, calls)
    accepted = sum(1 for score in scores if score == 1.0)
    if questions and accepted == 0:
        instance, text = questions[0]
        raise Rejected(
            "a feasibility scorer accepts one text alone: no other order, spacing or spelling of any reference "
            "passes, so it compares with the stored solution instead of checking the constraints",
            **at(instance),
            answer=brief(text),
            reference=brief(instance.reference),
            tried=len(questions),
        )
    return accepted


def _respelled(reference: str) -> list[str]:
    """The reference with what a statement commonly leaves free changed: order, spacing, spelling of numbers."""
    tokens = re.split(r"[\s,;]+", reference)
    gaps = re.findall(r"[\s,;]+", reference)
    found = []
    if len(tokens) > 1:
        gap = gaps[0]
        found = [gap.join(tokens[::-1]), gap.join(sorted(tokens)), gap.join([*tokens[1:], tokens[0]])]
        found += [f" {gap} ".join(tokens), ", ".join(tokens), "  ".join(tokens), " ".join(tokens)]
        kinds = sorted(set(tokens))
        for one, two in zip(kinds, kinds[1:]):
            swap = {one: two, two: one}
            found.append(gap.join(swap.get(token, token) for token in tokens))
    found += [re.sub(r"\d+", lambda match: "0" + match.group(), reference), f" {reference} ", f"+{reference}"]
    found += [reference.upper(), reference.lower(), re.sub(r"\s+", "", reference), reference[::-1]]
    return [text for text in dict.fromkeys(found) if text != reference]


def _ignores_stored(program: Program, sample: Sample, evaluator: Evaluator) -> None:
    cases: list[tuple[Instance, str, dict[str, Any]]] = []
    for level in sample.levels:
        for one, two in zip(level[:3], level[1:4]):
            suspects = [
                key
                for key in one.state
                if key in two.state
                and one.state[key] != two.state[key]
                and _looks_like(one.state[key], one.reference)
            ]
            # A state can have thousands of keys, and each makes another state.
            cases += [(one, key, {**one.state, key: two.state[key]}) for key in suspects[:SUSPECTS]]
    hidden = _hidden_solutions(program, cases, evaluator)
    calls = [ScoreCall(state_text(state), instance.reference) for instance, _, state in hidden]
    for (instance, key, _), score in zip(hidden, evaluator.scores(program, calls)):
        if score != 1.0:
            raise Rejected(
                f"a feasibility scorer compares with the stored solution: the same answer to the same question "
                f"scores 1.0 no longer when only the hidden '{key}' of the state changes",
                **at(instance),
                answer=brief(instance.reference),
                score=score if isinstance(score, float) else str(score),
                key=key,
            )


def _hidden_solutions(
    program: Program, cases: Sequence[tuple[Instance, str, dict[str, Any]]], evaluator: Evaluator
) -> list[tuple[Instance, str, dict[str, Any]]]:
    """Of the changed states, those whose question stays the same while the reference changes with the key."""
    derived = evaluator.derivations(program, [state for _, _, state in cases], prompt_first=True)
    found = [
        case
        for case, value in zip(cases, derived)
        if not isinstance(value, Failure) and value[0] == case[0].prompt and value[1] != case[0].reference
    ]
    if program.kind != "visual":
        return found
    pictures = evaluator.pictures(program, [state for _, _, state in found])
    return [case for case, picture in zip(found, pictures) if picture == case[0].picture]


def _looks_like(value: Any, reference: str) -> bool:
    """Whether a part of the state, written out, shares its tokens with the reference: a stored solution."""
    parts = set(re.findall(r"\w+", json.dumps(value).casefold()))
    wanted = re.findall(r"\w+", reference.casefold())
    shared = sum(1 for token in wanted if token in parts)
    return bool(wanted) and shared / len(wanted) >= 0.5
