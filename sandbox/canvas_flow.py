"""Flowcharts: boxes, tests and connectors, and whole programs drawn as flowcharts."""

import math
from collections.abc import Sequence
from typing import Any

from canvas_core import Canvas
from canvas_places import Point

STEP, TEST, DROP, HALF = 42.0, 66.0, 30.0, 80.0  # heights of a box and of a diamond, gap, half a width


def flow_box(
    c: Canvas,
    p: Point,
    s: str,
    kind: str = "step",
    w: float = 170.0,
    h: float = 46.0,
    size: float | None = None,
) -> None:
    """A box of a flowchart round `p`: step, test (a diamond), end (round) or print (slanted)."""
    x, y = p
    paint: dict[str, Any] = {"fill": "panel", "stroke": "ink", "layer": 2}
    if kind == "test":
        c.polygon([(x - w / 2, y), (x, y - h / 2), (x + w / 2, y), (x, y + h / 2)], **paint)
    elif kind == "print":
        slant = 16
        c.polygon(
            [
                (x - w / 2 + slant, y - h / 2),
                (x + w / 2, y - h / 2),
                (x + w / 2 - slant, y + h / 2),
                (x - w / 2, y + h / 2),
            ],
            **paint,
        )
    else:
        c.rect(x - w / 2, y - h / 2, w, h, round=h / 2 if kind == "end" else 4, **paint)
    c.text(p, s, size)


def connector(c: Canvas, points: Sequence[Point], text: str = "", head: float = 12.0, **paint: Any) -> None:
    """A line from point to point with an arrow head at its end; `text` stands beside its beginning."""
    paint = {"stroke": "ink", "width": 2.2, **paint}
    if len(points) > 2:
        c.polyline(points[:-1], **paint)
    if head:
        c.arrow(points[-2], points[-1], head=head, **paint)
    else:
        c.line(points[-2], points[-1], **paint)
    if text:
        (ax, ay), (bx, by) = points[0][:2], points[1][:2]
        if abs(bx - ax) > abs(by - ay):
            c.text(
                (ax + math.copysign(6, bx - ax), ay - 13),
                text,
                c.size - 3,
                anchor="start" if bx > ax else "end",
            )
        else:
            c.text((ax + 9, ay + math.copysign(13, by - ay)), text, c.size - 3, anchor="start")


def flow_extent(program: Sequence[Any]) -> tuple[float, float, float]:
    """How far the flowchart of a program (see `flowchart`) reaches left and right of its axis, and its height."""
    left = right = HALF
    high = 0.0
    for step in program:
        if isinstance(step, str):
            high += DROP + STEP
        elif step[0] == "while":
            body = flow_extent(step[2])
            left, right = max(left, body[0] + 26), max(right, body[1] + 26)
            high += DROP + 8 + TEST + body[2] + 34
        else:
            yes, no = flow_extent(step[2]), flow_extent(step[3])
            left, right = max(left, yes[0] + yes[1] + 14), max(right, no[0] + no[1] + 14)
            high += DROP + TEST + max(yes[2], no[2]) + 18
    return left, right, high


def flowchart(c: Canvas, program: Sequence[Any], x: float, y: float) -> float:
    """Draw a program downwards from (x, y), where a line ends already; returns the height at which its line ends.

    A step is a string (`x = x + 1`, `print x`), ["if", test, steps, steps] or ["while", test, steps].
    """
    for step in program:
        kind = "step" if isinstance(step, str) else "test"
        top = y + DROP + (8 if step[0] == "while" else 0)
        if step != "start":
            connector(c, [(x, y), (x, top)])
        if kind == "step":
            shape = {"print": "print", "start": "end", "end": "end"}.get(step.split()[0], "step")
            flow_box(c, (x, top + STEP / 2), step, shape, 2 * HALF - 12, STEP)
            y = top + STEP
            continue
        middle = top + TEST / 2
        flow_box(c, (x, middle), step[1], "test", 2 * HALF, TEST)
        if step[0] == "while":
            left, right, _ = flow_extent(step[2])
            c.text((x + 10, top + TEST + 10), "yes", c.size - 3, anchor="start")
            c.text((x + HALF + 4, middle - 13), "no", c.size - 3, anchor="start")
            end = flowchart(c, step[2], x, top + TEST)
            back = x - left - 14
            connector(c, [(x, end), (x, end + 16), (back, end + 16), (back, y + 10), (x - 1, y + 10)])
            out = x + right + 14
            y = end + 34
            connector(c, [(x + HALF, middle), (out, middle), (out, y), (x, y)], head=0)
        else:
            ends = []
            for side, word, branch in ((-1, "yes", step[2]), (1, "no", step[3])):
                reach = flow_extent(branch)[1 if side < 0 else 0] + 14
                column = x + side * reach
                start = x + side * HALF
                connector(c, [(start, middle), (column, middle), (column, top + TEST)], head=0)
                c.text(
                    (start + side * 4, middle - 13), word, c.size - 3, anchor="end" if side < 0 else "start"
                )
                ends.append((column, flowchart(c, branch, column, top + TEST)))
            y = max(end for _, end in ends) + 18
            for column, end in ends:
                connector(c, [(column, end), (column, y), (x, y)], head=0)
    return y


def flow_canvas(program: Sequence[Any], look: dict[str, Any]) -> Canvas:
    """A canvas that is as large as the flowchart of a program needs, with the flowchart on it."""
    left, right, high = flow_extent(program)
    w, h = (32 * max(14, math.ceil((size + 72) / 32)) for size in (max(left + right, high / 2), high))
    c = Canvas(w, h, look)
    flowchart(c, program, (w - right + left) / 2, (h - high) / 2 - 14)
    return c
