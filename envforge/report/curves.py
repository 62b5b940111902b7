"""Which charts a page shows, and what is in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from envforge.charts import Bar, Point, Stroke, bars, lines, stacks
from envforge.evaluation import Estimate, summarise, wilson
from envforge.registry import StepEnvironment
from envforge.report.data import Report, RunData
from envforge.report.findings import (
    EvaluationRow,
    environments,
    evaluated,
    level,
    stages,
)

NAMED = 6  # environments with a line of their own
BARS = 16  # environments in one chart of bars
SPLITS = {"trained": "Trained on", "held-out": "Held out", "other": "Others"}


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart of one metric, or of several that belong together: what the legend calls it -> the metric."""

    title: str
    unit: str
    metrics: dict[str, str]
    low: float | None = None
    high: float | None = None
    smooth: bool = True


LEARNING = (
    Plot("Reward", "mean per response", {"reward": "reward"}),
    Plot("Accuracy", "share of responses, training levels", {"accuracy": "accuracy"}, 0.0, 1.0),
    Plot("Format failures", "share of responses", {"failures": "format_failure_rate"}, 0.0),
    Plot("Effective-prompt ratio", "groups with variance", {"ratio": "effective_prompt_ratio"}, 0.0, 1.0),
)
POLICY = (
    Plot("Entropy", "nats per token", {"entropy": "entropy"}, 0.0),
    Plot("Length", "tokens per response", {"solver": "solver_tokens", "generator": "generator_tokens"}, 0.0),
    Plot("Cut off at the limit", "share of responses", {"cut off": "truncated_rate"}, 0.0),
    Plot("Loss", "", {"loss": "loss"}),
    Plot("Gradient norm", "before clipping", {"norm": "grad_norm"}, 0.0),
    Plot("Clipped ratios", "share of tokens", {"low": "clip_low", "high": "clip_high"}, 0.0),
    Plot("Distance from the first model", "nats per token", {"kl": "kl"}, 0.0),
    Plot("Learning rate", "", {"rate": "learning_rate"}, 0.0, smooth=False),
)
GROUPS = (
    Plot(
        "Groups drawn anew or kept dead",
        "per step",
        {"drawn anew": "resampled_groups", "kept dead": "dead_groups"},
        0.0,
    ),
    Plot("Responses lost", "through our own fault, per step", {"lost": "lost_responses"}, 0.0),
)
PROPOSALS = (Plot("Generator's reward", "mean per proposal", {"reward": "generator_reward"}),)
SPEED = (
    Plot("Step time", "seconds", {"seconds": "seconds"}, 0.0),
    Plot("Environment share", "of the step's time", {"share": "environment_share"}, 0.0),
)
PARTS = {
    "generation": "generation_seconds",
    "environment": "environment_seconds",
    "gates": "gates_seconds",
    "update": "update_seconds",
}
MEMBERS = {
    "active": "pool_active",
    "parked": "pool_parked",
    "rotated": "pool_rotated",
    "retired": "pool_retired",
}


def sections(report: Report) -> list[tuple[str, list[str]]]:
    """Headings, and the charts below each as SVG; charts without any measurement are left out, except the four that
    a run cannot do without."""
    own = report.own
    learning = [_plot(report, plot) for plot in LEARNING]
    found = [
        ("Evaluation", evaluation_charts(report)),
        ("Learning", learning),
        ("Levels and pool", [*_levels(report), *_pool(report), *_plots(report, GROUPS, nothing=0.0)]),
        ("The policy", _plots(report, POLICY)),
        ("Proposals", [*_proposals(report), *_plots(report, PROPOSALS)] if own.has("proposals") else []),
        ("Time", [*_time(own), *_plots(report, SPEED if report.others or not _time(own) else SPEED[1:])]),
    ]
    return [(heading, charts) for heading, charts in found if charts]


def _plots(report: Report, plots: Sequence[Plot], nothing: float | None = None) -> list[str]:
    """Charts of what was measured; curves that are `nothing` all along are not worth one."""
    return [
        _plot(report, plot)
        for plot in plots
        if any(
            value != nothing
            for data in report.runs
            for metric in plot.metrics.values()
            for value in data.values(metric)
        )
    ]


def _plot(report: Report, plot: Plot) -> str:
    """The runs that measured it in one chart: told apart by colour, or by dashes where colours tell metrics apart."""
    shown = {
        name: metric for name, metric in plot.metrics.items() if any(data.has(metric) for data in report.runs)
    }
    series: dict[str, list[Point]] = {}
    strokes: dict[str, Stroke] = {}
    for number, data in enumerate(report.runs):
        for colour, (name, metric) in enumerate(shown.items()):
            if not data.has(metric):
                continue
            several = len(shown) > 1
            if several:
                key = f"{name}, {data.name}" if report.others else name
                strokes[key] = Stroke(colour, dashed=number > 0)
            else:
                key = data.name
                strokes[key] = Stroke(number)
            series[key] = data.curve(metric)
    return lines(
        series,
        title=plot.title,
        y=plot.unit,
        low=plot.low,
        high=plot.high,
        smooth=plot.smooth,
        strokes=strokes,
        inline=True,
    )


