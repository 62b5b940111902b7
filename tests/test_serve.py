"""The browser for a registry: its pages, that hostile text stays text in them, that it only reads, and its server."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient
from test_audit_page import browser, on_telephone
from test_gallery import planted
from test_registry import RUN, examined, seed, write
from visuals import dots, sums

from envforge.audit.codes import CODES
from envforge.cli import main
from envforge.registry import PoolMemberRecord, Registry, StepEnvironment, StepRecord
from envforge.registry.pool import PoolGroupRecord
from envforge.sandbox import Evaluator
from envforge.serve.application import Settings, application
from envforge.serve.drawing import listing
from envforge.serve.guard import HEADERS, LOOPBACK, is_loopback
from envforge.serve.style import STYLE
from envforge.serve.views import PAGE
from envforge.verdict import Calibration, LevelRate, Review, Stage, Verdict

EVIL = "</style></script><script>document.title = 'owned'</script><img src=x onerror=alert(1)> {{ 7 * 7 }} \u202e"
STATES = ("active", "parked", "retired")


class Planted:
    """A registry with a bit of everything, and what its environments are called."""

    def __init__(self, where: Path, evaluator: Evaluator) -> None:
        self.path = where
        self.dots, self.sums = planted(where, evaluator, dots(title="Dots: how many are there?"), sums())
        with Registry.open(where) as registry:
            self.evil = seed(registry, EVIL)
            self.run = registry.start_run(**{**RUN, "proposer": EVIL}, command=["envforge", "grow", EVIL])
            child = examined("child", tags=(EVIL, "graphs"))
            self.child = write(registry, self.run, 0, child, "validated", self.evil, self.dots)
            self.bad = write(registry, self.run, 1, examined("bad", failing=Stage.L4), "rejected", self.evil)
            training = {**RUN, "config": {"recipe": {"schedule": {"steps": 9}}}, "kind": "train"}
            self.training = registry.start_run(**training)
            with registry.transaction() as transaction:
                self._judge(transaction)
                transaction.hold_out([self.evil], EVIL)
                mark = registry.pool().mark
                members = [
                    PoolMemberRecord(
                        id, state, EVIL if state != "active" else "", 1, 3, 2, memory(id == self.dots)
                    )
                    for id, state in zip((self.dots, self.evil), STATES)
                ]
                groups = [PoolGroupRecord(n, self.dots, n, n, 8, 0.25 * n, True, "p") for n in range(1, 4)]
                transaction.save_pool(members, groups, mark)
                rows = (StepEnvironment(self.dots, 1, 4, 3, 32, 0.5, 0.5, 1, 12.5, 0.4),)
                steps = [StepRecord(n, {"reward": n / 9, "accuracy": n / 9}, rows) for n in range(1, 8)]
                transaction.add_steps(self.training, steps)

    def _judge(self, transaction) -> None:  # type: ignore[no-untyped-def]
        verdict = Verdict(Stage.REVIEW, False, EVIL, {"answer": EVIL, "message": "\x00\ud800"}, 1.5, "2")
        transaction.add_verdict(self.evil, verdict, None, EVIL)
        review = Review(0, False, EVIL, {"wording": EVIL}, EVIL, 1, 99)
        transaction.add_reviews(self.evil, EVIL, [review])
        response = {"seed": 1, "answer": EVIL, "score": 1.0, "tokens": 9}
        levels = (LevelRate(0, 0.75, 0.7, 0.5, 0.9, 0.25, 0, (response,)),)
        given = Calibration(
            self.evil, EVIL, levels, 0.75, 0.5, 0.9, None, False, EVIL, 1234, {"message": EVIL}
        )
        transaction.add_calibration(given, "2")

    def client(self, audit: Path | None = None, **settings: object) -> TestClient:
        made = application(Settings(str(self.path), audit, **settings))  # type: ignore[arg-type]
        return TestClient(made, base_url="http://127.0.0.1:8000", raise_server_exceptions=True)


def memory(known: bool) -> dict[str, object]:
    recent = [[1, 0.25 * number, True] for number in range(1, 4)] if known else []
    return {
        "controller": None,
        "drawn": [3] + [0] * (9 if known else 11),
        "recent": recent,
        "run": None,
        "probe": None
        if known
        else {"kind": "zero", "reason": "x", "failed": 0, "probed": 1, "pending": False},
        "retired_here": False,
    }


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, sandbox) -> Planted:  # type: ignore[no-untyped-def]
    return Planted(tmp_path_factory.mktemp("serve") / "library.db", Evaluator(sandbox))


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory, home: Planted) -> Path:
    """What `envforge audit --json` prints."""
    path = tmp_path_factory.mktemp("audit") / "findings.json"
    rows = [
        {"target": target, "code": code, "severity": CODES[code].severity.value, "summary": EVIL,
         "evidence": {"answer": EVIL}, "command": f"envforge audit {target}"}
        for target, code in ((home.dots, "accepts-affix"), ("gym:some/task", "slow"), (EVIL, "few-instances"))
    ]  # fmt: skip
    path.write_text(json.dumps(rows))
    return path


@pytest.fixture(scope="module")
def client(home: Planted, findings: Path) -> Iterator[TestClient]:
    with home.client(findings) as opened:
        yield opened


def text_of(page: str) -> str:
    return " ".join(re.sub("<[^>]*>", " ", page).split())


def pages(home: Planted) -> list[str]:
    one = [f"/environments/{id}" for id in (home.dots, home.sums, home.evil, home.child, home.bad)]
    return [
        "/", "/environments", *one, "/lineage", f"/lineage?of={home.evil}", "/pool", "/pool?state=parked", "/runs",
        f"/runs/{home.run}", f"/runs/{home.training}", "/audit", "/environments?search=nothing+has+this",
    ]  # fmt: skip


# What holds for every page


def test_every_page_is_there_and_hostile_text_stays_text(home: Planted, client: TestClient) -> None:
    seen = 0
    for path in pages(home):
        response = client.get(path)
        assert response.status_code == 200, (path, response.text[-300:])
        page = response.text
        seen += page.count("&lt;script&gt;document.title")
        assert page.count("<script") == 1 and '<script src="/script.js" defer></script>' in page, path
        assert not re.search(r"<img(?! src=.data:)|<style|<iframe| style=|\son\w+=[\"']", page), path
        assert "\u202e" not in page and "\x00" not in page and " 49 " not in text_of(page), path
        links = re.findall(r'(?:href|src|action)="([^"]*)"', page)
        assert all(link.startswith(("/", "#", "data:")) and not link.startswith("//") for link in links), path
    assert seen > 30


def test_every_answer_is_sealed(home: Planted, client: TestClient) -> None:
    for path in [*pages(home), "/style.css", "/script.js", "/nowhere", "/environments/0000000000000000"]:
        headers = client.get(path).headers
        assert {name: headers.get(name) for name in HEADERS} == HEADERS, path
        assert "server" not in headers
    refused = client.get("/", headers={"host": "evil.example"})
    assert {name: refused.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_it_answers_get_alone(client: TestClient, method: str) -> None:
    response = client.request(method, "/environments", content="x=1")
    assert response.status_code == 405 and "GET" in response.headers["allow"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/nowhere", "There is no such page."),
        ("/environments/0123456789abcdef", "The registry holds no environment 0123456789abcdef."),
        ("/environments/%3Cscript%3E", "no environment &lt;script&gt;."),
        ("/environments/%00%ff", "holds no environment"),
        ("/environments/0123456789abcdef/samples", "holds no environment"),
        ("/runs/99", "The registry holds no run 99."),
        ("/runs/x", "There is no such page."),
        ("/lineage?of=feed", "holds no environment feed"),
        ("/static/../../etc/passwd", "There is no such page."),
    ],
)
def test_what_is_not_there(client: TestClient, path: str, said: str) -> None:
    response = client.get(path)
    assert response.status_code == 404 and said in response.text


@pytest.mark.parametrize(
    ("host", "beyond", "code"),
    [
        ("127.0.0.1:8000", False, 200), ("localhost", False, 200), ("[::1]:8000", False, 200),
        ("evil.example", False, 400), ("evil.example:8000", True, 400), ("192.168.1.5:8000", False, 400),
        ("192.168.1.5:8000", True, 200), ("[fe80::1]:8000", True, 200), ("127.0.0.1.evil.example", True, 400),
        ("localhost.evil.example", False, 400), ("", True, 400),
    ],
)  # fmt: skip
def test_names_that_it_answers_to(home: Planted, host: str, beyond: bool, code: int) -> None:
    """Against DNS rebinding: an address in figures cannot be taken over by a site, a name can."""
    with home.client(names=LOOPBACK, anywhere=beyond) as client:
        assert client.get("/runs", headers={"host": host}).status_code == code


def test_is_loopback() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.3.2.1", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "192.168.1.5", "example.org", "")))


def test_nothing_is_written(home: Planted, client: TestClient) -> None:
    before = hashlib.sha256(home.path.read_bytes()).digest()
    for path in [*pages(home), f"/environments/{home.sums}/samples"]:
        client.get(path)
    assert hashlib.sha256(home.path.read_bytes()).digest() == before


# The pages


def test_overview(client: TestClient, home: Planted) -> None:
    said = text_of(client.get("/").text)
    assert "5 environments · 2 proposals · 2 runs" in said
    assert "Admitted 2" in said and "Validated 1" in said and "Retired 1" in said and "Held out 1" in said
    assert "Dots" in said and home.dots in said and "train" in said and "L4" in said


def listed(page: str) -> set[str]:
    return set(re.findall(r"<code>([0-9a-f]{16})</code>", page))


def test_environments_by_status_kind_tag_and_words(client: TestClient, home: Planted) -> None:
    everything = {home.dots, home.sums, home.evil, home.child, home.bad}
    for asked, found in (
        ("", everything),
        ("status=retired", {home.sums}),
        ("kind=visual", {home.dots}),
        ("kind=text&status=admitted", {home.evil}),
        ("tag=counting", {home.dots}),
        ("tag=count", set()),
        ("search=DOTS", {home.dots}),
        ("search=how+dots", {home.dots}),
        (f"search={home.child[:8]}", {home.child}),
        ("status=nonsense&page=0&kind=x", everything),
        ("page=999999999999999", everything),
        ("page=٣", everything),
    ):
        response = client.get(f"/environments?{asked}")
        assert response.status_code == 200 and listed(response.text) == found, asked
    assert f'value="{"&lt;b&gt;"}"' in client.get("/environments?search=<b>").text


def test_environments_page_by_page(tmp_path: Path) -> None:
    where = tmp_path / "many.db"
    with Registry.open(where, create=True) as registry:
        ids = {seed(registry, f"number {number}") for number in range(PAGE + 3)}
    with TestClient(application(Settings(str(where))), base_url="http://localhost") as client:
        first = client.get("/environments?search=number").text
        second = client.get("/environments?search=number&page=2").text
    assert len(listed(first)) == PAGE and len(listed(second)) == 3 and listed(first) | listed(second) == ids
    assert "/environments?search=number&amp;status=&amp;kind=&amp;tag=&amp;page=2" in first
    assert 'rel="next"' in first and 'rel="next"' not in second and 'rel="prev"' in second


def test_one_environment(client: TestClient, home: Planted) -> None:
    page = client.get(f"/environments/{home.dots}").text
    said = text_of(page)
    for piece in (
        "Dots how many are there?", "0 to 9", "visual, counting", "3 groups, 2 of them live", "L5",
        "Accuracy in training", "Level in training", "accepts-affix",
    ):  # fmt: skip
        assert piece in said, piece
    assert f'href="/environments/{home.child}"' in page and '<li id="L1">' in page
    assert page.count('<li id="L') == len(dots().rstrip("\n").split("\n"))
    assert 'href="/environments?tag=counting"' in page


def test_evidence_reviews_and_calibration(client: TestClient, home: Planted) -> None:
    said = text_of(client.get(f"/environments/{home.evil}").text)
    assert "Calibration" in said and "0.75" in said and "0.50 to 0.90" in said and "1,234" in said
    assert "level 0: 0.75, guess floor 0.25" in said and "Solve rate by" in said
    assert "Reviews" in said and "held out" in said and "History" in said
    assert "parked since group 1" in said
    assert r"\\u0000\\ud800" in said or r"\u0000\ud800" in said
    bad = text_of(client.get(f"/environments/{home.bad}").text)
    assert "bad at L4" in bad and "failed" in bad


def test_a_source_that_is_no_python_is_shown_as_it_is() -> None:
    for text in ("def f(:\n  '''never ends", "\x0c\u2028<b>&\r\nx = '", "", "if 1:\n\tx\n  y\n"):
        shown = listing(text)
        lines = text.removesuffix("\n").split("\n")
        assert shown.count("<li ") == len(lines) and "<b>" not in shown
    marked = listing('def f():\n    return "a" + 1  # why\n')
    assert '<span class="key">def</span>' in marked and '<span class="str">&quot;a&quot;</span>' in marked
    assert '<span class="num">1</span>' in marked and '<span class="com"># why</span>' in marked


def test_samples_are_made_in_the_sandbox_when_asked(client: TestClient, home: Planted) -> None:
    assert "data:image/png" not in client.get(f"/environments/{home.dots}").text
    page = client.get(f"/environments/{home.dots}/samples").text
    assert page.count('src="data:image/png;base64,') == 3 and "How many dots lie on the board?" in page
    assert page == page.replace("Cannot be shown", "") and "Level 9" in text_of(page)
    # Environments of tests/test_registry are no programs that make instances: the page says so in their place.
    assert text_of(client.get(f"/environments/{home.child}/samples").text).count("Cannot be shown") == 3


def test_another_sites_page_cannot_have_the_sandbox_start(client: TestClient, home: Planted) -> None:
    for site in ("cross-site", "same-site"):
        answer = client.get(f"/environments/{home.dots}/samples", headers={"sec-fetch-site": site})
        assert answer.status_code == 403 and "data:image" not in answer.text
    linked = client.get(f"/environments/{home.dots}", headers={"sec-fetch-site": "cross-site"})
    assert linked.status_code == 200  # a link to any other page costs nothing


def test_lineage_leads_to_environments(client: TestClient, home: Planted) -> None:
    page = client.get("/lineage").text
    for id in (home.dots, home.sums, home.evil, home.child):
        assert f'<a href="/environments/{id}">' in page
    assert home.bad[:8] not in page
    family = client.get(f"/lineage?of={home.evil}").text
    assert f'/environments/{home.bad}"' in family and f'/environments/{home.dots}"' not in family


def test_pool(client: TestClient, home: Planted) -> None:
    page = client.get("/pool").text
    assert "3 groups scored" in text_of(page) and '<svg class="curve"' in page
    assert listed(client.get("/pool?state=active").text) == {home.dots}
    assert listed(client.get("/pool?state=nonsense").text) == listed(page)


def test_runs(client: TestClient, home: Planted) -> None:
    grown = text_of(client.get(f"/runs/{home.run}").text)
    assert "Where proposals end" in grown and "bad at L4" in grown and "1 proposal" in grown
    trained = text_of(client.get(f"/runs/{home.training}").text)
    assert (
        "Reward" in trained
        and "7 of 9 steps are recorded" in trained
        and "Environments in training" in trained
    )


def test_audit(client: TestClient, home: Planted) -> None:
    page = client.get("/audit").text
    assert "1 error, 1 warning and 1 info in 3 targets" in text_of(page)
    assert f'<h3><a href="/environments/{home.dots}">' in page and page.count("<article") == 3
    assert 'data-group="some"' in page and '<form class="filters" hidden="hidden"' in page


def test_without_an_audit_there_is_no_such_page(home: Planted) -> None:
    with home.client() as client:
        assert client.get("/audit").status_code == 404 and "/audit" not in client.get("/").text


def test_what_is_written_meanwhile_shows_at_once(home: Planted, tmp_path: Path) -> None:
    where = tmp_path / "live.db"
    with (
        Registry.open(where, create=True) as registry,
        TestClient(application(Settings(str(where))), base_url="http://localhost") as client,
    ):
        assert "No environment has been written down yet" in client.get("/").text
        id = seed(registry, "new")
        assert listed(client.get("/environments").text) == {id}
        with (
            registry.transaction() as transaction
        ):  # a writer at work: readers do not wait, and see what was before
            transaction.set_status(id, "retired", "enough")
            assert "admitted" in client.get(f"/environments/{id}").text
        assert "enough" in client.get(f"/environments/{id}").text


def test_a_registry_or_file_that_goes_away_is_told_in_a_sentence(home: Planted, tmp_path: Path) -> None:
    where, audit = tmp_path / "gone.db", tmp_path / "findings.json"
    shutil.copy(home.path, where)
    audit.write_text("[]")
    with TestClient(application(Settings(str(where), audit)), base_url="http://localhost") as client:
        assert client.get("/audit").status_code == 200
        audit.write_text("{")
        answer = client.get("/audit")
        assert answer.status_code == 503 and "is no JSON" in answer.text
        where.unlink()
        answer = client.get("/")
        assert answer.status_code == 503 and "There is no registry at" in answer.text


# The command


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--db", "nowhere.db"], "there is no registry at nowhere.db"),
        (["--db", "text.db"], "text.db is not a registry"),
        (["--db", "good.db", "--audit", "nowhere.json"], "cannot read nowhere.json"),
        (["--db", "good.db", "--audit", "text.db"], "text.db is no JSON"),
        (["--db", "good.db", "--audit", "list.json"], "holds no list of findings"),
        (["--db", "good.db", "--host", "no such host"], "no address or name"),
        (["--db", "good.db", "--host", "203.0.113.7"], "no such address"),
        (["--db", "good.db", "--port", "65536"], "less than or equal to 65535"),
    ],
)
def test_mistakes(
    home: Planted,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    said: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(home.path, "good.db")
    Path("text.db").write_text("no database, " * 100)
    Path("list.json").write_text('[{"target": 1}]')
    code = main(["serve", *arguments])
    out, err = capsys.readouterr()
    assert (code, out) == (2, "") and said in " ".join(err.split()) and "Traceback" not in err


def test_a_port_in_use(home: Planted, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["serve", "--db", str(home.path), "--port", str(port)]) == 2
    out, err = capsys.readouterr()
    assert out == "" and f"cannot listen on port {port} of 127.0.0.1: it is in use" in " ".join(err.split())


@contextmanager
def running(*arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The server in a process of its own, and its address."""
    command = [sys.executable, "-m", "envforge", "serve", *arguments]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "COLUMNS": "200"},
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.search(r"at (http://\S+) \(Ctrl-C ends it\)", line)
            assert found, (
                line,
                process.stderr and process.stderr.read() if process.poll() is not None else "",
            )
            yield found[1], process
        finally:
            process.kill()


