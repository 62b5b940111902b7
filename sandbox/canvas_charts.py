"""Charts: axes with numbers or words, bars, series, points, keys and tables.

An `Axes` is a plotting area; the words of its ticks stand outside it: leave about 56 units at the left, 40 below.
Whatever is told by colour is told a second time: series by mark and dash, bars by hatching.
"""

from collections.abc import Sequence
from typing import Any

from canvas_core import Canvas
from canvas_places import Point, polar
from canvas_text import text_width

Scale = Sequence[float]  # low, high, step
STYLES = (
    ("circle", None),
    ("square", (10, 7)),
    ("triangle", (3, 6)),
    ("diamond", (14, 6, 3, 6)),
)  # mark and dash of series 0, 1, ...
HATCHES = (None, 45.0, -1.0, 0.0)  # of bars 0, 1, ...: full, slanted lines, pale, level lines
FOOT = 36.0  # units below the first tick of a broken axis


def ticks(scale: Scale, parts: int = 1) -> list[float]:
    """The values from low to high, `parts` to a step."""
    low, high, step = scale
    return [low + i * step / parts for i in range(round((high - low) / step * parts) + 1)]


def number(value: float) -> str:
    """A number as it stands at a tick, with a true minus."""
    return f"{value:g}".replace("-", "−")


