"""The page about a training run: its figures are those of the registry, and nothing in it can do harm."""

from __future__ import annotations

import json
import math
import random
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from test_registry import RUN, examined, seed, write

from envforge.charts import figure
from envforge.cli import main
from envforge.errors import RegistryError, UsageError
from envforge.evaluation import compare, summarise
from envforge.recipe import GrpoConfig, Recipe, ScheduleConfig, ShapingConfig, recipe_as_dict
from envforge.registry import Registry, StepEnvironment, StepRecord
from envforge.report import as_data, gather, page
from envforge.verdict import LevelResult, Stage

HTML = "{http://www.w3.org/1999/xhtml}"
SVG = "{http://www.w3.org/2000/svg}"
EVIL = '<script>alert("x")</script> & \u202egnp.exe 反転 \U0001f600 \'"]]>'
GAP = range(200, 216)  # steps without a measured entropy
ABSENT, BAD, STEPS = 141, 88, 300


class Runs:
    """A registry with three environments, of which the last is held out, and the runs that a test asks for."""

    def __init__(self, where: Path, ids: Sequence[str]) -> None:
        self.path = where
        self.registry = Registry.open(where)
        self.ids = ids

    def start(self, **recipe: Any) -> int:
        config = {
            "recipe": recipe_as_dict(Recipe(schedule=ScheduleConfig(steps=STEPS), **recipe)),
            "folder": "runs/1",
        }
        return self.registry.start_run(**{**RUN, "config": config, "proposer": EVIL, "kind": "train"})

    def learn(self, run: int, steps: int, seed: int = 0, proposals: bool = False) -> list[StepRecord]:
        """Plausible steps, among them one without a record, two with figures that are no number, and a gap."""
        chance = random.Random(seed)
        found = []
        for number in range(1, steps + 1):
            if number == ABSENT:
                continue
            rows = tuple(
                StepEnvironment(id, number // 50, 4, 3, 32, chance.random(), chance.random(), 1, 12.5, 0.4)
                for id in sorted(self.ids[:2])
            )
            metrics: dict[str, float | None] = {
                name: chance.random()
                for name in (
                    "loss", "grad_norm", "learning_rate", "reward", "accuracy", "format_failure_rate",
                    "effective_prompt_ratio", "clip_low", "clip_high", "truncated_rate", "solver_tokens",
                    "pool_active", "pool_parked", "pool_rotated", "pool_retired", "pool_top_level",
                    "generation_seconds", "environment_seconds", "update_seconds",
                )
            }  # fmt: skip
            metrics |= {"tokens": 1000.0 * number, "seconds": 4.0, "groups": 8.0, "dead_groups": 1.0}
            metrics["environment_share"] = (metrics["environment_seconds"] or 0.0) / 4
            metrics["entropy"] = None if number in GAP else chance.random()
            metrics["lost_responses"] = 3.0 if number == 50 else 0.0
            if number == BAD:
                metrics["loss"] = math.nan
            if number == BAD + 1:
                metrics["grad_norm"] = None
            if proposals:
                metrics |= {"proposals": 4.0, "admitted": 1.0, "generator_reward": 0.1, "gates_seconds": 0.2}
                metrics |= {f"met_{stage}": 4.0 for stage in Stage}
                metrics |= {f"passed_{stage}": 3.0 for stage in Stage}
            found.append(StepRecord(number, metrics, rows))
        with self.registry.transaction() as transaction:
            transaction.add_steps(run, found)
        return found

    def evaluate(
        self, run: int, name: str, step: int | None, rates: Sequence[float], titles: Sequence[str] = ()
    ) -> list[LevelResult]:
        results = []
        for number, (id, rate) in enumerate(zip(self.ids, rates)):
            passes = tuple(int(place < rate * 64) for place in range(64))
            title = titles[number] if titles else ("Plain", EVIL, "Held out")[number]
            split = "held-out" if number == 2 else "trained"
            total = float(sum(passes))
            results.append(
                LevelResult(id, title, ("a",), split, 0, 1, passes, total, tuple(range(64)), 0, 640)
            )
        with self.registry.transaction() as transaction:
            transaction.add_evaluation(
                policy="p", name=name, settings={}, results=results, run_id=run, step=step
            )
        return results


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str]]:
    """The registry before any run, and its environments."""
    where = tmp_path_factory.mktemp("planted") / "library.db"
    with Registry.open(where, create=True) as registry:
        return where, [seed(registry, name) for name in ("plain", EVIL, "held out")]


