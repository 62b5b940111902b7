"""The analysis: each fault lowers its own rate, figures are those of known programs, pages are harmless."""

from __future__ import annotations

import json
import math
import random
import re
import threading
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_gallery import planted
from visuals import dots, in_function, sums, without

from envforge.analysis import Analysis, EnvironmentFigures, Rates, Source, as_data, grade, page, survey
from envforge.analysis.capacity import capacity, least_size
from envforge.analysis.crew import side_by_side
from envforge.analysis.diversity import entropy
from envforge.analysis.guessing import guess_floors
from envforge.analysis.neighbours import THRESHOLDS
from envforge.analysis.quality import GRADES, below
from envforge.analysis.sketch import apart, reach, spread
from envforge.cli import main
from envforge.contract import Program, content_id
from envforge.sandbox import Evaluator, Sandbox

TIMES = ("seconds", "milliseconds")


def analysed(sandbox: Sandbox, *sources: str, instances: int = 4, **options: Any) -> Analysis:
    given = [Source(source, f"program{number}", "file") for number, source in enumerate(sources)]
    return survey(given, sandbox, instances, **options)


def figures_of(sandbox: Sandbox, source: str, instances: int = 4, **options: Any) -> EnvironmentFigures:
    [found] = analysed(sandbox, source, instances=instances, **options).environments
    return found


# Quality


@given(st.lists(st.floats(0, 1), min_size=4, max_size=4), st.booleans())
def test_quality_is_the_least_rate(rates: list[float], text: bool) -> None:
    found = Rates(rates[0], None if text else rates[1], rates[2], rates[3])
    assert found.quality == min(rates[:1] + rates[2:] if text else rates)
    bound = dict(GRADES)[found.grade]
    assert found.quality >= bound
    assert all(found.quality < higher for _, higher in GRADES if higher > bound)


def test_grades_at_their_bounds() -> None:
    assert [grade(bound) for _, bound in GRADES] == ["A", "B", "C", "D", "E", "F"]
    assert [grade(math.nextafter(bound, -1)) for _, bound in GRADES[:-1]] == ["B", "C", "D", "E", "F"]
    assert below("B", "A") and not below("A", "A") and not below("A", "F")


# Capacity


def test_chao_by_hand() -> None:
    found = capacity(["a", "a", "b", "b", "c", "d", "e"])  # f1 = 3, f2 = 2
    assert (found.drawn, found.distinct, found.open) == (7, 5, False)
    assert found.estimate == 5 + 3 * 2 / (2 * 3)


def test_without_repeats_the_birthday_problem_bounds_it_from_below() -> None:
    assert (
        least_size(22, 0.5) < 365 < least_size(23, 0.5)
    )  # how many people share a birthday more often than not
    found = capacity(range(23))
    assert found.open and found.estimate == least_size(23)


@given(st.integers(2, 60))
def test_least_size_is_the_least(draws: int) -> None:
    def differ(size: int) -> float:
        return math.prod(1 - drawn / size for drawn in range(draws))

    size = least_size(draws)
    assert differ(size) >= 0.05 * (1 - 1e-9)
    assert size == draws or differ(size - 1) < 0.05 * (1 + 1e-9)


@pytest.mark.parametrize("size", [1, 6, 40, 200])
def test_capacity_finds_the_number_of_equally_likely_questions(size: int) -> None:
    chance = random.Random(size)
    found = [capacity([chance.randrange(size) for _ in range(64)]).estimate for _ in range(200)]
    assert sum(found) / len(found) == pytest.approx(size, rel=0.1)


@given(st.lists(st.integers(0, 20), max_size=40))
def test_capacity_is_at_least_what_was_seen(values: list[int]) -> None:
    found = capacity(values)
    assert found.estimate >= found.distinct == len(set(values))
    assert found.open == (found.distinct == len(values))


# Diversity


@given(st.lists(st.sampled_from("abcdef"), min_size=1, max_size=30))
def test_entropy(values: list[str]) -> None:
    found = entropy(values)
    assert 0 <= found <= math.log2(len(set(values))) + 1e-9
    assert (found == 0) == (len(set(values)) == 1)
    assert found == pytest.approx(
        sum(-count / len(values) * math.log2(count / len(values)) for count in Counter(values).values())
    )


def test_distances_of_fingerprints() -> None:
    everything = 2**256 - 1
    assert (apart(0, 0), apart(0, everything), apart(0, 1)) == (0, 1, 1 / 256)
    assert spread([5]) is None and spread([0, 0, everything]) == pytest.approx(2 / 3)
    assert reach([0], []) is None and reach([0, everything], [everything, 0]) == 0
    assert reach([0], [0, everything]) == 0.5  # one of the other side has nothing near


