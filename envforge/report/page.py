"""The page: one HTML file that needs nothing else, without script, and valid as XML too.

Titles and ids come from programs that models wrote, so every text goes through `escaped`, and the page's own policy
forbids whoever shows it to run or load anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from envforge.charts import STYLE as CHARTS
from envforge.charts import escaped, figure
from envforge.evaluation import Estimate
from envforge.report.curves import BARS, sections
from envforge.report.data import Report, RunData
from envforge.report.findings import (
    DRAWS,
    EnvironmentRow,
    Evaluated,
    EvaluationRow,
    curves,
    differences,
    environments,
    evaluated,
    notes,
    planned,
    settings,
    share,
)

SHOWN = 40  # rows of a table that are open at once

MAIN = (  # the settings that nobody should have to look for
    ("Model", ("model.path", "model.method", "model.dtype")),
    ("Groups", ("grpo.groups", "grpo.group_size", "roles.generator_groups")),
    ("Learning rate", ("grpo.learning_rate", "grpo.scheduler", "grpo.warmup_steps")),
    ("Objective", ("grpo.loss", "grpo.clip_low", "grpo.clip_high", "grpo.beta", "grpo.scale")),
    ("Dead groups", ("grpo.resample",)),
    ("Generation", ("generation.engine", "generation.solver_tokens", "generation.temperature")),
    ("Generator role", ("roles.generator_weight", "roles.policy")),
    ("Environments", ("environments.folders", "environments.held_out")),
    ("Difficulty", ("pool.controller")),
    (
        "Evaluation",
        ("evaluation.instances", "evaluation.levels", "evaluation.samples", "evaluation.temperature"),
    ),
    ("Schedule", ("schedule.steps", "schedule.seed")),
)

STYLE = (
    ":root{color-scheme:light dark;--back:#f4f5f7;--card:#ffffff;--text:#1f2937;--dim:#5b6472;--rule:#e2e5ea;"
    "--bad:#b3261e;--good:#1e7a4a;--warn:#fff6e5;--edge:#e0a526}"
    "@media (prefers-color-scheme:dark){:root{--back:#0f1217;--card:#171b22;--text:#e6e9ee;--dim:#9aa4b2;"
    "--rule:#2b313b;--bad:#ff8a80;--good:#6fd3a0;--warn:#2a2415;--edge:#a67c1e}}"
    "*{box-sizing:border-box}"
    "body{margin:0;background:var(--back);color:var(--text);font:15px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,"
    "'DejaVu Sans',sans-serif}"
    "main{max-width:1152px;margin:0 auto;padding:32px 20px 56px}"
    "h1{font-size:26px;line-height:1.25;margin:0;font-weight:650}"
    "h2{font-size:17px;margin:36px 0 12px;font-weight:650}"
    ".dim{color:var(--dim)}.lead{margin:6px 0 22px;color:var(--dim);overflow-wrap:anywhere}"
    ".cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(236px,1fr));gap:12px;margin:0}"
    ".card{background:var(--card);border:1px solid var(--rule);border-radius:8px;padding:13px 16px}"
    ".card dt{color:var(--dim);font-size:13px}.card dd{margin:0}"
    ".card .big{font-size:22px;white-space:nowrap;line-height:1.35;font-weight:620;font-variant-numeric:tabular-nums}"
    ".card .below{font-size:12.5px;color:var(--dim);font-variant-numeric:tabular-nums}"
    ".notes{background:var(--warn);border-left:4px solid var(--edge);border-radius:4px;padding:12px 16px 12px 34px;"
    "margin:18px 0 0}.notes li{margin:3px 0;overflow-wrap:anywhere}"
    ".charts{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,460px),1fr));gap:12px;"
    "align-items:stretch}.charts.loose{align-items:start}"
    ".charts>div{background:var(--card);border:1px solid var(--rule);border-radius:8px;overflow:hidden}"
    ".charts svg{display:block;width:100%;height:auto}"
    ".wide{overflow-x:auto;background:var(--card);border:1px solid var(--rule);border-radius:8px;margin:0 0 12px}"
    "table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}"
    "th,td{padding:7px 12px;text-align:left;vertical-align:top;border-top:1px solid var(--rule)}"
    "thead th{border-top:0;color:var(--dim);font-weight:600;white-space:nowrap}"
    "th.n,td.n{text-align:right;white-space:nowrap}td.tight{white-space:nowrap}td.title{min-width:200px;overflow-wrap:anywhere}"
    "tbody th{font-weight:400;color:var(--dim);white-space:nowrap}td.value{overflow-wrap:anywhere}"
    ".small{font-size:12px;color:var(--dim)}.worse{color:var(--bad);font-weight:600}.better{color:var(--good)}"
    "details{margin:0 0 12px}summary{cursor:pointer;color:var(--dim);padding:4px 0}"
    "code{font:12px ui-monospace,'DejaVu Sans Mono',monospace;color:var(--dim)}"
    "footer{margin-top:36px;color:var(--dim);font-size:13px}"
    "@media (max-width:560px){main{padding:20px 12px 40px}.cards{grid-template-columns:1fr 1fr;gap:8px}"
    ".card{padding:10px 12px}.card .big{font-size:19px}h1{font-size:22px}}"
    "@media print{body{background:#fff}.charts>div,.card{break-inside:avoid}}"
)


def page(report: Report) -> str:
    """The whole page; the same registry gives the same bytes."""
    data = report.own
    results = evaluated(data)
    title = f"Training run {data.run.id}"
    parts = [
        "<!DOCTYPE html>",
        '<html xmlns="http://www.w3.org/1999/xhtml" lang="en"><head><meta charset="utf-8"/>',
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\"/>",
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
        f"<title>{title}</title><style>{STYLE}{CHARTS}</style></head><body><main>",
        f'<header><h1>{title}</h1><p class="lead">{_lead(report)}</p></header>',
        f'<dl class="cards">{"".join(_cards(data, results))}</dl>',
    ]
    if said := notes(report):
        items = "".join(f"<li>{escaped(sentence)}</li>" for sentence in said)
        parts.append(f'<ul class="notes">{items}</ul>')
    if report.others:
        parts.append(_against(report))
    for heading, charts in sections(report):
        drawn = "".join(f"<div>{chart}</div>" for chart in charts)
        loose = " loose" if heading == "Evaluation" else ""  # its charts are of very different heights
        parts.append(f'<section><h2>{heading}</h2><div class="charts{loose}">{drawn}</div>')
        if heading == "Evaluation" and results is not None:
            parts.append(_evaluations(results))
        parts.append("</section>")
    if rows := environments(report):
        parts.append(_environments(rows))
    parts += [_figures(data), _settings(data)]
    parts.append(
        f"<footer>Made from the registry's record of run {data.run.id} by envforge {escaped(data.run.version)}. "
        "Intervals are at 95%. What was not measured is left out of every mean and leaves a gap in its curve."
        "</footer></main></body></html>"
    )
    return "\n".join(parts) + "\n"


def _lead(report: Report) -> str:
    run = report.own.run
    said = [f"{run.proposer or 'no model named'}", f"started {run.started_at:%Y-%m-%d %H:%M}", run.state]
    if report.others:
        said.append("against " + ", ".join(other.name for other in report.others))
    return escaped(" · ".join(said))


def _card(name: str, big: str, below: str = "") -> str:
    return (
        f'<div class="card"><dt>{escaped(name)}</dt><dd class="big">{escaped(big)}</dd>'
        f'<dd class="below">{escaped(below)}</dd></div>'
    )


def _cards(data: RunData, results: Evaluated | None) -> Iterable[str]:
    """The headline figures."""
    for name, title in (("trained", "Accuracy, trained on"), ("held-out", "Accuracy, held out")):
        row = results.split(name) if results else None
        if results is None or row is None:
            yield _card(title, "–", "not evaluated")
        elif row.rise is None:
            given = row.before or row.after
            yield _card(title, _rate(given), f"{_interval(given)}, {results.at}")
        else:
            yield _card(
                title,
                f"{_rate(row.before)} → {_rate(row.after)}",
                f"{_interval(row.before)} → {_interval(row.after)}"
                + ("" if results.at == "after training" else f", {results.at}"),
            )
    steps = planned(data)
    made = len(data.steps)
    yield _card("Steps", f"{made:,}", f"of {steps:,}" if steps else "")
    spent = data.total("seconds")
    each = (
        f"{figure(spent / len(data.values('seconds')))} s per step" if data.has("seconds") else "not measured"
    )
    yield _card("Time in steps", duration(spent) if data.has("seconds") else "–", each)
    tokens = max(data.values("tokens"), default=None)
    speed = f"{figure(tokens / spent)} per second" if tokens is not None and spent else ""
    yield _card("Tokens generated", figure(tokens), speed)
    curve = curves(data).get("effective_prompt_ratio")
    yield _card(
        "Effective-prompt ratio",
        f"{_short(curve.start)} → {_short(curve.end)}" if curve else "–",
        "first → last tenth of the steps" if curve else "not measured",
    )
    part = share(data)
    yield _card(
        "Environment share",
        f"{part:.1%}" if part is not None else "–",
        "of the time of all steps" if part is not None else "not measured",
    )
    if data.has("proposals"):
        proposals, admitted = data.total("proposals"), data.total("admitted")
        yield _card("Proposals admitted", f"{admitted:,.0f}", f"of {proposals:,.0f}")


def duration(seconds: float) -> str:
    """41 s, 7 min 05 s, 3 h 12 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{seconds:.3g} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60:02d} min"


