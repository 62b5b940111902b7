"""Charts as SVG text: lines over steps, bars with intervals, stacked columns.

The pictures need nothing but what they hold: no script, no font, no image from elsewhere. They follow the reader's
light or dark setting. The colours are those of Okabe and Ito (2008, "Color Universal Design"), which people with any
kind of colour vision tell apart, darkened or lightened for the two grounds. The same data gives the same bytes.

A value of None (or one that is no finite number) is a gap: nothing is drawn there, and nothing is put in its place.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

Point = tuple[float, float | None]

WIDTH = 520
LEFT, RIGHT = 50, 14  # of the plot, in pixels
PLOT = 176  # its height
COLOURS = 6  # then they begin anew
SMOOTHED_FROM = 60  # points: with more, lines() draws a running mean as well
COLUMNS = 64  # of stacks() at most

_LIGHT = "--ground:#ffffff;--ink:#1f2937;--soft:#5b6472;--grid:#e7e9ee;" + "".join(
    f"--c{number}:{colour};"
    for number, colour in enumerate(("#0072b2", "#d55e00", "#009e73", "#b0559a", "#b57b00", "#3690c9"))
)
_DARK = "--ground:#171b22;--ink:#e6e9ee;--soft:#9aa4b2;--grid:#2b313b;" + "".join(
    f"--c{number}:{colour};"
    for number, colour in enumerate(("#58aeea", "#f28c4b", "#3fc79a", "#db93c6", "#e9b949", "#9bd3f5"))
)
_RULES = (
    ".chart{font:11.5px system-ui,-apple-system,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;"
    "font-variant-numeric:tabular-nums}"
    ".chart .ground{fill:var(--ground)}.chart text{fill:var(--ink)}.chart .soft{fill:var(--soft)}"
    ".chart .small{font-size:10.5px;font-weight:400}.chart .name{font-size:13.5px;font-weight:600}"
    ".chart .grid{stroke:var(--grid);stroke-width:1}.chart .axis{stroke:var(--soft);stroke-width:1}"
    ".chart .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}"
    ".chart .faint{stroke-width:1;opacity:.28}.chart .dashed{stroke-dasharray:5 4}"
    ".chart .whisker{fill:none;stroke:var(--ink);stroke-width:1.2}"
    + "".join(f".chart .s{n}{{stroke:var(--c{n})}}.chart .f{n}{{fill:var(--c{n})}}" for n in range(COLOURS))
    + ".chart .quiet{stroke:var(--soft);stroke-width:1;opacity:.45}.chart .fquiet{fill:var(--soft)}"
)

# In a page, colours are variables. A file of its own is also read by programs that know none, so there they are
# written out, those of the dark after those of the light.
STYLE = f".chart{{{_LIGHT}}}@media (prefers-color-scheme:dark){{.chart{{{_DARK}}}}}{_RULES}"


def _written_out(colours: str) -> str:
    values = dict(entry.split(":") for entry in colours.rstrip(";").split(";"))
    return re.sub(r"var\((--\w+)\)", lambda found: values[found[1]], _RULES)


_ALONE = f"{_written_out(_LIGHT)}@media (prefers-color-scheme:dark){{{_written_out(_DARK)}}}"

# What XML forbids, and what turns the direction of text around.
_UNSAFE = re.compile(
    "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]"
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One row of `bars`. `low` and `high` bound the interval; bars of one group share a colour."""

    label: str
    value: float | None
    low: float | None = None
    high: float | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Stroke:
    """How a line looks: the number of its colour (None: grey and thin, for what is only context), and whether
    it is dashed."""

    colour: int | None = 0
    dashed: bool = False


def escaped(text: str) -> str:
    """`text` for XML and HTML, in elements and attributes. What XML cannot hold, and characters that turn the
    direction of text around, become U+FFFD."""
    return html.escape(_UNSAFE.sub("\ufffd", text))


