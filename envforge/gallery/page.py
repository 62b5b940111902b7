"""The gallery's page: one HTML file that needs nothing else.

Whatever a program wrote is text and goes through `escaped`; its pictures were drawn on the host and are embedded as
PNG, never as SVG. The page's own policy lets a browser load nothing and run one script only: the page's, by its hash.
Without that script everything is there to read; only the filters are not.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence

from envforge.analysis.page import GRADED, graded
from envforge.charts import escaped
from envforge.gallery.exhibit import Exhibit, Shot
from envforge.gallery.style import SCRIPT, STYLE
from envforge.report.page import STYLE as SHARED

CHECKED = ' checked="checked"'
BUCKETS = ("spatial", "mathematical", "diagram", "pattern", "counting")


def page(exhibits: Sequence[Exhibit]) -> str:
    """The whole page: buckets in their order, then text, then what is no program; in each by title."""
    exhibits = sorted(exhibits, key=_place)
    title = f"Gallery of {_count(len(exhibits), 'environment')}"
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; img-src data:; script-src 'sha256-{digest}'; "
        "base-uri 'none'; form-action 'none'"
    )
    parts = [
        "<!DOCTYPE html>",
        '<html xmlns="http://www.w3.org/1999/xhtml" lang="en"><head><meta charset="utf-8"/>',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"/>',
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
        f"<title>{title}</title><style>{SHARED}{GRADED}{STYLE}</style></head><body><main>",
        f'<header><h1>{title}</h1><p class="lead">{escaped(_lead(exhibits))}</p></header>',
        _filters(exhibits),
        '<p class="none" hidden="hidden">Nothing fits. <button type="button">Show everything</button></p>',
        *(_card(exhibit) for exhibit in exhibits),
        f"<footer>{_legend(exhibits)}</footer></main><script>{SCRIPT}</script></body></html>",
    ]
    return "\n".join(parts) + "\n"


def _place(exhibit: Exhibit) -> tuple[int, str, str, str]:
    group = exhibit.figures.group
    last = {"text": len(BUCKETS) + 1, "refused": len(BUCKETS) + 2}
    place = BUCKETS.index(group) if group in BUCKETS else last.get(group, len(BUCKETS))
    return place, group, exhibit.figures.title.casefold(), exhibit.figures.id


def _lead(exhibits: Sequence[Exhibit]) -> str:
    groups = Counter(exhibit.figures.group for exhibit in exhibits)
    visual = sum(number for group, number in groups.items() if group not in ("text", "refused"))
    said = []
    if visual:
        buckets = sum(group not in ("text", "refused") for group in groups)
        said.append(f"{visual:,} visual in {_count(buckets, 'bucket')}")
    if groups["text"]:
        said.append(f"{groups['text']:,} text")
    if groups["refused"]:
        said.append(f"{groups['refused']:,} refused")
    measured = [exhibit for exhibit in exhibits if exhibit.measured]
    if any(exhibit.figures.program is not None for exhibit in measured):
        good = sum(exhibit.figures.rates.grade == "A" for exhibit in measured)
        said.append(f"{good:,} with grade A")
    return " · ".join(said)


def _legend(exhibits: Sequence[Exhibit]) -> str:
    said = ["Each question is one draw of the program; every level has as many as there are seeds."]
    if any(exhibit.measured for exhibit in exhibits):
        said.append(
            "The grade is that of the least of four rates, the guess floor what the best constant answer earns, on "
            "average over the levels (docs/analysis.md)."
        )
    return " ".join(said)


def _filters(exhibits: Sequence[Exhibit]) -> str:
    """The form; it is hidden until the script, without which it would do nothing, shows it."""
    groups = Counter(exhibit.figures.group for exhibit in exhibits)
    order = dict.fromkeys(exhibit.figures.group for exhibit in exhibits)  # they are sorted
    chips = [("", "all", len(exhibits)), *((name, name, groups[name]) for name in order)]
    radios = "".join(
        f'<label><input type="radio" name="bucket" value="{escaped(value)}"{"" if value else CHECKED}/>'
        f"<span>{escaped(name)}<small>{number:,}</small></span></label>"
        for value, name, number in chips
    )
    tags = Counter(tag for exhibit in exhibits for tag in _tags(exhibit))
    statuses = Counter(exhibit.figures.status for exhibit in exhibits)
    return (
        '<form class="filters" hidden="hidden" role="search">'
        '<input id="search" type="search" placeholder="Search" aria-label="Search titles, questions and tags"/>'
        f'<fieldset class="buckets" aria-label="Bucket">{radios}</fieldset>'
        f"{_select('tag', 'all tags', tags)}{_select('status', 'any status', statuses)}"
        '<span class="count" role="status"></span></form>'
    )


def _select(name: str, everything: str, counts: Counter[str]) -> str:
    options = "".join(
        f'<option value="{escaped(value)}">{escaped(value)} ({number:,})</option>'
        for value, number in sorted(counts.items())
    )
    return (
        f'<select id="{name}" aria-label="{name.capitalize()}"><option value="">{everything}</option>'
        f"{options}</select>"
    )


def _tags(exhibit: Exhibit) -> tuple[str, ...]:
    return exhibit.figures.program.tags if exhibit.figures.program is not None else ()


def _card(exhibit: Exhibit) -> str:
    figures = exhibit.figures
    name, _, asks = figures.title.partition(":")
    kind = "text" if figures.group == "text" else "visual"
    shots = "".join(_shot(shot, exhibit) for shot in exhibit.shots)
    if not exhibit.shots:
        why = "; ".join(fault.reason for fault in figures.faults)
        shots = f'<p class="problem">{escaped(why)}</p>'
    tags = "".join(f'<span class="tag">{escaped(tag)}</span>' for tag in _tags(exhibit))
    below = f'<p class="asks">{escaped(_sentence(asks))}</p>' if asks.strip() else ""
    return (
        f'<article class="environment {kind}" id="e{escaped(figures.id)}" data-bucket="{escaped(figures.group)}" '
        f'data-status="{escaped(figures.status)}" data-tags="{escaped(" ".join(_tags(exhibit)))}">'
        f'<div class="head"><div><h2>{escaped(name.strip().rstrip("."))}</h2>{below}</div>'
        f'<dl class="figures">{_figures(exhibit)}</dl></div>'
        f'<div class="strip">{shots}</div>'
        f'<div class="foot"><span class="bucket b-{escaped(figures.group)}">{escaped(figures.group)}</span>{tags}'
        f"<code>{escaped(figures.id)}</code></div></article>"
    )


def _sentence(text: str) -> str:
    text = text.strip().rstrip(".")
    return text[:1].upper() + text[1:]


def _figures(exhibit: Exhibit) -> str:
    figures, calibration = exhibit.figures, exhibit.calibration
    pairs = []
    if exhibit.measured:
        pairs.append(("grade", graded(figures.rates.grade)))
        floor = figures.mean("floor")  # of few probes a level, only all levels together say something
        if floor is not None:
            pairs.append(("guess floor", f"{floor:.2f}"))
    if calibration is not None:
        told = f"{calibration.policy}: {calibration.low:.2f} to {calibration.high:.2f}"
        pairs.append(("solve rate", f'<span title="{escaped(told)}">{calibration.rate:.2f}</span>'))
    pairs.append(("status", escaped(figures.status)))
    return "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in pairs)


def _shot(shot: Shot, exhibit: Exhibit) -> str:
    program = exhibit.figures.program
    adds = ""
    if program is not None and program.levels is not None and shot.difficulty < len(program.levels):
        adds = f" · {escaped(program.levels[shot.difficulty])}"
    parts = [f'<p class="level"><b>Level {shot.difficulty}</b>{adds}</p>']
    if shot.problem is not None:
        parts.append(f'<p class="problem">Cannot be shown: {escaped(shot.problem)}</p>')
    if shot.picture is not None:
        data = base64.b64encode(shot.picture).decode()
        alt = f"{exhibit.figures.label}, the picture of level {shot.difficulty}"
        parts.append(
            f'<figure class="picture"><img src="data:image/png;base64,{data}" alt="{escaped(alt)}" loading="lazy" '
            'decoding="async"/></figure>'
        )
    if shot.prompt is not None and shot.answer is not None:
        # A region that scrolls has to be reachable by keyboard.
        parts.append(f'<p class="question" tabindex="0">{escaped(shot.prompt)}</p>')
        parts.append(
            f'<details><summary>Answer</summary><p class="answer">{escaped(shot.answer)}</p></details>'
        )
    return f'<section class="shot">{"".join(parts)}</section>'


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
