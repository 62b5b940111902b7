"""Throughput of the sandbox and the gates, as ratios in one run: `python -m envforge.bench`.

Every way to call the same program is measured in turns (A B C A B C ...), and medians over the turns are
compared, so that a noisy machine disturbs all of them alike. The in-process and `python`-per-call rows run the
benchmark's own fixed program, never anybody else's.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from envforge.config import SandboxConfig
from envforge.contract import Program, derive_seed
from envforge.locations import data_folder
from envforge.sandbox import Evaluator, Sandbox, ScoreCall
from envforge.sandbox.box import bubblewrap, interpreter
from envforge.sandbox.calls import require, state_text
from envforge.sources import read_folder
from envforge.validation import Validator

# Meant to cost about 0.1 ms; 0.08 ms for generate + prompt + reference and 0.05 ms for score where it was measured.
PROGRAM = '''"""Bench: the least sum of steps over a row of numbers.

A fixed program of about 0.1 ms per call.
"""

TAGS = ("dynamic-programming",)
ORACLE = "equality"


def generate(rng, difficulty):
    """A row of costs."""
    return {"costs": [rng.randint(1, 99) for _ in range(30 + 2 * difficulty)]}


def prompt(state):
    """The question."""
    return f"Going along {state['costs']} by steps of one to six, what is the least sum of numbers stepped on?"


def reference(state):
    """Dynamic program over positions."""
    best = [0] * 6
    for cost in state["costs"]:
        best = best[1:] + [cost + min(best)]
    for _ in range(4):
        best = sorted(best)
    total = 0
    for i in range(300):
        total += best[i % 6] * i % 7
    return str(best[0] + total % 10)


def score(state, answer):
    """Exact comparison."""
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
'''


@dataclass(slots=True)
class Row:
    """One way to make a kind of call."""

    name: str
    run: Callable[[int], None]  # make this many calls
    calls: int  # per turn
    baseline: str | None = None  # the row that its ratio refers to
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        return statistics.median(self.rates)


def main() -> None:
    """Measure and print; `--json` for the figures as data."""
    parser = argparse.ArgumentParser(prog="python -m envforge.bench", description=__doc__.split("\n\n")[0])
    parser.add_argument("--turns", type=int, default=5, help="how often every way is measured (default 5)")
    parser.add_argument(
        "--isolation", choices=("best", "1", "2"), default="best", help="sandbox level to measure"
    )
    parser.add_argument("--workers", type=int, default=0, help="sandbox workers (default: one per core)")
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    options = parser.parse_args()
    config = SandboxConfig(use=options.isolation, workers=options.workers)
    with Sandbox(config) as sandbox, Sandbox(SandboxConfig(use=options.isolation, workers=1)) as single:
        figures = {
            "machine": {
                "cores": os.cpu_count(),
                "python": platform.python_version(),
                "level": sandbox.level.value,
            },
            "calls": _calls(sandbox, single, options.turns),
            "validation": _validation(sandbox),
        }
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        _show(figures)


def _calls(sandbox: Sandbox, single: Sandbox, turns: int) -> list[dict[str, Any]]:
    evaluator, alone = Evaluator(sandbox), Evaluator(single)
    program = evaluator.inspect(PROGRAM)
    assert isinstance(program, Program), program
    rows = [*_generate_rows(program, evaluator, alone), *_score_rows(program, evaluator, alone)]
    for row in rows:
        row.run(max(1, row.calls // 20))  # warm up: zygotes, page cache
    for _ in range(turns):
        for row in rows:
            before = _cpu(evaluator, alone)
            start = time.perf_counter()
            row.run(row.calls)
            row.rates.append(row.calls / (time.perf_counter() - start))
            row.cpu.append((_cpu(evaluator, alone) - before) / row.calls)
    rates = {row.name: row.rate for row in rows}
    return [
        {
            "name": row.name,
            "calls_per_second": round(row.rate, 1),
            "cpu_milliseconds": round(1000 * statistics.median(row.cpu), 4),
            "times": round(row.rate / rates[row.baseline], 3) if row.baseline else None,
            "baseline": row.baseline,
        }
        for row in rows
    ]


def _cpu(*evaluators: Evaluator) -> float:
    """CPU seconds of this process, its ended children and the sandbox's children."""
    total = sum(evaluator.cpu_seconds for evaluator in evaluators)
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        usage = resource.getrusage(who)
        total += usage.ru_utime + usage.ru_stime
    return total


