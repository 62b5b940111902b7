"""Words as outlines: a line of text becomes one path of its glyphs, so that the rasteriser has no text to shape.

Shaping is what costs resvg most (about a quarter of a millisecond a text); the outlines come from the same two fonts,
each glyph's is read once (fontTools), and the pen moves by the advance widths that the measures use. Texts with parts
of their own (tspan, dx, dy) or with dashed outlines are left to the rasteriser.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

from envforge.pictures import values
from envforge.pictures.fonts import BOLD, FAMILY, REGULAR
from envforge.pictures.markup import Element
from envforge.pictures.styles import UNDRAWN, Style

if TYPE_CHECKING:
    from fontTools.ttLib import TTFont

# What a path takes over from the text that it stands for; its stroke is scaled with it.
_KEPT = (
    "id",
    "fill",
    "fill-opacity",
    "stroke",
    "stroke-opacity",
    "opacity",
    "paint-order",
    "stroke-linejoin",
)


def outlined(element: Element, style: Style | None = None) -> Element:
    """A copy of the tree in which simple texts are paths. The tree must have passed the policy."""
    own = (style or Style()).of(element)
    content: list[Element | str] = []
    for part in element.content:
        if isinstance(part, str) or part.name in UNDRAWN:
            content.append(part)
        elif part.name == "text":
            content.append(_path(part, own.of(part)) or _named(part))
        else:
            content.append(outlined(part, own))
    return replace(element, content=tuple(content))


def _path(text: Element, style: Style) -> Element | None:
    """The path of one text; None for one that is not simple."""
    said = text.attributes
    if len(text.content) > 1 or style.dashes or {"dx", "dy"} & said.keys():
        return None
    words = " ".join("".join(part for part in text.content if isinstance(part, str)).split())
    if any(not isinstance(part, str) for part in text.content):
        return None
    font = _font(style.bold)
    parts, pen = [], 0
    for character in words:
        outline, advance = font(character)
        if outline:
            parts.append(f"M{pen} 0{outline}")
        pen += advance
    scale = style.size / _unit(style.bold)
    x = (
        values.number(said.get("x", "0"))
        - {"start": 0.0, "middle": 0.5, "end": 1.0}[style.anchor] * pen * scale
    )
    y = values.number(said.get("y", "0"))
    around = f"{said['transform']} " if "transform" in said else ""
    kept = {name: said[name] for name in _KEPT if name in said}
    if style.stroke != "none":
        kept["stroke-width"] = f"{style.stroke_width / scale:.2f}"
    place = f"{around}translate({x:.3f} {y:.3f}) scale({scale:.6f} {-scale:.6f})"
    return Element(
        "path", {**kept, "fill-rule": "nonzero", "transform": place, "d": "".join(parts) or "M0 0"}, ()
    )


def _named(text: Element) -> Element:
    """A text that stays one, in the one family there is: the rasteriser would look for any other."""
    content = tuple(part if isinstance(part, str) else _named(part) for part in text.content)
    return replace(text, attributes={**text.attributes, "font-family": FAMILY}, content=content)


_READING = threading.RLock()  # fontTools unpacks tables and glyphs in place when they are first read

_Glyph = tuple[str, int]  # a path in relative commands and font units, y up, and the advance


@cache
def _font(bold: bool) -> Callable[[str], _Glyph]:
    """The glyphs of a weight by character, each read once."""
    with _READING:
        font = _opened(bold)
        glyphs, names, advances = font.getGlyphSet(), font.getBestCmap(), font["hmtx"]

    @cache
    def glyph(character: str) -> _Glyph:
        from fontTools.pens.recordingPen import DecomposingRecordingPen

        with _READING:
            name = names.get(ord(character), ".notdef")
            pen = DecomposingRecordingPen(glyphs)
            glyphs[name].draw(pen)
            return _relative(pen.value), int(advances[name][0])

    return glyph


@cache
def _opened(bold: bool) -> TTFont:
    from fontTools.ttLib import TTFont

    with _READING:
        return TTFont(BOLD if bold else REGULAR)


@cache
def _unit(bold: bool) -> int:
    with _READING:
        return int(_opened(bold)["head"].unitsPerEm)


def _relative(commands: list[tuple[str, Any]]) -> str:
    """The commands of a pen, relative to the pen's place: they can follow any absolute move."""
    found: list[str] = []
    x = y = start_x = start_y = 0
    for command, points in commands:
        if command == "moveTo":
            ((p, q),) = points
            found.append(f"m{p - x} {q - y}")
            x, y = start_x, start_y = p, q
        elif command == "lineTo":
            ((p, q),) = points
            found.append(f"l{p - x} {q - y}")
            x, y = p, q
        elif command == "qCurveTo":
            for (a, b), (p, q) in _quadratic(points):
                found.append(f"q{_n(a - x)} {_n(b - y)} {_n(p - x)} {_n(q - y)}")
                x, y = p, q
        else:  # closePath, endPath
            found.append("z")
            x, y = start_x, start_y
    return "".join(found)


def _quadratic(points: Any) -> list[tuple[Any, Any]]:
    """A run of TrueType off-curve points as single curves: (control, end)."""
    from fontTools.pens.basePen import decomposeQuadraticSegment

    if points[-1] is None:  # a contour without a point on the curve: no glyph of these fonts has one
        raise ValueError("a contour of off-curve points alone")
    return list(decomposeQuadraticSegment(points))


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
