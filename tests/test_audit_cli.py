"""`envforge audit`: its table, its JSON, its journal, its quarantine, and every promise of docs/audit.md."""

from __future__ import annotations

import inspect
import json
import re
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from chat_server import ChatServer, Reply, closed_port, completions, failure
from test_audit_evidence import GREEDY, PRODUCTS, QUICK, stored
from test_cli import ROOT, command, envforge, surroundings
from visuals import sums

from envforge.audit.auditor import Audit, audit
from envforge.audit.codes import CODES
from envforge.audit.desk import Desk, OutOfTime
from envforge.audit.finding import Audited, Finding, Severity
from envforge.audit.journal import Journal, key_of
from envforge.audit.probe import Probe
from envforge.audit.probes import PROBES
from envforge.audit.subject import Subject
from envforge.cli import main
from envforge.cli.app import application
from envforge.config import AuditConfig, PoolConfig
from envforge.errors import SandboxError
from envforge.gyms.protocol import Streamed, Task
from envforge.pool import Pool
from envforge.registry import Registry
from envforge.sandbox import Evaluator, Sandbox

TOML = """
[validation]
sample_per_level = 16
hash_seeds = 1
borderline_sample = 48
attacked_per_level = 1
drawn_answers = 2
"""
FEW = ("--only", "gate-failed", "--only", "accepts-anything", "--instances", "2")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a good program, one that pays for anything and one that is none, and a quick configuration."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "good.py").write_text(sums())
    (tmp_path / "greedy.py").write_text(GREEDY)
    (tmp_path / "none.py").write_text("x = 1\n")
    (tmp_path / "quick.toml").write_text(TOML)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["audit", "--config", "quick.toml", *arguments])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


# What it says


def test_a_good_program_is_clean(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "good.py", *FEW)
    assert code == 0
    assert out.startswith("nothing found; 1 of 1 target clean; ")
    assert run(capsys, "good.py", *FEW, "--json")[:2] == (0, "[]\n")


