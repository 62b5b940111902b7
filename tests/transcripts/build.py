"""Builds the recording of the hand-written transcript: what a policy would have answered, request by request.

    python tests/transcripts/build.py [OUT]        (default: tests/transcripts/handwritten.jsonl)

The folder `handwritten/` holds the replies to proposals, repairs and reviews; its README.md gives the form. A
solver's replies are made here: the instances that calibration will ask about are generated in the sandbox, and the
pattern `solve` of a candidate says which of them are answered right. The same folder always gives the same bytes.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from envforge.config import CalibrationConfig, ReviewConfig, SandboxConfig
from envforge.contract import Instance, Program, content_id, derive_seed
from envforge.proposers.extraction import extract_program
from envforge.sandbox import Evaluator, Failure, Sandbox, ScoreCall
from envforge.sandbox.calls import state_text

FOLDER = Path(__file__).parent / "handwritten"
POLICY = "handwritten-1"
KINDS = ("good", "subtle", "malformed", "hedged", "repeated", "simplified", "semantic", "broken")
OUTCOMES = ("admitted", "validated", "rejected", "duplicate", "none")
STAGES = ("", "proposal", "L1", "L2", "L3", "L4", "L5", "novelty", "review", "calibration")
FIELDS = {"kind": str, "note": str, "outcome": str, "stage": str, "rounds": int}
OPTIONAL = {"finish_reason": str, "error": str, "solve": str}
SOLVE = "x.x..x.."  # right, wrong, right, ...: a solver that manages three of eight
MOST_REPAIRS = 2
ACCEPTING = 3  # shared reviews: accept0.reply and so on
ROLES = ("propose", "repair", "review", "solve")
ASKED = {"propose": 4_200, "repair": 1_900, "review": 2_300, "solve": 30}  # tokens of a request, roughly


@dataclass(frozen=True, slots=True)
class Candidate:
    """One proposal of the transcript: what is expected of it, and its replies by round."""

    index: int
    kind: str
    note: str
    outcome: str
    stage: str  # of the last round; empty when admitted
    replies: tuple[str, ...]  # to the proposal, then to each repair; none when the request failed
    finish_reason: str
    error: str | None
    solve: str

    @property
    def rounds(self) -> int:
        """Repairs that are asked for."""
        return max(0, len(self.replies) - 1)

    @property
    def sources(self) -> list[str | None]:
        """The program of each round; None where its reply holds none. Only the first reply can be cut off."""
        reasons = [self.finish_reason, *["stop"] * self.rounds]
        return [extract_program(reply, reason)[0] for reply, reason in zip(self.replies, reasons)]

    @property
    def is_calibrated(self) -> bool:
        """Whether the last round's program passes every gate and all reviews."""
        return self.outcome in {"admitted", "validated"} or self.stage == "calibration"


class TranscriptError(Exception):
    """A file of the transcript that does not have the form of its README."""


def read(folder: Path = FOLDER) -> list[Candidate]:
    """All candidates in the order of their indices. Raises TranscriptError."""
    return [_candidate(path) for path in sorted(folder.glob("[0-9][0-9][0-9].toml"))]


def expected(folder: Path = FOLDER) -> list[tuple[int, int, str, str]]:
    """(index, repairs, outcome, stage of the last round) of every candidate, in the order of their indices."""
    return [(c.index, c.rounds, c.outcome, c.stage) for c in read(folder)]


def _candidate(path: Path) -> Candidate:
    name = path.name
    try:
        fields: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as problem:
        raise TranscriptError(f"{name}: {problem}") from problem
    unknown = sorted(set(fields) - set(FIELDS) - set(OPTIONAL))
    missing = sorted(set(FIELDS) - set(fields))
    if unknown or missing:
        raise TranscriptError(f"{name}: unknown fields {unknown}, missing fields {missing}")
    for field, kind in (FIELDS | OPTIONAL).items():
        if type(fields.get(field, kind())) is not kind:
            raise TranscriptError(f"{name}: {field} has to be of type {kind.__name__}")
    error = fields.get("error")
    if not 0 <= fields["rounds"] <= MOST_REPAIRS:
        raise TranscriptError(f"{name}: rounds has to be from 0 to {MOST_REPAIRS}")
    parts = ["reply", *(f"repair{number}.reply" for number in range(1, fields["rounds"] + 1))]
    wanted = [] if error is not None else [path.with_suffix(f".{part}") for part in parts]
    written = {path.with_suffix(".reply"), *path.parent.glob(f"{path.stem}.repair*.reply")}
    if set(wanted) != {file for file in written if file.exists()}:
        raise TranscriptError(
            f"{name}: there have to be the replies {[file.name for file in wanted]}, no others"
        )
    candidate = Candidate(
        int(path.stem),
        fields["kind"],
        fields["note"],
        fields["outcome"],
        fields["stage"],
        tuple(file.read_bytes().decode("utf-8") for file in wanted),  # with the line ends that they have
        fields.get("finish_reason", "stop"),
        error,
        fields.get("solve", SOLVE),
    )
    _check(candidate, name)
    return candidate


