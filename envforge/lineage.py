"""The family graph of a library: which environment came from which, as DOT, JSON or a picture.

Edges lead from parent to child. The picture is a plain SVG without script: generations from top to bottom, wide
ones wrapped into several rows, edges between the cards and in the colour of the family that they carry on.
"""

from __future__ import annotations

import colorsys
import json
import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import networkx as nx

from envforge.registry import LineageEdge, LineageNode

STATUS_COLOURS = {  # border, background
    "admitted": ("#2f855a", "#f0faf4"),
    "validated": ("#2b6cb0", "#f1f7fd"),
    "retired": ("#8a94a3", "#f4f5f7"),
    "quarantined": ("#c27803", "#fdf7ea"),
    "rejected": ("#c53030", "#fdf2f2"),
}
COLUMNS = 7  # cards beside each other at most
CARD_WIDTH, CARD_HEIGHT = 144, 84
GUTTER, ROW_GAP, BAND = 40, 16, 92  # between columns, between rows of one generation, between generations
LEFT, TOP, RIGHT, BOTTOM = 150, 90, 40, 32
FONT = 12.5
SWEEPS = 8  # passes of the barycentre heuristic


def family_graph(nodes: Iterable[LineageNode], edges: Iterable[LineageEdge]) -> nx.DiGraph:
    """The graph of `Registry.lineage_edges()`: nodes keep `title`, `status`, `depth` and `origin`; edges have
    `positions`, the roles in which the parent served, since one parent may fill several."""
    graph: nx.DiGraph = nx.DiGraph()
    for node in nodes:
        graph.add_node(node.id, title=node.title, status=node.status, depth=node.depth, origin=node.origin)
    for edge in edges:
        if graph.has_edge(edge.parent, edge.child):
            graph.edges[edge.parent, edge.child]["positions"].append(edge.position)
        else:
            graph.add_edge(edge.parent, edge.child, positions=[edge.position])
    return graph


def to_json(graph: nx.DiGraph) -> str:
    """Node-link data: an object with `nodes` (`id` and attributes) and `edges` (`source`, `target`, `positions`)."""
    return json.dumps(nx.node_link_data(graph, edges="edges"), indent=2) + "\n"


def to_dot(graph: nx.DiGraph) -> str:
    """The graph for Graphviz."""
    lines = [
        "digraph lineage {",
        "  rankdir=TB;",
        '  node [shape=box, style="rounded,filled", fontname="sans-serif"];',
    ]
    for id, data in graph.nodes(data=True):
        border, fill = STATUS_COLOURS.get(data["status"], STATUS_COLOURS["rejected"])
        label = _quoted(f"{_title(data)}\n{id}")
        lines.append(
            f'  "{id}" [label={label}, color="{border}", fillcolor="{fill}", tooltip={_quoted(data["status"])}];'
        )
    for parent, child, positions in graph.edges(data="positions"):
        lines.append(f'  "{parent}" -> "{child}" [label={_quoted(", ".join(map(str, positions)))}];')
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _title(data: Mapping[str, object]) -> str:
    title = str(data["title"] or "(not a program)")
    printable = "".join(character if character.isprintable() else " " for character in title)
    return " ".join(printable.split()).removesuffix(".")


# The picture


@dataclass(frozen=True, slots=True)
class _Slot:
    """Where a card stands: generation, row within it, column of the grid, and its upper left corner in pixels."""

    generation: int
    row: int
    column: int
    x: float
    y: float

    @property
    def middle(self) -> float:
        return self.x + CARD_WIDTH / 2


