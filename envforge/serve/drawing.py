"""What pages draw: sources with their line numbers, small curves, the family graph with links."""

from __future__ import annotations

import io
import keyword
import tokenize
from collections import defaultdict
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree

import networkx as nx

from envforge.charts import escaped
from envforge.lineage import to_svg

SVG = "http://www.w3.org/2000/svg"
WIDTH, HEIGHT = 120, 26  # of a small curve
_LOOKS = {tokenize.STRING: "str", tokenize.COMMENT: "com", tokenize.NUMBER: "num"}


def listing(source: str) -> str:
    """A program as HTML: a list item for each line, with keywords, strings, numbers and comments marked.

    What is no Python is shown without marks.
    """
    marks: defaultdict[int, list[tuple[int, int, str]]] = defaultdict(list)
    for row, start, end, look in _marks(source):
        marks[row].append((start, end, look))
    rows = []
    for number, line in enumerate(source.removesuffix("\n").split("\n"), 1):
        at, parts = 0, []
        for start, end, look in marks[number]:
            if start >= at:
                parts += [escaped(line[at:start]), f'<span class="{look}">{escaped(line[start:end])}</span>']
                at = end
        parts.append(escaped(line[at:]))
        rows.append(f'<li id="L{number}">{"".join(parts)}</li>')
    return f'<ol class="source">{"".join(rows)}</ol>'


def _marks(source: str) -> Iterator[tuple[int, int, int, str]]:
    """(line, start, end, look) of what is marked, in order."""
    try:
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            look = _LOOKS.get(token.type, "")
            if token.type == tokenize.NAME and keyword.iskeyword(token.string):
                look = "key"
            if look:
                (first, start), (last, end) = token.start, token.end
                for row in range(first, last + 1):
                    yield row, start if row == first else 0, end if row == last else 1 << 30, look
    except (tokenize.TokenError, SyntaxError, ValueError):
        return


def curve(values: Sequence[float]) -> str:
    """A small curve of numbers from 0 to 1, oldest first; nothing for fewer than two."""
    if len(values) < 2:
        return ""
    step = (WIDTH - 4) / (len(values) - 1)
    points = " ".join(
        f"{2 + place * step:.1f},{HEIGHT - 3 - min(max(value, 0.0), 1.0) * (HEIGHT - 6):.1f}"
        for place, value in enumerate(values)
    )
    said = f"from {values[0]:.2f} to {values[-1]:.2f} over {len(values)} groups"
    return (
        f'<svg class="curve" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{said}"><title>{said}</title><polyline points="{points}"/></svg>'
    )


def family(graph: nx.DiGraph) -> str:
    """The drawing of envforge.lineage with every card a link to its environment's page."""
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(to_svg(graph))
    for place, card in enumerate(list(root)):
        title = card.find(f"{{{SVG}}}title")
        if card.tag != f"{{{SVG}}}g" or title is None or not title.text:
            continue
        id = title.text.rpartition("\n")[2].partition(",")[0]
        if id in graph:
            link = ElementTree.Element(f"{{{SVG}}}a", {"href": f"/environments/{id}"})
            link.append(card)
            root[place] = link
    return ElementTree.tostring(root, encoding="unicode")
