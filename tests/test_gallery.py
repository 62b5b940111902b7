"""The gallery: what it shows of good and of broken programs, that it can do no harm, and its filters in a browser."""

from __future__ import annotations

import base64
import hashlib
import http.server
import io
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from visuals import dots, in_function, sums

from envforge.analysis import Source
from envforge.cli import main
from envforge.contract import Program
from envforge.gallery import LEVELS, Exhibit, exhibits, page
from envforge.registry import Registry
from envforge.sandbox import Evaluator, Sandbox
from envforge.validation.profiling import profile_of
from envforge.verdict import Calibration, Examination, Stage, Verdict

HTML = "{http://www.w3.org/1999/xhtml}"
EVIL = "</style></script><script>document.title = 'owned'</script><img src=x onerror=alert(1)> &amp; \\u202e"
CHROMIUM = shutil.which("chromium")
browser = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


def hung(
    sandbox: Sandbox, *sources: str, instances: int = 0, calibration: Calibration | None = None
) -> list[Exhibit]:
    given = [(Source(text, f"program{number}", "file"), calibration) for number, text in enumerate(sources)]
    return exhibits(given, sandbox, instances)


def parsed(text: str) -> ElementTree.Element:
    """The page as XML: nothing on it comes from elsewhere, and all that runs is the script that its policy names."""
    declaration, rest = text.split("\n", 1)
    assert declaration == "<!DOCTYPE html>"
    root = ElementTree.fromstring(rest)
    [script] = root.iter(f"{HTML}script")
    assert not script.attrib and script.text
    [policy] = [m.get("content", "") for m in root.iter(f"{HTML}meta") if m.get("http-equiv")]
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy and policy.startswith("default-src 'none'")
    tags = {element.tag.removeprefix(HTML) for element in root.iter()}
    assert not tags & {"link", "iframe", "object", "embed", "svg", "video", "base", "a"}
    for element in root.iter():
        assert not [name for name in element.attrib if name.lower().startswith("on") or name == "style"]
        assert element.get("src", "data:image/png;base64,").startswith("data:image/png;base64,")
    assert "\u202e" not in text
    return root


def cards(root: ElementTree.Element) -> list[ElementTree.Element]:
    return list(root.iter(f"{HTML}article"))