def to_svg(graph: nx.DiGraph) -> str:
    """A layered drawing of the graph, complete in itself; the same for the same graph."""
    given, graph = graph, nx.DiGraph()
    graph.add_nodes_from(given.nodes(data=True))
    graph.add_edges_from(sorted(given.edges(data=True), key=lambda edge: edge[:2]))
    generations = [list(generation) for generation in nx.topological_generations(graph)]
    columns = min(COLUMNS, max((len(generation) for generation in generations), default=4))
    columns = max(columns, 4)
    slots, floors = _place(graph, _order(graph, generations), columns)
    colours, roots = _families(graph)
    width = LEFT + columns * CARD_WIDTH + (columns - 1) * GUTTER + RIGHT
    height = (floors[-1] if floors else TOP + 60) + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
        f"height=\"{height:g}\" font-family=\"system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', "
        f'sans-serif" font-size="{FONT}">',
        f"<title>The family of {len(graph)} environments</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        *_heading(graph, width),
    ]
    if not generations:
        parts.append(
            f'<text x="{LEFT}" y="{TOP + 24}" fill="#5b6472">No environment has been accepted yet.</text>'
        )
    for number, generation in enumerate(generations):
        top = min(slots[id].y for id in generation)
        label = f"generation {number}" if number else "seeds" if _all_seeds(graph, generation) else "founders"
        counted = f"{len(generation)} environment{'s' * (len(generation) != 1)}"
        parts.append(
            f'<text x="{LEFT - 30}" y="{top + 18:g}" text-anchor="end" font-weight="600" fill="#374151">'
            f"{label}</text>"
            f'<text x="{LEFT - 30}" y="{top + 34:g}" text-anchor="end" fill="#8a94a3" font-size="10">{counted}</text>'
        )
    parts += _edges(graph, slots, floors, colours)
    for id in graph.nodes:
        parts += _card(id, graph.nodes[id], slots[id], [colours[root] for root in roots[id]])
    return "\n".join([*parts, "</svg>"]) + "\n"


def _all_seeds(graph: nx.DiGraph, generation: Iterable[str]) -> bool:
    return all(str(graph.nodes[id]["origin"]).endswith(".py") for id in generation)


def _families(graph: nx.DiGraph) -> tuple[dict[str, str], dict[str, list[str]]]:
    """A colour for each environment, and its roots. A child carries on the colour of its first parent's family."""
    first = [id for id, degree in graph.in_degree() if degree == 0]
    colours, roots = {}, {}
    for number, id in enumerate(first):
        hue = number / len(first) if len(first) <= 12 else (number * 0.381966) % 1
        red, green, blue = colorsys.hls_to_rgb(hue, 0.40 if number % 2 else 0.52, 0.62)
        colours[id] = f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
        roots[id] = [id]
    for id in nx.topological_sort(graph):
        parents = sorted(graph.predecessors(id), key=lambda parent: min(graph.edges[parent, id]["positions"]))
        if parents:
            roots[id] = list(dict.fromkeys(root for parent in parents for root in roots[parent]))
            colours[id] = colours[parents[0]]
    return colours, roots


def _order(graph: nx.DiGraph, generations: Sequence[list[str]]) -> list[list[str]]:
    """Each generation from left to right, so that edges cross little (barycentre heuristic, Sugiyama 1981)."""
    place: dict[str, float] = {}

    def settle(generation: list[str]) -> None:
        for number, id in enumerate(generation):
            place[id] = (number + 0.5) / len(generation)

    ordered = [list(generation) for generation in generations]
    for generation in ordered:
        settle(generation)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        near = graph.predecessors if down else graph.successors
        for generation in ordered[1:] if down else reversed(ordered[:-1]):
            generation.sort(
                key={id: _mean([place[o] for o in near(id)], place[id]) for id in generation}.__getitem__
            )
            settle(generation)
    return ordered


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _place(
    graph: nx.DiGraph, generations: Sequence[list[str]], columns: int
) -> tuple[dict[str, _Slot], list[float]]:
    """A slot for each environment, and where each generation ends below, in pixels.

    A generation that needs several rows fills them column by column, so that its order stays one from left to
    right. All generations share one grid: the gutters between its columns run through and carry the edges.
    """
    slots: dict[str, _Slot] = {}
    floors: list[float] = []
    top = float(TOP)
    for number, generation in enumerate(generations):
        rows = math.ceil(len(generation) / columns)
        stacks = _stacks(generation, math.ceil(len(generation) / rows))
        wishes: list[float] = []
        for index, stack in enumerate(stacks):
            centred = index + (columns - len(stacks)) / 2
            near = [slots[parent].column for id in stack for parent in graph.predecessors(id)]
            wishes.append(_mean(near, centred))
        for column, stack in zip(_columns(wishes, columns), stacks):
            for row, id in enumerate(stack):
                x = LEFT + column * (CARD_WIDTH + GUTTER)
                slots[id] = _Slot(number, row, column, x, top + row * (CARD_HEIGHT + ROW_GAP))
        floors.append(top + rows * (CARD_HEIGHT + ROW_GAP) - ROW_GAP)
        top = floors[-1] + BAND
    return slots, floors