def fetched(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return str(answer.read().decode())


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_the_server_while_somebody_writes_and_its_end(
    home: Planted, tmp_path: Path, how: signal.Signals
) -> None:
    where = tmp_path / "live.db"
    shutil.copy(home.path, where)
    with running("--db", str(where), "--port", "0") as (url, process):
        assert url.startswith("http://127.0.0.1:")
        assert "Dots" in fetched(url)
        with Registry.open(where) as registry:
            id = seed(registry, "written meanwhile")
        assert id in fetched(f"{url}environments")
        process.send_signal(how)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, "", "interrupted\n")


def test_beyond_this_machine_it_says_what_that_means(home: Planted) -> None:
    with running("--db", str(home.path), "--port", "0", "--host", "0.0.0.0") as (url, process):
        assert "Dots" in fetched(url)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert "can read this registry: there is no password." in " ".join(err.split())


def test_nothing_of_it_is_loaded_before_it_is_asked_for() -> None:
    code = "import sys, envforge.cli.app; print([m for m in sys.modules if m.split('.')[0] in %r])"
    packages = ("starlette", "uvicorn", "jinja2", "sqlalchemy")
    done = subprocess.run(
        [sys.executable, "-c", code % (packages,)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# In a browser


def seen(url: str, tmp_path: Path, *options: str) -> tuple[str, list[str]]:
    """The document as a browser has it, and what its console said."""
    chromium = shutil.which("chromium")
    assert chromium is not None
    done = subprocess.run(
        [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=4000", "--enable-logging=stderr", *options, "--dump-dom", url,
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )  # fmt: skip
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


@browser
def test_in_a_browser_pages_load_what_they_need_and_nothing_else(
    home: Planted, findings: Path, tmp_path: Path
) -> None:
    with running("--db", str(home.path), "--port", "0", "--audit", str(findings)) as (url, _):
        found, said = seen(f"{url}audit", tmp_path)
        assert said == [] and 'role="status">3 findings</span>' in found and "<title>Audit" in found
        for path in (f"environments/{home.evil}", "lineage"):
            found, said = seen(f"{url}{path}", tmp_path)
            assert said == [] and "<title>owned" not in found, path


@browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_on_a_telephone(home: Planted, client: TestClient, tmp_path: Path, dark: bool) -> None:
    ground = "rgb(15, 18, 23)" if dark else "rgb(244, 245, 247)"
    for path in ("/", f"/environments/{home.evil}", "/lineage", "/pool", "/audit"):
        page = client.get(path).text.replace(
            '<link rel="stylesheet" href="/style.css">', f"<style>{STYLE}</style>"
        )
        page = page.replace('<script src="/script.js" defer></script>', "")
        assert on_telephone(page, tmp_path, dark) == f"390 390 {ground}", path
