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
from canvas_cards import FILLS, figure, group, tile, tile_key, tiles
from canvas_charts import Axes, key, number, pie, swatch, table, ticks
from canvas_circuits import GATES, circuit, gate
from canvas_core import Canvas, smooth
from canvas_flow import connector, flow_box, flow_canvas, flow_extent, flowchart
from canvas_graphs import (
    Graph,
    automaton,
    binary_tree,
    layout,
    network,
    tag,
    tree_places,
)
from canvas_looks import NAMED, contrast, hue_names, look
from canvas_marks import (
    STICKS,
    angle_at,
    angle_mark,
    away,
    balance,
    clock,
    dimension,
    equal_mark,
    fitted,
    linework,
    matches,
    parallel_mark,
    parted,
    right_mark,
    side_text,
    spinner,
)
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
from canvas_solids import PIPS, cube, die, die_face, face, face_shape, iso, iso_box, net, shown, voxels
from canvas_text import text_width

__all__ = [
    "FILLS",
    "GATES",
    "NAMED",
    "PIPS",
    "SHAPES",
    "STICKS",
    "Axes",
    "Canvas",
    "Graph",
    "Grid",
    "angle_at",
    "angle_mark",
    "automaton",
    "away",
    "balance",
    "bearing",
    "beside",
    "between",
    "binary_tree",
    "cell_name",
    "circuit",
    "clock",
    "connector",
    "contrast",
    "crossing",
    "cube",
    "die",
    "die_face",
    "dimension",
    "distance_to",
    "equal_mark",
    "face",
    "face_shape",
    "figure",
    "fitted",
    "flow_box",
    "flow_canvas",
    "flow_extent",
    "flowchart",
    "gate",
    "group",
    "hue_names",
    "inside",
    "iso",
    "iso_box",
    "key",
    "layout",
    "linework",
    "look",
    "matches",
    "net",
    "network",
    "number",
    "outline",
    "parallel_mark",
    "parted",
    "pie",
    "polar",
    "right_mark",
    "scatter",
    "shown",
    "side_text",
    "smooth",
    "spinner",
    "swatch",
    "table",
    "tag",
    "text_width",
    "ticks",
    "tile",
    "tile_key",
    "tiles",
    "tree_places",
    "visible_shares",
    "voxels",
]
