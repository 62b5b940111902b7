"""The audit as one HTML page that needs nothing else.

Everything on it may be hostile: answers, messages and titles come from programs. All of it goes through `escaped`;
what cannot be seen is spelt out. The page's own policy lets a browser load nothing and run one script only, the
page's, which it names by its hash. Without that script everything is there to read; only the filters and the copy
buttons are not.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envforge.audit.codes import CODES
from envforge.audit.finding import Audited, Finding, Severity
from envforge.audit.style import SCRIPT, STYLE
from envforge.audit.target import ENVIRONMENT
from envforge.charts import escaped
from envforge.gallery.style import STYLE as FILTERS
from envforge.report.page import STYLE as SHARED
from envforge.report.page import duration

CHECKED = ' checked="checked"'
FOLDED = 400  # characters, or FOLDED_LINES, from which on a piece of evidence is folded
FOLDED_LINES = 10
SHORT = 40  # characters up to which a text is a fact among others
LONGEST = 20_000  # characters of it that are shown at all
SCALE = 8  # findings that a whole bar stands for at least
LISTED = 120  # clean targets that are open at once

# The parts of the evidence that come first, as texts and as facts.
TEXTS = ("answer", "reference", "message")
FACTS = ("score", "before", "difficulty", "seed")
_ORDER = {code: place for place, code in enumerate(CODES)}
_SEVERITIES = list(Severity)
_HIDDEN = re.compile("^[ ]+|[ ]+$|\n$")


@dataclass(frozen=True, slots=True)
class About:
    """What a card says of its target: title, group, and the address that its name leads to."""

    title: str = ""
    group: str = ""
    link: str = ""


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


def ordered(findings: Sequence[Finding]) -> list[Finding]:
    """The worst first, then in the order of the codes; those of one code in the order given."""
    return sorted(
        findings,
        key=lambda one: (_SEVERITIES.index(one.severity), _ORDER.get(one.code, len(_ORDER)), one.code),
    )


def tally(findings: Sequence[Finding]) -> str:
    """Bars: how many findings have each code. A bar leads to the first of them, and filters where scripts run."""
    counts = Counter((finding.severity, finding.code) for finding in ordered(findings))
    most = max(*counts.values(), SCALE) if counts else SCALE
    rows = "".join(
        f'<li><a class="s-{severity.value}" href="#{_anchor(severity, code)}" data-code="{escaped(code)}">'
        f'<span class="code">{escaped(code)}</span><svg viewBox="0 0 100 12" preserveAspectRatio="none" '
        f'aria-hidden="true"><rect width="{100 * number / most:.1f}" height="12"/></svg>'
        f"<b>{number:,}</b></a></li>"
        for (severity, code), number in counts.items()
    )
    return f'<ul class="tally" aria-label="Findings by code">{rows}</ul>'


def filters(findings: Sequence[Finding], groups: Mapping[str, int]) -> str:
    """The form; it is hidden until the script, without which it would do nothing, shows it. `groups` counts the
    findings of each group; fewer than two leave nothing to choose."""
    severities = Counter(finding.severity for finding in findings)
    chips = [("", "all", len(findings))]
    chips += [(one.value, one.value, severities[one]) for one in Severity if severities[one]]
    radios = "".join(
        f'<label><input type="radio" name="severity" value="{value}"{"" if value else CHECKED}/>'
        f"<span>{name}<small>{number:,}</small></span></label>"
        for value, name, number in chips
    )
    codes = Counter(finding.code for finding in ordered(findings))
    chosen = _select("code", "all codes", codes)
    if len(groups) > 1:
        chosen += _select("group", "all groups", dict(sorted(groups.items())))
    return (
        '<form class="filters" hidden="hidden" role="search">'
        '<input id="search" type="search" placeholder="Search" aria-label="Search targets, summaries and evidence"/>'
        f'<fieldset class="buckets" aria-label="Severity">{radios}</fieldset>{chosen}'
        '<span class="count" role="status"></span></form>'
        '<p class="none" hidden="hidden">Nothing fits. <button type="button">Show everything</button></p>'
    )


def cards(findings: Sequence[Finding], about: Mapping[str, About]) -> Iterator[str]:
    """A card for each finding, in their order; `about` says by target what is known beside them."""
    begun: set[str] = set()
    for finding in findings:
        anchor = _anchor(finding.severity, finding.code)
        id = "" if anchor in begun else f' id="{anchor}"'
        begun.add(anchor)
        yield _finding(finding, about.get(finding.target, About()), id)


def _finding(finding: Finding, about: About, id: str) -> str:
    """Target, code, summary, evidence, command, meaning and remedy."""
    severity, code = finding.severity, CODES.get(finding.code)
    name = escaped(finding.target)
    if about.link:
        name = f'<a href="{escaped(about.link)}">{name}</a>'
    said = about.title.partition(":")[0].strip().rstrip(".")
    below = f'<span class="small">{escaped(said)}</span>' if said and said != finding.target else ""
    command = ""
    if finding.command:
        command = (
            f'<div class="command"><code>{escaped(finding.command)}</code>'
            '<button type="button" class="copy" hidden="hidden">Copy</button></div>'
        )
    advice = ""
    if code is not None:
        advice = f'<p class="advice">The target <b>{escaped(code.meaning)}</b>. Remedy: {escaped(code.remedy)}.</p>'
    return (
        f'<article class="finding s-{severity.value}"{id} data-severity="{severity.value}" '
        f'data-code="{escaped(finding.code)}" data-group="{escaped(about.group)}">'
        f'<header><span class="code">{escaped(finding.code)}</span><h3>{name}</h3>{below}</header>'
        f'<p class="says">{escaped(finding.summary)}</p>{_evidence(finding.evidence)}{command}{advice}</article>'
    )


def shown(value: Any) -> str:
    """A piece of evidence as text in which nothing hides: spaces at the ends, a newline at the end and characters
    that cannot be seen are marked."""
    text = (
        value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    )
    marked = _HIDDEN.sub(lambda found: "␣" * len(found[0]) if found[0] != "\n" else "↵", text)
    return "".join(
        one if one.isprintable() or one == "\n" else one.encode("unicode_escape").decode() for one in marked
    )


# The parts of a card


def _anchor(severity: Severity, code: str) -> str:
    """The id of the cards of a code: a browser goes to the first of them."""
    return f"{severity.value}-{re.sub('[^a-z0-9-]', '', code.lower())}"


def _evidence(evidence: Mapping[str, Any]) -> str:
    """Answer, reference and message beside each other, then what is long, then facts in one line."""
    facts = [(name, shown(evidence[name])) for name in FACTS if evidence.get(name) is not None]
    if isinstance(evidence.get("tried"), int):
        facts.append(("happened", f"{evidence.get('found', 0)} of {evidence['tried']} times"))
    texts = [name for name in TEXTS if evidence.get(name) is not None]
    done = {*TEXTS, *FACTS, "tried", "found"}
    for name, value in evidence.items():
        if name in done or value in ("", None):
            continue
        if isinstance(value, (int, float)) or (isinstance(value, str) and len(value) <= SHORT):
            facts.append((_named(name), shown(value)))
        else:
            texts.append(name)
    held = ""
    if texts:
        held = "".join(
            f"<div><dt>{escaped(_named(name))}</dt><dd>{_text(evidence[name])}</dd></div>" for name in texts
        )
        held = f'<dl class="evidence">{held}</dl>'
    if facts:
        pairs = "".join(
            f"<div><dt>{escaped(name)}</dt><dd>{escaped(value)}</dd></div>" for name, value in facts
        )
        held += f'<dl class="where">{pairs}</dl>'
    return held


def _named(key: str) -> str:
    return key.replace("_", " ")


def _text(value: Any) -> str:
    if value == "":
        return '<pre class="empty">empty</pre>'
    whole = value if isinstance(value, str) else shown(value)
    left = len(whole) - LONGEST
    text = shown(whole[:LONGEST]) if isinstance(value, str) else whole[:LONGEST]
    # What scrolls has to be reachable by keyboard.
    pre = f'<pre tabindex="0">{escaped(text)}</pre>'
    if left > 0:
        pre += f'<p class="small">and {_count(left, "more character")}</p>'
    lines = whole.count("\n") + 1
    if len(whole) < FOLDED and lines < FOLDED_LINES:
        return pre
    size = _count(len(whole), "character") + (f" in {_count(lines, 'line')}" if lines > 1 else "")
    start = " ".join(text[:60].split())
    return f"<details><summary>{escaped(start)}… ({size})</summary>{pre}</details>"


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


def _select(name: str, everything: str, counts: Mapping[str, int]) -> str:
    options = "".join(
        f'<option value="{escaped(value)}">{escaped(value)} ({number:,})</option>'
        for value, number in counts.items()
    )
    return (
        f'<select id="{name}" aria-label="{name.capitalize()}"><option value="">{everything}</option>'
        f"{options}</select>"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
