"""The environment program and its instances: the types, numbers and derivations of docs/contract.md.

An environment is one Python source file. Nothing here runs or even parses a program: that happens in the
sandbox (`sandbox/inspection.py` reads the metadata, `sandbox/child.py` calls the functions).
"""

from __future__ import annotations

import enum
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

MAX_SOURCE_BYTES = 32 * 1024
MAX_STATE_BYTES = 64 * 1024
PROMPT_CHARACTERS = (20, 8_000)
REFERENCE_CHARACTERS = (1, 2_000)
MAX_ANSWER_CHARACTERS = 10_000
MAX_PICTURE_BYTES = 512 * 1024  # of the SVG that a visual program renders
DEFAULT_MAX_DIFFICULTY = 9
INSTANCE_CPU_SECONDS = 2.0  # generate + prompt + reference together, at any level
SCORE_CPU_SECONDS = 1.0  # for any answer
RENDER_CPU_SECONDS = 2.0
MEMORY_BYTES = 512 * 1024 * 1024
MIN_DISTINCT_PROMPTS = 0.80  # share of distinct prompts per level
MAX_REFERENCE_SHARE = 0.60  # share of the most frequent reference per level
MAX_GUESS_FLOOR = 0.60  # mean score of the best constant answer per level


class Oracle(enum.StrEnum):
    """How an answer is judged: one right answer, or constraints that many answers may meet."""

    EQUALITY = "equality"
    FEASIBILITY = "feasibility"


class Flavour(enum.StrEnum):
    """Which preloaded interpreter a program needs: networkx costs memory and fork time.

    GYM is for adapters to other people's packages alone: no program of the contract is of it.
    """

    BARE = "bare"
    NETWORKX = "networkx"
    GYM = "gym"


@dataclass(frozen=True, slots=True)
class Program:
    """An environment program that passed the static policy, with the metadata read from its source."""

    id: str  # first 16 hex digits of the SHA-256 of the normalised source
    source: str
    title: str
    tags: tuple[str, ...]
    oracle: Oracle
    max_difficulty: int
    flavour: Flavour
    signature: str  # SHA-256 hex of the AST without names, constants and docstrings
    shingles: frozenset[int] = field(repr=False)  # hashed windows over that AST, for similarity
    bucket: str | None = None  # visual programs only
    levels: tuple[str, ...] | None = None  # visual programs only: what each level adds

    @property
    def kind(self) -> str:
        """`"visual"` for a program that defines `render`, else `"text"`."""
        return "text" if self.bucket is None else "visual"

    @property
    def difficulties(self) -> range:
        """All levels, easiest first."""
        return range(self.max_difficulty + 1)


@dataclass(frozen=True, slots=True)
class Instance:
    """One question of an environment, regenerated from (environment id, seed, difficulty) and never stored."""

    environment: str
    seed: int
    difficulty: int
    state: dict[str, Any]
    prompt: str
    reference: str
    picture: str | None = None  # the SVG of a visual program, where it was asked for


@dataclass(frozen=True, slots=True)
class Profile:
    """What sampling showed of a program: used by composition, novelty and the pool.

    `guess_floors[d]` is the mean score (0 to 1) of the best constant answer at level d. `integer_keys` are the
    top-level state keys that hold a plain int in every sampled instance. `answer_range` is the smallest and
    largest reference when all are integers. `prompt_shingles` are hashed word windows of the prompts with
    their numbers masked; `answer_shapes` the shapes of the references (`9` a digit run, `a` a word).
    """

    answer_is_integer: bool
    answer_range: tuple[int, int] | None
    integer_keys: tuple[str, ...]
    guess_floors: tuple[float, ...]
    prompt_shingles: frozenset[int] = field(repr=False)
    answer_shapes: frozenset[str] = field(repr=False)
    prompt_template: str = field(repr=False, default="")


@dataclass(frozen=True, slots=True)
class LibraryEntry:
    """A member of the library as proposers see it. `depth` is 0 for a seed, else 1 + the deepest parent's."""

    program: Program
    profile: Profile
    depth: int
    roots: frozenset[str]  # ids of the seeds it descends from (its own id for a seed)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a proposer hands in. `source` is None when nothing could be extracted; `problem` then says why."""

    index: int  # position in the run, from 0
    proposer: str  # e.g. "compose" or "openai:http://localhost:8000/v1#model"
    operation: str  # what was asked or done; unique within a run for `compose`
    source: str | None
    parents: tuple[str, ...] = ()  # environment ids, in the order of their roles
    transcript: dict[str, Any] | None = None  # request and reply of a policy, as recorded
    problem: str | None = None
    round: int = 0  # 0 for the proposal itself, then the number of the repair
    repairs: str | None = None  # the id of the environment that this one repairs


def normalise_source(source: str) -> str:
    """The form that is hashed: line ends are "\\n", no trailing white space on lines or at the end."""
    lines = source.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).rstrip() + "\n"


def content_id(source: str) -> str:
    """The environment id: 16 hex digits that depend on the normalised source alone."""
    return hashlib.sha256(normalise_source(source).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def derive_seed(*parts: str | int) -> int:
    """A seed from 0 to 2**63 - 1 hashed from `parts`, by convention (purpose, environment id, difficulty, index).

    Streams of different purposes never overlap by construction, which adding indexes to a base seed cannot
    promise. Parts are length-prefixed, so ("ab", "c") and ("a", "bc") differ.
    """
    digest = hashlib.sha256()
    for part in parts:
        data = str(part).encode()
        digest.update(len(data).to_bytes(4, "big") + data)
    return int.from_bytes(digest.digest()[:8], "big") >> 1


_ANSWER = re.compile(r"<answer>((?:(?!<answer>).)*?)</answer>", re.DOTALL)


def extract_answer(response: str) -> str | None:
    """The answer in a solver's response: the last complete `<answer>` pair, else the last `\\boxed{}`, stripped.

    Returns None when there is neither: a format failure, which scores 0 and is counted apart.
    """
    pairs = _ANSWER.findall(response)
    if pairs:
        return str(pairs[-1]).strip()
    return _last_boxed(response)


def _last_boxed(response: str) -> str | None:
    """The content of the complete box that begins last; one pass, since responses can be hostile."""
    opened: list[tuple[bool, int]] = []
    last = None
    for match in re.finditer(r"\\boxed\{|[{}]", response):
        if match.group() != "}":
            opened.append((match.group() != "{", match.end()))
        elif opened:
            boxed, start = opened.pop()
            if boxed and (last is None or start > last[0]):
                last = start, match.start()
    return response[last[0] : last[1]].strip() if last is not None else None


def answer_line() -> str:
    """The sentence that the host appends to every prompt."""
    return "End your reply with the final answer between <answer> and </answer>."


def shares(values: Sequence[str]) -> tuple[float, float]:
    """Of `values`: the share that is distinct, and the share of the most frequent one."""
    counts: dict[str, int] = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return len(counts) / len(values), max(counts.values()) / len(values)
