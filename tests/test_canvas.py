"""The drawing vocabulary: it draws what it measures, its audit sees what is wrong, its chance is the rng's."""

from __future__ import annotations

import itertools
import json
import math
import random
import re
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envforge.locations import data_folder
from envforge.pictures import check_svg

sys.path.insert(0, str(data_folder("sandbox")))
import canvas  # type: ignore[import-not-found,unused-ignore]
from canvas_looks import THEMES  # type: ignore[import-not-found,unused-ignore]
from canvas_text import _SYMBOLS  # type: ignore[import-not-found,unused-ignore]

FONTS = Path(__file__).resolve().parents[1] / "envforge" / "pictures" / "fonts"
PLAIN = "".join(map(chr, range(32, 127)))


@pytest.mark.parametrize(("file", "bold"), [("DejaVuSans.ttf", False), ("DejaVuSans-Bold.ttf", True)])
def test_widths_are_those_of_the_font(file: str, bold: bool) -> None:
    from PIL import ImageFont

    font = ImageFont.truetype(str(FONTS / file), 2048)
    for letter in [*PLAIN, *_SYMBOLS]:
        assert canvas.text_width(letter, 2048, bold) == pytest.approx(font.getlength(letter), abs=1), letter


def test_a_character_that_cannot_be_measured_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot measure"):
        canvas.text_width("\u4e2d", 10)


