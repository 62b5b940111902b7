"""Boards: a grid of square cells with coordinates, walls, marks and words."""

from collections.abc import Sequence
from typing import Any

from canvas_core import Canvas
from canvas_places import Point

WALLS = {"N": (0, 0, 1, 0), "E": (1, 0, 1, 1), "S": (0, 1, 1, 1), "W": (0, 0, 0, 1)}  # corners: x, y, x, y


def cell_name(row: int, col: int) -> str:
    """`A1` is the upper left cell; the letter is the column, the number the row."""
    return f"{chr(65 + col)}{row + 1}"


class Grid:
    """A board of `rows` x `cols` on a canvas, its upper left corner at (x, y). Cells are (row, col) from (0, 0).

    Without `cell` (the side of a cell) it takes the room that the canvas leaves, and stands in its middle. With
    `names` the columns carry letters above and the rows numbers at the left. `lines` None draws no lines.
    """

    def __init__(
        self,
        c: Canvas,
        rows: int,
        cols: int,
        x: float | None = None,
        y: float | None = None,
        cell: float | None = None,
        *,
        names: bool = False,
        lines: str | None = "soft",
        fill: str | int | None = None,
        pad: float = 24.0,
    ) -> None:
        self.c, self.rows, self.cols = c, rows, cols
        edge = 28.0 if names else 0.0
        self.cell = cell or min((c.w - 2 * pad - edge) / cols, (c.h - 2 * pad - edge) / rows)
        self.w, self.h = self.cell * cols, self.cell * rows
        self.x = (c.w - self.w + edge) / 2 if x is None else x
        self.y = (c.h - self.h + edge) / 2 if y is None else y
        if fill is not None:
            c.rect(self.x, self.y, self.w, self.h, fill=fill, stroke=None)
        if lines is not None:
            for i in range(rows + 1):
                c.line(self.corner(i, 0), self.corner(i, cols), stroke=lines, width=1.5)
            for j in range(cols + 1):
                c.line(self.corner(0, j), self.corner(rows, j), stroke=lines, width=1.5)
        if names:
            size = min(c.size, self.cell * 0.6)
            for j in range(cols):
                c.text((self.x + (j + 0.5) * self.cell, self.y - 15), chr(65 + j), max(14, size), "soft")
            for i in range(rows):
                c.text((self.x - 16, self.y + (i + 0.5) * self.cell), i + 1, max(14, size), "soft")

    def corner(self, row: float, col: float) -> tuple[float, float]:
        """The point where cell (row, col) begins; fractions lie within."""
        return self.x + col * self.cell, self.y + row * self.cell

    def center(self, cell: Sequence[int]) -> tuple[float, float]:
        """The middle of a cell."""
        return self.corner(cell[0] + 0.5, cell[1] + 0.5)

    def fill(self, cell: Sequence[int], fill: str | int, inset: float = 0.0, **paint: Any) -> None:
        """Paint a cell, `inset` units away from its sides."""
        x, y = self.corner(*cell[:2])
        side = self.cell - 2 * inset
        self.c.rect(x + inset, y + inset, side, side, fill=fill, **{"stroke": None, **paint})

    def put(self, cell: Sequence[int], what: str, r: float = 0.33, turn: float = 0.0, **paint: Any) -> None:
        """A shape of SHAPES in a cell; `r` in cells."""
        self.c.shape(what, self.center(cell), self.cell * r, turn, **paint)

    def text(self, cell: Sequence[int], s: str | int, share: float = 0.5, **words: Any) -> None:
        """A word in a cell, `share` of it high and never too wide for it."""
        size = self.cell * share
        words = {"size": min(size, self.cell * 1.25 / max(1, len(str(s)))), **words}
        self.c.text(self.center(cell), s, **words)

    def wall(self, cell: Sequence[int], side: str, width: float = 5.0, **paint: Any) -> None:
        """A wall at the N, E, S or W side of a cell."""
        x1, y1, x2, y2 = WALLS[side]
        ends = (self.corner(cell[0] + y, cell[1] + x) for x, y in ((x1, y1), (x2, y2)))
        self.c.line(*ends, **{"width": width, "layer": 1, **paint})

    def block(self, top: int, left: int, bottom: int, right: int, **paint: Any) -> None:
        """A frame round the cells from (top, left) to (bottom, right), both included."""
        x, y = self.corner(top, left)
        w, h = (right - left + 1) * self.cell, (bottom - top + 1) * self.cell
        self.c.rect(x, y, w, h, **{"width": 3.5, "layer": 1, **paint})

    def edge_label(self, side: str, i: int, s: str | int, gap: float = 18.0, **words: Any) -> None:
        """A word outside the board at row or column `i` of its N, E, S or W side."""
        across, along = (
            (i + 0.5) * self.cell,
            {"N": -gap, "W": -gap, "E": self.w + gap, "S": self.h + gap}[side],
        )
        p: Point = (self.x + across, self.y + along) if side in "NS" else (self.x + along, self.y + across)
        self.c.text(p, s, **words)

    def trail(self, cells: Sequence[Sequence[int]], **paint: Any) -> None:
        """A line through the middles of cells."""
        self.c.polyline([self.center(cell) for cell in cells], **{"width": 4.0, **paint})
