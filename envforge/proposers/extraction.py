"""The program in a model's reply. Works on text alone: untrusted source is parsed in the sandbox, not here.

What is understood: fences of backticks or tildes, indented ones, ones that are never closed or that begin at the
end of a line of prose, no fences at all, JSON objects with the program in a string, thinking before the answer with
or without its opening tag. What is not: programs that are spread over several blocks, or escaped for HTML. Such text
is taken as it stands, and the first gate says what is wrong with it.
"""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import dataclass

_TAG = "(?:think|thinking|thought|reasoning)"
_THOUGHT_BEGINS = re.compile(rf"^[ \t]*(?:<{_TAG}>|\[THINK\]|◁think▷)", re.MULTILINE | re.IGNORECASE)
_THOUGHT_ENDS = re.compile(rf"</{_TAG}>|\[/THINK\]|◁/think▷", re.IGNORECASE)
_MOST_THOUGHTS = 64  # ends of thinking that are looked at, the last ones: each costs a pass over the reply

_FENCE = re.compile(r"^([ \t]*)(`{3,}|~{3,})([^\n`]*)$", re.MULTILINE)
_FENCE_AFTER_PROSE = re.compile(r"^([^#'\"`\n]*[^#'\"`\s])[ \t]*(```+(?:python3?|py)[ \t]*)$", re.MULTILINE)
_PROGRAM = re.compile(r"^def generate\(", re.MULTILINE)
_INDENTED_PROGRAM = re.compile(r"^[ \t]+def generate\(", re.MULTILINE)
_PARTS = re.compile(r"^(?:def (generate|prompt|reference|score)\(|(TAGS)\b)", re.MULTILINE)
_FIRST_LINE = re.compile(
    r'^(?:[rR]?"""|[rR]?\'\'\'|from [\w.]+ import |import \w[\w., ]*$|TAGS\s*[:=])', re.MULTILINE
)
_DEFINITION = re.compile(r"^(?:def|class) \w+", re.MULTILINE)
_PROSE = re.compile(  # a paragraph that begins like no statement
    r"\n\n(?=\S)(?!def |class |import |from |@|#|[\])}]|if |for |while |with |try:"
    r"|[\w.\[\]\"']+(?:: [^\n=]+)? ?[|&+*/-]?= )"
)


@dataclass(frozen=True, slots=True)
class _Found:
    """A program and where it stands in the reply. `closed` is False when nothing shows that it is complete."""

    source: str
    start: int
    end: int
    closed: bool

    @property
    def functions(self) -> int:
        """How many of the contract's four functions it defines."""
        return len({match[1] for match in _PARTS.finditer(self.source)} - {None})

    @property
    def whole(self) -> bool:
        """Whether it has everything that a program must have, as far as text can tell."""
        return self.functions == 4 and any(match[2] for match in _PARTS.finditer(self.source))


def extract_program(reply: str, finish_reason: str | None = None) -> tuple[str | None, str | None]:
    """(source, None) for the program that the reply hands in, else (None, why there is none).

    Of several fenced blocks the last that defines the contract's four functions counts, or failing that the last
    that defines `generate`. What stands before the end of thinking does not count.
    """
    text = reply.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    text = _FENCE_AFTER_PROSE.sub(r"\1\n\2", text)
    cut = finish_reason == "length"
    start, found = _after_thinking(text, cut)
    if start is None or _THOUGHT_BEGINS.search(text[start : found.start if found else None]):
        return None, "the reply ends within its thinking" + (", at the token limit" if cut else "")
    if not text[start:].strip():
        return None, "the reply is empty"
    if found is None or (cut and not found.closed):
        return None, "the reply was cut off at the token limit" if cut else "the reply holds no program"
    if "\0" in found.source or not _is_utf8(found.source):
        return None, "the program holds characters that no text file has"
    return found.source.removeprefix("\ufeff").strip("\n") + "\n", None


