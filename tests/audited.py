"""How good the auditor is: recall and precision over programs of which it is known what is wrong with them.

    python tests/audited.py                all of tests/audit, tests/programs/correct and the text seeds
    python tests/audited.py --set known    without tests/audit/unseen
    python tests/audited.py --set unseen   tests/audit/unseen alone: nobody looked at it while probes were written
    python tests/audited.py --visual       the visual seeds too
    python tests/audited.py fare clock     only programs whose names hold one of these words
    python tests/audited.py --json         all figures as JSON

A program of tests/audit/defective names in its first line, `# audit: CODE[, CODE]`, the codes of its one defect, of
which the auditor must report one. Where the folder solvers beside has a file of the same name, the program is audited
with it as the independent solver. Every program is audited by itself: that some are alike is no fault here.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envforge.audit.auditor import Audit, audit
from envforge.audit.codes import CODES
from envforge.audit.desk import Desk
from envforge.audit.finding import Audited, Finding, Severity
from envforge.audit.probe import Probe
from envforge.audit.probes import PROBES
from envforge.audit.solvers import contradictions
from envforge.audit.subject import Subject
from envforge.config import AuditConfig
from envforge.locations import data_folder
from envforge.sandbox import Sandbox
from envforge.validation import Validator

TESTS = Path(__file__).parent
KNOWN, UNSEEN = TESTS / "audit", TESTS / "audit" / "unseen"
SETS = {"known": (KNOWN,), "unseen": (UNSEEN,), "all": (KNOWN, UNSEEN)}
GATES = "gate-failed"
_NAMED = re.compile(r"# audit: ([a-z-]+(?:, [a-z-]+)*)")


@dataclass(frozen=True, slots=True)
class Case:
    """A program and the codes of which one must be found; a correct one has none."""

    path: Path
    codes: tuple[str, ...]

    @property
    def solver(self) -> Path | None:
        """The independent solver that belongs to it."""
        path = self.path.parent.parent / "solvers" / self.path.name
        return path if path.exists() else None


@dataclass(frozen=True, slots=True)
class Judged:
    """What the auditor said of a case. `rejected`: whether the gates alone, L1 to L5, reject it."""

    case: Case
    audited: Audited
    rejected: bool

    @property
    def accusations(self) -> tuple[str, ...]:
        """The codes of its errors and warnings."""
        return tuple(found.code for found in self.audited.findings if found.severity is not Severity.INFO)

    @property
    def hit(self) -> bool:
        """Whether one of the codes that the case names was found."""
        return any(found.code in self.case.codes for found in self.audited.findings)


def named_codes(path: Path) -> tuple[str, ...]:
    """The codes of a defective program's first line. Raises ValueError when it has no such line."""
    match = _NAMED.fullmatch(path.read_text("utf-8").splitlines()[0])
    if match is None:
        raise ValueError(f"{path} does not begin with '# audit: CODE[, CODE]'")
    return tuple(match.group(1).split(", "))


def cases(part: str = "all", *, visual: bool = False) -> list[Case]:
    """All programs of a set with what is known of them, the defective ones first."""
    roots = SETS[part]
    found = [
        Case(path, named_codes(path)) for root in roots for path in sorted((root / "defective").glob("*.py"))
    ]
    folders = [root / "correct" for root in roots]
    if KNOWN in roots:
        folders += [TESTS / "programs" / "correct", data_folder("seeds") / "text"]
    folders += [*sorted((data_folder("seeds") / "visual").iterdir())] if visual else []
    return found + [Case(path, ()) for folder in folders for path in sorted(folder.glob("*.py"))]


def judge(
    chosen: Sequence[Case], *, workers: int = 0, advance: Callable[[Judged], None] = lambda judged: None
) -> list[Judged]:
    """Audit the cases, `workers` at once (0: as many as the sandbox has), in their order."""
    config = AuditConfig()
    with Sandbox() as sandbox:
        validator = Validator(sandbox)

        def one(case: Case) -> Judged:
            source = case.path.read_text("utf-8")
            how = Audit(config=config, sandbox=sandbox, probes=(*PROBES, *_solver(case.solver)))
            (audited,) = audit([Subject(case.path.stem, source, str(case.path))], how)
            if GATES in audited.skipped:  # its time was over before
                rejected = not validator.examine(source).passed
            else:
                rejected = any(found.code == GATES for found in audited.findings)
            judged = Judged(case, audited, rejected)
            advance(judged)
            return judged

        with ThreadPoolExecutor(workers or sandbox.workers) as pool:
            return list(pool.map(one, chosen))


def _solver(path: Path | None) -> tuple[Probe, ...]:
    if path is None:
        return ()
    source = path.read_text("utf-8")

    def run(desk: Desk) -> list[Finding]:
        return list(contradictions(desk, source))

    return (Probe("solver", ("label-contradicted",), run),)