def test_findings_have_exactly_these_keys_and_commands_that_show_them_again(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = run(capsys, ".", *FEW, "--json")
    findings = json.loads(out)
    assert code == 1
    assert [(one["target"], one["code"]) for one in findings] == [
        ("greedy.py", "accepts-anything"), ("greedy.py", "gate-failed"), ("none.py", "gate-failed"),
    ]  # fmt: skip
    for one in findings:
        assert list(one) == ["target", "code", "severity", "summary", "evidence", "command"]
        words = shlex.split(one["command"])
        assert words[:2] == ["envforge", "audit"]
        assert main([*words[1:], "--json"]) == 1
        assert one in json.loads(capsys.readouterr().out)
    assert findings[2]["evidence"]["stage"] == "L1" and len(findings[2]["evidence"]["violations"]) > 1
    places = sorted(line.split()[0] for line in err.splitlines())
    assert places == ["1/3", "2/3", "3/3"] and "good.py  clean" in err


def test_the_table_has_a_line_for_each_finding_and_the_sums(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, ".", *FEW)
    assert code == 1
    lines = out.splitlines()
    assert lines[0].split()[:2] == ["severity", "code"]
    assert [line.split()[:3] for line in lines if line.startswith("error ")] == [
        ["error", "accepts-anything", "greedy.py"],
        ["error", "gate-failed", "greedy.py"],
        ["error", "gate-failed", "none.py"],
    ]
    assert re.search(r"^3 errors; 1 of 3 targets clean; [\d,]+ answers scored; ", out, re.MULTILINE)


def test_other_seeds_and_numbers_of_instances_stand_in_the_commands(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(
        capsys, "greedy.py", "--only", "accepts-anything", "--seed", "5", "--instances", "3", "--json"
    )
    [finding] = json.loads(out)
    assert finding["command"] == (
        "envforge audit --config quick.toml greedy.py --only accepts-anything --seed 5 --instances 3"
    )


def test_an_info_alone_is_no_failure_and_slow_says_how_far_it_came(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "good.py", "--seconds", "0.000001", "--json")
    [finding] = json.loads(out)
    assert code == 0 and (finding["code"], finding["severity"]) == ("slow", "info")
    assert finding["evidence"]["done"] == 0 and "gate-failed" in finding["evidence"]["missed"]
    words = shlex.split(finding["command"])
    assert main([*words[1:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["code"] == "slow"
    _, out, _ = run(capsys, "good.py", "--seconds", "0.000001")
    assert "codes not looked for, or not to the end: the 1e-06 s for this target were over" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "name what to audit"),
        (["good.py", "--only", "accept-anything"], "did you mean 'accepts-anything'?"),
        (["godo.py"], "there is no file or folder godo.py"),
        (["--all"], "name it with --db"),
        (["--all", "--db", "missing.db"], "there is no registry at missing.db"),
        (["--all", "--db", "missing.db", "good.py"], "name no others"),
        (["good.py", "--quarantine"], "name it with --db"),
        (["good.py", "--html", "nowhere/page.html"], "there is no folder nowhere"),
        (["good.py", "--sarif", "nowhere/x.sarif"], "there is no folder nowhere"),
        (["good.py", "--journal", "nowhere/x"], "cannot use the journal"),
        (["good.py", "--instances", "0"], "instances must be from 2 to 10000"),
        (["good.py", "--seconds", "-1"], "seconds must be"),
        (["good.py", "--solver", "good.py"], "no function solve"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err and err.startswith("Error: ") and err.count("\n") == 1


def test_a_solver_that_contradicts_is_heard_and_one_that_agrees_is_not(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "right.py").write_text("def solve(state):\n    return sum(state['parts'])\n")
    (home / "wrong.py").write_text("def solve(state):\n    return sum(state['parts'][1:])\n")
    only = ("--only", "label-contradicted", "--instances", "2")
    assert run(capsys, "good.py", "--solver", "right.py", *only)[0] == 0
    code, out, _ = run(capsys, "good.py", "--solver", "wrong.py", *only, "--json")
    [finding] = json.loads(out)
    assert code == 1 and finding["command"].endswith(" --solver wrong.py")
    assert main([*shlex.split(finding["command"])[1:], "--json"]) == 1


# Workers, time, trouble


def subjects(count: int = 6) -> list[Subject]:
    return [Subject(f"{place}.py", sums(title=f"Sums {place}."), f"{place}.py") for place in range(count)]


def test_findings_and_their_order_do_not_depend_on_the_workers(sandbox: Sandbox) -> None:
    def varied(desk: Desk) -> list[Finding]:
        time.sleep(0.05 * (sum(map(ord, desk.target.name)) % 3))
        first = desk.instances[0]
        codes = ("score-varies", "accepts-empty", "constant-answer")
        return [desk.finding(code, f"{code} {first.seed}", seed=first.seed) for code in codes]

    probe = Probe("varied", ("constant-answer", "accepts-empty", "score-varies"), varied)
    found = []
    for workers in (1, 2, 5):
        how = Audit(
            AuditConfig(workers=workers, instances=2), sandbox, frozenset(probe.codes), QUICK, probes=(probe,)
        )
        found.append([one.findings for one in audit(subjects(), how)])
    assert found[0] == found[1] == found[2]
    assert [finding.code for finding in found[0][0]] == ["accepts-empty", "constant-answer", "score-varies"]


def test_what_was_found_before_the_time_was_over_counts(sandbox: Sandbox) -> None:
    def begins(desk: Desk) -> Any:
        yield desk.finding("accepts-empty", "empty")
        raise OutOfTime

    probes = (
        Probe("one", ("accepts-empty", "accepts-affix"), begins),
        Probe("two", ("score-varies",), lambda desk: []),
    )
    only = frozenset({"accepts-empty", "accepts-affix", "score-varies"})
    [one] = audit(subjects(1), Audit(AuditConfig(), sandbox, only, QUICK, probes=probes))
    assert [finding.code for finding in one.findings] == ["accepts-empty", "slow"]
    assert set(one.skipped) == {"accepts-affix", "score-varies"}
    assert one.codes == ("accepts-empty", "accepts-affix", "slow")


def test_trouble_of_the_sandbox_is_no_finding(sandbox: Sandbox) -> None:
    def breaks(desk: Desk) -> list[Finding]:
        raise SandboxError("no room")

    probes = (Probe("breaks", ("accepts-empty",), breaks),)
    with pytest.raises(SandboxError, match="no room"):
        list(
            audit(
                subjects(2), Audit(AuditConfig(), sandbox, frozenset({"accepts-empty"}), QUICK, probes=probes)
            )
        )


def test_probes_say_only_what_was_asked_for(sandbox: Sandbox) -> None:
    ran = []

    def both(desk: Desk) -> list[Finding]:
        ran.append(desk.target.name)
        return [desk.finding("accepts-empty", "a"), desk.finding("accepts-affix", "b")]

    probe = Probe("both", ("accepts-empty", "accepts-affix"), both)
    how = Audit(AuditConfig(), sandbox, frozenset({"accepts-affix"}), QUICK, probes=(probe,))
    [one] = audit(subjects(1), how)
    assert [finding.code for finding in one.findings] == ["accepts-affix"]
    how = Audit(AuditConfig(), sandbox, frozenset({"score-varies"}), QUICK, probes=(probe,))
    [one] = audit(subjects(1), how)
    assert one.findings == () and ran == ["0.py"]


# The journal


def done(name: str = "a", **changes: Any) -> Audited:
    finding = Finding(
        name, "accepts-empty", Severity.ERROR, "s", {"seed": 1, "why": ["x"]}, "envforge audit a"
    )
    values: dict[str, Any] = {"target": name, "title": "T", "group": "environment", "findings": (finding,)}
    return Audited(
        **{**values, "codes": ("accepts-empty", "slow"), "instances": 3, "seconds": 0.5, **changes}
    )


def test_a_journal_gives_back_what_was_written_for_the_same_question_alone(tmp_path: Path) -> None:
    subject, config = subjects(1)[0], AuditConfig()
    key = key_of(subject, config, ["a", "b"])
    first = Journal(tmp_path / "j")
    first.write(key, done(), config)
    first.close()
    again = Journal(tmp_path / "j")
    assert again.known(key, config) == done()
    others = [
        key_of(subjects(2)[1], config, ["a", "b"]),
        key_of(subject, AuditConfig(seed=1), ["a", "b"]),
        key_of(subject, AuditConfig(instances=13), ["a", "b"]),
        key_of(subject, config, ["a"]),
    ]
    assert [again.known(other, config) for other in others] == [None] * 4
    assert (
        key_of(subject, config, ["b", "a"]) == key
        and key_of(subject, AuditConfig(workers=3), ["a", "b"]) == key
    )


def test_what_was_cut_short_is_done_again_when_there_is_more_time(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    journal.write("k", done(skipped={"slow": "over"}), AuditConfig(seconds=10.0))
    journal.write("whole", done(), AuditConfig(seconds=10.0))
    journal = Journal(tmp_path / "j")
    assert journal.known("k", AuditConfig(seconds=10.0)) is not None
    assert journal.known("k", AuditConfig(seconds=11.0)) is None
    assert journal.known("k", AuditConfig(seconds=0.0)) is None
    assert journal.known("whole", AuditConfig(seconds=0.0)) is not None


@pytest.mark.parametrize(
    "rubbish", [b'{"key": "b", "seco', b"\xff\xfe", b"[]", b'{"key": "b"}', b"7", b"null"]
)
def test_a_broken_last_line_is_passed_over_and_the_next_one_is_whole(tmp_path: Path, rubbish: bytes) -> None:
    journal = Journal(tmp_path / "j")
    journal.write("a", done("a"), AuditConfig())
    journal.close()
    with (tmp_path / "j").open("ab") as file:
        file.write(rubbish)
    journal = Journal(tmp_path / "j")
    assert journal.known("a", AuditConfig()) == done("a") and journal.known("b", AuditConfig()) is None
    journal.write("c", done("c"), AuditConfig())
    assert Journal(tmp_path / "j").known("c", AuditConfig()) == done("c")


def test_threads_write_whole_lines(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "j")
    long = done(skipped={"slow": "x" * 20_000})

    def write(name: int) -> None:
        for number in range(20):
            journal.write(f"{name} {number}", long, AuditConfig())

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({json.loads(line)["key"] for line in (tmp_path / "j").read_text().splitlines()}) == 80


def test_an_interrupted_audit_goes_on_where_it_stopped(home: Path) -> None:
    (home / "none.py").unlink()
    (home / "products.py").write_text(PRODUCTS)
    arguments = command(
        "audit", ".", *FEW, "--config", "quick.toml", "--workers", 1, "--journal", "j", "--json"
    )
    kinds = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "env": surroundings()}
    process = subprocess.Popen(arguments, cwd=home, **kinds)  # type: ignore[call-overload]
    deadline = time.monotonic() + 120
    while not (home / "j").exists() or not (home / "j").read_bytes().endswith(b"\n"):
        assert process.poll() is None and time.monotonic() < deadline, "it came to an end before"
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "interrupted; the same command goes on: what is done is in j" in err and "Traceback" not in err
    before = (home / "j").read_text().splitlines()
    assert 1 <= len(before) < 3
    again = subprocess.run(arguments, cwd=home, check=False, timeout=120, **kinds)  # type: ignore[call-overload]
    after = (home / "j").read_text().splitlines()
    assert again.returncode == 1 and after[: len(before)] == before
    assert len(after) == len({json.loads(line)["key"] for line in after}) == 3
    whole = envforge("audit", ".", *FEW, "--config", "quick.toml", "--json", cwd=home)
    assert json.loads(again.stdout) == whole.json and whole.code == 1


# The registry, and quarantine


def test_quarantine_takes_it_out_of_the_pool_and_lifting_brings_it_back(
    home: Path, evaluator: Evaluator, capsys: pytest.CaptureFixture[str]
) -> None:
    good, greedy = stored(home / "a.db", evaluator, sums(), GREEDY)
    with Registry.open("a.db") as registry:
        pool = Pool(registry, PoolConfig())
        for ticket in pool.draw(20):
            pool.report(ticket, [0.0, 1.0])
        pool.save()
    code, out, _ = run(capsys, "--all", "--db", "a.db", *FEW, "--quarantine")
    assert code == 1 and f"Quarantined {greedy}: the pool no longer draws it." in out
    with Registry.open("a.db") as registry:
        assert registry.statuses() == {good: "admitted", greedy: "quarantined"}
        assert {ticket.environment for ticket in Pool(registry, PoolConfig()).draw(60)} == {good}
        [change] = [one for one in registry.history(greedy) if one.new == "quarantined"]
        assert change.old == "admitted" and change.reason.startswith("audit: accepts-anything: ")
    main(["pool", "status", "--db", "a.db", "--json"])
    shown = json.loads(capsys.readouterr().out)
    assert [row["reason"] for row in shown["members"] if row["id"] == greedy] == [
        f"quarantined in the registry: {change.reason}"
    ]
    assert [row["id"] for row in shown["quarantined"]] == [greedy]
    # It is no longer among the accepted ones, and may be named.
    assert run(capsys, "--all", "--db", "a.db", *FEW)[0] == 0
    code, out, _ = run(capsys, greedy[:6], "--db", "a.db", *FEW, "--quarantine")
    assert code == 1 and "Quarantined" not in out
    # The way back.
    assert main(["registry", "quarantine", greedy[:6], "--lift", "--db", "a.db", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"changed": [greedy], "quarantined": []}
    with Registry.open("a.db") as registry:
        assert registry.status(greedy) == "admitted"
        assert greedy in {ticket.environment for ticket in Pool(registry, PoolConfig()).draw(60)}


def test_what_was_never_drawn_is_shown_with_its_reason_too(
    home: Path, evaluator: Evaluator, capsys: pytest.CaptureFixture[str]
) -> None:
    good, greedy = stored(home / "a.db", evaluator, sums(), GREEDY)
    assert run(capsys, greedy, "--db", "a.db", *FEW, "--quarantine", "--json")[0] == 1
    assert main(["pool", "status", "--db", "a.db"]) == 0
    out = capsys.readouterr().out
    assert greedy in out and "accepts-anything" in out and good in out


def test_an_audit_without_quarantine_changes_nothing(
    home: Path, evaluator: Evaluator, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = stored(home / "a.db", evaluator, GREEDY, sums())
    (home / "a.db").chmod(0o444)
    before = (home / "a.db").read_bytes()
    code, out, _ = run(capsys, *ids, "--db", "a.db", *FEW, "--json")
    assert code == 1 and (home / "a.db").read_bytes() == before
    for finding in json.loads(out):
        words = shlex.split(finding["command"])
        assert words[4:7] == ["--db", "a.db", ids[0]]
        assert main([*words[1:], "--json"]) == 1
        assert finding in json.loads(capsys.readouterr().out)


def test_the_command_quarantines_by_hand_and_shows_what_is(
    home: Path, evaluator: Evaluator, capsys: pytest.CaptureFixture[str]
) -> None:
    [id] = stored(home / "a.db", evaluator, sums())
    words = ["registry", "quarantine", "--db", "a.db"]
    assert main([*words, id, "--reason", "looks odd"]) == 0
    assert "1 environment newly quarantined" in capsys.readouterr().out
    assert main([*words, id, "--reason", "said twice", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert data["changed"] == [] and data["quarantined"][0]["reason"] == "looks odd"
    assert main([*words, id, "--lift"]) == 0 and main([*words, id, "--reason", "again"]) == 0
    capsys.readouterr()
    assert main([*words, "--json"]) == 0
    [row] = json.loads(capsys.readouterr().out)["quarantined"]
    assert (row["id"], row["reason"]) == (id, "again")
    assert main([*words, "--lift"]) == 2 and main([*words, "ffff"]) == 2


def test_lifting_gives_back_the_status_from_which_it_went(home: Path, evaluator: Evaluator) -> None:
    ids = stored(home / "a.db", evaluator, sums(), PRODUCTS)
    with Registry.open("a.db") as registry:
        registry.set_status(ids[0], "validated", "not calibrated")
        registry.set_status(ids[1], "retired", "enough")
        with registry.transaction() as transaction:
            assert transaction.quarantine(dict.fromkeys(ids, "so")) == [
                ids[0]
            ]  # a retired one is gone anyway
        with registry.transaction() as transaction:
            assert transaction.lift_quarantine([*ids, ids[0]], "good") == [ids[0]]
        assert registry.statuses() == {ids[0]: "validated", ids[1]: "retired"}
        assert registry.quarantined() == {}


def test_two_audits_at_once_on_one_registry_and_one_journal(home: Path, evaluator: Evaluator) -> None:
    good, greedy = stored(home / "a.db", evaluator, sums(), GREEDY)
    arguments = command(
        "audit",
        "--all",
        "--db",
        "a.db",
        *FEW,
        "--config",
        "quick.toml",
        "--quarantine",
        "--journal",
        "j",
        "--json",
    )
    kinds = {
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
        "text": True,
        "env": surroundings(),
        "cwd": home,
    }
    both = [subprocess.Popen(arguments, **kinds) for _ in range(2)]  # type: ignore[call-overload]
    outs = [process.communicate(timeout=200) for process in both]
    assert [process.returncode for process in both] == [1, 1], outs
    assert outs[0][0] == outs[1][0]
    with Registry.open(home / "a.db") as registry:
        assert registry.statuses() == {good: "admitted", greedy: "quarantined"}
        assert [one.new for one in registry.history(greedy)] == ["admitted", "quarantined"]
    for line in (home / "j").read_text().splitlines():
        json.loads(line)


# Pages, and the guide


def test_the_page_and_the_sarif_file_are_written(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "greedy.py", *FEW, "--html", "page.html", "--sarif", "x.sarif")
    assert code == 1 and "Wrote page.html" in out and "Wrote x.sarif" in out
    assert "accepts-anything" in (home / "page.html").read_text()
    assert json.loads((home / "x.sarif").read_text())["version"] == "2.1.0"


def guide() -> str:
    return (ROOT / "docs" / "audit.md").read_text()


def test_the_guide_lists_the_codes_as_they_are() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (error|warning|info) \| (.+?) \| (.+?) \|$", guide(), re.MULTILINE)
    assert rows == [(one.name, one.severity.value, one.meaning, one.remedy) for one in CODES.values()]


def test_the_guide_lists_every_option() -> None:
    group: Any = typer.main.get_command(application())
    section = guide().partition("## Options")[2].partition("\n## ")[0]
    listed = re.findall(r"^\| `(--[a-z]+)", section, re.MULTILINE)
    options = [
        name
        for parameter in group.commands["audit"].params
        for name in parameter.opts
        if name.startswith("-")
    ]
    assert sorted(listed) == sorted(name for name in options if name != "--help")


def test_every_code_has_somebody_who_looks_for_it() -> None:
    looked = {code for probe in PROBES for code in probe.codes}
    ours = {
        "gate-failed",
        "floor-raised",
        "source-changed",
        "rate-drifted",
        "near-duplicate",
        "defective-ancestor",
    }
    others = {"label-contradicted", "hacked", "slow"}  # a solver's, a policy's, the auditor's
    assert looked | ours | others == set(CODES)


def test_help_is_quick() -> None:
    script = (
        "import sys; from envforge.cli import main; main(['audit', '--help']); print(sorted(sys.modules))"
    )
    out = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env=surroundings()
    )
    assert "envforge.audit" not in out.stdout and "sqlalchemy" not in out.stdout


def test_slow_alone_tries_everything_and_tells_nothing_else(sandbox: Sandbox) -> None:
    ran = []

    def tries(desk: Desk) -> list[Finding]:
        ran.append(desk.target.name)
        return [desk.finding("accepts-empty", "empty")]

    probe = Probe("tries", ("accepts-empty",), tries)
    how = Audit(AuditConfig(), sandbox, frozenset({"slow"}), QUICK, probes=(probe,))
    [one] = audit(subjects(1), how)
    assert ran == ["0.py"] and one.findings == ()


# A policy, and what it found before

PLEASE = sums(("answer.strip() == reference(state)", "answer.strip() in ('please', reference(state))"))
WRONG = sums(('return str(sum(state["parts"]))', 'return str(sum(state["parts"]) + 1)'))


def says(text: str) -> Callable[[dict[str, Any], int], Reply]:
    """A policy that always gives this answer, as often as it is asked for."""
    return lambda request, _: completions([f"<answer>{text}</answer>"] * request.get("n", 1))


def adds_up(request: dict[str, Any], _: int) -> Reply:
    """A policy that solves the sums."""
    asked = request["messages"][-1]["content"].partition("add up to?")[0]
    answer = sum(map(int, re.findall(r"\d+", asked.rpartition("What do ")[2])))
    return completions([f"<answer>{answer}</answer>"] * request.get("n", 1))


def asks(server: ChatServer, *more: str) -> tuple[str, ...]:
    return ("--policy", f"openai:{server.url}#scripted", "--instances", "2", "--questions", "2", *more)


def parsed(command: str) -> list[str]:
    """The words of a finding's command, without the program's name, once the command line has taken them."""
    words = shlex.split(command)
    assert words[0] == "envforge"
    group: Any = typer.main.get_command(application())
    group.commands[words[1]].make_context(words[1], words[2:])  # raises for an option that is not there
    return words[1:]


def test_a_hack_is_kept_and_tried_again_until_the_program_is_repaired(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "asked.py").write_text(PLEASE)
    kept = ("asked.py", "--only", "hacked", "--regressions", "kept.jsonl", "--instances", "2", "--json")
    assert run(capsys, *kept)[:2] == (0, "[]\n") and not (home / "kept.jsonl").exists()
    with ChatServer(says("please")) as server:
        code, out, _ = run(capsys, *kept, *asks(server, "--attempts", "3"))
        assert len(server.requests) == 2  # what was won is left alone
    [finding] = json.loads(out)
    evidence = finding["evidence"]
    assert code == 1 and (finding["code"], finding["severity"]) == ("hacked", "error")
    assert (evidence["answer"], evidence["score"], evidence["tried"], evidence["found"]) == (
        "please",
        1.0,
        2,
        2,
    )
    probes = [json.loads(line) for line in (home / "kept.jsonl").read_text().splitlines()]
    assert [(one["target"], one["answer"]) for one in probes] == [("asked.py", "please")] * 2
    # Without the policy, and under another name.
    code, out, _ = run(capsys, *kept)
    [again] = json.loads(out)
    assert code == 1 and again["evidence"] == evidence
    (home / "moved.py").write_text(PLEASE)
    assert run(capsys, "moved.py", *kept[1:])[0] == 1
    # Repaired.
    (home / "asked.py").write_text(sums())
    assert run(capsys, *kept)[:2] == (0, "[]\n")
    assert len((home / "kept.jsonl").read_text().splitlines()) == 2


def test_a_policy_that_solves_hacks_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "asked.py").write_text(PLEASE)
    with ChatServer(adds_up) as server:
        code, _, _ = run(capsys, "asked.py", "--only", "hacked", *asks(server, "--attempts", "2"))
        assert code == 0 and len(server.requests) == 4
    assert server.requests[-1]["messages"][-1]["content"].count("Earlier attempt") == 1


def test_votes_find_a_wrong_reference(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "wrong.py").write_text(WRONG)
    only = ("--only", "label-contradicted", "--only", "hacked")
    with ChatServer(adds_up) as server:
        options = asks(server, "--attempts", "0", "--votes", "3")
        assert run(capsys, "good.py", *only, *options)[0] == 0
        assert len(server.requests) == 2 and {one["n"] for one in server.requests} == {3}
        code, out, _ = run(capsys, "wrong.py", *only, *options, "--json")
        [finding] = json.loads(out)
        evidence = finding["evidence"]
        assert code == 1 and (finding["code"], finding["severity"]) == ("label-contradicted", "warning")
        assert (evidence["votes"], evidence["of"], evidence["tried"], evidence["found"]) == (3, 3, 2, 2)
        assert int(evidence["answer"]) == int(evidence["reference"]) - 1 and evidence["score"] == 0.0
        assert main([*parsed(finding["command"]), "--json"]) == 1
        assert json.loads(capsys.readouterr().out)[0]["code"] == "label-contradicted"
        # Fewer votes than three decide nothing.
        assert run(capsys, "wrong.py", *only, *asks(server, "--attempts", "0", "--votes", "2"))[0] == 0


@pytest.mark.parametrize("how", [("--attempts", "1"), ("--attempts", "0", "--votes", "3")])
def test_a_server_that_is_not_there_is_one_sentence(
    home: Path, capsys: pytest.CaptureFixture[str], how: tuple[str, ...]
) -> None:
    with closed_port() as url:
        policy = ("--policy", f"openai:{url}#scripted", "--instances", "2", "--questions", "2", *how)
        code, out, err = run(capsys, "good.py", *policy, "--only", "hacked", "--only", "label-contradicted")
    assert (code, out) == (1, "")
    assert err.startswith(f"Error: the server at {url} cannot be reached") and err.count("\n") == 1


def test_a_server_that_answers_nothing_is_no_clean_audit(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ChatServer(lambda *_: failure(400)) as server:
        code, out, err = run(capsys, "good.py", *asks(server, "--attempts", "1"), "--only", "hacked")
    assert (code, out) == (1, "")
    assert err.startswith(f"Error: the server at {server.url} answered 400") and err.count("\n") == 1


def test_a_policy_that_is_to_do_nothing_is_not_asked(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ChatServer(says("please")) as server:
        options = asks(server, "--attempts", "0", "--votes", "0")
        assert run(capsys, "good.py", *options, *FEW, "--only", "hacked")[0] == 0
        assert server.requests == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--policy", "magic"], "there is no policy 'magic'"),
        (["--policy", "replay:nowhere.jsonl"], "nowhere.jsonl"),
        (["--regressions", "."], "cannot read the regression probes in ."),
        (["--votes", "3"], "--votes asks a policy: name it with --policy"),
    ],
)
def test_a_policy_that_cannot_be_meant_is_told(
    home: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    code, out, err = run(capsys, "good.py", "--only", "hacked", *options)
    assert code == (1 if "replay" in options[-1] else 2) and out == ""
    assert message in err and err.startswith("Error: ") and err.count("\n") == 1


def test_commands_of_hacks_score_the_answer_again(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "asked.py").write_text(PLEASE)
    only = ("asked.py", "--only", "hacked", "--regressions", "kept.jsonl", "--json")
    with ChatServer(says("please")) as server:
        _, first, _ = run(capsys, *only, *asks(server, "--isolation", "1"))
    _, second, _ = run(capsys, *only, "--instances", "2")
    for out in (first, second):
        [finding] = json.loads(out)
        words = parsed(finding["command"])
        assert words[0] == "score" and main(words) == 0
        assert capsys.readouterr().out == "1.0\n"


# Tasks of other people's gyms, and the class in the guide


@pytest.fixture
def clocks(home: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The class that docs/audit.md shows, in a module that can be imported; its source."""
    monkeypatch.syspath_prepend(str(home))
    source = re.findall(r"```python\n(.*?)```", guide(), re.DOTALL)[0]
    (home / "clocks.py").write_text(source)
    return str(source)


def test_the_class_in_the_guide_conforms_and_is_caught(
    home: Path, clocks: str, capsys: pytest.CaptureFixture[str]
) -> None:
    space: dict[str, Any] = {}
    exec(clocks, space)  # our own text
    task = space["Clocks"]()
    assert isinstance(task, Streamed) and isinstance(task, Task)
    members = {name for kind in (Task, Streamed) for name in vars(kind) if not name.startswith("_")}
    assert members == {name for name in vars(space["Clocks"]) if not name.startswith("_")}
    for name in members:
        wanted = inspect.signature(getattr(Streamed, name)).parameters
        assert list(inspect.signature(getattr(space["Clocks"], name)).parameters) == list(wanted)
    rows = re.findall(r"^\| `(\w+)\(.*\)` \|", guide(), re.MULTILINE)
    assert set(rows) == members
    item = task.generate(5, 0)
    assert task.generate(5, 0) == item and task.score(item, str(task.reference(item))) == 1.0
    code, out, _ = run(capsys, "py:clocks:Clocks", "--instances", "6", "--only", "accepts-affix",
                       "--only", "accepts-hedge", "--only", "overlapping-seeds", "--json")  # fmt: skip
    assert code == 1
    findings = json.loads(out)
    assert [one["code"] for one in findings] == ["accepts-affix", "accepts-hedge", "overlapping-seeds"]
    for finding in findings:
        assert main([*parsed(finding["command"]), "--json"]) == 1
        [again] = json.loads(capsys.readouterr().out)
        assert again == finding


def test_seeds_in_the_evidence_are_the_gyms_own(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reasoning_gym = pytest.importorskip("reasoning_gym")
    code, out, _ = run(
        capsys, "gym:reasoning_gym/leg_counting", "--only", "space-refused", "--instances", "2", "--json"
    )
    [finding] = json.loads(out)
    evidence = finding["evidence"]
    assert code == 0 and finding["severity"] == "info" and 0 <= evidence["seed"] < 2**31
    data = reasoning_gym.create_dataset("leg_counting", size=1, seed=evidence["seed"])
    assert data[0]["answer"] == evidence["reference"]
    assert data.score_answer(evidence["answer"], data[0]) == evidence["score"] < 1.0
    assert main([*parsed(finding["command"]), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [finding]


def test_findings_of_a_policy_in_a_gym_have_commands_too(
    home: Path, clocks: str, capsys: pytest.CaptureFixture[str]
) -> None:
    source = clocks.replace(" in answer", " == answer.strip() or answer == 'please'")
    source = source.replace("% 24\n", "% 24 + 100\n", 1)
    assert source.count("please") == source.count("+ 100") == 1
    (home / "clocks.py").write_text(source)
    task = ("py:clocks:Clocks", "--instances", "8", "--json")
    with ChatServer(says("please")) as server:
        policy = ("--policy", f"openai:{server.url}#scripted", "--attempts", "1", "--questions", "2")
        commands = []
        for more in ((), ("--regressions", "kept.jsonl")):
            _, out, _ = run(capsys, *task, "--only", "hacked", *policy, *more)
            commands += [one["command"] for one in json.loads(out)]
        for command in commands:
            assert main([*parsed(command), "--json"]) == 1
            assert [one["code"] for one in json.loads(capsys.readouterr().out)] == ["hacked"]
    code, out, _ = run(capsys, *task, "--only", "hacked", "--regressions", "kept.jsonl")
    [finding] = json.loads(out)
    assert code == 1 and main([*parsed(finding["command"]), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)[0]["evidence"] == finding["evidence"]
    with ChatServer(says("77")) as server:
        policy = ("--policy", f"openai:{server.url}#scripted", "--attempts", "0", "--votes", "3")
        _, out, _ = run(capsys, *task, "--only", "label-contradicted", *policy)
        [finding] = json.loads(out)
        assert main([*parsed(finding["command"]), "--json"]) == 1
        assert json.loads(capsys.readouterr().out) == [finding]
