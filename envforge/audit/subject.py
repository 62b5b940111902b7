"""What the auditor is given: a program's source that nothing has looked at yet, or a prepared task of a gym."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from envforge.audit.codes import CODES
from envforge.audit.desk import INSTANCES
from envforge.audit.finding import Finding
from envforge.audit.target import ENVIRONMENT, Target
from envforge.config import AuditConfig
from envforge.contract import content_id
from envforge.sandbox import Evaluator


@dataclass(frozen=True, slots=True)
class Subject:
    """`options` and then `argument` are what stands after `envforge audit` to name it again.

    `id` is the environment's in the registry that was named, empty where it is not known there. A task of somebody
    else's gym comes with its `target` and the `evaluator` behind which it runs.
    """

    name: str
    source: str
    argument: str
    options: tuple[str, ...] = ()
    id: str = ""
    target: Target | None = None
    evaluator: Evaluator | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """As `Target.words`."""
        return self.target.words if self.target is not None else (*self.options, self.argument)

    @property
    def ours(self) -> bool:
        """Whether the contract of environment programs binds it."""
        return self.target is None or self.target.ours

    @property
    def group(self) -> str:
        """As `Target.group`."""
        return ENVIRONMENT if self.target is None else self.target.group

    @property
    def program_id(self) -> str:
        """The id that the source has, whatever the registry calls it."""
        return content_id(self.source) if self.target is None else self.target.program.id


def told(
    subject: Subject,
    config: AuditConfig,
    code: str,
    summary: str,
    others: Iterable[Subject] = (),
    /,
    **evidence: Any,
) -> Finding:
    """A finding about a source, of which there need be no program. `others` have to be named too to see it again."""
    words = ["envforge", "audit", *subject.words, *(other.argument for other in others), "--only", code]
    words += ["--seed", str(config.seed)] if config.seed else []
    words += ["--instances", str(config.instances)] if config.instances != INSTANCES else []
    return Finding(subject.name, code, CODES[code].severity, summary, evidence, shlex.join(words))


def also(finding: Finding, *words: str) -> Finding:
    """The finding with more words on its command."""
    return dataclasses.replace(finding, command=f"{finding.command} {shlex.join(words)}")
