"""The findings that `envforge audit --json` wrote."""

from __future__ import annotations

import json
from pathlib import Path

from envforge.audit.finding import Finding, finding_from
from envforge.errors import UsageError


def read_findings(path: Path) -> list[Finding]:
    """The findings in `path`, in their order. Raises UsageError for a file that cannot be read or holds none."""
    try:
        rows = json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise UsageError(f"{path} is no JSON: give what 'envforge audit --json' printed") from error
    try:
        return [_checked(finding_from(row)) for row in rows]
    except (TypeError, KeyError, ValueError) as error:
        raise UsageError(
            f"{path} holds no list of findings: give what 'envforge audit --json' printed"
        ) from error


def _checked(finding: Finding) -> Finding:
    texts = (finding.target, finding.code, finding.summary, finding.command)
    if not all(isinstance(text, str) for text in texts) or not isinstance(finding.evidence, dict):
        raise TypeError("not a finding")
    return finding
