"""Solids: isometric heaps of unit cubes, dice, marks on their faces, and nets of cubes.

Space has x to the lower right, y to the lower left and z up; the eye is far out at (1, 1, 1). A cube [x, y, z]
reaches to [x+1, y+1, z+1] and can show three sides: `top`, `left` (towards +y) and `right` (towards +x).
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

from canvas_boards import Grid
from canvas_core import Canvas
from canvas_looks import mix
from canvas_places import Point, outline

Cell = Sequence[int]
View = Callable[[float, float, float], tuple[float, float]]
SIDES = ("top", "left", "right")
_OUTWARD = {"top": (0, 0, 1), "left": (0, 1, 0), "right": (1, 0, 0)}
_RISE = math.sqrt(3) / 2
# Where the pips of a face lie, in sides of the face from its upper left corner.
_LOW, _MID, _HIGH = 0.25, 0.5, 0.75
_TWO = ((_LOW, _LOW), (_HIGH, _HIGH))
_FOUR = (*_TWO, (_HIGH, _LOW), (_LOW, _HIGH))
PIPS = {
    1: ((_MID, _MID),),
    2: _TWO,
    3: (*_TWO, (_MID, _MID)),
    4: _FOUR,
    5: (*_FOUR, (_MID, _MID)),
    6: (*_FOUR, (_LOW, _MID), (_HIGH, _MID)),
}


def iso(p: Point, unit: float) -> View:
    """The view that puts (0, 0, 0) at `p`; `unit` is the length of a cube's edge on the picture."""
    return lambda x, y, z: (p[0] + (x - y) * _RISE * unit, p[1] + (x + y) * 0.5 * unit - z * unit)


def iso_box(cells: Sequence[Cell]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the drawing of these cubes in `iso((0, 0), 1)`."""
    at = iso((0, 0), 1)
    corners = [at(x + i, y + j, z + k) for x, y, z in cells for i in (0, 1) for j in (0, 1) for k in (0, 1)]
    xs, ys = [p[0] for p in corners], [p[1] for p in corners]
    return min(xs), min(ys), max(xs), max(ys)


def voxels(
    c: Canvas,
    cells: Sequence[Cell],
    unit: float | None = None,
    fill: str | int | Sequence[str | int] = 0,
    pad: float = 16.0,
    **paint: Any,
) -> View:
    """Cubes in the middle of the canvas, far to near, with three shades; returns their view.

    Without `unit` they are as large as `pad` at the border allows. `fill` is one colour, or one for each cube.
    Sides that touch another cube are not drawn.
    """
    left, top, right, bottom = iso_box(cells)
    unit = unit or min((c.w - 2 * pad) / (right - left), (c.h - 2 * pad) / (bottom - top))
    at = iso((c.w / 2 - (left + right) / 2 * unit, c.h / 2 - (top + bottom) / 2 * unit), unit)
    fills = [fill] * len(cells) if isinstance(fill, (str, int)) else list(fill)
    taken = {tuple(cell) for cell in cells}
    for cell, colour in sorted(zip(cells, fills), key=lambda pair: sum(pair[0])):
        x, y, z = cell
        free = [s for s, (i, j, k) in _OUTWARD.items() if (x + i, y + j, z + k) not in taken]
        cube(c, at, cell, colour, free, **paint)
    return at


def cube(
    c: Canvas, at: View, cell: Cell, fill: str | int = 0, sides: Sequence[str] = SIDES, **paint: Any
) -> None:
    """The `sides` of one cube: the top lightest, the left one darkest."""
    base = c.color(fill)
    shades = {
        "top": mix(base, "#ffffff", 0.5),
        "right": mix(base, "#ffffff", 0.12),
        "left": mix(base, "#000000", 0.25),
    }
    for side in sides:
        on = face(at, cell, side)
        corners = [on(u, v) for u, v in ((0, 0), (1, 0), (1, 1), (0, 1))]
        c.polygon(corners, **{"fill": shades[side], "stroke": mix(base, "#000000", 0.7), **paint})


def face(at: View, cell: Cell, side: str) -> Callable[[float, float], tuple[float, float]]:
    """Places on a side of a cube: (0, 0) is its upper left corner as it is seen, (1, 1) the opposite one.

    On the top, `u` runs to the lower right and `v` to the lower left.
    """
    x, y, z = cell
    if side == "top":
        return lambda u, v: at(x + u, y + v, z + 1)
    if side == "left":
        return lambda u, v: at(x + u, y + 1, z + 1 - v)
    return lambda u, v: at(x + 1, y + 1 - u, z + 1 - v)


def face_shape(
    c: Canvas, at: View, cell: Cell, side: str, kind: str, r: float = 0.3, turn: float = 0.0, **paint: Any
) -> None:
    """A shape of SHAPES, flat on a side of a cube; `r` in edges."""
    on = face(at, cell, side)
    c.polygon([on(u, v) for u, v in outline(kind, (0.5, 0.5), r, turn)], **paint)


def die(
    c: Canvas, at: View, cell: Cell, faces: Sequence[int], fill: str | int = "#f3efe6", **paint: Any
) -> None:
    """A die in the place of a cube; `faces` are the numbers on its top, left and right; 0 leaves a side blank."""
    cube(c, at, cell, fill, **paint)
    for side, number in zip(SIDES, faces):
        on = face(at, cell, side)
        for u, v in PIPS.get(number, ()):
            ring = [
                (u + 0.085 * math.cos(a / 8 * math.pi), v + 0.085 * math.sin(a / 8 * math.pi))
                for a in range(16)
            ]
            c.polygon([on(*q) for q in ring], fill="#16181d", stroke=None, layer=paint.get("layer", 0))


def die_face(
    c: Canvas, p: Point, side: float, number: int, fill: str | int = "#f3efe6", **paint: Any
) -> None:
    """One face of a die, flat, its middle at `p`."""
    x, y = p[0] - side / 2, p[1] - side / 2
    c.rect(x, y, side, side, **{"fill": fill, "stroke": "#4a463f", "round": side * 0.14, **paint})
    for u, v in PIPS[number]:
        pip = (x + u * side, y + v * side)
        c.circle(pip, side * 0.085, fill="#16181d", stroke=None, layer=paint.get("layer", 0))


def net(c: Canvas, cells: Sequence[Cell], fill: str | int = "panel", pad: float = 40.0, **paint: Any) -> Grid:
    """Squares (row, col), counted from anywhere, in the middle of the canvas; the grid returned marks them."""
    top, left = min(i for i, _ in cells), min(j for _, j in cells)
    g = Grid(c, max(i for i, _ in cells) - top + 1, max(j for _, j in cells) - left + 1, lines=None, pad=pad)
    g.x, g.y = g.x - left * g.cell, g.y - top * g.cell
    for cell in cells:
        g.fill(cell, fill, **{"stroke": "ink", **paint})
    return g


def shown(cells: Sequence[Cell]) -> list[int]:
    """How many half sides of each cube are to be seen: 0 for a hidden one, 6 for three whole sides.

    Exact: in this view every half side covers one triangle of the picture or none.
    """
    nearest: dict[tuple[int, int], tuple[int, int]] = {}
    for number, (x, y, z) in enumerate(cells):
        for i, j in ((1, 2), (2, 1)):
            for a, b, d in ((i, j, 3), (i, 3, j), (3, i, j)):
                a, b, d = 3 * x + a, 3 * y + b, 3 * z + d
                key, depth = (a - d, b - d), a + b + d
                nearest[key] = max(nearest.get(key, (depth, number)), (depth, number))
    counts = [0] * len(cells)
    for _, number in nearest.values():
        counts[number] += 1
    return counts