def text_of(element: ElementTree.Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


# What hangs there


def test_pictures_questions_and_answers_of_four_levels(sandbox: Sandbox) -> None:
    [exhibit] = hung(sandbox, dots(), instances=2)
    assert [shot.difficulty for shot in exhibit.shots] == list(LEVELS)
    for shot in exhibit.shots:
        assert shot.problem is None and shot.picture is not None and shot.answer
        with Image.open(io.BytesIO(shot.picture)) as image:
            assert (image.format, image.mode, image.width) == ("PNG", "P", 480)
    [card] = cards(parsed(page([exhibit])))
    assert len(list(card.iter(f"{HTML}img"))) == 4
    assert all("Dots, the picture of level" in image.get("alt", "") for image in card.iter(f"{HTML}img"))
    shown = text_of(card)
    assert "How many dots lie on the board?" in shown and "Level 6 · seven" in shown
    assert "grade A" in shown and "counting" in shown and exhibit.figures.id in shown
    answers = [text_of(details) for details in card.iter(f"{HTML}details")]
    assert answers == [f"Answer {shot.answer}" for shot in exhibit.shots]
    assert not [details for details in card.iter(f"{HTML}details") if "open" in details.attrib]


def test_the_same_page_every_time(sandbox: Sandbox) -> None:
    first, second = (page(hung(sandbox, dots(), sums(), instances=2)) for _ in range(2))
    assert first == second


def test_text_programs_hang_there_too_and_come_last(sandbox: Sandbox) -> None:
    root = parsed(page(hung(sandbox, sums(), "no program", dots())))
    assert [card.get("data-bucket") for card in cards(root)] == ["counting", "text", "refused"]
    assert "1 visual in 1 bucket · 1 text · 1 refused" in text_of(root)
    text = cards(root)[1]
    assert "add up to?" in text_of(text) and not list(text.iter(f"{HTML}img"))
    assert "grade" not in text_of(cards(root)[0])  # no figures were asked for
    assert "refuses it" in text_of(cards(root)[2]) and "grade F" in text_of(cards(root)[2])


@pytest.mark.parametrize(
    ("source", "problems", "said"),
    [
        (dots(in_function("render", "assert state['level'] != 6, 'no ink'")), [6], "no ink"),
        (dots(in_function("generate", "assert difficulty < 9, 'no state'", "rng, difficulty")), [9], "no state"),
        (dots(("{marks}</svg>", "{marks}<script>alert(1)</script></svg>")), [0, 3, 6, 9], "script"),
        (dots(in_function("render", "return '<!DOCTYPE x [<!ENTITY a \"b\">]><svg/>'")), [0, 3, 6, 9], "DOCTYPE"),
        (dots(in_function("render", "while state['level'] == 3: pass")), [3], "CPU"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_said(sandbox: Sandbox, source: str, problems: list[int], said: str) -> None:
    [exhibit] = hung(sandbox, source)
    assert [shot.difficulty for shot in exhibit.shots if shot.problem is not None] == problems
    assert all(said in shot.problem for shot in exhibit.shots if shot.problem is not None)
    [card] = cards(parsed(page([exhibit])))
    assert len(list(card.iter(f"{HTML}img"))) == 4 - len(problems)
    assert text_of(card).count("Cannot be shown:") == len(problems) and said in text_of(card)


def test_hostile_text_stays_text(sandbox: Sandbox) -> None:
    told = EVIL.replace("'", '"')
    source = dots(
        ("How many dots lie on the board?", f"How many? {told.replace(chr(34), chr(92) + chr(34))}"),
        ('"one",', f"{EVIL[:40]!r},"),
        title=EVIL.removesuffix("\\u202e") + ": what is asked",
    )
    [exhibit] = hung(sandbox, source)
    assert exhibit.figures.program is not None
    root = parsed(page([exhibit]))
    shown = text_of(root)
    assert "<script>document.title = 'owned'</script>" in shown and "onerror=alert(1)" in shown
    assert len(cards(root)) == 1


def test_solve_rate_and_status(sandbox: Sandbox) -> None:
    calibration = Calibration("x", "<b>model</b>", (), 0.4321, 0.2, 0.7, None, True, "", 10)
    [card] = cards(parsed(page(hung(sandbox, sums(), calibration=calibration))))
    assert "solve rate 0.43" in text_of(card) and "status file" in text_of(card)
    assert "<b>model</b>: 0.20 to 0.70" in [element.get("title") for element in card.iter()]


# In a browser


def dom(file: Path, tmp_path: Path) -> str:
    """The document as it is once its scripts have run."""
    assert CHROMIUM is not None
    done = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=4000", "--dump-dom", file.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )  # fmt: skip
    return done.stdout


def shown_in(text: str) -> list[str]:
    """The buckets of the cards that are not hidden."""
    heads = re.findall(r"<article [^>]*>", text)
    return [re.findall('data-bucket="([^"]*)"', head)[0] for head in heads if 'hidden=""' not in head]


@pytest.fixture(scope="module")
def written(sandbox: Sandbox) -> str:
    other = dots(
        ('TAGS = ("counting", "dots")', 'TAGS = ("counting",)'), ('BUCKET = "counting"', 'BUCKET = "pattern"')
    )
    return page(hung(sandbox, dots(title=EVIL.removesuffix("\\u202e")), other, sums()))


def test_nothing_is_hidden_without_the_script(written: str) -> None:
    root = parsed(written)
    assert len(cards(root)) == 3 and not [card for card in cards(root) if "hidden" in card.attrib]
    [form] = root.iter(f"{HTML}form")
    assert "hidden" in form.attrib


RESET = "set('#search', 'add dots'); document.querySelector('.none button').click()"


@browser
@pytest.mark.parametrize(
    ("act", "left", "count"),
    [
        ("", ["pattern", "counting", "text"], "3 environments"),
        ("pick('input[value=pattern]')", ["pattern"], "1 of 3"),
        ("pick('input[value=text]')", ["text"], "1 of 3"),
        ("set('#tag', 'dots')", ["counting"], "1 of 3"),
        ("set('#tag', 'counting')", ["pattern", "counting"], "2 of 3"),
        ("set('#status', 'file')", ["pattern", "counting", "text"], "3 environments"),
        ("set('#search', '  ADD   up ')", ["text"], "1 of 3"),
        ("set('#search', 'add'); pick('input[value=pattern]')", [], "0 of 3"),
        (RESET, ["pattern", "counting", "text"], "3 environments"),
    ],
)  # fmt: skip
def test_filters(written: str, tmp_path: Path, act: str, left: list[str], count: str) -> None:
    driver = (
        "const input = (e) => e.dispatchEvent(new Event('input', {bubbles: true}));"
        "const set = (q, v) => { const e = document.querySelector(q); e.value = v; input(e); };"
        "const pick = (q) => { const e = document.querySelector(q); e.checked = true; input(e); };"
    )
    # The driver is a second script, which the page's own policy would not let run.
    text = re.sub(r"script-src '[^']*'", "script-src 'unsafe-inline'", written)
    file = tmp_path / "page.html"
    file.write_text(text.replace("</body>", f"<script>{driver}{act}</script></body>"))
    found = dom(file, tmp_path)
    assert sorted(shown_in(found)) == sorted(left)
    assert f'role="status">{count}</span>' in found
    assert ('<p class="none" hidden="">' in found) == bool(left)
    assert '<form class="filters" role="search">' in found  # no longer hidden


@pytest.fixture
def server() -> Iterator[tuple[str, list[str]]]:
    """A server on this machine, and the paths that it was asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{running.server_port}", asked
    running.shutdown()
    running.server_close()


@browser
@pytest.mark.parametrize("guarded", [True, False], ids=["with its policy", "without"])
def test_the_policy_holds_even_if_escaping_failed(
    written: str, tmp_path: Path, server: tuple[str, list[str]], guarded: bool
) -> None:
    """Markup that got onto the page loads nothing and runs nothing; without the policy it would."""
    url, asked = server
    text = written if guarded else re.sub(r"<meta http-equiv[^>]*>", "", written)
    attack = (
        f'<img src="{url}/picture"/><link rel="stylesheet" href="{url}/style"/><script src="{url}/script"></script>'
        "<script>document.title = 'owned'</script><img src='data:,' onerror=\"document.title += ' twice'\"/>"
    )
    file = tmp_path / "page.html"
    file.write_text(text.replace("</main>", f"</main>{attack}"))
    found = dom(file, tmp_path)
    title = re.findall("<title>(.*?)</title>", found)[0]
    assert (title == "Gallery of 3 environments") == guarded
    assert ("owned" in title) != guarded
    assert (asked == []) == guarded


@browser
def test_the_page_as_it_is_runs_its_script_and_no_other(written: str, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text(written)
    found = dom(file, tmp_path)
    assert "<title>Gallery of 3 environments</title>" in found
    assert 'role="status">3 environments</span>' in found


# The command


def planted(where: Path, evaluator: Evaluator, *sources: str) -> list[str]:
    """A registry with these programs as seeds, the first of them calibrated, the second retired; their ids."""
    ids = []
    with Registry.open(where, create=True) as registry:
        for number, source in enumerate(sources):
            program = evaluator.inspect(source)
            assert isinstance(program, Program)
            level = [found for found in evaluator.instances(program, [(1, 0)]) if not isinstance(found, str)]
            profile = profile_of([level], [0.1])  # type: ignore[list-item]
            verdicts = tuple(Verdict(stage, True) for stage in list(Stage))
            examination = Examination(source, program.id, verdicts, program, profile)
            with registry.transaction() as transaction:
                transaction.add_seed(examination, f"{number}.py", None)
                if number == 0:
                    rates = (0.625, 0.3, 0.9, None)
                    transaction.add_calibration(Calibration(program.id, "m", (), *rates, True, "", 9), "1")
                if number == 1:
                    transaction.set_status(program.id, "retired", "enough")
            ids.append(program.id)
    return ids


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["gallery", *arguments])
    out, err = capsys.readouterr()
    assert "Traceback" not in err
    return code, out, err


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "dots.py").write_text(dots())
    (tmp_path / "bad.py").write_text(dots(in_function("render", "assert state['level'] < 9, 'no ink'")))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_command_for_people(programs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "dots.py", "bad.py", "--instances", "0")
    assert code == 0 and "Wrote gallery.html: 2 environments" in out and "1 place of it" in out
    assert len(cards(parsed((programs / "gallery.html").read_text()))) == 2
    code, out, _ = run(capsys, "dots.py", "dots.py", "--instances", "0", "--out", "-")
    assert code == 0 and len(cards(parsed(out))) == 1


def test_command_on_a_registry(
    programs: Path, evaluator: Evaluator, capsys: pytest.CaptureFixture[str]
) -> None:
    ids = planted(programs / "my.db", evaluator, dots(), sums())
    code, out, _ = run(capsys, "--db", "my.db", "--instances", "1", "--out", "all.html", "--json")
    rows = {row["id"]: row for row in json.loads(out)["environments"]}
    assert code == 0 and set(rows) == set(ids)
    assert [rows[id]["status"] for id in ids] == ["admitted", "retired"]
    assert [rows[id]["solve_rate"] for id in ids] == [0.625, None]
    assert [rows[id]["grade"] for id in ids] == ["A", "A"]
    assert "solve rate 0.62" in text_of(parsed((programs / "all.html").read_text()))
    # One id, by its first digits; and a file whose program the registry knows.
    code, out, _ = run(capsys, ids[1][:8], "--db", "my.db", "--instances", "0", "--json")
    assert [row["id"] for row in json.loads(out)["environments"]] == [ids[1]]
    code, out, _ = run(capsys, "dots.py", "bad.py", "--db", "my.db", "--instances", "0", "--json")
    assert [row["status"] for row in json.loads(out)["environments"]] == ["admitted", "file"]
    assert "no ink" in json.loads(out)["environments"][1]["problems"][0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nowhere.py"], "there is no file or folder nowhere.py"),
        (["dots.py", "--instances", "-1"], "--instances must be from 0 to 1000"),
        (["dots.py", "--out", "-", "--json"], "both want standard output"),
        (["--db", "nowhere.db"], "there is no registry at nowhere.db"),
        (["dots.py", "--out", "no/where.html"], "cannot write no/where.html: there is no folder no"),
        (["dots.py", "--out", "."], "cannot write .: it is a folder"),
    ],
)
def test_mistakes(
    programs: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    code, out, err = run(capsys, *arguments)
    assert said in " ".join(err.split())
    assert (code, out) == (2, "")
