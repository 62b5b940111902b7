"""The command line: every command, its JSON, its exit codes, its documentation. Mostly real processes."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from envforge.cli import display, main
from envforge.config import Config, as_dict, config_from
from envforge.locations import data_folder

ROOT = Path(__file__).resolve().parent.parent
SEEDS = ("coin_change", "bubble_sort_swaps", "subset_sum")
QUICK = """
[validation]
sample_per_level = 16
hash_seeds = 1
borderline_sample = 48
attacked_per_level = 1
drawn_answers = 4
[growth]
batch = 2
"""
HEAVY = (
    "sqlalchemy", "alembic", "networkx", "hypothesis", "openai", "rich.progress",
    "envforge.sandbox", "envforge.growth", "envforge.registry", "envforge.config",
)  # fmt: skip


@dataclass(frozen=True)
class Reply:
    """A finished command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def envforge(*arguments: object, cwd: Path | None = None, stdin: str = "", **environment: str) -> Reply:
    """Run one command in a process of its own."""
    done = subprocess.run(
        command(*arguments),
        cwd=cwd or ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=300,
        env=surroundings(**environment),
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return Reply(done.returncode, done.stdout, done.stderr)


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "envforge", *map(str, arguments)]


def surroundings(**changes: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("COLUMNS", "NO_COLOR", "FORCE_COLOR")
    }
    return {**kept, "PYTHONPATH": str(ROOT), **changes}


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with three seeds, a quick configuration and a registry in which the seeds are planted."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / "seeds").mkdir()
    for name in SEEDS:
        shutil.copy(data_folder("seeds") / "text" / f"{name}.py", folder / "seeds")
    (folder / "quick.toml").write_text(QUICK)
    planted = grow(folder, "planted.db", "--proposals", 0, "--json")
    assert planted.code == 0, planted.err
    assert planted.json["seeds"] == {"examined": 3, "rejected": []}
    return folder


def grow(home: Path, db: str, *arguments: object) -> Reply:
    return envforge("grow", "--seeds", "seeds", "--config", "quick.toml", "--db", db, *arguments, cwd=home)


