"""What the probes of one target share: its instances, its scorer, the time that is left."""

from __future__ import annotations

import shlex
import time
from collections.abc import Sequence
from typing import Any

from envforge.audit.codes import CODES
from envforge.audit.finding import Finding, Severity
from envforge.audit.target import Target
from envforge.config import AuditConfig
from envforge.contract import Instance, derive_seed
from envforge.sandbox import Evaluator, Failure, ScoreCall
from envforge.sandbox.calls import state_text

PURPOSE = "audit"  # of the seeds: apart from every stream of training, evaluation, validation and analysis
FULL = 1.0


class OutOfTime(Exception):
    """The target's time is over."""


class Desk:
    """One target under audit. Instances are drawn once, in order of (level, index), and shared by all probes."""

    def __init__(self, target: Target, evaluator: Evaluator, config: AuditConfig) -> None:
        self.target, self.evaluator, self.config = target, evaluator, config
        self.began = time.monotonic()
        self.answers = 0  # scored so far
        self.failures: list[tuple[int, int, Failure]] = []  # (seed, difficulty, why) of instances that failed
        self._levels: tuple[tuple[Instance, ...], ...] | None = None

    @property
    def levels(self) -> tuple[tuple[Instance, ...], ...]:
        """The instances that could be made, by level: `config.instances` of each at most."""
        if self._levels is None:
            self.hurry()
            keys = self.keys(self.config.instances)
            made = self.evaluator.instances(self.target.program, keys, pictures=True)
            by_level: dict[int, list[Instance]] = {level: [] for level in self.target.program.difficulties}
            for (seed, level), one in zip(keys, made):
                if isinstance(one, Failure):
                    self.failures.append((seed, level, one))
                else:
                    by_level[level].append(one)
            self._levels = tuple(tuple(found) for found in by_level.values())
        return self._levels

    @property
    def instances(self) -> list[Instance]:
        """All instances, the first of each level first."""
        longest = max((len(level) for level in self.levels), default=0)
        return [level[index] for index in range(longest) for level in self.levels if index < len(level)]

    def keys(self, count: int, purpose: str = PURPOSE) -> list[tuple[int, int]]:
        """(seed, difficulty) of `count` instances of each level; other purposes give other seeds."""
        return [
            (self.seed(level, index, purpose), level)
            for level in self.target.program.difficulties
            for index in range(count)
        ]

    def seed(self, level: int, index: int, purpose: str = PURPOSE) -> int:
        """The seed of an instance. Those of a gym have 31 bits, which every generator takes, and are its own."""
        seed = derive_seed(purpose, self.target.program.id, self.config.seed, level, index)
        return seed if self.target.ours else seed >> 32

    def scores(
        self,
        questions: Sequence[tuple[Instance, str]],
        *,
        fresh: bool = False,
        strict: bool = False,
        hash_seed: int = 0,
        salt: int = 0,
    ) -> list[float | Failure]:
        """The score of every (instance, answer), or why there is none, in order. Raises OutOfTime."""
        self.hurry()
        self.answers += len(questions)
        texts: dict[int, str] = {}
        calls = [
            ScoreCall(texts.setdefault(id(one), state_text(one.state)), answer) for one, answer in questions
        ]
        return self.evaluator.scores(
            self.target.program, calls, fresh=fresh, strict=strict, hash_seed=hash_seed, salt=salt
        )

    def hurry(self) -> None:
        """Raise OutOfTime when the target's time is over."""
        if self.config.seconds and time.monotonic() - self.began > self.config.seconds:
            raise OutOfTime

    def finding(
        self, code: str, summary: str, /, severity: Severity | None = None, **evidence: Any
    ) -> Finding:
        """A finding of this target with the command that shows it again."""
        words = ["envforge", "audit", *self.target.words, "--only", code]
        words += ["--seed", str(self.config.seed)] if self.config.seed else []
        words += ["--instances", str(self.config.instances)] if self.config.instances != INSTANCES else []
        return Finding(
            self.target.name, code, severity or CODES[code].severity, summary, evidence, shlex.join(words)
        )


INSTANCES = AuditConfig().instances
