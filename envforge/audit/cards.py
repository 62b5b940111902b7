"""A finding as a card, and what stands above the cards: bars by code, filters; for the page and `envforge serve`.

All text goes through `escaped`, and what cannot be seen in a piece of evidence is spelt out.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from envforge.audit.codes import CODES
from envforge.audit.finding import Finding, Severity
from envforge.charts import escaped

CHECKED = ' checked="checked"'
FOLDED = 400  # characters, or FOLDED_LINES, from which on a piece of evidence is folded
FOLDED_LINES = 10
SHORT = 40  # characters up to which a text is a fact among others
LONGEST = 20_000  # characters of it that are shown at all
SCALE = 8  # findings that a whole bar stands for at least

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
    summary = finding.summary[:1].upper() + finding.summary[1:]
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
        f'<p class="says">{escaped(summary)}</p>{_evidence(finding.evidence)}{command}{advice}</article>'
    )


def shown(value: Any) -> str:
    """A piece of evidence as text in which nothing hides: spaces at the ends, a newline at the end and characters
    that cannot be seen are marked."""
    text = value if isinstance(value, str) else _laid_out(value)
    marked = _HIDDEN.sub(lambda found: "␣" * len(found[0]) if found[0] != "\n" else "↵", text)
    return "".join(
        one if one.isprintable() or one == "\n" else one.encode("unicode_escape").decode() for one in marked
    )


def _laid_out(value: Any) -> str:
    """JSON; of a flat object a line for each pair, of a flat list its items in a row."""
    if isinstance(value, dict) and value and not any(isinstance(one, (dict, list)) for one in value.values()):
        return "\n".join(f"{name}: {_json(one)}" for name, one in value.items())
    if isinstance(value, list) and value and not any(isinstance(one, (dict, list)) for one in value):
        return ", ".join(map(_json, value))
    return _json(value, 1)


def _json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


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
