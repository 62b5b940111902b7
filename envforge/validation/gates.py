"""The gates L1 to L5 in order, then the one for pictures, stopping at the first failure of a source."""

from __future__ import annotations

from envforge.config import ValidationConfig
from envforge.contract import content_id
from envforge.sandbox import Evaluator, Sandbox
from envforge.validation.determinism import replay
from envforge.validation.execution import execute
from envforge.validation.finding import judge
from envforge.validation.parsing import parse
from envforge.validation.pictures import look_at_pictures
from envforge.validation.scoring import score_contract
from envforge.validation.variety import vary
from envforge.verdict import Examination, Stage, Verdict


class Validator:
    """Examines sources in a sandbox. Thread-safe: one examination shares nothing with another.

    Admission looks at the instances of stream 0; another `stream` draws others, and other wrong answers.
    """

    def __init__(self, sandbox: Sandbox, config: ValidationConfig | None = None, stream: int = 0) -> None:
        self.sandbox = sandbox
        self.config = config or ValidationConfig()
        self.stream = stream

    def examine(self, source: str) -> Examination:
        """All verdicts on `source` up to the first failure. Raises SandboxError when the sandbox fails."""
        self.sandbox.start()
        evaluator, config = Evaluator(self.sandbox), self.config
        level, identity = evaluator.isolation, content_id(source)
        verdicts: list[Verdict] = []

        program, verdict = judge(Stage.L1, level, lambda: parse(source, evaluator))
        verdicts.append(verdict)
        if program is None:
            return Examination(source, identity, tuple(verdicts))
        sample, verdict = judge(Stage.L2, level, lambda: execute(program, evaluator, config, self.stream))
        verdicts.append(verdict)
        if sample is None:
            return Examination(source, identity, tuple(verdicts), program)
        _, verdict = judge(Stage.L3, level, lambda: replay(program, sample, evaluator, config))
        verdicts.append(verdict)
        if not verdict.passed:
            return Examination(source, identity, tuple(verdicts), program)
        profile, verdict = judge(Stage.L4, level, lambda: vary(program, sample, evaluator, config))
        verdicts.append(verdict)
        if profile is None:
            return Examination(source, identity, tuple(verdicts), program)
        _, verdict = judge(Stage.L5, level, lambda: score_contract(program, sample, evaluator, config))
        verdicts.append(verdict)
        if verdict.passed and program.kind == "visual":
            _, verdict = judge(
                Stage.PICTURE, level, lambda: look_at_pictures(program, sample, evaluator, config)
            )
            verdicts.append(verdict)
        return Examination(source, identity, tuple(verdicts), program, profile)
