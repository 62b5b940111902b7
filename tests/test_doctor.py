"""`envforge doctor`, and `--isolation` of every command: which level is used, what it stops, and how that is said."""

from __future__ import annotations

import io
import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import campaign
import docker
import docker.errors
import pytest
import requests
from test_cli import command, envforge, surroundings

from envforge.cli import ladder, main, programs, progress
from envforge.cli.display import isolation
from envforge.cli.options import isolation_level
from envforge.config import ISOLATION_NAMES
from envforge.errors import SandboxError, UsageError
from envforge.locations import data_folder
from envforge.sandbox import Level, LevelReport
from envforge.sandbox.box import interpreter
from envforge.sandbox.container import OWNER_LABEL, Engine
from envforge.sandbox.image import LABEL
from envforge.sandbox.ladder import PROBES, UNTRIED

NO_ENGINE = {"DOCKER_HOST": "unix:///nonexistent/docker.sock"}
NO_SOCKET = "no Docker engine answers at unix:///nonexistent/docker.sock: there is no such socket"
PATIENCE_SECONDS = 60.0
# Each command that runs programs, made short; the ones that run gates meet a program that fails at the first.
RUNNING: dict[str, list[str]] = {
    "check": ["check", "bad/no_tags.py"],
    "grow": ["grow", "--seeds", "bad", "--db", "some.db"],
    "sample": ["sample", "good.py"],
    "score": ["score", "good.py", "--answer", "1"],
    "play": ["play", "good.py"],
}
ENDS = {"check": 1, "grow": 2, "sample": 0, "score": 0, "play": 0}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a program that passes and one that does not."""
    source = (data_folder("seeds") / "text" / "subset_sum.py").read_text()
    (tmp_path / "good.py").write_text(source)
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "no_tags.py").write_text(source.replace("TAGS =", "LABELS ="))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    return tmp_path


@pytest.fixture
def engine() -> Iterator[Engine]:
    try:
        found = Engine()
    except SandboxError as error:
        campaign.missing(str(error), Level.DOCKER)
    yield found
    found.close()


# The option


def test_levels_have_numbers_and_names() -> None:
    assert [isolation_level(str(number)) for number in range(6)] == list(range(6))
    assert [isolation_level(name) for name in ISOLATION_NAMES] == list(range(6))
    assert isolation_level(" gVisor ") == 5
    assert [isolation(level) for level in (0, Level.CGROUPS, "5")] == [
        "0 (limits)",
        "3 (cgroups)",
        "5 (gvisor)",
    ]
    assert (isolation("7"), isolation("")) == ("7", "")  # what another version wrote stays as it is


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("dokcer", "did you mean 'docker'?"),
        ("bwrap", "did you mean 'bubblewrap'?"),
        ("gvisior", "did you mean 'gvisor'?"),
        ("6", "valid are 0 to 5 or one of limits, confined, bubblewrap, cgroups, docker, gvisor"),
        ("-1", "valid are 0 to 5"),
        ("", "valid are 0 to 5"),
        ("２", "valid are 0 to 5"),
    ],
)
def test_a_level_that_is_none(value: str, hint: str) -> None:
    with pytest.raises(UsageError, match=re.escape(hint)):
        isolation_level(value)


@pytest.mark.parametrize("name", RUNNING)
def test_every_command_refuses_a_level_that_is_none(
    name: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*RUNNING[name], "--isolation", "dokcer"]) == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", "Error: --isolation: there is no level 'dokcer'; did you mean 'docker'?\n")
    assert not (folder / "some.db").exists()


@pytest.mark.parametrize("name", RUNNING)
def test_every_command_says_what_takes_long(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from envforge.sandbox import ladder as climbing

    plain = climbing.launches

    def launches(level: Level, machine: Any) -> Any:
        machine.notice(f"building for level {level.slug}")
        return plain(level, machine)

    monkeypatch.setattr(climbing, "launches", launches)
    assert main(RUNNING[name]) == ENDS[name]
    assert "Building for level cgroups ...\n" in capsys.readouterr().err


# Levels that are said


def started(level: Level, *lost: Level) -> Any:
    """What isolation_notice looks at: a sandbox at `level`, in which the levels `lost` are not to be had."""
    reports = [LevelReport(other, False, f"{other.slug} is missing") for other in lost]
    return SimpleNamespace(level=level, reports=(*reports, LevelReport(level, True, "")))


@pytest.mark.parametrize(
    ("level", "lost", "notice"),
    [
        (Level.GVISOR, [], None),
        (Level.DOCKER, [], None),
        (Level.CGROUPS, [], None),
        (Level.BOXED, [Level.CGROUPS], None),
        (
            Level.CONFINED,
            [Level.CGROUPS, Level.BOXED],
            "Isolation: level 1 (confined) is used instead of level 2 (bubblewrap) "
            "(level 2 is not to be had: bubblewrap is missing).",
        ),
        (
            Level.LIMITS,
            [Level.CGROUPS, Level.BOXED, Level.CONFINED],
            "Isolation: level 0 (limits) is used instead of level 2 (bubblewrap) (level 2 is not to be had: "
            "bubblewrap is missing; level 1 is not to be had: confined is missing).",
        ),
        (
            Level.CONFINED,
            [],
            "Isolation: level 1 (confined) is used, as configured, and not level 2 (bubblewrap).",
        ),
    ],
)
def test_only_a_level_without_a_box_is_announced(level: Level, lost: list[Level], notice: str | None) -> None:
    assert programs.isolation_notice(started(level, *lost)) == notice


def test_a_configured_level_is_used_and_said(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "level.toml").write_text('[sandbox]\nuse = "confined"\n')
    assert main([*RUNNING["check"], "--config", "level.toml", "--isolation", "limits"]) == 1
    out, err = capsys.readouterr()
    assert re.search(r"^L1 +FAIL +[\d.]+ s +1 confined ", out, re.MULTILINE)
    assert err == "Isolation: level 1 (confined) is used, as configured, and not level 2 (bubblewrap).\n"
    assert main([*RUNNING["check"], "--config", "level.toml", "--isolation", "bubblewrap"]) == 2
    assert "level 1 was asked for, but levels below 2 are refused" in capsys.readouterr().err


# Docker


@pytest.mark.parametrize("name", RUNNING)
def test_every_command_runs_in_docker_when_told_to(name: str, folder: Path, engine: Engine) -> None:
    since = int(time.time())
    process = subprocess.Popen(
        command(*RUNNING[name], "--isolation", "docker"), cwd=folder, env=surroundings(), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    out, err = process.communicate(timeout=300)
    assert process.returncode == ENDS[name], err
    happened = engine.client.events(
        since=since, until=int(time.time()) + 1, decode=True,
        filters={"type": "container", "event": ["start", "destroy"], "label": f"{LABEL}=container"},
    )  # fmt: skip
    ours = [
        event["Action"]
        for event in happened
        if f"/{process.pid}-" in event["Actor"]["Attributes"].get(OWNER_LABEL, "")
    ]
    assert ours == ["start", "destroy"], (ours, out, err)
    if name == "check":
        assert re.search(r"^L1 +FAIL +[\d.]+ s +4 docker ", out, re.MULTILINE)
    if name == "grow":
        assert "isolation  4 (docker): level 1 inside a Docker container" in out


@pytest.mark.parametrize("name", RUNNING)
def test_without_an_engine_nothing_runs_in_its_place(name: str, folder: Path) -> None:
    reply = envforge(*RUNNING[name], "--isolation", "docker", cwd=folder, **NO_ENGINE)
    assert (reply.code, reply.out) == (2, "")
    assert reply.err.count("\n") == 1
    assert reply.err.startswith("Error: this machine does not give isolation level 4, docker ")
    assert NO_SOCKET in reply.err


def no_socket(_: Path) -> str:
    return "unix:///nonexistent/docker.sock"


def nobody_listens(folder: Path) -> str:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "engine.sock"))
    return f"unix://{folder}/engine.sock"


def hangs_up(folder: Path) -> str:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(folder / "engine.sock"))
    listener.listen()

    def serve() -> None:
        with listener:
            listener.accept()[0].close()

    threading.Thread(target=serve, daemon=True).start()
    return f"unix://{folder}/engine.sock"


def refuses(_: Path) -> str:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"message": "the policy forbids it."}'
            self.send_response(403)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.handle_request, daemon=True).start()
    return f"tcp://127.0.0.1:{server.server_port}"


@pytest.mark.parametrize(
    ("place", "cause"),
    [
        (no_socket, "there is no such socket"),
        (nobody_listens, "nothing listens there (connection refused)"),
        (hangs_up, "the connection was cut"),
        (refuses, "the policy forbids it"),
        (lambda _: "tcp://127.0.0.1:1", "nothing listens there (connection refused)"),
        (lambda _: "tcp://engine.invalid:2375", "the name of its host is not known"),
    ],
    ids=["no socket", "nobody listens", "hangs up", "refuses", "closed port", "unknown host"],
)
def test_why_no_engine_answers_is_one_clear_sentence(
    place: Callable[[Path], str], cause: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = place(tmp_path)
    monkeypatch.setenv("DOCKER_HOST", address)
    with pytest.raises(SandboxError) as caught:
        Engine()
    assert str(caught.value) == f"no Docker engine answers at {address}: {cause}"


@pytest.mark.parametrize(
    ("root", "cause"),
    [
        (PermissionError(13, "Permission denied"), "this user may not use it (permission denied)"),
        (TimeoutError("timed out"), "it does not answer in time"),
        (OSError(113, "No route to host"), "No route to host"),
    ],
)
def test_causes_that_are_hard_to_bring_about(
    root: OSError, cause: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def from_env() -> Any:
        try:
            try:
                raise root
            except OSError as error:
                raise requests.ConnectionError("('Connection aborted.', ...)") from error
        except requests.ConnectionError as error:
            raise docker.errors.DockerException("Error while fetching server API version: ...") from error

    monkeypatch.setattr(docker, "from_env", from_env)
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    with pytest.raises(SandboxError) as caught:
        Engine()
    assert str(caught.value) == f"no Docker engine answers at unix:///var/run/docker.sock: {cause}"


# The doctor


LEVEL_FIELDS = {
    "level", "name", "title", "available", "attacked", "reason", "remedy", "got_through", "holes",
}  # fmt: skip


def check_levels(found: dict[str, Any]) -> None:
    """What holds for every machine."""
    levels = found["levels"]
    assert [row["level"] for row in levels] == [5, 4, 3, 2, 1, 0]
    assert [row["name"] for row in levels] == list(reversed(ISOLATION_NAMES))
    for row in levels:
        assert set(row) == LEVEL_FIELDS
        assert row["reason"]
        assert (row["remedy"] is None) == row["available"]
        assert set(row["holes"]) == {name for name in row["got_through"] if PROBES[name] <= row["level"]}
        assert not (row["available"] and row["holes"])
    usable = [row["level"] for row in levels if row["available"] and row["level"] < Level.DOCKER]
    assert found["in_force"] == max(usable, default=None)


def test_doctor() -> None:
    reply = envforge("doctor", "--json")
    found = reply.json
    check_levels(found["isolation"])
    assert reply.code == (0 if (found["isolation"]["in_force"] or 0) >= 1 else 1)
    assert {row["level"] for row in found["isolation"]["levels"] if row["attacked"]} == {0, 1, 2, 3}
    assert "attacks" not in found["isolation"]
    assert {"core" in found, "sqlalchemy" in found["packages"], "train" in found["extras"]} == {False, True}
    assert all(Path(path).is_dir() for path in found["folders"].values())
    answers, runsc, *_ = [row for row in found["isolation"]["levels"] if row["level"] >= Level.DOCKER][::-1]
    assert answers["available"] == (found["docker"] is not None)
    assert runsc["available"] == (found["docker"] is not None and "runsc" in found["docker"]["runtimes"])


def test_doctor_for_people_without_bubblewrap_and_docker(tmp_path: Path) -> None:
    page = envforge("doctor", COLUMNS="80", PATH=str(tmp_path), **NO_ENGINE)
    assert page.code == 0
    assert max(map(len, page.out.splitlines())) <= 80
    words = " ".join(page.out.split())
    assert "bubblewrap not installed" in words
    assert NO_SOCKET in words
    assert "1 (confined): no_new_privs + seccomp + Landlock" in words
    assert "why levels 3 and 2: bubblewrap (bwrap) is not installed" in words
    assert "user namespaces" in words
    assert words.endswith("For level 2: install bubblewrap (Debian and Ubuntu: apt-get install bubblewrap).")


def test_doctor_attacks_every_level() -> None:
    reply = envforge("doctor", "--isolation", "--json")
    found = reply.json["isolation"]
    check_levels(found)
    levels = {row["name"]: row for row in found["levels"]}
    assert all(row["attacked"] for row in levels.values())
    assert [(row["attack"], row["from"]) for row in found["attacks"]] == list(PROBES.items())
    for row in found["attacks"]:
        assert tuple(row["outcomes"]) == ISOLATION_NAMES
        for name, outcome in row["outcomes"].items():
            level = levels[name]
            untried = row["attack"] in UNTRIED.get(Level(level["level"]), ())
            if not level["available"] or untried:
                assert outcome == ("through" if row["attack"] in level["got_through"] else "untried")
            else:
                assert outcome == ("through" if row["attack"] in level["got_through"] else "stopped")
                assert outcome == "stopped" or level["level"] < row["from"]
    assert {"read a file", "UDP socket", "execute a program"} <= set(levels["limits"]["got_through"])
    holes = any(row["holes"] for row in levels.values())
    assert reply.code == (0 if not holes and (found["in_force"] or 0) >= 1 else 1)
    for name, required in (("docker", Level.DOCKER), ("gvisor", Level.GVISOR)):
        if not levels[name]["available"]:
            campaign.missing(levels[name]["reason"], required)


BOXES_NOTHING = f"""#!{interpreter()}
import os, sys
arguments = sys.argv[1:]
if arguments == ["--version"]:
    print("bubblewrap 0.0")
    sys.exit()
