"""Charts: what is drawn is what was given, gaps stay gaps, and nothing in a name does harm."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree

import pytest

from envforge.charts import COLOURS, PLOT, STYLE, WIDTH, Bar, Stroke, bars, escaped, figure, lines, stacks

SVG = "{http://www.w3.org/2000/svg}"
AWKWARD = '<script>alert("x")</script> & \x00\x1b[31m \ud800 \u202egnp.exe\u2066 反転 \'"]]>'


def parsed(text: str) -> ElementTree.Element:
    """The chart as XML, which also refers to nothing outside itself."""
    text.encode("utf-8")
    outside = re.sub(r' xmlns="http://www\.w3\.org/2000/svg"', "", text)
    assert (
        "://" not in outside and "url(" not in outside and "<script" not in outside and "href" not in outside
    )
    return ElementTree.fromstring(text)


def series(chart: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {str(g.get("data-series")): g for g in chart.iter(f"{SVG}g") if g.get("data-series")}


def runs(group: ElementTree.Element) -> list[list[tuple[float, float]]]:
    """The unbroken pieces of a line, in pixels."""
    path = group.find(f"{SVG}path")
    if path is None:
        return []
    pieces = str(path.get("d")).split("M")[1:]
    return [[(float(a), float(b)) for a, b in (p.split() for p in piece.split("L"))] for piece in pieces]


def axis(chart: ElementTree.Element) -> list[float]:
    """Where the grid's lines are, from the bottom up, in pixels."""
    across = [path for path in chart.iter(f"{SVG}path") if path.get("class") in ("axis", "grid")]
    return [float(re.findall(r"[\d.]+", str(path.get("d")))[1]) for path in across]


def words(chart: ElementTree.Element) -> str:
    return " ".join("".join(text.itertext()) for text in chart.iter(f"{SVG}text"))


def test_a_line_goes_through_its_points() -> None:
    chart = parsed(lines({"a": [(1, 0.0), (2, 0.5), (3, 1.0)]}, title="A", low=0.0, high=1.0))
    bottom, top = max(axis(chart)), min(axis(chart))
    ((first, middle, last),) = runs(series(chart)["a"])
    assert (first[1], last[1]) == (bottom, top)
    assert middle[1] == pytest.approx((bottom + top) / 2, abs=0.1)
    assert middle[0] == pytest.approx((first[0] + last[0]) / 2, abs=0.1)
    assert last[0] == WIDTH - 14 and bottom - top == PLOT
    assert "0.25" in words(chart) and "smoothed" not in str(series(chart))


@pytest.mark.parametrize("nothing", [None, math.nan, math.inf, -math.inf])
def test_what_is_missing_leaves_a_gap_and_never_a_zero(nothing: float | None) -> None:
    values = [0.6, 0.7, nothing, nothing, 0.8, nothing, 0.9, 0.7]
    chart = parsed(lines({"a": list(enumerate(values, 1))}, title="A", low=0.0, high=1.0))
    group = series(chart)["a"]
    pieces = runs(group)
    assert [len(piece) for piece in pieces] == [2, 2]
    dots = group.findall(f"{SVG}circle")
    assert len(dots) == 1, "a point without neighbours is still to be seen"
    bottom = max(axis(chart))
    assert all(y < bottom - 0.5 * PLOT for piece in pieces for _, y in piece)


def test_series_without_measurements_say_so() -> None:
    for nothing in ({}, {"a": []}, {"a": [(1, None), (2, math.nan)]}):
        assert "no measurements" in words(parsed(lines(nothing, title="A")))
    assert "no measurements" in words(parsed(bars([], title="A")))
    assert "no measurements" in words(parsed(stacks({"a": [(1, None)]}, title="A")))


def test_a_single_value_and_equal_values_can_be_drawn() -> None:
    assert series(parsed(lines({"a": [(7, 3.0)]}, title="A")))["a"].find(f"{SVG}circle") is not None
    ((first, second),) = runs(series(parsed(lines({"a": [(1, 0.0), (2, 0.0)]}, title="A")))["a"])
    assert first[1] == second[1]


def test_long_series_are_shown_raw_and_smoothed_and_the_chart_says_so() -> None:
    points = [(number, float(number % 2)) for number in range(1, 301)]
    chart = parsed(lines({"a": points}, title="A", low=0.0, high=1.0))
    groups = series(chart)
    assert list(groups) == ["a", "a, smoothed"]
    raw, smooth = runs(groups["a"])[0], runs(groups["a, smoothed"])[0]
    assert len(raw) == len(smooth) == 300
    bottom, top = max(axis(chart)), min(axis(chart))
    assert {y for _, y in raw} == {bottom, top}
    means = [(bottom - y) / PLOT for _, y in smooth[20:-20]]
    assert all(0.45 < mean < 0.55 for mean in means)
    assert "mean over 13 points" in words(chart)
    assert "faint" in str(groups["a"][1].get("class")) and "faint" not in str(
        groups["a, smoothed"][1].get("class")
    )
    plain = parsed(lines({"a": points}, title="A", smooth=False))
    assert list(series(plain)) == ["a"] and "mean over" not in words(plain)


