"""Marks of mathematical figures, and small instruments: each takes the canvas first and draws at once.

Points are canvas points (y points down), angles are degrees as `polar` counts them. Words are placed by geometry: in
the sector, or on the side of the line, that they speak of.
"""

import math
from collections.abc import Collection, Sequence
from typing import Any

from canvas_core import Canvas
from canvas_places import SHAPES, Point, bearing, beside, between, polar
from canvas_text import CAPITAL, text_width

# The sticks of a sign: a to g as on a seven-segment display, v crosses g, u and w are the two sticks of "=".
STICKS = {
    "0": "abcdef", "1": "bc", "2": "abdeg", "3": "abcdg", "4": "bcfg", "5": "acdfg", "6": "acdefg", "7": "abc",
    "8": "abcdefg", "9": "abcdfg", "+": "gv", "-": "g", "=": "uw",
}  # fmt: skip
# Their ends in a field one unit wide and two high.
_ENDS = {
    "a": (0, 0, 1, 0), "b": (1, 0, 1, 1), "c": (1, 1, 1, 2), "d": (0, 2, 1, 2), "e": (0, 1, 0, 2), "f": (0, 0, 0, 1),
    "g": (0, 1, 1, 1), "v": (0.5, 0.5, 0.5, 1.5), "u": (0, 0.75, 1, 0.75), "w": (0, 1.25, 1, 1.25),
}  # fmt: skip


def fitted(points: Sequence[Point], box: Sequence[float], turn: float = 0.0) -> list[tuple[float, float]]:
    """The points turned to the left by `turn`, then enlarged and moved to fill `box` (left, top, right, bottom)."""
    turned = [polar((0, 0), math.hypot(*p), bearing((0, 0), p) + turn) for p in points]
    xs, ys = [p[0] for p in turned], [p[1] for p in turned]
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    scale = min((box[2] - box[0]) / (wide or 1e-9), (box[3] - box[1]) / (high or 1e-9))
    left = (box[0] + box[2] - scale * wide) / 2 - scale * min(xs)
    top = (box[1] + box[3] - scale * high) / 2 - scale * min(ys)
    return [(left + scale * x, top + scale * y) for x, y in turned]


def angle_at(v: Point, p: Point, q: Point) -> float:
    """Degrees from 0 to 180 of the angle at `v` between the rays to `p` and `q`."""
    turn = (bearing(v, q) - bearing(v, p)) % 360
    return min(turn, 360 - turn)


def parted(points: dict[str, Point], lines: Sequence[str], least: float = 18.0) -> bool:
    """Whether lines such as "AB" between named points leave each of these at least so many degrees apart."""
    ends = [(name, line.replace(name, "")) for line in lines for name in line]
    return all(
        angle_at(points[name], points[one], points[two]) >= least
        for i, (name, one) in enumerate(ends)
        for other, two in ends[:i]
        if name == other
    )


def angle_mark(
    c: Canvas,
    v: Point,
    p: Point,
    q: Point,
    text: str = "",
    r: float = 30.0,
    arcs: int = 1,
    fill: str | int | None = None,
    **words: Any,
) -> None:
    """Mark the angle below 180 degrees at `v` between the rays to `p` and `q`, its text on the bisector.

    The text stands beyond the arc, as far out as it takes to fit between the rays.
    """
    start, end = bearing(v, p), bearing(v, q)
    if (end - start) % 360 > 180:
        start, end = end, start
    wide = (end - start) % 360
    if fill is not None:
        c.sector(v, r, start, end, fill=fill, stroke=None, layer=-1)
    for i in range(arcs):
        c.arc(v, r - 5 * i, start, end, width=1.8)
    if text:
        size = words.get("size") or c.size
        half, middle = (text_width(text, size) / 2, size * CAPITAL / 2), math.radians(start + wide / 2)
        across = half[0] * abs(math.sin(middle)) + half[1] * abs(math.cos(middle))
        along = half[0] * abs(math.cos(middle)) + half[1] * abs(math.sin(middle))
        away = max(r + along + 5, (across + 4) / math.tan(math.radians(min(wide, 170) / 2)) + along * 0.8)
        c.text(polar(v, away, start + wide / 2), text, **words)


def right_mark(c: Canvas, v: Point, p: Point, q: Point, side: float = 15.0) -> None:
    """The little square of a right angle at `v`."""
    a, b = (between(v, end, side / (math.dist(v, end) or 1.0)) for end in (p, q))
    far = a[0] + b[0] - v[0], a[1] + b[1] - v[1]
    c.polygon([v, a, far, b], fill=c.tint(0, 0.6), stroke=None, layer=-1)
    c.polyline([a, far, b], width=1.8)


def equal_mark(c: Canvas, p: Point, q: Point, n: int = 1, t: float = 0.5, **paint: Any) -> None:
    """`n` ticks across a side: sides with as many ticks are equally long."""
    for i in range(n):
        at = t + (i - (n - 1) / 2) * 6 / (math.dist(p, q) or 1.0)
        c.line(beside(p, q, 8, at), beside(p, q, -8, at), **{"width": 2.2, **paint})