def _rate(given: Estimate | None) -> str:
    return "–" if given is None or given.value is None else f"{given.value:.3f}"


def _interval(given: Estimate | None) -> str:
    return "" if given is None or given.value is None else f"[{given.low:.2f}, {given.high:.2f}]"


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _table(columns: Sequence[tuple[str, str]], rows: Sequence[str], what: str) -> str:
    """A table with `columns` as (name, class); more than SHOWN rows go on in a part that opens."""
    head = "".join(
        f'<th class="{look}">{escaped(name)}</th>' if look else f"<th>{escaped(name)}</th>"
        for name, look in columns
    )

    def table(body: Sequence[str]) -> str:
        return f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(body)}</tbody></table></div>'

    if len(rows) <= SHOWN:
        return table(rows)
    return (
        f"{table(rows[:SHOWN])}<details><summary>{len(rows) - SHOWN:,} more {what}</summary>"
        f"{table(rows[SHOWN:])}</details>"
    )


def _titled(title: str, id: str) -> str:
    below = f"<br/><code>{escaped(id)}</code>" if title else ""
    return f'<td class="title">{escaped(title or id)}{below}</td>'


def _estimate(given: Estimate | None) -> str:
    return f'<td class="n">{_rate(given)} <span class="small">{_interval(given)}</span></td>'


