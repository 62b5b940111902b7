"""The display list: a canvas knows the box of everything that was drawn on it, and writes one flat SVG.

Units are those of the viewBox, y points down. Renderers disagree on markers, patterns and baselines, so only path,
rect, circle and text are written, at absolute places; arrow heads are polygons, hatches are lines cut by the canvas.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from canvas_looks import NAMED, THEMES, contrast, mix
from canvas_places import Point, beside, between, outline, polar
from canvas_text import CAPITAL, DESCENT, text_width, wrap

Box = tuple[float, float, float, float]  # left, top, right, bottom
MIN_TEXT = 14.0
MIN_STROKE = 1.5
MIN_CONTRAST = 3.0
_SIDES = ((0, -1), (1, 0), (0, 1), (-1, 0), (1, -1), (1, 1), (-1, 1), (-1, -1))
SIDES = dict(zip(("above", "right", "below", "left"), _SIDES))


@dataclass(slots=True)
class _Item:
    kind: str  # "path", "rect", "circle" or "text"
    svg: str
    box: Box
    layer: int
    fill: str | None
    stroke: str | None
    width: float = 0.0
    size: float = 0.0  # of text
    words: str = ""


class Canvas:
    """A picture of `w` x `h` units in a `look` (see canvas_looks.look), or a panel of one.

    Paint, everywhere: `fill` and `stroke` are a colour word (see `color`) or None, `width` is the stroke's, `dash` a
    list of lengths, `layer` says what is drawn over what (0 unless told; equal layers in the order of the calls).
    """

    def __init__(self, w: float, h: float, look: dict[str, Any] | None = None) -> None:
        self.w, self.h = w, h
        self.look = look or {"theme": "paper", "order": list(range(8)), "stroke": 2.0, "size": 18}
        self.theme: dict[str, Any] = THEMES[self.look["theme"]]
        self.stroke: float = self.look["stroke"]
        self.size: float = self.look["size"]
        self._x = self._y = 0.0
        self._items: list[_Item] = []
        self._reserved: list[Box] = []

    # Colours

    def color(self, word: str | int) -> str:
        """`#rrggbb` of a theme word (ink, paper, soft, faint, panel), a name of NAMED, a series number, or itself."""
        if isinstance(word, int):
            series: list[str] = self.theme["series"]
            return series[int(self.look["order"][word % len(series)])]
        return word if word.startswith("#") else str(self.theme.get(word) or NAMED[word])

    def tint(self, word: str | int, share: float = 0.75) -> str:
        """A colour on its way to the ground's: 0 is itself, 1 the ground."""
        return mix(self.color(word), self.color("paper"), share)

    def step(self, i: int, k: int) -> str:
        """The i-th of k steps of one colour, from the ground's to the ink's side."""
        return mix(self.color("paper"), self.color("ink"), 0.06 + 0.84 * i / max(1, k - 1))

    def on(self, fill: str | int) -> str:
        """Black or white, whichever is read more easily on `fill`."""
        ground = self.color(fill)
        return max(("#111111", "#ffffff"), key=lambda ink: contrast(ink, ground))

    # Lines and areas

    def path(
        self,
        d: str,
        box: Box,
        fill: str | int | None = None,
        stroke: str | int | None = "ink",
        width: float | None = None,
        dash: Sequence[float] | None = None,
        layer: int = 0,
    ) -> None:
        """A path of absolute coordinates, whose box the caller knows."""
        self._add("path", f'<path d="{d}"', box, fill, stroke, width, dash, layer)

    def line(self, p: Point, q: Point, **paint: Any) -> None:
        """A straight line."""
        self.polyline([p, q], **paint)

    def polyline(self, points: Sequence[Point], **paint: Any) -> None:
        """Straight lines from point to point."""
        self.path(self._d(points), _box(points), **paint)

    def polygon(self, points: Sequence[Point], **paint: Any) -> None:
        """A closed polygon; `fill` is none unless told."""
        self.path(self._d(points) + "Z", _box(points), **paint)

    def curve(self, points: Sequence[Point], closed: bool = False, **paint: Any) -> None:
        """A smooth curve through the points (Catmull-Rom)."""
        fine = smooth(points, closed)
        self.path(self._d(fine) + "Z" * closed, _box(fine), **paint)

    def rect(
        self,
        x: float,
        y: float,
        w: float,
        h: float,
        fill: str | int | None = None,
        stroke: str | int | None = "ink",
        width: float | None = None,
        dash: Sequence[float] | None = None,
        layer: int = 0,
        round: float = 0.0,
    ) -> None:
        """A rectangle by its upper left corner; `round` is the radius of its corners."""
        corner = f' rx="{_n(round)}"' if round else ""
        start = f'<rect x="{_n(x + self._x)}" y="{_n(y + self._y)}" width="{_n(w)}" height="{_n(h)}"{corner}'
        self._add("rect", start, (x, y, x + w, y + h), fill, stroke, width, dash, layer)

    def circle(
        self,
        c: Point,
        r: float,
        fill: str | int | None = None,
        stroke: str | int | None = "ink",
        width: float | None = None,
        dash: Sequence[float] | None = None,
        layer: int = 0,
    ) -> None:
        """A circle."""
        start = f'<circle cx="{_n(c[0] + self._x)}" cy="{_n(c[1] + self._y)}" r="{_n(r)}"'
        box = (c[0] - r, c[1] - r, c[0] + r, c[1] + r)
        self._add("circle", start, box, fill, stroke, width, dash, layer)

    def ellipse(self, c: Point, rx: float, ry: float, **paint: Any) -> None:
        """An ellipse with level axes."""
        left, right = (
            f"{_n(c[0] - rx + self._x)} {_n(c[1] + self._y)}",
            f"{_n(c[0] + rx + self._x)} {_n(c[1] + self._y)}",
        )
        d = f"M{left}A{_n(rx)} {_n(ry)} 0 1 1 {right}A{_n(rx)} {_n(ry)} 0 1 1 {left}Z"
        self.path(d, (c[0] - rx, c[1] - ry, c[0] + rx, c[1] + ry), **paint)

    def arc(self, c: Point, r: float, start: float, end: float, **paint: Any) -> None:
        """An arc to the left from `start` to `end`, degrees as `polar` counts them."""
        self.polyline(_arc(c, r, start, end), **paint)

    def sector(self, c: Point, r: float, start: float, end: float, inner: float = 0.0, **paint: Any) -> None:
        """A slice of a disc, or of a ring when `inner` is its inner radius."""
        rest = _arc(c, inner, start, end)[::-1] if inner else [c]
        self.polygon(_arc(c, r, start, end) + rest, **paint)

    def shape(self, kind: str, c: Point, r: float, turn: float = 0.0, **paint: Any) -> None:
        """A shape of SHAPES round `c`."""
        if kind == "circle":
            self.circle(c, r, **paint)
        else:
            self.polygon(outline(kind, c, r, turn), **paint)

    def hatch(
        self,
        points: Sequence[Point],
        kind: str = "lines",
        angle: float = 45.0,
        gap: float = 9.0,
        stroke: str | int = "ink",
        width: float = 1.6,
        layer: int = 0,
    ) -> None:
        """Fill a polygon with `lines`, `cross` or `dots`."""
        if kind == "dots":
            for p in _dots(points, gap):
                self.circle(p, width, fill=stroke, stroke=None, layer=layer)
            return
        for direction in (angle, angle + 90) if kind == "cross" else (angle,):
            for p, q in _hatches(points, direction, gap):
                self.line(p, q, stroke=stroke, width=width, layer=layer)

    # Arrows

    def arrow(self, p: Point, q: Point, head: float = 12.0, both: bool = False, **paint: Any) -> None:
        """A straight arrow from `p` to the tip `q`."""
        self._arrow([p, q], head, both, paint)

    def bend_arrow(self, p: Point, q: Point, bend: float, head: float = 12.0, **paint: Any) -> None:
        """An arrow that bends to the left by `bend` units at its middle; `head` 0 leaves a bent line."""
        middle = beside(p, q, 2 * bend)
        ts = [i / 20 for i in range(21)]
        points = [between(between(p, middle, t), between(middle, q, t), t) for t in ts]
        self._arrow(points, head, False, paint)

    def _arrow(self, points: list[Any], head: float, both: bool, paint: dict[str, Any]) -> None:
        colour = paint.get("stroke", "ink")
        points = list(points)
        for at in (-1, 0) if both else (-1,):
            tip = points[at]
            if not head:
                break
            inner = points[-1 - 1] if at == -1 else points[1]
            while len(points) > 2 and math.dist(tip, inner) < head * 0.9:
                del points[-2 if at == -1 else 1]
                inner = points[-2] if at == -1 else points[1]
            length = math.dist(tip, inner) or 1.0
            ux, uy = (inner[0] - tip[0]) / length, (inner[1] - tip[1]) / length
            base = tip[0] + ux * head, tip[1] + uy * head
            side = head * 0.42
            wings = [(base[0] - uy * side, base[1] + ux * side), (base[0] + uy * side, base[1] - ux * side)]
            self.polygon([tip, *wings], fill=colour, stroke=None, layer=paint.get("layer", 0))
            points[at] = between(tip, base, 0.8)
        self.polyline(points, **paint)

    # Words

    def text(
        self,
        p: Point,
        s: str | int,
        size: float | None = None,
        fill: str | int = "ink",
        anchor: str = "middle",
        bold: bool = False,
        turn: float = 0.0,
        halo: bool | str = False,
        layer: int = 5,
        reserve: bool = True,
    ) -> Box:
        """One line of text whose middle height is at `p`; `anchor` is start, middle or end; returns its box.

        `turn` is in degrees, to the left. A `halo` in the ground's colour, or the one named, keeps lines away.
        """
        s, size = str(s), size or self.size
        width = text_width(s, size, bold)
        left = p[0] - {"start": 0.0, "middle": width / 2, "end": width}[anchor]
        middle, base = p[1], p[1] + size * CAPITAL / 2
        box = (left, middle - size * CAPITAL / 2, left + width, base + size * DESCENT * _hangs(s))
        if turn:
            corners = [(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
            box = _box([_about(p, corner, turn) for corner in corners])
        x, y = _n(p[0] + self._x), _n(base + self._y)
        colour = self.color(fill)
        svg = f'<text x="{x}" y="{y}" font-size="{_n(size)}" text-anchor="{anchor}" fill="{colour}"'
        svg += ' font-weight="bold"' if bold else ""
        svg += f' transform="rotate({_n(-turn)} {x} {_n(p[1] + self._y)})"' if turn else ""
        body = f">{_escape(s)}</text>"
        if halo:
            ground = self.color(halo if isinstance(halo, str) else "paper")
            body = f' stroke="{ground}" stroke-width="{_n(size * 0.3)}" paint-order="stroke"' + body
        box = self._placed(box)
        self._items.append(_Item("text", svg + body, box, layer, colour, None, size=size, words=s))
        if reserve:
            self._reserved.append(box)
        return box

    def text_box(
        self,
        p: Point,
        s: str,
        pad: float = 8.0,
        size: float | None = None,
        max_width: float = 240.0,
        fill: str | int | None = "panel",
        stroke: str | int | None = "soft",
        ink: str | int = "ink",
        round: float = 6.0,
        layer: int = 3,
    ) -> Box:
        """Words in a box round `p`, in lines of at most `max_width`; returns the box, relative to the panel."""
        size = size or self.size
        lines = wrap(s, size, max_width)
        w = max(text_width(line, size) for line in lines) + 2 * pad
        h = 1.3 * size * len(lines) + 2 * pad - 0.3 * size
        self.rect(p[0] - w / 2, p[1] - h / 2, w, h, fill=fill, stroke=stroke, round=round, layer=layer)
        for i, line in enumerate(lines):
            y = p[1] + (i - (len(lines) - 1) / 2) * 1.3 * size
            self.text((p[0], y), line, size, fill=ink, layer=layer + 1, reserve=False)
        box = p[0] - w / 2, p[1] - h / 2, p[0] + w / 2, p[1] + h / 2
        self.reserve(box)
        return box

    def label(
        self,
        p: Point,
        s: str | int,
        side: str | None = None,
        gap: float = 8.0,
        halo: bool = True,
        **words: Any,
    ) -> Box:
        """A text beside the point `p`: at `side` (above, right, below, left), or at the first of eight free places.

        It never leaves the picture; where nothing is free it lies on what is there, which `audit` tells."""
        size = words.get("size") or self.size
        w, h = text_width(str(s), size, words.get("bold", False)), size * CAPITAL
        sides = [SIDES[side]] if side else list(_SIDES)
        places = [
            (p[0] + dx * (gap + w / 2) * (0.8 if dy else 1), p[1] + dy * (gap + h / 2) * (0.8 if dx else 1))
            for dx, dy in sides
        ]
        free = [q for q in places if self.free((q[0] - w / 2, q[1] - h / 2, q[0] + w / 2, q[1] + h / 2))]
        x, y = (free or places)[0]
        inside = min(max(x, w / 2 + 3), self.w - w / 2 - 3), min(max(y, h / 2 + 3), self.h - h / 2 - 3)
        return self.text(inside, s, halo=halo, **words)

    def reserve(self, box: Box) -> None:
        """Keep labels away from a box."""
        self._reserved.append(self._placed(box))

    def free(self, box: Box, margin: float = 3.0) -> bool:
        """Whether a box lies in the picture and touches nothing reserved."""
        left, top, right, bottom = self._placed(box)
        here = self._x, self._y, self._x + self.w, self._y + self.h
        if (
            left < here[0] + margin
            or top < here[1] + margin
            or right > here[2] - margin
            or bottom > here[3] - margin
        ):
            return False
        return not any(
            left < b[2] + margin and b[0] - margin < right and top < b[3] + margin and b[1] - margin < bottom
            for b in self._reserved
        )

    # Panels

    def panel(self, x: float, y: float, w: float, h: float, **paint: Any) -> "Canvas":
        """A part of the picture with an origin of its own; painted when paint is given."""
        if paint:
            self.rect(x, y, w, h, **{"stroke": None, **paint})
        part = Canvas(w, h, self.look)
        part._x, part._y, part._items, part._reserved = self._x + x, self._y + y, self._items, self._reserved
        return part

    def split(
        self, rows: int, cols: int, gap: float = 16.0, pad: float = 16.0, **paint: Any
    ) -> list["Canvas"]:
        """Equal panels, row by row."""
        w, h = (self.w - 2 * pad - gap * (cols - 1)) / cols, (self.h - 2 * pad - gap * (rows - 1)) / rows
        return [
            self.panel(pad + c * (w + gap), pad + r * (h + gap), w, h, **paint)
            for r in range(rows)
            for c in range(cols)
        ]

    def options(
        self, labels: Sequence[str], draw: Callable[["Canvas", int], None], y: float, h: float, cols: int = 0
    ) -> None:
        """Lettered candidates in boxes below `y`, `h` high each; `draw(panel, i)` fills the i-th."""
        cols = cols or len(labels)
        gap, pad, head = 12.0, 16.0, 26.0
        w = (self.w - 2 * pad - gap * (cols - 1)) / cols
        for i, name in enumerate(labels):
            x, top = pad + i % cols * (w + gap), y + i // cols * (h + head + gap)
            self.text((x + w / 2, top + head / 2), name, bold=True)
            draw(self.panel(x, top + head, w, h, fill="paper", stroke="soft", width=1.6, round=6), i)

    def legend(
        self, x: float, y: float, items: Sequence[tuple[Any, str]], step: float = 28.0, mark: float = 9.0
    ) -> None:
        """Rows of a mark and its meaning; a mark is a colour word, or a function of the mark's centre."""
        for i, (what, words) in enumerate(items):
            c = x + mark, y + i * step
            if callable(what):
                what(c)
            else:
                self.rect(
                    c[0] - mark, c[1] - mark, 2 * mark, 2 * mark, fill=what, stroke="ink", width=1.5, round=3
                )
            self.text((x + 2 * mark + 10, c[1]), words, anchor="start")

    # What comes out

    def svg(self) -> str:
        """The document."""
        items = sorted(self._items, key=lambda item: item.layer)
        w, h = _n(self.w), _n(self.h)
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}">'
            f'<rect width="{w}" height="{h}" fill="{self.color("paper")}"/>'
            '<g font-family="DejaVu Sans" stroke-linejoin="round" stroke-linecap="round">'
        )
        return head + "".join(item.svg for item in items) + "</g></svg>"

    def audit(self) -> list[str]:
        """What a careful reader would object to: words that clash or overflow, small or pale ones, thin strokes."""
        items = sorted(self._items, key=lambda item: item.layer)
        found = []
        for number, item in enumerate(items):
            left, top, right, bottom = item.box
            name = repr(item.words) if item.words else f"a {item.kind}"
            if left < -1 or top < -1 or right > self.w + 1 or bottom > self.h + 1:
                found.append(f"{name} leaves the picture at {tuple(map(round, item.box))}")
            if item.stroke is not None and item.width < MIN_STROKE:
                found.append(f"{name} has a stroke of {item.width:g}")
            if not item.words:
                continue
            if item.size < MIN_TEXT:
                found.append(f"{name} has a size of {item.size:g}")
            ratio = contrast(item.fill or "#000000", self._ground(items[:number], item.box))
            if ratio < MIN_CONTRAST:
                found.append(f"{name} has a contrast of {ratio:.1f}")
            for other in items[number + 1 :]:
                if other.words and _overlap(item.box, other.box) > 0.05:
                    found.append(f"{name} and {other.words!r} overlap")
        return found

    def _ground(self, below: Sequence[_Item], box: Box) -> str:
        x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
        for item in reversed(below):
            b = item.box
            if item.fill and not item.words and b[0] <= x <= b[2] and b[1] <= y <= b[3]:
                return item.fill
        return self.color("paper")

    def _placed(self, box: Box) -> Box:
        return box[0] + self._x, box[1] + self._y, box[2] + self._x, box[3] + self._y

    def _d(self, points: Sequence[Point]) -> str:
        x, y = self._x, self._y
        return "M" + "L".join(f"{_n(p[0] + x)} {_n(p[1] + y)}" for p in points)

    def _add(
        self,
        kind: str,
        start: str,
        box: Box,
        fill: str | int | None,
        stroke: str | int | None,
        width: float | None,
        dash: Sequence[float] | None,
        layer: int,
    ) -> None:
        inside = self.color(fill) if fill is not None else None
        line = self.color(stroke) if stroke is not None else None
        width = self.stroke if width is None else width
        svg = f'{start} fill="{inside or "none"}"'
        if line is not None:
            svg += f' stroke="{line}" stroke-width="{_n(width)}"'
            svg += f' stroke-dasharray="{" ".join(map(_n, dash))}"' if dash else ""
        self._items.append(_Item(kind, svg + "/>", self._placed(box), layer, inside, line, width))


