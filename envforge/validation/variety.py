"""L4, non-triviality: instances vary, no constant answer wins, difficulty matters, nothing gives the answer away."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from envforge.config import ValidationConfig
from envforge.contract import (
    MAX_GUESS_FLOOR,
    MAX_REFERENCE_SHARE,
    MIN_DISTINCT_PROMPTS,
    Instance,
    Profile,
    Program,
    derive_seed,
    shares,
)
from envforge.sandbox import Evaluator, Failure, ScoreCall
from envforge.sandbox.calls import state_text
from envforge.validation.features import Trend, strongest_trend
from envforge.validation.finding import Rejected, brief, failed
from envforge.validation.leaks import find_leak
from envforge.validation.profiling import profile_of
from envforge.validation.sampling import Sample, sample_seed

# Answers that a solver might give without reading: tried beside the most frequent references.
CONSTANTS = ("0", "1", "2", "-1", "yes", "no", "true", "false", "none", "A", "a", "[]", "()", "{}", "?", ".")
SCORED_CONSTANTS = 6  # most frequent references that are scored as constants
SCREENED = 8  # instances on which all constants are tried
FINALISTS = 4  # constants that are then scored on more
SHARED_SEEDS = 8
MIN_TREND = 3.5  # standard errors; a chance of 1 in 2,000 per feature
MARGIN = 0.15  # a share this near its limit is measured on a larger sample before it is judged


def vary(
    program: Program, sample: Sample, evaluator: Evaluator, config: ValidationConfig
) -> tuple[Profile, dict[str, Any]]:
    """Judge the sample's variety level by level; the program's profile and the figures. Raises Rejected.

    A share near its limit is measured again on `borderline_sample` instances, so that chance alone neither
    condemns nor saves a program. Thresholds are the contract's.
    """
    for difficulty in program.difficulties:
        _judge_share(
            program,
            evaluator,
            config,
            sample,
            difficulty,
            _distinct_questions,
            MIN_DISTINCT_PROMPTS,
            low=True,
        )
        _judge_share(
            program, evaluator, config, sample, difficulty, _top_reference, MAX_REFERENCE_SHARE, low=False
        )
    _distinct_levels(program, evaluator, sample.stream)
    trend = strongest_trend(sample.levels)
    if abs(trend.z) < MIN_TREND:
        raise Rejected(
            "difficulty changes nothing that can be measured between the lowest and the highest levels",
            strongest=trend.feature,
            z=round(trend.z, 2),
        )
    leak = find_leak(sample.levels)
    if leak is not None:
        raise Rejected(f"the prompt gives the answer away: {leak.rule}", **leak.evidence())
    floors = [
        _guess_floor(program, evaluator, config, sample, difficulty) for difficulty in program.difficulties
    ]
    profile = profile_of(sample.levels, floors)
    return profile, _figures(sample, floors, trend)


def _figures(sample: Sample, floors: Sequence[float], trend: Trend) -> dict[str, Any]:
    lengths = [round(sum(len(i.prompt) for i in level) / len(level)) for level in sample.levels]
    return {
        "distinct_prompts": [round(_distinct_questions(level)[0], 3) for level in sample.levels],
        "top_reference_share": [round(_top_reference(level)[0], 3) for level in sample.levels],
        "guess_floor": [round(floor, 3) for floor in floors],
        "mean_prompt_length": lengths,
        "prompt_growth": round(lengths[-1] / lengths[0], 2),
        "trend": {"feature": trend.feature, "z": round(trend.z, 1)},
    }


_Measure = Callable[[Sequence[Instance]], tuple[float, str]]


def _distinct_questions(level: Sequence[Instance]) -> tuple[float, str]:
    questions = [_question(instance) for instance in level]
    return shares(questions)[0], Counter(questions).most_common(1)[0][0]


def _question(instance: Instance) -> str:
    """What a solver gets: the prompt, and the picture of a visual program, by its hash."""
    if instance.picture is None:
        return instance.prompt
    return f"{instance.prompt} [picture {hashlib.sha256(instance.picture.encode()).hexdigest()[:12]}]"


def _top_reference(level: Sequence[Instance]) -> tuple[float, str]:
    references = [instance.reference for instance in level]
    return shares(references)[1], Counter(references).most_common(1)[0][0]


def _judge_share(
    program: Program,
    evaluator: Evaluator,
    config: ValidationConfig,
    sample: Sample,
    difficulty: int,
    measure: _Measure,
    limit: float,
    *,
    low: bool,
) -> None:
    """Reject when the measured share lies beyond `limit`; near it, look at more instances first."""
    level: Sequence[Instance] = sample.levels[difficulty]
    share, example = measure(level)
    sign = 1 if low else -1
    # The share of distinct prompts falls with the sample: it is judged at the sample's own size, where the
    # smaller one is the milder judge, and a larger one is drawn only to confirm nothing else.
    if abs(share - limit) < MARGIN and not low:
        level = _more(program, evaluator, config, sample, difficulty)
        share, example = measure(level)
    if sign * (limit - share) > 0:
        what = "of the prompts are distinct" if low else "of the references are the same"
        bound = f"at least {limit:.0%} must be" if low else f"at most {limit:.0%} may be"
        raise Rejected(
            f"at level {difficulty} {share:.0%} {what}; {bound}",
            difficulty=difficulty,
            share=round(share, 3),
            instances=len(level),
            example=brief(example),
        )


def _more(
    program: Program,
    evaluator: Evaluator,
    config: ValidationConfig,
    sample: Sample,
    difficulty: int,
) -> list[Instance]:
    level = sample.levels[difficulty]
    keys = [
        (sample_seed(program, difficulty, index, sample.stream), difficulty)
        for index in range(len(level), config.borderline_sample)
    ]
    found = list(level)
    for key, value in zip(keys, evaluator.instances(program, keys)):
        if isinstance(value, Failure):
            raise Rejected(f"an instance at level {difficulty} fails: {value}", **failed(value, *key))
        found.append(value)
    return found


def _distinct_levels(program: Program, evaluator: Evaluator, stream: int) -> None:
    """Neighbouring levels, given the same seeds, must not ask the same questions."""
    others = (stream,) if stream else ()
    seeds = [derive_seed("levels", program.id, index, *others) for index in range(SHARED_SEEDS)]
    keys = [(seed, d) for d in program.difficulties for seed in seeds]
    values = evaluator.instances(program, keys, pictures=True)
    for key, value in zip(keys, values):
        if isinstance(value, Failure):
            raise Rejected(f"an instance at level {key[1]} fails: {value}", **failed(value, *key))
    asked = [_question(value) for value in values if not isinstance(value, Failure)]
    prompts = [asked[d * SHARED_SEEDS : (d + 1) * SHARED_SEEDS] for d in program.difficulties]
    for lower, (here, above) in enumerate(itertools.pairwise(prompts)):
        if here == above:
            raise Rejected(
                f"levels {lower} and {lower + 1} are the same: equal seeds give equal questions",
                difficulty=lower,
                seed=seeds[0],
                example=brief(here[0]),
            )


def _guess_floor(
    program: Program,
    evaluator: Evaluator,
    config: ValidationConfig,
    sample: Sample,
    difficulty: int,
) -> float:
    """Mean score of the best constant answer at one level. Raises Rejected when it is above the contract's limit."""
    level = sample.levels[difficulty]
    frequent = [text for text, _ in Counter(i.reference for i in level).most_common(SCORED_CONSTANTS)]
    constants = list(dict.fromkeys([*frequent, *CONSTANTS]))
    # A few instances tell which constants are worth scoring on half of the sample; the borderline case looks
    # at many more.
    few = _constant_means(program, evaluator, level[:SCREENED], constants)
    worth = sorted(constants, key=lambda constant: -few[constant])[:FINALISTS]
    part: Sequence[Instance] = level[::2]
    means = _constant_means(program, evaluator, part, worth)
    best = max(worth, key=lambda constant: means[constant])
    floor = means[best]
    if floor > MAX_GUESS_FLOOR - MARGIN:
        part = _more(program, evaluator, config, sample, difficulty)
        floor = _constant_means(program, evaluator, part, [best])[best]
    if floor > MAX_GUESS_FLOOR:
        raise Rejected(
            f"at level {difficulty} the constant answer {brief(best, 40)!r} earns {floor:.2f} on average; "
            f"at most {MAX_GUESS_FLOOR} may be",
            difficulty=difficulty,
            answer=best,
            score=round(floor, 3),
            instances=len(part),
        )
    return floor


def _constant_means(
    program: Program, evaluator: Evaluator, level: Sequence[Instance], constants: Sequence[str]
) -> dict[str, float]:
    """Mean score of each constant answer over the instances of one level."""
    texts = [state_text(instance.state) for instance in level]
    calls = [ScoreCall(text, constant) for constant in constants for text in texts]
    scores = evaluator.scores(program, calls)
    means = {}
    for number, constant in enumerate(constants):
        own = scores[number * len(texts) : (number + 1) * len(texts)]
        # A scorer that fails is L5's business; here such an answer simply earns nothing.
        means[constant] = sum(score for score in own if isinstance(score, float)) / len(texts)
    return means
