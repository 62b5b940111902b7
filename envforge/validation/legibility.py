"""Whether a picture can be read: something is drawn, its words are in it, apart from each other, large and dark."""

from __future__ import annotations

from dataclasses import dataclass

from envforge.pictures import (
    contrast,
    fingerprint,
    foreground,
    outside,
    overlaps,
    rasterise,
    small_text,
    strings,
    without_text,
)

WIDTH = 512  # pixels of the rasters that gates look at
MIN_FOREGROUND = 0.004  # share of the pixels
MAX_OUTSIDE = 1.0  # units by which a text may leave the viewBox
MAX_OVERLAP = 0.15  # of the smaller of two texts' boxes
MIN_TEXT = 11.0  # font size in units of a picture that is 640 wide
MIN_CONTRAST = 2.0  # WCAG 2 asks for 3 for large text; drawings have softer words that decide nothing


@dataclass(frozen=True, slots=True)
class Sight:
    """One picture as it was looked at. `flaw` is a sentence, empty when there is none."""

    png: bytes
    foreground: float
    fingerprint: int
    words: tuple[str, ...]
    contrast: float  # of the palest word; 21.0 without words
    flaw: str


def look(svg: str) -> Sight:
    """Draw a picture and measure it. Raises PictureError when it cannot be drawn."""
    png = rasterise(svg, WIDTH)
    share = foreground(png)
    words = tuple(strings(svg))
    ground = rasterise(without_text(svg), WIDTH) if words else png
    palest = min(contrast(svg, ground), key=lambda found: found[1], default=("", 21.0))
    flaw = ""
    if share < MIN_FOREGROUND:
        flaw = f"hardly anything is drawn: {share:.2%} of the pixels differ from the ground"
    elif gone := [found for found in outside(svg) if found[1] > MAX_OUTSIDE]:
        flaw = f"the text {gone[0][0][:40]!r} leaves the picture by {gone[0][1]:.0f} units"
    elif pairs := overlaps(svg, MAX_OVERLAP):
        one, other, part = pairs[0]
        flaw = f"the texts {one[:40]!r} and {other[:40]!r} overlap ({part:.0%} of the smaller)"
    elif tiny := small_text(svg, MIN_TEXT):
        flaw = f"the text {tiny[0][0][:40]!r} is {tiny[0][1]:.0f} units high, less than {MIN_TEXT:.0f}"
    elif palest[1] < MIN_CONTRAST:
        flaw = f"the text {palest[0][:40]!r} has a contrast of {palest[1]:.1f}, less than {MIN_CONTRAST}"
    return Sight(png, share, fingerprint(png), words, palest[1], flaw)