@pytest.mark.parametrize(
    ("line", "low", "high"),
    [
        ('return "7"', 1.0, 1.0),
        ('return "7" if state["parts"][0] % 2 else "8"', 0.25, 0.75),
        ("return str(sum(state['parts']) * 10007)", 0.0, 0.05),
    ],
)
def test_guess_floor_is_not_flattered_by_small_samples(
    evaluator: Evaluator, line: str, low: float, high: float
) -> None:
    program = evaluator.inspect(sums(in_function("reference", line)))
    assert isinstance(program, Program)
    keys = [(seed, 9) for seed in range(40)]
    level = [found for found in evaluator.instances(program, keys) if not isinstance(found, Exception)]
    [floor] = guess_floors(program, evaluator, [level])  # type: ignore[list-item]
    assert floor is not None and low <= floor <= high
    assert guess_floors(program, evaluator, [level[:1], []]) == [None, None]  # type: ignore[list-item]


# Programs


def test_a_good_visual_and_a_good_text_program(sandbox: Sandbox) -> None:
    analysis = analysed(sandbox, dots(), sums(), instances=8)
    visual, text = analysis.environments
    assert visual.rates == Rates(1.0, 1.0, 1.0, 1.0) and visual.faults == ()
    assert text.rates == Rates(1.0, None, 1.0, 1.0) and text.times.raster is None
    assert [level.difficulty for level in visual.levels] == list(range(10))
    assert all(level.instances == level.probes == 8 for level in (*visual.levels, *text.levels))
    assert all(level.spread and level.foreground and level.templates == 1 / 8 for level in visual.levels)
    assert all(level.spread is None and level.foreground is None for level in text.levels)
    assert (visual.group, text.group) == ("counting", "text")
    # The wording changes between levels 4 and 5, and there alone.
    assert [step.low for step in visual.steps if step.prompt] == [4]
    assert visual.ends is not None and (visual.ends.low, visual.ends.high) == (0, 9)
    assert visual.ends.picture and visual.ends.contrast is not None
    assert text.trend is not None and text.trend[1] > 3.5
    assert analysis.pairs == ()


def test_the_same_figures_every_time(sandbox: Sandbox) -> None:
    first, second = (analysed(sandbox, dots(), sums(), levels=[0, 9]) for _ in range(2))
    assert without(as_data(first), *TIMES) == without(as_data(second), *TIMES)
    assert [one.fingerprints for one in first.environments] == [
        one.fingerprints for one in second.environments
    ]
    assert json.loads(json.dumps(as_data(first), allow_nan=False)) == as_data(first)


def test_levels_and_kinds_are_chosen(sandbox: Sandbox) -> None:
    analysis = analysed(sandbox, sums(), dots(), levels=[3, 6, 40], visual=True)
    [found] = analysis.environments
    assert found.group == "counting" and [level.difficulty for level in found.levels] == [3, 6]


SCRIPT = ("{marks}</svg>", "{marks}<script>alert(1)</script></svg>")
HARD = 'state["level"] > 4'