def _after_thinking(text: str, cut: bool) -> tuple[int | None, _Found | None]:
    """Where the answer begins (None: nowhere) and the program in it.

    The end of thinking is the last closing tag, unless that stands inside the program, as in a string. So each
    closing tag is tried, the first one first: a program counts when no later tag stands outside of it, other than
    in strings of programs before it. A later beginning is preferred if it gives a whole program, for a fence left
    open in the thinking seems to go on beyond its end; but not when the tags are all in strings.
    """
    ends = [match.span() for match in _THOUGHT_ENDS.finditer(text)][-_MOST_THOUGHTS:]
    begins_at_once = _THOUGHT_BEGINS.match(text.lstrip()) is not None
    if begins_at_once and not ends:
        return None, None
    starts = [] if begins_at_once else [(0, ends)]
    starts += [(end, ends[number:]) for number, (_, end) in enumerate(ends, 1)]
    best: tuple[int, _Found] | None = None
    for start, later in starts:
        blocks = _fenced(text, start)
        found = _last(blocks, cut) if blocks else _unfenced(text, start)
        outside = [tag for tag in later if not _in_string(text, blocks, *tag)]
        if found is None or not all(found.start <= low and high <= found.end for low, high in outside):
            continue
        if best is None or found.whole:
            best = start, found
        if not outside:
            break
    return best or (starts[-1][0], None)


def _in_string(text: str, blocks: list[_Found], low: int, high: int) -> bool:
    """Whether `text[low:high]` follows a quotation mark on its line, in a fenced program."""
    line = text[text.rfind("\n", 0, low) + 1 : low]
    return ('"' in line or "'" in line) and any(b.start <= low and high <= b.end for b in blocks)


def _last(blocks: list[_Found], cut: bool) -> _Found:
    """The one of several programs that counts; `cut` says that the reply ends where its tokens did."""
    if cut and not blocks[-1].closed:
        return blocks[-1]  # it was to replace those before
    return ([block for block in blocks if block.functions == 4] or blocks)[-1]


def _fenced(text: str, start: int) -> list[_Found]:
    """The blocks that define `generate`, in order; only the last one can be unclosed."""
    segment = text[start:]
    fences = list(_FENCE.finditer(segment))
    found, number = list[_Found](), 0
    while number < len(fences):
        opening = fences[number]
        end, number, closed = _closing(segment, fences, number)
        if end is None:  # another block begins before this one ends
            continue
        block = segment[opening.end() + 1 : end]
        source = _read_block(block if closed else block.rstrip().removesuffix(opening[2]), len(opening[1]))
        if source is not None:
            found.append(_Found(source, start + opening.end(), start + end, closed))
    return found


def _closing(text: str, fences: list[re.Match[str]], number: int) -> tuple[int | None, int, bool]:
    """Where the block that fence `number` opens ends (None: nowhere), the fence to go on with, whether it is closed.

    A fence inside a string of three quotes belongs to the program, unless it turns out that nothing else closes
    the block: then the quotes are what is wrong. So does one that is too short or of the other kind.
    """
    opening, second_best = fences[number], None
    for later in range(number + 1, len(fences)):
        fence = fences[later]
        if fence[3].strip():
            if second_best is None:
                return None, later, False
            break
        if fence[2].startswith(opening[2]) and not _within_string(text[opening.end() : fence.start()]):
            return fence.start(), later + 1, True
        second_best = second_best if second_best is not None else later
    if second_best is not None:
        return fences[second_best].start(), second_best + 1, True
    return len(text), len(fences), False


def _within_string(text: str) -> bool:
    return text.count('"""') % 2 == 1 or text.count("'''") % 2 == 1


def _read_block(block: str, indent: int) -> str | None:
    """The program in a fenced block, without the fence's own indentation; None when there is none."""
    if not _PROGRAM.search(block) and _INDENTED_PROGRAM.search(block):
        block = re.sub(rf"^[ \t]{{1,{indent}}}", "", block, flags=re.MULTILINE) if indent else block
        block = textwrap.dedent(block)
    return block if _PROGRAM.search(block) else _in_json(block)


def _unfenced(text: str, start: int) -> _Found | None:
    """A program among prose, from its first line that can only be code to the first paragraph that cannot."""
    segment = text[start:]
    source = _in_json(segment)
    if source is not None:
        return _Found(source, start, len(text), True)
    program = _PROGRAM.search(segment)
    if program is None:
        return None
    first = _FIRST_LINE.search(segment)
    begin = min(program.start(), first.start() if first else len(segment))
    last = [match.end() for match in _DEFINITION.finditer(segment)][-1]
    end = len(segment)
    for prose in _PROSE.finditer(segment, last):
        if not _within_string(segment[begin : prose.start()]):
            end = prose.start()
            break
    return _Found(segment[begin:end], start + begin, start + end, end < len(segment))


def _in_json(text: str) -> str | None:
    """The program that is the one string with a program in a JSON object."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    values = data.values() if isinstance(data, dict) else ()
    programs = [value for value in values if isinstance(value, str) and _PROGRAM.search(value)]
    return programs[0].replace("\r\n", "\n").replace("\r", "\n") if len(programs) == 1 else None


def _is_utf8(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