places = {{arguments[i + 2]: arguments[i + 1] for i, a in enumerate(arguments) if a == "--ro-bind"}}
command = [places.get(a, a) for a in arguments[arguments.index("-s") - 1:]]
os.execv(command[0], command)
"""


def test_a_box_with_holes_is_shown_and_fails(tmp_path: Path) -> None:
    (tmp_path / "bwrap").write_text(BOXES_NOTHING)
    (tmp_path / "bwrap").chmod(0o755)
    surroundings = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "COLUMNS": "100", **NO_ENGINE}
    reply = envforge("doctor", "--isolation", **surroundings)
    assert reply.code == 1
    assert "\x1b" not in reply.out
    assert max(map(len, reply.out.splitlines())) <= 100
    (row,) = re.findall(r"^host files +2 +(.*\S) *$", reply.out, re.MULTILINE)
    limits, confined, boxed, groups, container, gvisor = row.split()
    assert (limits, confined, boxed, container, gvisor) == ("through", "through", "THROUGH", "–", "–")
    assert groups in ("THROUGH", "–")  # – where nobody may make control groups
    assert "this is a hole: do without" in reply.out
    assert "start Docker, let this user use it" in reply.out
    assert (
        envforge("doctor", **surroundings).code == 0
    )  # level 1 is there, and the leaking ones are never used


# Its table, for machines that this one is not


def rung(
    level: Level, through: tuple[str, ...] | None = (), reason: str = "made of something"
) -> ladder.Rung:
    """A level as it was attacked; not to be had when `through` is None or holds what it must stop."""
    escaped = through or ()
    holes = any(PROBES[name] <= level for name in escaped)
    tried = through is not None and not holes
    untried = UNTRIED.get(level, ())
    stopped = tuple(name for name in PROBES if tried and name not in escaped and name not in untried)
    return ladder.Rung(LevelReport(level, tried, reason, escaped, stopped), True)


def below(level: Level) -> tuple[str, ...]:
    return tuple(name for name, lowest in PROBES.items() if lowest > level)


WHOLE = [rung(level, below(level) if level < Level.CGROUPS else ()) for level in sorted(Level, reverse=True)]
ENGINE = ladder.Docker("27.0", ("runc", "runsc"))
MACHINE = {"bubblewrap": "0.11", "user_namespaces": "allowed", "user": "unprivileged"}


def drawn(rungs: list[ladder.Rung], width: int, *, colours: bool = False) -> str:
    from rich.console import Console

    file = io.StringIO()
    system = "standard" if colours else None
    console = Console(
        file=file, width=width, color_system=system, force_terminal=colours, highlight=False, emoji=False
    )
    ladder.show_attacks(console, rungs, ladder.remedies(rungs, ENGINE, MACHINE))
    return file.getvalue()


@pytest.mark.parametrize("width", [80, 100, 140])
def test_table_of_attacks_fits(width: int) -> None:
    page = drawn(WHOLE, width)
    assert max(map(len, page.splitlines())) <= width
    assert "…" not in page
    for name, lowest in PROBES.items():
        (row,) = re.findall(rf"^{re.escape(name)} +{lowest.value} +(.*\S) *$", page, re.MULTILINE)
        untried = ["–"] if name in UNTRIED[Level.GVISOR] else ["stopped"]
        assert row.split() == ["through"] * lowest + ["stopped"] * (5 - lowest) + untried
    assert "not to be had  " not in page


def test_colours_of_the_table() -> None:
    rungs = [rung(Level.CONFINED, ("fork",)), rung(Level.LIMITS, ("fork", "host files"))]
    page = drawn(rungs, 100, colours=True)
    green, yellow, red, dim = "\x1b[32m", "\x1b[33m", "\x1b[1;31m", "\x1b[2m"
    (fork,) = re.findall(r"^fork .*$", page, re.MULTILINE)
    (files,) = re.findall(r"^host files .*$", page, re.MULTILINE)
    (read,) = re.findall(r"^read a file .*$", page, re.MULTILINE)
    assert fork.index(f"{yellow}through") < fork.index(f"{red}THROUGH")
    assert files.index(f"{yellow}through") < files.index(f"{dim}–")
    assert f"{green}stopped" in read


@pytest.mark.parametrize(
    ("level", "docker", "machine", "remedy"),
    [
        (Level.BOXED, ENGINE, {"bubblewrap": None}, "install bubblewrap"),
        (Level.BOXED, ENGINE, {"user_namespaces": "switched off"}, "allow user namespaces, which are switched off"),
        (Level.BOXED, ENGINE, {}, "where namespaces may be made"),
        (Level.BOXED, ENGINE, {"user": "root", "user_namespaces": "switched off"}, "where namespaces may be made"),
        (Level.CGROUPS, ENGINE, {}, "delegated to this user"),
        (Level.CGROUPS, ENGINE, {"user": "root"}, "make the control groups writable"),
        (Level.CONFINED, ENGINE, {}, "Linux 5.13 or newer"),
        (Level.DOCKER, ladder.Docker(problem="the Docker SDK is not installed"), {}, "pip install"),
        (Level.DOCKER, ladder.Docker(problem="no Docker engine answers"), {}, "start Docker"),
        (Level.GVISOR, ladder.Docker(problem="no Docker engine answers"), {}, "start Docker"),
        (Level.GVISOR, ladder.Docker("27.0", ("runc",)), {}, "install gVisor"),
        (Level.GVISOR, ENGINE, {}, "engine's log"),
    ],
)  # fmt: skip
def test_remedies(level: Level, docker: ladder.Docker, machine: dict[str, Any], remedy: str) -> None:
    rungs = [rung(other, None if other == level else below(other)) for other in sorted(Level, reverse=True)]
    found = ladder.remedies(rungs, docker, {**MACHINE, **machine})
    assert list(found) == [level]
    assert remedy in found[level]


def test_remedies_where_one_thing_is_behind_several_levels() -> None:
    lost = [rung(Level.CGROUPS, None), rung(Level.BOXED, None), rung(Level.CONFINED), rung(Level.LIMITS)]
    found = ladder.remedies(lost, ENGINE, {**MACHINE, "bubblewrap": None})
    assert found[Level.CGROUPS] == found[Level.BOXED]
    assert "install bubblewrap" in found[Level.BOXED]
    nothing = [rung(level, None) for level in (Level.CGROUPS, Level.BOXED, Level.CONFINED, Level.LIMITS)]
    assert {interpreter() in remedy for remedy in ladder.remedies(nothing, ENGINE, MACHINE).values()} == {
        True
    }


@pytest.mark.parametrize(
    ("available", "isolation", "code", "said"),
    [
        ({0, 1, 2, 3}, False, 0, ""),
        ({0, 1}, False, 0, "For level 2: "),
        ({0}, False, 1, "This machine cannot confine programs (level 1)"),
        ({0}, True, 1, "This machine cannot confine programs (level 1)"),
        (set(), True, 1, "The sandbox does not start on this machine"),
    ],
)
def test_exit_code_says_whether_programs_can_be_confined(
    available: set[int],
    isolation: bool,
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def survey(level: Level, *_: Any) -> LevelReport:
        return rung(level, below(level) if level in available else None, f"{level.slug} as told").report

    monkeypatch.setattr(ladder, "survey", survey)
    monkeypatch.setattr(ladder, "find_docker", lambda: ladder.Docker(problem="no engine"))
    assert main(["doctor", *(["--isolation"] if isolation else [])]) == code
    assert said in capsys.readouterr().out


# What takes long


def test_only_what_takes_long_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "SLOW_SECONDS", 1000.0)
    with progress.slow("a moment"):
        pass
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(progress, "SLOW_SECONDS", 0.01)
    said, deadline = "", time.monotonic() + PATIENCE_SECONDS
    with progress.slow("attacking ourselves"):
        while not said.endswith("\n") and time.monotonic() < deadline:
            time.sleep(0.01)
            said += capsys.readouterr().err
    assert said == "Attacking ourselves ...\n"
