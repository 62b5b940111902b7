"""What results come to: for each environment, tag, level and split and in all; and what changed between two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from envforge.evaluation.statistics import Estimate, attempts, difference, estimate, pass_at_k
from envforge.verdict import LevelResult


@dataclass(frozen=True, slots=True)
class Figures:
    """How a policy did on the instances that belong together, every instance counting the same."""

    name: str  # an id, a tag, a level, a split, or "all"
    title: str  # of an environment, else empty
    split: str  # of an environment, else empty
    environments: int
    instances: int
    lost: int
    pass_at: dict[int, Estimate]  # k -> the chance that one of k responses is right
    score: float | None  # mean score, partial credit included
    format_failures: int
    responses: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Summary:
    """The same results, cut in several ways."""

    environments: tuple[Figures, ...]
    levels: tuple[Figures, ...]
    tags: tuple[Figures, ...]
    splits: tuple[Figures, ...]
    all: Figures


@dataclass(frozen=True, slots=True)
class Change:
    """What became of pass@1 on the instances that both evaluations have."""

    name: str
    title: str
    split: str  # as the later evaluation has it
    instances: int
    before: Estimate
    after: Estimate
    rise: Estimate


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two evaluations, instance by instance. `missing` counts instances that only one of them has."""

    environments: tuple[Change, ...]
    levels: tuple[Change, ...]
    tags: tuple[Change, ...]
    splits: tuple[Change, ...]
    all: Change
    missing: int


def summarise(results: Sequence[LevelResult]) -> Summary:
    """The figures of one evaluation, in which every instance got the same number of responses."""
    cut = {
        field: tuple(_figures(name, group) for name, group in _grouped(results, names).items())
        for field, names in _CUTS.items()
    }
    return Summary(cut["environments"], cut["levels"], cut["tags"], cut["splits"], _figures("all", results))


def level_figures(result: LevelResult) -> Figures:
    """The figures of one environment at one level."""
    return _figures(result.subject, [result])


def compare(before: Sequence[LevelResult], after: Sequence[LevelResult]) -> Comparison:
    """The paired differences between two evaluations; figures over the instances that both of them have.

    An instance is known by subject, level and seed: the program's id stands for its source, so these are the same
    questions.
    """
    earlier = {key: value for result in before for key, value in _shares(result).items()}
    later = {key: value for result in after for key, value in _shares(result).items()}
    common = [result for result in after if any(key in earlier for key in _shares(result))]
    samples = (
        min((result.samples for result in before), default=1),
        min((result.samples for result in after), default=1),
    )

    def change(name: str, group: Sequence[LevelResult]) -> Change:
        keys = [key for result in group for key in _shares(result) if key in earlier]
        first, second = [earlier[key] for key in keys], [later[key] for key in keys]
        return Change(
            name=name,
            title=_title(group),
            split=_one(result.split for result in group),
            instances=len(keys),
            before=estimate(first, samples[0]),
            after=estimate(second, samples[1]),
            rise=difference(first, second, samples),
        )

    cut = {
        field: tuple(change(name, group) for name, group in _grouped(common, names).items())
        for field, names in _CUTS.items()
    }
    return Comparison(
        cut["environments"],
        cut["levels"],
        cut["tags"],
        cut["splits"],
        change("all", common),
        missing=len(earlier.keys() ^ later.keys()),
    )


_Key = tuple[str, int, int]


def _shares(result: LevelResult) -> dict[_Key, float]:
    """The share of right responses to each instance."""
    return {
        (result.subject, result.difficulty, seed): passes / result.samples
        for seed, passes in zip(result.seeds, result.passes)
    }


def _figures(name: str, group: Sequence[LevelResult]) -> Figures:
    samples = min((result.samples for result in group), default=1)
    passes = [(result.samples, count) for result in group for count in result.passes]
    responses = sum(result.instances * result.samples for result in group)
    return Figures(
        name=name,
        title=_title(group),
        split=_one(result.split for result in group),
        environments=len({result.subject for result in group}),
        instances=len(passes),
        lost=sum(result.lost for result in group),
        pass_at={
            # pass@1 is a mean over responses; pass@k is one trial of k responses per instance.
            k: estimate([pass_at_k(drawn, count, k) for drawn, count in passes], samples if k == 1 else 1)
            for k in attempts(samples)
        },
        score=sum(result.total for result in group) / responses if responses else None,
        format_failures=sum(result.format_failures for result in group),
        responses=responses,
        tokens=sum(result.tokens for result in group),
    )


def _grouped(
    results: Iterable[LevelResult], names: Callable[[LevelResult], Iterable[str]]
) -> dict[str, list[LevelResult]]:
    """Results by the names that they go under; levels and tags sorted, the rest as they come."""
    found: dict[str, list[LevelResult]] = {}
    for result in results:
        for name in names(result):
            found.setdefault(name, []).append(result)
    if names is _level:
        return dict(sorted(found.items(), key=lambda item: int(item[0])))
    return dict(sorted(found.items())) if names is _tags else found


def _subject(result: LevelResult) -> tuple[str, ...]:
    return (result.subject,)


def _level(result: LevelResult) -> tuple[str, ...]:
    return (str(result.difficulty),)


def _tags(result: LevelResult) -> tuple[str, ...]:
    return result.tags


def _split(result: LevelResult) -> tuple[str, ...]:
    return (result.split,)


_CUTS: dict[str, Callable[[LevelResult], Iterable[str]]] = {
    "environments": _subject,
    "levels": _level,
    "tags": _tags,
    "splits": _split,
}


def _title(group: Sequence[LevelResult]) -> str:
    """The title of what is only one environment."""
    return group[0].title if len({result.subject for result in group}) == 1 and group else ""


def _one(values: Iterable[str]) -> str:
    found = set(values)
    return found.pop() if len(found) == 1 else ""
