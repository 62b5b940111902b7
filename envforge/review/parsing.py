"""What a review says: the last verdict of a reply in free text, however carelessly its JSON is written."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from envforge.review.loose import read_object

CHECKS = ("instance", "data_flow", "algorithm", "scorer")
LONGEST = 200_000  # characters of a reply that are looked at, from its end
STARTS = (
    400  # braces at which an object may begin, from the end: a bound on work, since replies can be hostile
)
NO_REASON = "no reason given"

_DEEPEST = 10  # levels at which a verdict is looked for
_DECODER = json.JSONDecoder(strict=False)
_NAMES = {re.sub("[^a-z]", "", check): check for check in CHECKS}
_THINKING = re.compile(r"</?think(?:ing)?>", re.IGNORECASE)
_SAID = re.compile(r"[\W_]*(accept|reject)(?:ed|s|ance|ion|able)?\b(?!\W*(?:\||/|or\b))", re.IGNORECASE)
_PROSE = re.compile(
    r"\bverdict\b[\s\"'*_`#]{0,6}[:=\n–—-][\s\"'*_`#]{0,6}(accept|reject)(?:ed|s|ance|ion)?\b"
    r"(?![\s\"'*_`]*(?:\||/|or\b|if\b|unless\b|only\b))[\s\"'*_`.,:;–—-]*(?=([^\n]*))",
    re.IGNORECASE,
)
_FAILED = re.compile(r"[\"']?\bok[\"']?\s*:\s*[\"']?false\b", re.IGNORECASE)
_YES = {"true", "yes", "ok", "okay", "pass", "passed", "passes", "correct", "sound", "accept"}
_NO = {"false", "no", "fail", "failed", "fails", "incorrect", "wrong", "broken", "reject"}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Reading:
    """A reply understood. `findings` maps a check to {"ok": true, false or null, "note": text}."""

    accepted: bool
    reason: str  # one sentence; empty when accepted
    findings: dict[str, Any]


def read_review(text: str) -> Reading | None:
    """The verdict in a reply; None when there is none, or more than one and no saying which. Never raises.

    The last object with a verdict counts; what a model thinks between <think> and </think> does not. Accepted is
    what says "accept" and has no check that failed.
    """
    text = text[-LONGEST:]
    objects = _objects(text)
    begin, end = _spoken(text, [span for span, _ in objects])
    for (start, stop), found in reversed(objects):
        if start >= begin and stop <= end:
            reading = _last_verdict(found, {}, 0)
            if reading is not None:
                return reading
    return _prose(text[begin:end])


def _objects(text: str) -> list[tuple[tuple[int, int], dict[str, Any]]]:
    """The outermost objects with their places, in order: those with a verdict in proper JSON, and between them
    what can be read loosely."""
    found: list[tuple[tuple[int, int], dict[str, Any]]] = []
    starts = [match.start() for match in re.finditer(r"\{", text)][-STARTS:]
    at = 0
    for start in starts:
        if start < at:
            continue
        try:
            value, end = _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict) and _last_verdict(value, {}, 0) is not None:
            found.append(
                _around(text, [other for other in starts if at <= other < start], (start, end), value)
            )
            at = found[-1][0][1]
    proper = [span for span, _ in found]
    at = 0
    for start in starts:
        if start < at or any(low <= start < high for low, high in proper):
            continue
        limit = next((low for low, _ in proper if low > start), len(text))
        loose = read_object(text[:limit], start)
        if loose is not None:
            found.append(((start, loose[1]), loose[0]))
            at = loose[1]
    return sorted(found, key=lambda item: item[0])


def _around(
    text: str, starts: list[int], span: tuple[int, int], inner: dict[str, Any]
) -> tuple[tuple[int, int], dict[str, Any]]:
    """`inner` with its place, or the loosely written object that it is a part of: checks may stand there."""
    for start in starts:
        outer = read_object(text, start)
        if outer is not None and outer[1] >= span[1] and _holds(outer[0], inner, 0):
            return (start, outer[1]), outer[0]
    return span, inner


def _holds(outer: Any, inner: dict[str, Any], depth: int) -> bool:
    if not isinstance(outer, dict | list) or depth > _DEEPEST:
        return False
    items = list(outer.values() if isinstance(outer, dict) else outer)
    return inner in items or any(_holds(item, inner, depth + 1) for item in items)


def _spoken(text: str, spans: list[tuple[int, int]]) -> tuple[int, int]:
    """Where the reply proper begins and ends: after the last thought, before one that never ends."""
    begin, end = 0, len(text)
    for tag in _THINKING.finditer(text):
        if any(low <= tag.start() < high for low, high in spans):
            continue  # in a note, the word is only mentioned
        if tag[0].startswith("</"):
            begin, end = tag.end(), len(text)
        else:
            end = min(end, tag.start())
    return begin, end


def _last_verdict(value: Any, outer: Mapping[str, Any], depth: int) -> Reading | None:
    """The last verdict in `value`, at any level; `outer` is what surrounds it."""
    if depth > _DEEPEST or not isinstance(value, dict | list):
        return None
    inside = {**outer, **value} if isinstance(value, dict) else outer
    for item in reversed(list(value.values() if isinstance(value, dict) else value)):
        reading = _last_verdict(item, inside, depth + 1)
        if reading is not None:
            return reading
    return _reading(value, inside) if isinstance(value, dict) else None


def _reading(found: Mapping[str, Any], inside: Mapping[str, Any]) -> Reading | None:
    said = next((value for key, value in found.items() if key.strip().lower() == "verdict"), None)
    match = _SAID.match(said) if isinstance(said, str) else None
    if match is None:
        return None
    findings = dict(_findings(inside))
    failed = [finding["note"] for finding in findings.values() if finding["ok"] is False]
    if match[1].lower() == "accept" and not failed:
        return Reading(True, "", findings)
    given = next((value for key, value in inside.items() if key.strip().lower() == "reason"), "")
    words = (_stored(given), _stored(said)[match.end() :].strip(" .:;,-–—*_\"'"))
    reasons = (*failed, *words) if match[1].lower() == "accept" else (words[0], *failed, words[1])
    return Reading(False, next((reason for reason in reasons if reason.strip()), NO_REASON), findings)


def _findings(found: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for key, value in found.items():
        check = _NAMES.get(re.sub("[^a-z]", "", key.lower()))
        if check is None:
            continue
        if isinstance(value, dict):
            parts = {str(name).strip().lower(): part for name, part in value.items()}
            yield check, {"ok": _truth(parts.get("ok")), "note": _stored(parts.get("note", ""))}
        else:
            yield check, {"ok": _truth(value), "note": "" if isinstance(value, bool) else _stored(value)}


def _truth(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    word = re.match("[a-z]+", value.strip().lower()) if isinstance(value, str) else None
    return (word[0] in _YES) if word and word[0] in _YES | _NO else None


def _stored(value: Any) -> str:
    """A value as text that every database takes."""
    written = (
        value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    )
    return _UNSTORABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", written)


def _prose(text: str) -> Reading | None:
    """The verdict in words, as in "Verdict: reject", when all that are given agree."""
    found = list(_PROSE.finditer(text))
    if len({match[1].lower() for match in found}) != 1:
        return None
    failed = _FAILED.search(text) is not None
    if found[-1][1].lower() == "accept":
        return Reading(False, "a check failed", {}) if failed else Reading(True, "", {})
    return Reading(False, _stored(found[-1][2].strip(" *_`\"'}")) or NO_REASON, {})