def smooth(points: Sequence[Point], closed: bool = False, steps: int = 8) -> list[tuple[float, float]]:
    """Points on a smooth curve (Catmull-Rom) through all of `points`."""
    n = len(points)
    fine = []
    for i in range(n if closed else n - 1):
        if closed:
            a, b, c, d = (points[(i + k) % n] for k in (-1, 0, 1, 2))
        else:
            a, b, c, d = (points[min(max(i + k, 0), n - 1)] for k in (-1, 0, 1, 2))
        for k in range(steps):
            t = k / steps
            weights = (-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2)
            x, y = (sum(w * p[axis] for w, p in zip(weights, (a, b, c, d))) / 2 for axis in (0, 1))
            fine.append((x, y))
    return fine if closed else [*fine, (points[-1][0], points[-1][1])]


def _n(value: float) -> str:
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


def _escape(s: str) -> str:
    return s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _hangs(s: str) -> bool:
    return any(letter in "gjpqyQ,;()[]{}|@_$" for letter in s)


def _box(points: Sequence[Point]) -> Box:
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


def _about(c: Point, p: Point, turn: float) -> tuple[float, float]:
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    x, y = p[0] - c[0], p[1] - c[1]
    return c[0] + x * cos + y * sin, c[1] - x * sin + y * cos