def _generate_rows(program: Program, evaluator: Evaluator, alone: Evaluator) -> list[Row]:
    keys = [(derive_seed("bench", "generate", i), i % 10) for i in range(8192)]
    local = _local()

    def in_process(count: int) -> None:
        for seed, difficulty in keys[:count]:
            state = json.loads(json.dumps(local["generate"](random.Random(seed), difficulty)))
            local["prompt"](state)
            local["reference"](state)

    def sandboxed(who: Evaluator, fresh: bool) -> Callable[[int], None]:
        def run(count: int) -> None:
            for value in who.instances(program, keys[:count], fresh=fresh):
                require(value)

        return run

    base = "generate, in process"
    return [
        Row(base, in_process, 4096),
        Row("generate, sandbox, batched, 1 worker", sandboxed(alone, False), 4096, base),
        Row("generate, sandbox, batched, all workers", sandboxed(evaluator, False), 4096, base),
        Row(
            "generate, sandbox, one by one, 1 worker",
            sandboxed(alone, True),
            150,
            "generate, bubblewrap per call",
        ),
        Row(
            "generate, sandbox, one by one, all workers",
            sandboxed(evaluator, True),
            300,
            "generate, bubblewrap per call",
        ),
        Row("generate, python per call", _process_per_call([]), 12, base),
        Row("generate, bubblewrap per call", _process_per_call(_bubblewrap(evaluator.sandbox)), 12, base),
    ]


def _score_rows(program: Program, evaluator: Evaluator, alone: Evaluator) -> list[Row]:
    keys = [(derive_seed("bench", "score", i), i % 10) for i in range(64)]
    instances = [require(value) for value in evaluator.instances(program, keys)]
    calls = [ScoreCall(state_text(i.state), i.reference) for i in instances for _ in range(128)]
    local = _local()

    def in_process(count: int) -> None:
        for call in calls[:count]:
            local["score"](json.loads(call.state), call.answer)

    def sandboxed(who: Evaluator, fresh: bool) -> Callable[[int], None]:
        def run(count: int) -> None:
            for value in who.scores(program, calls[:count], fresh=fresh):
                require(value)

        return run

    base = "score, in process"
    return [
        Row(base, in_process, 4096),
        Row("score, sandbox, batched, 1 worker", sandboxed(alone, False), 4096, base),
        Row("score, sandbox, batched, all workers", sandboxed(evaluator, False), 4096, base),
        Row("score, sandbox, one by one, all workers", sandboxed(evaluator, True), 300, base),
    ]


def _local() -> dict[str, Any]:
    """The benchmark's own program, in this process: it is a constant of this module, not somebody's proposal."""
    namespace: dict[str, Any] = {}
    exec(compile(PROGRAM, "<bench>", "exec"), namespace)
    return namespace


def _process_per_call(prefix: list[str]) -> Callable[[int], None]:
    line = PROGRAM + "\nimport random, json, sys\ns = generate(random.Random(int(sys.argv[1])), 3)\n"
    line += "print(json.dumps([s, prompt(s), reference(s)]))\n"
    command = [*prefix, interpreter(), "-s", "-S", "-P", "-B", "-c", line]

    def run(count: int) -> None:
        for number in range(count):
            subprocess.run([*command, str(number)], check=True, stdout=subprocess.DEVNULL)

    return run


def _bubblewrap(sandbox: Sandbox) -> list[str]:
    """The box of level 2 around a bare interpreter, without our runner in it."""
    return bubblewrap(sandbox.machine)[0][0]


def _validation(sandbox: Sandbox) -> dict[str, Any]:
    """Full L1 to L5 validations of the seeds, side by side."""
    sources = [file.source for file in read_folder(data_folder("seeds") / "text")]
    validator = Validator(sandbox)
    validator.examine(sources[0])  # loads hypothesis, which is not what is measured
    before, requests = sandbox.counters.cpu_seconds, sandbox.counters.requests
    host = time.process_time()
    start = time.perf_counter()
    with ThreadPoolExecutor(sandbox.workers) as pool:
        passed = sum(examination.passed for examination in pool.map(validator.examine, sources * 2))
    wall = time.perf_counter() - start
    count = 2 * len(sources)
    return {
        "candidates": count,
        "passed": passed,
        "per_second": round(count / wall, 3),
        "sandbox_cpu_milliseconds": round(1000 * (sandbox.counters.cpu_seconds - before) / count),
        "host_cpu_milliseconds": round(1000 * (time.process_time() - host) / count),
        "requests_per_candidate": round((sandbox.counters.requests - requests) / count),
    }


def _show(figures: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    machine = figures["machine"]
    console.print(
        f"{machine['cores']} cores, Python {machine['python']}, isolation level {machine['level']}; medians"
    )
    table = Table()
    table.add_column("way to call", no_wrap=True)
    for name in ("calls/s", "CPU ms/call", "times its baseline"):
        table.add_column(name, justify="right")
    for row in figures["calls"]:
        times = (
            f"{row['times']:.2f} x {row['baseline'].partition(', ')[2]}" if row["times"] is not None else ""
        )
        table.add_row(row["name"], f"{row['calls_per_second']:,.0f}", f"{row['cpu_milliseconds']:.3f}", times)
    console.print(table)
    v = figures["validation"]
    console.print(
        f"validation L1 to L5: {v['per_second']:.2f} candidates/s, {v['sandbox_cpu_milliseconds']} ms CPU in the "
        f"sandbox and {v['host_cpu_milliseconds']} ms on the host per candidate, "
        f"{v['requests_per_candidate']} requests each ({v['passed']} of {v['candidates']} passed)"
    )


if __name__ == "__main__":
    main()