def test_a_running_mean_has_no_value_where_nothing_was_measured() -> None:
    points = [(number, None if 100 <= number < 150 else 1.0) for number in range(1, 301)]
    chart = parsed(lines({"a": points}, title="A", low=0.0, high=2.0))
    for group in series(chart).values():
        assert [len(piece) for piece in runs(group)] == [99, 151]
        assert len({y for piece in runs(group) for _, y in piece}) == 1, "gaps do not pull the mean to zero"


def test_a_value_far_off_does_not_flatten_the_rest_and_is_told() -> None:
    points = [(number, 1.0 + number % 5 / 10) for number in range(1, 201)]
    usual = parsed(lines({"a": points}, title="A"))
    points[100] = (101, 5000.0)
    chart = parsed(lines({"a": points}, title="A"))
    assert "1 off the axis (5,000), not in the mean" in words(chart)
    assert "off the axis" not in words(usual)
    heights = [y for piece in runs(series(chart)["a, smoothed"]) for _, y in piece]
    assert max(axis(chart)) > min(heights) > min(axis(chart)) + 10, "the mean does not follow it"
    arrows = [path for path in chart.iter(f"{SVG}path") if path.get("class") == "fquiet"]
    assert len(arrows) == 1


def test_many_points_stay_small_and_keep_their_extremes() -> None:
    points = [(number, 0.5) for number in range(1, 50_001)]
    points[31_337] = (31_338, 0.9)
    text = lines({"a": points}, title="A", low=0.0, high=1.0)
    assert len(text) < 100_000
    chart = parsed(text)
    bottom = max(axis(chart))
    highest = min(y for piece in runs(series(chart)["a"]) for _, y in piece)
    assert (bottom - highest) / PLOT == pytest.approx(0.9, abs=0.01)


def test_strokes_give_looks_by_name() -> None:
    points = [(1, 0.1), (2, 0.2)]
    strokes = {"b": Stroke(3, dashed=True), "c": Stroke(None)}
    found = series(parsed(lines({"a": points, "b": points, "c": points}, title="A", strokes=strokes)))
    looks = {name: str(group[1].get("class")).split() for name, group in found.items()}
    assert looks == {"a": ["line", "s0"], "b": ["line", "s3", "dashed"], "c": ["line", "quiet"]}


def test_bars_are_as_long_as_their_values() -> None:
    rows = [
        Bar("one", 0.25, 0.2, 0.3, "before"),
        Bar("one", 0.5, 0.4, 0.6, "after"),
        Bar("two", None, group="before"),
        Bar("two", 1.0, group="after"),
    ]
    chart = parsed(bars(rows, title="A"))
    drawn = [rect for rect in chart.iter(f"{SVG}rect") if rect.get("height") == "12"]
    widths = [float(str(rect.get("width"))) for rect in drawn]
    assert widths[1] == pytest.approx(2 * widths[0], abs=0.1) and widths[2] == pytest.approx(
        4 * widths[0], abs=0.1
    )
    assert [rect.get("class") for rect in drawn] == ["f0", "f1", "f1"], "a group keeps its colour"
    whiskers = [path for path in chart.iter(f"{SVG}path") if path.get("class") == "whisker"]
    left = float(str(drawn[0].get("x")))
    ends = [float(x) for x in re.findall(r"M([\d.]+)", str(whiskers[0].get("d")))]
    assert len(whiskers) == 2, "there is none where no interval is known"
    assert (min(ends) - left) / widths[2] == pytest.approx(0.2, abs=0.01)
    assert (max(ends) - left) / widths[2] == pytest.approx(0.3, abs=0.01)
    assert words(chart).count("not measured") == 1 and "0.250" in words(chart)
    assert len([text for text in chart.iter(f"{SVG}text") if text.get("class") == "label"]) == 2


def test_stacks_add_up_and_leave_out_what_is_unknown() -> None:
    parts = {"a": [(1, 1.0), (2, 2.0), (3, None)], "b": [(1, 3.0), (2, None), (3, None)]}
    chart = parsed(stacks(parts, title="A"))
    found = series(chart)
    heights = {
        name: [float(str(rect.get("height"))) for rect in group.iter(f"{SVG}rect")]
        for name, group in found.items()
    }
    assert len(heights["a"]) == 2 and len(heights["b"]) == 1, "step 3 has no column, step 2 one part"
    assert heights["a"][1] == pytest.approx(2 * heights["a"][0], abs=0.02)
    assert heights["a"][0] + heights["b"][0] == pytest.approx(PLOT, abs=0.05)
    (upper,) = found["b"].iter(f"{SVG}rect")
    lower = next(found["a"].iter(f"{SVG}rect"))
    assert float(str(upper.get("y"))) + heights["b"][0] == pytest.approx(float(str(lower.get("y"))), abs=0.05)


