"""What an audit says: findings, each with its evidence and the command that shows it again."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any


class Severity(enum.StrEnum):
    """How bad a finding is."""

    ERROR = "error"  # rewards are wrong: a model that trains on it learns the wrong thing
    WARNING = "warning"  # rewards may be wrong, or instances are worth less than they seem
    INFO = "info"  # worth knowing; no fault


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one target.

    `code` is one of envforge.audit.codes.CODES. `summary` is one sentence. `evidence` is a JSON object: the keys
    `seed`, `difficulty`, `answer`, `reference`, `score` and `message` mean the same everywhere, and `tried` and
    `found` count how often it was tried and how often it happened. `command` shows the finding again.
    """

    target: str
    code: str
    severity: Severity
    summary: str
    evidence: dict[str, Any] = field(default_factory=dict)
    command: str = ""

    def data(self) -> dict[str, Any]:
        """The finding as a JSON object."""
        return {
            "target": self.target,
            "code": self.code,
            "severity": self.severity.value,
            "summary": self.summary,
            "evidence": self.evidence,
            "command": self.command,
        }


def finding_from(data: dict[str, Any]) -> Finding:
    """The finding that `Finding.data` wrote."""
    return Finding(**{**data, "severity": Severity(data["severity"])})


@dataclass(frozen=True, slots=True)
class Audited:
    """What became of one target.

    `codes` are those that were looked for. `skipped` tells by code why it was not looked for or not to the end.
    `problem` is the sentence that says why nothing could be looked at, empty otherwise.
    """

    target: str
    title: str
    group: str  # "environment", or the gym's name
    findings: tuple[Finding, ...]
    codes: tuple[str, ...]
    skipped: dict[str, str] = field(default_factory=dict)
    instances: int = 0
    answers: int = 0
    seconds: float = 0.0
    problem: str = ""

    @property
    def worst(self) -> Severity | None:
        """The severity of its worst finding."""
        found = {finding.severity for finding in self.findings}
        return next((severity for severity in Severity if severity in found), None)

    @property
    def faulty(self) -> bool:
        """Whether there is more to say of it than infos."""
        return self.worst in (Severity.ERROR, Severity.WARNING)