def _rise(row: EvaluationRow) -> str:
    if row.rise is None or row.rise.value is None:
        return '<td class="n">–</td><td></td>'
    look = f' class="{row.word}"' if row.word in ("worse", "better") else ' class="dim"'
    return (
        f'<td class="n">{row.rise.value:+.3f} <span class="small">[{row.rise.low:+.2f}, {row.rise.high:+.2f}]'
        "</span></td>"
        f'<td class="tight"><span{look}>{row.word}</span></td>'
    )


def _evaluations(results: Evaluated) -> str:
    """Splits in all, then environments: what got worse first."""

    def row(given: EvaluationRow, name: str) -> str:
        return (
            f'<tr>{name}<td class="tight">{escaped(given.split or given.name)}</td>'
            f'<td class="n">{given.instances:,}</td>'
            f"{_estimate(given.before)}{_estimate(given.after)}{_rise(given)}</tr>"
        )

    rows = [
        row(given, '<td class="title"><strong>All of the split</strong></td>') for given in results.splits
    ]
    rows += [row(given, _titled(given.title, given.name)) for given in results.environments]
    columns = (
        ("environment", ""),
        ("split", ""),
        ("instances", "n"),
        ("before", "n"),
        (results.at.removesuffix(" training") if results.at.startswith("after") else "later", "n"),
        ("change", "n"),
        ("", ""),
    )
    said = [f"pass@1 on questions that training never drew, {results.at}."]
    if any(given.rise for given in results.environments):
        said.append("What changed for the worse comes first; changes are paired by question.")
    if len(results.environments) > BARS:
        said.append(f"A chart shows at most {BARS} environments, the table all.")
    return f'<p class="dim">{escaped(" ".join(said))}</p>{_table(columns, rows, "environments")}'


