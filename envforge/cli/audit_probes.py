"""Probes that need more than the target: an independent solver, a policy, answers that once worked."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from envforge.errors import UsageError

if TYPE_CHECKING:
    from envforge.audit.desk import Desk
    from envforge.audit.finding import Finding
    from envforge.audit.hacker import Exploit
    from envforge.audit.probe import Probe
    from envforge.policies import Policy


@dataclass(frozen=True, slots=True)
class Helpers:
    """What was given on the command line. `attempts` and `votes` are of the policy, 0 for none; `count` the instances
    that it sees of each target."""

    solver: Path | None = None
    policy: str | None = None
    attempts: int = 0
    votes: int = 0
    count: int = 4
    regressions: Path | None = None
    seed: int = 0
    _exploits: list[Exploit] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def probes(self, stack: ExitStack) -> list[Probe]:
        """The probes; the policy is closed with `stack`. Raises UsageError for what cannot be used."""
        if self.votes and self.policy is None:
            raise UsageError("--votes asks a policy: name it with --policy")
        found = [self._solver()] if self.solver is not None else []
        if self.policy is not None:
            from envforge.cli import display
            from envforge.policies.kinds import make_policy

            policy = stack.enter_context(closing(make_policy(self.policy, say=display.tell)))
            found += [self._hacker(policy)] if self.attempts else []
            found += [self._votes(policy)] if self.votes else []
        if self.regressions is not None:
            found.append(self._regressions(self.regressions))
        return found

    def keep(self) -> int:
        """Write the answers that worked to the file of regressions; returns how many there are now."""
        from envforge.audit.hacker import Regressions

        if self.regressions is None or not self._exploits:
            return 0
        joined = Regressions.load(self.regressions).joined(self._exploits)
        joined.save(self.regressions)
        return len(joined.exploits)

    def _solver(self) -> Probe:
        from envforge.audit.probe import Probe
        from envforge.audit.solvers import contradictions
        from envforge.audit.subject import also
        from envforge.contract import content_id
        from envforge.sources import read_source

        assert self.solver is not None
        path = str(self.solver)
        source = read_source(self.solver).source

        def run(desk: Desk) -> list[Finding]:
            return [also(finding, "--solver", path) for finding in contradictions(desk, source)]

        # Another solver is another probe, to a journal too.
        return Probe(f"solver {content_id(source)}", ("label-contradicted",), run, foreign=False)

    def _hacker(self, policy: Policy) -> Probe:
        from envforge.audit.hacker import hack
        from envforge.audit.probe import Probe
        from envforge.cli import display

        words = [
            "--policy",
            str(self.policy),
            "--attempts",
            str(self.attempts),
            "--questions",
            str(self.count),
        ]
        if self.regressions is not None:
            words = ["--regressions", str(self.regressions)]  # where it is kept

        def run(desk: Desk) -> Sequence[Finding]:
            found = hack(desk, policy, self.attempts, instances=self.count, seed=self.seed)
            if found.problem:
                display.tell(
                    f"{desk.target.name}: the policy's pass ended early: {found.problem}", display.WARN
                )
            with self._lock:
                self._exploits.extend(found.exploits)
            return [_again(finding, *words) for finding in found.findings]

        return Probe(f"hacker {self.policy} {self.attempts}x{self.count}", ("hacked",), run)

    def _votes(self, policy: Policy) -> Probe:
        from envforge.audit.probe import Probe
        from envforge.audit.subject import also
        from envforge.audit.votes import vote

        def run(desk: Desk) -> list[Finding]:
            words = ("--policy", str(self.policy), "--attempts", "0", "--votes", str(self.votes),
                     "--questions", str(self.count))  # fmt: skip
            found = vote(desk, policy, self.votes, instances=self.count, seed=self.seed)
            return [also(finding, *words) for finding in found]

        return Probe(f"votes {self.policy} {self.votes}x{self.count}", ("label-contradicted",), run)

    def _regressions(self, path: Path) -> Probe:
        from envforge.audit.hacker import Regressions, regressions
        from envforge.audit.probe import Probe
        from envforge.contract import content_id

        known = content_id("".join(map(repr, Regressions.load(path).exploits)))

        def run(desk: Desk) -> list[Finding]:
            return [_again(finding, "--regressions", str(path)) for finding in regressions(desk, path)]

        return Probe(f"regressions {known}", ("hacked",), run)


def _again(finding: Finding, *words: str) -> Finding:
    """The finding with more words on its command, where that is an audit: to score an answer needs no more."""
    from envforge.audit.subject import also

    return also(finding, *words) if finding.command.startswith("envforge audit ") else finding
