"""An analysis as JSON: the shape that docs/analysis.md gives."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any

from envforge.analysis.figures import Analysis, EnvironmentFigures, LevelFigures, StepFigures
from envforge.analysis.neighbours import THRESHOLDS
from envforge.analysis.quality import GRADES

DIGITS = 4  # after the point, of shares; more says nothing


def as_data(analysis: Analysis) -> dict[str, Any]:
    """Everything that was measured, in the order of the environments."""
    grades = Counter(found.rates.grade for found in analysis.environments)
    return {
        "instances": analysis.instances,
        "seconds": round(analysis.seconds, 3),
        "grades": {letter: grades[letter] for letter, _ in GRADES},
        "thresholds": dict(THRESHOLDS),
        "environments": [_environment(found) for found in analysis.environments],
        "near": [
            {
                "kind": pair.kind,
                "first": pair.first,
                "second": pair.second,
                "similarity": _short(pair.similarity),
            }
            for pair in analysis.pairs
        ],
    }


def _environment(found: EnvironmentFigures) -> dict[str, Any]:
    program = found.program
    return {
        "id": found.id,
        "name": found.name,
        "title": program.title if program else None,
        "kind": program.kind if program else None,
        "bucket": program.bucket if program else None,
        "status": found.status,
        "quality": _short(found.rates.quality),
        "grade": found.rates.grade,
        "rates": {name: _short(rate) for name, rate in found.rates.by_name().items()},
        "levels": [_level(level) for level in found.levels],
        "steps": [_step(step) for step in found.steps],
        "ends": _step(found.ends) if found.ends else None,
        "trend": {"feature": found.trend[0], "z": round(found.trend[1], 2)} if found.trend else None,
        "milliseconds": {name: _short(value) for name, value in asdict(found.times).items()},
        "faults": [asdict(fault) for fault in found.faults],
    }


def _level(level: LevelFigures) -> dict[str, Any]:
    return {
        name: _short(value) if isinstance(value, float) else value for name, value in asdict(level).items()
    } | {"capacity": {**asdict(level.capacity), "estimate": _short(level.capacity.estimate)}}


def _step(step: StepFigures) -> dict[str, Any]:
    return {
        name: _short(value) if isinstance(value, float) else value for name, value in asdict(step).items()
    }


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