def figure(value: float | None) -> str:
    """A number as charts and tables show it: three significant digits, 12.3k, 4.5M, 1e-06; "–" for a gap."""
    if value is None or not math.isfinite(value):
        return "–"
    size = abs(value)
    if size == 0:
        return "0"
    # Where rounding to three digits would reach the next unit, that unit begins.
    for unit, factor, start in (("G", 1e9, 9.995e8), ("M", 1e6, 9.995e5), ("k", 1e3, 9_999.5)):
        if size >= start:
            return f"{value / factor:.3g}{unit}" if size < 9.995e11 else f"{value:.3g}"
    if size < 1e-3:
        return f"{value:.2g}"
    return f"{value:,.0f}" if size >= 100 else f"{value:.3g}"


def lines(
    series: Mapping[str, Sequence[Point]],
    *,
    title: str,
    x: str = "step",
    y: str = "",
    low: float | None = None,
    high: float | None = None,
    smooth: bool = True,
    strokes: Mapping[str, Stroke] | None = None,
    inline: bool = False,
) -> str:
    """Lines by name, each a sequence of (x, y) in increasing x.

    `low` and `high` fix the ends of the y axis. Long series are shown as they are, faint, with a running mean on top
    (unless `smooth` is off); the chart says over how many points. Values far beyond all others do not flatten the
    rest: they become arrows at the edge, outside the mean, and the chart says how many they are and
    names the furthest. `strokes` sets
    looks by name; others take the colours in order. `inline` leaves STYLE to the page around.
    """
    data = {name: [(at, _known(value)) for at, value in points] for name, points in series.items()}
    looks = {name: (strokes or {}).get(name) or Stroke(number % COLOURS) for number, name in enumerate(data)}
    values = [value for points in data.values() for _, value in points if value is not None]
    places = [at for points in data.values() for at, value in points if value is not None]
    chart = _Chart(title, y, inline)
    chart.legend([(name, _key(looks[name])) for name in data] if len(data) > 1 else [])
    if not values:
        return chart.empty()
    bottom, top = _range(values, low, high)
    ticks = _ticks(bottom, top)
    if low is None:
        bottom = min(bottom, ticks[0])
    if high is None:
        top = max(top, ticks[-1])
    first, last = min(places), max(places)
    if first == last:
        first, last = first - 1, last + 1
    chart.frame(ticks, bottom, top)
    chart.steps(first, last, x)

    def across(at: float) -> float:
        return LEFT + (at - first) / (last - first) * (WIDTH - LEFT - RIGHT)

    def up(value: float) -> float:
        return chart.top + PLOT - (min(max(value, bottom), top) - bottom) / (top - bottom) * PLOT

    def inside(value: float) -> bool:
        slack = 1e-9 * (top - bottom)  # a mean of ones may come out a little above 1
        return bottom - slack <= value <= top + slack

    longest = max(len(points) for points in data.values())
    window = max(5, longest // 25) | 1 if smooth and longest > SMOOTHED_FROM else 1
    beyond: list[tuple[float, float]] = []
    fore: list[str] = []
    back: list[str] = []
    for name, points in data.items():
        look = looks[name]
        beyond += [(at, value) for at, value in points if value is not None and not inside(value)]
        drawn = _path([(across(at), None if v is None else up(v)) for at, v in points], look, window > 1)
        (fore if window == 1 else back).append(_named(name, drawn))
        if window > 1:
            usual = [(at, v if v is not None and inside(v) else None) for at, v in points]
            means = [(across(at), None if v is None else up(v)) for at, v in _running(usual, window)]
            fore.append(_named(f"{name}, smoothed", _path(means, look, False, bridge=window // 2)))
    chart.parts += back + fore
    note = f"strong: mean over {window} points · faint: each" if window > 1 else ""
    if beyond:
        for at, value in beyond:
            edge, tip = (chart.top, -5) if value > top else (chart.top + PLOT, 5)
            chart.parts.append(f'<path class="fquiet" d="M{across(at) - 3.5:.1f} {edge:.1f}h7l-3.5 {tip}z"/>')
        furthest = max(beyond, key=lambda pair: abs(pair[1]))[1]
        outside = f"{len(beyond)} off the axis ({figure(furthest)})"
        note = f"{note} · {outside}, not in the mean" if note else outside
    chart.note(note)
    return chart.text()


def bars(
    rows: Sequence[Bar], *, title: str, low: float = 0.0, high: float = 1.0, inline: bool = False
) -> str:
    """Horizontal bars from `low` to each value, with whiskers from `low` to `high` of its interval.

    Neighbours with the same label stand together under it. A row without a value says so.
    """
    groups = list(dict.fromkeys(row.group for row in rows if row.group))
    colours = {name: number % COLOURS for number, name in enumerate(groups)}
    chart = _Chart(title, "", inline)
    chart.legend([(name, f'class="f{colours[name]}"') for name in groups])
    if not rows:
        return chart.empty()
    left, right = 176, WIDTH - 118

    def across(value: float) -> float:
        return left + (min(max(value, low), high) - low) / (high - low) * (right - left)

    blocks: list[list[Bar]] = []
    for row in rows:
        if blocks and blocks[-1][0].label == row.label and row.group != blocks[-1][-1].group:
            blocks[-1].append(row)
        else:
            blocks.append([row])
    y = chart.top + 2.0
    body: list[str] = []
    for block in blocks:
        label = _wrapped(block[0].label, left - 26)
        start, height = y, max(17 * len(block), 14 * len(label) + 2)
        body.append(_label(block[0].label, label, start + height / 2))
        y += (height - 17 * len(block)) / 2
        for row in block:
            colour = colours.get(row.group, 0)
            said, interval = "not measured", ""
            if (value := _known(row.value)) is not None:
                said = f"{value:.3f}" if high <= 1 else figure(value)
                body.append(
                    f'<rect class="f{colour}" x="{left}" y="{y + 2.5:.1f}" height="12" rx="1.5" '
                    f'width="{max(across(value) - left, 0.8):.1f}"/>'
                )
                if row.low is not None and row.high is not None:
                    first, last = across(row.low), across(row.high)
                    body.append(
                        f'<path class="whisker" d="M{first:.1f} {y + 5.5:.1f}v6M{first:.1f} {y + 8.5:.1f}H{last:.1f}'
                        f'M{last:.1f} {y + 5.5:.1f}v6"/>'
                    )
                    interval = f'<tspan class="soft small" dx="6">{row.low:.2f} to {row.high:.2f}</tspan>'
            soft = "" if value is not None else ' class="soft small"'
            body.append(f'<text{soft} x="{right + 10}" y="{y + 12.5:.1f}">{said}{interval}</text>')
            y += 17
        y = start + height + 9
    chart.bottom = y
    for tick in _ticks(low, high):
        chart.parts.append(
            f'<path class="grid" d="M{across(tick):.1f} {chart.top}V{y:.1f}"/>'
            f'<text class="soft small" x="{across(tick):.1f}" y="{y + 14:.1f}" text-anchor="middle">'
            f"{figure(tick)}</text>"
        )
    chart.parts += body
    chart.parts.append(f'<path class="axis" d="M{left} {chart.top}V{y:.1f}"/>')
    return chart.text()


def stacks(
    series: Mapping[str, Sequence[Point]], *, title: str, x: str = "step", y: str = "", inline: bool = False
) -> str:
    """Columns of parts that add up, over steps, the first named at the bottom.

    With more than COLUMNS steps each column is the mean of several, and the chart says of how many. A step for which
    no part is known has no column.
    """
    data = {name: {at: _known(value) for at, value in points} for name, points in series.items()}
    steps = sorted({at for points in data.values() for at in points})
    chart = _Chart(title, y, inline)
    chart.legend([(name, f'class="f{number % COLOURS}"') for number, name in enumerate(data)])
    width = math.ceil(len(steps) / COLUMNS)
    chunks = [steps[start : start + width] for start in range(0, len(steps), max(width, 1))]
    columns: list[tuple[list[float], dict[str, float]]] = []
    for chunk in chunks:
        means = {name: _mean([points.get(at) for at in chunk]) for name, points in data.items()}
        columns.append((chunk, {name: mean for name, mean in means.items() if mean is not None}))
    top = max((sum(column.values()) for _, column in columns), default=0.0)
    if top <= 0:
        return chart.empty()
    ticks = _ticks(0.0, top)
    top = max(top, ticks[-1])
    chart.frame(ticks, 0.0, top)
    chart.steps(steps[0], steps[-1], x, within=1 / len(steps))
    pitch = (WIDTH - LEFT - RIGHT) / len(steps)
    for number, name in enumerate(data):
        drawn = []
        for index, (chunk, column) in enumerate(columns):
            if name not in column:
                continue
            below = sum(column.get(other, 0.0) for other in list(data)[:number])
            height = column[name] / top * PLOT
            gap = 1.5 if pitch * width > 4 else 0.0
            drawn.append(
                f'<rect x="{LEFT + index * width * pitch + gap / 2:.1f}" '
                f'y="{chart.top + PLOT - below / top * PLOT - height:.2f}" '
                f'width="{max(len(chunk) * pitch - gap, 0.5):.1f}" height="{height:.2f}"/>'
            )
        chart.parts.append(_named(name, drawn, f' class="f{number % COLOURS}"'))
    chart.note(f"each column: mean of {width} points" if width > 1 else "")
    return chart.text()


class _Chart:
    """The parts every chart has: ground, title, legend, axes, a note below."""

    def __init__(self, title: str, unit: str, inline: bool) -> None:
        self.title = title
        self.inline = inline
        beside = f'<tspan class="soft small" dx="8">{escaped(unit)}</tspan>' if unit else ""
        name = _cut(title, WIDTH - 2 * RIGHT - _width(unit, 10.5) - 8, 14.5)
        self.parts = [f'<text class="name" x="{RIGHT}" y="24">{escaped(name)}{beside}</text>']
        self.top = 40.0  # of the plot
        self.bottom = 0.0

    def legend(self, keys: Sequence[tuple[str, str]]) -> None:
        """Names and the looks of their keys, in as many lines as they need."""
        x, y = float(RIGHT), 43.0
        for name, look in keys:
            shown = _cut(name, 224, 11.5)
            wide = 16 + _width(shown, 11.5) + 16
            if x + wide - 16 > WIDTH - RIGHT and x > RIGHT:
                x, y = float(RIGHT), y + 17
            mark = f'<path {look} d="M{x:.1f} {y - 4:.1f}h11"/>'
            if "stroke" not in look and "line" not in look:
                mark = f'<rect {look} x="{x:.1f}" y="{y - 9:.1f}" width="10" height="10" rx="2"/>'
            self.parts.append(f'{mark}<text class="key" x="{x + 16:.1f}" y="{y:.1f}">{escaped(shown)}</text>')
            x += wide
        if keys:
            self.top = y + 15

    def frame(self, ticks: Sequence[float], bottom: float, top: float) -> None:
        """The y axis as lines across, with figures at the left."""
        for tick in ticks:
            y = self.top + PLOT - (tick - bottom) / (top - bottom) * PLOT
            look = "axis" if tick == ticks[0] else "grid"
            self.parts.append(
                f'<path class="{look}" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/><text class="soft small" '
                f'x="{LEFT - 7}" y="{y + 3.7:.1f}" text-anchor="end">{figure(tick)}</text>'
            )
        self.bottom = self.top + PLOT

    def steps(self, first: float, last: float, name: str, within: float = 0.0) -> None:
        """The x axis. `within`: the share of the width that one step takes where steps are columns, not points."""
        span = (WIDTH - LEFT - RIGHT) * (1 - within)
        start = LEFT + (WIDTH - LEFT - RIGHT) * within / 2
        # Steps are whole numbers: a tick between two of them would name none.
        wanted = _ticks(first, last) if last > first else []
        ticks = [tick for tick in wanted if first <= tick <= last and tick == int(tick)]
        if not ticks or ticks[0] - first > 0.06 * (last - first):
            ticks.insert(0, first)
        for tick in ticks:
            at = start + (tick - first) / ((last - first) or 1) * span
            self.parts.append(
                f'<text class="soft small" x="{at:.1f}" y="{self.bottom + 15:.1f}" text-anchor="middle">'
                f"{figure(tick)}</text>"
            )
        self.parts.append(
            f'<text class="soft small" x="{WIDTH - RIGHT}" y="{self.bottom + 30:.1f}" text-anchor="end">'
            f"{escaped(name)}</text>"
        )

    def note(self, sentence: str) -> None:
        if sentence:
            self.parts.append(
                f'<text class="soft small note" x="{LEFT}" y="{self.bottom + 30:.1f}">{escaped(sentence)}</text>'
            )

    def empty(self) -> str:
        self.parts.append(
            f'<text class="soft" x="{WIDTH / 2:g}" y="{self.top + 26:g}" text-anchor="middle">no measurements</text>'
        )
        self.bottom = self.top + 20
        return self.text()

    def text(self) -> str:
        height = math.ceil(self.bottom + 38)
        style = "" if self.inline else f"<style>{_ALONE}</style>"
        # Without a namespace HTML knows what <svg> is; a file of its own needs it, and so do XML readers.
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="{escaped(self.title)}" '
            f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}">{style}'
            f'<rect class="ground" width="{WIDTH}" height="{height}"/>'
        )
        return "\n".join([head, *self.parts, "</svg>"]) + "\n"


def _known(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _mean(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return math.fsum(known) / len(known) if known else None


def _key(look: Stroke) -> str:
    return f'class="{_class(look)}"'


def _class(look: Stroke) -> str:
    colour = "quiet" if look.colour is None else f"s{look.colour % COLOURS}"
    return f"line {colour}{' dashed' if look.dashed else ''}"


def _named(name: str, drawn: Sequence[str], look: str = "") -> str:
    """Shapes of one series, which say their name to who points at them."""
    return f'<g data-series="{escaped(name)}"{look}><title>{escaped(name)}</title>{"".join(drawn)}</g>'


def _path(
    points: Sequence[tuple[float, float | None]], look: Stroke, faint: bool, bridge: int = 0
) -> list[str]:
    """The line through points in pixels, broken where more than `bridge` of them in a row are missing; points
    without neighbours become dots."""
    runs: list[list[tuple[float, float]]] = []
    missing = bridge + 1
    for at, value in points:
        if value is None:
            missing += 1
            continue
        if missing > bridge:
            runs.append([])
        runs[-1].append((at, value))
        missing = 0
    # Dashes and gaps look alike in a faint, jagged line.
    style = f"{_class(Stroke(look.colour))} faint" if faint else _class(look)
    colour = "quiet" if look.colour is None else str(look.colour % COLOURS)
    shapes = []
    strokes = []
    for run in runs:
        if len(run) == 1:
            dimmed = ' opacity="0.4"' if faint else ""
            shapes.append(
                f'<circle class="f{colour}" cx="{run[0][0]:.1f}" cy="{run[0][1]:.1f}" r="1.8"{dimmed}/>'
            )
        else:
            strokes.append("M" + "L".join(f"{at:.1f} {value:.1f}" for at, value in _thinned(run)))
    if strokes:
        shapes.insert(0, f'<path class="{style}" d="{"".join(strokes)}"/>')
    return shapes


def _thinned(run: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """At most four points for each pixel across: first, lowest, highest and last, which paint the same."""
    if len(run) <= 2 * WIDTH:
        return list(run)
    pixels: dict[int, list[tuple[float, float]]] = {}
    for point in run:
        pixels.setdefault(int(point[0]), []).append(point)
    kept = []
    for points in pixels.values():
        low, high = min(points, key=lambda p: p[1]), max(points, key=lambda p: p[1])
        kept += list(dict.fromkeys(sorted([points[0], low, high, points[-1]])))
    return kept


def _running(points: Sequence[Point], window: int) -> list[Point]:
    """The mean of the known values among the `window` points around each known one."""
    half = window // 2
    sums, counts = [0.0], [0]
    for _, value in points:
        sums.append(sums[-1] + (value or 0.0))
        counts.append(counts[-1] + (value is not None))
    means: list[Point] = []
    for index, (at, value) in enumerate(points):
        start, end = max(index - half, 0), min(index + half + 1, len(points))
        known = counts[end] - counts[start]
        means.append((at, None if value is None else (sums[end] - sums[start]) / known))
    return means


def _range(values: Sequence[float], low: float | None, high: float | None) -> tuple[float, float]:
    """The ends of the y axis: all values, unless a few lie far beyond the others."""
    ordered = sorted(values)
    bottom, top = ordered[0], ordered[-1]
    if len(ordered) >= 20:
        inner_low, inner_high = ordered[len(ordered) // 50], ordered[-1 - len(ordered) // 50]
        reach = 4 * (inner_high - inner_low)
        if reach > 0:
            bottom, top = max(bottom, inner_low - reach), min(top, inner_high + reach)
            # With nothing that far out this changes nothing; otherwise the others get most of the room.
            bottom = inner_low - reach / 16 if bottom > ordered[0] else bottom
            top = inner_high + reach / 16 if top < ordered[-1] else top
    bottom, top = bottom if low is None else low, top if high is None else high
    if top <= bottom:
        margin = abs(bottom) * 0.1 or 1.0
        bottom, top = bottom if low is not None else bottom - margin, bottom + margin
    return bottom, top


def _ticks(low: float, high: float) -> list[float]:
    """About five round numbers that cover `low` to `high`."""
    raw = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw * 0.999)
    start, end = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{number * step:.12g}") for number in range(start, end + 1)]


def _wrapped(text: str, width: float) -> list[str]:
    """A label in one or two lines."""
    words, shown = text.split() or [""], [""]
    for number, word in enumerate(words):
        longer = f"{shown[-1]} {word}".strip()
        if _width(longer, 11.5) <= width or not shown[-1]:
            shown[-1] = longer
        elif len(shown) == 1:
            shown.append(word)
        else:
            shown[-1] = " ".join([shown[-1], *words[number:]])
            break
    return [_cut(line, width, 11.5) for line in shown]


def _label(text: str, shown: Sequence[str], middle: float) -> str:
    """A label left of its bars; whole in the tooltip."""
    start = middle + 4 - 7 * (len(shown) - 1)
    spans = "".join(
        f'<tspan x="{RIGHT}" y="{start + 14 * n:.1f}">{escaped(line)}</tspan>' for n, line in enumerate(shown)
    )
    return f'<text class="label">{spans}<title>{escaped(text)}</title></text>'


def _cut(text: str, width: float, size: float) -> str:
    """`text`, with an ellipsis where it would be wider than `width` pixels."""
    if _width(text, size) <= width:
        return text
    while text and _width(text + "…", size) > width:
        text = text[:-1]
    return text.rstrip(" ,;:.") + "…"


def _width(text: str, size: float) -> float:
    """Roughly how wide a sans-serif font sets `text`, in pixels; wide scripts count in full."""
    return size * sum(
        0.32 if c in "iljtfrI.,:;'|!()[] " else 0.88 if c in "mwMW@%" else 1.0 if ord(c) > 0x2E80 else 0.61
        for c in text
    )
