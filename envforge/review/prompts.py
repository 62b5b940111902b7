"""The words in which a review is asked for. The texts themselves are the files in `templates`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from importlib import resources
from string import Template
from typing import Any

from envforge.contract import Oracle, Program, answer_line
from envforge.messages import content_of
from envforge.policies import Message
from envforge.review.dataflow import MOST_KEYS, KeyFlow
from envforge.review.evidence import Case

LONGEST_STATE = 6_000  # characters of a state's JSON
LONGEST_ANSWER = 2_500  # characters of an answer: a reference has 2,000 at most
_VALUES = 6  # of one key that are listed as not shown
_LONGEST_VALUE = 80
_ENOUGH = 4  # changes that the scorer did not mind, before this is worth a remark
_SEEN = (
    "\n\nWith it the solver sees the picture that comes with this message. Wherever the prompt or its words are "
    "spoken of below, the two together are meant: whatever the right answer depends on must be readable in one of "
    "them, without measuring by eye what the picture leaves open, and neither may give the answer away."
)
_ORACLES = {
    Oracle.EQUALITY: "equality (one right answer, computed)",
    Oracle.FEASIBILITY: "feasibility (any answer that meets the constraints is right)",
}


def review_messages(program: Program, case: Case, again: bool = False) -> tuple[Message, ...]:
    """The messages that ask for one review; `again` after a reply without a verdict."""
    instance = case.instance
    state = json.dumps(instance.state, ensure_ascii=False)
    shown = shortened(state, LONGEST_STATE)
    request = Template(_template("request.txt")).substitute(
        title=_quoted(program.title, 200),
        oracle=_ORACLES[program.oracle],
        program=fenced(program.source, "python"),
        seed=instance.seed,
        difficulty=instance.difficulty,
        highest=program.max_difficulty,
        shortened="" if shown == state else " (shortened in the middle, because it is long)",
        state=fenced(shown, "json"),
        prompt=fenced(f"{instance.prompt}\n\n{answer_line()}") + (_SEEN if case.picture else ""),
        reference=_quoted(instance.reference, LONGEST_ANSWER),
        answers="\n".join(
            f"- {scored.kind}: {_quoted(scored.answer, LONGEST_ANSWER)} scored {scored.score:g}"
            for scored in case.answers
        ),
        floor="an unknown score" if case.guess_floor is None else f"{case.guess_floor:.2f}",
        flow=_flow_text(case.flow, case.picture is not None),
    )
    if again:
        request += _template("again.txt")
    return (
        {"role": "system", "content": _template("system.txt")},
        {"role": "user", "content": content_of(_sendable(request), case.picture)},
    )


def shortened(text: str, limit: int) -> str:
    """`text`, or its beginning and end with a remark on how much is missing between them."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]} [... {len(text) - 2 * half:,} characters left out ...] {text[-half:]}"


def fenced(text: str, language: str = "") -> str:
    """`text` in a fence that nothing in it can close."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip(chr(10))}\n{fence}"


def _flow_text(flow: Iterable[KeyFlow], visual: bool) -> str:
    """The keys that are not wholly shown, and what changing them does; then the rest in one line."""
    flow = list(flow)
    lines = [
        "A simple measure, no proof: each top-level key of the state alone was changed to another instance's value; "
        "a change counts as told when the prompt or the picture is another one after it."
        if visual
        else "A simple measure, no proof: the numbers and strings of each top-level key of the state were looked for "
        "in the prompts of a few instances (what is told in other words counts as not shown; true and false are "
        "not looked for), and each key alone was changed to another instance's value."
    ]
    listed = [found for found in flow if found.shown < found.instances or found.hidden or _unscored(found)]
    lines += [_key_text(found) for found in listed]
    rest = [_key_name(found.key) for found in flow if found not in listed]
    if rest:
        lines.append(f"- all values shown, as far as could be seen: {', '.join(rest[:40])}")
    if len(flow) > MOST_KEYS:
        lines.append(f"- (only the first {MOST_KEYS} keys were changed)")
    return "\n".join(lines)


def _key_text(found: KeyFlow) -> str:
    lacking = found.instances - found.shown
    text = f"- {_key_name(found.key)}:"
    text += f" values not shown in {lacking} of {found.instances} prompts" if lacking else " no value missed"
    if found.missing:
        values = ", ".join(shortened(value, _LONGEST_VALUE) for value in found.missing[:_VALUES])
        more = len(found.missing) - _VALUES
        text += f" (once {values}{f' and {more} more' if more > 0 else ''})"
    if _unscored(found):
        text += f"; each of {found.changes} changes changed the prompt, and after none of them did the scorer refuse"
        return f"{text} the old reference"
    if not found.changes:
        return f"{text}; could not be changed alone"
    text += f"; of {found.changes} changes, the prompt stayed the same after {found.silent}"
    if found.silent:
        text += f", and after {found.hidden} of those the scorer no longer gave the old reference 1.0"
    return text


def _unscored(found: KeyFlow) -> bool:
    return found.idle == found.changes >= _ENOUGH


def _key_name(key: str) -> str:
    return _quoted(key, _LONGEST_VALUE)


def _quoted(value: Any, limit: int) -> str:
    return shortened(json.dumps(value, ensure_ascii=False), limit)


def _sendable(text: str) -> str:
    """`text` with lone surrogates, which no server takes, written out as escapes."""
    return text.encode("utf-8", "backslashreplace").decode()


@cache
def _template(name: str) -> str:
    return (resources.files("envforge.review") / "templates" / name).read_text("utf-8")
