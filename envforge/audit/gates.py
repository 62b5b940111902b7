"""The gates once more: on other instances than at admission, and with more of them where that is fair."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import partial

from envforge.audit.desk import Desk
from envforge.audit.finding import Finding
from envforge.audit.probe import Probe
from envforge.config import ValidationConfig
from envforge.validation import Validator
from envforge.verdict import Stage, Verdict

STREAMS = 3  # a share of L4 that is too low or too high is chance until it is so in as many streams in a row
MORE = 2  # times as much of everything that is counted one by one


def gates_probe(validation: ValidationConfig) -> Probe:
    """The probe that runs all gates with `validation`, enlarged."""
    return Probe("gates", ("gate-failed",), partial(_examine, enlarged(validation)), foreign=False)


def enlarged(validation: ValidationConfig) -> ValidationConfig:
    """The settings with more instances that run alone, more that are attacked, and more wrong answers.

    Not so `sample_per_level`: the share of distinct prompts falls with the sample, so what passed by 48 instances
    would fail by 96 and be no worse.
    """
    limits = {field.name: field.metadata["high"] for field in dataclasses.fields(ValidationConfig)}
    names = ("fresh_seeds", "attacked_per_level", "drawn_answers", "borderline_sample", "pictures_per_level")
    more = {name: min(MORE * getattr(validation, name), limits[name]) for name in names}
    return dataclasses.replace(validation, **more)


def _examine(config: ValidationConfig, desk: Desk) -> Iterator[Finding]:
    first = 1 + STREAMS * desk.config.seed
    failure: Verdict | None = None
    for stream in range(first, first + STREAMS):
        desk.hurry()
        found = Validator(desk.evaluator.sandbox, config, stream).examine(desk.target.program.source)
        failure = found.failure
        if failure is None or failure.stage is not Stage.L4:
            break
    if failure is not None:
        yield desk.finding(
            "gate-failed",
            f"fails {failure.stage.value}: {failure.reason}",
            stage=failure.stage.value,
            reason=failure.reason,
            **failure.evidence,
        )
