"""What a training step pays for its environments: `python -m envforge.bench.step --help` (docs/benchmarks.md).

The model is left out: its place is taken by the time that a model would need. What is measured is all that envforge
adds to a step, with the real pool, programs and scorers: instances for every group, and a score for every response.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from envforge.bench.options import level, positive
from envforge.config import Config, SandboxConfig
from envforge.contract import Instance
from envforge.errors import EnvforgeError
from envforge.growth.decisions import Silent
from envforge.growth.planting import plant
from envforge.pool import Pool
from envforge.recipe import PromptConfig
from envforge.registry import Registry
from envforge.sandbox import Evaluator, Level, Sandbox
from envforge.sources import read_sources
from envforge.training.scoring import Scorer
from envforge.training.source import Source
from envforge.training.tasks import SolverTask

TARGET = 0.02  # of a step, for a batch of 1,024 responses on one GPU
CHUNKS = (1, 2, 4, 8)
FORMATTED, RIGHT = 0.9, 0.4  # shares of the responses that have an answer, and the right one (ours)


def measure(
    seeds: Path, groups: int, size: int, turns: int, sandbox: Sandbox, folder: Path
) -> dict[str, Any]:
    """Seconds per step of `groups` x `size` responses, in `turns` steps with fresh instances each."""
    with Registry.open(folder / "bench.db", create=True) as registry:
        run = registry.start_run(
            kind="train",
            proposer="bench",
            seed=0,
            config={},
            version="bench",
            isolation=str(int(sandbox.level)),
        )
        plant(registry, sandbox, Config(), read_sources([seeds]), Silent())
        pool = Pool(registry, seed=0)
        source = Source(registry, pool, sandbox, PromptConfig(), run)
        scorer = Scorer(sandbox)
        evaluator = Evaluator(sandbox)
        try:
            rows = []
            for turn in range(turns + 1):  # the first one starts programs, as the first step of a run does
                began = time.perf_counter()
                tasks = source.draw(groups)
                drawn = time.perf_counter() - began
                responses = _responses(tasks, size, evaluator, turn)
                began = time.perf_counter()
                scorer.submit_many(list(zip(tasks, responses))).result()
                rows.append((drawn, time.perf_counter() - began))
                if turn == turns:
                    overlap = _overlap(scorer, tasks, responses, sum(rows[-1]))
        finally:
            scorer.close()
        environments = len(pool.members)
    warm = rows[1:]
    return {
        "environments": environments,
        "groups": groups,
        "group_size": size,
        "responses": groups * size,
        "workers": sandbox.workers,
        "isolation": sandbox.level.slug,
        "turns": turns,
        "first": {"sampling": rows[0][0], "scoring": rows[0][1]},
        "sampling": _spread([row[0] for row in warm]),
        "scoring": _spread([row[1] for row in warm]),
        "both": _spread([sum(row) for row in warm]),
        "step_at_target": statistics.median(sum(row) for row in warm) / TARGET,
        "overlap": overlap,
    }


def _responses(tasks: Sequence[SolverTask], size: int, evaluator: Evaluator, turn: int) -> list[list[str]]:
    """Texts as a half-trained model would write them: right, wrong (another instance's answer), without answer."""
    chance = random.Random(f"bench {turn}")
    right: list[str] = []
    for task in tasks:
        (one,) = evaluator.instances(task.program, [(task.ticket.seed, task.ticket.difficulty)])
        assert isinstance(one, Instance), one
        right.append(one.reference)
    texts = []
    for own in right:
        group = []
        for _ in range(size):
            answer = own if chance.random() < RIGHT else chance.choice(right)
            tagged = f"<answer>{answer}</answer>" if chance.random() < FORMATTED else answer
            group.append(f"Let me think about it step by step. {tagged}")
        texts.append(group)
    return texts


def _overlap(
    scorer: Scorer, tasks: Sequence[SolverTask], responses: Sequence[Sequence[str]], environment: float
) -> list[dict[str, float]]:
    """How long a step waits for scores when it is drawn in parts, each scored while the next is drawn. Drawing is a
    pause here, ten times as long in all as sampling and scoring."""
    pause = 10 * environment
    found = []
    for chunks in CHUNKS:
        share = -(-len(tasks) // chunks)
        futures = []
        for first in range(0, len(tasks), share):
            part = slice(first, first + share)
            time.sleep(pause * len(tasks[part]) / len(tasks))
            futures.append(scorer.submit_many(list(zip(tasks[part], responses[part]))))
        began = time.perf_counter()
        for future in futures:
            future.result()
        found.append({"chunks": chunks, "waited": time.perf_counter() - began})
    return found


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": statistics.median(values), "fastest": min(values), "slowest": max(values)}


def show(figures: dict[str, Any]) -> None:
    """Print the figures for people."""
    console = Console(width=100, highlight=False)
    console.print(
        f"{figures['responses']:,} responses ({figures['groups']} groups of {figures['group_size']}) of "
        f"{figures['environments']} environments, isolation {figures['isolation']}, {figures['workers']} workers; "
        f"medians of {figures['turns']} steps\n"
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("part of a step", "seconds", "fastest to slowest", "ms per response", "first step"):
        table.add_column(name, justify="left" if name == "part of a step" else "right")
    first = figures["first"] | {"both": sum(figures["first"].values())}
    for name in ("sampling", "scoring", "both"):
        row = figures[name]
        table.add_row(
            name,
            f"{row['median']:.3f}",
            f"{row['fastest']:.3f} to {row['slowest']:.3f}",
            f"{1000 * row['median'] / figures['responses']:.3f}",
            f"{first[name]:.3f}",
        )
    console.print(table)
    console.print(
        f"Below {TARGET:.0%} of every step that takes {figures['step_at_target']:.1f} s or longer, with nothing "
        "overlapped.\n"
    )
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("[generation] chunks", "waited for scores, s", "of one chunk"):
        table.add_column(name, justify="right")
    alone = figures["overlap"][0]["waited"]
    for row in figures["overlap"]:
        table.add_row(str(row["chunks"]), f"{row['waited']:.3f}", f"{row['waited'] / alone:.2f}")
    console.print(table)


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m envforge.bench.step",
        description="What a training step pays for its environments: instances and scores of one batch.",
    )
    parser.add_argument("seeds", type=Path, help="folder of environment programs, such as seeds/text")
    parser.add_argument("--groups", type=positive, default=128, help="groups in a step (default 128)")
    parser.add_argument("--group-size", type=positive, default=8, help="responses in a group (default 8)")
    parser.add_argument("--turns", type=positive, default=9, help="steps that are measured (default 9)")
    parser.add_argument(
        "--isolation", type=level, default=Level.CONFINED, help="isolation level (default confined)"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    options = parser.parse_args()
    chosen = options.isolation.value
    config = SandboxConfig(isolation=chosen, use=str(chosen))
    try:
        with tempfile.TemporaryDirectory() as folder, Sandbox(config) as sandbox:
            figures = measure(
                options.seeds, options.groups, options.group_size, options.turns, sandbox, Path(folder)
            )
    except EnvforgeError as error:
        parser.exit(error.exit_code, f"Error: {error}\n")
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        show(figures)


if __name__ == "__main__":
    main()
