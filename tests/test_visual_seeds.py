"""The visual seeds: sixty of them, short, varied, honest about their look, and sound by every gate."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from envforge.config import NoveltyConfig
from envforge.contract import Instance, LibraryEntry, Program, derive_seed
from envforge.locations import data_folder
from envforge.novelty import NoveltyGate
from envforge.pictures import check_svg, overlaps, small_text
from envforge.sandbox import Evaluator, Sandbox, ScoreCall
from envforge.sandbox.calls import state_text
from envforge.validation import Validator
from envforge.validation.profiling import mask_numbers

SEEDS = sorted((data_folder("seeds") / "visual").glob("*/*.py"))
BUCKETS = ("counting", "diagram", "mathematical", "pattern", "spatial")
LINES = 90
PER_LEVEL = 30
MAX_CONSTANT = 0.40  # share of the most frequent reference in such a sample; the contract allows 0.6
MIN_BITS = 2.0


def names(path: Path) -> str:
    return path.stem


class Seeds:
    """The programs and PER_LEVEL instances of each of their levels, made when they are asked for."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self._programs: dict[Path, Program] = {}
        self._levels: dict[Path, list[list[Instance]]] = {}

    def program(self, path: Path) -> Program:
        if path not in self._programs:
            found = self.evaluator.inspect(path.read_text("utf-8"))
            assert isinstance(found, Program), found
            self._programs[path] = found
        return self._programs[path]

    def levels(self, path: Path) -> list[list[Instance]]:
        if path not in self._levels:
            program = self.program(path)
            keys = [
                (derive_seed("visual test", program.id, d, i), d) for d in range(10) for i in range(PER_LEVEL)
            ]
            values = [
                value for value in self.evaluator.instances(program, keys) if isinstance(value, Instance)
            ]
            assert len(values) == len(keys)
            self._levels[path] = [values[d * PER_LEVEL : (d + 1) * PER_LEVEL] for d in range(10)]
        return self._levels[path]


@pytest.fixture(scope="module")
def seeds(sandbox: Sandbox) -> Seeds:
    return Seeds(Evaluator(sandbox))


def test_there_are_twelve_in_each_bucket(seeds: Seeds) -> None:
    programs = {path: seeds.program(path) for path in SEEDS}
    assert Counter(program.bucket for program in programs.values()) == dict.fromkeys(BUCKETS, 12)
    assert all(path.parent.name == program.bucket for path, program in programs.items())
    assert len({program.title for program in programs.values()}) == len(SEEDS) == 60


@pytest.mark.parametrize("path", SEEDS, ids=names)
def test_it_is_short(path: Path) -> None:
    lines = path.read_text("utf-8").count("\n")
    assert lines <= LINES, lines


@pytest.mark.parametrize("path", SEEDS, ids=names)
def test_levels_are_told_apart(path: Path, seeds: Seeds) -> None:
    levels = seeds.program(path).levels or ()
    assert len(set(levels)) == 10
    assert all(len(level) <= 100 for level in levels)


@pytest.mark.slow
@pytest.mark.parametrize("path", SEEDS, ids=names)
def test_answers_are_spread(path: Path, seeds: Seeds) -> None:
    for level in seeds.levels(path):
        counts = Counter(instance.reference for instance in level)
        top, count = counts.most_common(1)[0]
        assert count <= MAX_CONSTANT * PER_LEVEL, (level[0].difficulty, top, count)
        bits = -sum(c / PER_LEVEL * math.log2(c / PER_LEVEL) for c in counts.values())
        assert bits >= MIN_BITS, (level[0].difficulty, bits, counts.most_common(4))


@pytest.mark.slow
@pytest.mark.parametrize("path", SEEDS, ids=names)
def test_it_is_put_in_several_ways(path: Path, seeds: Seeds) -> None:
    """At least two phrasings, apart from what the numbers and names in them say."""
    for level in seeds.levels(path):
        openings = {" ".join(mask_numbers(instance.prompt).split()[:6]) for instance in level}
        whole = {mask_numbers(instance.prompt) for instance in level}
        assert len(openings) >= 2 or len(whole) >= 2, level[0].prompt