@pytest.fixture(scope="session")
def grown(home: Path) -> tuple[Path, dict[str, Any]]:
    """The registry of a small run, and the run's own JSON."""
    shutil.copy(home / "planted.db", home / "grown.db")
    reply = grow(home, "grown.db", "--proposals", 4, "--record", "said.jsonl", "--json")
    assert reply.code == 0, reply.err
    return home / "grown.db", reply.json


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A folder with a program that passes and two that do not, at L1 and at L2."""
    source = (data_folder("seeds") / "text" / "subset_sum.py").read_text()
    (tmp_path / "a_good.py").write_text(source)
    (tmp_path / "b_no_tags.py").write_text(source.replace("TAGS =", "LABELS ="))
    broken = source.replace(
        "def prompt(state):", "def prompt(state):\n    assert len(state['numbers']) < 12, 'too many'"
    )
    (tmp_path / "c_raises.py").write_text(broken)
    (tmp_path / "quick.toml").write_text(QUICK)
    return tmp_path


# What is loaded, and what is documented


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys; from envforge.cli import main\n"
        "code = main(sys.argv[1:])\n"
        f"print('loaded:', [name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
        "sys.exit(code)"
    )
    for arguments in (["--help"], ["--version"], ["grow", "--help"], ["registry", "list", "--help"]):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            capture_output=True,
            text=True,
            check=True,
            env=surroundings(),
        )
        assert done.stderr == "loaded: []\n", arguments


def commands(group: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, member in group.commands.items():
        if hasattr(member, "commands"):
            yield from commands(member, f"{prefix}{name} ")
        else:
            yield f"{prefix}{name}", member


def test_every_command_and_option_is_documented() -> None:
    import typer

    from envforge.cli.app import application

    text = (ROOT / "docs" / "cli.md").read_text()
    sections = {part.split("\n", 1)[0]: part for part in text.split("\n## ")}
    common = sections["What holds for every command"]
    names = []
    for name, member in commands(typer.main.get_command(application())):
        names.append(name)
        section = sections[name.split()[0]]
        for parameter in member.params:
            for option in (*parameter.opts, *parameter.secondary_opts):
                if option.startswith("-"):
                    place = common if option in ("--help", "-h") else section
                    assert f"`{option}" in place, f"docs/cli.md: {name} lacks {option}"
        row = rf"`{name}[` ]" if " " in name else rf"\[`{name}`\]"
        assert re.search(row, text), f"docs/cli.md lacks the command {name}"
    assert len(names) == 30
    assert "`--version`" in common


def test_documented_configuration_is_the_default() -> None:
    text = (ROOT / "docs" / "configuration.md").read_text()
    written = tomllib.loads(re.findall(r"```toml\n(.*?)```", text, re.DOTALL)[0])
    assert config_from(written, "docs/configuration.md") == Config()
    assert {table: set(options) for table, options in written.items()} == {
        table: set(options) for table, options in as_dict(Config()).items()
    }


def test_version_and_bare_call() -> None:
    assert re.fullmatch(r"envforge \d+\.\d+\.\d+\n", envforge("--version").out)
    assert envforge().code == 2


# Programs


def test_seeds(tmp_path: Path) -> None:
    rows = envforge("seeds", "--json").json
    assert {row["name"] for row in rows} >= set(SEEDS)
    assert all(set(row) == {"id", "name", "title", "tags", "oracle", "bucket", "path"} for row in rows)
    assert all(re.fullmatch("[0-9a-f]{16}", row["id"]) and Path(row["path"]).is_file() for row in rows)
    assert {row["bucket"] for row in rows} >= {None, "spatial", "counting"}
    copied = envforge("seeds", "--copy", tmp_path / "mine")
    assert copied.code == 0
    assert len(list((tmp_path / "mine").rglob("*.py"))) == len(rows)
    assert envforge("seeds", "--copy", tmp_path / "mine").code == 0
    next((tmp_path / "mine").rglob("*.py")).write_text("changed")
    again = envforge("seeds", "--copy", tmp_path / "mine")
    assert again.code == 2
    assert "differs from the seed" in again.err


def test_new_writes_programs_that_pass(tmp_path: Path) -> None:
    assert envforge("new", "my first puzzle", cwd=tmp_path).code == 0
    other = envforge(
        "new", "Another-One", "--oracle", "feasibility", "--out", tmp_path / "x.py", cwd=tmp_path
    )
    assert other.code == 0
    assert (tmp_path / "x.py").read_text().startswith('"""Another One: ')
    refused = envforge("new", "my first puzzle", cwd=tmp_path)
    assert refused.code == 2
    assert "exists already" in refused.err
    assert envforge("new", "drawn", "--visual", cwd=tmp_path).code == 0
    assert envforge("new", "none", "--visual", "--oracle", "feasibility", cwd=tmp_path).code == 2
    assert envforge("new", "../sly", cwd=tmp_path).code == 2
    checked = envforge("check", "my_first_puzzle.py", "x.py", "drawn.py", "--json", cwd=tmp_path)
    assert [row["stage"] for row in checked.json] == [None] * 3, checked.json
    assert checked.code == 0


