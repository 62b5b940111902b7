"""The family graph: what it holds, and that its picture can be read."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import pytest
from test_registry import RUN, examined, seed, write

from envforge.lineage import family_graph, to_dot, to_json, to_svg
from envforge.registry import LineageEdge, LineageNode, Registry

SVG = "{http://www.w3.org/2000/svg}"
AWKWARD = (
    'Ranks & "files" <of>\\n\x00\ud800 supercalifragilisticexpialidocious words that go on and on for ever.'
)


def family(seeds: int, children: int, later: float = 0.0) -> nx.DiGraph:
    """A family in which a child takes a parent from the whole library, not the seeds, with probability `later`."""
    chance = random.Random(seeds * 1000 + children)
    nodes: list[LineageNode] = []
    edges: list[LineageEdge] = []
    for number in range(seeds + children):
        status = chance.choice(("admitted", "validated", "retired", "quarantined"))
        title = AWKWARD if number % 7 == 0 else f"Number {number}: a title of usual length"
        node = LineageNode(f"{chance.getrandbits(64):016x}", title, status, 0, "seed.py")
        if number >= seeds:
            for position in range(chance.choice((1, 2, 2))):
                pool = nodes if chance.random() < later else nodes[:seeds]
                edges.append(LineageEdge(node.id, chance.choice(pool).id, position))
        nodes.append(node)
    return family_graph(nodes, edges)


FAMILIES = {
    "nobody": family(0, 0),
    "one": family(1, 0),
    "few": family(3, 5, 0.6),
    "usual": family(10, 40),
    "deep": family(10, 40, 0.7),
    "large": family(25, 300, 0.5),
}


def test_the_graph_is_that_of_the_registry(tmp_path: Path) -> None:
    with Registry.open(tmp_path / "library.db", create=True) as registry:
        parent = seed(registry, "seed")
        run = registry.start_run(**RUN)
        child = write(registry, run, 0, examined("child"), "validated", parent, parent)
        graph = family_graph(*registry.lineage_edges())
    assert list(graph.nodes) == [parent, child]
    assert graph.nodes[child] == {
        "title": "Environment child: a title.",
        "status": "validated",
        "depth": 1,
        "origin": "compose",
    }
    assert list(graph.edges(data="positions")) == [(parent, child, [0, 1])]


def test_json_is_node_link_data() -> None:
    graph = FAMILIES["few"]
    data = json.loads(to_json(graph))
    assert nx.utils.graphs_equal(nx.node_link_graph(data, edges="edges"), graph)


def test_dot_escapes_titles() -> None:
    dot = to_dot(FAMILIES["few"])
    assert dot.startswith("digraph lineage {\n")
    assert r'label="Ranks & \"files\" <of>\\n supercali' in dot
    assert dot.count(" -> ") == FAMILIES["few"].number_of_edges()
    assert all(line.count('"') % 2 == 0 for line in dot.replace(r"\"", "").splitlines())


@pytest.mark.parametrize("name", FAMILIES)
def test_the_picture_is_plain_svg_with_every_card(name: str) -> None:
    graph = FAMILIES[name]
    text = to_svg(graph)
    assert text == to_svg(graph.copy())
    picture = ElementTree.fromstring(text)
    assert {element.tag.removeprefix(SVG) for element in picture.iter()} <= {
        "svg",
        "title",
        "rect",
        "text",
        "path",
        "circle",
        "g",
    }
    assert "href" not in text
    width, height = (float(picture.attrib[side]) for side in ("width", "height"))
    boxes = cards(picture)
    assert len(boxes) == len(graph)
    assert all(x > 0 and y > 0 and x + w < width and y + h < height for x, y, w, h in boxes)
    for number, (x, y, w, h) in enumerate(boxes):
        assert not any(abs(x - ox) < w and abs(y - oy) < h for ox, oy, _, _ in boxes[:number])
    assert len(picture.findall(f"{SVG}path")) == graph.number_of_edges()


@pytest.mark.parametrize("name", FAMILIES)
def test_no_edge_runs_under_a_card(name: str) -> None:
    picture = ElementTree.fromstring(to_svg(FAMILIES[name]))
    boxes = cards(picture)
    for path in picture.findall(f"{SVG}path"):
        for px, py in points(path.attrib["d"]):
            inside = [(x, y) for x, y, w, h in boxes if x + 1 < px < x + w - 1 and y + 1 < py < y + h - 1]
            assert not inside, path.attrib["d"]


def test_parents_are_above_their_children() -> None:
    graph = FAMILIES["deep"]
    picture = ElementTree.fromstring(to_svg(graph))
    heights = dict(zip(graph.nodes, (y for _, y, _, _ in cards(picture))))
    assert all(heights[parent] < heights[child] for parent, child in graph.edges)


def cards(picture: ElementTree.Element) -> list[tuple[float, float, float, float]]:
    """x, y, width and height of each card."""
    rectangles = [group.find(f"{SVG}rect") for group in picture.findall(f"{SVG}g")]
    return [
        (float(r.attrib["x"]), float(r.attrib["y"]), float(r.attrib["width"]), float(r.attrib["height"]))
        for r in rectangles
        if r is not None
    ]


def points(path: str) -> Iterator[tuple[float, float]]:
    """Points along a path of M, L, Q and C commands, close together."""
    last = (0.0, 0.0)
    for letter, numbers in re.findall(r"([MLQC])([-\d. ]+)", path):
        values = [float(number) for number in numbers.split()]
        controls = list(zip(values[::2], values[1::2]))
        if letter != "M":
            curve = [last, *controls]
            for step in range(33):
                level = curve
                while len(level) > 1:  # de Casteljau
                    level = [
                        (a + (c - a) * step / 32, b + (d - b) * step / 32)
                        for (a, b), (c, d) in zip(level, level[1:])
                    ]
                yield level[0]
        last = controls[-1]
