"""Growing visual environments: composites keep one picture, models see the rules, the command does both."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from envforge.config import ValidationConfig
from envforge.contract import LibraryEntry, Oracle, Program
from envforge.locations import data_folder
from envforge.proposers.compose import ComposeProposer
from envforge.proposers.exemplars import choose_exemplars
from envforge.proposers.recipes import FAMILIES
from envforge.proposers.requests import proposal_messages, template, theme_of
from envforge.sandbox import Sandbox
from envforge.validation import Validator
from envforge.verdict import Stage

VISUAL = ("counting/triangle_count", "diagram/bar_query", "mathematical/angle_chase")
TEXT = ("coin_change", "modular_recurrence")
QUICK = ValidationConfig(
    sample_per_level=16,
    hash_seeds=1,
    borderline_sample=48,
    attacked_per_level=1,
    drawn_answers=4,
    pictures_per_level=2,
)


def paths() -> list[Path]:
    seeds = data_folder("seeds")
    return [seeds / "visual" / f"{name}.py" for name in VISUAL] + [
        seeds / "text" / f"{name}.py" for name in TEXT
    ]


@pytest.fixture(scope="module")
def library(sandbox: Sandbox) -> list[LibraryEntry]:
    found = []
    for path in paths():
        examination = Validator(sandbox, QUICK).examine(path.read_text("utf-8"))
        assert examination.program is not None and examination.profile is not None, examination.failure
        program = examination.program
        found.append(LibraryEntry(program, examination.profile, 0, frozenset({program.id})))
    return found


def composed(library: list[LibraryEntry], count: int, visual: bool) -> dict[str, str]:
    proposer = ComposeProposer(0, visual)
    proposals = [proposer.write(plan) for plan in proposer.plan(library, (), range(count))]
    return {proposal.operation: proposal.source or "" for proposal in proposals}


def test_composites_have_one_picture(library: list[LibraryEntry]) -> None:
    kinds = {entry.program.id: entry.program.kind for entry in library}
    for operation, source in composed(library, 400, visual=False).items():
        parents = operation.rpartition(" ")[2].split("+")
        drawing = [parent for parent in parents if kinds[parent] == "visual"]
        assert len(drawing) <= 1
        assert ("def render(state):" in source) == bool(drawing)
        assert ("BUCKET = " in source) == bool(drawing)


def test_only_families_that_can_show_a_picture_take_one(library: list[LibraryEntry]) -> None:
    found = composed(library, 1000, visual=True)
    kinds = {entry.program.id: entry.program.kind for entry in library}
    assert all("visual" in {kinds[p] for p in operation.rpartition(" ")[2].split("+")} for operation in found)
    used = {operation.split("/")[0] for operation in found}
    assert used == {name for name, family in FAMILIES.items() if any(family.scenes)}
    assert used == {"select", "compare", "joint", "transform"}


@pytest.mark.slow
@pytest.mark.parametrize("family", ["select", "compare", "joint", "transform"])
def test_a_composite_of_each_family_passes_every_gate(
    family: str, library: list[LibraryEntry], sandbox: Sandbox
) -> None:
    source = next(
        source
        for operation, source in composed(library, 60, visual=True).items()
        if operation.startswith(family)
    )
    examination = Validator(sandbox, QUICK).examine(source)
    assert examination.passed, examination.failure
    assert examination.verdicts[-1].stage is Stage.PICTURE
    program = examination.program
    assert isinstance(program, Program) and program.kind == "visual"
    parents = {entry.program.levels for entry in library}
    assert program.levels in parents and program.bucket is not None


def test_a_visual_request_shows_visual_exemplars_and_the_rules(library: list[LibraryEntry]) -> None:
    chosen = choose_exemplars(library, 2, random.Random(0), Counter(), "visual")
    assert len(chosen) == 2 and all(entry.program.kind == "visual" for entry in chosen)
    messages = proposal_messages(
        library, chosen, theme_of(0, 0, True), Oracle.EQUALITY, random.Random(0), True
    )
    system, request = (message["content"] for message in messages)
    assert template("visual.txt") in system and "render(state)" in system
    assert all(entry.program.source.rstrip() in request for entry in chosen)
    assert request.endswith(template("visual-request.txt"))
    plain = proposal_messages(library, [], theme_of(0, 0), Oracle.EQUALITY, random.Random(0))
    assert "render" not in plain[0]["content"]


def test_what_the_rules_name_is_in_the_vocabulary() -> None:
    """Every call and colour that a model is told of exists."""
    sys.path.insert(0, str(data_folder("sandbox")))
    import canvas  # type: ignore[import-not-found,unused-ignore]

    told = template("visual.txt").split("\ncanvas: ")[1]
    drawing = told.partition(" has ")[2].partition("Paint is given")[0]
    for name in re.findall(r"\b([a-z_]+)\(", drawing):
        assert hasattr(canvas.Canvas, name), name
    for name in re.findall(r"Canvas|Grid|look|scatter|hue_names", told):
        assert name in canvas.__all__
    for shape in told.partition("Shapes: ")[2].rstrip(".\n").split(", "):
        assert shape in canvas.SHAPES
    colours = re.search(r"only if they are from: ([a-z, ]+)\.", template("visual.txt"))
    assert colours is not None and set(colours[1].split(", ")) == set(canvas.NAMED)


def test_the_themes_of_pictures_are_many() -> None:
    themes = template("visual-themes.txt").rstrip("\n").split("\n")
    assert len(set(themes)) == len(themes) >= 20
    assert {theme_of(3, index, True) for index in range(len(themes))} == set(themes)


@pytest.mark.slow
def test_grow_visual_admits_composites_with_pictures(tmp_path: Path) -> None:
    """The command, from seeds in a folder to environments that draw."""
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for path in (paths()[0], paths()[3]):
        (seeds / path.name).write_text(path.read_text("utf-8"))
    names = ("sample_per_level", "hash_seeds", "borderline_sample", "attacked_per_level", "drawn_answers")
    quick = "\n".join(f"{name} = {getattr(QUICK, name)}" for name in (*names, "pictures_per_level"))
    (tmp_path / "quick.toml").write_text(f"[validation]\n{quick}\n")

    def run(*arguments: object) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "envforge", *map(str, arguments)],
            cwd=tmp_path, capture_output=True, text=True, timeout=500, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    grown = run(
        "grow", "--visual", "--admit-uncalibrated", "--seeds", "seeds", "--config", "quick.toml", "--db", "v.db",
        "--proposals", 4, "--json",
    )  # fmt: skip
    assert grown["outcomes"].get("admitted", 0) >= 3, grown
    listed = run("registry", "list", "--db", "v.db", "--json")
    drawing = [row for row in listed if row["kind"] == "visual"]
    assert len(drawing) >= 4  # the seed, and what was composed with it
