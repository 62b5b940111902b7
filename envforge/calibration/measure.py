"""Measuring: fresh instances, one response to each, scores, and what they come to."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from envforge.calibration.statistics import falling_trend, wilson_interval
from envforge.config import CalibrationConfig, PolicyConfig
from envforge.contract import (
    MAX_ANSWER_CHARACTERS,
    Instance,
    Profile,
    Program,
    answer_line,
    derive_seed,
    extract_answer,
)
from envforge.errors import UsageError
from envforge.messages import content_of
from envforge.pixels import WIDTH, png_of
from envforge.policies import Completion, Message, PolicyError, Request, Sampling
from envforge.sandbox import Evaluator, Failure, Sandbox, ScoreCall
from envforge.sandbox.calls import state_text
from envforge.verdict import Calibration, LevelRate, Stage, Verdict

if TYPE_CHECKING:
    from envforge.policies.flight import Flight

KEPT_CHARACTERS = 300  # of an answer that cannot be scored, and of the end of a response without an answer


class Calibrator:
    """Measures how a policy does on environments (EvoEnv: m = 8 instances, one response each). Thread-safe: one
    measurement shares nothing with another."""

    def __init__(
        self,
        sandbox: Sandbox,
        flight: Flight,
        config: CalibrationConfig,
        policy: PolicyConfig,
        *,
        messages: Callable[[str, bytes | None], tuple[Message, ...]] | None = None,
        sampling: Sampling | None = None,
        width: int = WIDTH,
    ) -> None:
        """`messages` puts the prompt of an instance and its picture (PNG, `width` pixels wide) as a question, by
        default followed by the line that asks for <answer>; `sampling`, whose seed is set for each instance, takes
        the place of what `policy` says."""
        self.sandbox = sandbox
        self.flight = flight
        self.config = config
        self._messages = messages or _question
        self._width = width
        self._sampling = sampling or Sampling(
            temperature=policy.solve_temperature if policy.solve_temperature >= 0 else None,
            max_tokens=policy.solve_tokens or None,
        )

    @property
    def requests(self) -> int:
        """How many responses one measurement asks for."""
        return self.config.instances * len(set(self.config.levels))

    def measure(self, program: Program, profile: Profile) -> Calibration:
        """The calibration of `program` for the policy behind the flight.

        What the program does wrong makes a Calibration that did not pass, with the evidence. Raises PolicyError when
        any request failed (Blind where the policy does not take the pictures of a visual one), SandboxError, and
        UsageError for a level that the program does not have: none of them says anything about the program.
        """
        check_levels(program, self.config)
        version = self.flight.policy.version
        evaluator = Evaluator(self.sandbox)
        keys = [
            (derive_seed("calibration", program.id, level, index), level)
            for level in sorted(set(self.config.levels))
            for index in range(self.config.instances)
        ]
        instances: list[Instance] = []
        pictures: list[bytes | None] = []
        for (seed, level), made in zip(keys, evaluator.instances(program, keys, pictures=True)):
            if isinstance(made, Failure):
                return _unmade(program, version, made, seed, level)
            picture = png_of(made, self._width)
            if isinstance(picture, Failure):
                return _unmade(program, version, picture, seed, level)
            instances.append(made)
            pictures.append(picture)
        completions = self._ask(program, instances, pictures)
        responses = [_response(one, completion) for one, completion in zip(instances, completions)]
        tokens = sum(completion.tokens for completion in completions)

        scorable = [place for place, response in enumerate(responses) if response["scorable"]]
        calls = [ScoreCall(state_text(instances[i].state), responses[i]["answer"]) for i in scorable]
        for place, value in zip(scorable, evaluator.scores(program, calls)):
            if isinstance(value, Failure):
                one, answer = instances[place], responses[place]["answer"]
                evidence = {"seed": one.seed, "difficulty": one.difficulty, "answer": answer, **_what(value)}
                reason = f"the scorer fails at level {one.difficulty}: {value}"
                return _broken(program, version, reason, evidence, tokens)
            responses[place]["score"] = value
        return self._result(program, profile, version, responses, tokens)

    def _ask(
        self, program: Program, instances: Sequence[Instance], pictures: Sequence[bytes | None]
    ) -> list[Completion]:
        """One completion for each instance. Our fault never becomes a score: any request that failed raises."""
        replies = self.flight.gather([self._request(program, *shown) for shown in zip(instances, pictures)])
        completions = []
        for reply in replies:
            if isinstance(reply, PolicyError):
                raise reply
            if not reply:
                raise PolicyError(f"{self.flight.policy.name} gave no completion to a question")
            completions.append(reply[0])
        return completions

    def _request(self, program: Program, instance: Instance, picture: bytes | None) -> Request:
        seed = derive_seed("solve", program.id, instance.difficulty, instance.seed)
        return Request(
            key=f"solve/{program.id}/{instance.difficulty}/{instance.seed}",
            messages=self._messages(instance.prompt, picture),
            sampling=dataclasses.replace(self._sampling, seed=seed),
        )

    def _result(
        self,
        program: Program,
        profile: Profile,
        version: str,
        responses: Sequence[dict[str, Any]],
        tokens: int,
    ) -> Calibration:
        """What the scored responses come to."""
        by_level: dict[int, list[dict[str, Any]]] = {}
        for response in responses:
            by_level.setdefault(response.pop("difficulty"), []).append(response)
            del response["scorable"]
        levels = tuple(
            self._level(level, rows, profile.guess_floors[level]) for level, rows in by_level.items()
        )
        subtracted = self.config.subtract_floor
        rates = [level.adjusted if subtracted else level.rate for level in levels]
        scores = [[float(row["score"]) for row in rows] for rows in by_level.values()]
        all_scores = [score for group in scores for score in group]
        rate = math.fsum(rates) / len(rates)
        if min(all_scores) < 1.0:
            rate = min(rate, math.nextafter(1.0, 0.0))  # rounding must not make 1 of what is less
        low, high = wilson_interval(math.fsum(all_scores), len(all_scores), self.config.confidence)
        trend = falling_trend(scores) if len(scores) > 1 else None
        reason = self._objection(levels, all_scores, rate, trend)
        return Calibration(
            environment=program.id,
            policy=version,
            levels=levels,
            rate=rate,
            low=low,
            high=high,
            trend=trend,
            passed=not reason,
            reason=reason,
            tokens=tokens,
        )

    def _level(self, difficulty: int, rows: list[dict[str, Any]], floor: float) -> LevelRate:
        total, count = math.fsum(row["score"] for row in rows), len(rows)
        rate = total / count
        low, high = wilson_interval(total, count, self.config.confidence)
        return LevelRate(
            difficulty=difficulty,
            rate=rate,
            adjusted=max(0.0, (rate - floor) / (1 - floor)) if floor < 1 else 0.0,
            low=low,
            high=high,
            guess_floor=floor,
            format_failures=sum(row["answer"] is None for row in rows),
            responses=tuple(rows),
        )

    def _objection(
        self, levels: Sequence[LevelRate], scores: Sequence[float], rate: float, trend: float | None
    ) -> str:
        """Why the environment is not admitted; empty when it is (EvoEnv: admit iff 0 < a < 1)."""
        number = f"{len(scores)} instance{'' if len(scores) == 1 else 's'}"
        if min(scores) == 1.0:
            return f"solved every one of {number}"
        if max(scores) == 0.0:
            silent = sum(level.format_failures for level in levels)
            return f"solved none of {number}" + (f" (no answer in {silent} of them)" if silent else "")
        if rate <= 0.0:
            rates = ", ".join(f"{level.rate:.2f}" for level in levels)
            floors = ", ".join(f"{level.guess_floor:.2f}" for level in levels)
            return f"no better than guessing (rate {rates}; guess floor {floors})"
        if self.config.monotone and trend is not None and trend > self.config.significance:
            return f"the solve rate does not fall with the level (p = {trend:.2g})"
        return ""


def _question(prompt: str, picture: bytes | None) -> tuple[Message, ...]:
    return ({"role": "user", "content": content_of(f"{prompt}\n\n{answer_line()}", picture)},)


def _unmade(program: Program, version: str, failure: Failure, seed: int, level: int) -> Calibration:
    """What a program gets whose instance cannot be made or shown."""
    evidence = {"seed": seed, "difficulty": level, **_what(failure)}
    return _broken(program, version, f"an instance of level {level} fails: {failure}", evidence, 0)


def check_levels(program: Program, config: CalibrationConfig) -> None:
    """Raise UsageError when a level is configured that the program does not have.

    Taking its highest level instead would count that one twice, and leaving it out would compare rates that were
    measured on different levels. Every program has levels 0 to 9.
    """
    for level in config.levels:
        if level not in program.difficulties:
            raise UsageError(
                f"level {level} cannot be probed: '{program.title}' ({program.id}) has levels 0 to "
                f"{program.max_difficulty}; name levels up to that in [calibration] levels or --levels"
            )


def judge(calibration: Calibration, *, seconds: float = 0.0, isolation: str = "") -> Verdict:
    """The verdict of the gate CALIBRATION, with the figures (without the responses) or the failure as evidence."""
    evidence: dict[str, Any] = {"policy": calibration.policy, "tokens": calibration.tokens}
    if calibration.failure is not None:
        evidence |= calibration.failure
    else:
        evidence |= {
            "rate": round(calibration.rate, 4),
            "low": round(calibration.low, 4),
            "high": round(calibration.high, 4),
            "trend": calibration.trend,
            "levels": [
                {
                    "difficulty": level.difficulty,
                    "instances": len(level.responses),
                    "rate": round(level.rate, 4),
                    "adjusted": round(level.adjusted, 4),
                    "low": round(level.low, 4),
                    "high": round(level.high, 4),
                    "guess_floor": round(level.guess_floor, 4),
                    "format_failures": level.format_failures,
                }
                for level in calibration.levels
            ],
        }
    return Verdict(Stage.CALIBRATION, calibration.passed, calibration.reason, evidence, seconds, isolation)


def _response(instance: Instance, completion: Completion) -> dict[str, Any]:
    """The record of one response, not yet scored: 0 stands until the scorer has spoken.

    An answer that the contract does not let in (too long, or no valid text) is wrong without being scored.
    """
    answer = extract_answer(completion.text)
    record: dict[str, Any] = {
        "seed": instance.seed,
        "difficulty": instance.difficulty,
        "answer": answer,
        "score": 0.0,
        "tokens": completion.tokens,
        "finish_reason": completion.finish_reason,
        "scorable": False,
    }
    if answer is None:
        record["end"] = _storable(completion.text[-KEPT_CHARACTERS:])
    elif len(answer) > MAX_ANSWER_CHARACTERS:
        record |= {"answer": _storable(answer[:KEPT_CHARACTERS]), "unscored": f"{len(answer)} characters"}
    elif _storable(answer) != answer:
        record |= {"answer": _storable(answer), "unscored": "no valid text: lone surrogates"}
    else:
        record["scorable"] = True
    return record


def _storable(text: str) -> str:
    """`text` with lone surrogates written out as escapes: nothing encodes them."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _what(failure: Failure) -> dict[str, Any]:
    return {
        "status": failure.status.value,
        "message": failure.message,
        "line": failure.line,
        "function": failure.function,
    }


def _broken(
    program: Program, version: str, reason: str, evidence: dict[str, Any], tokens: int
) -> Calibration:
    """The calibration of a program that broke: nothing was measured, so any rate is possible."""
    return Calibration(
        environment=program.id,
        policy=version,
        levels=(),
        rate=0.0,
        low=0.0,
        high=1.0,
        trend=None,
        passed=False,
        reason=reason,
        tokens=tokens,
        failure=evidence,
    )
