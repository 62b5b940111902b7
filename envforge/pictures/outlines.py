"""The outline of every kind of shape, in its own units."""

from __future__ import annotations

import math

from envforge.pictures import values
from envforge.pictures.geometry import Box
from envforge.pictures.markup import Element
from envforge.pictures.paths import Outline, outline_of_path, outline_of_points


def outline(shape: Element) -> Outline:
    """The outline of a shape whose attributes pass the policy (`vocabulary.SHAPES`)."""
    said = shape.attributes

    def side(name: str) -> float:
        return values.number(said.get(name, "0"))

    match shape.name:
        case "path":
            return outline_of_path(said["d"])
        case "rect":
            x, y, width, height = (side(name) for name in ("x", "y", "width", "height"))
            return Outline(2 * (width + height), Box(x, y, x + width, y + height), 4)
        case "circle" | "ellipse":
            x, y = side("cx"), side("cy")
            rx, ry = (side("r"), side("r")) if shape.name == "circle" else (side("rx"), side("ry"))
            return Outline(2 * math.pi * max(rx, ry), Box(x - rx, y - ry, x + rx, y + ry), 4)
        case "line":
            ends = [(side("x1"), side("y1")), (side("x2"), side("y2"))]
            return outline_of_points(ends, closed=False)
        case _:
            return outline_of_points(values.points(said["points"]), closed=shape.name == "polygon")
