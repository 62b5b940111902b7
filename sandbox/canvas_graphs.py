"""Graphs, trees, automata and flowcharts: where nodes stand, and what joins them.

`network` and `layout` need chance: they run in `generate` and return places that lie in the state.
"""

import itertools
import math
import random
from collections.abc import Sequence
from typing import Any

from canvas_core import Canvas
from canvas_places import Point, bearing, beside, between, crossing, distance_to, polar, scatter
from canvas_text import text_width

CLEAR = 34.0  # least distance of an edge from a node that is not its end
ANGLE = 24.0  # least angle between two edges at a node, in degrees
STEP, TEST, DROP, HALF = 42.0, 66.0, 30.0, 80.0  # heights of a box and of a diamond, gap, half a width


def network(
    rng: random.Random, n: int, m: int, w: float, h: float, *, gap: float = 76.0, pad: float = 16.0
) -> tuple[list[list[int]], list[list[int]]]:
    """A connected plane graph of `n` nodes within w x h: places [x, y], and about `m` edges [i, j], i < j.

    No two edges cross, none passes a node closely, and edges that leave a node together differ by 24 degrees.
    Fewer than `m` edges come back when no more find room.
    """
    for _ in range(60):
        places = scatter(rng, [22] * n, w, h, gap=gap, pad=pad)
        pairs = sorted(
            itertools.combinations(range(n), 2), key=lambda e: math.dist(places[e[0]], places[e[1]])
        )
        fit = [
            (i, j)
            for i, j in pairs[: 4 * n]
            if all(k in (i, j) or distance_to(places[k], places[i], places[j]) >= CLEAR for k in range(n))
        ]
        edges: list[tuple[int, int]] = []
        group = list(range(n))
        spare = []
        for i, j in fit:
            if _welcome(places, edges, i, j):
                if group[i] != group[j]:
                    group = [group[i] if g == group[j] else g for g in group]
                    edges.append((i, j))
                else:
                    spare.append((i, j))
        rng.shuffle(spare)
        for i, j in spare:
            if len(edges) < m and _welcome(places, edges, i, j):
                edges.append((i, j))
        if len(set(group)) == 1:
            return places, [list(edge) for edge in sorted(edges)]
    raise ValueError("network: n nodes find no room in w x h")


def _welcome(places: Sequence[Point], edges: Sequence[tuple[int, int]], i: int, j: int) -> bool:
    for a, b in edges:
        shared = {a, b} & {i, j}
        if shared:
            at = shared.pop()
            one, two = places[a + b - at], places[i + j - at]
            turn = abs(bearing(places[at], one) - bearing(places[at], two))
            if min(turn, 360 - turn) < ANGLE:
                return False
        elif crossing(places[a], places[b], places[i], places[j]):
            return False
    return True


def layout(
    rng: random.Random,
    n: int,
    edges: Sequence[Sequence[int]],
    w: float,
    h: float,
    *,
    pad: float = 40.0,
    tries: int = 40,
) -> list[list[int]]:
    """Places [x, y] within w x h for `n` nodes (at most 14) with given edges, few of which cross or pass a node.

    Nodes stand near an ellipse, in the best of `tries` orders: every two of them can be joined.
    """
    slots = []
    for i in range(n):
        x, y = polar((0, 0), 1, 360 * (i + rng.uniform(-0.12, 0.12)) / n + 90)
        slots.append([round(w / 2 + x * (w / 2 - pad)), round(h / 2 + y * (h / 2 - pad))])
    best, least = slots, math.inf
    for _ in range(tries):
        places = rng.sample(slots, n)
        found = sum(
            crossing(places[a], places[b], places[i], places[j]) is not None
            for (a, b), (i, j) in itertools.combinations([e[:2] for e in edges], 2)
            if len({a, b, i, j}) == 4
        )
        if found < least:
            best, least = places, found
    return best