def figures(judged: Sequence[Judged], seconds: float) -> dict[str, Any]:
    """The shares, the table by code, and by name who was missed or falsely accused. JSON-ready."""
    defective = [one for one in judged if one.case.codes]
    correct = [one for one in judged if not one.case.codes]
    accused = [one for one in judged if one.accusations]
    by_code = {}
    for code in CODES:
        naming = [one for one in defective if code in one.case.codes]
        found = [one for one in naming if any(finding.code == code for finding in one.audited.findings)]
        false = [one for one in correct if code in one.accusations]
        if naming or false:
            by_code[code] = {
                "programs": len(naming),
                "this_code": len(found),
                "one_of_its_codes": sum(one.hit for one in naming),
                "gates": sum(one.rejected for one in naming),
                "false_accusations": len(false),
            }
    return {
        "defective": len(defective),
        "correct": len(correct),
        "recall": _share(sum(one.hit for one in defective), len(defective)),
        "recall_of_any": _share(sum(bool(one.accusations) for one in defective), len(defective)),
        "recall_without_gates": _share(
            sum(bool(set(one.accusations) - {GATES}) for one in defective), len(defective)
        ),
        "recall_of_the_gates": _share(sum(one.rejected for one in defective), len(defective)),
        "precision": _share(sum(bool(one.case.codes) for one in accused), len(accused)),
        "missed": {
            one.case.path.stem: {"named": list(one.case.codes), "found": list(one.accusations)}
            for one in defective
            if not one.hit
        },
        "falsely_accused": {
            one.case.path.stem: [
                f"{found.code}: {found.summary}"
                for found in one.audited.findings
                if found.code in one.accusations
            ]
            for one in correct
            if one.accusations
        },
        "by_code": by_code,
        "seconds": round(seconds, 1),
        "slowest": {
            one.case.path.stem: round(one.audited.seconds, 1)
            for one in sorted(judged, key=lambda one: -one.audited.seconds)[:5]
        },
    }


def _share(count: int, of: int) -> float:
    return round(count / of, 4) if of else 1.0


def report(found: dict[str, Any]) -> str:
    """The figures as text."""
    lines = [
        f"{found['defective']} defective and {found['correct']} correct programs in {found['seconds']} s",
        f"recall, one of the named codes  {found['recall']:7.1%}",
        f"recall, any error or warning    {found['recall_of_any']:7.1%}",
        f"  without the gates             {found['recall_without_gates']:7.1%}",
        f"  of the gates alone            {found['recall_of_the_gates']:7.1%}",
        f"precision                       {found['precision']:7.1%}",
        "",
        f"{'code':24}{'programs':>9}{'this code':>11}{'one of its':>12}{'gates':>7}{'false':>7}",
    ]
    for code, row in found["by_code"].items():
        lines.append(
            f"{code:24}{row['programs']:9}{row['this_code']:11}{row['one_of_its_codes']:12}{row['gates']:7}"
            f"{row['false_accusations']:7}"
        )
    lines += ["", "missed:"] if found["missed"] else []
    lines += [
        f"  {name}: {', '.join(one['named'])}; found: {', '.join(one['found']) or 'nothing'}"
        for name, one in found["missed"].items()
    ]
    lines += ["", "falsely accused:"] if found["falsely_accused"] else []
    lines += [f"  {name}: {what}" for name, all_ in found["falsely_accused"].items() for what in all_]
    slowest = ", ".join(f"{name} {seconds} s" for name, seconds in found["slowest"].items())
    return "\n".join([*lines, "", f"slowest: {slowest}"])


def main() -> None:
    parser = argparse.ArgumentParser(description="Recall and precision of envforge audit.")
    parser.add_argument("words", nargs="*", help="only programs whose names hold one of these")
    parser.add_argument("--workers", type=int, default=0, help="programs at once; 0: one per core")
    parser.add_argument("--set", choices=SETS, default="all", help="which programs (all)")
    parser.add_argument("--visual", action="store_true", help="the visual seeds too")
    parser.add_argument("--json", action="store_true", help="print all figures as JSON")
    asked = parser.parse_args()
    chosen = [
        case
        for case in cases(asked.set, visual=asked.visual)
        if not asked.words or any(word in case.path.stem for word in asked.words)
    ]
    done: list[Judged] = []

    def advance(one: Judged) -> None:
        done.append(one)
        good = one.hit if one.case.codes else not one.accusations
        place = f"{len(done)}/{len(chosen)} {'good' if good else 'BAD '} {one.case.path.stem}"
        said = ", ".join(one.accusations) or "nothing"
        print(f"{place}, {one.audited.seconds:.0f} s: {said}", file=sys.stderr, flush=True)

    began = time.monotonic()
    judged = judge(chosen, workers=asked.workers, advance=advance)
    found = figures(judged, time.monotonic() - began)
    print(json.dumps(found, indent=2) if asked.json else report(found))


if __name__ == "__main__":
    main()
