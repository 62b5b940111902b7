"""Every attack of tests/attacks, at every level that is a boundary, as this user and, when that is root, as nobody.

`campaign.py` runs them all side by side in a process of its own; each test here looks at one attack in one run.
"""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import campaign
import pytest

import envforge
from envforge.locations import data_folder
from envforge.sandbox import Status
from envforge.sandbox.box import NOBODY, interpreter

ATTACKS = campaign.load_all()
USERS = ["root", "nobody"] if os.geteuid() == 0 else ["this user"]
LEVELS = [1, 2]
SETTINGS = [pytest.param(level, user, id=f"level {level} as {user}") for level in LEVELS for user in USERS]
SECONDS = 300


def outcome(level: int, user: str, folder: Path) -> dict[str, Any]:
    """What a campaign at `level` as `user` found; `folder` is readable by everybody."""
    found = _outcome(level, user, folder)
    if isinstance(found, str):
        campaign.missing(f"the attacks could not be run at level {level} as {user}: {found}")
    return found


@functools.cache
def _outcome(level: int, user: str, folder: Path) -> Any:
    path, python, identity = Path(envforge.__file__).parent.parent, sys.executable, {}
    if user == "nobody":
        path, python = _copy(folder), _python_for_everybody()
        if python is None:
            return "there is no Python 3.11 or newer that an unprivileged user may run"
        identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    run = subprocess.run(
        [python, "-B", str(path / "tests" / "campaign.py"), str(level), str(path / "tests" / "attacks")],
        check=False,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        env={**os.environ, "PYTHONPATH": str(path), "TMPDIR": "/tmp", "HOME": "/"},
        cwd="/",
        **identity,
    )
    if run.returncode:
        kind, _, sentence = (run.stderr.strip().splitlines() or [""])[-1].partition(": ")
        assert kind == "envforge.errors.IsolationError", run.stderr
        return sentence
    return json.loads(run.stdout)


def _copy(folder: Path) -> Path:
    """What a campaign needs, where every user may read it: a checkout may lie in root's home."""
    target = folder / "copy"
    if not target.exists():
        ignore = shutil.ignore_patterns("__pycache__")
        here = Path(__file__).parent
        shutil.copytree(Path(envforge.__file__).parent, target / "envforge", ignore=ignore)
        shutil.copytree(data_folder("sandbox"), target / "sandbox", ignore=ignore)
        shutil.copytree(here / "attacks", target / "tests" / "attacks", ignore=ignore)
        shutil.copy(here / "campaign.py", target / "tests")
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
def test_attack_is_contained(attack: campaign.Attack, level: int, user: str, folder: Path) -> None:
    found = outcome(level, user, folder)
    for function, verdicts in found["verdicts"][attack.name].items():
        for verdict, evidence in verdicts:
            assert verdict in attack.expected[function], f"in {function}: {verdict} ({evidence})"
    assert found["disturbed"][attack.name] == [], "a correct program beside it got a wrong result"


@pytest.mark.parametrize(("level", "user"), SETTINGS)
def test_sandbox_outlives_all_attacks(level: int, user: str, folder: Path) -> None:
    found = outcome(level, user, folder)
    assert found["same runner"], "an attack took the runner down"
    assert found["connections"] == 0
    zygotes = [process for process in found["processes"] if "zygote.main()" in process]
    assert 1 <= len(zygotes) <= campaign.WORKERS, "a child outlived its request, or no zygote is left"
    assert not [process for process in found["processes"] if process.startswith("Z")]
    assert found["left processes"] == []
    assert found["left descriptors"] == 0


@pytest.mark.parametrize("attack", [a for a in ATTACKS if a.unconfined], ids=lambda attack: attack.name)
def test_attack_is_real(attack: campaign.Attack, folder: Path) -> None:
    """With nothing but resource limits in the way it does what it says, so what stops it is the confinement."""
    for verdicts in outcome(0, USERS[0], folder)["verdicts"][attack.name].values():
        assert [verdict for verdict, _ in verdicts] == [attack.unconfined]


def test_every_attack_says_what_it_tries() -> None:
    names = {status.value for status in Status} | {"value"}
    assert len(ATTACKS) >= 45
    for attack in ATTACKS:
        title = attack.source.partition("\n")[0]
        assert title.startswith('"""') and title.endswith("."), attack.name
        assert all(attack.expected[function] <= names for function in attack.expected), attack.name
