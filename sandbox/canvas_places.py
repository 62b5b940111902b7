"""Where things stand: geometry, and the helpers that need chance, which run in `generate` and return JSON."""

import itertools
import math
import random
from collections.abc import Sequence

Point = Sequence[float]
SHAPES = ("circle", "square", "triangle", "diamond", "pentagon", "hexagon", "star", "cross", "moon")
_SIDES = {"square": 4, "triangle": 3, "diamond": 4, "pentagon": 5, "hexagon": 6}


def polar(c: Point, r: float, degrees: float) -> tuple[float, float]:
    """The point at distance `r` from `c`; 0 degrees is to the right, 90 is up."""
    angle = math.radians(degrees)
    return c[0] + r * math.cos(angle), c[1] - r * math.sin(angle)


def bearing(p: Point, q: Point) -> float:
    """Degrees from 0 to 360 of the direction from `p` to `q`, as `polar` counts them."""
    return math.degrees(math.atan2(p[1] - q[1], q[0] - p[0])) % 360


def between(p: Point, q: Point, t: float = 0.5) -> tuple[float, float]:
    """The point that lies the share `t` of the way from `p` to `q`."""
    return p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t


def beside(p: Point, q: Point, offset: float, t: float = 0.5) -> tuple[float, float]:
    """`between(p, q, t)`, moved by `offset` to the left of the way from `p` to `q`."""
    x, y = between(p, q, t)
    length = math.dist(p, q) or 1.0
    return x + offset * (q[1] - p[1]) / length, y - offset * (q[0] - p[0]) / length


def outline(kind: str, c: Point, r: float, turn: float = 0.0) -> list[tuple[float, float]]:
    """The corners of a shape of SHAPES (a circle and a moon in 48 and 40 steps); `turn` in degrees, to the left.

    A square stands on a side, a diamond on a corner and is narrower than high.
    """
    if kind == "circle":
        return [polar(c, r, 7.5 * i) for i in range(48)]
    if kind == "moon":
        outer = [polar(c, r, turn + 60 + 240 * i / 24) for i in range(25)]
        centre = polar(c, r * 0.55, turn)
        inner = [polar(centre, r * 0.88, turn + 276 - 192 * i / 14) for i in range(15)]
        return outer + inner
    if kind == "star":
        return [polar(c, r if i % 2 == 0 else r * 0.45, turn + 90 + 36 * i) for i in range(10)]
    if kind == "cross":
        a, b = r * 0.34, r * 0.94
        flat = [
            (-a, -b),
            (a, -b),
            (a, -a),
            (b, -a),
            (b, a),
            (a, a),
            (a, b),
            (-a, b),
            (-a, a),
            (-b, a),
            (-b, -a),
            (-a, -a),
        ]
        return [_turned(c, x, y, turn) for x, y in flat]
    if kind == "diamond":
        return [_turned(c, x, y, turn) for x, y in ((0, -r), (r * 0.66, 0), (0, r), (-r * 0.66, 0))]
    sides = _SIDES[kind]
    first = 45.0 if kind == "square" else 90.0
    return [polar(c, r, turn + first + 360 * i / sides) for i in range(sides)]


def _turned(c: Point, x: float, y: float, turn: float) -> tuple[float, float]:
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    return c[0] + x * cos + y * sin, c[1] - x * sin + y * cos


def inside(points: Sequence[Point], p: Point) -> bool:
    """Whether `p` lies in the polygon; what lies on the border may count either way."""
    odd = False
    for a, b in zip(points, [*points[1:], points[0]]):
        if (a[1] > p[1]) != (b[1] > p[1]) and p[0] < a[0] + (p[1] - a[1]) * (b[0] - a[0]) / (b[1] - a[1]):
            odd = not odd
    return odd


def crossing(a: Point, b: Point, c: Point, d: Point) -> tuple[float, float] | None:
    """Where the segments a-b and c-d cross, ends included; None when they do not, or are parallel."""
    ux, uy, vx, vy = b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]
    cross = ux * vy - uy * vx
    if cross == 0:
        return None
    s = ((c[0] - a[0]) * vy - (c[1] - a[1]) * vx) / cross
    t = ((c[0] - a[0]) * uy - (c[1] - a[1]) * ux) / cross
    return (a[0] + s * ux, a[1] + s * uy) if 0 <= s <= 1 and 0 <= t <= 1 else None


def distance_to(p: Point, a: Point, b: Point) -> float:
    """Distance of the point `p` from the segment a-b."""
    ux, uy = b[0] - a[0], b[1] - a[1]
    length = ux * ux + uy * uy
    t = max(0.0, min(1.0, ((p[0] - a[0]) * ux + (p[1] - a[1]) * uy) / length)) if length else 0.0
    return math.dist(p, (a[0] + t * ux, a[1] + t * uy))


def scatter(
    rng: random.Random,
    radii: Sequence[float],
    w: float,
    h: float,
    *,
    gap: float = 10.0,
    pad: float = 12.0,
    overlap: float = 0.0,
) -> list[list[int]]:
    """Places [x, y] for discs of these radii within w x h, `gap` apart and `pad` from the border.

    With `overlap` (0 to 1) two discs may share up to that part of the sum of their radii. When it gets too full the
    gap is given up little by little; the places of the largest discs are drawn first.
    """
    order = sorted(range(len(radii)), key=lambda i: -radii[i])
    for attempt in itertools.count():
        slack = 0.97**attempt
        found: dict[int, tuple[float, float]] = {}
        for i in order:
            r = radii[i]
            for _ in range(60):
                p = rng.uniform(pad + r, w - pad - r), rng.uniform(pad + r, h - pad - r)
                apart = ((found[j], (r + radii[j]) * (1 - overlap) + gap) for j in found)
                if all(math.dist(p, q) >= need * slack for q, need in apart):
                    found[i] = p
                    break
            else:
                break
        if len(found) == len(radii):
            return [[round(found[i][0]), round(found[i][1])] for i in range(len(radii))]
    raise AssertionError  # the loop has no other end


def visible_shares(outlines: Sequence[Sequence[Point]], steps: int = 20) -> list[float]:
    """For polygons in drawing order, the share of each that no later one covers, sampled on `steps`**2 points."""
    shares = []
    for number, points in enumerate(outlines):
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        left, top, wide, high = min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
        later = [other for other in outlines[number + 1 :] if _near(other, left, top, wide, high)]
        total = seen = 0
        for i, j in itertools.product(range(steps), repeat=2):
            p = left + wide * (i + 0.5) / steps, top + high * (j + 0.5) / steps
            if inside(points, p):
                total += 1
                seen += not any(inside(other, p) for other in later)
        shares.append(seen / max(1, total))
    return shares


def _near(points: Sequence[Point], left: float, top: float, wide: float, high: float) -> bool:
    return (
        min(p[0] for p in points) <= left + wide
        and max(p[0] for p in points) >= left
        and min(p[1] for p in points) <= top + high
        and max(p[1] for p in points) >= top
    )
