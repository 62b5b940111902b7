"""Circuits: logic gates, and layers of them joined by wires at right angles.

Wires that cross are not joined; a joint carries a dot.
"""

import math
from collections.abc import Sequence
from typing import Any

from canvas_core import Canvas
from canvas_places import Point, between, polar

GATES = ("AND", "OR", "XOR", "NAND", "NOR", "XNOR", "NOT")
GATE_W, GATE_H = 76.0, 56.0
CHANNEL = 116.0  # between two columns of gates


def gate(c: Canvas, kind: str, p: Point, name: bool = True) -> None:
    """A gate of GATES whose left end is at `p`, its middle height; its output is at (x + 76, y).

    Its inputs are at (x, y - 14) and (x, y + 14), that of NOT at (x, y). With `name` the kind is written into it.
    """
    x, y = p[0], p[1]
    up, down, w = y - GATE_H / 2, y + GATE_H / 2, GATE_W
    round_end = kind in ("NAND", "NOR", "XNOR", "NOT")
    tip = x + w - (12 if round_end else 0)
    paint: dict[str, Any] = {"fill": "panel", "stroke": "ink", "layer": 2}
    if kind == "NOT":
        c.polygon([(x, up), (tip, y), (x, down)], **paint)
    elif kind in ("AND", "NAND"):
        r = GATE_H / 2
        bow = [polar((tip - r, y), r, 90 - 7.5 * i) for i in range(25)]
        c.polygon([(x, up), *bow, (x, down)], **paint)
    else:
        hollow = [(x + 12 * math.sin(math.pi * i / 12), down - GATE_H * i / 12) for i in range(13)]
        upper = [_bow((x, up), (x + w * 0.55, up), (tip, y), i / 12) for i in range(13)]
        lower = [_bow((tip, y), (x + w * 0.55, down), (x, down), i / 12) for i in range(13)]
        c.polygon([*hollow, *upper, *lower], **paint)
        if kind in ("XOR", "XNOR"):
            c.polyline([(a - 9, b) for a, b in hollow], layer=2)
    if round_end:
        c.circle((tip + 6, y), 6, fill="paper", stroke="ink", layer=2)
    if name:
        shift = {"NOT": -14.0, "AND": -4.0, "NAND": -8.0, "OR": 4.0, "XOR": 3.0}.get(kind, -2.0)
        c.text((x + w / 2 + shift, y), kind, 14 if len(kind) > 3 else 16, layer=4)


def _bow(p: Point, control: Point, q: Point, t: float) -> tuple[float, float]:
    return between(between(p, control, t), between(control, q, t), t)


def circuit(
    c: Canvas,
    inputs: Sequence[str],
    layers: Sequence[Sequence[Sequence[Any]]],
    outputs: Sequence[str],
    y: float = 0.0,
    h: float = 0.0,
    names: bool = True,
) -> None:
    """Columns of gates [kind, source, source] between the words of inputs and outputs, in the middle of the canvas.

    A source is a number of the column before, which for the first column are the inputs. `y` and `h` are the upper
    end and the height of the drawing (the whole canvas unless told); `names` writes the kinds into the gates.
    """
    h = h or c.h
    wide = 50 + len(layers) * (CHANNEL + GATE_W) + 44
    x = (c.w - wide) / 2 + 50
    rows = max(len(inputs), *(len(layer) for layer in layers))

    def level(i: int, count: int) -> float:
        return y + h / 2 + (i - (count - 1) / 2) * h / rows

    ends = [(x, level(i, len(inputs))) for i in range(len(inputs))]
    for (px, py), word in zip(ends, inputs):
        c.text((px - 8, py), word, anchor="end", bold=True)
    for layer in layers:
        centres = [level(i, len(layer)) for i in range(len(layer))]
        for i, end in enumerate(ends):
            pins = [
                centre + (14 if k else -14) * (len(sources) > 1)
                for centre, (_, *sources) in zip(centres, layer)
                for k, source in enumerate(sources)
                if source == i
            ]
            _wire(c, end, x + CHANNEL * (i + 1) / (len(ends) + 1), pins, x + CHANNEL)
        for centre, (kind, *_) in zip(centres, layer):
            gate(c, kind, (x + CHANNEL, centre), names)
        x += CHANNEL + GATE_W
        ends = [(x, centre) for centre in centres]
    for (px, py), word in zip(ends, outputs):
        c.line((px, py), (px + 28, py))
        c.text((px + 38, py), word, anchor="start", bold=True)


def _wire(c: Canvas, start: Point, track: float, pins: Sequence[float], reach: float) -> None:
    """A wire from `start` to a vertical `track`, and from there to pins at these heights, `reach` to the right."""
    if not pins:
        return
    stops = sorted({start[1], *pins})
    c.line(start, (track, start[1]))
    c.line((track, stops[0]), (track, stops[-1]))
    for pin in pins:
        c.line((track, pin), (reach + 10, pin))
    for stop in stops[1:-1]:
        c.circle((track, stop), 5, fill="ink", stroke=None)
