"""The words with which a failed candidate goes back: which gate, what it checks, and the evidence of the failure.

Feeding failures back is InternBootcamp's; so is the warning, from their experience, that models simplify the task.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from string import Template
from typing import Any

from envforge.policies import Message
from envforge.proposers.requests import fenced, template
from envforge.verdict import Examination, Stage, Verdict

MAX_EVIDENCE_CHARACTERS = 4_000
MAX_PIECE_CHARACTERS = 700
MAX_VIOLATIONS = 12
UNCHANGED = "the repair changed nothing"  # the problem of a repair that is the candidate once more

CHECKS = {
    Stage.L1: "the file is valid Python 3.11, has every part of the contract, and uses nothing that is not allowed.",
    Stage.L2: "generate, prompt and reference run at every level within the limits and return what the contract "
    "says.",
    Stage.L3: "the same seed and difficulty give the same state, prompt and reference in any process, call order "
    "and hash seed, and prompt and reference follow from the state alone.",
    Stage.L4: "prompts and answers vary, no constant answer is worth much, neighbouring levels differ, difficulty "
    "changes something that can be measured, and the prompt does not give the answer away.",
    Stage.L5: "the reference scores exactly 1.0, wrong, malformed and foreign answers never do, and score raises "
    "on no string and remembers nothing.",
    Stage.PICTURE: "every picture is plain SVG in which words are legible and apart, every fact that decides the "
    "answer is drawn, the answer itself is not written there, and the prompt alone does not settle it.",
}

# What a piece of evidence is called. Pieces without a name are left out: they say nothing that a writer could use.
NAMES = {
    "seed": "seed",
    "difficulty": "level",
    "function": "in the function",
    "line": "at line",
    "message": "message",
    "part": "part",
    "answer": "answer",
    "reference": "reference",
    "score": "score of that answer",
    "first": "at first",
    "second": "the second time",
    "key": "key of the state",
    "state": "state",
    "share": "share",
    "instances": "instances looked at",
    "tried": "answers tried",
    "example": "example",
    "prompt": "prompt",
    "hits": "prompts in which the answer was read off",
    "prompts": "prompts in which that could be tried",
    "strongest": "what changes most",
    "z": "standard errors of that change",
}


def repair_messages(messages: Sequence[Message], examination: Examination) -> tuple[Message, ...]:
    """The conversation so far, the candidate as the assistant's turn, and what is wrong with it.

    `examination` is one that failed at one of the gates L1 to L5: what fails later is not to be mended by words.
    Of the reply only the program is repeated: thinking is long, and was wrong.
    """
    failure = examination.failure
    assert failure is not None
    request = Template(template("repair.txt")).substitute(
        stage=failure.stage.value,
        check=CHECKS[failure.stage],
        reason=_short(failure.reason, MAX_PIECE_CHARACTERS),
        evidence=evidence_text(failure),
    )
    return (
        *messages,
        {"role": "assistant", "content": fenced(examination.source)},
        {"role": "user", "content": request},
    )


def evidence_text(verdict: Verdict) -> str:
    """The evidence of a failure as lines of bounded length, each ended; empty when there is none to show."""
    lines = []
    for key, value in verdict.evidence.items():
        if key == "violations" and isinstance(value, list):
            lines += _violations(value)
        elif key in NAMES and value not in (None, "") and not (key == "line" and value == 0):
            shown = value if key in ("function", "message") else json.dumps(value, ensure_ascii=False)
            lines.append(f"- {NAMES[key]}: {_short(str(shown), MAX_PIECE_CHARACTERS)}")
    return _short("\n".join(lines), MAX_EVIDENCE_CHARACTERS) + "\n" if lines else ""


def _violations(found: Sequence[Mapping[str, Any]]) -> list[str]:
    lines = [f"- line {one.get('line')}: {_short(str(one.get('message')), 300)}" for one in found]
    more = len(lines) - MAX_VIOLATIONS
    return lines if more <= 0 else [*lines[:MAX_VIOLATIONS], f"- and {more} more of this kind"]


def _short(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"
