"""Measures of a picture that its gates judge by: texts that leave it, overlap, are small or pale.

Every function that takes SVG text raises PictureError when it breaks the policy; units are those of the viewBox.
Measured are texts, and shapes only as pixels (see `fingerprints`): a line through a word is not found here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from envforge.pictures import values
from envforge.pictures.fingerprints import opened
from envforge.pictures.geometry import polygon_area, shared_area
from envforge.pictures.markup import without, written
from envforge.pictures.texts import Paint, TextBox, read
from envforge.pictures.values import Colour

if TYPE_CHECKING:
    from PIL.Image import Image

OVERLAP = 0.05  # of the smaller box: less is the overlap of two boxes' corners, hardly of their letters
MIN_TEXT = 12.0  # units high
MAX_PAIRS = 100  # overlaps that are listed
HALO = 0.1  # of the font size: an outline at least this wide is a ground of its own
PALE_SHARE = 0.1  # of a text's ground may be of lower contrast than is reported
_GRID = (48, 16)  # samples of the ground below a text


def text_boxes(svg: str) -> tuple[TextBox, ...]:
    """The box of every line of text, in drawing order."""
    return read(svg).texts


def strings(svg: str) -> list[str]:
    """The words written in the picture, line by line, in drawing order."""
    return [text.words for text in read(svg).texts]


def without_text(svg: str) -> str:
    """The SVG without its texts: the ground of `contrast`, and what remains when nothing can be read."""
    return written(without(read(svg).root, frozenset({"text"})))


def outside(svg: str) -> list[tuple[str, float]]:
    """Texts that reach beyond the viewBox, each with how far its ink does, in units."""
    drawing = read(svg)
    view = drawing.view
    found = []
    for text in drawing.texts:
        box = text.bounds
        beyond = max(
            view.left - box.left, view.top - box.top, box.right - view.right, box.bottom - view.bottom
        )
        if beyond > 0:
            found.append((text.words, beyond))
    return found


def overlaps(svg: str, bound: float = OVERLAP) -> list[tuple[str, str, float]]:
    """Pairs of texts of whose smaller box more than `bound` lies in the other's, with that share; at most 100."""
    ordered = [(text.bounds, text) for text in read(svg).texts]
    ordered.sort(key=lambda pair: pair[0].left)
    found: list[tuple[str, str, float]] = []
    for place, (box, text) in enumerate(ordered):
        for other_box, other in ordered[place + 1 :]:
            if other_box.left >= box.right:
                break
            if other_box.top >= box.bottom or other_box.bottom <= box.top:
                continue
            smaller = min(abs(polygon_area(text.corners)), abs(polygon_area(other.corners)))
            share = shared_area(text.corners, other.corners) / smaller if smaller else 0.0
            if share > bound:
                found.append((text.words, other.words, min(1.0, share)))
                if len(found) == MAX_PAIRS:
                    return found
    return found


def small_text(svg: str, bound: float = MIN_TEXT) -> list[tuple[str, float]]:
    """Texts whose font is lower than `bound`, with its size, both in units and after all transforms."""
    return [(text.words, text.size) for text in read(svg).texts if text.size < bound]


def contrast(svg: str, ground: bytes) -> list[tuple[str, float]]:
    """The contrast (WCAG 2: 1, none, to 21) of every line of text with what lies below and closely around it.

    `ground` is a raster of the picture without its texts: `rasterise(without_text(svg))`. Reported is the contrast
    that nine tenths of the ground reach. A text with a halo counts as standing on that, if it is the better of the
    two; a text in several paints counts as its palest.
    """
    drawing = read(svg)
    image = opened(ground)
    scale = image.width / (drawing.view.right - drawing.view.left)
    found = []
    for text in drawing.texts:
        below = _below(image, text, scale, drawing.view.left, drawing.view.top)
        found.append((text.words, min(_paint_contrast(paint, below) for paint in text.paints)))
    return found


def _below(image: Image, text: TextBox, scale: float, left: float, top: float) -> list[tuple[int, Colour]]:
    """The colours in the box of a text, a little grown, with how often each is met."""
    from PIL import Image

    (x, y), (p, q) = text.corners[0], text.corners[2]
    middle = ((x + p) / 2, (y + q) / 2)
    by = 1 + 0.2 * text.size / max(1e-6, min(_side(text, 0), _side(text, 1)))
    corners = [
        ((middle[0] + by * (u - middle[0]) - left) * scale, (middle[1] + by * (v - middle[1]) - top) * scale)
        for u, v in text.corners
    ]
    # Clockwise from the top left to counter-clockwise, as the transform wants them.
    quad = [number for place in (0, 3, 2, 1) for number in corners[place]]
    sample = image.transform(
        _GRID, Image.Transform.QUAD, quad, Image.Resampling.NEAREST, fill=1, fillcolor="white"
    )
    counts = sample.getcolors(_GRID[0] * _GRID[1])
    assert counts is not None
    return [(count, (one[0], one[1], one[2])) for count, one in counts if isinstance(one, tuple)]


def _side(text: TextBox, first: int) -> float:
    (x, y), (u, v) = text.corners[first], text.corners[first + 1]
    return float(((u - x) ** 2 + (v - y) ** 2) ** 0.5)


def _paint_contrast(paint: Paint, below: list[tuple[int, Colour]]) -> float:
    """The contrast that all but PALE_SHARE of the ground reach."""
    if paint.opacity <= 0:
        return 1.0
    ink = values.colour(paint.fill)
    reached = sorted((_contrast(_over(ink, paint.opacity, ground), ground), count) for count, ground in below)
    spare = PALE_SHARE * sum(count for _, count in reached)
    found = 1.0
    for ratio, count in reached:
        spare -= count
        if spare < 0:
            found = ratio
            break
    if paint.halo != "none" and paint.halo_share >= HALO:
        halo = values.colour(paint.halo)
        found = max(found, _contrast(_over(ink, paint.opacity, halo), halo))
    return found


def _over(ink: Colour, opacity: float, ground: Colour) -> Colour:
    red, green, blue = (round(opacity * a + (1 - opacity) * b) for a, b in zip(ink, ground))
    return red, green, blue


def _contrast(first: Colour, second: Colour) -> float:
    """The contrast ratio of WCAG 2: 1 for equal colours, 21 for black and white."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Colour) -> float:
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
        for share in (value / 255 for value in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