def test_check_json(programs: Path) -> None:
    reply = envforge("check", programs, "--config", programs / "quick.toml", "--json")
    assert reply.code == 1
    rows = reply.json
    assert [Path(row["path"]).name for row in rows] == ["a_good.py", "b_no_tags.py", "c_raises.py"]
    assert [row["stage"] for row in rows] == [None, "L1", "L2"]
    assert [row["passed"] for row in rows] == [True, False, False]
    for row in rows:
        assert set(row) == {"path", "id", "title", "passed", "stage", "stages"}
        for stage in row["stages"]:
            assert set(stage) == {"stage", "passed", "reason", "evidence", "seconds", "isolation"}
    (level,) = {stage["isolation"] for row in rows for stage in row["stages"]}
    assert int(level) >= 1
    assert [stage["stage"] for stage in rows[0]["stages"]] == ["L1", "L2", "L3", "L4", "L5"]
    assert rows[0]["title"].startswith("Subset sum")
    assert rows[1]["title"] is None
    failure = rows[2]["stages"][-1]
    assert "too many" in failure["reason"]
    assert {"seed", "difficulty", "message"} <= set(failure["evidence"])


def test_check_for_people(programs: Path) -> None:
    reply = envforge("check", programs, "--config", programs / "quick.toml", COLUMNS="80")
    assert reply.code == 1
    assert "1 program passed, 2 failed." in reply.out
    assert re.search(r"Isolation: \d \(\w+\)$", reply.out, re.MULTILINE)
    assert "AssertionError: too many" in " ".join(reply.out.replace("│", " ").split())
    assert max(map(len, reply.out.splitlines())) <= 80
    one = envforge("check", programs / "a_good.py", "--config", programs / "quick.toml")
    assert one.code == 0
    assert "guess floor" in one.out
    assert re.search(r"L5 +ok +[\d.]+ s +\d \w+ ", one.out)
    assert "Passes every gate." in one.out


def test_sample(programs: Path) -> None:
    path = programs / "a_good.py"
    reply = envforge("sample", path, "--seed", 7, "--difficulty", 3, "--json")
    one = reply.json
    assert set(one) == {"environment", "title", "seed", "difficulty", "prompt", "reference", "state"}
    assert (one["seed"], one["difficulty"]) == (7, 3)
    assert one["state"]["target"] == sum(map(int, one["reference"].split()))
    assert envforge("sample", path, "--seed", 7, "--difficulty", 3, "--json").json == one
    several = envforge("sample", path, "--count", 5, "--json").json
    assert len({row["prompt"] for row in several}) == 5
    shown = envforge("sample", path, "-s", 7, "-d", 3, "--state")
    assert one["reference"] in shown.out
    assert '"planted"' in shown.out
    named = envforge("sample", "subset_sum", "--seed", 7, "--difficulty", 3, "--json").json
    assert named == one


def test_sample_failures(programs: Path) -> None:
    beyond = envforge("sample", "subset_sum", "--difficulty", 12)
    assert beyond.code == 2
    assert "levels 0 to 9" in beyond.err
    refused = envforge("sample", programs / "b_no_tags.py")
    assert refused.code == 1
    assert "TAGS" in refused.err
    raising = envforge("sample", programs / "c_raises.py", "--difficulty", 9)
    assert raising.code == 1
    assert "AssertionError: too many" in raising.err


def test_score() -> None:
    reference = envforge("sample", "subset_sum", "-d", 2, "--json").json["reference"]
    right = envforge("score", "subset_sum", "-d", 2, "--answer", reference, "--json").json
    assert set(right) == {"environment", "title", "seed", "difficulty", "answer", "score", "format_failure"}
    assert (right["score"], right["format_failure"]) == (1.0, False)
    piped = envforge("score", "subset_sum", "-d", 2, "--answer", "-", stdin=f"{reference}\n")
    assert piped.out == "1.0\n"
    response = f"<answer>1</answer> no: <answer> {reference} </answer>"
    assert envforge("score", "subset_sum", "-d", 2, "--response", response, "--json").json["score"] == 1.0
    silent = envforge("score", "subset_sum", "-d", 2, "--response", "I do not know", "--json")
    assert silent.code == 0
    assert (silent.json["answer"], silent.json["score"], silent.json["format_failure"]) == (None, 0.0, True)
    assert envforge("score", "subset_sum").code == 2
    assert envforge("score", "subset_sum", "--answer", "1" * 10_001).code == 2