def pages(look: dict[str, Any]) -> str:
    """Something of everything."""
    c = canvas.Canvas(640, 480, look)
    a, b, d, e = c.split(2, 2, fill="panel", round=8)
    for i, kind in enumerate(canvas.SHAPES):
        a.shape(kind, (40 + 50 * (i % 5), 45 + 80 * (i // 5)), 20, 10 * i, fill=i % 8)
    g = canvas.Grid(b, 5, 6, names=True)
    g.fill((1, 2), 3)
    g.put((2, 2), "star", fill=1)
    g.wall((3, 3), "E")
    g.text((0, 0), 12)
    g.trail([(4, 0), (4, 4), (3, 4)])
    d.arrow((20, 20), (200, 60), both=True)
    d.bend_arrow((20, 90), (200, 90), 25)
    d.hatch(canvas.outline("hexagon", (240, 130), 45), "cross", 30)
    d.hatch(canvas.outline("circle", (80, 150), 35), "dots")
    d.curve([(10, 190), (60, 170), (120, 200), (200, 180)], stroke=2, width=3)
    e.text_box((80, 60), "words in a box & more <of> them", max_width=120)
    e.sector((220, 100), 60, 20, 100, fill=0)
    e.sector((220, 100), 60, 100, 300, 30, fill=1)
    e.legend(20, 150, [(0, "first"), (1, "second")])
    e.ellipse((220, 190), 40, 15)
    e.arc((150, 190), 10, 0, 200)
    return str(c.svg())


@pytest.mark.parametrize("theme", THEMES)
def test_everything_it_draws_passes_the_policy_in_every_theme(theme: str) -> None:
    svg = pages({**canvas.look(random.Random(1)), "theme": theme})
    assert check_svg(svg) == []
    assert ElementTree.fromstring(svg).get("viewBox") == "0 0 640 480"
    assert re.findall(r"nan|inf|None", svg) == []


@pytest.mark.parametrize("theme", THEMES)
def test_words_can_be_read_on_the_ground_of_every_theme(theme: str) -> None:
    colours = THEMES[theme]
    for ground in ("paper", "panel"):
        assert canvas.contrast(colours["ink"], colours[ground]) >= 7
        assert canvas.contrast(colours["soft"], colours[ground]) >= 4.5
    for series in colours["series"]:
        assert canvas.contrast(series, colours["paper"]) >= 2.5, series


def lab(colour: str) -> tuple[float, float, float]:
    """CIE L*a*b* under D65."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    x = (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047
    y = 0.2126 * r + 0.7152 * g + 0.0722 * b
    z = (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883
    fx, fy, fz = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in (x, y, z))
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


def test_named_colours_can_be_told_apart() -> None:
    for (one, a), (two, b) in itertools.combinations(canvas.NAMED.items(), 2):
        assert math.dist(lab(a), lab(b)) >= 20, (one, two)


def test_the_audit_finds_what_is_wrong_and_nothing_else() -> None:
    c = canvas.Canvas(640, 480)
    c.text((100, 100), "fine")
    c.line((10, 10), (200, 10))
    assert c.audit() == []
    c.text((110, 102), "clash")
    c.text((630, 300), "out of it")
    c.text((300, 300), "tiny", size=9)
    c.text((300, 400), "pale", fill="faint")
    c.line((10, 50), (90, 50), width=0.5)
    c.circle((5, 240), 30)
    found = "\n".join(c.audit())
    for part in (
        "'fine' and 'clash' overlap",
        "'out of it' leaves",
        "'tiny' has a size",
        "'pale' has a contrast",
    ):
        assert part in found
    assert "a stroke of 0.5" in found and "a circle leaves" in found
    assert len(c.audit()) == 6


def test_contrast_is_measured_against_what_lies_beneath() -> None:
    c = canvas.Canvas(640, 480)
    c.rect(0, 0, 200, 200, fill="ink")
    c.text((100, 100), "dark on dark")
    assert any("contrast" in line for line in c.audit())
    c.rect(20, 80, 160, 40, fill="paper", layer=1)
    assert c.audit() == []


def test_labels_go_where_there_is_room() -> None:
    c = canvas.Canvas(640, 480)
    first = c.label((300, 200), "P")
    second = c.label((300, 200), "Q")
    apart = first[2] <= second[0] or second[2] <= first[0] or first[3] <= second[1] or second[3] <= first[1]
    assert apart
    corner = c.label((4, 4), "wide label")
    assert corner[0] >= 0 and corner[1] >= 0


def test_panels_draw_into_the_whole_with_an_origin_of_their_own() -> None:
    c = canvas.Canvas(640, 480)
    c.panel(300, 200, 100, 100).circle((10, 20), 5)
    assert 'cx="310" cy="220"' in c.svg()


def test_turned_words_are_measured_turned() -> None:
    c = canvas.Canvas(640, 480)
    left, top, right, bottom = c.text((300, 200), "a long word", turn=90)
    assert bottom - top > 3 * (right - left)
    assert 'transform="rotate(-90 300' in c.svg()


Point = tuple[int, int]
POINTS = st.tuples(st.integers(0, 600), st.integers(0, 400))


@given(st.lists(POINTS, min_size=3, max_size=8, unique=True), st.sampled_from([0, 30, 45, 90]))
@settings(deadline=None, max_examples=60)
def test_hatches_stay_in_their_polygon(points: list[tuple[int, int]], angle: float) -> None:
    c = canvas.Canvas(640, 480)
    c.hatch(points, "lines", angle)
    for a, b, x, y in re.findall(r'd="M([\d.-]+) ([\d.-]+)L([\d.-]+) ([\d.-]+)"', c.svg()):
        middle = (float(a) + float(x)) / 2, (float(b) + float(y)) / 2
        near = min(canvas.distance_to(middle, p, q) for p, q in zip(points, [*points[1:], points[0]]))
        assert canvas.inside(points, middle) or near < 1.0


@given(st.integers(0, 2**32), st.integers(1, 14))
@settings(deadline=None, max_examples=40)
def test_scattered_places_are_apart_and_inside(seed: int, n: int) -> None:
    radii = [12 + (7 * i) % 14 for i in range(n)]
    places = canvas.scatter(random.Random(seed), radii, 640, 480)
    assert places == canvas.scatter(random.Random(seed), radii, 640, 480)
    assert json.loads(json.dumps(places)) == places
    for (x, y), r in zip(places, radii):
        assert r <= x <= 640 - r and r <= y <= 480 - r
    for (p, r), (q, s) in itertools.combinations(zip(places, radii), 2):
        assert math.dist(p, q) >= r + s


def test_scatter_ends_even_where_there_is_hardly_room() -> None:
    places = canvas.scatter(random.Random(3), [40] * 24, 640, 480)
    assert len(places) == 24


@given(POINTS, POINTS, POINTS, POINTS)
def test_where_segments_cross_both_have_a_point(a: Point, b: Point, c: Point, d: Point) -> None:
    found = canvas.crossing(a, b, c, d)
    if found is not None:
        assert canvas.distance_to(found, a, b) < 1e-6 and canvas.distance_to(found, c, d) < 1e-6


def test_visible_shares_are_those_of_plain_geometry() -> None:
    square = [(0, 0), (100, 0), (100, 100), (0, 100)]
    right = [(50, 0), (150, 0), (150, 100), (50, 100)]
    shares = canvas.visible_shares([square, right], steps=40)
    assert shares[0] == pytest.approx(0.5, abs=0.03)
    assert shares[1] == 1.0
    assert canvas.visible_shares([square, square])[0] == 0.0


@pytest.mark.parametrize("kind", canvas.SHAPES)
def test_shapes_fit_their_radius_and_turn(kind: str) -> None:
    corners = canvas.outline(kind, (0, 0), 50)
    assert max(math.dist((0, 0), p) for p in corners) <= 68
    if kind not in ("circle",):
        turned = canvas.outline(kind, (0, 0), 50, 20)
        assert turned != corners
        area = abs(sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(corners, [*corners[1:], corners[0]])))
        again = abs(sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(turned, [*turned[1:], turned[0]])))
        assert area == pytest.approx(again, rel=0.02)


def test_a_look_is_json_and_names_need_light() -> None:
    looks = [canvas.look(random.Random(i)) for i in range(40)]
    assert json.loads(json.dumps(looks)) == looks
    assert {look["theme"] for look in looks} == set(THEMES)
    named = {canvas.look(random.Random(i), named=True)["theme"] for i in range(40)}
    assert named < set(THEMES) and "dark" not in named
    assert len(set(canvas.hue_names(random.Random(1), 6))) == 6


def test_what_the_front_lists_is_there() -> None:
    assert sorted(canvas.__all__) == list(canvas.__all__) or len(set(canvas.__all__)) == len(canvas.__all__)
    for name in canvas.__all__:
        assert getattr(canvas, name).__doc__ or name in ("NAMED", "SHAPES")