class Axes:
    """A plotting area of `w` x `h` at (x, y). `ys` is (low, high, step); so is `xs`, or it is a list of words.

    Words stand in the middles of equal slots. `minor` splits each step by that many lines of the grid; `names` stand
    at the ends of the axes. With `cross` the axes run through zero and end in arrows, otherwise they run along the
    left and lower side. `right` is a second scale for the right side. A `broken` vertical axis starts at 0, is cut
    by a zigzag and goes on from the low end of `ys`.
    """

    def __init__(
        self,
        c: Canvas,
        x: float,
        y: float,
        w: float,
        h: float,
        *,
        xs: Scale | Sequence[str],
        ys: Scale,
        right: Scale | None = None,
        minor: tuple[int, int] = (1, 1),
        grid: str = "y",
        cross: bool = False,
        broken: bool = False,
        names: tuple[str, str] = ("", ""),
        size: float | None = None,
    ) -> None:
        self.c, self.x, self.y, self.w, self.h = c, x, y, w, h
        self.xs, self.ys, self.right, self.foot = xs, ys, right, FOOT if broken else 0.0
        self.size = size or c.size - 2
        self.words = isinstance(xs[0], str)
        self.zero: tuple[float, float] = (x, y + h)
        if cross:
            self.zero = self.at(0, 0)
        if "x" in grid:
            for tick in range(len(xs) + 1) if self.words else ticks(xs, minor[0]):  # type: ignore[arg-type]
                at = self._slot(tick - 0.5) if self.words else self.at(tick, ys[0])[0]
                c.line((at, y), (at, y + h), stroke="faint", width=1.5, layer=-2)
        if "y" in grid:
            for tick in ticks(ys, minor[1]):
                level = self.at(0, tick)[1]
                c.line((x, level), (x + w, level), stroke="faint", width=1.5, layer=-2)
        self._horizontal(cross, names[0])
        self._vertical(cross, names[1])

    def _slot(self, i: float) -> float:
        return self.x + (i + 0.5) * self.w / len(self.xs)

    def at(self, x: float, y: float, right: bool = False) -> tuple[float, float]:
        """The point of the canvas for a value (or the number of a word) and a value, on the `right` scale if told."""
        scale = self.right if right and self.right else self.ys
        share = (y - scale[0]) / (scale[1] - scale[0])
        level = self.y + self.h - self.foot - share * (self.h - self.foot)
        if self.words:
            return self._slot(x), level
        low, high = float(self.xs[0]), float(self.xs[1])
        return self.x + self.w * (x - low) / (high - low), level

    def _horizontal(self, cross: bool, name: str) -> None:
        c, level = self.c, self.zero[1]
        if cross:
            c.arrow((self.x, level), (self.x + self.w + 18, level), head=10, layer=-1)
        else:
            c.line((self.x, level), (self.x + self.w, level), layer=-1)
        if self.words:
            for i, word in enumerate(self.xs):
                c.text((self._slot(i), self.y + self.h + 18), word, self.size)  # type: ignore[arg-type]
        else:
            for tick in ticks(self.xs):  # type: ignore[arg-type]
                at = self.at(tick, self.ys[0])[0]
                if cross and tick == 0:
                    continue
                c.line((at, level - 4), (at, level + 4), layer=-1)
                c.text((at, level + 17), number(tick), self.size, halo=True, layer=1)
        if name and cross:
            c.text((self.x + self.w + 28, level), name, self.size, anchor="start")
        elif name:
            c.text((self.x + self.w / 2, self.y + self.h + 44), name, self.size, "soft")

    def _vertical(self, cross: bool, name: str) -> None:
        c, at = self.c, self.zero[0]
        if cross:
            c.arrow((at, self.y + self.h), (at, self.y - 18), head=10, layer=-1)
        else:
            c.line((at, self.y + self.h), (at, self.y), layer=-1)
        for tick in ticks(self.ys):
            level = self.at(0, tick)[1]
            c.line((at - 4, level), (at + 4, level), layer=-1)
            if not (cross and tick == 0):
                c.text((at - 10, level), number(tick), self.size, anchor="end", halo=True, layer=1)
        if cross:
            c.text((at - 10, self.zero[1] + 17), 0, self.size, anchor="end", halo=True, layer=1)
        if self.right:
            c.line((self.x + self.w, self.y + self.h), (self.x + self.w, self.y), layer=-1)
            for tick in ticks(self.right):
                level = self.at(0, tick, right=True)[1]
                c.line((self.x + self.w - 4, level), (self.x + self.w + 4, level), layer=-1)
                c.text((self.x + self.w + 10, level), number(tick), self.size, anchor="start")
        if self.foot:
            c.text((at - 10, self.y + self.h), 0, self.size, anchor="end")
            self._cut()
        if name and cross:
            c.text((at, self.y - 30), name, self.size)
        elif name:
            c.text((self.x - 12, self.y - 24), name, self.size, "soft", anchor="start")

    def _cut(self) -> None:
        low, n = self.y + self.h - self.foot / 2, 2 * round(self.w / 24)
        left = self.x - 8
        wave = [(left + (self.w + 12) * i / n, low + (4 if i % 2 else -4)) for i in range(n + 1)]
        strip = [(x, y - 5) for x, y in wave] + [(x, y + 5) for x, y in wave[::-1]]
        self.c.polygon(strip, fill="paper", stroke=None, layer=2)
        for shift in (-5, 5):
            self.c.polyline([(x, y + shift) for x, y in wave], stroke="soft", width=1.6, layer=2)

    def bars(
        self,
        groups: Sequence[Sequence[float]],
        *,
        share: float = 0.66,
        words: bool = False,
        first: int = 0,
        right: bool = False,
    ) -> None:
        """For each word a group of bars, side by side from the left; with `words` each bar carries its value.

        The k-th bar of a group has the colour and the hatching of series `first + k`.
        """
        slot = self.w / len(groups) * share
        base = self.zero[1]
        for i, values in enumerate(groups):
            wide = slot / len(values)
            for k, value in enumerate(values):
                top = self.at(i, value, right)[1]
                left = self._slot(i) - slot / 2 + k * wide
                swatch(self.c, left, min(top, base), wide, abs(base - top), first + k)
                if words:
                    above = -13 if value >= 0 else 13
                    self.c.text((left + wide / 2, top + above), number(value), self.size, halo=True)

    def series(
        self,
        values: Sequence[Any],
        style: int = 0,
        *,
        mark: bool = True,
        right: bool = False,
        **paint: Any,
    ) -> None:
        """A line through (0, v), (1, v), ... or through pairs (x, y), with the colour, mark and dash of a style."""
        pairs = [v if isinstance(v, (list, tuple)) else (i, v) for i, v in enumerate(values)]
        points = [self.at(x, y, right) for x, y in pairs]
        kind, dash = STYLES[style % len(STYLES)]
        self.c.polyline(points, **{"stroke": style, "width": 3.0, "dash": dash, "layer": 2, **paint})
        for p in points if mark else ():
            self.c.shape(kind, p, 6.5, fill=style, stroke="paper", width=1.5, layer=3)

    def points(self, marks: Sequence[tuple[float, float, str, str, Any]], r: float = 8.0) -> None:
        """Marks (x, y, name, shape, fill), each named at a free place beside it."""
        places = [self.at(x, y) for x, y, *_ in marks]
        for p in places:
            self.c.reserve((p[0] - r, p[1] - r, p[0] + r, p[1] + r))
        for p, (_, _, name, kind, fill) in zip(places, marks):
            self.c.shape(kind, p, r, fill=fill, stroke="ink", width=1.5, layer=3)
            if name:
                self.c.label(p, name, gap=r + 4, bold=True)


