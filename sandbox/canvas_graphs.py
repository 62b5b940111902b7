"""Graphs, trees and automata: where nodes stand, and what joins them.

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


def binary_tree(c: Canvas, root: Sequence[Any], pad: float = 44.0, r: float = 24.0) -> None:
    """Draw nested nodes [key, left, right] (None: no child) over the whole canvas, each key in its own column."""
    columns: list[tuple[str | int, int, int]] = []  # key, depth, number of the parent's column or -1

    def visit(node: Sequence[Any], depth: int) -> int:
        left = visit(node[1], depth + 1) if node[1] else -1
        mine = len(columns)
        columns.append((node[0], depth, -1))
        right = visit(node[2], depth + 1) if node[2] else -1
        for child in (left, right):
            if child >= 0:
                columns[child] = (*columns[child][:2], mine)
        return mine

    visit(root, 0)
    wide, deep = max(1, len(columns) - 1), max(1, *(depth for _, depth, _ in columns))
    places = [
        (pad + (c.w - 2 * pad) * i / wide, pad + (c.h - 2 * pad) * d / deep)
        for i, (_, d, _) in enumerate(columns)
    ]
    graph = Graph(c, places, r)
    for i, (key, _, parent) in enumerate(columns):
        if parent >= 0:
            graph.edge(parent, i)
        graph.node(i, key)