def evaluation_charts(report: Report) -> list[str]:
    """Before and after by environment, a chart for each split; and accuracy over the steps, where it was measured on
    the way."""
    found = evaluated(report.own)
    charts = []
    for split, title in SPLITS.items():
        rows = [row for row in found.environments if row.split == split] if found else []
        if rows:
            more = f" ({BARS} of {len(rows)}, lowest change first)" if len(rows) > BARS else ""
            charts.append(
                bars(
                    _before_and_after(rows[:BARS], found.at if found else ""), title=title + more, inline=True
                )
            )
    course = _evaluations(report)
    if any(len(points) > 2 for points in course.values()) or (report.others and course):
        colours = list(SPLITS)
        charts.append(
            lines(
                course,
                title="Accuracy on fresh questions",
                y="pass@1",
                low=0.0,
                high=1.0,
                smooth=False,
                strokes={
                    name: Stroke(
                        colours.index(name.split(",")[0]), dashed=not name.endswith(f", {report.own.name}")
                    )
                    for name in course
                },
                inline=True,
            )
        )
    return charts


def _before_and_after(rows: Sequence[EvaluationRow], at: str) -> list[Bar]:
    def bar(row: EvaluationRow, given: Estimate | None, group: str) -> Bar:
        label = row.title or row.name
        if given is None or given.value is None:
            return Bar(label, None, group=group)
        return Bar(label, given.value, given.low, given.high, group)

    found = []
    for row in rows:
        if row.before is not None:
            found.append(bar(row, row.before, "before training"))
        if row.after is not None:
            found.append(bar(row, row.after, at))
    return found


def _evaluations(report: Report) -> dict[str, list[Point]]:
    """pass@1 of each split over the steps at which the runs were evaluated."""
    series: dict[str, list[Point]] = {}
    for data in report.runs:
        for record in data.evaluations:
            at = 0 if record.name == "before" else data.last if record.step is None else record.step
            for figures in summarise(record.results).splits:
                if figures.name in SPLITS:
                    points = series.setdefault(f"{figures.name}, {data.name}", [])
                    points.append((at, figures.pass_at[1].value))
    return {name: sorted(points, key=lambda point: point[0]) for name, points in series.items()}


def _levels(report: Report) -> list[str]:
    """The level of each environment at the steps that drew it: a level stays what it is in between."""
    points: dict[str, list[Point]] = {}
    for step in report.own.steps:
        drawn: dict[str, list[StepEnvironment]] = {}
        for row in step.environments:
            drawn.setdefault(row.environment, []).append(row)
        for id, rows in drawn.items():
            points.setdefault(id, []).append((step.step, level(rows)))
    ranked = [row.id for row in environments(report)]
    if not ranked:
        return []
    series: dict[str, list[Point]] = {}
    strokes: dict[str, Stroke] = {}
    for number, id in enumerate(ranked[:NAMED]):
        name = report.titles.get(id) or id
        key = name if name not in series else f"{name} ({id[:8]})"
        series[key], strokes[key] = points[id], Stroke(number)
    if rest := ranked[NAMED:]:
        name = f"mean of {len(rest)} others"
        series[name], strokes[name] = _mean_level([points[id] for id in rest]), Stroke(None)
    chart = lines(
        series,
        title="Level of each environment",
        y="at the steps that drew it",
        low=0.0,
        smooth=False,
        strokes=strokes,
        inline=True,
    )
    return [
        chart,
        *_plots(report, (Plot("Highest level", "mean of the active", {"level": "pool_top_level"}, 0.0),)),
    ]


def _mean_level(curves: Sequence[Sequence[Point]]) -> list[Point]:
    """At each step the mean over the environments that were drawn in it."""
    drawn: dict[float, list[float]] = {}
    for curve in curves:
        for at, value in curve:
            if value is not None:
                drawn.setdefault(at, []).append(value)
    return [(at, sum(values) / len(values)) for at, values in sorted(drawn.items())]


def _pool(report: Report) -> list[str]:
    shown = {name: metric for name, metric in MEMBERS.items() if report.own.has(metric)}
    if not shown:
        return []
    parts = {name: report.own.curve(metric) for name, metric in shown.items()}
    return [stacks(parts, title="Members of the pool", y="environments", inline=True)]


def _time(data: RunData) -> list[str]:
    shown = {name: metric for name, metric in PARTS.items() if data.has(metric)}
    if not shown:
        return []
    parts = {name: data.curve(metric) for name, metric in shown.items()}
    if data.has("seconds"):
        parts["other"] = [
            (
                at,
                None
                if whole is None
                else max(0.0, whole - sum(parts[name][place][1] or 0.0 for name in shown)),
            )
            for place, (at, whole) in enumerate(data.curve("seconds"))
        ]
    return [stacks(parts, title="Where a step's time goes", y="seconds", inline=True)]


def _proposals(report: Report) -> list[str]:
    """How far proposals come: over the run, and gate by gate."""
    series: dict[str, list[Point]] = {}
    strokes: dict[str, Stroke] = {}
    for number, data in enumerate(report.runs):
        proposals = dict(data.curve("proposals"))
        for colour, (name, metric) in enumerate(
            {"a program": "passed_proposal", "passed L5": "passed_L5", "admitted": "admitted"}.items()
        ):
            if not data.has(metric):
                continue
            key = f"{name}, {data.name}" if report.others else name
            strokes[key] = Stroke(colour, dashed=number > 0)
            series[key] = [
                (at, value / made if value is not None and (made := proposals.get(at)) else None)
                for at, value in data.curve(metric)
            ]
    chart = lines(
        series,
        title="Valid proposals",
        y="share of a step's proposals",
        low=0.0,
        high=1.0,
        strokes=strokes,
        inline=True,
    )
    rows = []
    for rate in stages(report.own):
        share = rate.passed / rate.met
        rows.append(Bar(f"{rate.stage} ({rate.passed:,} of {rate.met:,})", share, *wilson(share, rate.met)))
    return [chart, bars(rows, title="Passed, of those that met the gate", inline=True)]
