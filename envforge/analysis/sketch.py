"""What an analysis keeps of a picture: enough to tell it from others, and no pixels."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, product

from envforge.pictures import PictureError, distance, fingerprint, foreground, rasterise

WIDTH = 480  # pixels at which pictures are compared
BITS = 256  # of a fingerprint


@dataclass(frozen=True, slots=True)
class Sketch:
    """`digest` is of the SVG's text, `fingerprint` the raster's perceptual hash, `foreground` the share of its pixels
    that do not have the commonest colour."""

    digest: str
    fingerprint: int
    foreground: float


def sketched(svg: str) -> Sketch | str:
    """The sketch of a picture; or, in a sentence, why it breaks the policy or cannot be drawn."""
    try:
        png = rasterise(svg, width=WIDTH)
    except PictureError as error:
        return str(error)
    digest = hashlib.sha256(svg.encode("utf-8")).hexdigest()
    return Sketch(digest, fingerprint(png), foreground(png))


def apart(first: int, second: int) -> float:
    """The share of the bits in which two fingerprints differ: 0 for one picture, about 0.5 for unrelated ones."""
    return distance(first, second) / BITS


def spread(prints: Sequence[int]) -> float | None:
    """The mean distance over all pairs; None for fewer than two."""
    pairs = [apart(one, two) for one, two in combinations(prints, 2)]
    return sum(pairs) / len(pairs) if pairs else None


def across(first: Sequence[int], second: Sequence[int]) -> float | None:
    """The mean distance over all pairs of one of each; None where one side is empty."""
    pairs = [apart(one, two) for one, two in product(first, second)]
    return sum(pairs) / len(pairs) if pairs else None


def reach(first: Sequence[int], second: Sequence[int]) -> float | None:
    """The mean distance of a fingerprint to the nearest of the other side, from the side where it is more; None where
    one side is empty."""
    if not first or not second:
        return None
    there = [min(apart(one, two) for two in second) for one in first]
    back = [min(apart(one, two) for two in first) for one in second]
    return max(sum(there) / len(there), sum(back) / len(back))
