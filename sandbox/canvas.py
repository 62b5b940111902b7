"""The drawing vocabulary of visual environments: the one module beyond the standard library that draws.

    from canvas import Canvas, Grid, look

    def generate(rng, difficulty):
        return {..., "look": look(rng)}          # what needs chance is drawn here and lies in the state

    def render(state):
        c = Canvas(640, 480, state["look"])
        c.shape("star", (320, 240), 60, fill=0)
        return c.svg()

Everything is measured before it is drawn, so `Canvas.audit()` can tell of words that clash. This module only gathers
the names; each family lies in the module it is imported from.
"""

from canvas_boards import Grid, cell_name
from canvas_core import Canvas, smooth
from canvas_looks import NAMED, contrast, hue_names, look
from canvas_places import (
    SHAPES,
    bearing,
    beside,
    between,
    crossing,
    distance_to,
    inside,
    outline,
    polar,
    scatter,
    visible_shares,
)
from canvas_text import text_width

__all__ = [
    "NAMED",
    "SHAPES",
    "Canvas",
    "Grid",
    "bearing",
    "beside",
    "between",
    "cell_name",
    "contrast",
    "crossing",
    "distance_to",
    "hue_names",
    "inside",
    "look",
    "outline",
    "polar",
    "scatter",
    "smooth",
    "text_width",
    "visible_shares",
]