@pytest.fixture
def runs(planted: tuple[Path, list[str]], tmp_path: Path) -> Iterator[Runs]:
    where, ids = planted
    found = Runs(shutil.copy(where, tmp_path / "library.db"), ids)
    yield found
    found.registry.close()


def parsed(text: str) -> ElementTree.Element:
    """The page as XML; it refers to nothing outside itself and has nothing that runs."""
    text.encode("utf-8")
    for word in ("<script", "<link", "<iframe", "<img", " src=", " href=", "<?", "\u202e"):
        assert word not in text, word
    declaration, rest = text.split("\n", 1)
    assert declaration == "<!DOCTYPE html>"
    root = ElementTree.fromstring(rest)
    held = [value for element in root.iter() for value in element.attrib.values()]
    styles = [style.text or "" for tag in (HTML, SVG) for style in root.iter(f"{tag}style")]
    assert styles and not [found for found in held + styles if re.search(r"://|url\(|@import", found)]
    assert not [name for element in root.iter() for name in element.attrib if name.lower().startswith("on")]
    return root


def text_of(element: ElementTree.Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def charts(root: ElementTree.Element) -> dict[str, dict[str, ElementTree.Element]]:
    """Series by name of each chart by title."""
    return {
        str(svg.get("aria-label")): {
            str(group.get("data-series")): group for group in svg.iter(f"{SVG}g") if group.get("data-series")
        }
        for svg in root.iter(f"{SVG}svg")
    }


def cards(root: ElementTree.Element) -> dict[str, tuple[str, str]]:
    found = {}
    for card in root.iter(f"{HTML}div"):
        if card.get("class") == "card":
            name, big, below = (text_of(part) for part in card)
            found[name] = (big, below)
    return found


def rows(root: ElementTree.Element, heading: str) -> list[list[str]]:
    """The table rows below a heading."""
    section = next(s for s in root.iter(f"{HTML}section") if text_of(s).startswith(heading))
    return [[text_of(cell) for cell in row] for row in section.iter(f"{HTML}tr") if row[0].tag == f"{HTML}td"]


def test_every_chart_has_its_series(runs: Runs) -> None:
    run = runs.start()
    runs.learn(run, STEPS, proposals=True)
    runs.evaluate(run, "before", 0, (0.2, 0.3, 0.5))
    runs.evaluate(run, "step 100", 100, (0.5, 0.4, 0.5))
    runs.evaluate(run, "after", STEPS, (0.9, 0.8, 0.6))
    found = charts(parsed(page(gather(runs.registry))))
    long = [f"run {run}", f"run {run}, smoothed"]
    for title in (
        "Reward", "Accuracy", "Format failures", "Effective-prompt ratio", "Entropy", "Length", "Loss",
        "Cut off at the limit", "Gradient norm", "Environment share", "Generator's reward", "Highest level",
    ):  # fmt: skip
        assert list(found[title]) == long, title
    assert list(found["Members of the pool"]) == ["active", "parked", "rotated", "retired"]
    assert list(found["Where a step's time goes"]) == [
        "generation",
        "environment",
        "gates",
        "update",
        "other",
    ]
    assert list(found["Valid proposals"])[:3] == ["a program", "passed L5", "admitted"]
    assert len(found["Level of each environment"]) == 2
    assert list(found["Accuracy on fresh questions"]) == [f"trained, run {run}", f"held-out, run {run}"]
    assert {"Trained on", "Held out", "Passed, of those that met the gate"} <= set(found)


def test_figures_are_those_of_the_registry(runs: Runs) -> None:
    run = runs.start()
    runs.learn(run, STEPS, proposals=True)
    before = runs.evaluate(run, "before", 0, (0.2, 0.3, 0.5))
    after = runs.evaluate(run, "after", STEPS, (0.9, 0.8, 0.6))
    runs.registry.finish_run(run, "finished")
    root = parsed(page(gather(runs.registry, run)))
    steps, change = runs.registry.steps(run), compare(before, after)
    shown = cards(root)
    for split, card in (("trained", "Accuracy, trained on"), ("held-out", "Accuracy, held out")):
        (row,) = [row for row in change.splits if row.name == split]
        assert shown[card] == (
            f"{row.before.value:.3f} → {row.after.value:.3f}",
            f"[{row.before.low:.2f}, {row.before.high:.2f}] → [{row.after.low:.2f}, {row.after.high:.2f}]",
        )
    assert shown["Steps"] == ("299", "of 300")
    assert shown["Time in steps"] == ("19 min 56 s", "4 s per step")
    assert shown["Tokens generated"][0] == "300k"
    part = sum(step.metrics["environment_seconds"] or 0 for step in steps) / sum(4.0 for _ in steps)
    assert shown["Environment share"][0] == f"{part:.1%}"
    assert shown["Proposals admitted"] == ("299", "of 1,196")

    figures = {row[0]: row[1:] for row in rows(root, "Figures")}
    for name in ("reward", "grad_norm", "entropy"):
        values = [value for step in steps if (value := step.metrics[name]) is not None]
        ends = [
            [v for step in part if (v := step.metrics[name]) is not None]
            for part in (steps[:30], steps[-30:])
        ]
        first, last = (sum(part) / len(part) for part in ends)
        expected = [f"{len(values):,}", *map(figure, (first, last, min(values), max(values)))]
        assert figures[name] == expected, name
    assert figures["loss"][0] == "298", "nan is no measurement"
    assert figures["entropy"][0] == str(299 - len(GAP))

    drawn = {row[0].split()[-1]: row[1:] for row in rows(root, "Environments in training")}
    id = runs.ids[0]
    own = [row for step in steps for row in step.environments if row.environment == id]
    rates = [sum(row.accuracy or 0.0 for row in part) / 5 for part in (own[:5], own[-5:])]
    assert set(drawn) == set(runs.ids[:2])
    assert drawn[id] == ["0 → 6", *(f"{rate:.3f}" for rate in rates), f"{4 * 299:,}", "75%", "3.1%"]


def test_before_and_after_by_environment_with_what_got_worse_first(runs: Runs) -> None:
    run = runs.start()
    before = runs.evaluate(run, "before", 0, (0.2, 0.8, 0.5))
    after = runs.evaluate(run, "after", STEPS, (0.9, 0.1, 0.45))
    runs.registry.finish_run(run, "finished")
    root = parsed(page(gather(runs.registry, run)))
    change = {row.name: row for row in compare(before, after).environments}
    shown = rows(root, "Evaluation")[2:]
    assert [row[0].split()[-1] for row in shown] == [runs.ids[1], runs.ids[2], runs.ids[0]]
    assert [row[-1] for row in shown] == ["worse", "no clear change", "better"]
    assert [row[1] for row in shown] == ["trained", "held-out", "trained"]
    for id, row in zip((runs.ids[1], runs.ids[2], runs.ids[0]), shown):
        found = change[id]
        assert row[3] == f"{found.before.value:.3f} [{found.before.low:.2f}, {found.before.high:.2f}]"
        assert row[4] == f"{found.after.value:.3f} [{found.after.low:.2f}, {found.after.high:.2f}]"
        assert row[5] == f"{found.rise.value:+.3f} [{found.rise.low:+.2f}, {found.rise.high:+.2f}]"
    notes = as_data(gather(runs.registry, run))["notes"]
    assert notes[0].startswith(
        f"Got worse beyond the interval of the difference: {EVIL} (trained): 0.812 to 0.109"
    )
    assert "1 evaluated environment fell" in notes[1]
    (bars,) = [svg for svg in root.iter(f"{SVG}svg") if svg.get("aria-label") == "Held out"]
    assert (
        "0.500" in text_of(bars) and "before training" in text_of(bars) and "after training" in text_of(bars)
    )


def test_gaps_stay_gaps(runs: Runs) -> None:
    run = runs.start()
    runs.learn(run, STEPS)
    found = charts(parsed(page(gather(runs.registry, run))))
    entropy, reward = (found[title][f"run {run}"] for title in ("Entropy", "Reward"))

    def pieces(group: ElementTree.Element) -> list[int]:
        path = group.find(f"{SVG}path")
        assert path is not None
        return [len(piece.split("L")) for piece in str(path.get("d")).split("M")[1:]]

    assert pieces(reward) == [ABSENT - 1, STEPS - ABSENT]
    assert pieces(entropy) == [ABSENT - 1, GAP.start - 1 - ABSENT, STEPS - GAP.stop + 1]
    smoothed = pieces(found["Entropy"][f"run {run}, smoothed"])
    assert smoothed == [GAP.start - 2, STEPS - GAP.stop + 1], (
        "one step is bridged by the mean, sixteen are not"
    )


def test_what_went_wrong_is_said(runs: Runs) -> None:
    run = runs.start()
    runs.learn(run, 150)
    runs.registry.finish_run(run, "interrupted")
    text = text_of(parsed(page(gather(runs.registry, run))))
    for sentence in (
        "The run is interrupted: 150 of 300 steps are recorded.",
        "No record of step 141: the curves have gaps there.",
        "Bad steps, whose loss or gradient was no number: steps 88, 89.",
        "149 of 1,192 groups were kept although their responses all got the same reward",
        "3 responses could not be scored through our own fault",
        "of the responses were cut off at the token limit.",
        "The policy was not evaluated",
    ):
        assert sentence in text, sentence


def test_a_run_without_trouble_has_no_complaints(runs: Runs) -> None:
    run = runs.start()
    clean = [
        StepRecord(number, {"loss": 0.1, "grad_norm": 1.0, "reward": 0.5, "dead_groups": 0.0}, ())
        for number in range(1, STEPS + 1)
    ]
    with runs.registry.transaction() as transaction:
        transaction.add_steps(run, clean)
    runs.evaluate(run, "before", 0, (0.2, 0.3, 0.5))
    runs.evaluate(run, "after", STEPS, (0.9, 0.8, 0.9))
    runs.registry.finish_run(run, "finished")
    assert as_data(gather(runs.registry, run))["notes"] == []
    assert 'class="notes"' not in page(gather(runs.registry, run))


@pytest.mark.parametrize("steps", [0, 1, 37])
def test_an_unfinished_run_has_a_page(runs: Runs, steps: int) -> None:
    run = runs.start()
    runs.learn(run, steps)
    before = runs.evaluate(run, "before", 0, (0.2, 0.3, 0.5))
    root = parsed(page(gather(runs.registry)))
    (trained,) = [row for row in summarise(before).splits if row.name == "trained"]
    assert cards(root)["Accuracy, trained on"][0] == f"{trained.pass_at[1].value:.3f}"
    assert cards(root)["Steps"] == (str(steps), "of 300")
    assert "There is only one evaluation, before training" in text_of(root)
    assert f"The run is not finished: {steps} of 300 steps are recorded." in text_of(root)
    if not steps:
        assert not charts(root)["Reward"] and "no measurements" in text_of(root)


def test_the_newest_evaluation_of_an_unfinished_run_counts(runs: Runs) -> None:
    run = runs.start()
    runs.evaluate(run, "before", 0, (0.2, 0.3, 0.5))
    runs.evaluate(run, "step 20", 20, (0.6, 0.5, 0.5))
    runs.evaluate(run, "step 100", 100, (0.8, 0.7, 0.5))
    big, below = cards(parsed(page(gather(runs.registry, run))))["Accuracy, trained on"]
    assert big.endswith("→ 0.758") and below.endswith("at step 100")


def test_titles_are_text_and_nothing_else(runs: Runs) -> None:
    run = runs.start()
    runs.learn(run, 70)
    runs.evaluate(run, "before", 0, (0.2, 0.3, 0.5))
    runs.evaluate(run, "after", 70, (0.1, 0.1, 0.1), (EVIL, "\x00\x1b[31m", "\ufffe\u2066"))
    written = page(gather(runs.registry, run))
    assert not set(written) & set("\x00\x1b\ufffe\u2066\u202e")
    root = parsed(written)
    assert "<script>alert" in text_of(root) and "反転 \U0001f600" in text_of(root)
    policy = next(m for m in root.iter(f"{HTML}meta") if m.get("http-equiv") == "Content-Security-Policy")
    assert policy.get("content") == "default-src 'none'; style-src 'unsafe-inline'"


def test_other_runs_come_into_the_same_charts(runs: Runs) -> None:
    control = runs.start(grpo=GrpoConfig(learning_rate=0.0))
    run = runs.start(grpo=GrpoConfig(learning_rate=3e-5), shaping=ShapingConfig(overlong=True))
    runs.learn(control, 90, seed=1)
    runs.learn(run, 100, proposals=True)
    for number in (control, run):
        runs.evaluate(number, "before", 0, (0.2, 0.3, 0.5))
        runs.evaluate(number, "after", 100, (0.2, 0.3, 0.5) if number == control else (0.9, 0.8, 0.4))
    report = gather(runs.registry, run, [control, control])
    root = parsed(page(report))
    found = charts(root)
    names = [f"run {run}", f"run {control}"]
    assert list(found["Reward"]) == [*names, *(f"{name}, smoothed" for name in names)]
    assert list(found["Step time"]) == list(found["Reward"])
    assert list(found["Generator's reward"]) == [names[0], f"{names[0]}, smoothed"], "the control has none"
    looks = {name: str(found["Reward"][name][1].get("class")).split()[1] for name in names}
    assert looks == {names[0]: "s0", names[1]: "s1"}
    clipped = found["Clipped ratios"]
    assert "dashed" in str(clipped[f"low, run {control}, smoothed"][1].get("class"))
    assert "dashed" not in str(clipped[f"low, run {run}, smoothed"][1].get("class"))
    assert [row[0] for row in rows(root, "Against other runs")] == names
    text = text_of(root)
    assert (
        f"run {control} differs in: grpo.learning_rate 0.0 (here 3e-05); shaping.overlong off (here on)."
        in text
    )
    (other,) = as_data(report)["against"]
    assert other["run"] == control and other["differs"]["shaping.overlong"] == {"own": True, "other": False}


def test_settings_are_those_of_the_recipe(runs: Runs) -> None:
    run = runs.start(grpo=GrpoConfig(learning_rate=3e-5), shaping=ShapingConfig(overlong=True))
    root = parsed(page(gather(runs.registry, run)))
    text = text_of(next(s for s in root.iter(f"{HTML}section") if text_of(s).startswith("Settings")))
    assert "learning_rate 3e-05" in text and "Shaping overlong" in text and "grpo.clip_high 0.28" in text


def test_the_same_registry_gives_the_same_bytes(runs: Runs) -> None:
    run = runs.start()
    runs.learn(run, 120, proposals=True)
    runs.evaluate(run, "before", 0, (0.2, 0.3, 0.5))
    first = page(gather(runs.registry, run))
    with Registry.open(runs.path, read_only=True) as again:
        assert page(gather(again, run)) == first


def test_what_cannot_be_shown_is_refused(runs: Runs) -> None:
    grown = runs.registry.start_run(**RUN)
    with pytest.raises(UsageError, match="holds no training run yet"):
        gather(runs.registry)
    with pytest.raises(UsageError, match=f"run {grown} is a run of envforge grow"):
        gather(runs.registry, grown)
    with pytest.raises(RegistryError, match="run 99"):
        gather(runs.registry, 99)
    run = runs.start()
    assert gather(runs.registry).own.run.id == run
    with pytest.raises(UsageError, match="the run of the report itself"):
        gather(runs.registry, None, [run])


def test_environments_of_a_growing_pool_are_named(runs: Runs) -> None:
    """What the run itself brought has a title too, and many environments fit."""
    run = runs.start()
    grown = [write(runs.registry, run, n, examined(f"grown {n}"), "admitted") for n in range(50)]
    rows_of = tuple(StepEnvironment(id, 1, 1, 1, 8, 0.5, 0.5, 0, 5.0, 0.1) for id in sorted(grown))
    with runs.registry.transaction() as transaction:
        transaction.add_steps(run, [StepRecord(1, {"reward": 0.5}, rows_of)])
    root = parsed(page(gather(runs.registry, run)))
    shown = rows(root, "Environments in training")
    assert len(shown) == 50 and "Environment grown 7: a title." in text_of(root)
    assert "10 more environments" in text_of(root)
    assert list(charts(root)["Level of each environment"])[-1] == "mean of 44 others"


def test_the_command_writes_the_page(
    runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    control, run = runs.start(), runs.start()
    for number in (control, run):
        runs.learn(number, 65)
    monkeypatch.chdir(tmp_path)
    assert main(["report", "--db", str(runs.path)]) == 0
    assert f"Wrote run-{run}.html: run {run}, 65 steps." in capsys.readouterr().out
    assert (tmp_path / f"run-{run}.html").read_text("utf-8") == page(gather(runs.registry, run))
    arguments = ["report", str(run), "--db", str(runs.path), "--against", str(control), "--out", "page.html"]
    assert main([*arguments, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["file"], data["run"], data["state"], data["steps"]) == ("page.html", run, "running", 65)
    assert data["metrics"]["tokens"]["high"] == 65_000 and data["against"][0]["run"] == control
    assert (tmp_path / "page.html").read_text("utf-8") == page(gather(runs.registry, run, [control]))
    assert main([*arguments[:-1], "-"]) == 0
    assert capsys.readouterr().out == (tmp_path / "page.html").read_text("utf-8")
    assert main([*arguments[:-1], "-", "--json"]) == 2
    assert main([*arguments[:-1], "no/such/folder/page.html"]) == 2
    assert "cannot write" in capsys.readouterr().err


def test_runs_of_other_registries_stand_beside_it(
    runs: Runs,
    planted: tuple[Path, list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A control has a registry of its own, so both have the number 1."""
    monkeypatch.chdir(tmp_path)
    for name, rate in (("control.db", 0.0), ("twice.db", 1e-4)):
        other = Runs(shutil.copy(planted[0], tmp_path / name), planted[1])
        for _ in range(2 if name == "twice.db" else 1):
            other.learn(other.start(grpo=GrpoConfig(learning_rate=rate)), 5)
        other.registry.close()
    run = runs.start(grpo=GrpoConfig(learning_rate=3e-5))
    runs.learn(run, 65)
    arguments = ["report", "--db", str(runs.path), "--out", "page.html", "--json"]
    rivals = ["--against", "control.db", "--against", "twice.db", "--against", "twice.db#1"]
    assert main([*arguments, *rivals, "--against", "twice.db#2"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [(one["registry"], one["run"]) for one in data["against"]] == [
        ("control.db", 1),
        ("twice.db", 2),
        ("twice.db", 1),
    ]
    assert data["registry"] is None
    assert [one["differs"]["grpo.learning_rate"]["other"] for one in data["against"]] == [0.0, 1e-4, 1e-4]
    root = parsed((tmp_path / "page.html").read_text("utf-8"))
    assert [row[0] for row in rows(root, "Against other runs")] == [
        f"run {run}",
        "control.db#1",
        "twice.db#2",
        "twice.db#1",
    ]
    for wrong, said in (("gone.db", "gone.db"), ("control.db#x", "number of a run"), ("control.db#9", "9")):
        assert main([*arguments, "--against", wrong]) == 2
        assert said in capsys.readouterr().err
