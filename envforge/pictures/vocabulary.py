"""Which elements a picture may hold, which attributes they may have, and what values: the tables of the policy."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from envforge.pictures import values
from envforge.pictures.paths import outline_of_path

Check = Callable[[str], object]  # raises ValueError for what it does not let in

SHAPES = frozenset({"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"})
SILENT = frozenset({"title", "desc"})  # allowed for people who read the SVG; never drawn
DEFINITIONS = frozenset({"defs", "clipPath", "linearGradient"})

_CONTAINED = SHAPES | SILENT | DEFINITIONS | {"g", "text"}
CHILDREN: Mapping[str, frozenset[str]] = {
    "svg": _CONTAINED,
    "g": _CONTAINED,
    "defs": DEFINITIONS - {"defs"},
    "clipPath": SHAPES,
    "linearGradient": frozenset({"stop"}),
    "text": frozenset({"tspan"}),
    **dict.fromkeys(SHAPES, SILENT),
    **{name: frozenset() for name in ("tspan", "title", "desc", "stop")},
}
WORDED = frozenset({"text", "tspan", "title", "desc"})  # elements that may hold text

_FAMILIES = frozenset({"sans-serif", "dejavu sans"})
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
BOLD = frozenset({"bold", "600", "700", "800", "900"})
MAX_FONT_SIZE = 2000.0
MAX_WIDTH = 2000.0  # of a stroke


def _one_of(*words: str) -> Check:
    def check(text: str) -> None:
        if text not in words:
            raise ValueError("is none of " + ", ".join(words))

    return check


def _between(low: float, high: float) -> Check:
    def check(text: str) -> None:
        if not low <= values.number(text) <= high:
            raise ValueError(f"is not between {low:g} and {high:g}")

    return check


def _paint(text: str) -> None:
    if text != "none" and not values.REFERENCE.fullmatch(text):
        values.colour(text)


def _plain(text: str) -> None:
    """A paint that is no gradient."""
    if text != "none":
        values.colour(text)


def _clip(text: str) -> None:
    if text != "none" and not values.REFERENCE.fullmatch(text):
        raise ValueError("is not url(#...) with the id of a clipPath")


def _identifier(text: str) -> None:
    if not _IDENTIFIER.fullmatch(text):
        raise ValueError("is no plain name of at most 64 letters, digits, '_', '-' and '.'")


def _family(text: str) -> None:
    if not {name.strip(" '\"").lower() for name in text.split(",")} <= _FAMILIES:
        raise ValueError("names another font than DejaVu Sans or sans-serif")


def _along(text: str) -> None:
    """A coordinate of a gradient."""
    if text.endswith("%"):
        values.number(text[:-1])
    else:
        values.number(text)


_COMMON: Mapping[str, Check] = {
    "id": _identifier,
    "transform": values.transform,
    "opacity": values.share,
    "clip-path": _clip,
}
_PAINTED: Mapping[str, Check] = {
    "fill": _plain,
    "fill-opacity": values.share,
    "fill-rule": _one_of("nonzero", "evenodd"),
    "stroke": _plain,
    "stroke-width": _between(0, MAX_WIDTH),
    "stroke-opacity": values.share,
    "stroke-linecap": _one_of("butt", "round", "square"),
    "stroke-linejoin": _one_of("miter", "round", "bevel"),
    "stroke-miterlimit": _between(1, 20),
    "stroke-dasharray": values.dashes,
    "stroke-dashoffset": values.number,
    "paint-order": _one_of(
        "normal", "fill", "stroke", "fill stroke", "stroke fill", "stroke fill markers", "fill stroke markers"
    ),
    "shape-rendering": _one_of("auto", "geometricPrecision"),
}
_WRITTEN: Mapping[str, Check] = {
    "font-family": _family,
    "font-size": _between(1, MAX_FONT_SIZE),
    "font-weight": _one_of("normal", *"100 200 300 400 500 600 700 800 900".split(), "bold"),
    "font-style": _one_of("normal"),
    "text-anchor": _one_of("start", "middle", "end"),
}
_SHAPE: Mapping[str, Check] = {**_COMMON, **_PAINTED, "fill": _paint, "stroke": _paint}  # gradients too
_UNCLIPPED: Mapping[str, Check] = {name: check for name, check in _COMMON.items() if name != "clip-path"}
_PLACED: Mapping[str, Check] = dict.fromkeys(("x", "y", "dx", "dy"), values.number)
_CLIPPED: Mapping[str, Check] = {"clip-rule": _one_of("nonzero", "evenodd")}

ATTRIBUTES: Mapping[str, Mapping[str, Check]] = {
    "svg": {
        # What the viewBox and the sides say to each other is looked at by the policy itself.
        "viewBox": values.numbers,
        "width": values.number,
        "height": values.number,
        "version": _one_of("1.0", "1.1", "2.0"),
        "id": _identifier,
        **_PAINTED,
        **_WRITTEN,
    },
    "g": {**_COMMON, **_PAINTED, **_WRITTEN},
    "path": {**_SHAPE, **_CLIPPED, "d": outline_of_path},
    "rect": {
        **_SHAPE,
        **dict.fromkeys(("x", "y"), values.number),
        **dict.fromkeys(("width", "height", "rx", "ry"), values.not_negative),
    },
    "circle": {**_SHAPE, "cx": values.number, "cy": values.number, "r": values.not_negative},
    "ellipse": {
        **_SHAPE,
        **dict.fromkeys(("cx", "cy"), values.number),
        **dict.fromkeys(("rx", "ry"), values.not_negative),
    },
    "line": {**_SHAPE, **dict.fromkeys(("x1", "y1", "x2", "y2"), values.number)},
    "polyline": {**_SHAPE, "points": values.points},
    "polygon": {**_SHAPE, **_CLIPPED, "points": values.points},
    "text": {**_UNCLIPPED, **_PAINTED, **_WRITTEN, **_PLACED},
    "tspan": {
        **{name: _PAINTED[name] for name in ("fill", "fill-opacity")},
        **{name: _WRITTEN[name] for name in ("font-family", "font-size", "font-weight", "font-style")},
        **_PLACED,
    },
    "title": {},
    "desc": {},
    "defs": {},
    "clipPath": {"id": _identifier, "clipPathUnits": _one_of("userSpaceOnUse")},
    "linearGradient": {
        "id": _identifier,
        "gradientUnits": _one_of("userSpaceOnUse", "objectBoundingBox"),
        **dict.fromkeys(("x1", "y1", "x2", "y2"), _along),
    },
    "stop": {"offset": values.share_or_percent, "stop-color": values.colour, "stop-opacity": values.share},
}

# Attributes without which an element draws nothing: missing ones are mistakes worth telling.
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "svg": ("viewBox",),
    "path": ("d",),
    "rect": ("width", "height"),
    "circle": ("r",),
    "ellipse": ("rx", "ry"),
    "polyline": ("points",),
    "polygon": ("points",),
    "clipPath": ("id",),
    "linearGradient": ("id",),
    "stop": ("offset", "stop-color"),
}
