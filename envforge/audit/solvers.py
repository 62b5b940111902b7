"""Labels that somebody else contradicts: an independent solver, or most of a policy's answers."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from envforge.audit.desk import FULL, Desk
from envforge.audit.finding import Finding, Severity
from envforge.contract import Flavour, Instance, Oracle, content_id
from envforge.errors import UsageError
from envforge.sandbox import Failure
from envforge.validation.finding import at, brief
from envforge.validation.spelling import meaning, same_meaning

SECONDS = 10.0  # CPU time of a solver for one instance
WAVE = 32  # instances between two looks at the clock
LEAST_VOTES = 3

# The solver keeps a namespace of its own, in which it may define names like those below. Its text goes in as a
# constant; the mark before an answer keeps an empty one from being refused.
_WRAPPER = """\
_SPACE = {{"__name__": "environment"}}
exec(compile({source!r}, "<solver>", "exec", dont_inherit=True), _SPACE)
_MARK = {mark!r}


def prompt(state):
    return "The question is known to the host."


def reference(state):
    answer = _SPACE["solve"](state[{key!r}])
    return _MARK + ("" if answer is None else str(answer).strip()) + _MARK
"""
_MARK = "|"


def contradictions(desk: Desk, solver: str) -> list[Finding]:
    """label-contradicted: an independent solver's answers against the references, smallest levels first.

    `solver` is a Python file with `solve(state) -> str`, or `solve(prompt) -> str` when the parameter is named
    prompt; it runs in the sandbox. A solver passes on an instance by returning an empty text or None; where it fails,
    that is no vote either. Its answer agrees when it scores 1.0 or says what the reference says. Raises UsageError
    for a file without such a function.
    """
    wants = "prompt" if _parameter(solver) == "prompt" else "state"
    source = _WRAPPER.format(source=solver, key=wants, mark=_MARK)
    flavour = Flavour.NETWORKX if "networkx" in solver else desk.target.program.flavour
    program = replace(desk.target.program, id=content_id(source), source=source, flavour=flavour)
    found: list[tuple[Instance, str, float | Failure]] = []
    answered = failed = 0
    trouble = ""
    instances = [one for level in desk.levels for one in level]
    for start in range(0, len(instances), WAVE):
        desk.hurry()
        part = instances[start : start + WAVE]
        states: list[dict[str, Any]] = [
            {wants: one.state if wants == "state" else one.prompt} for one in part
        ]
        made = desk.evaluator.derivations(program, states, prompt_first=True, cpu=SECONDS)
        answers = []
        for one, value in zip(part, made):
            if isinstance(value, Failure):
                failed += 1
                trouble = trouble or str(value)
            elif value[1][1:-1]:
                answers.append((one, value[1][1:-1]))
        answered += len(answers)
        for (one, answer), score in zip(answers, desk.scores(answers)):
            if not _agrees(desk, one, answer, score):
                found.append((one, answer, score))
    if not found:
        return []
    one, answer, score = found[0]
    return [
        desk.finding(
            "label-contradicted",
            f"an independent solver contradicts {len(found)} of {answered} references",
            **at(one),
            answer=brief(answer),
            reference=brief(one.reference),
            score=score if isinstance(score, float) else str(score),
            prompt=brief(one.prompt, 600),
            tried=answered,
            found=len(found),
            failed=failed,
            trouble=brief(trouble),
        )
    ]


def _parameter(solver: str) -> str:
    """The name of the parameter of `solve`. The text is parsed, not run."""
    try:
        tree = ast.parse(solver)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UsageError(f"the solver is no Python file: {error}") from error
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "solve":
            arguments = [*node.args.posonlyargs, *node.args.args]
            if len(arguments) == 1:
                return arguments[0].arg
    raise UsageError("the solver has no function solve(state) or solve(prompt)")


def _agrees(desk: Desk, one: Instance, answer: str, score: float | Failure) -> bool:
    """Whether the solver and the reference say the same. A full score settles it, save where one word or number is
    right and the two are different words: then the scorer takes both, and one of them is wrong."""
    if same_meaning(answer, one.reference):
        return True
    single = len(meaning(answer)) == len(meaning(one.reference)) == 1
    return score == FULL and not (single and desk.target.oracle is Oracle.EQUALITY)


def voted(desk: Desk, answers: Sequence[tuple[Instance, Sequence[str | None]]]) -> list[Finding]:
    """label-contradicted, as a warning: instances where most of a policy's answers agree against the reference.

    `answers` holds each instance with what K replies answered, None for a reply without an answer. What counts is a
    strict majority of the K that says the same, at least LEAST_VOTES of them, and none of whose texts scores 1.0.
    """
    counted = []
    for one, given in answers:
        group = _largest([text for text in given if text is not None and text.strip()])
        if len(group) >= LEAST_VOTES and 2 * len(group) > len(given):
            counted.append((one, given, group))
    texts = [(one, text) for one, _, group in counted for text in dict.fromkeys(group)]
    scores = dict(zip(((id(one), text) for one, text in texts), desk.scores(texts)))
    found = []
    for one, given, group in counted:
        agree = any(same_meaning(text, one.reference) for text in group)
        if not agree and all(scores[id(one), text] != FULL for text in group):
            found.append((one, given, group))
    if not found:
        return []
    one, given, group = max(found, key=lambda case: len(case[2]) / len(case[1]))
    score = scores[id(one), group[0]]
    return [
        desk.finding(
            "label-contradicted",
            f"most of a policy's answers agree with each other against the reference on {len(found)} of "
            f"{len(answers)} instances",
            Severity.WARNING,
            **at(one),
            answer=brief(group[0]),
            reference=brief(one.reference),
            score=score if isinstance(score, float) else str(score),
            votes=len(group),
            of=len(given),
            answers=[brief(text or "", 80) for text in given[:16]],
            prompt=brief(one.prompt, 600),
            tried=len(answers),
            found=len(found),
        )
    ]


def _largest(texts: Sequence[str]) -> list[str]:
    """The largest group of texts that mean the same."""
    groups: list[list[str]] = []
    for text in texts:
        for group in groups:
            if same_meaning(text, group[0]):
                group.append(text)
                break
        else:
            groups.append([text])
    return max(groups, key=len, default=[])
