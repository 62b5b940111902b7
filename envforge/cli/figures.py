"""Evaluations as tables, JSON and pictures: what `envforge eval` shows."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envforge.cli import display
from envforge.cli.rates import bar
from envforge.errors import UsageError
from envforge.evaluation import Change, Comparison, Figures, Summary, level_figures
from envforge.verdict import LevelResult

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from envforge.evaluation import Estimate


GAP = 3  # characters between two columns
MIN_NAME = 16  # characters that the first column keeps


@dataclass(frozen=True, slots=True)
class Evaluation:
    """One evaluation as it is shown, saved and compared: by whom, how, and what came of it."""

    policy: str
    name: str
    settings: Mapping[str, Any]
    results: tuple[LevelResult, ...]


def show(
    evaluation: Evaluation,
    summary: Summary,
    comparison: Comparison | None,
    earlier: Evaluation | None,
    saved: int | None,
) -> None:
    """The tables, and what they come to in a sentence."""
    console = display.screen()
    pretty = console.encoding.startswith("utf")
    wide = console.width >= 100
    console.print(_fitted(_environments(evaluation.results, summary, pretty, wide), console.width))
    groups = _groups(summary, pretty, wide)
    if groups is not None:
        display.section(console, _fitted(groups, console.width))
    if comparison is not None and earlier is not None:
        title = f"Change since {earlier.name or earlier.policy}"
        display.section(console, _fitted(_changes(comparison, title), console.width))
        if comparison.missing:
            said = f"{display.count(comparison.missing, 'instance')} in only one of the two, left out here."
            console.print(display.text(said, display.DIM))
    display.section(console, display.text(_sentence(evaluation, summary, saved), display.DIM))


def _environments(results: Sequence[LevelResult], summary: Summary, pretty: bool, wide: bool) -> Table:
    """One row for each environment and level."""
    found = _table("environment", *(["level"] if len(summary.levels) > 1 else []), summary=summary, wide=wide)
    several = len(summary.levels) > 1
    first = ""
    for place, result in enumerate(results):
        name = display.text("")
        below = " ".join(filter(None, (_short(result.subject), result.split)))
        if result.subject != first:
            # The rows of further levels leave room for what would stand below the title.
            more = place + 1 < len(results) and results[place + 1].subject == result.subject
            name = display.titled(result.title, "" if more else below)
            first = result.subject
        elif place < 2 or results[place - 2].subject != first:
            name = display.text(below, display.DIM)
        level = [display.text(result.difficulty)] if several else []
        found.add_row(name, *level, *_cells(level_figures(result), summary, pretty, wide))
    return found


def _groups(summary: Summary, pretty: bool, wide: bool) -> Table | None:
    """Splits, levels and tags, as far as there is more than one of each, and all together; None for one
    environment at one level, which has been said."""
    if len(summary.environments) == 1 and len(summary.levels) == 1:
        return None
    found = _table("in all", "envs", summary=summary, wide=wide)
    cuts = (("split", summary.splits), ("level", summary.levels), ("tag", summary.tags))
    for noun, rows in cuts:
        for figures in rows if len(rows) > 1 else ():
            name = figures.name if noun == "split" else f"{noun} {figures.name}"
            found.add_row(
                display.text(name), str(figures.environments), *_cells(figures, summary, pretty, wide)
            )
        if len(rows) > 1:
            found.add_section()
    found.add_row(
        display.text("all", "bold"),
        str(summary.all.environments),
        *_cells(summary.all, summary, pretty, wide),
    )
    return found


def _table(*first: str, summary: Summary, wide: bool) -> Table:
    """An empty table whose last columns `_cells` fills."""
    columns = [*first, "pass@1"]
    columns += [""] if wide else []
    columns += [f"pass@{k}" for k in summary.all.pass_at if k > 1] if wide else []
    last = max(summary.all.pass_at)
    columns += [f"pass@{last}"] if not wide and last > 1 else []
    columns += ["n"]
    columns += ["no answer"] if summary.all.format_failures else []
    columns += ["lost"] if summary.all.lost else []
    fixed = (columns[0], "", "pass@1")
    return display.table(*columns, right=set(columns[1:]) - set(fixed), fixed=fixed)


def _cells(figures: Figures, summary: Summary, pretty: bool, wide: bool) -> list[Text]:
    one = figures.pass_at[1]
    cells = [_interval(one)]
    if wide:
        cells.append(display.text(bar(one.value, 0.0, pretty=pretty) if one.value is not None else ""))
    several = [k for k in summary.all.pass_at if k > 1]
    for k in several if wide else several[-1:]:
        value = figures.pass_at[k].value if k in figures.pass_at else None
        cells.append(display.text("" if value is None else f"{value:.2f}"))
    cells.append(display.text(f"{figures.instances:,}"))
    if summary.all.format_failures:
        share = f"{figures.format_failures / figures.responses:.0%}" if figures.format_failures else ""
        cells.append(display.text(share))
    if summary.all.lost:
        cells.append(display.text(figures.lost or "", display.WARN))
    return cells


def _changes(comparison: Comparison, title: str) -> Table:
    """Before and after, for each environment, split and level, and in all."""
    found = display.table(
        "environment", "before", "after", "change", "n", title=title, right=("before", "after", "n"),
        fixed=("environment", "change"),
    )  # fmt: skip

    def row(name: Text, change: Change) -> None:
        found.add_row(
            name,
            _number(change.before.value),
            _number(change.after.value),
            _rise(change.rise),
            display.text(f"{change.instances:,}"),
        )

    for change in comparison.environments:
        row(display.titled(change.title, f"{_short(change.name)} {change.split}"), change)
    found.add_section()
    for noun, changes in (("", comparison.splits), ("level ", comparison.levels)):
        for change in changes if len(changes) > 1 else ():
            row(display.text(f"{noun}{change.name}"), change)
    row(display.text("all", "bold"), comparison.all)
    return found


def _fitted(table: Table, width: int) -> Table:
    """The table with a first column that gives way to figures, which are of no use when they are cut."""
    from rich.cells import cell_len

    _, *others = table.columns
    taken = sum(
        GAP + max(cell_len(str(text)) for text in (column.header, *column.cells)) for column in others
    )
    table.columns[0].max_width = max(MIN_NAME, width - taken)
    return table


def _interval(one: Estimate) -> Text:
    if one.value is None:
        return display.text("not measured", display.WARN)
    return display.text(f"{one.value:.2f} [{one.low:.2f}, {one.high:.2f}]")


def _number(value: float | None) -> Text:
    return display.text("" if value is None else f"{value:.2f}")


def _rise(rise: Estimate) -> Text:
    """A difference, in a colour where its interval leaves out 0."""
    if rise.value is None:
        return display.text("not measured", display.WARN)
    style = display.GOOD if rise.low > 0 else display.BAD if rise.high < 0 else ""
    return display.text(f"{rise.value:+.2f} [{rise.low:+.2f}, {rise.high:+.2f}]", style)


def _sentence(evaluation: Evaluation, summary: Summary, saved: int | None) -> str:
    every = summary.all
    said = (
        f"{display.count(every.responses, 'response')} by {evaluation.policy}",
        f"temperature {evaluation.settings['temperature']:g}",
        display.count(every.tokens, "token") if every.tokens else "",
        _score(every),
        "95% intervals",
        f"saved as evaluation {saved}" if saved is not None else "",
    )
    return "; ".join(filter(None, said)) + "."


def _score(figures: Figures) -> str:
    """The mean score, where partial credit makes it another number than pass@1."""
    value = figures.pass_at[1].value
    if figures.score is None or value is None or abs(figures.score - value) < 0.005:
        return ""
    return f"mean score {figures.score:.2f} with partial credit"


def _short(id: str) -> str:
    return id if id.startswith("gym:") else id[:8]


# JSON ------------------------------------------------------------------------------------------------------


def as_data(
    evaluation: Evaluation,
    summary: Summary,
    comparison: Comparison | None,
    saved: int | None,
    problems: Sequence[str],
) -> dict[str, Any]:
    """An evaluation as the JSON of docs/evaluation.md. Its `results` are what `read_data` reads."""
    return {
        "policy": evaluation.policy,
        "name": evaluation.name,
        "settings": dict(evaluation.settings),
        "saved": saved,
        "problems": list(problems),
        "all": _figures_data(summary.all),
        **{
            cut: [_figures_data(figures) for figures in getattr(summary, cut)]
            for cut in ("splits", "levels", "tags", "environments")
        },
        "change": None if comparison is None else _comparison_data(comparison),
        "results": [dataclasses.asdict(result) for result in evaluation.results],
    }


def read_data(data: Any, where: str) -> Evaluation:
    """The evaluation in the JSON of `as_data`. Raises UsageError for anything else; `where` names it there."""
    try:
        results = tuple(_result(row) for row in data["results"])
        found = Evaluation(str(data["policy"]), str(data["name"]), dict(data["settings"]), results)
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{where} is no evaluation as 'envforge eval --json' prints it") from error
    return found


def _result(row: dict[str, Any]) -> LevelResult:
    types = typing.get_type_hints(LevelResult)
    if set(row) != set(types):
        raise ValueError("other fields")
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    for name, kind in types.items():
        wanted = typing.get_origin(kind) or kind
        if type(values[name]) is not wanted and not (wanted is float and type(values[name]) is int):
            raise ValueError(f"{name} is no {wanted.__name__}")
        if wanted is tuple and any(type(item) is not typing.get_args(kind)[0] for item in values[name]):
            raise ValueError(f"{name} holds something else")
    result = LevelResult(**values)  # type: ignore[arg-type]
    if len(result.seeds) != len(result.passes) or result.samples < 1:
        raise ValueError("numbers that do not go together")
    if not all(0 <= passes <= result.samples for passes in result.passes):
        raise ValueError("more passes than samples")
    return result


def _figures_data(figures: Figures) -> dict[str, Any]:
    return {
        **dataclasses.asdict(figures),
        "pass_at": {str(k): dataclasses.asdict(one) for k, one in figures.pass_at.items()},
    }


def _comparison_data(comparison: Comparison) -> dict[str, Any]:
    return dataclasses.asdict(comparison)


# Pictures --------------------------------------------------------------------------------------------------


def check_picture(path: Path) -> None:
    """Raise UsageError for a picture that cannot be drawn, before anything else is done."""
    if path.suffix.lower() not in (".svg", ".html"):
        raise UsageError(f"--picture: the file must end in .svg or .html, not '{path.name}'")
    if not path.absolute().parent.is_dir():
        raise UsageError(f"--picture: the folder {path.parent} does not exist")


def picture(
    path: Path,
    evaluation: Evaluation,
    summary: Summary,
    comparison: Comparison | None,
    earlier: Evaluation | None,
) -> None:
    """Write pass@1 of each environment with its interval to `path`: of both evaluations where one is compared."""
    from envforge import charts
    from envforge.cli.exits import writing

    if comparison is not None and earlier is not None:
        title = f"pass@1 of {evaluation.policy}, before and after"
        rows = [
            charts.Bar(_label(change), one.value, one.low, one.high, group)
            for change in (*comparison.environments, comparison.all)
            for group, one in (("before", change.before), ("after", change.after))
        ]
    else:
        title = f"pass@1 of {evaluation.policy}"
        rows = [
            charts.Bar(_label(figures), one.value, one.low, one.high, figures.split)
            for figures in (*summary.environments, summary.all)
            for one in (figures.pass_at[1],)
        ]
    svg = charts.bars(rows, title=title)
    if path.suffix.lower() == ".html":
        svg = (
            '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
            f"<title>{charts.escaped(title)}</title></head>\n<body>\n{svg}\n</body></html>\n"
        )
    with writing(path):
        path.write_text(svg, "utf-8")


def _label(row: Figures | Change) -> str:
    return row.title.rstrip(".") if row.title and row.name != "all" else row.name
