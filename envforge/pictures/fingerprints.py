"""PNGs against each other, and what a PNG's pixels come to as a whole. Sizes are in pixels, shares from 0 to 1."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

FINE, COARSE = 16, 8  # comparisons along and beside the direction of a fingerprint's half


def opened(png: bytes) -> Image:
    """The picture in RGB. Raises OSError for what is no PNG."""
    from PIL import Image

    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        return image.convert("RGB")


def fingerprint(png: bytes) -> int:
    """A perceptual hash of 256 bits: which of two neighbouring patches is brighter, across and down.

    One half compares patches of a seventeenth of the width by an eighth of the height with their right neighbours,
    the other the same with width and height exchanged and the neighbours below. Pictures that look alike are near
    each other (`distance`); a resized copy hardly moves. One cell of a board changes some bit on boards of up to 12
    by 12 cells (none of 180 missed), on larger ones nine times in ten; colours of one brightness are the same to it.
    Whether two pictures are equal is for `differing` to say.
    """
    from PIL import Image

    grey = opened(png).convert("L")
    bits = 0
    for across, down in ((FINE, COARSE), (COARSE, FINE)):
        # One more row or column than comparisons, in the direction of the neighbours.
        size = (across + 1, down) if across == FINE else (across, down + 1)
        levels = grey.resize(size, Image.Resampling.BOX).tobytes()
        step = 1 if across == FINE else size[0]
        for row in range(down):
            for column in range(across):
                place = row * size[0] + column
                bits = bits << 1 | (levels[place] > levels[place + step])
    return bits


def distance(first: int, second: int) -> int:
    """How many of the 256 bits of two fingerprints differ."""
    return (first ^ second).bit_count()


def differing(first: bytes, second: bytes) -> float:
    """The share of pixels in which two PNGs differ; 1.0 for pictures of different sizes."""
    from PIL import ImageChops

    one, two = opened(first), opened(second)
    if one.size != two.size:
        return 1.0
    red, green, blue = ImageChops.difference(one, two).split()
    same = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()[0]
    return 1.0 - same / (one.width * one.height)


def foreground(png: bytes) -> float:
    """The share of pixels that do not have the most common colour."""
    return _uncommon(opened(png))


def border_ink(png: bytes, wide: int = 2) -> float:
    """The share of pixels within `wide` of an edge that do not have the most common colour there: what is cut off."""
    from PIL import Image

    image = opened(png)
    width, height = image.size
    wide = max(1, min(wide, width // 2, height // 2))
    frame = Image.new("RGB", (width + max(0, height - 2 * wide), 2 * wide))
    frame.paste(image.crop((0, 0, width, wide)), (0, 0))
    frame.paste(image.crop((0, height - wide, width, height)), (0, wide))
    for row, left in enumerate((0, width - wide)):
        side = image.crop((left, wide, left + wide, height - wide)).transpose(Image.Transpose.ROTATE_90)
        frame.paste(side, (width, row * wide))
    return _uncommon(frame)


def _uncommon(image: Image) -> float:
    pixels = image.width * image.height
    counts = image.getcolors(pixels)
    assert counts is not None  # there are never more colours than pixels
    return 1.0 - max(count for count, _ in counts) / pixels
