"""Mutants of the repository's own programs: number `i` of seed `S` is always the same file.

A good half of them is grammar-based (`trees`), the others are mutations of bytes (`texts`); several mutations are
stacked. A mutant depends on its seed and number, on the programs it is made from and on the version of Python that
writes syntax trees down, so it can be made again in the same checkout by the same Python.
"""

from __future__ import annotations

import ast
import pickle
import random
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from fuzz import texts, trees
from fuzz.places import Draft

from envforge.contract import derive_seed
from envforge.locations import data_folder

GRAMMAR_SHARE = 0.55
MORE = 0.3  # chance of one more mutation after each
MOST = 5
BYTES_ON_TOP = 0.05  # of the grammar-based: bytes of the new text are mutated as well
ATTEMPTS = 20
TESTS = Path(__file__).parent.parent
CORRECT = TESTS / "programs" / "correct"


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mutated program as a file. `family` is that of its first mutation, `steps` names all of them."""

    number: int
    base: str
    family: str
    steps: tuple[str, ...]
    data: bytes


def corpus() -> dict[str, bytes]:
    """The programs that mutants are made from, by name: the seeds and the correct ones of the tests."""
    paths = [*sorted((data_folder("seeds") / "text").glob("*.py")), *sorted(CORRECT.glob("*.py"))]
    return {path.stem: path.read_bytes() for path in paths}


class Workshop:
    """Makes the mutants of one seed. A mutant shares nothing with another."""

    def __init__(self, seed: int, programs: Mapping[str, bytes] | None = None) -> None:
        self.seed = seed
        self.programs = dict(corpus() if programs is None else programs)
        self._names = sorted(self.programs)
        # As unparse writes it: comments and layout gone, which is no mutation yet.
        self._plain = {name: ast.unparse(ast.parse(data)).encode() for name, data in self.programs.items()}

    def mutant(self, number: int) -> Mutant:
        """Mutant `number`, from 0."""
        rng = random.Random(derive_seed("fuzz", self.seed, number))
        base, other = rng.choice(self._names), rng.choice(self._names)
        for _ in range(ATTEMPTS):
            make = self._tree if rng.random() < GRAMMAR_SHARE else self._text
            family, steps, data = make(base, other, rng)
            if data not in (self.programs[base], self._plain[base]):
                return Mutant(number, base, family, tuple(steps), data)
        raise AssertionError(f"mutant {number} of seed {self.seed}: no mutator changes {base}")

    def _tree(self, base: str, other: str, rng: random.Random) -> tuple[str, list[str], bytes]:
        draft = Draft(ast.parse(self.programs[base]), ast.parse(self.programs[other]), rng)
        family = _family(trees.FAMILIES, rng)
        steps = []
        for count in range(MOST):
            if count and rng.random() >= MORE:
                break
            # Endless loops are rationed: the share of their family is all there is.
            kind = family if not count else _family(trees.FAMILIES, rng, "endless")
            mutator = rng.choice(trees.FAMILIES[kind][1])
            steps.append(mutator.__name__)
            try:
                mutator(draft)
            except (RecursionError, ValueError):  # a part that `ast.unparse` cannot write down
                steps[-1] += " (failed)"
        try:
            data = ast.unparse(draft.tree).encode("utf-8", "surrogatepass")
        except (RecursionError, ValueError):  # too deep, or an f-string that Python 3.11 cannot write
            return family, steps, self._plain[base]
        if rng.random() < BYTES_ON_TOP:
            on_top = rng.choice(texts.FAMILIES[_family(texts.FAMILIES, rng)][1])
            steps.append(on_top.__name__)
            data = on_top(data, self.programs[other], rng)
        return family, steps, data

    def _text(self, base: str, other: str, rng: random.Random) -> tuple[str, list[str], bytes]:
        data, family = self.programs[base], _family(texts.FAMILIES, rng)
        steps = []
        for count in range(MOST):
            if count and rng.random() >= MORE:
                break
            kind = family if not count else _family(texts.FAMILIES, rng)
            mutator = rng.choice(texts.FAMILIES[kind][1])
            steps.append(mutator.__name__)
            data = mutator(data, self.programs[other], rng)
        return family, steps, data


def _family(families: Mapping[str, tuple[int, object]], rng: random.Random, *without: str) -> str:
    names = [name for name in families if name not in without]
    return rng.choices(names, [families[name][0] for name in names])[0]


class Supply:
    """A workshop in a process of its own; threads may share it.

    The parser of CPython 3.11 is not safe to use from two threads ("AST constructor recursion depth mismatch") once
    hypothesis watches the garbage collector, and the gates use hypothesis in theirs.
    """

    def __init__(self, seed: int) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _START, str(TESTS), str(seed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is the campaign's business
        )

    def mutant(self, number: int) -> Mutant:
        """As `Workshop.mutant`."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(f"{number}\n".encode())
            self._process.stdin.flush()
            made: Mutant = pickle.load(self._process.stdout)
        return made

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


_START = "import sys; sys.path[0] = sys.argv[1]; from fuzz.mutation import serve; serve(int(sys.argv[2]))"


def serve(seed: int) -> None:
    """Make the mutants whose numbers come on standard input, one a line."""
    workshop = Workshop(seed)
    for line in sys.stdin:
        pickle.dump(workshop.mutant(int(line)), sys.stdout.buffer)
        sys.stdout.buffer.flush()
