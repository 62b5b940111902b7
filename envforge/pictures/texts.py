"""Where the texts of a picture lie: their boxes in viewBox units, whatever transforms are around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from envforge.pictures import values
from envforge.pictures.fonts import face
from envforge.pictures.geometry import Box, Point, box_around
from envforge.pictures.markup import Element
from envforge.pictures.styles import Style, drawn
from envforge.pictures.svgpolicy import examined

_SPACES = re.compile(r"[ \t\r\n]+")


@dataclass(frozen=True, slots=True)
class Paint:
    """How words are painted: the fill, its opacity, and the outline drawn under it, if any."""

    fill: str
    opacity: float
    halo: str = "none"
    halo_share: float = 0.0  # width of the outline, as a share of the font size


@dataclass(frozen=True, slots=True)
class TextBox:
    """Words that stand in one line: a text, or a part of it that begins at a place of its own.

    `corners` are those of the box of the ink, in viewBox units: top left, top right, bottom right and bottom left as
    the words themselves see it. `size` is the height of the smallest font in them, in viewBox units.
    """

    words: str
    corners: tuple[Point, Point, Point, Point]
    size: float
    paints: tuple[Paint, ...]

    @property
    def bounds(self) -> Box:
        return box_around(self.corners)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A picture that passed the policy, read: its tree, its viewBox and its texts in drawing order."""

    root: Element
    view: Box
    texts: tuple[TextBox, ...]


@lru_cache(maxsize=4)
def read(svg: str) -> Drawing:
    """Read a picture; the last few are remembered. Raises PictureError when it breaks the policy."""
    root, view = examined(svg)
    texts = tuple(
        box for element, style in drawn(root) if element.name == "text" for box in _boxes(element, style)
    )
    return Drawing(root, view, texts)


@dataclass(frozen=True, slots=True)
class _Span:
    words: str
    style: Style
    start: Point  # relative to the start of its line


def _boxes(text: Element, style: Style) -> Iterator[TextBox]:
    """One box for each line of a text: what begins with an absolute x or y begins a line."""
    lines: list[tuple[Point, list[_Span], float]] = []
    for words, own, said in _pieces(text, style):
        shift = (_number(said, "dx"), _number(said, "dy"))
        if not lines or "x" in said or "y" in said:
            x, y = _end(lines[-1]) if lines else (0.0, 0.0)
            lines.append(((_number(said, "x", x), _number(said, "y", y)), [], 0.0))
        start, spans, width = lines[-1]
        before = spans[-1].start[1] if spans else 0.0
        at = (width + shift[0], before + shift[1])
        spans.append(_Span(words, own, at))
        lines[-1] = (start, spans, at[0] + face(own.bold).advance(words) * own.size)
    for start, spans, width in lines:
        if (box := _box(start, spans, width, style)) is not None:
            yield box


def _number(said: dict[str, str], name: str, otherwise: float = 0.0) -> float:
    return values.number(said[name]) if name in said else otherwise


def _end(line: tuple[Point, list[_Span], float]) -> Point:
    """Where the pen stands after a line (of a text that is anchored at its start)."""
    (x, y), spans, width = line
    return x + width, y + spans[-1].start[1]


def _pieces(text: Element, style: Style) -> Iterator[tuple[str, Style, dict[str, str]]]:
    """The words of a text in order, white space collapsed, with their style and the attributes that place them."""
    parts: list[tuple[str, Style, dict[str, str]]] = []
    placed = dict(text.attributes)
    for part in text.content:
        if isinstance(part, str):
            parts.append((part, style, placed))
        else:
            words = "".join(piece for piece in part.content if isinstance(piece, str))
            parts.append((words, style.of(part), {**placed, **part.attributes}))
        if _SPACES.sub("", parts[-1][0]):
            placed = {}
    spaced = True  # nothing, or a space, stands before
    last = max((place for place, part in enumerate(parts) if part[0].strip(" \t\r\n")), default=-1)
    for place, (words, own, said) in enumerate(parts[: last + 1]):
        collapsed = _SPACES.sub(" ", words)
        if spaced:
            collapsed = collapsed.removeprefix(" ")
        if place == last:
            collapsed = collapsed.removesuffix(" ")
        if collapsed:
            spaced = collapsed.endswith(" ")
            yield collapsed, own, said


def _box(start: Point, spans: list[_Span], width: float, style: Style) -> TextBox | None:
    """The box of one line; None when nothing of it is black."""
    x = start[0] - {"start": 0.0, "middle": width / 2, "end": width}[style.anchor]
    inks = []
    for span in spans:
        if (ink := face(span.style.bold).ink(span.words)) is not None:
            size, (left, base) = span.style.size, (x + span.start[0], start[1] + span.start[1])
            inks += [
                (left + size * ink.left, base + size * ink.top),
                (left + size * ink.right, base + size * ink.bottom),
            ]
    if not inks:
        return None
    first, second, third, fourth = box_around(inks).corners
    apply = style.matrix.apply
    return TextBox(
        words="".join(span.words for span in spans).strip(),
        corners=(apply(first), apply(second), apply(third), apply(fourth)),
        size=min(span.style.size for span in spans) * style.matrix.scale,
        paints=tuple(dict.fromkeys(_paint(span.style) for span in spans)),
    )


def _paint(style: Style) -> Paint:
    haloed = style.outline_first and style.stroke != "none"
    return Paint(
        fill=style.fill,
        opacity=style.opacity * style.fill_opacity if style.fill != "none" else 0.0,
        halo=style.stroke if haloed else "none",
        halo_share=style.stroke_width / style.size if haloed else 0.0,
    )