# What is wrong, the rate that tells of it, its value, a part of the reason
FAULTS: list[Any] = [
    (dots(in_function("generate", "assert difficulty < 8", "rng, difficulty")), "generation", 0.8, "raised"),
    (dots(in_function("prompt", "assert state['level'] < 8, 'no words'")), "question", 0.8, "no words"),
    (dots(in_function("prompt", "return 'x' * 9000")), "question", 0.0, "9000 characters"),
    (dots(in_function("prompt", "return 'short'")), "question", 0.0, "5 characters"),
    (dots(in_function("reference", "return 7")), "question", 0.0, "reference returned"),
    (sums(("add up to?", "add up to? Use <answer> tags.")), "question", 0.0, "mentions <answer>"),
    (sums(in_function("prompt", "return 'What number do I have in mind now?'")), "question", None, "another answer"),
    (
        sums(in_function("prompt", "return f\"The answer is {reference(state)}. What is it, {state['parts']}?\"")),
        "question",
        0.0,
        "gives the answer away",
    ),
    (dots(in_function("render", f"assert not {HARD}, 'no ink'")), "image", 0.5, "no ink"),
    (dots(SCRIPT), "image", 0.0, "script"),
    (dots(('r="{step / 3}"', 'r="nan"')), "image", 0.0, "nan"),
    (dots(("</svg>'", '<image href="file:///etc/passwd"/></svg>\'')), "image", 0.0, "image"),
    (dots(("{marks}</svg>", "</svg>")), "image", 0.0, "blank"),
    (dots(in_function("render", "return 'no picture at all'")), "image", 0.0, "XML"),
    (dots(in_function("score", "return 1.0", "state, answer")), "verifier", 0.0, "wrong answer"),
    (dots(in_function("score", "return 0.5", "state, answer")), "verifier", 0.0, "scores 0.5, not 1.0"),
    (
        dots(in_function("score", "return float(abs(int(answer) - int(reference(state))) < 2)", "state, answer")),
        "verifier",
        0.0,
        "score fails on an answer",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("source", "rate", "value", "reason"), FAULTS)
def test_each_fault_lowers_its_rate(
    sandbox: Sandbox, source: str, rate: str, value: float | None, reason: str
) -> None:
    found = figures_of(sandbox, source)
    rates = found.rates.by_name()
    assert rates[rate] == found.rates.quality
    if value is None:
        assert 0 < found.rates.quality < 0.3  # one of each level is the first to be asked
    else:
        assert found.rates.quality == pytest.approx(value)
    assert found.rates.grade != "A"
    faults = [fault for fault in found.faults if fault.rate == rate]
    assert 1 <= len(faults) <= 3 and reason in faults[0].reason
    # What went wrong later does not lower what came before.
    assert all(
        value == 1
        for name, value in rates.items()
        if value is not None and list(rates).index(name) < list(rates).index(rate)
    )


def test_a_program_that_hangs_is_not_asked_for_everything(sandbox: Sandbox) -> None:
    before = sandbox.counters.calls
    found = figures_of(
        sandbox, sums(in_function("generate", "while True: pass", "rng, difficulty")), 50, levels=[0, 1]
    )
    assert found.rates.generation == 0 and "CPU" in found.faults[0].reason
    assert sandbox.counters.calls - before < 12


def test_what_is_no_program(sandbox: Sandbox) -> None:
    source = "import os\n" + sums()
    found = figures_of(sandbox, source)
    assert (found.program, found.id, found.group, found.rates.grade) == (
        None,
        content_id(source),
        "refused",
        "F",
    )
    assert "refuses it" in found.faults[0].reason and found.faults[0].seed is None
    assert page(analysed(sandbox, source)).count("program0") >= 2


def test_work_side_by_side() -> None:
    meet = threading.Barrier(3, timeout=60)

    def work(number: int) -> int:
        meet.wait()
        return -number

    assert side_by_side(work, range(9), 3) == [-number for number in range(9)]
    assert side_by_side(work, [], 3) == []
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda number: 1 // number, [1, 0, 2], 2)


# Neighbours


def test_near_duplicates(sandbox: Sandbox) -> None:
    renamed = dots(
        ("cells", "spots"), ("side", "edge"), ("marks", "drawn"), title="Spots: how many there are."
    )
    other = sums(title="Other: a sum.")
    analysis = analysed(sandbox, dots(), other, renamed, levels=[0, 5, 9])
    first, text, second = (one.id for one in analysis.environments)
    assert {(pair.kind, pair.first, pair.second) for pair in analysis.pairs} >= {
        ("code", first, second),
        ("prompt", first, second),
    }
    assert not any(text in (pair.first, pair.second) for pair in analysis.pairs)
    assert all(THRESHOLDS[pair.kind] <= pair.similarity <= 1 for pair in analysis.pairs)


def test_the_same_pictures_under_another_question(sandbox: Sandbox) -> None:
    """Every program has seeds of its own, so only pictures that hardly vary can be told to be the same."""
    fixed = ("rng.sample(range(side * side), rng.randint(2, side * side - 2))", "[0, 1, side + 2]")
    asks = (
        "How many dots lie on the board? Answer with one integer.",
        "Count what is drawn here in blue, please.",
    )
    analysis = analysed(sandbox, dots(fixed), dots(fixed, asks), dots(), levels=[0, 3])
    pairs = {(pair.first, pair.second) for pair in analysis.pairs if pair.kind == "picture"}
    assert pairs == {(analysis.environments[0].id, analysis.environments[1].id)}


# The page

EVIL = "</style><script>alert(1)</script> & <img src=x onerror=alert(1)>"


SHOUT = in_function("render", "raise ValueError('\\u202e</ul><script>alert(2)</script>')")


def test_page_is_harmless_and_whole(sandbox: Sandbox) -> None:
    analysis = analysed(sandbox, dots(title=f"{EVIL}: what"), sums(), dots(SHOUT), levels=[0, 4, 9])
    text = page(analysis)
    for word in ("<script", "<img", ' src="', " href=", "onerror=alert(1)>", "\u202e"):
        assert word not in text, word
    assert "default-src 'none'" in text
    root = ElementTree.fromstring(text.split("\n", 1)[1])
    shown = " ".join("".join(root.itertext()).split())
    assert "<script>alert(1)</script>" in shown and "</ul><script>alert(2)" in shown  # as text
    assert "Analysis of 3 environments" in shown and "1 text" in shown and "2 visual" in shown
    assert not [name for element in root.iter() for name in element.attrib if name.startswith("on")]
    same = page(analysed(sandbox, dots(title=f"{EVIL}: what"), sums(), dots(SHOUT), levels=[0, 4, 9]))
    assert re.sub(r"[\d.,]+k? ?(ms|s\b|min)|<td class=\"n\">[\d.k]+</td>", "", text) == re.sub(
        r"[\d.,]+k? ?(ms|s\b|min)|<td class=\"n\">[\d.k]+</td>", "", same
    )


# The command


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "dots.py").write_text(dots())
    (tmp_path / "good" / "sums.py").write_text(sums())
    (tmp_path / "bad.py").write_text(dots(in_function("render", "assert state['level'] < 9, 'no ink'")))
    (tmp_path / "notes.py").write_text("what is this\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["analyze", *arguments])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


def test_command_json(programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["good", "bad.py", "notes.py", "--instances", "3", "--levels", "0,9"]
    code, out, _ = run(capsys, *arguments, "--json", "--html", "page.html")
    data = json.loads(out)
    assert code == 0
    assert data["file"] == "page.html" and "</html>" in (programs / "page.html").read_text()
    rows = {row["name"]: row for row in data["environments"]}
    assert list(rows) == ["dots", "sums", "bad", "notes"]
    assert {name: row["grade"] for name, row in rows.items()} == {
        "dots": "A",
        "sums": "A",
        "bad": "E",
        "notes": "F",
    }
    assert data["grades"] == {"A": 2, "B": 0, "C": 0, "D": 0, "E": 1, "F": 1}
    assert rows["bad"]["rates"]["image"] == 0.5 and "no ink" in rows["bad"]["faults"][0]["reason"]
    assert rows["notes"]["title"] is None and rows["notes"]["levels"] == []
    assert [level["difficulty"] for level in rows["dots"]["levels"]] == [0, 9]
    assert set(rows["dots"]["levels"][0]["capacity"]) == {"drawn", "distinct", "estimate", "open"}


def test_command_for_people(programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "good", "bad.py", "--instances", "2", "--levels", "0,9", "--min-grade", "E")
    assert code == 0 and "2 of 3 environments with grade A" in out and "no ink" in out
    code, out, _ = run(
        capsys, "good", "bad.py", "--instances", "2", "--levels", "9", "--visual", "--min-grade", "B"
    )
    assert code == 1 and "1 of 2 environments" in out
    assert run(capsys, "good/sums.py", "--instances", "2", "--levels", "0", "--min-grade", "A")[0] == 0


def test_command_on_a_registry(
    programs: Path, evaluator: Evaluator, capsys: pytest.CaptureFixture[str]
) -> None:
    admitted, retired = planted(programs / "my.db", evaluator, dots(), sums())
    chosen = ("--db", "my.db", "--instances", "1", "--levels", "0", "--json")
    assert [row["id"] for row in json.loads(run(capsys, *chosen)[1])["environments"]] == [admitted]
    # What is named is analysed whatever its status; a file takes that of the registry.
    rows = json.loads(run(capsys, retired[:6], "good/sums.py", "bad.py", *chosen)[1])["environments"]
    assert [row["id"] for row in rows][:1] == [retired] and len(rows) == 2
    assert [row["status"] for row in rows] == ["retired", "file"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.py"], "there is no file or folder nowhere.py"),
        (["coin_chang"], "did you mean the seed 'coin_change'?"),
        (["abcd"], "there is no registry at library.db"),
        (["--db", "nowhere.db"], "there is no registry at nowhere.db"),
        (["good", "--instances", "0"], "--instances must be from 1 to 1000, not 0"),
        (["good", "--levels", "0,x"], "is no list of whole numbers"),
        (["good", "--levels", "-1"], "levels begin with 0"),
        (["good", "--levels", "77", "--instances", "1"], "no environment has a level among 77"),
        (["good/sums.py", "--visual", "--instances", "1"], "none of these environments is visual"),
        (["good", "--min-grade", "G"], "'G' is not one of"),
        (["good/sums.py", "--html", "no/where.html"], "cannot write no/where.html: there is no folder no"),
    ],
)  # fmt: skip
def test_mistakes(
    programs: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    code, out, err = run(capsys, *arguments)
    assert said in " ".join(err.split())
    assert (code, out) == (2, "")