def test_play() -> None:
    first = envforge("play", "subset_sum", "--seed", 3, "--rounds", 1, stdin="nothing\n")
    assert first.code == 0
    answer = re.search(r"one answer is +([\d ]+)", first.out)
    assert answer is not None
    second = envforge("play", "subset_sum", "--seed", 3, stdin=f"{answer[1].strip()}\nno\n")
    assert second.code == 0
    assert "Right. 1 of 1" in second.out
    assert "question 2, level 1" in second.out
    assert "question 3, level 0" in second.out
    assert "1 of 2 right." in second.out
    fixed = envforge("play", "subset_sum", "--difficulty", 4, "--rounds", 1, stdin="x\\\ny\n")
    assert "question 1, level 4" in fixed.out


# Growing


def test_grow_json(grown: tuple[Path, dict[str, Any]]) -> None:
    _, summary = grown
    assert set(summary) == {
        "db", "run", "proposer", "isolation", "seeds", "proposals", "outcomes", "rejections", "accepted",
        "seconds", "total_seconds", "ended", "policy", "stages", "before_repair", "repairs", "tokens",
        "tokens_per_admitted", "sandbox_cpu_seconds", "busy",
    }  # fmt: skip
    assert summary["policy"] is None and summary["tokens"] == summary["busy"] == {}
    assert summary["repairs"] == {"rounds": 0, "mended": 0} and summary["tokens_per_admitted"] is None
    assert summary["stages"]["proposal"] == {"met": 4, "passed": 4} and summary["sandbox_cpu_seconds"] > 0
    assert summary["proposer"] == "compose"
    assert summary["seeds"] == {"examined": 0, "rejected": []}
    assert summary["proposals"] == sum(summary["outcomes"].values()) == 4
    assert sum(summary["rejections"].values()) == summary["outcomes"].get("rejected", 0)
    assert len(summary["accepted"]) == summary["outcomes"].get("validated", 0) > 0
    for row in summary["accepted"]:
        assert set(row) == {"id", "title", "status", "tags", "oracle", "parents"}
        assert row["status"] == "validated"
        assert row["parents"]