def test_many_steps_become_means_in_columns() -> None:
    parts = {"a": [(number, 1.0 if number % 2 else 3.0) for number in range(1, 301)]}
    chart = parsed(stacks(parts, title="A"))
    columns = list(series(chart)["a"].iter(f"{SVG}rect"))
    assert len(columns) == 60 and "mean of 5 points" in words(chart)
    assert len(list(parsed(stacks({"a": parts["a"][:10]}, title="A")).iter(f"{SVG}rect"))) == 12


@pytest.mark.parametrize(
    "text",
    [
        lines({AWKWARD: [(1, 1.0), (2, 2.0)], "b": [(1, 1.0)]}, title=AWKWARD, x=AWKWARD, y=AWKWARD),
        bars([Bar(AWKWARD, 0.5, 0.4, 0.6, AWKWARD)], title=AWKWARD),
        stacks({AWKWARD: [(1, 1.0)]}, title=AWKWARD, x=AWKWARD, y=AWKWARD),
    ],
)
def test_names_are_text_and_nothing_else(text: str) -> None:
    chart = parsed(text)
    assert "<script>alert" in words(chart) or "<script>alert" in str(chart.get("aria-label"))
    assert not set(text) & set("\x00\x1b\ud800\u202e\u2066")
    assert {element.tag.removeprefix(SVG) for element in chart.iter()} <= {
        "svg", "style", "rect", "path", "text", "tspan", "g", "title", "circle",
    }  # fmt: skip


def test_escaping_keeps_what_is_harmless() -> None:
    assert escaped("a < b & 反転 \U0001f600\n") == "a &lt; b &amp; 反転 \U0001f600\n"
    assert escaped("\"'") == "&quot;&#x27;"
    assert escaped("\x00\ud800\u202e\ufffe") == "\ufffd" * 4


def test_the_same_data_gives_the_same_bytes() -> None:
    points = [(number, math.sin(number)) for number in range(500)]
    rows = [Bar(f"{number}", number / 9, group=f"{number % 2}") for number in range(9)]
    assert lines({"b": points, "a": points}, title="A") == lines({"b": points, "a": points}, title="A")
    assert bars(rows, title="A") == bars(rows, title="A")
    assert stacks({"a": points}, title="A") == stacks({"a": points}, title="A")


def test_a_chart_alone_brings_its_style_and_one_in_a_page_does_not() -> None:
    points = [(1, 1.0), (2, 2.0)]
    alone = lines({"a": points}, title="A")
    # Programs that know no variables (librsvg, Inkscape) would paint all of it black.
    assert "var(" in STYLE and alone.count("<style>") == 1 and "var(" not in alone
    light, dark = alone.split("@media (prefers-color-scheme:dark)")
    assert ".chart .s0{stroke:#0072b2}" in light and ".chart .s0{stroke:#58aeea}" in dark
    assert "<style>" not in lines({"a": points}, title="A", inline=True)
    assert "<style>" not in bars([Bar("a", 0.5)], title="A", inline=True)
    assert "<style>" not in stacks({"a": points}, title="A", inline=True)


def test_colours_stand_out_from_both_grounds() -> None:
    """WCAG 2.2, 1.4.11: 3 to 1 for what a picture is made of; 1.4.3: 4.5 to 1 for text."""

    def light(colour: str) -> float:
        channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear))

    schemes = re.findall(r"\.chart\{(--[^}]*)\}", STYLE)
    assert len(schemes) == 2
    for scheme in schemes:
        colours = dict(re.findall(r"--(\w+):(#\w{6})", scheme))
        ground = light(colours["ground"])
        for name in [*(f"c{number}" for number in range(COLOURS)), "ink", "soft"]:
            darker, lighter = sorted((light(colours[name]), ground))
            ratio = (lighter + 0.05) / (darker + 0.05)
            assert ratio >= (3 if name.startswith("c") else 4.5), (name, ratio)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"), (math.nan, "–"), (0.0, "0"), (0.25, "0.25"), (1.0, "1"), (12.34, "12.3"), (1234.0, "1,234"),
        (12345.0, "12.3k"), (4.5e6, "4.5M"), (2e9, "2G"), (1e-6, "1e-06"), (-0.5, "-0.5"), (0.00123, "0.00123"),
        (999_999.0, "1M"),
    ],
)  # fmt: skip
def test_figures_are_short(value: float | None, shown: str) -> None:
    assert figure(value) == shown
