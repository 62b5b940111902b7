"""The audit as one HTML page that needs nothing else.

Everything on it may be hostile: answers, messages and titles come from programs. All of it goes through `escaped`;
what cannot be seen is spelt out. The page's own policy lets a browser load nothing and run one script only, the
page's, which it names by its hash. Without that script everything is there to read; only the filters and the copy
buttons are not.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence

from envforge.audit.cards import About, cards, filters, ordered, tally
from envforge.audit.finding import Audited, Severity
from envforge.audit.style import SCRIPT, STYLE
from envforge.audit.target import ENVIRONMENT
from envforge.charts import escaped
from envforge.gallery.style import STYLE as FILTERS
from envforge.report.page import STYLE as SHARED
from envforge.report.page import duration

LISTED = 120  # clean targets that are open at once


def page(audits: Sequence[Audited]) -> str:
    """The whole page: headline figures, findings with the worst first, then what was clean and what was not looked
    for. The same audits give the same bytes."""
    found = ordered([finding for audited in audits for finding in audited.findings])
    of = {finding.target: audited for audited in audits for finding in audited.findings}
    title = f"Audit of {_count(len(audits), 'target')}"
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'"
    )
    parts = [
        "<!DOCTYPE html>",
        '<html xmlns="http://www.w3.org/1999/xhtml" lang="en"><head><meta charset="utf-8"/>',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"/>',
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
        f"<title>{title}</title><style>{SHARED}{FILTERS}main{{max-width:1152px}}{STYLE}</style></head><body><main>",
        f'<header><h1>{title}</h1><p class="lead">{escaped(_lead(audits))}</p></header>',
        f'<dl class="cards">{"".join(_cards(audits))}</dl>',
        _notes(audits),
    ]
    if found:
        groups = Counter(of[finding.target].group for finding in found)
        parts += [
            f"<h2>By code</h2>{tally(found)}<h2>Findings</h2>{filters(found, groups)}",
            *cards(found, {target: About(one.title, one.group) for target, one in of.items()}),
        ]
    else:
        parts.append("<h2>Findings</h2><p>None.</p>")
    parts += [_clean(audits), _missed(audits)]
    parts.append(
        "<footer>An error means that rewards are wrong; a warning, that they may be, or that instances are worth "
        "less than they seem. docs/audit.md describes every code.</footer>"
        f"</main><script>{SCRIPT}</script></body></html>"
    )
    return "\n".join(part for part in parts if part) + "\n"


# The parts of the page


def _lead(audits: Sequence[Audited]) -> str:
    groups = Counter(audited.group for audited in audits)
    said = []
    if ours := groups.pop(ENVIRONMENT, 0):
        said.append(_count(ours, "environment"))
    said += [f"{_count(number, 'task')} of {group}" for group, number in sorted(groups.items())]
    said.append(f"{_count(sum(audited.instances for audited in audits), 'instance')}")
    said.append(f"{_count(sum(audited.answers for audited in audits), 'answer')} scored")
    return " · ".join(said)


def _cards(audits: Sequence[Audited]) -> Iterator[str]:
    for severity in (Severity.ERROR, Severity.WARNING):
        at = [sum(finding.severity is severity for finding in audited.findings) for audited in audits]
        below = f"in {_count(sum(number > 0 for number in at), 'target')}" if sum(at) else "none"
        yield _card(
            f"{severity.value.capitalize()}s", f"{sum(at):,}", below, severity.value if sum(at) else ""
        )
    clean = sum(_is_clean(audited) for audited in audits)
    yield _card("Clean", f"{clean:,} of {len(audits):,}", "targets without any finding", "", good=clean > 0)
    infos = sum(one.severity is Severity.INFO for audited in audits for one in audited.findings)
    yield _card("Notes", f"{infos:,}", "infos, which are no faults")
    spent = [audited.seconds for audited in audits]
    slowest = max(audits, key=lambda audited: audited.seconds, default=None)
    below = f"{duration(max(spent))} at most: {slowest.target}" if slowest and len(spent) > 1 else ""
    yield _card("Time", duration(sum(spent)), below)


def _card(name: str, big: str, below: str, severity: str = "", good: bool = False) -> str:
    look = f" s-{severity}" if severity else " good" if good else ""
    return (
        f'<div class="card"><dt>{escaped(name)}</dt><dd class="big{look}">{escaped(big)}</dd>'
        f'<dd class="below">{escaped(below)}</dd></div>'
    )


def _is_clean(audited: Audited) -> bool:
    return not audited.findings and not audited.problem


def _notes(audits: Sequence[Audited]) -> str:
    """What a reader must know before believing the rest."""
    said = [
        f"{audited.target} could not be looked at: {audited.problem}" for audited in audits if audited.problem
    ]
    cut = sum(bool(audited.skipped) for audited in audits)
    if cut:
        said.append(
            f"Not every code was looked for to the end in {_count(cut, 'target')}: the table at the end tells which."
        )
    if not said:
        return ""
    return f'<ul class="notes">{"".join(f"<li>{escaped(sentence)}</li>" for sentence in said)}</ul>'


def _clean(audits: Sequence[Audited]) -> str:
    clean = [audited for audited in audits if _is_clean(audited)]
    if not clean:
        return ""

    def names(some: Sequence[Audited]) -> str:
        items = "".join(f'<li title="{escaped(one.title)}">{escaped(one.target)}</li>' for one in some)
        return f'<ul class="names">{items}</ul>'

    more = ""
    if rest := clean[LISTED:]:
        more = f"<details><summary>{_count(len(rest), 'more target')}</summary>{names(rest)}</details>"
    return f"<h2>Nothing found</h2>{names(clean[:LISTED])}{more}"


def _missed(audits: Sequence[Audited]) -> str:
    """What was not looked for, by target and reason."""
    rows = []
    for audited in audits:
        reasons: dict[str, list[str]] = {}
        for code, why in audited.skipped.items():
            reasons.setdefault(why, []).append(code)
        rows += [
            f'<tr><td class="title">{escaped(audited.target)}</td><td>{escaped(", ".join(codes))}</td>'
            f"<td>{escaped(why)}</td></tr>"
            for why, codes in reasons.items()
        ]
    if not rows:
        return ""
    return (
        '<h2>Not looked for, or not to the end</h2><div class="wide"><table><thead><tr><th>target</th><th>codes</th>'
        f"<th>why</th></tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
