"""Cards and tiles: figures whose fill tells them apart without colour, groups of them, boards of tiles."""

from collections.abc import Sequence

from canvas_boards import Grid
from canvas_core import Canvas
from canvas_places import Point, outline

FILLS = ("open", "striped", "dotted", "solid")

# For one to six figures on a card: their places in half sides from its middle, and the radius of each.
_GROUPS: tuple[tuple[tuple[tuple[float, float], ...], float], ...] = (
    (((0, 0),), 0.56),
    (((-0.45, 0), (0.45, 0)), 0.36),
    (((-0.43, 0.38), (0.43, 0.38), (0, -0.42)), 0.34),
    (((-0.43, -0.43), (0.43, -0.43), (-0.43, 0.43), (0.43, 0.43)), 0.33),
    (((-0.52, -0.52), (0.52, -0.52), (0, 0), (-0.52, 0.52), (0.52, 0.52)), 0.27),
    (((-0.58, -0.4), (0, -0.4), (0.58, -0.4), (-0.58, 0.4), (0, 0.4), (0.58, 0.4)), 0.26),
)


def figure(
    c: Canvas,
    p: Point,
    r: float,
    kind: str,
    fill: str = "solid",
    color: str | int = 0,
    turn: float = 0.0,
) -> None:
    """A shape of SHAPES round `p` in a colour, its inside after one of FILLS: striped and dotted need `r` of 12."""
    c.shape(kind, p, r, turn, fill=color if fill == "solid" else None, stroke=color, width=3.0)
    if fill == "striped":
        c.hatch(outline(kind, p, r - 2, turn), "lines", 45, max(5.0, r / 3.5), stroke=color, width=2.0)
    elif fill == "dotted":
        c.hatch(outline(kind, p, r - 2, turn), "dots", gap=max(7.0, r / 2.6), stroke=color, width=2.0)


def group(
    c: Canvas, p: Point, side: float, count: int, kind: str, fill: str = "solid", color: str | int = 0
) -> None:
    """One to six like figures on a square of `side` round `p`."""
    places, r = _GROUPS[count - 1]
    for dx, dy in places:
        figure(c, (p[0] + dx * side / 2, p[1] + dy * side / 2), r * side / 2, kind, fill, color)


def tile(c: Canvas, x: float, y: float, side: float, value: int) -> None:
    """A square whose colour stands for a value of 1 to 5, and a mark on it likewise; 0 draws nothing."""
    if value == 0:
        return
    c.rect(x, y, side, side, fill=value - 1, stroke=None)
    middle, r, mark = (x + side / 2, y + side / 2), side * 0.2, c.on(value - 1)
    if value == 2:
        c.circle(middle, r, fill=mark, stroke=None)
    elif value == 3:
        c.shape("cross", middle, r * 1.5, 45, fill=mark, stroke=None)
    elif value == 4:
        c.rect(x + side * 0.2, y + side * 0.42, side * 0.6, side * 0.16, fill=mark, stroke=None)
    elif value == 5:
        c.circle(middle, r * 1.2, fill=None, stroke=mark, width=max(2.0, side * 0.08))


def tiles(
    c: Canvas, rows: Sequence[Sequence[int]], x: float, y: float, cell: float, *, names: bool = False
) -> Grid:
    """A board of tiles, its upper left corner at (x, y): one value for each cell."""
    for i, row in enumerate(rows):
        for j, value in enumerate(row):
            tile(c, x + j * cell, y + i * cell, cell, value)
    return Grid(c, len(rows), len(rows[0]), x, y, cell, names=names)


def tile_key(
    c: Canvas, x: float, y: float, letters: str, *, first: int = 0, side: float = 28.0, step: float = 84.0
) -> None:
    """Tiles from value `first` on in a level row, and beside each the letter that stands for it in an answer."""
    for i, letter in enumerate(letters):
        left = x + i * step
        tile(c, left, y - side / 2, side, first + i)
        c.rect(left, y - side / 2, side, side, stroke="soft", width=1.5)
        c.text((left + side + 10, y), f"= {letter}", anchor="start")