def _check(candidate: Candidate, name: str) -> None:
    if candidate.kind not in KINDS or candidate.outcome not in OUTCOMES or candidate.stage not in STAGES:
        raise TranscriptError(f"{name}: kind, outcome or stage is none of those that exist")
    if len(candidate.solve) != len(SOLVE) or not set(candidate.solve) <= set("x.-hb"):
        raise TranscriptError(f"{name}: solve needs {len(SOLVE)} of the characters x . - h b")
    sources = candidate.sources or [None]
    if (sources[0] is None) != (candidate.stage == "proposal" and not candidate.rounds):
        raise TranscriptError(f"{name}: stage 'proposal' goes with a first reply that holds no program")
    if sources[-1] is None and (candidate.is_calibrated or candidate.stage in {"novelty", "review"}):
        raise TranscriptError(f"{name}: the last reply holds no program")


@dataclass(frozen=True, slots=True)
class Line:
    """One request and what was answered: a line of the recording."""

    index: int
    key: str
    note: str
    text: str | None  # None: the request failed with `error`
    asked: int  # prompt tokens
    finish_reason: str = "stop"
    error: str | None = None

    @property
    def order(self) -> tuple[Any, ...]:
        """By candidate, then by role in the order of the run, then by number."""
        role, *rest = self.key.split("/")
        return (
            self.index,
            ROLES.index(role),
            [(int(part), "") if part.isdecimal() else (-1, part) for part in rest],
        )

    def as_json(self) -> str:
        """The line as JSON, in the form of policy recordings."""
        completion = {
            "text": self.text,
            "prompt_tokens": self.asked,
            "completion_tokens": tokens(self.text or ""),
            "finish_reason": self.finish_reason,
        }
        return json.dumps(
            {
                "key": self.key,
                "policy": POLICY,
                "messages": [],
                "completions": [completion] if self.text is not None else [],
                "error": self.error,
                "note": self.note,
            }
        )


def tokens(text: str) -> int:
    """A plausible number: four characters to a token."""
    return len(text) // 4


def build(out: Path, folder: Path = FOLDER) -> int:
    """Write the recording; the number of its lines. Raises TranscriptError."""
    candidates = read(folder)
    lines = [line for candidate in candidates for line in _written(candidate, folder)]
    with Sandbox(SandboxConfig()) as sandbox, ThreadPoolExecutor(sandbox.workers) as pool:
        calibrated = [candidate for candidate in candidates if candidate.is_calibrated]
        for solved in pool.map(lambda candidate: _solved(candidate, Evaluator(sandbox)), calibrated):
            lines += solved
    lines.sort(key=lambda line: line.order)
    known: dict[str, int] = {}
    for line in lines:
        if line.key in known:
            raise TranscriptError(
                f"{line.key} is answered by both {known[line.key]:03d} and {line.index:03d}"
            )
        known[line.key] = line.index
    out.write_text("".join(f"{line.as_json()}\n" for line in lines), "utf-8")
    return len(lines)


def _written(candidate: Candidate, folder: Path) -> Iterator[Line]:
    """The lines whose replies stand in the folder."""
    index, note = candidate.index, candidate.note
    if candidate.error is not None:
        yield Line(index, f"propose/{index}", note, None, ASKED["propose"], error=candidate.error)
        return
    sources = candidate.sources
    for number, reply in enumerate(candidate.replies):
        if number == 0:
            reason = candidate.finish_reason
            yield Line(index, f"propose/{index}", note, reply, ASKED["propose"], reason)
        else:
            asked = ASKED["repair"] + tokens(sources[number - 1] or "")
            yield Line(index, f"repair/{index}/{number}", note, reply, asked)
    if candidate.is_calibrated or candidate.stage == "review":
        source = sources[-1] or ""
        asked = ASKED["review"] + tokens(source)
        for number in range(ReviewConfig().reviews):
            for key, reply in _reviews(candidate, number, folder):
                yield Line(index, f"review/{content_id(source)}/{key}", note, reply, asked)