def test_replay_for_people_gives_the_same(grown: tuple[Path, dict[str, Any]], home: Path) -> None:
    _, summary = grown
    shutil.copy(home / "planted.db", home / "replayed.db")
    reply = grow(home, "replayed.db", "--proposer", "replay:said.jsonl", "--admit-uncalibrated")
    assert reply.code == 0
    assert "\x1b" not in reply.out
    for row in summary["accepted"]:
        assert re.search(rf"\d/\d+  admitted +{re.escape(row['title'])}", reply.out)
        assert row["id"][:8] in reply.out
    assert "Outcomes of run 2" in reply.out
    assert "the proposer has nothing more to propose" in " ".join(reply.out.split())
    assert "envforge registry lineage --db replayed.db" in reply.out
    listed = envforge(
        "registry", "list", "--db", "replayed.db", "--status", "admitted", "--json", cwd=home
    ).json
    assert {row["id"] for row in listed} >= {row["id"] for row in summary["accepted"]}


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_run_goes_on(grown: tuple[Path, dict[str, Any]], home: Path, end: signal.Signals) -> None:
    """A replay that is minutes long when it is interrupted, and as good as over when it goes on."""
    db, said = f"{end.name}.db", home / f"{end.name}.jsonl"
    shutil.copy(home / "planted.db", home / db)
    first = json.loads((home / "said.jsonl").read_text().splitlines()[0])

    def record(number: int) -> None:
        proposals = [{**first, "index": n, "source": f"{first['source']}\n# {n}\n"} for n in range(number)]
        said.write_text("".join(json.dumps(proposal) + "\n" for proposal in proposals))

    record(1000)
    arguments = ("--seeds", "seeds", "--config", "quick.toml", "--db", db, "--proposals", 1000)
    arguments += ("--proposer", f"replay:{said}")
    process = subprocess.Popen(
        command("grow", *arguments), cwd=home, env=surroundings(), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        # A test run in the background of a shell ignores Ctrl-C, and so would what it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if line.lstrip().startswith("1/1000"):
            break
    process.send_signal(end)
    if end == signal.SIGINT:
        time.sleep(0.1)
        process.send_signal(end)  # an impatient user
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130
    assert errors == f"interrupted; go on with: envforge grow --db {db} --resume\n"
    refused = envforge("grow", "--db", db, "--resume", "--proposals", 9, "--seeds", "seeds", cwd=home)
    assert refused.code == 2
    assert "leave out --seeds, --proposals" in refused.err
    decided = envforge("registry", "stats", "--db", db, "--json", cwd=home).json["proposals"]["total"]
    assert 1 <= decided < 1000
    record(decided + 1)
    resumed = envforge("grow", "--db", db, "--resume", "--run", 2, "--json", cwd=home)
    assert resumed.code == 0, resumed.err
    assert resumed.json["proposals"] == decided + 1
    assert resumed.json["ended"] == "the proposer has nothing more to propose"
    again = envforge("grow", "--db", db, "--resume", cwd=home)
    assert again.code == 2


def test_lower_isolation_is_announced(tmp_path: Path) -> None:
    reply = envforge("sample", "subset_sum", "--json", PATH=str(tmp_path))
    assert reply.code == 0
    assert reply.err == (
        "Isolation: level 1 (confined) is used instead of level 2 (bubblewrap) "
        "(level 2 is not to be had: bubblewrap (bwrap) is not installed).\n"
    )
    assert reply.json["difficulty"] == 0
    for level in ("2", "bubblewrap"):
        refused = envforge("sample", "subset_sum", "--isolation", level, PATH=str(tmp_path))
        assert refused.code == 2
        assert "does not give isolation level 2" in refused.err


# The registry


def test_registry_list(grown: tuple[Path, dict[str, Any]]) -> None:
    db, summary = grown

    def listed(*filters: object) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = envforge("registry", "list", "--db", db, "--json", *filters).json
        return rows

    rows = listed()
    assert all(
        set(row) == {
            "id", "sequence", "title", "kind", "status", "tags", "oracle", "origin", "depth", "run", "created_at",
        }
        for row in rows
    )  # fmt: skip
    assert len(rows) == 3 + summary["proposals"]
    assert {row["id"] for row in listed("--run", summary["run"], "--status", "validated")} == {
        row["id"] for row in summary["accepted"]
    }
    assert len(listed("--status", "admitted")) == 3
    assert all("arithmetic" in row["tags"] for row in listed("--tag", "arithmetic"))
    assert all(row["oracle"] == "feasibility" for row in listed("--oracle", "feasibility"))
    assert len(listed("--limit", 2)) == 2
    narrow = envforge("registry", "list", "--db", db, COLUMNS="80")
    assert max(map(len, narrow.out.splitlines())) <= 80
    assert all(row["id"] in narrow.out for row in rows)


def test_registry_show(grown: tuple[Path, dict[str, Any]]) -> None:
    db, summary = grown
    id = summary["accepted"][0]["id"]
    found = envforge("registry", "show", id[:8], "--db", db, "--json").json
    assert found["id"] == id
    assert found["parents"] == summary["accepted"][0]["parents"]
    assert [row["stage"] for row in found["verdicts"]] == ["L1", "L2", "L3", "L4", "L5", "novelty"]
    assert {row["isolation"] for row in found["verdicts"]} == {found["isolation"]} == {summary["isolation"]}
    assert found["history"][-1]["new"] == "validated"
    assert len(found["guess_floors"]) == found["max_difficulty"] + 1
    page = envforge("registry", "show", id, "--db", db, COLUMNS="80")
    assert "def generate(rng, difficulty):" in page.out
    assert all(parent in page.out for parent in found["parents"])
    level = display.isolation(summary["isolation"], "{} {}")
    assert len(re.findall(rf"^\w+ +ok +[\d.]+ s +{level} ", page.out, re.MULTILINE)) == 6
    assert max(map(len, page.out.splitlines())) <= 80
    parent = envforge("registry", "show", found["parents"][0], "--db", db, "--json").json
    assert id in parent["children"]
    sampled = envforge("sample", id[:8], "--db", db, "--json").json
    assert sampled["environment"] == id


def test_registry_stats_export_lineage(grown: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    db, summary = grown
    stats = envforge("registry", "stats", "--db", db, "--json").json
    assert stats["proposals"]["outcome"] == summary["outcomes"]
    assert "dynamic-programming" in envforge("registry", "stats", "--db", db).out
    exported = envforge("registry", "export", tmp_path / "out", "--db", db, "--json").json
    accepted = 3 + len(summary["accepted"])
    assert exported["environments"] == accepted
    assert len(list((tmp_path / "out").glob("*.py"))) == accepted
    assert len(json.loads((tmp_path / "out" / "index.json").read_text())) == accepted
    few = envforge("registry", "export", tmp_path / "few", "--db", db, "--status", "admitted", "--json").json
    assert few["environments"] == 3
    assert envforge("registry", "export", tmp_path / "few", "--db", db, "--status", "fine").code == 2
    assert envforge("registry", "lineage", "--db", db, cwd=tmp_path).code == 0
    assert (tmp_path / "lineage.svg").read_text().lstrip().startswith(("<svg", "<?xml"))
    envforge("registry", "lineage", "--db", db, "--out", "family.dot", cwd=tmp_path)
    assert (tmp_path / "family.dot").read_text().startswith("digraph")
    family = envforge("registry", "lineage", "--db", db, "--format", "json", "--out", "-").json
    assert len(family["nodes"]) == accepted
    assert envforge("registry", "lineage", "--db", db, "--out", tmp_path / "family.png").code == 2


def test_registry_init_and_upgrade(tmp_path: Path) -> None:
    assert envforge("registry", "init", "new.db", cwd=tmp_path).out == "Made the registry new.db.\n"
    assert "is a registry already" in envforge("registry", "init", "--db", "new.db", cwd=tmp_path).out
    assert "is up to date" in envforge("registry", "upgrade", "new.db", cwd=tmp_path).out
    assert envforge("registry", "list", "--db", "new.db", "--json", cwd=tmp_path).json == []
    assert "empty" in envforge("registry", "stats", "--db", "new.db", cwd=tmp_path).out
    assert envforge("registry", "init", "a.db", "--db", "b.db", cwd=tmp_path).code == 2


# Mistakes and other ends


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["chek"], "No such command 'chek'"),
        (["grow", "--sed", "3"], "No such option: --sed"),
        (["grow", "--seeds", "nowhere"], "the folder nowhere does not exist"),
        (["grow", "--seeds", "."], "holds no environment program"),
        (["grow", "--config", "nowhere.toml"], "cannot read the configuration nowhere.toml"),
        (["grow", "--config", "broken.toml"], "is not valid TOML"),
        (["grow", "--config", "unknown.toml"], "did you mean 'threshold'?"),
        (["grow", "--proposals", "-1"], "proposals must be from 0"),
        (["grow", "--proposer", "magic"], "there is no proposer 'magic'"),
        (["grow", "--proposer", "replay:nowhere.jsonl"], "nowhere.jsonl"),
        (["grow", "--run", "3"], "use it together with --resume"),
        (["grow", "--resume"], "there is no registry at library.db"),
        (["check", "nowhere.py"], "cannot read nowhere.py"),
        (["check"], "Missing argument"),
        (["sample", "."], "is a folder"),
        (["sample", "coin_chang"], "did you mean the seed 'coin_change'?"),
        (["sample", "abcd"], "there is no registry at library.db"),
        (["sample", "subset_sum", "--seed", "-1"], "seeds go from 0"),
        (["sample", "subset_sum", "--seed", "1", "--count", "2"], "give one of them"),
        (["registry", "show", "abcd", "--db", "notes.txt"], "is not a registry"),
        (["registry", "list", "--status", "fine"], "'fine' is not one of"),
        (["registry", "lineage", "--db", "nowhere.db"], "there is no registry at nowhere.db"),
    ],
)  # fmt: skip
def test_mistakes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    (tmp_path / "broken.toml").write_text("[[[")
    (tmp_path / "unknown.toml").write_text("[novelty]\nthreshhold = 0.7\n")
    (tmp_path / "notes.txt").write_text("nothing of the kind, at any length\n" * 100)
    monkeypatch.chdir(tmp_path)
    code = main(arguments)
    out, err = capsys.readouterr()
    assert said in " ".join(err.split())
    assert "Error: " in err
    assert "Traceback" not in err
    assert out == ""
    assert code == (1 if "replay" in arguments[-1] else 2)


