"""Measures of pictures: boxes of texts against their ink, overlaps, contrast, fingerprints."""

from __future__ import annotations

import math
import random
from dataclasses import astuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import ImageChops

from envforge.pictures import (
    PictureError,
    border_ink,
    check_svg,
    contrast,
    differing,
    distance,
    fingerprint,
    foreground,
    outside,
    overlaps,
    rasterise,
    small_text,
    strings,
    text_boxes,
    without_text,
)
from envforge.pictures.fingerprints import opened
from envforge.pictures.geometry import Box, box_around, polygon_area, shared_area
from envforge.pictures.markup import NAMESPACE


def svg(body: str, view: str = "0 0 640 480") -> str:
    return f'<svg xmlns="{NAMESPACE}" viewBox="{view}">{body}</svg>'


def ink_box(picture: str, scale: int = 2) -> Box:
    """The box of everything that is not white, in viewBox units (of a viewBox that begins at the origin)."""
    image = opened(rasterise(picture, 640 * scale))
    ground = image.copy()
    ground.paste("white", (0, 0, *image.size))
    found = ImageChops.difference(image, ground).getbbox()
    assert found is not None, "nothing was drawn"
    left, top, right, bottom = (side / scale for side in found)
    return Box(left, top, right, bottom)


TEXTS = {
    "plain": '<text x="100" y="200" font-size="40">Hgp 42</text>',
    "bold": '<text x="100" y="200" font-size="40" font-weight="bold">Hgp 42</text>',
    "middle": '<text x="300" y="200" font-size="40" text-anchor="middle">Hgp 42</text>',
    "end": '<text x="500" y="200" font-size="40" text-anchor="end">Hgp 42</text>',
    "kerned letters": '<text x="10" y="200" font-size="60">AVAVToTyLT</text>',
    "symbols": '<text x="100" y="200" font-size="40">→≤√×°★</text>',
    "moved": '<g transform="translate(50 60)"><text x="50" y="60" font-size="40">moved</text></g>',
    "scaled": '<g transform="scale(2 .5)"><text x="50" y="260" font-size="40">wide</text></g>',
    "skewed": '<text x="100" y="200" font-size="40" transform="skewX(-20)">HHHH</text>',
    "matrix": '<text x="10" y="20" font-size="40" transform="matrix(0 1 -1 0 300 100)">Hdown</text>',
    "inherited": '<g font-size="44" font-weight="700" text-anchor="middle"><text x="300" y="90">Hall</text></g>',
    "shifted": '<text x="100" y="200" dx="30" dy="-20" font-size="40">Hup</text>',
    "white space": '<text x="100" y="200" font-size="40">\n   H  p\n  q \n</text>',
    "mixed": '<text x="300" y="200" text-anchor="middle">H<tspan font-size="50" dy="9">g</tspan>p</text>',
    "entities": '<text x="100" y="200" font-size="40">&lt;&amp;&gt;</text>',
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_box_of_a_text_is_that_of_its_ink(name: str) -> None:
    picture = svg(TEXTS[name])
    (text,) = text_boxes(picture)
    ink, box = ink_box(picture), text.bounds
    reach = 1.0 + 0.01 * (box.right - box.left)
    assert astuple(box) == pytest.approx(astuple(ink), abs=reach)


@pytest.mark.parametrize("angle", [-90, -30, 15, 45, 90, 180])
def test_the_box_of_a_turned_text_turns_with_it(angle: int) -> None:
    picture = svg(f'<text x="300" y="240" font-size="40" transform="rotate({angle} 300 240)">HIH</text>')
    (text,) = text_boxes(picture)
    ink, box = ink_box(picture), text.bounds  # letters that fill the corners of their box
    assert astuple(box) == pytest.approx(astuple(ink), abs=1.5)
    (level,) = text_boxes(svg('<text font-size="40">HIH</text>'))
    assert math.dist(*text.corners[:2]) == pytest.approx(level.bounds.right - level.bounds.left)
    assert text.corners[1][0] - text.corners[0][0] == pytest.approx(
        math.cos(math.radians(angle)) * math.dist(*text.corners[:2]), abs=1e-6
    )


@given(
    st.text("AWMijg.,:0123456789 -+=", min_size=1, max_size=12).filter(str.strip),
    st.integers(12, 40),
    st.booleans(),
    st.sampled_from(["start", "middle", "end"]),
)
@settings(max_examples=25, deadline=None)
def test_boxes_of_any_words(words: str, size: int, bold: bool, anchor: str) -> None:
    weight = "bold" if bold else "normal"
    picture = svg(
        f'<text x="320" y="240" font-size="{size / 2}" font-weight="{weight}" text-anchor="{anchor}">{words}</text>'
    )
    (text,) = text_boxes(picture)
    ink, box = ink_box(picture), text.bounds
    assert astuple(box) == pytest.approx(astuple(ink), abs=1.5)


def test_lines_of_one_text_have_boxes_of_their_own() -> None:
    picture = svg(
        '<text font-size="20">  a b<tspan x="9" y="80">c  d</tspan> e<tspan y="120"> </tspan></text>'
    )
    assert strings(picture) == ["a b", "c d e"]
    first, second = text_boxes(picture)
    assert first.bounds.bottom < second.bounds.top


def test_blank_texts_have_no_box() -> None:
    assert strings(svg('<text x="9" y="9"> </text><text/><defs/><title>T</title>')) == []


def test_words_in_definitions_and_silent_parts_are_not_in_the_picture() -> None:
    picture = svg('<title>title</title><g><desc>desc</desc><text y="20">seen</text></g>')
    assert strings(picture) == ["seen"]


def test_outside() -> None:
    picture = svg(
        '<text x="100" y="100">in</text><text x="620" y="100">beyond</text><text x="100" y="5">high</text>'
        '<text x="300" y="470" transform="rotate(90 300 470)">turned</text>'
    )
    found = dict(outside(picture))
    assert set(found) == {"beyond", "high", "turned"}
    assert found["beyond"] > 20 and found["turned"] > 20 and found["high"] < 12
    assert outside(svg('<text x="-60" y="-60">in</text>', "-100 -100 200 200")) == []


def test_overlaps() -> None:
    picture = svg(
        '<text x="100" y="100" font-size="20">first</text><text x="110" y="102" font-size="20">second</text>'
        '<text x="100" y="130" font-size="20">below</text>'
    )
    ((one, other, share),) = overlaps(picture)
    assert {one, other} == {"first", "second"} and share > 0.5
    assert overlaps(picture, bound=share) == []


def test_diagonal_neighbours_do_not_overlap_though_their_upright_boxes_do() -> None:
    rows = "".join(
        f'<text x="{x}" y="300" font-size="20" transform="rotate(-45 {x} 300)">a longer label</text>'
        for x in (100, 140, 180)
    )
    assert overlaps(svg(rows)) == []
    first, second, _ = text_boxes(svg(rows))
    assert first.bounds.within(second.bounds).area > 0


def test_many_texts_in_one_place_are_told_without_all_their_pairs() -> None:
    assert len(overlaps(svg('<text x="50" y="50">M</text>' * 2000))) == 100


def test_small_text_counts_what_transforms_make_of_it() -> None:
    picture = svg(
        '<text y="20" font-size="16">large</text><text y="40" font-size="9">small</text>'
        '<g transform="scale(.5)"><text y="99" font-size="20">halved</text></g>'
        '<text y="90" font-size="20">and<tspan font-size="5">tiny</tspan></text>'
    )
    assert small_text(picture, 12) == [("small", 9.0), ("halved", 10.0), ("andtiny", 5.0)]


def contrasts(body: str) -> dict[str, float]:
    picture = svg(body)
    return dict(contrast(picture, rasterise(without_text(picture))))


def test_contrast() -> None:
    black = '<rect x="300" width="340" height="480" fill="#111"/>'
    found = contrasts(
        black
        + "".join(
            f'<text x="{x}" y="{y}" font-size="20" {more}>{words}</text>'
            for x, y, more, words in (
                (20, 50, 'fill="#000"', "plain"),
                (20, 90, 'fill="#eee"', "pale"),
                (400, 50, 'fill="#000"', "lost"),
                (400, 90, 'fill="#fff"', "bright"),
                (250, 130, 'fill="#000"', "straddling"),
                (400, 170, 'fill="#000" stroke="#fff" stroke-width="6" paint-order="stroke"', "haloed"),
                (400, 210, 'fill="#000" stroke="#fff" stroke-width="6"', "smothered"),
                (20, 250, 'fill="#000" opacity="0"', "hidden"),
                (20, 290, 'fill="#000" fill-opacity=".2"', "faint"),
                (20, 330, 'fill="none"', "empty"),
                (20, 370, 'transform="rotate(80 20 370)"', "turned"),
            )
        )
    )
    assert found["plain"] == found["turned"] == pytest.approx(21)
    assert found["bright"] > 18 and found["haloed"] == pytest.approx(21)
    assert (
        found["pale"] < 1.3 and found["lost"] < 1.3 and found["straddling"] < 1.3 and found["smothered"] < 1.3
    )
    assert found["hidden"] == found["empty"] == 1.0
    assert 1.3 < found["faint"] < 2


def test_contrast_of_words_in_two_colours_is_that_of_the_paler() -> None:
    found = contrasts('<text y="40" font-size="20">dark<tspan fill="#f4f4f4">pale</tspan></text>')
    assert found == {"darkpale": pytest.approx(1.1, abs=0.05)}


def test_without_text_only_the_words_are_gone() -> None:
    picture = svg('<circle r="20"/><g><text y="99">7 &lt; 8</text><rect width="9" height="9"/></g>')
    bare = without_text(picture)
    assert check_svg(bare) == [] and strings(bare) == []
    assert bare == svg('<circle r="20"/><g><rect width="9" height="9"/></g>')


@pytest.mark.parametrize("measure", [text_boxes, strings, outside, overlaps, small_text, without_text])
def test_what_breaks_the_policy_is_not_measured(measure) -> None:
    with pytest.raises(PictureError, match="script"):
        measure(svg("<script/>"))


def test_foreground_and_border() -> None:
    png = rasterise(svg('<rect x="100" y="100" width="64" height="48"/>'))
    assert foreground(png) == pytest.approx(64 * 48 / (640 * 480), abs=1e-4)
    assert border_ink(png) == 0.0
    assert foreground(rasterise(svg(""))) == 0.0
    cut = rasterise(svg('<rect x="-10" y="100" width="64" height="112"/>'))
    assert border_ink(cut) == pytest.approx(112 / (2 * (640 + 480)), rel=0.02)
    assert border_ink(rasterise(svg('<rect width="640" height="480" fill="#123"/>'))) == 0.0


def board(cells: set[tuple[int, int]], side: int) -> str:
    size = 480 / side
    marks = "".join(
        f'<rect x="{x * size + 2}" y="{y * size + 2}" width="{size - 4}" height="{size - 4}" fill="#1d4ed8"/>'
        for x, y in sorted(cells)
    )
    return svg(marks, "0 0 480 480")


@pytest.mark.parametrize("side", [4, 8, 12])
def test_boards_that_differ_in_a_cell_have_other_fingerprints(side: int) -> None:
    rng = random.Random(side)
    every = [(x, y) for x in range(side) for y in range(side)]
    for _ in range(10):
        cells = set(rng.sample(every, len(every) // 3))
        changed = cells ^ {rng.choice(every)}
        one, other = rasterise(board(cells, side)), rasterise(board(changed, side))
        assert fingerprint(one) != fingerprint(other)
        assert differing(one, other) == pytest.approx(((480 / side - 4) / 480) ** 2, rel=0.2)


def test_fingerprints_stay_when_the_picture_is_resized_and_part_when_it_is_another() -> None:
    rng = random.Random(7)
    every = [(x, y) for x in range(9) for y in range(9)]
    one, other = (board(set(rng.sample(every, 30)), 9) for _ in range(2))
    print_of_one = fingerprint(rasterise(one))
    assert 0 <= print_of_one < 1 << 256
    assert distance(print_of_one, fingerprint(rasterise(one, 333))) <= 12
    assert distance(print_of_one, fingerprint(rasterise(other))) > 40
    assert distance(print_of_one, print_of_one) == 0


def test_pictures_of_different_sizes_differ_everywhere() -> None:
    picture = svg("")
    assert differing(rasterise(picture, 100), rasterise(picture, 101)) == 1.0
    assert differing(rasterise(picture), rasterise(picture)) == 0.0


@given(st.lists(st.floats(-50, 50), min_size=8, max_size=8), st.floats(0, 360))
@example([0.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0], 0.0)  # a point on an edge
def test_shared_area_of_boxes_is_that_of_their_intersection_however_both_are_turned(
    sides: list[float], angle: float
) -> None:
    first, second = box_around(list(zip(sides[:2], sides[2:4]))), box_around(list(zip(sides[4:6], sides[6:])))
    expected = first.within(second).area
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    one, other = ([(cos * x - sin * y, sin * x + cos * y) for x, y in box.corners] for box in (first, second))
    assert shared_area(one, other) == pytest.approx(expected, abs=1e-6)
    assert shared_area(one, one[::-1]) == pytest.approx(abs(polygon_area(one)), abs=1e-6)