def parallel_mark(c: Canvas, p: Point, q: Point, n: int = 1, t: float = 0.5, **paint: Any) -> None:
    """`n` open arrow heads on a line, towards `q`: lines with as many are parallel."""
    length = math.dist(p, q) or 1.0
    for i in range(n):
        tip, back = t + (i - (n - 1) / 2 + 0.5) * 9 / length, t + (i - (n - 1) / 2 - 0.6) * 9 / length
        ends = beside(p, q, 8, back), between(p, q, tip), beside(p, q, -8, back)
        c.polyline(ends, **{"width": 2.2, **paint})


def side_text(
    c: Canvas, p: Point, q: Point, s: str | int, gap: float = 7.0, t: float = 0.5, **words: Any
) -> None:
    """A word to the left of the way from `p` to `q`, `gap` units from the line (a negative gap: to the right)."""
    size = words.get("size") or c.size
    length = math.dist(p, q) or 1.0
    sin, cos = abs(q[1] - p[1]) / length, abs(q[0] - p[0]) / length
    half = sin * text_width(str(s), size) / 2 + cos * size * CAPITAL / 2
    c.text(beside(p, q, math.copysign(abs(gap) + half, gap), t), s, **words)


def linework(
    c: Canvas,
    spots: dict[str, Point],
    lines: Sequence[str],
    turn: float = 0.0,
    ring: float = 0.0,
    pad: float = 64.0,
) -> dict[str, Point]:
    """Fit named spots into the picture, draw lines such as "AB" between those that are there; returns the points.

    Where two lines are perpendicular stands the little square. A `ring` is the radius of a circle round (0, 0).
    """
    rim = [(0, 0), (ring, 0), (-ring, 0), (0, ring), (0, -ring)] if ring else []
    places = fitted([*spots.values(), *rim], (pad, pad, c.w - pad, c.h - pad), turn)
    points: dict[str, Point] = dict(zip(spots, places))
    if ring:
        c.circle(places[-5], math.dist(places[-5], places[-4]))
    ends: dict[str, list[str]] = {}
    for one, two in ((line[0], line[1]) for line in lines if line[0] in points and line[1] in points):
        c.line(points[one], points[two])
        ends.setdefault(one, []).append(two)
        ends.setdefault(two, []).append(one)
    for v, others in ends.items():
        pairs = ((p, q) for i, p in enumerate(others) for q in others[:i])
        for p, q in [(p, q) for p, q in pairs if abs(angle_at(points[v], points[p], points[q]) - 90) < 0.1][
            :1
        ]:
            right_mark(c, points[v], points[p], points[q])
    return points


def away(p: Point, q: Point, others: Collection[Point]) -> int:
    """1 if the left side of the way from `p` to `q` is the one away from the middle of other points, else -1."""
    middle = [sum(axis) / len(others) for axis in zip(*others)]
    return 1 if math.dist(beside(p, q, 9), middle) > math.dist(beside(p, q, -9), middle) else -1


def dimension(c: Canvas, p: Point, q: Point, s: str | int, offset: float = 30.0, **words: Any) -> None:
    """A dimension line `offset` to the left of the way from `p` to `q`, its word in it or beyond."""
    a, b = beside(p, q, offset, 0.0), beside(p, q, offset, 1.0)
    for end, mark in ((p, a), (q, b)):
        c.line(
            between(mark, end, -6 / abs(offset)),
            between(mark, end, 1 - 6 / abs(offset)),
            stroke="soft",
            width=1.5,
        )
    c.arrow(a, b, head=9, both=True, stroke="soft", width=1.5)
    size = words.get("size") or c.size
    if text_width(str(s), size) + 36 > math.dist(a, b):
        side_text(c, a, b, s, math.copysign(8.0, offset), **words)
    else:
        c.text(between(a, b), s, halo=True, **words)


def clock(
    c: Canvas,
    at: Point,
    r: float,
    minutes: float,
    numerals: bool = True,
    turn: float = 0.0,
    mirror: bool = False,
) -> None:
    """A clock face showing `minutes` past twelve; `turn` to the left, or seen in a `mirror` (numerals stay legible).

    Without numerals a dot marks the twelve.
    """
    way = 1 if mirror else -1

    def place(share: float, rounds: float) -> tuple[float, float]:
        return polar(at, r * share, 90 + turn + way * 360 * rounds)

    c.circle(at, r, fill="panel", width=3)
    for i in range(60):
        c.line(place(0.75, i / 60), place(0.70 if i % 5 else 0.65, i / 60), width=1.5 if i % 5 else 2.8)
    size = max(16.0, r * 0.135)
    for i in range(1, 13) if numerals else ():
        c.text(place(0.87, i / 12), i, size)
    if not numerals:
        c.circle(place(0.87, 0), r * 0.05, fill="ink", stroke=None)
    c.line(at, place(0.40, minutes / 720), width=max(6.0, r * 0.055), layer=6)
    c.line(at, place(0.67, minutes / 60), width=max(3.0, r * 0.024), layer=6)
    c.circle(at, r * 0.045, fill="ink", stroke=None, layer=6)