def _environments(rows: Sequence[EnvironmentRow]) -> str:
    columns = (
        ("environment", ""),
        ("level", "n"),
        ("pass rate first", "n"),
        ("last", "n"),
        ("groups", "n"),
        ("effective", "n"),
        ("format failures", "n"),
    )
    body = []
    for row in rows:
        failures = f"{row.format_failures / row.responses:.1%}" if row.responses else "–"
        effective = f"{row.effective:.0%}" if row.effective is not None else "–"
        body.append(
            f'<tr>{_titled(row.title, row.id)}<td class="n">{figure(row.first_level)} → {figure(row.last_level)}</td>'
            f'<td class="n">{_number(row.first_rate)}</td><td class="n">{_number(row.last_rate)}</td>'
            f'<td class="n">{row.groups:,}</td><td class="n">{effective}</td><td class="n">{failures}</td></tr>'
        )
    return (
        f'<section><h2>Environments in training</h2><p class="dim">Pass rates are means over the first and last '
        f"{DRAWS} steps that drew the environment, at the levels of these steps: where the level rises, a rate that "
        "stays is progress.</p>"
        f"{_table(columns, body, 'environments')}</section>"
    )


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _against(report: Report) -> str:
    """The runs side by side, and the settings in which they differ."""
    columns = (
        ("run", ""),
        ("state", ""),
        ("steps", "n"),
        *((f"{name}: before → after", "n") for name in ("trained", "held-out")),
    )
    body = []
    for data in report.runs:
        results = evaluated(data)
        cells = []
        for split in ("trained", "held-out"):
            row = results.split(split) if results else None
            cells.append(
                f'<td class="n">{_rate(row.before)} → {_rate(row.after)}'
                f'<br/><span class="small">{_interval(row.before)} → {_interval(row.after)}</span></td>'
                if row
                else '<td class="n">–</td>'
            )
        body.append(
            f"<tr><td>{escaped(data.name)}</td><td>{escaped(data.run.state)}</td>"
            f'<td class="n">{len(data.steps):,}</td>'
            f"{''.join(cells)}</tr>"
        )
    said = []
    for other in report.others:
        found = differences(report.own, other)
        named = "; ".join(f"{n} {_value(theirs)} (here {_value(own)})" for n, (own, theirs) in found.items())
        said.append(f"{other.name} differs in: {named}." if found else f"{other.name} has the same settings.")
    sentences = "".join(f'<p class="dim">{escaped(sentence)}</p>' for sentence in said)
    return f"<section><h2>Against other runs</h2>{_table(columns, body, 'runs')}{sentences}</section>"


def _figures(data: RunData) -> str:
    """Every metric in figures, for who wants them."""
    rows = [
        f'<tr><td>{escaped(name)}</td><td class="n">{curve.measured:,}</td>'
        + "".join(f'<td class="n">{figure(v)}</td>' for v in (curve.start, curve.end, curve.low, curve.high))
        + "</tr>"
        for name, curve in curves(data).items()
    ]
    if not rows:
        return '<section><h2>Figures</h2><p class="dim">No step has been recorded yet.</p></section>'
    columns = (
        ("metric", ""),
        ("steps", "n"),
        ("first tenth", "n"),
        ("last tenth", "n"),
        ("lowest", "n"),
        ("highest", "n"),
    )
    head = "".join(
        f'<th class="{look}">{name}</th>' if look else f"<th>{name}</th>" for name, look in columns
    )
    return (
        "<section><h2>Figures</h2><details><summary>All metrics: means of the first and last tenth of the steps, "
        f'and extremes</summary><div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}'
        "</tbody></table></div></details></section>"
    )


def _settings(data: RunData) -> str:
    """The main settings, and all of them."""
    known = settings(data.recipe)
    main = []
    for name, keys in MAIN:
        shown = ", ".join(
            f"{key.split('.')[-1]} {_value(known[key])}" for key in keys if key in known and known[key] != ""
        )
        if shown:
            main.append(f'<tr><th>{name}</th><td class="value">{escaped(shown)}</td></tr>')
    shaping = [
        key.removeprefix("shaping.")
        for key, value in known.items()
        if key.startswith("shaping.") and value is True
    ]
    main.append(f'<tr><th>Shaping</th><td class="value">{escaped(", ".join(shaping) or "none")}</td></tr>')
    main.append(f'<tr><th>Sandbox</th><td class="value">{escaped(data.run.isolation)}</td></tr>')
    if data.run.command:
        main.append(
            f'<tr><th>Command</th><td class="value"><code>{escaped(" ".join(data.run.command))}</code></td></tr>'
        )
    every = "".join(
        f'<tr><th>{escaped(key)}</th><td class="value">{escaped(_value(value))}</td></tr>'
        for key, value in known.items()
    )
    return (
        f'<section><h2>Settings</h2><div class="wide"><table><tbody>{"".join(main)}</tbody></table></div>'
        f'<details><summary>The whole recipe</summary><div class="wide"><table><tbody>{every}</tbody></table></div>'
        "</details></section>"
    )


def _value(value: Any) -> str:
    """A setting as people write it."""
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        return ", ".join(_value(item) for item in value) or "none"
    return str(value) if value != "" else "empty"
