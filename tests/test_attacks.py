"""Every attack of tests/attacks, at every level that is a boundary, and before the gates.

`campaign.py` runs them all side by side in a process of its own, as this user and, where that is root and makes a
difference, as nobody; each test here looks at one attack in one run.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attack as attacking
import campaign
import matrix
import pytest
from attack import OPERATIONS, Attack

import envforge
from envforge.locations import data_folder
from envforge.sandbox import Level, Sandbox, Status
from envforge.sandbox.box import NOBODY, interpreter
from envforge.validation import Validator
from envforge.verdict import Stage

ATTACKS = attacking.load_all()
LEVELS = [level for level in Level if level]
# A control group and the engine's socket are root's to give, so what is left to nobody are the levels below.
SETTINGS = [
    pytest.param(level, user, id=f"level {level.value} as {user}")
    for level in LEVELS
    for user in (("this user",) if os.geteuid() else ("root", "nobody"))
    if user != "nobody" or level <= Level.BOXED
]
THIS_USER = "this user" if os.geteuid() else "root"
SECONDS = 500


def outcome(level: int, user: str, folder: Path) -> dict[str, Any]:
    """What a campaign at `level` as `user` found; `folder` is readable by everybody."""
    found = _outcome(level, user, folder)
    if isinstance(found, str):
        campaign.missing(f"the attacks could not be run at level {level} as {user}: {found}", level)
    return found


@functools.cache
def _outcome(level: int, user: str, folder: Path) -> Any:
    path, python, identity = Path(envforge.__file__).parent.parent, sys.executable, {}
    if user == "nobody":
        path, python = _copy(folder), _python_for_everybody()
        if python is None:
            return "there is no Python 3.11 or newer that an unprivileged user may run"
        identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    tests = path / "tests"
    run = subprocess.run(
        [python, "-B", str(tests / "campaign.py"), "--json", "--levels", str(level)],
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**os.environ, "PYTHONPATH": str(path), "TMPDIR": "/tmp", "HOME": "/"},
        cwd="/",
        **identity,
    )
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    return found["absent"].get(str(level)) or found["outcomes"][str(level)]


def _copy(folder: Path) -> Path:
    """What a campaign needs, where every user may read it: a checkout may lie in root's home."""
    target = folder / "copy"
    if not target.exists():
        ignore = shutil.ignore_patterns("__pycache__")
        here = Path(__file__).parent
        shutil.copytree(Path(envforge.__file__).parent, target / "envforge", ignore=ignore)
        shutil.copytree(data_folder("sandbox"), target / "sandbox", ignore=ignore)
        shutil.copytree(here / "attacks", target / "tests" / "attacks", ignore=ignore)
        for name in ("attack.py", "campaign.py"):
            shutil.copy(here / name, target / "tests")
        for path in (target, *target.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
    return target


@functools.cache
def _python_for_everybody() -> str | None:
    candidates = [
        interpreter(),
        *(shutil.which(f"python3{x}") for x in ("", ".11", ".12", ".13")),
        "/usr/bin/python3",
    ]
    line = "import sys; assert sys.version_info >= (3, 11)"
    for python in filter(None, candidates):
        try:
            command = [os.path.realpath(python), "-I", "-c", line]
            subprocess.run(command, check=True, capture_output=True, user=NOBODY, group=NOBODY, cwd="/")
        except (OSError, subprocess.CalledProcessError):
            continue
        return command[0]
    return None


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder whose path everybody may walk: pytest's own is closed to others."""
    with tempfile.TemporaryDirectory(prefix="envforge-attacks-", dir="/tmp") as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.mark.parametrize(("level", "user"), SETTINGS)
@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_attack_is_contained(attack: Attack, level: Level, user: str, folder: Path) -> None:
    found = outcome(level.value, user, folder)
    for function, verdicts in found["verdicts"][attack.name].items():
        assert len(verdicts) == attack.repeat
        for verdict, evidence in verdicts:
            assert verdict in attack.expected[function], f"in {function}: {verdict} ({evidence})"
    assert found["disturbed"][attack.name] == [], "a correct program beside it got a wrong result"


@pytest.mark.parametrize(("level", "user"), SETTINGS)
def test_sandbox_outlives_all_attacks(level: Level, user: str, folder: Path) -> None:
    found = outcome(level.value, user, folder)
    assert list(matrix.troubles(level.value, found)) == []
    zygotes = [process for process in found["processes"] if "zygote.main()" in process]
    if not level.container:  # whose processes are the engine's
        assert 1 <= len(zygotes) <= campaign.WORKERS, "a child outlived its request, or no zygote is left"
    assert not [process for process in found["processes"] if process.startswith("Z")]


@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.unconfined], ids=lambda attack: attack.name)
def test_attack_is_real(attack: Attack, folder: Path) -> None:
    """With nothing but resource limits in the way it does what it says, so what stops it is the confinement."""
    for function, verdicts in outcome(0, THIS_USER, folder)["verdicts"][attack.name].items():
        assert {verdict for verdict, _ in verdicts} <= attack.unconfined[function], verdicts