def _reviews(candidate: Candidate, number: int, folder: Path) -> Iterator[tuple[str, str]]:
    """The end of the key and the reply of one review, and of its repetitions where one was unreadable."""
    own = folder / f"{candidate.index:03d}.review{number}.reply"
    shared = folder / f"accept{number % ACCEPTING}.reply"
    yield str(number), (own if own.exists() else shared).read_text("utf-8")
    for again in range(1, ReviewConfig().asked_again + 1):
        file = folder / f"{candidate.index:03d}.review{number}.again{again}.reply"
        if file.exists():
            yield f"{number}/{again}", file.read_text("utf-8")


def _solved(candidate: Candidate, evaluator: Evaluator) -> list[Line]:
    """A solver's replies to the instances that calibration asks about, by the candidate's pattern."""
    name = f"{candidate.index:03d}"
    program = evaluator.inspect(candidate.sources[-1] or "")
    if not isinstance(program, Program):
        raise TranscriptError(f"{name}: its last program does not pass L1: {program}")
    config, lines = CalibrationConfig(), []
    for level in config.levels:
        seeds = [derive_seed("calibration", program.id, level, index) for index in range(config.instances)]
        found = evaluator.instances(program, [(seed, level) for seed in seeds])
        instances = [value for value in found if not isinstance(value, Failure)]
        if len(instances) < len(found):
            raise TranscriptError(f"{name}: an instance that calibration asks about fails")
        for index, instance in enumerate(instances):
            sign = candidate.solve[index % len(candidate.solve)]
            wrong = _wrong(evaluator, program, instances, index) if sign in ".h" else ""
            if wrong is None:
                raise TranscriptError(
                    f"{name}: no wrong answer found for seed {instance.seed}, level {level}"
                )
            text = _response(sign, index, instance.reference, wrong)
            key = f"solve/{program.id}/{level}/{instance.seed}"
            asked = ASKED["solve"] + tokens(instance.prompt)
            lines.append(Line(candidate.index, key, candidate.note, text, asked))
    return lines


def _wrong(evaluator: Evaluator, program: Program, instances: list[Instance], index: int) -> str | None:
    """An answer that a solver might give and that earns least, below 1.0 for certain; None when there is none."""
    instance = instances[index]
    numbers = list(re.finditer(r"\d+", instance.reference))
    found = []
    if numbers:
        last = numbers[-1]
        for change in (1, 2, 10):
            number = int(last[0]) + change
            found.append(f"{instance.reference[: last.start()]}{number}{instance.reference[last.end() :]}")
    found += [other.reference for other in instances[index + 1 :] + instances[:index]]
    words = instance.reference.split()
    found += [" ".join(words[::-1]), " ".join(words[:-1]), "0", "unknown"]
    found = [answer for answer in dict.fromkeys(found) if answer and answer != instance.reference]
    scores = evaluator.scores(program, [ScoreCall(state_text(instance.state), answer) for answer in found])
    refused = [(s, answer) for s, answer in zip(scores, found) if not isinstance(s, Failure) and s < 1.0]
    return min(refused, key=lambda pair: pair[0])[1] if refused else None


OPENINGS = (
    "I went through it step by step and wrote down every intermediate result.",
    "Working it out in the order of the question, then checking the last two steps once more.",
    "Let me keep a small table and fill it in line by line.",
    "First the rules, one at a time; then the case itself.",
)


def _response(sign: str, index: int, right: str, wrong: str) -> str:
    opening = OPENINGS[index % len(OPENINGS)]
    match sign:
        case "x":
            return f"{opening}\n\nEverything fits together.\n\n<answer>{right}</answer>"
        case "b":
            return f"{opening}\n\nThe result is\n\n\\boxed{{{right}}}"
        case "-":
            return f"{opening}\n\nSo the answer is {right}."
        case "h":
            doubt = f"It could be {right}, or else {wrong}; I take the latter."
            return f"{opening}\n\n{doubt}\n\n<answer>{wrong}</answer>"
        case _:
            return f"{opening}\n\nThis leaves only one possibility, I believe.\n\n<answer>{wrong}</answer>"


def main(arguments: list[str]) -> int:
    """Build the recording named on the command line."""
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        print("usage: python tests/transcripts/build.py [OUT]", file=sys.stderr)
        return 2
    out = Path(arguments[0]) if arguments else FOLDER.with_suffix(".jsonl")
    try:
        count = build(out)
    except TranscriptError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{count} lines written to {out}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
