"""What is called: the same seeds, states and answers in every way that is compared."""

from __future__ import annotations

import random
from dataclasses import dataclass

from envforge.bench.program import functions
from envforge.contract import derive_seed
from envforge.sandbox import ScoreCall
from envforge.sandbox.calls import state_text

KINDS = ("generate", "score")
MOST_CALLS = 4096  # of one kind in one turn
STATES = 64  # that the score calls are about


@dataclass(frozen=True, slots=True)
class Workload:
    """As many calls of each kind as one turn may make."""

    keys: list[tuple[int, int]]  # (seed, difficulty)
    scores: list[ScoreCall]


def workload() -> Workload:
    """The same one every time."""
    keys = [(derive_seed("bench", "generate", i), i % 10) for i in range(MOST_CALLS)]
    local = functions()
    questions = []
    for i in range(STATES):
        state = local["generate"](random.Random(derive_seed("bench", "score", i)), i % 10)
        questions.append(ScoreCall(state_text(state), local["reference"](state)))
    return Workload(keys, [questions[i * STATES // MOST_CALLS] for i in range(MOST_CALLS)])