def _stacks(generation: list[str], count: int) -> list[list[str]]:
    """Cut a generation into `count` stacks of nearly equal height."""
    bounds = [round(number * len(generation) / count) for number in range(count + 1)]
    return [generation[low:high] for low, high in zip(bounds, bounds[1:])]


def _columns(wishes: Sequence[float], columns: int) -> list[int]:
    """Distinct columns in increasing order, in all as near to the wishes as can be (dynamic programming)."""
    best: list[tuple[float, list[int]]] = [(0.0, [])] * (
        columns + 1
    )  # by the number of columns on the left used up
    for number, wish in enumerate(wishes):
        following: list[tuple[float, list[int]]] = [(math.inf, [])] * (columns + 1)
        for column in range(number, columns):
            cost, chosen = best[column]
            taken = (cost + abs(column - wish), [*chosen, column])
            following[column + 1] = min(following[column], taken)
        best = following
    return best[columns][1]


def _edges(
    graph: nx.DiGraph, slots: Mapping[str, _Slot], floors: Sequence[float], colours: Mapping[str, str]
) -> list[str]:
    """The edges as paths that pass between the cards: down the gutter beside the parent, across the band below
    its generation, down the gutter beside the child and into its side; straight where nothing is in between."""
    pairs = [(parent, child) for child in slots for parent in graph.predecessors(child)]
    leaving: dict[str, list[str]] = defaultdict(list)
    arriving: dict[str, list[str]] = defaultdict(list)
    for parent, child in pairs:
        leaving[parent].append(child)
        arriving[child].append(parent)
    paths, ends = [], []
    for parent, child in pairs:
        start, end = slots[parent], slots[child]
        out = sorted(leaving[parent], key=lambda id: (slots[id].x, slots[id].y, id))
        into = sorted(arriving[child], key=lambda id: (slots[id].x, slots[id].y, id))
        rank, place = out.index(child) - (len(out) - 1) / 2, into.index(parent) - (len(into) - 1) / 2
        path, end_x, end_y = _route(start, end, floors, rank * min(9, 100 / len(out)), place)
        paths.append(
            f'<path d="{path}" fill="none" stroke="{colours[parent]}" stroke-width="1.7" stroke-opacity="0.7"/>'
        )
        ends.append(f'<circle cx="{end_x:.1f}" cy="{end_y:.1f}" r="3" fill="{colours[parent]}"/>')
    return paths + ends


def _route(
    start: _Slot, end: _Slot, floors: Sequence[float], offset: float, place: float
) -> tuple[str, float, float]:
    """The path of one edge and the point where it ends. `offset` spreads the edges that leave one card, in pixels
    from its middle; `place` orders those that enter one card, around 0."""
    floor = floors[start.generation]
    if start.y + CARD_HEIGHT >= floor - 1:  # nothing of its own generation is below the parent
        x, y = start.middle + offset, start.y + CARD_HEIGHT
        path = f"M{x:.1f} {y:.1f}"
    else:
        side = 1 if end.middle > start.middle or (end.middle == start.middle and offset >= 0) else -1
        edge = start.middle + side * CARD_WIDTH / 2
        x, y = edge + side * (5 + abs(offset) * 0.3), start.y + CARD_HEIGHT / 2 + offset * 0.5
        path = f"M{edge:.1f} {y:.1f}Q{x:.1f} {y:.1f} {x:.1f} {y + 10:.1f}"
        y = floor
    ceiling = end.y - end.row * (CARD_HEIGHT + ROW_GAP)
    above = ceiling if start.generation == end.generation - 1 else floors[start.generation] + BAND
    path += f"L{x:.1f} {floor:.1f}"
    y = floor
    if end.row == 0 and above == ceiling:
        target = end.middle + place * 14
        return path + _curve(x, y, target, ceiling), target, ceiling
    side = -1 if place < 0 or (place == 0 and x <= end.middle) else 1
    edge = end.middle + side * CARD_WIDTH / 2
    lane = edge + side * min(GUTTER / 2, 6 + 2.5 * end.row + abs(place) if above == ceiling else GUTTER / 2)
    into = end.y + CARD_HEIGHT / 2 + place * 9
    path += _curve(x, y, lane, above)
    path += f"L{lane:.1f} {into - 10:.1f}Q{lane:.1f} {into:.1f} {edge:.1f} {into:.1f}"
    return path, edge, into


