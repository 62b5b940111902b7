"""Templates, and how values become text in them.

Titles, sources, evidence and tags come from programs that models wrote. Every value that a template prints goes
through `charts.escaped`, without any word in the template; only what our own code has drawn as markup says so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from envforge.audit.cards import shown
from envforge.charts import escaped, figure
from envforge.report.page import duration


def templates() -> Environment:
    """The templates of this package."""
    made = Environment(
        loader=PackageLoader("envforge.serve"),
        autoescape=True,
        finalize=_finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "count": _count,
        "drawn": Markup,
        "duration": duration,
        "figure": figure,
        "moment": _moment,
        "name": _name,
        "rate": _rate,
        "shown": shown,
        "percent": _percent,
    }
    return made


def _finalize(value: Any) -> Any:
    """What is printed: markup as it is, None as nothing, all else as text that is escaped as on all our pages."""
    if value is None:
        return ""
    return value if hasattr(value, "__html__") else Markup(escaped(str(value)))


def _moment(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def _name(title: str | None) -> str:
    """A title without what follows its colon."""
    return (title or "").partition(":")[0].strip().rstrip(".") or "(no program)"


def _rate(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"