def test_reader_that_goes_away(grown: tuple[Path, dict[str, Any]]) -> None:
    db, _ = grown
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run(
            command("registry", "list", "--db", db),
            stdout=writer,
            stderr=subprocess.PIPE,
            env=surroundings(),
            check=False,
        )
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (141, b"")


def test_nothing_a_terminal_would_obey() -> None:
    from envforge.cli.display import plain

    assert plain("a\tb\nc é 漢") == "a\tb\nc é 漢"
    assert plain("\x1b[2J\x9b1m\r\x07\u202e\ud800") == "\\x1b[2J\\x9b1m\\r\\x07\\u202e\\ud800"


def test_pictures_of_visual_programs_are_written(tmp_path: Path) -> None:
    """`sample --picture` writes PNG or SVG, numbered with --count; play writes one for each question."""
    assert envforge("new", "drawn", "--visual", cwd=tmp_path).code == 0
    one = envforge("sample", "drawn.py", "--picture", "one.png", cwd=tmp_path)
    assert one.code == 0 and "one.png" in one.out
    assert (tmp_path / "one.png").read_bytes().startswith(b"\x89PNG")
    assert envforge("sample", "drawn.py", "--picture", "many.svg", "--count", 2, cwd=tmp_path).code == 0
    drawings = [(tmp_path / f"many-{number}.svg").read_text() for number in (1, 2)]
    assert all(drawing.startswith("<svg") for drawing in drawings) and drawings[0] != drawings[1]
    assert "--picture FILE does" in envforge("sample", "drawn.py", cwd=tmp_path).out
    refused = envforge("sample", "coin_change", "--picture", "x.png", cwd=tmp_path)
    assert refused.code == 2 and "draws no picture" in refused.err
    nowhere = envforge("sample", "drawn.py", "--picture", "no/x.png", cwd=tmp_path)
    assert nowhere.code == 2 and "cannot write" in nowhere.err
    played = envforge("play", "drawn.py", "--rounds", 1, "--picture", "asked.png", cwd=tmp_path, stdin="3\n")
    assert played.code == 0 and "asked.png" in played.out
    assert (tmp_path / "asked.png").read_bytes().startswith(b"\x89PNG")


def test_a_picture_that_breaks_the_policy_is_a_finding(tmp_path: Path) -> None:
    assert envforge("new", "drawn", "--visual", cwd=tmp_path).code == 0
    source = (tmp_path / "drawn.py").read_text()
    drawn = source.replace(
        "    return c.svg()\n", '    return c.svg().replace("</svg>", "<script>0</script></svg>")\n'
    )
    assert drawn != source
    (tmp_path / "drawn.py").write_text(drawn)
    for name in ("x.png", "x.svg"):
        refused = envforge("sample", "drawn.py", "--picture", name, cwd=tmp_path)
        assert refused.code == 1 and "script" in refused.err
        assert not (tmp_path / name).exists()