def proposals() -> Iterator[Any]:
    """The attacks for the gates; what burns CPU time burns it at every level of difficulty."""
    for attack in ATTACKS:
        patient = attack.gate != Stage.L1 and attack.limit < attacking.LIMIT_SECONDS
        yield pytest.param(attack, id=attack.name, marks=[pytest.mark.slow] if patient else [])


@pytest.mark.parametrize("attack", [*proposals()])
def test_attack_is_rejected_by_the_gate_that_it_names(attack: Attack, sandbox: Sandbox) -> None:
    failure = Validator(sandbox).examine(attack.source).failure
    assert failure is not None, "it passed every gate"
    assert failure.stage is Stage(attack.gate), failure.reason
    assert failure.reason
    json.dumps(failure.evidence, allow_nan=False)


def test_every_attack_says_what_it_tries() -> None:
    names = {status.value for status in Status} | {"value"}
    assert len(ATTACKS) >= 300
    assert {attack.category for attack in ATTACKS} == set(attacking.CATEGORIES)
    for attack in ATTACKS:
        assert attack.source.startswith('"""') and attack.title.endswith("."), attack.name
        assert all(attack.expected[function] <= names for function in attack.expected), attack.name
        assert set(attack.unconfined) in (set(), set(OPERATIONS)), attack.name
        assert all(verdicts <= names | {"escapes"} for verdicts in attack.unconfined.values()), attack.name
        docstring = attack.source.partition('\n"""\n')[0]
        for line in re.findall(r"^\w+(?: in \w+)?: .*", docstring, re.MULTILINE):
            assert attacking.LINE.fullmatch(line), f"{attack.name}: {line}"


def test_attacks_across_calls_and_hash_seeds_are_for_replay_to_find() -> None:
    """Where neither policy nor limits have a say, L3 must be the gate that says no."""
    found = {attack.category for attack in ATTACKS if attack.gate == Stage.L3}
    assert found == {"residue", "chance"}


# The command


def found_at(level: int, **verdicts: str) -> dict[str, Any]:
    """An outcome in which attacks ended as given and nothing else happened."""
    return {
        "verdicts": {name: {"generate": [[v, "why"]], "score": [[v, "why"]]} for name, v in verdicts.items()},
        "disturbed": {},
        "same runner": True,
        "connections": 0,
        "left": [],
        "left descriptors": 0,
    }


