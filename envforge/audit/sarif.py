"""The findings as SARIF 2.1.0 (OASIS, 2020), which code hosts and editors show beside the code.

A rule for each code of which there is a result; the target is a logical location, and a physical one too where it is
a file. What was not looked for is told as notifications. The package that models the format (sarif-om) writes its
own defaults into every object and needs another one to become JSON, so the objects are plain dictionaries; the tests
check them against the published structure.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from envforge import __version__
from envforge.audit.codes import CODES
from envforge.audit.finding import Audited, Finding, Severity
from envforge.audit.target import ENVIRONMENT

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
FINGERPRINT = "envforgeFinding/v1"

_UNPAIRED = re.compile("[\ud800-\udfff]")


def sarif(audits: Sequence[Audited]) -> str:
    """One log with one run, as indented ASCII JSON. The same audits give the same bytes."""
    used = {finding.code: finding.severity for audited in audits for finding in audited.findings}
    codes = [name for name in CODES if name in used] + sorted(set(used) - set(CODES))
    run = {
        "tool": {
            "driver": {
                "name": "envforge audit",
                "version": __version__,
                "rules": [_rule(code, used[code]) for code in codes],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not any(audited.problem for audited in audits),
                "toolExecutionNotifications": _notifications(audits),
            }
        ],
        "results": [
            _result(finding, audited, codes.index(finding.code))
            for audited in audits
            for finding in audited.findings
        ],
    }
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(_plain(log), indent=2, allow_nan=False) + "\n"


def _rule(name: str, used: Severity) -> dict[str, Any]:
    code = CODES.get(name)
    severity = code.severity if code is not None else used
    rule: dict[str, Any] = {"id": name, "defaultConfiguration": {"level": LEVELS[severity]}}
    if code is not None:
        rule["shortDescription"] = {"text": f"The target {code.meaning}."}
        rule["help"] = {"text": f"{code.remedy[:1].upper()}{code.remedy[1:]}."}
    return rule


def _result(finding: Finding, audited: Audited, rule: int) -> dict[str, Any]:
    digest = hashlib.sha256(json.dumps([finding.target, finding.code]).encode()).hexdigest()
    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": LEVELS[finding.severity],
        "message": {"text": _message(finding.summary)},
        "locations": [_location(audited)],
        "partialFingerprints": {FINGERPRINT: digest},
        "properties": {"evidence": finding.evidence, "command": finding.command},
    }


def _location(audited: Audited) -> dict[str, Any]:
    kind = "module" if audited.group == ENVIRONMENT else "type"
    logical: dict[str, Any] = {"fullyQualifiedName": audited.target, "kind": kind}
    if audited.title:
        logical["name"] = audited.title
    location: dict[str, Any] = {"logicalLocations": [logical]}
    # A file is called by its path; a seed by its name, an environment by its id, a task gym:NAME/TASK.
    if audited.group == ENVIRONMENT and audited.target.endswith(".py"):
        location["physicalLocation"] = {
            "artifactLocation": {"uri": _uri(audited.target)},
            "region": {"startLine": 1},
        }
    return location


def _uri(path: str) -> str:
    pure = PurePath(path)
    if pure.is_absolute():
        return pure.as_uri()
    return quote(pure.as_posix().encode("utf-8", "surrogateescape"))


def _notifications(audits: Sequence[Audited]) -> list[dict[str, Any]]:
    """Targets that could not be looked at, and codes that were not looked for, by target and reason."""
    found = []
    for audited in audits:
        if audited.problem:
            found.append(("error", audited, f"could not be looked at: {audited.problem}"))
        reasons: dict[str, list[str]] = {}
        for code, why in audited.skipped.items():
            reasons.setdefault(why, []).append(code)
        found += [
            ("warning", audited, f"{', '.join(codes)} not looked for, or not to the end: {why}")
            for why, codes in reasons.items()
        ]
    return [
        {
            "level": level,
            "message": {"text": _message(f"{audited.target}: {said}")},
            "locations": [_location(audited)],
        }
        for level, audited, said in found
    ]


def _message(text: str) -> str:
    """A message in which viewers find no link, which programs could have put there; never empty."""
    return text.replace("](", "] (") or "(nothing was said)"


def _plain(value: Any) -> Any:
    """`value` as JSON can hold it: numbers that are not finite by their names, no halves of surrogate pairs."""
    if isinstance(value, str):
        return _UNPAIRED.sub("\ufffd", value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {_plain(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
