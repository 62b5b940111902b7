"""Plane geometry of pictures: affine matrices, upright boxes, convex polygons. y points down."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Matrix:
    """An affine map as SVG writes it: (x, y) goes to (a x + c y + e, b x + d y + f)."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 1.0
    e: float = 0.0
    f: float = 0.0

    def __matmul__(self, inner: Matrix) -> Matrix:
        """The map that applies `inner` first."""
        return Matrix(
            self.a * inner.a + self.c * inner.b,
            self.b * inner.a + self.d * inner.b,
            self.a * inner.c + self.c * inner.d,
            self.b * inner.c + self.d * inner.d,
            self.a * inner.e + self.c * inner.f + self.e,
            self.b * inner.e + self.d * inner.f + self.f,
        )

    def apply(self, point: Point) -> Point:
        x, y = point
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f

    @property
    def stretch(self) -> float:
        """The most that a length grows under the map."""
        half = (self.a**2 + self.b**2 + self.c**2 + self.d**2) / 2
        determinant = self.a * self.d - self.b * self.c
        return math.sqrt(half + math.sqrt(max(0.0, half**2 - determinant**2)))

    @property
    def scale(self) -> float:
        """How a length grows on average: the root of how an area grows."""
        return math.sqrt(abs(self.a * self.d - self.b * self.c))


@dataclass(frozen=True, slots=True)
class Box:
    """An upright rectangle from (left, top) to (right, bottom)."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        return max(0.0, self.right - self.left) * max(0.0, self.bottom - self.top)

    @property
    def corners(self) -> tuple[Point, Point, Point, Point]:
        return (
            (self.left, self.top),
            (self.right, self.top),
            (self.right, self.bottom),
            (self.left, self.bottom),
        )

    def grown(self, by: float) -> Box:
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)

    def within(self, other: Box) -> Box:
        """The part inside `other`; of area 0 when there is none."""
        return Box(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def mapped(self, matrix: Matrix) -> Box:
        """The upright box around the mapped rectangle."""
        return box_around(matrix.apply(corner) for corner in self.corners)


def box_around(points: Iterable[Point]) -> Box:
    """The upright box around at least one point."""
    xs, ys = zip(*points)
    return Box(min(xs), min(ys), max(xs), max(ys))


def polygon_area(points: Sequence[Point]) -> float:
    """Signed: positive when the corners run clockwise as seen (y down)."""
    rolled = [*points[1:], *points[:1]]
    return sum(x * v - u * y for (x, y), (u, v) in zip(points, rolled)) / 2


def shared_area(first: Sequence[Point], second: Sequence[Point]) -> float:
    """The area of the intersection of two convex polygons."""
    area = polygon_area(second)
    if area == 0:
        return 0.0  # a point has no sides to clip by
    clip = list(second) if area > 0 else list(reversed(second))
    subject = list(first)
    for (x, y), (u, v) in zip(clip, [*clip[1:], *clip[:1]]):
        if not subject:
            return 0.0
        sides = [(u - x) * (q - y) - (v - y) * (p - x) for p, q in subject]
        kept: list[Point] = []
        for place, point in enumerate(subject):
            before, side, side_before = subject[place - 1], sides[place], sides[place - 1]
            if (side >= 0) != (side_before >= 0):
                share = side_before / (side_before - side)
                kept.append(
                    (before[0] + share * (point[0] - before[0]), before[1] + share * (point[1] - before[1]))
                )
            if side >= 0:
                kept.append(point)
        subject = kept
    return abs(polygon_area(subject)) if len(subject) > 2 else 0.0
