"""How much work a picture asks of the rasteriser, estimated before it gets it.

A small file can ask for minutes: thousands of translucent planes over each other, layers in layers, dashes by the
million. The estimate counts in planes, a plane being one translucent fill of the whole viewBox (about 8 ms at 640 by
640 on one slow core). The rates below were measured with resvg 0.48; they bound from above and need not be exact, for
a picture worth looking at stays two orders of magnitude below the limit.
"""

from __future__ import annotations

from dataclasses import dataclass

from envforge.pictures import values
from envforge.pictures.errors import PictureError
from envforge.pictures.geometry import Box
from envforge.pictures.markup import Element
from envforge.pictures.outlines import outline
from envforge.pictures.paths import Outline
from envforge.pictures.styles import UNDRAWN, Style
from envforge.pictures.vocabulary import SHAPES

MAX_WORK = 150.0  # planes
MAX_DASHES_DRAWN = 20_000  # of all strokes together
MAX_CHARACTERS = 5_000  # of all texts together
MAX_TEXTS = 2_000  # texts and tspans
MAX_REACH = 100.0  # sides of the viewBox between it and the farthest point of anything drawn

# In planes: per element, per text and its characters, per side's length of a filled or a stroked edge, per layer
# that covers the viewBox, and how many fills a gradient costs.
ELEMENT, TEXT, CHARACTER = 0.002, 0.015, 0.01
FILLED_SIDE, STROKED_SIDE = 0.012, 0.05
LAYER, GRADIENT = 4.0, 2.5


def check_workload(root: Element, view: Box) -> float:
    """The work of a picture whose attributes pass the policy, in planes. Raises PictureError beyond a limit.

    `view` is the viewBox. Texts are counted wherever they lie, shapes where they meet the view.
    """
    clips = {
        element.attributes["id"]: element
        for holder in (root, *_descendants(root))
        for element in holder.children
        if element.name == "clipPath"
    }
    tally = _Tally(view, clips)
    tally.add(root, Style())
    if tally.dashes > MAX_DASHES_DRAWN:
        raise PictureError(
            f"the strokes have about {tally.dashes:.3g} dashes; at most {MAX_DASHES_DRAWN} are allowed: "
            "make the dashes longer"
        )
    if tally.characters > MAX_CHARACTERS:
        raise PictureError(
            f"the texts have {tally.characters} characters; at most {MAX_CHARACTERS} are allowed"
        )
    if tally.texts > MAX_TEXTS:
        raise PictureError(f"the picture has {tally.texts} texts; at most {MAX_TEXTS} are allowed")
    if tally.work > MAX_WORK:
        raise PictureError(
            f"the picture asks for too much drawing: as much as {tally.work:.0f} translucent fills of the whole "
            f"viewBox, and at most {MAX_WORK:.0f} are allowed; draw fewer, shorter or smaller shapes"
        )
    return tally.work


def _descendants(element: Element) -> list[Element]:
    found = list(element.children)
    for child in element.children:
        found += _descendants(child)
    return found


@dataclass
class _Tally:
    view: Box
    clips: dict[str, Element]
    work: float = 0.0
    dashes: float = 0.0
    characters: int = 0
    texts: int = 0

    @property
    def side(self) -> float:
        return max(self.view.right - self.view.left, self.view.bottom - self.view.top)

    def add(self, element: Element, around: Style) -> None:
        """Count an element and what it holds."""
        style = around.of(element)
        self.work += ELEMENT
        if element.name in SHAPES:
            self._shape(element, style)
        elif element.name == "text":
            self._text(element, style)
        # A group that is translucent or clipped is drawn apart, then laid over: its whole box at most. A shape that
        # is translucent needs a layer as well when it is both filled and stroked.
        said = element.attributes
        if values.number(said.get("opacity", "1")) < 1:
            self.work += LAYER * self._covered(element, style)
        if (clip := values.REFERENCE.fullmatch(said.get("clip-path", "none"))) and clip[1] in self.clips:
            share, before = self._covered(element, style), self.work
            for shape in self.clips[clip[1]].children:
                self._shape(shape, _clipping(style).of(shape))
            self.work = before + ELEMENT + share * (LAYER + self.work - before)
        if element.name not in ("text", "clipPath"):
            for child in element.children:
                if child.name not in UNDRAWN:
                    self.add(child, style)

    def _covered(self, element: Element, style: Style) -> float:
        """The share of the view that a layer with this element may take; 1 where it is not a single shape."""
        if element.name not in SHAPES:
            return 1.0
        box = outline(element).box.grown(style.stroke_width).mapped(style.matrix)
        return box.within(self.view).area / self.view.area

    def _shape(self, shape: Element, style: Style) -> None:
        line = outline(shape)
        stretch = style.matrix.stretch
        box = line.box.mapped(style.matrix)
        reach = MAX_REACH * self.side
        wide = style.stroke_width * stretch
        far = box.grown(wide)
        if min(far.left, far.top) < -reach or max(far.right, far.bottom) > reach:
            raise PictureError(
                f"a {shape.name} reaches {MAX_REACH:.0f} times the viewBox's longer side or farther from the origin"
            )
        if style.fill != "none":
            share = box.within(self.view).area / self.view.area
            self.work += share * (GRADIENT if style.fill.startswith("url") else 1.0)
            self.work += FILLED_SIDE * line.length * stretch / self.side
        if style.stroke != "none":
            self._stroke(line, style, far, wide)

    def _stroke(self, line: Outline, style: Style, far: Box, wide: float) -> None:
        length = line.length * style.matrix.stretch
        pieces: float = line.segments
        if style.dashes:
            count = line.length / sum(style.dashes) * len(style.dashes)
            self.dashes += count
            pieces += count
        share = min(far.within(self.view).area, length * wide + wide * wide) / self.view.area
        self.work += share * (GRADIENT if style.stroke.startswith("url") else 1.0)
        self.work += STROKED_SIDE * (length + 2 * pieces * wide) / self.side

    def _text(self, element: Element, style: Style) -> None:
        count = 1 + len(element.children)
        self.texts += count
        self.work += count * TEXT
        for words, size in _pieces(element, style):
            self.characters += len(words)
            self.work += len(words) * (
                CHARACTER + self._glyph(size, style, style.fill != "none", FILLED_SIDE)
            )
            if style.stroke != "none":
                wide = size + 2 * style.stroke_width
                self.work += len(words) * self._glyph(wide, style, True, STROKED_SIDE)
                if style.dashes:
                    # No glyph of the font has an outline longer than a few times its size.
                    self.dashes += len(words) * 10 * size / sum(style.dashes) * len(style.dashes)

    def _glyph(self, size: float, style: Style, painted: bool, rate: float) -> float:
        """The work of one glyph that measures `size` either way."""
        em = size * style.matrix.stretch / self.side
        return painted * (min(1.0, em * em) + 8 * rate * min(em, MAX_REACH))


def _pieces(text: Element, style: Style) -> list[tuple[str, float]]:
    """The words of a text and of its tspans, each with its font size."""
    found: list[tuple[str, float]] = []
    for part in text.content:
        if isinstance(part, str):
            found.append((part, style.size))
        else:
            size = style.of(part).size
            found += [(words, size) for words in part.content if isinstance(words, str)]
    return found


def _clipping(style: Style) -> Style:
    """The style of what a clip path holds: filled, never stroked."""
    return Style(matrix=style.matrix)
