"""The program in a model's reply. Works on text alone: untrusted source is parsed in the sandbox, not here."""

from __future__ import annotations

import re

_THOUGHT_ENDS = ("</think>", "</thinking>", "</thought>")
_THOUGHT_BEGINS = re.compile(r"\s*<(?:think|thinking|thought)>")
_FENCE = re.compile(r"^[ \t]*(`{3,}|~{3,})[^\n`]*$", re.MULTILINE)
_PROGRAM = re.compile(r"^def generate\(", re.MULTILINE)
_FIRST_LINE = re.compile(r'^(?:[rR]?"""|[rR]?\'\'\'|from [\w.]+ import |import \w|TAGS\s*[:=])', re.MULTILINE)


def extract_program(reply: str, finish_reason: str | None = None) -> tuple[str | None, str | None]:
    """(source, None) for the last fenced block with a `def generate`, or an unfenced program; else (None, why)."""
    text = reply.replace("\r\n", "\n")
    for end in _THOUGHT_ENDS:
        text = text.rpartition(end)[2]
    cut = finish_reason == "length"
    if _THOUGHT_BEGINS.match(text):
        return None, "the reply ends within its thinking" + (", at the token limit" if cut else "")
    if not text.strip():
        return None, "the reply is empty"
    source, complete = _fenced(text)
    if source is None and not _FENCE.search(text):
        source, complete = _unfenced(text), not cut
    if source is None or (cut and not complete):
        return None, "the reply was cut off at the token limit" if cut else "the reply holds no program"
    if "\0" in source or not _is_utf8(source):
        return None, "the program holds characters that no text file has"
    return source.strip("\n") + "\n", None


def _fenced(text: str) -> tuple[str | None, bool]:
    """The last block that defines `generate`, and whether its fence was closed."""
    found: tuple[str | None, bool] = (None, True)
    opened: re.Match[str] | None = None
    for fence in _FENCE.finditer(text):
        bare = fence[0].strip() == fence[1]
        if opened is None or not bare:  # a second opening: the first block was never closed
            opened = fence
        elif fence[1].startswith(opened[1]):
            block = text[opened.end() + 1 : fence.start()]
            if _PROGRAM.search(block):
                found = block, True
            opened = None
    if opened is not None and _PROGRAM.search(text, opened.end()):
        return text[opened.end() + 1 :], False
    return found


def _unfenced(text: str) -> str | None:
    start, program = _FIRST_LINE.search(text), _PROGRAM.search(text)
    if program is None:
        return None
    return text[min(program.start(), start.start() if start else len(text)) :]


def _is_utf8(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
