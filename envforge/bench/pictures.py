"""Pictures per second and core, ours against matplotlib's, on the same scenes: `python -m envforge.bench.pictures`.

The scenes are a bar chart, a scatter of marked points and a board with words, each with new numbers every time,
drawn at 640 x 480 pixels to PNG bytes. Ours are timed as a learner gets them: checked by the policy, drawn in a
process of their own. matplotlib keeps its figure and only clears it, which is its quickest way. Both use one thread
at a time. Turns alternate, and a ratio is the median over the turns.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from envforge.locations import data_folder

WIDTH, HEIGHT = 640, 480
SECONDS = 2.0  # per way, scene and turn

Scene = Callable[[random.Random], dict[str, Any]]


def _bars(rng: random.Random) -> dict[str, Any]:
    return {"values": [rng.randint(10, 95) for _ in range(8)]}


def _points(rng: random.Random) -> dict[str, Any]:
    return {"points": [[rng.uniform(5, 95), rng.uniform(5, 95), rng.randint(0, 2)] for _ in range(40)]}


def _board(rng: random.Random) -> dict[str, Any]:
    return {"cells": [[rng.randint(0, 9) for _ in range(8)] for _ in range(8)]}


SCENES: dict[str, Scene] = {"bars": _bars, "points": _points, "board": _board}


def _ours() -> Callable[[str, dict[str, Any]], bytes]:
    from envforge.pictures import rasterise

    sys.path.insert(0, str(data_folder("sandbox")))
    import canvas  # type: ignore[import-not-found,unused-ignore]

    def draw(name: str, scene: dict[str, Any]) -> bytes:
        c = canvas.Canvas(WIDTH, HEIGHT)
        if name == "board":
            g = canvas.Grid(c, 8, 8, names=True)
            for row, cells in enumerate(scene["cells"]):
                for column, value in enumerate(cells):
                    if value > 6:
                        g.fill((row, column), c.tint(value % 4, 0.6))
                    g.text((row, column), value)
        else:
            for i in range(6):
                y = 430 - 80 * i
                c.line((60, y), (620, y), stroke="faint", width=1.5)
                c.text((50, y), 20 * i, anchor="end", size=16)
        for i, value in enumerate(scene.get("values", ())):
            c.rect(80 + 66 * i, 430 - 4 * value, 44, 4 * value, fill=0)
            c.text((102 + 66 * i, 418 - 4 * value), value, size=16)
            c.text((102 + 66 * i, 448), chr(65 + i), size=16)
        for x, y, kind in scene.get("points", ()):
            shape = ("circle", "square", "triangle")[kind]
            c.shape(shape, (60 + 5.6 * x, 430 - 4 * y), 8, fill=kind, width=1.5)
        return rasterise(c.svg(), WIDTH)

    return draw


def _matplotlib() -> Callable[[str, dict[str, Any]], bytes]:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=(6.4, 4.8), dpi=100)

    def draw(name: str, scene: dict[str, Any]) -> bytes:
        figure.clear()
        axes = figure.add_subplot()
        if name == "board":
            shades = [[cell if cell > 6 else 0 for cell in row] for row in scene["cells"]]
            axes.imshow(shades, cmap="Blues", vmax=14)
            axes.set_xticks(range(8), "ABCDEFGH")
            axes.set_yticks(range(8), range(1, 9))
            for row, cells in enumerate(scene["cells"]):
                for column, value in enumerate(cells):
                    axes.text(column, row, str(value), ha="center", va="center")
        else:
            axes.set_ylim(0, 100)
            axes.set_yticks(range(0, 101, 20))
            axes.grid(axis="y")
        if name == "bars":
            found = axes.bar(list("ABCDEFGH"), scene["values"])
            axes.bar_label(found)
        for kind, marker in enumerate("os^" if name == "points" else ""):
            chosen = [(x, y) for x, y, other in scene["points"] if other == kind]
            axes.scatter(*zip(*chosen), marker=marker, s=60) if chosen else None
        stream = io.BytesIO()
        figure.savefig(stream, format="png")
        return stream.getvalue()

    return draw


def measure(turns: int, seconds: float) -> dict[str, Any]:
    """Pictures per second of wall time by scene and way, and how many times as many ours are."""
    ways = {"ours": _ours(), "matplotlib": _matplotlib()}
    rates: dict[str, dict[str, list[float]]] = {name: {way: [] for way in ways} for name in SCENES}
    for draw in ways.values():
        for name, scene in SCENES.items():
            draw(name, scene(random.Random(0)))  # loads and starts what is not measured
    for turn in range(turns):
        for name, scene in SCENES.items():
            for way, draw in ways.items():
                rng, count, start = random.Random(turn), 0, time.perf_counter()
                while time.perf_counter() - start < seconds:
                    draw(name, scene(rng))
                    count += 1
                rates[name][way].append(count / (time.perf_counter() - start))
    return {
        name: {
            "ours": round(statistics.median(found["ours"]), 1),
            "matplotlib": round(statistics.median(found["matplotlib"]), 1),
            "times": round(statistics.median(a / b for a, b in zip(found["ours"], found["matplotlib"])), 2),
        }
        for name, found in rates.items()
    }


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m envforge.bench.pictures",
        description="Pictures per second against matplotlib, the same scenes in one run (docs/benchmarks.md).",
    )
    parser.add_argument("--turns", type=int, default=5, help="how often every way is measured (default 5)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="per scene, way and turn (default 2)")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    options = parser.parse_args()
    figures = measure(options.turns, options.seconds)
    if options.json:
        print(json.dumps(figures, indent=2))
        return
    shown = Table("scene", "ours/s", "matplotlib/s", "times", box=box.SIMPLE_HEAD)
    for column in shown.columns[1:]:
        column.justify = "right"
    for name, row in figures.items():
        shown.add_row(name, f"{row['ours']:.1f}", f"{row['matplotlib']:.1f}", f"{row['times']:.2f}")
    Console(highlight=False).print(shown)


if __name__ == "__main__":
    main()