class Graph:
    """Nodes at `places` on a canvas, `r` their radius. Draw edges in any order; nodes lie above them."""

    def __init__(self, c: Canvas, places: Sequence[Point], r: float = 22.0) -> None:
        self.c, self.places, self.r = c, places, r

    def node(
        self, i: int, name: str | int = "", below: str | int = "", ring: bool = False, **paint: Any
    ) -> None:
        """A disc with a name, and perhaps a smaller word `below` it; a `ring` inside the border marks it."""
        paint = {"fill": "panel", "stroke": "ink", "layer": 3, **paint}
        (x, y), c = self.places[i], self.c
        c.circle((x, y), self.r, **paint)
        if ring:
            c.circle((x, y), self.r - 5, stroke=paint["stroke"], layer=3)
        ink = c.on(paint["fill"]) if paint["fill"] != "panel" else "ink"
        if name != "":
            c.text((x, y - (9 if below != "" else 0)), name, min(c.size, self.r * 0.95), ink, bold=True)
        if below != "":
            c.text((x, y + 11), below, 16, ink)

    def edge(
        self,
        i: int,
        j: int,
        text: str | int = "",
        *,
        arrow: bool = False,
        bend: float = 0.0,
        t: float = 0.5,
        **paint: Any,
    ) -> None:
        """A line between two nodes, with a word on it at `t` of its way; `bend` units to the left at its middle."""
        p, q = self.places[i], self.places[j]
        middle = beside(p, q, 2 * bend)
        start = polar(p, self.r, bearing(p, middle))
        end = polar(q, self.r + (3 if arrow else 0), bearing(q, middle))
        paint = {"stroke": "soft", "width": 2.6, **paint}
        if bend:
            self.c.bend_arrow(start, end, bend, head=13 if arrow else 0, **paint)
        elif arrow:
            self.c.arrow(start, end, head=13, **paint)
        else:
            self.c.line(start, end, **paint)
        if text != "":
            control = beside(start, end, 2 * bend)
            tag(self.c, between(between(start, control, t), between(control, end, t), t), text)

    def loop(self, i: int, text: str | int = "", side: float = 90.0, **paint: Any) -> None:
        """An arrow from a node to itself, in the direction of `side` degrees."""
        paint = {"stroke": "soft", "width": 2.6, **paint}
        p, r = self.places[i], self.r
        centre = polar(p, r + 18, side)
        first = bearing(centre, polar(p, r, side - 38))
        last = bearing(centre, polar(p, r + 3, side + 38))
        sweep = (last - first) % 360
        points = [polar(centre, 23, first + sweep * k / 24) for k in range(25)]
        self.c.polyline(points[:-3], **paint)
        self.c.arrow(points[-4], polar(p, r + 2, side + 38), head=11, **paint)
        if text != "":
            tag(self.c, polar(centre, 24, side), text)


def tag(c: Canvas, p: Point, text: str | int, size: float | None = None) -> None:
    """A word on a patch of the ground's colour: the number of an edge, lying on it."""
    size = size or c.size - 2
    w = max(text_width(str(text), size), size * 0.6) + 8
    c.rect(p[0] - w / 2, p[1] - size * 0.6, w, size * 1.2, fill="paper", stroke=None, round=5, layer=1)
    c.text(p, text, size, layer=2)


def tree_places(parents: Sequence[int], x: float, y: float, w: float, h: float) -> list[tuple[float, float]]:
    """Places within a rectangle for nodes with these parents (-1: the root), children by number."""
    children: dict[int, list[int]] = {i: [] for i in range(-1, len(parents))}
    for i, parent in enumerate(parents):
        children[parent].append(i)
    across: dict[int, float] = {}
    depth: dict[int, int] = {}
    leaves = 0

    def visit(i: int, level: int) -> None:
        nonlocal leaves
        depth[i] = level
        for child in children[i]:
            visit(child, level + 1)
        if children[i]:
            across[i] = (across[children[i][0]] + across[children[i][-1]]) / 2
        else:
            across[i] = leaves
            leaves += 1

    for root in children[-1]:
        visit(root, 0)
    wide, deep = max(1, leaves - 1), max(depth.values()) or 1
    return [(x + w * across[i] / wide, y + h * depth[i] / deep) for i in range(len(parents))]


def flow_box(
    c: Canvas,
    p: Point,
    s: str,
    kind: str = "step",
    w: float = 170.0,
    h: float = 46.0,
    size: float | None = None,
) -> None:
    """A box of a flowchart round `p`: step, test (a diamond), end (round) or print (slanted)."""
    x, y = p
    paint: dict[str, Any] = {"fill": "panel", "stroke": "ink", "layer": 2}
    if kind == "test":
        c.polygon([(x - w / 2, y), (x, y - h / 2), (x + w / 2, y), (x, y + h / 2)], **paint)
    elif kind == "print":
        slant = 16
        c.polygon(
            [
                (x - w / 2 + slant, y - h / 2),
                (x + w / 2, y - h / 2),
                (x + w / 2 - slant, y + h / 2),
                (x - w / 2, y + h / 2),
            ],
            **paint,
        )
    else:
        c.rect(x - w / 2, y - h / 2, w, h, round=h / 2 if kind == "end" else 4, **paint)
    c.text(p, s, size)


def connector(c: Canvas, points: Sequence[Point], text: str = "", head: float = 12.0, **paint: Any) -> None:
    """A line from point to point with an arrow head at its end; `text` stands beside its beginning."""
    paint = {"stroke": "ink", "width": 2.2, **paint}
    if len(points) > 2:
        c.polyline(points[:-1], **paint)
    if head:
        c.arrow(points[-2], points[-1], head=head, **paint)
    else:
        c.line(points[-2], points[-1], **paint)
    if text:
        (ax, ay), (bx, by) = points[0][:2], points[1][:2]
        if abs(bx - ax) > abs(by - ay):
            c.text(
                (ax + math.copysign(6, bx - ax), ay - 13),
                text,
                c.size - 3,
                anchor="start" if bx > ax else "end",
            )
        else:
            c.text((ax + 9, ay + math.copysign(13, by - ay)), text, c.size - 3, anchor="start")


