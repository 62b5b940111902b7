"""Objects in almost-JSON, as language models write it: Python's quotes and words, trailing commas, line breaks and
stray quotation marks inside strings, words without quotes. What is JSON proper is not read here."""

from __future__ import annotations

import re
from typing import Any

DEEPEST = 12  # levels of nesting; a review needs two

_SPACE = re.compile(r"\s*")
_KEY = re.compile(r"""["'“”‘’]([^"'“”‘’{}\[\]\n]{1,60})["'“”‘’]\s*:|([A-Za-z_][\w -]{0,59})\s*:""")
_NUMBER = re.compile(r"-?\d{1,300}(?:\.\d{1,300})?(?![\w.])")
_BARE = re.compile(r"[^\s,{}\[\]\"'][^,{}\[\]\"'\n]*")
_CLOSERS = {'"': '"', "'": "'", "“": "”", "‘": "’"}
# What may follow the end of a string: else the quotation mark belongs to it.
_AFTER = re.compile(
    r"""\s*(?:[}\]]|\Z|,\s*(?:[}\]\[{]|\Z|["'“‘]|[A-Za-z_]\w*\s*:)|\n\s*["'“‘]?[A-Za-z_ ]{1,60}["'”’]?\s*:)"""
)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "\n": ""}
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|([\s\S]))")
_WORDS = {"true": True, "false": False, "null": None, "none": None}


class _Unreadable(Exception):
    pass


def read_object(text: str, start: int) -> tuple[dict[str, Any], int] | None:
    """The object that begins at the brace `text[start]`, and where it ends; None if there is none, even so."""
    try:
        return _object(text, start, 0)
    except _Unreadable:
        return None


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _object(text: str, at: int, depth: int) -> tuple[dict[str, Any], int]:
    found: dict[str, Any] = {}
    at = _skip(text, at + 1)
    while text[at : at + 1] != "}":
        key = _KEY.match(text, at)
        if key is None:
            raise _Unreadable
        value, at = _value(text, _skip(text, key.end()), depth)
        found[(key[1] or key[2]).strip()] = value
        at = _separated(text, at)
    return found, at + 1


def _array(text: str, at: int, depth: int) -> tuple[list[Any], int]:
    found: list[Any] = []
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        value, at = _value(text, at, depth)
        found.append(value)
        at = _separated(text, at)
    return found, at + 1


def _separated(text: str, at: int) -> int:
    """Past the comma after a value, which may be missing, too."""
    at = _skip(text, at)
    return _skip(text, at + 1) if text[at : at + 1] == "," else at


def _value(text: str, at: int, depth: int) -> tuple[Any, int]:
    first = text[at : at + 1]
    if first in ("{", "["):
        if depth >= DEEPEST:
            raise _Unreadable
        return _object(text, at, depth + 1) if first == "{" else _array(text, at, depth + 1)
    if first in _CLOSERS:
        return _string(text, at)
    number = _NUMBER.match(text, at)
    if number:
        return (float if "." in number[0] else int)(number[0]), number.end()
    bare = _BARE.match(text, at)
    if bare is None:
        raise _Unreadable
    word = bare[0].strip()
    return _WORDS.get(word.lower(), word), bare.end()


def _string(text: str, at: int) -> tuple[str, int]:
    closer, start = _CLOSERS[text[at]], at + 1
    end = text.find(closer, start)
    while end >= 0:
        before = text[max(start, end - 50) : end]
        escaped = (len(before) - len(before.rstrip("\\"))) % 2
        if not escaped and _AFTER.match(text, end + 1):
            return _ESCAPE.sub(_unescaped, text[start:end]), end + 1
        end = text.find(closer, end + 1)
    raise _Unreadable


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 16)) if match[1] else _ESCAPES.get(match[2], match[2])
