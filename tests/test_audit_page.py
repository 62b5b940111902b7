"""The audit's page: what it says, that nothing in it can do harm, and its filters in a browser."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envforge.audit.cards import FOLDED, LONGEST, shown
from envforge.audit.codes import CODES
from envforge.audit.finding import Audited, Finding, Severity
from envforge.audit.page import LISTED, page

HTML = "{http://www.w3.org/1999/xhtml}"
EVIL = (
    "</style></script><script>document.title = 'owned'</script><img src=x onerror=alert(1)> &amp; \u202e \x00"
)
CHROMIUM = shutil.which("chromium")
browser = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed")


def finding(target: str, code: str, summary: str = "It was seen.", **evidence: Any) -> Finding:
    return Finding(
        target, code, CODES[code].severity, summary, evidence, f"envforge audit {target} --only {code}"
    )


def audited(target: str, *findings: Finding, group: str = "environment", **fields: Any) -> Audited:
    given = {
        "title": f"Title of {target}: a question",
        "codes": tuple(CODES),
        "instances": 10,
        "answers": 100,
    }
    return Audited(target=target, group=group, findings=findings, **{**given, "seconds": 2.0, **fields})


def several() -> list[Audited]:
    """Two environments and a task with findings, one that is clean, one that could not be looked at."""
    return [
        audited(
            "a.py",
            finding("a.py", "few-instances", "Level 0 has 5 questions.", tried=48, found=43),
            finding("a.py", "accepts-affix", answer="17 and 18", reference="17", score=1.0, tried=24, found=7),
        ),
        audited("b.py", finding("b.py", "accepts-affix", answer="x " * 400, reference="x", seed=2**62, difficulty=3)),
        audited(
            "gym:reasoning_gym/countdown",
            finding("gym:reasoning_gym/countdown", "slow"),
            group="reasoning_gym",
            skipped={"hacked": "the 300 s were over", "score-varies": "the 300 s were over"},
        ),
        audited("clean.py"),
        audited("broken.py", problem="it is no program: line 3: import os", codes=()),
    ]  # fmt: skip


def parsed(text: str) -> ElementTree.Element:
    """The page as XML: it loads nothing, and all that runs is the script that its policy names."""
    text.encode("utf-8")
    declaration, rest = text.split("\n", 1)
    assert declaration == "<!DOCTYPE html>"
    root = ElementTree.fromstring(rest)
    [script] = root.iter(f"{HTML}script")
    assert not script.attrib and script.text
    [policy] = [m.get("content", "") for m in root.iter(f"{HTML}meta") if m.get("http-equiv")]
    digest = base64.b64encode(hashlib.sha256(script.text.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy and policy.startswith("default-src 'none'")
    tags = {element.tag.removeprefix(HTML) for element in root.iter()}
    assert not tags & {"link", "iframe", "object", "embed", "img", "video", "base"}
    for element in root.iter():
        assert not [name for name in element.attrib if name.lower().startswith("on") or name == "style"]
        assert element.get("href", "#").startswith("#") and element.get("src") is None
    assert "\u202e" not in text and "\x00" not in text
    return root


def cards(root: ElementTree.Element) -> list[ElementTree.Element]:
    return list(root.iter(f"{HTML}article"))


def text_of(element: ElementTree.Element) -> str:
    return " ".join(" ".join(element.itertext()).split())


def section(root: ElementTree.Element, kind: str) -> str:
    return " ".join(text_of(found) for found in root.iter() if found.get("class") == kind)


# What it says


def test_headline_figures_and_what_must_be_known_first() -> None:
    root = parsed(page(several()))
    said = section(root, "cards")
    assert "Errors 2 in 2 targets" in said and "Warnings 1 in 1 target" in said
    assert "Clean 1 of 5" in said and "Notes 1" in said and "Time 10 s" in said
    assert "4 environments · 1 task of reasoning_gym · 50 instances · 500 answers scored" in text_of(root)
    assert "broken.py could not be looked at: it is no program: line 3: import os" in section(root, "notes")
    assert "to the end in 1 target" in section(root, "notes")


def test_a_card_says_everything_of_its_finding() -> None:
    root = parsed(page(several()))
    found = cards(root)
    # The worst first, then in the order of the codes.
    assert [card.get("data-code") for card in found] == [
        "accepts-affix",
        "accepts-affix",
        "few-instances",
        "slow",
    ]
    card = text_of(found[0])
    code = CODES["accepts-affix"]
    for said in (
        "accepts-affix a.py Title of a.py", "It was seen.", "answer 17 and 18", "reference 17", "score 1.0",
        "happened 7 of 24 times", "envforge audit a.py --only accepts-affix", code.meaning, code.remedy,
    ):  # fmt: skip
        assert said in card, said
    assert found[0].get("data-severity") == "error" and found[3].get("data-group") == "reasoning_gym"
    assert f"difficulty 3 seed {2**62}" in text_of(found[1])
    [folded] = found[1].iter(f"{HTML}details")
    assert "open" not in folded.attrib and "(800 characters)" in text_of(folded)
    assert not list(found[0].iter(f"{HTML}details"))


def test_bars_count_the_findings_of_each_code_and_lead_to_the_first() -> None:
    root = parsed(page(several()))
    [tally] = [found for found in root.iter(f"{HTML}ul") if found.get("class") == "tally"]
    links = list(tally.iter(f"{HTML}a"))
    assert [text_of(link) for link in links] == ["accepts-affix 2", "few-instances 1", "slow 1"]
    ids = [found.get("id") for found in root.iter() if found.get("id")]
    assert len(ids) == len(set(ids)) and {link.get("href", "")[1:] for link in links} <= set(ids)
    assert cards(root)[0].get("id") == "error-accepts-affix" and cards(root)[1].get("id") is None


def test_clean_targets_and_codes_that_were_not_looked_for() -> None:
    root = parsed(page(several()))
    assert section(root, "names") == "clean.py"
    [table] = root.iter(f"{HTML}table")
    assert "gym:reasoning_gym/countdown hacked, score-varies the 300 s were over" in text_of(table)
    many = parsed(page([audited(f"{number}.py") for number in range(LISTED + 3)]))
    [more] = many.iter(f"{HTML}details")
    assert "3 more targets" in text_of(more) and not cards(many) and "Findings None." in text_of(many)


def test_nothing_audited_is_a_page_too() -> None:
    assert "Audit of 0 targets" in text_of(parsed(page([])))


def test_the_same_audits_give_the_same_page() -> None:
    assert page(several()) == page(several())


def test_hostile_text_stays_text() -> None:
    bad = Finding(
        EVIL, EVIL, Severity.ERROR, EVIL, {EVIL: {EVIL: [EVIL]}, "answer": EVIL, "seed": EVIL}, EVIL
    )
    root = parsed(page([audited(EVIL, bad, group=EVIL, title=EVIL, problem=EVIL, skipped={EVIL: EVIL})]))
    [card] = cards(root)
    assert text_of(card).count("<script>document.title = 'owned'</script>") >= 6


def test_whatever_evidence_holds(tmp_path: Path) -> None:
    odd = finding(
        "a.py", "hacked", answer="", reference="\ud800", message="x" * (LONGEST + 5), nothing=None, none="",
        yes=True, kind="short", rate=float("nan"), levels=[0, 1], tried="many", score="nan",
    )  # fmt: skip
    [card] = cards(parsed(page([audited("a.py", odd)])))
    said = text_of(card)
    assert "answer empty" in said and r"reference \ud800" in said and "and 5 more characters" in said
    assert "kind short" in said and "none" not in said
    assert "rate NaN" in said and "yes true" in said and "levels 0, 1" in said and "nothing" not in said


def test_what_cannot_be_seen_is_marked() -> None:
    assert shown(" 7\n") == "␣7↵" and shown("a b") == "a b" and shown("a\nb") == "a\nb"
    assert shown({"a": 1, "b": " x"}) == 'a: 1\nb: " x"' and shown([1, "b"]) == '1, "b"' and shown([]) == "[]"
    assert shown({"a": [1]}) == '{\n "a": [\n  1\n ]\n}'
    assert shown("  ") == "␣␣" and shown("\t\u200b7") == r"\t\u200b7" and shown("") == ""


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.characters(exclude_categories=()), max_size=FOLDED + 20), st.text(max_size=30))
def test_any_text_gives_a_page_that_is_xml(text: str, name: str) -> None:
    bad = Finding(name, text, Severity.WARNING, text, {name: text, "answer": text, "tried": 3}, text)
    assert len(cards(parsed(page([audited(name, bad, title=text)])))) == 1


# In a browser


def opened(file: Path, tmp_path: Path, *options: str) -> tuple[str, list[str]]:
    """The document as it is once its scripts have run, and what the browser's console said."""
    assert CHROMIUM is not None
    done = subprocess.run(
        [
            CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
            "--virtual-time-budget=4000", "--enable-logging=stderr", *options, "--dump-dom", file.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )  # fmt: skip
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def driven(text: str, act: str) -> str:
    """The page with a second script, which its own policy would not let run."""
    driver = (
        "const input = (e) => e.dispatchEvent(new Event('input', {bubbles: true}));"
        "const set = (q, v) => { const e = document.querySelector(q); e.value = v; input(e); };"
        "const pick = (q) => { const e = document.querySelector(q); e.checked = true; input(e); };"
    )
    text = re.sub(r"script-src '[^']*'", "script-src 'unsafe-inline'", text)
    return text.replace("</body>", f"<script>{driver}{act}</script></body>")


def on_telephone(text: str, tmp_path: Path, dark: bool) -> str:
    """How wide the screen is, how wide the page, and its ground. The screen is a frame: no window is that narrow."""
    look = (
        "parent.postMessage([innerWidth, document.documentElement.scrollWidth, "
        "getComputedStyle(document.body).backgroundColor].join(' '), '*');"
    )
    (tmp_path / "page.html").write_text(driven(text, look))
    frame = tmp_path / "frame.html"
    frame.write_text(
        "<!DOCTYPE html><script>onmessage = (event) => { document.title = event.data; };</script>"
        '<iframe src="page.html" width="390" height="800" scrolling="no" frameborder="0"></iframe>'
    )
    scheme = ["--blink-settings=preferredColorScheme=0"] if dark else []
    found, said = opened(frame, tmp_path, *scheme)
    assert said == []
    return re.findall("<title>(.*?)</title>", found)[0]


LEFT = (
    "document.title = Array.from(document.querySelectorAll('article:not([hidden])'))"
    ".map((e) => e.dataset.code).join(' ') + ' | ' + document.querySelector('.count').textContent"
    " + ' | ' + document.querySelector('.none').hidden;"
)


@browser
@pytest.mark.parametrize(
    ("act", "left"),
    [
        ("", "accepts-affix accepts-affix few-instances slow | 4 findings | true"),
        ("pick('input[value=error]')", "accepts-affix accepts-affix | 2 of 4 | true"),
        ("set('#code', 'slow')", "slow | 1 of 4 | true"),
        ("set('#group', 'reasoning_gym')", "slow | 1 of 4 | true"),
        ("set('#search', '  17 AND  '); pick('input[value=error]')", "accepts-affix | 1 of 4 | true"),
        ("set('#search', 'nowhere')", " | 0 of 4 | false"),
        ("set('#search', 'x'); document.querySelector('.none button').click()",
         "accepts-affix accepts-affix few-instances slow | 4 findings | true"),
        ("document.querySelectorAll('.tally a')[1].click()", "few-instances | 1 of 4 | true"),
    ],
)  # fmt: skip
def test_filters(tmp_path: Path, act: str, left: str) -> None:
    file = tmp_path / "page.html"
    file.write_text(driven(page(several()), f"{act};{LEFT}"))
    found, said = opened(file, tmp_path)
    assert f"<title>{left.strip()}</title>" in found.replace("<title> ", "<title>")
    assert said == []


@browser
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_on_a_telephone(tmp_path: Path, dark: bool) -> None:
    """Nothing is wider than the screen, and the ground follows the reader's setting."""
    wide = finding("a.py", "hacked", "w" * 300, answer="v" * 300, deep={"k" * 200: "v"})
    text = page([*several(), audited("n" * 300, wide)])
    ground = "rgb(15, 18, 23)" if dark else "rgb(244, 245, 247)"
    assert on_telephone(text, tmp_path, dark) == f"390 390 {ground}"


@browser
def test_the_page_as_it_is_runs_its_script_and_no_other(tmp_path: Path) -> None:
    bad = Finding("a.py", "hacked", Severity.ERROR, EVIL, {"answer": EVIL}, EVIL)
    file = tmp_path / "page.html"
    file.write_text(page([audited("a.py", bad, title=EVIL)]))
    found, said = opened(file, tmp_path)
    assert "<title>Audit of 1 target</title>" in found and 'role="status">1 finding</span>' in found
    assert '<button type="button" class="copy">Copy</button>' in found  # no longer hidden
    assert said == []


@browser
def test_the_policy_holds_even_if_escaping_failed(tmp_path: Path) -> None:
    attack = (
        "<script>document.title = 'owned'</script><img src='data:,' onerror=\"document.title += ' twice'\"/>"
    )
    file = tmp_path / "page.html"
    file.write_text(page(several()).replace("</main>", f"</main>{attack}"))
    found, said = opened(file, tmp_path)
    assert "<title>Audit of 5 targets</title>" in found
    assert said  # the browser says what it refused