def flow_extent(program: Sequence[Any]) -> tuple[float, float, float]:
    """How far the flowchart of a program (see `flowchart`) reaches left and right of its axis, and its height."""
    left = right = HALF
    high = 0.0
    for step in program:
        if isinstance(step, str):
            high += DROP + STEP
        elif step[0] == "while":
            body = flow_extent(step[2])
            left, right = max(left, body[0] + 26), max(right, body[1] + 26)
            high += DROP + 8 + TEST + body[2] + 34
        else:
            yes, no = flow_extent(step[2]), flow_extent(step[3])
            left, right = max(left, yes[0] + yes[1] + 14), max(right, no[0] + no[1] + 14)
            high += DROP + TEST + max(yes[2], no[2]) + 18
    return left, right, high


def flowchart(c: Canvas, program: Sequence[Any], x: float, y: float) -> float:
    """Draw a program downwards from (x, y), where a line ends already; returns the height at which its line ends.

    A step is a string (`x = x + 1`, `print x`), ["if", test, steps, steps] or ["while", test, steps].
    """
    for step in program:
        kind = "step" if isinstance(step, str) else "test"
        top = y + DROP + (8 if step[0] == "while" else 0)
        if step != "start":
            connector(c, [(x, y), (x, top)])
        if kind == "step":
            shape = {"print": "print", "start": "end", "end": "end"}.get(step.split()[0], "step")
            flow_box(c, (x, top + STEP / 2), step, shape, 2 * HALF - 12, STEP)
            y = top + STEP
            continue
        middle = top + TEST / 2
        flow_box(c, (x, middle), step[1], "test", 2 * HALF, TEST)
        if step[0] == "while":
            left, right, _ = flow_extent(step[2])
            c.text((x + 10, top + TEST + 10), "yes", c.size - 3, anchor="start")
            c.text((x + HALF + 4, middle - 13), "no", c.size - 3, anchor="start")
            end = flowchart(c, step[2], x, top + TEST)
            back = x - left - 14
            connector(c, [(x, end), (x, end + 16), (back, end + 16), (back, y + 10), (x - 1, y + 10)])
            out = x + right + 14
            y = end + 34
            connector(c, [(x + HALF, middle), (out, middle), (out, y), (x, y)], head=0)
        else:
            ends = []
            for side, word, branch in ((-1, "yes", step[2]), (1, "no", step[3])):
                reach = flow_extent(branch)[1 if side < 0 else 0] + 14
                column = x + side * reach
                start = x + side * HALF
                connector(c, [(start, middle), (column, middle), (column, top + TEST)], head=0)
                c.text(
                    (start + side * 4, middle - 13), word, c.size - 3, anchor="end" if side < 0 else "start"
                )
                ends.append((column, flowchart(c, branch, column, top + TEST)))
            y = max(end for _, end in ends) + 18
            for column, end in ends:
                connector(c, [(column, end), (column, y), (x, y)], head=0)
    return y


def flow_canvas(program: Sequence[Any], look: dict[str, Any]) -> Canvas:
    """A canvas that is as large as the flowchart of a program needs, with the flowchart on it."""
    left, right, high = flow_extent(program)
    w, h = (32 * max(14, math.ceil((size + 72) / 32)) for size in (max(left + right, high / 2), high))
    c = Canvas(w, h, look)
    flowchart(c, program, (w - right + left) / 2, (h - high) / 2 - 14)
    return c


def automaton(
    c: Canvas,
    places: Sequence[Point],
    names: Sequence[str],
    arrows: Sequence[Sequence[str]],
    rings: Sequence[str],
    r: float = 26.0,
) -> None:
    """States at their places, the arrows [from, word, to] between them, and a free arrow to the first state.

    Arrows with the same ends are drawn as one with all their words; states named in `rings` have two rings.
    """
    graph, centre = Graph(c, places, r), (c.w / 2, c.h / 2)
    words: dict[tuple[str, str], list[str]] = {}
    for a, word, b in arrows:
        words.setdefault((a, b), []).append(word)
    for (a, b), texts in words.items():
        i, j, text = names.index(a), names.index(b), ",".join(texts)
        if i == j:
            graph.loop(i, text, bearing(centre, places[i]) + 35)
        else:
            graph.edge(i, j, text, arrow=True, bend=24 if (b, a) in words else 0)
    for i, name in enumerate(names):
        graph.node(i, name, ring=name in rings)
    away = bearing(centre, places[0]) - 35
    c.arrow(polar(places[0], r + 50, away), polar(places[0], r + 3, away), width=3)