def swatch(c: Canvas, x: float, y: float, w: float, h: float, style: int) -> None:
    """A rectangle with the colour and the hatching of a series."""
    hatch = HATCHES[style % len(HATCHES)]
    c.rect(x, y, w, h, fill=style if hatch is None else c.tint(style, 0.7), stroke=style)
    if hatch is not None and hatch >= 0 and h > 2:
        corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)]
        c.hatch(corners, angle=hatch, gap=9, stroke=style, width=2)


def key(c: Canvas, x: float, y: float, names: Sequence[str], kind: str = "bar", first: int = 0) -> float:
    """Samples of series `first`, ... with their names, in a row whose middle height is y; returns its right end.

    `kind` is bar or line.
    """
    for style, name in enumerate(names, first):
        if kind == "bar":
            swatch(c, x, y - 9, 26, 18, style)
        else:
            mark, dash = STYLES[style % len(STYLES)]
            c.line((x, y), (x + 40, y), stroke=style, width=3, dash=dash)
            c.shape(mark, (x + 20, y), 6.5, fill=style, stroke="paper", width=1.5)
        x += (26 if kind == "bar" else 40) + 8
        c.text((x, y), name, c.size - 2, anchor="start")
        x += text_width(name, c.size - 2) + 24
    return x - 24


def table(
    c: Canvas,
    x: float,
    y: float,
    header: Sequence[Any],
    rows: Sequence[Sequence[Any]],
    *,
    widths: Sequence[float] | float = 96.0,
    high: float = 34.0,
    title: str = "",
    size: float | None = None,
) -> tuple[float, float]:
    """A table with its upper left corner at (x, y), words in the middles of cells; returns its width and height.

    `title` stands above it (leave 34 units), `widths` are those of the columns, or the one of all.
    """
    wide = [float(widths)] * len(header) if isinstance(widths, (int, float)) else list(widths)
    size = size or c.size - 2
    w, h = sum(wide), high * (len(rows) + 1)
    if title:
        c.text((x, y - 17), title, size + 1, anchor="start", bold=True)
    c.rect(x, y, w, high, fill="panel", stroke=None)
    for i, row in enumerate([header, *rows]):
        left = x
        for k, word in enumerate(row):
            c.text((left + wide[k] / 2, y + (i + 0.5) * high), word, size, bold=i == 0)
            left += wide[k]
        c.line(
            (x, y + (i + 1) * high), (x + w, y + (i + 1) * high), stroke="faint" if i else "soft", width=1.5
        )
    c.rect(x, y, w, h, stroke="soft", width=1.6)
    return w, h


def pie(
    c: Canvas, centre: Point, r: float, shares: Sequence[float], words: Sequence[str], inner: float = 0.0
) -> None:
    """A disc cut from the top, clockwise, into parts as large as `shares`; words stand outside, beside each part."""
    start, total = 90.0, sum(shares)
    for i, (share, word) in enumerate(zip(shares, words)):
        end = start - 360 * share / total
        c.sector(centre, r, end, start, inner, fill=i, stroke="paper", width=2.5)
        middle = polar(centre, r + 16, (start + end) / 2)
        side = (
            "start"
            if middle[0] > centre[0] + r * 0.3
            else "end"
            if middle[0] < centre[0] - r * 0.3
            else "middle"
        )
        c.text(middle, word, c.size - 2, anchor=side)
        start = end