def spinner(
    c: Canvas, at: Point, r: float, spans: Sequence[int], words: Sequence[str | int], turn: float = 0.0
) -> None:
    """A wheel of equal slices, with a pointer at its top; sector i takes `spans[i]` slices and carries `words[i]`.

    Equal words get equal colours. Ticks at the rim and thin dashes show the slices within a sector.
    """
    one, start = 360 / sum(spans), 90.0 + turn
    kinds = sorted({str(word) for word in words})
    for span, word in zip(spans, words):
        end = start - span * one
        c.sector(at, r, end, start, fill=c.tint(kinds.index(str(word)), 0.55), width=2.4)
        for k in range(1, span):
            c.line(polar(at, r * 0.1, start - k * one), polar(at, r, start - k * one), width=1.5, dash=[3, 6])
        odd = span % 2 or span * one < 50
        away, turned = (0.64, 0.0) if odd else (0.68, one / 2 if span > 2 else one * 0.5)
        c.text(polar(at, r * away, (start + end) / 2 + turned), word, max(18.0, r * 0.15), bold=True)
        start = end
    c.circle(at, r * 0.05, fill="ink", stroke=None, layer=1)
    tip = (at[0], at[1] - r + 8)
    c.polygon(
        [tip, (tip[0] - 11, tip[1] - 28), (tip[0] + 11, tip[1] - 28)], fill="ink", stroke="paper", layer=2
    )


def balance(
    c: Canvas,
    at: Point,
    width: float,
    left: Sequence[str | int],
    right: Sequence[str | int],
    arms: tuple[int, int] = (1, 1),
    unit: float = 0.0,
    mark: float = 15.0,
) -> None:
    """A level balance, the middle of its beam at `at`, with pans `width` wide and things on them.

    A number is a block with its weight, a word a shape of SHAPES. The pans hang `arms` units from the middle, `unit`
    long each; longer arms than 1 show notches.
    """
    unit = unit or width * 0.66
    hang, reach = 50 + 4.4 * mark, max(arms)
    for side, arm, things in ((-1, arms[0], left), (1, arms[1], right)):
        end = (at[0] + side * arm * unit, at[1])
        plate = end[1] + hang
        for edge in (-1, 1):
            c.line(end, (end[0] + edge * width / 2, plate), stroke="soft", width=1.6)
        c.line((end[0] - width / 2, plate), (end[0] + width / 2, plate), width=4)
        _pile(c, things, end[0], plate - 3, width, mark)
    c.line((at[0] - unit * arms[0], at[1]), (at[0] + unit * arms[1], at[1]), width=6, layer=1)
    for k in range(-arms[0], arms[1] + 1) if reach > 1 else ():
        c.line((at[0] + k * unit, at[1] - 9), (at[0] + k * unit, at[1] + 9), width=3, layer=1)
    foot = at[1] + hang + 22
    c.line(at, (at[0], foot), width=5)
    c.line((at[0] - 34, foot), (at[0] + 34, foot), width=5)
    c.circle(at, 7, fill="ink", stroke="paper", layer=2)


def _pile(c: Canvas, things: Sequence[str | int], x: float, floor: float, width: float, mark: float) -> None:
    """Things on a plate, in rows from its floor upwards."""
    step = 2 * mark + 5
    most = max(1, int(width // step))
    for i, thing in enumerate(things):
        row, in_row = i // most, min(most, len(things) - i // most * most)
        p = (x + (i % most - (in_row - 1) / 2) * step, floor - mark - row * (step - 2))
        if thing in SHAPES:
            c.shape(str(thing), p, mark * 1.05, fill=SHAPES.index(str(thing)), layer=2)
        else:
            c.rect(p[0] - mark, p[1] - mark, 2 * mark, 2 * mark, fill="panel", width=2, round=3, layer=2)
            c.text(p, thing, max(16.0, mark), layer=3)


def matches(c: Canvas, p: Point, side: float, sticks: str, **paint: Any) -> None:
    """Matchsticks (letters as in STICKS) in a field whose upper left corner is `p`; each stick is `side` long."""
    for name in sticks:
        x1, y1, x2, y2 = _ENDS[name]
        a, b = (p[0] + x1 * side, p[1] + y1 * side), (p[0] + x2 * side, p[1] + y2 * side)
        head, tail = between(a, b, 0.14), between(a, b, 0.87)
        c.line(head, tail, **{"stroke": "ink", "width": max(5.0, side * 0.11), **paint})
        c.circle(head, max(4.5, side * 0.095), fill=0, stroke=None, layer=1)
