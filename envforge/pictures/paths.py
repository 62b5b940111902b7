"""Path data (the `d` of a path): checked, and measured without being drawn.

Measures are bounds from above, from the control points: a curve is no longer than its control polygon and lies
within its hull; an arc is no longer than its whole ellipse and lies within two of its longer radius of either end.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache

from envforge.pictures.geometry import Box, Point, box_around
from envforge.pictures.values import NUMBER, bounded

MAX_SEGMENTS = 20_000  # of one path
REMEMBERED = 256  # characters: paths up to this length are measured once, though policy and workload both ask

_COUNTS = {"m": 2, "l": 2, "h": 1, "v": 1, "c": 6, "s": 4, "q": 4, "t": 2, "a": 7, "z": 0}
_SPACE = re.compile(r"[ \t\r\n]*")
_GAP = re.compile(r"[ \t\r\n]*,?[ \t\r\n]*")
_FLAG = re.compile(r"[01]")


@dataclass(frozen=True, slots=True)
class Outline:
    """What a shape's outline comes to in its own units: its length and its box at most, and its segments."""

    length: float
    box: Box
    segments: int


def outline_of_points(points: list[Point], closed: bool) -> Outline:
    """The outline of a polyline (or polygon) through at least one point."""
    if closed:
        points = [*points, points[0]]
    length = math.fsum(math.dist(p, q) for p, q in zip(points, points[1:]))
    return Outline(length, box_around(points), len(points) - 1)


def outline_of_path(data: str) -> Outline:
    """The outline of path data. Raises ValueError for data that is not entirely well-formed, or is empty."""
    return _remembered(data) if len(data) <= REMEMBERED else _measured(data)


@lru_cache(maxsize=8192)
def _remembered(data: str) -> Outline:
    return _measured(data)


def _measured(data: str) -> Outline:
    pen = _Pen()
    place = _skip(_SPACE, data, 0)
    command = ""
    while place < len(data):
        letter = data[place]
        if letter.lower() in _COUNTS:
            command = letter
            place = _skip(_SPACE, data, place + 1)
        elif command in ("", "z", "Z"):
            raise ValueError("is no path data: a number stands where a command must")
        elif command in "mM":
            command = "l" if command == "m" else "L"
        if not pen.points and command not in "mM":
            raise ValueError("is no path data: it must begin with M")
        values, place = _arguments(data, place, command.lower())
        pen.draw(command, values)
        if pen.segments > MAX_SEGMENTS:
            raise ValueError(f"has more than {MAX_SEGMENTS} segments")
    if not pen.points:
        raise ValueError("is empty")
    return Outline(pen.length, box_around(pen.points), pen.segments)


def _skip(pattern: re.Pattern[str], data: str, place: int) -> int:
    found = pattern.match(data, place)
    assert found is not None  # the patterns match nothing as well
    return found.end()


def _arguments(data: str, place: int, command: str) -> tuple[list[float], int]:
    """One set of numbers for `command` from `place` on, and the place behind them and what separates."""
    values: list[float] = []
    for position in range(_COUNTS[command]):
        pattern = _FLAG if command == "a" and position in (3, 4) else NUMBER
        found = pattern.match(data, place)
        if found is None:
            raise ValueError(f"is no path data: {command} lacks a number")
        values.append(bounded(found[0]))
        place = _skip(_GAP, data, found.end())
    return values, place


class _Pen:
    """Where the drawing stands, and what it has come to."""

    def __init__(self) -> None:
        self.points: list[Point] = []
        self.length = 0.0
        self.segments = 0
        self._at: Point = (0.0, 0.0)
        self._start: Point = (0.0, 0.0)
        self._handle: Point | None = None  # the last control point, and the kind of curve it belongs to
        self._kind = ""

    def draw(self, command: str, values: list[float]) -> None:
        kind = command.lower()
        x, y = self._at if command.islower() else (0.0, 0.0)
        self.segments += 1
        if kind == "z":
            self._through(self._start)
        elif kind == "h":
            self._through((values[0] + x, self._at[1]))
        elif kind == "v":
            self._through((self._at[0], values[0] + y))
        elif kind == "a":
            self._arc(values[0], values[1], values[2], (values[5] + x, values[6] + y))
        else:
            through = [(p + x, q + y) for p, q in zip(values[::2], values[1::2])]
            if kind == "m":
                self._at = self._start = through[0]
                self.points.append(through[0])
            elif kind in "st":
                through.insert(0, self._reflected("cs" if kind == "s" else "qt"))
                self._through(*through)
            else:
                self._through(*through)
            if kind in "csqt":
                self._handle = through[-2]
        self._kind = kind
        if max(abs(self._at[0]), abs(self._at[1])) >= 1e6:
            raise ValueError("leads to a point that is not below 1000000")

    def _reflected(self, kinds: str) -> Point:
        if self._handle is None or self._kind not in kinds:
            return self._at
        return 2 * self._at[0] - self._handle[0], 2 * self._at[1] - self._handle[1]

    def _through(self, *points: Point) -> None:
        self.length += math.fsum(math.dist(p, q) for p, q in zip((self._at, *points), points))
        self.points.extend(points)
        self._at = points[-1]

    def _arc(self, rx: float, ry: float, turn: float, end: Point) -> None:
        start, rx, ry = self._at, abs(rx), abs(ry)
        if not rx or not ry or start == end:
            self._through(end)
            return
        # Radii too small to reach from start to end are scaled up (SVG 1.1, appendix F.6.6).
        cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        half_x, half_y = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
        lack = math.hypot((cos * half_x + sin * half_y) / rx, (cos * half_y - sin * half_x) / ry)
        radius = max(rx, ry) * max(1.0, lack)
        self.length += 2 * math.pi * radius
        for x, y in (start, end):
            self.points += [(x - 2 * radius, y - 2 * radius), (x + 2 * radius, y + 2 * radius)]
        self._at = end
