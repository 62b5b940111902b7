"""How a picture's elements are painted: what they say themselves, and what they take over from those around them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from envforge.pictures import values
from envforge.pictures.geometry import Matrix
from envforge.pictures.markup import Element
from envforge.pictures.vocabulary import BOLD, DEFINITIONS, SILENT


@dataclass(frozen=True, slots=True)
class Style:
    """The paint of one element, and the map from its units to those of the viewBox."""

    matrix: Matrix = field(default_factory=Matrix)
    fill: str = "black"
    stroke: str = "none"
    stroke_width: float = 1.0  # in the element's own units, like `size` and `dashes`
    dashes: tuple[float, ...] = ()
    outline_first: bool = False  # the stroke lies under the fill, as a halo does
    opacity: float = 1.0  # of the element and everything around it
    fill_opacity: float = 1.0
    stroke_opacity: float = 1.0
    size: float = 16.0  # of the font; the rasteriser's default too
    bold: bool = False
    anchor: str = "start"

    def of(self, element: Element) -> Style:
        """The style of an element that lies in one of this style. Its attributes must pass the policy."""
        said = element.attributes
        style = self
        if own := {field: said[name] for name, field in _WORDS.items() if name in said}:
            style = replace(style, **own)  # type: ignore[arg-type]
        if own_numbers := {
            field: values.number(said[name]) for name, field in _NUMBERS.items() if name in said
        }:
            style = replace(style, **own_numbers)  # type: ignore[arg-type]
        if "transform" in said:
            style = replace(style, matrix=self.matrix @ values.transform(said["transform"]))
        if "opacity" in said:
            style = replace(style, opacity=self.opacity * values.share(said["opacity"]))
        if "stroke-dasharray" in said:
            style = replace(style, dashes=values.dashes(said["stroke-dasharray"]))
        if "font-weight" in said:
            style = replace(style, bold=said["font-weight"] in BOLD)
        if "paint-order" in said:
            style = replace(style, outline_first=said["paint-order"].startswith("stroke"))
        return style


_WORDS = {"fill": "fill", "stroke": "stroke", "text-anchor": "anchor"}
_NUMBERS = {
    "stroke-width": "stroke_width",
    "fill-opacity": "fill_opacity",
    "stroke-opacity": "stroke_opacity",
    "font-size": "size",
}
UNDRAWN = DEFINITIONS | SILENT  # what no walk over the drawn elements enters


def drawn(root: Element, style: Style | None = None) -> Iterator[tuple[Element, Style]]:
    """Every drawn element below and with `root`, in drawing order, with its style; a tspan belongs to its text."""
    own = (style or Style()).of(root)
    yield root, own
    if root.name != "text":
        for child in root.children:
            if child.name not in UNDRAWN:
                yield from drawn(child, own)