def _overlap(one: Box, two: Box) -> float:
    w, h = min(one[2], two[2]) - max(one[0], two[0]), min(one[3], two[3]) - max(one[1], two[1])
    areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (one, two)]
    return w * h / max(1.0, min(areas)) if w > 0 and h > 0 else 0.0


def _arc(c: Point, r: float, start: float, end: float) -> list[Any]:
    sweep = (end - start) % 360 or 360.0
    count = max(2, math.ceil(sweep / 6))
    return [polar(c, r, start + sweep * i / count) for i in range(count + 1)]


def _hatches(points: Sequence[Point], angle: float, gap: float) -> list[tuple[Point, Point]]:
    """The parts inside the polygon of parallel lines at `angle` degrees, `gap` apart."""
    origin = (0.0, 0.0)
    flat = [_about(origin, p, -angle) for p in points]
    low, high = min(p[1] for p in flat), max(p[1] for p in flat)
    found: list[tuple[Point, Point]] = []
    for k in range(math.ceil(low / gap), math.floor(high / gap) + 1):
        y = k * gap + 0.01
        xs = sorted(
            a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
            for a, b in zip(flat, [*flat[1:], flat[0]])
            if (a[1] > y) != (b[1] > y)
        )
        ends = [_about(origin, (x, y), angle) for x in xs]
        found += zip(ends[::2], ends[1::2])
    return found


def _dots(points: Sequence[Point], gap: float) -> list[Point]:
    found: list[Point] = []
    for row, (p, q) in enumerate(_hatches(points, 0.0, gap)):
        first = math.ceil((p[0] + gap * 0.3 - gap / 2 * (row % 2)) / gap)
        x = first * gap + gap / 2 * (row % 2)
        while x <= q[0] - gap * 0.3:
            found.append((x, p[1]))
            x += gap
    return found
