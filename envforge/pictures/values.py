"""The values that attributes of a picture may have: numbers, colours, transforms, points, dashes.

Each parser takes the attribute's text and raises ValueError, with words that complete "because it ...", for
everything outside its form. Numbers are plain decimals below MAX_NUMBER in size: no NaN, no infinity, no per cent.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache

from envforge.pictures.geometry import Matrix, Point

MAX_NUMBER = 1e6
MAX_DASHES = 8  # numbers in one stroke-dasharray
MAX_TRANSFORMS = 8  # functions in one transform

Colour = tuple[int, int, int]

NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_GAP = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*")
_FUNCTION = re.compile(r"(matrix|translate|scale|rotate|skewX|skewY)[ \t\r\n]*\(([^()]*)\)")
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_RGB = re.compile(r"rgb\( *([0-9]{1,3}) *, *([0-9]{1,3}) *, *([0-9]{1,3}) *\)")
REFERENCE = re.compile(r"url\(#([A-Za-z_][A-Za-z0-9_.-]{0,63})\)")


def number(text: str) -> float:
    """A number, with or without `px`."""
    found = NUMBER.fullmatch(text.strip(" \t\r\n").removesuffix("px"))
    if found is None:
        raise ValueError("is no plain number")
    return bounded(found[0])


def bounded(digits: str) -> float:
    """The number written as `digits`, which NUMBER matches."""
    value = float(digits)
    if not math.isfinite(value) or abs(value) >= MAX_NUMBER:
        raise ValueError(f"is not below {MAX_NUMBER:.0f}")
    return value


def not_negative(text: str) -> float:
    value = number(text)
    if value < 0:
        raise ValueError("is negative")
    return value


def share(text: str) -> float:
    """A number from 0 to 1."""
    value = number(text)
    if not 0 <= value <= 1:
        raise ValueError("is not between 0 and 1")
    return value


def share_or_percent(text: str) -> float:
    """A share, or its hundredfold with a per cent sign."""
    return share(str(number(text[:-1]) / 100)) if text.endswith("%") else share(text)


def numbers(text: str) -> list[float]:
    """Numbers separated by white space or single commas; none for an empty text."""
    values: list[float] = []
    text = text.strip(" \t\r\n")
    place = 0
    while place < len(text):
        found = NUMBER.match(text, place)
        if found is None:
            raise ValueError("is no list of numbers")
        values.append(bounded(found[0]))
        gap = _GAP.match(text, found.end())
        assert gap is not None  # it matches nothing as well
        place = gap.end()
        if place == len(text) and "," in gap[0]:
            raise ValueError("is no list of numbers")
    return values


def points(text: str) -> list[Point]:
    values = numbers(text)
    if len(values) % 2 or len(values) < 4:
        raise ValueError("is no list of at least two points")
    return list(zip(values[::2], values[1::2]))


def dashes(text: str) -> tuple[float, ...]:
    """Lengths of dashes and gaps; none for `none`."""
    if text == "none":
        return ()
    values = tuple(numbers(text))
    if not 1 <= len(values) <= MAX_DASHES:
        raise ValueError(f"has not 1 to {MAX_DASHES} numbers")
    if min(values) < 0 or sum(values) < 1:
        raise ValueError("has a negative number, or numbers that add up to less than 1")
    return values


def transform(text: str) -> Matrix:
    """The one matrix that a list of transform functions amounts to."""
    whole = Matrix()
    place, count = 0, 0
    text = text.strip(" \t\r\n")
    while place < len(text):
        found = _FUNCTION.match(text, place)
        if found is None:
            raise ValueError("is no list of transforms")
        whole = whole @ _function(found[1], numbers(found[2]))
        count += 1
        if count > MAX_TRANSFORMS:
            raise ValueError(f"has more than {MAX_TRANSFORMS} functions")
        gap = _GAP.match(text, found.end())
        assert gap is not None
        place = gap.end()
    return whole


def _function(name: str, values: list[float]) -> Matrix:
    match name, values:
        case "matrix", [a, b, c, d, e, f]:
            return Matrix(a, b, c, d, e, f)
        case "translate", [x, *rest] if len(rest) < 2:
            return Matrix(e=x, f=rest[0] if rest else 0.0)
        case "scale", [x, *rest] if len(rest) < 2:
            return Matrix(a=x, d=rest[0] if rest else x)
        case "rotate", [angle]:
            cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            return Matrix(cos, sin, -sin, cos)
        case "rotate", [angle, x, y]:
            return Matrix(e=x, f=y) @ _function("rotate", [angle]) @ Matrix(e=-x, f=-y)
        case "skewX", [angle]:
            return Matrix(c=math.tan(math.radians(angle)))
        case "skewY", [angle]:
            return Matrix(b=math.tan(math.radians(angle)))
    raise ValueError(f"gives {name} {len(values)} numbers")


@lru_cache(maxsize=4096)
def colour(text: str) -> Colour:
    """Red, green and blue, 0 to 255, of #rgb, #rrggbb, rgb(r, g, b) or a colour's name."""
    if _HEX.fullmatch(text):
        digits = text[1:] if len(text) == 7 else "".join(2 * digit for digit in text[1:])
        return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)
    if (found := _RGB.fullmatch(text)) and all(int(part) < 256 for part in found.groups()):
        return int(found[1]), int(found[2]), int(found[3])
    from PIL import ImageColor

    named = ImageColor.colormap.get(text.lower()) if text.isascii() else None
    if named is None:
        raise ValueError("is neither #rgb, #rrggbb, rgb(r, g, b) nor a colour's name")
    return colour(named) if isinstance(named, str) else (named[0], named[1], named[2])