@pytest.mark.slow
@pytest.mark.parametrize("path", SEEDS, ids=names)
def test_the_look_decides_nothing(path: Path, seeds: Seeds) -> None:
    """Another instance's look: the same prompt and answer; another theme: another picture."""
    program = seeds.program(path)
    pairs = [(one, two) for level in seeds.levels(path) for one, two in zip(level[:2], level[2:4])]
    states = [{**one.state, "look": two.state["look"]} for one, two in pairs]
    derived = seeds.evaluator.derivations(program, states, prompt_first=True)
    assert derived == [(one.prompt, one.reference) for one, _ in pairs]
    before = seeds.evaluator.pictures(program, [one.state for one, _ in pairs])
    after = seeds.evaluator.pictures(program, states)
    changed = [
        a != b
        for (one, two), a, b in zip(pairs, before, after)
        if one.state["look"]["theme"] != two.state["look"]["theme"]
    ]
    assert changed and all(changed)


@pytest.mark.slow
@pytest.mark.parametrize("path", SEEDS, ids=names)
def test_pictures_are_clean(path: Path, seeds: Seeds) -> None:
    """More pictures than the gate looks at, and stricter: no clash of words, no small ones."""
    chosen = [instance for level in seeds.levels(path) for instance in level[:6]]
    pictures = seeds.evaluator.pictures(seeds.program(path), [instance.state for instance in chosen])
    clashes = 0
    for instance, svg in zip(chosen, pictures):
        assert isinstance(svg, str), (instance.seed, instance.difficulty, svg)
        assert check_svg(svg) == [], (instance.seed, instance.difficulty)
        assert small_text(svg, 12.0) == [], (instance.seed, instance.difficulty)
        clashes += bool(overlaps(svg, 0.10))
    assert clashes <= 1, clashes


@pytest.mark.slow
@pytest.mark.parametrize("path", SEEDS, ids=names)
def test_harmless_spellings_pass_and_near_misses_do_not(path: Path, seeds: Seeds) -> None:
    questions = [
        (i, text) for level in seeds.levels(path) for i in level[:3] for text in _spellings(i.reference)
    ]
    calls = [ScoreCall(state_text(i.state), text) for i, text in questions]
    for (instance, text), score in zip(questions, seeds.evaluator.scores(seeds.program(path), calls)):
        assert score == 1.0, (instance.seed, instance.difficulty, text, instance.reference)
    numbers = [
        i
        for level in seeds.levels(path)
        for i in level[:6]
        if i.reference.isascii() and i.reference.isdigit()
    ]
    wrong = [(i, str(int(i.reference) + step)) for i in numbers for step in (-1, 1, 10)]
    scores = seeds.evaluator.scores(
        seeds.program(path), [ScoreCall(state_text(i.state), text) for i, text in wrong]
    )
    for (instance, text), score in zip(wrong, scores):
        assert score != 1.0, (instance.seed, instance.difficulty, text)


def _spellings(reference: str) -> Iterator[str]:
    yield f" {reference} "
    if reference.isascii() and reference.isalpha():
        yield reference.lower()


@pytest.mark.slow
def test_no_two_are_near_each_other(seeds: Seeds) -> None:
    """By the measure, and below the threshold, that keeps near-duplicates out of a library."""
    from envforge.validation.profiling import profile_of

    gate = NoveltyGate(NoveltyConfig(embeddings="off"))
    entries = [
        LibraryEntry(program, profile_of(seeds.levels(path), [0.0] * 10), 0, frozenset({program.id}))
        for path in SEEDS
        for program in [seeds.program(path)]
    ]
    for one, two in itertools.combinations(entries, 2):
        found = gate.compare(one.program, one.profile, two)
        assert not found.same_signature and found.similarity < 0.7, (
            one.program.title,
            two.program.title,
            found,
        )


@pytest.mark.slow
@pytest.mark.parametrize("path", SEEDS, ids=names)
def test_it_passes_every_gate(path: Path, sandbox: Sandbox) -> None:
    examination = Validator(sandbox).examine(path.read_text("utf-8"))
    assert examination.passed, examination.failure
    assert len(examination.verdicts) == 6


def test_the_guide_lists_them_all() -> None:
    guide = (Path(__file__).resolve().parents[1] / "docs" / "visual.md").read_text("utf-8")
    assert [path.stem for path in SEEDS if f"| `{path.stem}` |" not in guide] == []
