"""The analysis as one HTML page that needs nothing else: no script, no font, no picture from elsewhere.

Titles, ids and reasons come from programs that models wrote, so every text goes through `escaped`, and the page's own
policy forbids whoever shows it to run or load anything.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from envforge.analysis.capacity import Capacity
from envforge.analysis.figures import Analysis, EnvironmentFigures, LevelFigures, mean
from envforge.analysis.neighbours import THRESHOLDS
from envforge.analysis.quality import GRADES
from envforge.charts import STYLE as CHARTS
from envforge.charts import escaped, figure, lines
from envforge.report.page import STYLE, duration

PROBLEMS = 6  # notes at most

# What is charted over the levels: title, unit, the figure, and where its axis ends.
CHARTED: tuple[tuple[str, str, Callable[[LevelFigures], float | None], float | None], ...] = (
    ("Answers", "entropy, bits", lambda level: level.entropy, None),
    ("Guessing", "score of the best constant", lambda level: level.floor, 1.0),
    ("Pictures apart", "hash distance within a level", lambda level: level.spread, None),
    ("Foreground", "share of the pixels", lambda level: level.foreground, None),
)

GRADED = (
    ".grade{display:inline-block;min-width:24px;padding:0 7px;border-radius:5px;text-align:center;font-weight:650;"
    "line-height:20px;font-size:12.5px;border:1px solid currentColor}"
    ".grade.A{color:var(--good)}.grade.B,.grade.C{color:var(--middle)}.grade.D,.grade.E,.grade.F{color:var(--bad)}"
    ":root{--middle:#8a6100}@media (prefers-color-scheme:dark){:root{--middle:#e6bd5a}}"
)
_OWN = (
    "th,td{padding:7px 10px}td.title{min-width:150px}thead th{vertical-align:bottom}"
    "thead th.n{white-space:normal}"
    "details.environment{border-bottom:1px solid var(--rule);margin:0}"
    "details.environment>summary{padding:9px 2px;color:var(--text);overflow-wrap:anywhere}"
    "details.environment>summary .small{margin-left:6px}"
    "td.flaw{color:var(--bad);font-weight:600}.faults{margin:0 0 12px;padding-left:20px;overflow-wrap:anywhere}"
    ".faults li{margin:3px 0}"
)


def page(analysis: Analysis) -> str:
    """The whole page. Two analyses of the same programs differ in their times alone."""
    found = analysis.environments
    title = f"Analysis of {_count(len(found), 'environment')}"
    parts = [
        "<!DOCTYPE html>",
        '<html xmlns="http://www.w3.org/1999/xhtml" lang="en"><head><meta charset="utf-8"/>',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>",
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
        f"<title>{title}</title><style>{STYLE}{CHARTS}{GRADED}{_OWN}</style></head><body><main>",
        f'<header><h1>{title}</h1><p class="lead">{escaped(_lead(analysis))}</p></header>',
        f'<dl class="cards">{"".join(_cards(analysis))}</dl>',
    ]
    if said := list(_notes(analysis)):
        items = "".join(f"<li>{escaped(sentence)}</li>" for sentence in said)
        parts.append(f'<ul class="notes">{items}</ul>')
    parts += [_quality(found), _charts(found), _diversity(found), _near(analysis), _levels(found)]
    parts.append(
        "<footer>Quality is the least of the four rates. Shares and distances go from 0 to 1. "
        f"Grades: {_grades()}. docs/analysis.md defines every figure.</footer></main></body></html>"
    )
    return "\n".join(part for part in parts if part) + "\n"


def graded(letter: str) -> str:
    """A grade as a badge; its letter is one of ours."""
    return f'<span class="grade {letter}">{letter}</span>'


def capacity_text(found: Capacity | None) -> str:
    """How many questions: "≥ 45" where no repeat was seen, "≈ 120" where some were."""
    if found is None:
        return "–"
    return f"{'≥' if found.open else '≈'} {figure(found.estimate)}"


def _grades() -> str:
    return ", ".join(f"{letter} from {bound:g}" for letter, bound in GRADES[:-1]) + ", F below"


def _lead(analysis: Analysis) -> str:
    found = analysis.environments
    groups = Counter(one.group if one.group in ("text", "refused") else "visual" for one in found)
    said = [f"{groups[kind]:,} {kind}" for kind in ("visual", "text", "refused") if groups[kind]]
    said.append(f"{_count(analysis.instances, 'probe')} of each level")
    said.append(duration(analysis.seconds))
    return " · ".join(said)


def _card(name: str, big: str, below: str) -> str:
    return (
        f'<div class="card"><dt>{escaped(name)}</dt><dd class="big">{escaped(big)}</dd>'
        f'<dd class="below">{escaped(below)}</dd></div>'
    )


def _cards(analysis: Analysis) -> Iterator[str]:
    found = analysis.environments
    good = sum(one.rates.grade == "A" for one in found)
    yield _card("Grade A", f"{good:,} of {len(found):,}", f"quality of {GRADES[0][1]:g} or more")
    names = {"generation": "Generation", "image": "Image", "question": "Question", "verifier": "Verifier"}
    for name, title in names.items():
        rates = [rate for one in found if (rate := one.rates.by_name()[name]) is not None]
        if rates:
            below = sum(rate < 1 for rate in rates)
            yield _card(
                f"{title} rate",
                f"{_floored(sum(rates) / len(rates))}",
                f"below 1 in {_count(below, 'environment')}" if below else "in every environment",
            )
    yield _card("Near pairs", f"{len(analysis.pairs):,}", "of environments, by code, prompt or picture")
    floors = [one.floor for one in found if one.floor is not None]
    if floors:
        yield _card(
            "Guess floor", f"{statistics.median(floors):.2f}", f"median; the highest is {max(floors):.2f}"
        )
    visual = [one.times for one in found if one.group not in ("text", "refused")]
    each = [
        sum(part or 0.0 for part in (times.generate, times.render, times.raster))
        for times in visual or [one.times for one in found if one.program is not None]
    ]
    if each:
        said = "median, with its picture" if visual else "median"
        yield _card("Time per question", f"{figure(statistics.median(each))} ms", said)


def _notes(analysis: Analysis) -> Iterator[str]:
    """What a reader must know first."""
    poor = sorted(
        (one for one in analysis.environments if one.rates.grade != "A"), key=lambda one: one.rates.quality
    )
    for one in poor[:PROBLEMS]:
        rate = min((r, name) for name, r in one.rates.by_name().items() if r is not None)[1]
        fault = next((fault for fault in one.faults if fault.rate == rate), None)
        why = f": {fault.reason[:240]}" if fault else ""
        yield f"{one.label} has grade {one.rates.grade}, {rate} rate {_floored(one.rates.quality)}{why}"
    if len(poor) > PROBLEMS:
        yield f"{_count(len(poor) - PROBLEMS, 'more environment')} below grade A."


def _charts(found: Sequence[EnvironmentFigures]) -> str:
    """The figures over the levels, as means by bucket."""
    groups = {one.group: None for one in found if one.levels}
    drawn = []
    for title, unit, measure, high in CHARTED:
        series = {}
        for group in sorted(groups, key=lambda name: (name == "text", name)):
            levels = [level for one in found if one.group == group for level in one.levels]
            points = [
                (float(number), mean(measure(level) for level in levels if level.difficulty == number))
                for number in sorted({level.difficulty for level in levels})
            ]
            if any(value is not None for _, value in points):
                series[group] = points
        if series:
            chart = lines(
                series, title=title, x="level", y=unit, low=0.0, high=high, smooth=False, inline=True
            )
            drawn.append(f"<div>{chart}</div>")
    if not drawn:
        return ""
    return f'<section><h2>Over the levels</h2><div class="charts">{"".join(drawn)}</div></section>'


def _quality(found: Sequence[EnvironmentFigures]) -> str:
    columns = (
        ("environment", ""),
        ("kind", ""),
        ("grade", ""),
        *((name, "n") for name in ("quality", "generation", "image", "question", "verifier")),
        *((name, "n") for name in ("generate, ms", "render, ms", "raster, ms")),
    )
    rows = []
    for one in sorted(found, key=lambda one: (one.rates.quality, one.group, one.title)):
        rates = "".join(_rate(rate) for rate in one.rates.by_name().values())
        times = "".join(
            _cell(figure(time)) for time in (one.times.generate, one.times.render, one.times.raster)
        )
        rows.append(
            f'<tr>{_named(one)}<td class="tight">{escaped(one.group)}</td><td>{graded(one.rates.grade)}</td>'
            f"{_rate(one.rates.quality)}{rates}{times}</tr>"
        )
    return f"<section><h2>Quality</h2>{_table(columns, rows)}</section>"


def _diversity(found: Sequence[EnvironmentFigures]) -> str:
    columns = (
        ("environment", ""),
        *(
            (name, "n")
            for name in (
                "distinct", "templates", "fewest bits", "guess floor", "questions", "hash spread", "foreground",
                "prompt, ends", "picture, ends", "contrast, ends",
            )
        ),
    )  # fmt: skip
    rows = []
    for one in sorted(found, key=lambda one: (one.group, one.title)):
        if not one.levels:
            continue
        ends = one.ends
        values = [
            *(_two(one.mean(name)) for name in ("distinct", "templates")),
            _two(one.entropy),
            _two(one.floor),
            capacity_text(one.capacity),
            *(_two(one.mean(name)) for name in ("spread", "foreground")),
            *(_two(value) for value in ((ends.prompt, ends.picture, ends.contrast) if ends else (None,) * 3)),
        ]
        rows.append(f"<tr>{_named(one)}{''.join(map(_cell, values))}</tr>")
    said = (
        "Means over the levels; for the answers' bits, the guess floor and the number of questions the worst level. "
        "The last three compare the lowest level with the highest."
    )
    return (
        f'<section><h2>Diversity</h2><p class="dim">{said}</p>{_table(columns, rows)}</section>'
        if rows
        else ""
    )


def _near(analysis: Analysis) -> str:
    bounds = ", ".join(f"{kind} {bound:g}" for kind, bound in THRESHOLDS.items())
    titles = {one.id: one for one in analysis.environments}
    rows = [
        f"<tr>{_named(titles[pair.first])}{_named(titles[pair.second])}<td>{pair.kind}</td>"
        f"{_cell(_two(pair.similarity))}</tr>"
        for pair in analysis.pairs
    ]
    columns = (("environment", ""), ("is near", ""), ("in", ""), ("similarity", "n"))
    shown = _table(columns, rows) if rows else "<p>None.</p>"
    return (
        f'<section><h2>Near-duplicates</h2><p class="dim">Pairs at or above: {bounds}. A picture that is near '
        f"another one looks like it as a whole; what it asks may differ.</p>{shown}</section>"
    )


def _levels(found: Sequence[EnvironmentFigures]) -> str:
    """Each environment level by level, with its faults."""
    columns = (
        ("level", ""),
        *(
            (name, "n")
            for name in (
                "questions", "distinct", "templates", "bits", "guess floor", "number", "hash spread", "foreground",
                "prompt step", "picture step", "contrast",
            )
        ),
    )  # fmt: skip
    parts = []
    for one in sorted(found, key=lambda one: (one.group, one.title)):
        rows = []
        steps = {step.high: step for step in one.steps}
        told = one.program.levels if one.program is not None else None
        for level in one.levels:
            step = steps.get(level.difficulty)
            values = [
                f"{level.instances} of {level.probes}",
                *(_two(value) for value in (level.distinct, level.templates, level.entropy, level.floor)),
                capacity_text(level.capacity if level.instances else None),
                *(_two(value) for value in (level.spread, level.foreground)),
                *(
                    _two(value)
                    for value in ((step.prompt, step.picture, step.contrast) if step else (None,) * 3)
                ),
            ]
            adds = (
                f' <span class="small">{escaped(told[level.difficulty])}</span>'
                if told and level.difficulty < len(told)
                else ""
            )
            rows.append(
                f'<tr><td class="title">{level.difficulty}{adds}</td>{"".join(map(_cell, values))}</tr>'
            )
        trend = ""
        if one.trend is not None:
            trend = (
                f'<p class="dim">Differs most between low and high levels: {escaped(one.trend[0])} '
                f"(z {one.trend[1]:+.1f}).</p>"
            )
        parts.append(
            f'<details class="environment"><summary>{graded(one.rates.grade)} {escaped(one.title)} '
            f'<span class="small">{escaped(one.name)}</span></summary>{_faults(one)}{trend}'
            f"{_table(columns, rows) if rows else ''}</details>"
        )
    return f"<section><h2>Level by level</h2>{''.join(parts)}</section>"


def _faults(one: EnvironmentFigures) -> str:
    if not one.faults:
        return ""
    items = []
    for fault in one.faults:
        where = f", level {fault.difficulty}, seed {fault.seed}" if fault.seed is not None else ""
        items.append(f"<li><b>{escaped(fault.rate)}</b>{where}: {escaped(fault.reason)}</li>")
    return f'<ul class="faults">{"".join(items)}</ul>'


def _table(columns: Sequence[tuple[str, str]], rows: Iterable[str]) -> str:
    head = "".join(
        f'<th class="{look}">{escaped(name)}</th>' if look else f"<th>{escaped(name)}</th>"
        for name, look in columns
    )
    return (
        f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table></div>'
    )


def _named(one: EnvironmentFigures) -> str:
    return f'<td class="title">{escaped(one.label)}<br/><code>{escaped(one.id)}</code></td>'


def _cell(text: str) -> str:
    return f'<td class="n">{text}</td>'


def _rate(rate: float | None) -> str:
    look = "n flaw" if rate is not None and rate < GRADES[0][1] else "n"
    return f'<td class="{look}">{_floored(rate)}</td>'


def _floored(rate: float | None) -> str:
    """A rate, never rounded up to 1: one failure must stay visible."""
    if rate is None:
        return "–"
    return f"{rate:.0f}" if rate in (0, 1) else f"{int(rate * 1000) / 1000:.3f}"


def _two(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