def _curve(x: float, y: float, to_x: float, to_y: float) -> str:
    """An S from (x, y) down to (to_x, to_y), upright at both ends."""
    bend = (to_y - y) * 0.6
    return f"C{x:.1f} {y + bend:.1f} {to_x:.1f} {to_y - bend:.1f} {to_x:.1f} {to_y:.1f}"


def _card(id: str, data: Mapping[str, object], slot: _Slot, families: Sequence[str]) -> list[str]:
    border, fill = STATUS_COLOURS.get(str(data["status"]), STATUS_COLOURS["rejected"])
    title = _title(data)
    x, y = slot.x, slot.y
    parts = [
        f"<g><title>{escape(title)}\n{id}, {data['status']}</title>",
        f'<rect x="{x:g}" y="{y:g}" width="{CARD_WIDTH}" height="{CARD_HEIGHT}" rx="9" fill="{fill}" '
        f'stroke="{border}" stroke-width="1.4"/>',
    ]
    length = (CARD_HEIGHT - 20) / len(families)
    for number, colour in enumerate(families):
        parts.append(
            f'<rect x="{x + 8:g}" y="{y + 10 + number * length:.1f}" width="4.5" height="{length:.1f}" '
            f'rx="2" fill="{colour}"/>'
        )
    for number, line in enumerate(_wrapped(title, CARD_WIDTH - 30, 3)):
        parts.append(
            f'<text x="{x + 20:g}" y="{y + 21 + 15.5 * number:g}" fill="#1f2937">{escape(line)}</text>'
        )
    parts.append(
        f'<text x="{x + 20:g}" y="{y + CARD_HEIGHT - 10:g}" fill="#8a94a3" font-size="9.5" '
        f"font-family=\"ui-monospace, 'DejaVu Sans Mono', monospace\">{id[:8]}</text></g>"
    )
    return parts


_EXPLANATION = (
    "Lines lead from parents down to children, in the colour of the first parent's family. "
    "The bar of a card shows all the families it descends from."
)


def _heading(graph: nx.DiGraph, width: float) -> list[str]:
    statuses = [
        status for status in STATUS_COLOURS if any(d == status for _, d in graph.nodes(data="status"))
    ]
    count = f"{len(graph)} environment{'s' * (len(graph) != 1)}"
    parts = [
        f'<text x="{LEFT}" y="36" font-size="19" font-weight="600" fill="#1f2937">The family of {count}</text>',
        *(
            f'<text x="{LEFT}" y="{56 + 15 * number}" font-size="11.5" fill="#5b6472">{escape(line)}</text>'
            for number, line in enumerate(_wrapped(_EXPLANATION, width - LEFT - RIGHT, 2))
        ),
    ]
    x = width - RIGHT
    for status in reversed(statuses):
        border, fill = STATUS_COLOURS[status]
        x -= _width(status, 12) + 26
        parts.append(
            f'<rect x="{x:.1f}" y="25" width="14" height="14" rx="4" fill="{fill}" stroke="{border}" '
            f'stroke-width="1.4"/><text x="{x + 19:.1f}" y="36.5" font-size="12" fill="#374151">{status}</text>'
        )
        x -= 12
    return parts


def _wrapped(text: str, width: float, lines: int) -> list[str]:
    """`text` in at most `lines` lines of `width` pixels, with an ellipsis if that is too little."""
    found: list[str] = []
    words = text.split()
    while words and len(found) < lines:
        line = words.pop(0)
        while words and _width(f"{line} {words[0]}") <= width:
            line += " " + words.pop(0)
        if _width(line) > width:  # one long word
            cut = next(n for n in range(len(line), 0, -1) if n == 1 or _width(line[:n]) <= width)
            words.insert(0, line[cut:])
            line = line[:cut]
        found.append(line)
    if words:
        last = found[-1]
        while last and _width(last + "…") > width:
            last = last[:-1]
        found[-1] = last.rstrip(" ,;:") + "…"
    return found


def _width(text: str, size: float = FONT) -> float:
    """Roughly how wide a sans-serif font sets `text`, in pixels."""
    return size * sum(
        _NARROW if c in "iljtfrI.,:;'|!()[] " else _WIDE if c in "mwMW@%" else _USUAL for c in text
    )


_NARROW, _USUAL, _WIDE = 0.34, 0.6, 0.9  # of the font size