def test_matrix_shows_escapes_surprises_and_what_was_not_run(capsys: pytest.CaptureFixture[str]) -> None:
    attacks = [attack for attack in ATTACKS if attack.name in ("fork", "read_a_file", "add_a_key")]
    outcomes = {
        0: found_at(0, read_a_file="escapes"),
        1: found_at(1, fork="escapes", read_a_file="value", add_a_key="raised"),
    }
    outcomes[1]["verdicts"]["fork"]["score"] = [["escapes", "\x1b[2J"]]
    absent = {4: "no engine [here]"}
    assert matrix.show(attacks, outcomes, absent, by_attack=True) == 1
    text = capsys.readouterr().out
    rows = {line.split()[0]: line.split()[1:] for line in text.splitlines() if line.strip()}
    assert rows["fork"] == ["-", "ESCAPED"]
    assert rows["read_a_file"] == ["ESCAPED", "harmless"]
    assert rows["add_a_key"] == ["-", "raised"]
    assert "\x1b" not in text, "evidence is written by programs that nobody trusts"
    assert "add_a_key: Stores a key" in text and "no engine [here]" in text
    assert text.splitlines()[-1] == "escapes at level 0: 1 of 1, 1: 1 of 3"
    assert max(map(len, text.splitlines())) <= 100


def test_matrix_of_a_sound_level_is_a_success(capsys: pytest.CaptureFixture[str]) -> None:
    attacks = [attack for attack in ATTACKS if attack.name == "fork"]
    sound = found_at(1, fork="forbidden system call")
    assert matrix.show(attacks, {1: sound}, {}, by_attack=False) == 0
    assert "1 stopped" in capsys.readouterr().out
    assert matrix.show(attacks, {}, {1: "no"}, by_attack=False) == 2


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("same runner", False),
        ("connections", 1),
        ("left", ["S sleep"]),
        ("left descriptors", 1),
        ("disturbed", {"fork": ["wrong"]}),
    ],
)
def test_whatever_else_goes_wrong_is_no_success(
    key: str, value: object, capsys: pytest.CaptureFixture[str]
) -> None:
    attacks = [attack for attack in ATTACKS if attack.name == "fork"]
    outcome = {**found_at(2, fork="forbidden system call"), key: value}
    assert matrix.show(attacks, {2: outcome}, {}, by_attack=True) == 1
    assert "level 2 " in capsys.readouterr().out


def test_six_levels_fit_on_a_screen(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = {
        n: found_at(n, **{attack.name: "out of wall time" for attack in ATTACKS if n or attack.unconfined})
        for n in range(6)
    }
    matrix.show(ATTACKS, outcomes, {}, by_attack=True)
    rows = {line.split()[0] for line in capsys.readouterr().out.splitlines() if "wall time" in line}
    assert {attack.name for attack in ATTACKS} <= rows, "a name was broken in two"
    for outcome in outcomes.values():
        for attack in ATTACKS:
            outcome["verdicts"][attack.name] = {f: [(min(attack.expected[f]), "")] for f in OPERATIONS}
    del outcomes[0]
    matrix.show(ATTACKS, {0: found_at(0), **outcomes}, {}, by_attack=False)
    text = capsys.readouterr().out
    assert [meaning for meaning in attacking.CATEGORIES.values() if meaning not in text] == []
    assert max(map(len, text.splitlines())) <= 100


def test_required_levels_fail_where_others_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    def ends(level: int) -> str:
        try:
            campaign.missing("there is none", level)
        except BaseException as error:
            return type(error).__name__

    monkeypatch.delenv("ENVFORGE_REQUIRE_LEVEL", raising=False)
    monkeypatch.delenv("ENVFORGE_REQUIRE_GVISOR", raising=False)
    assert {ends(level) for level in range(6)} == {"Skipped"}
    monkeypatch.setenv("ENVFORGE_REQUIRE_LEVEL", "3")
    assert [ends(level) for level in range(6)] == ["Failed"] * 4 + ["Skipped"] * 2
    monkeypatch.setenv("ENVFORGE_REQUIRE_GVISOR", "1")
    assert [ends(level) for level in range(6)] == ["Failed"] * 4 + ["Skipped", "Failed"]
