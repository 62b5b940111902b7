"""Measure and print: `python -m envforge.bench --help`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os

from envforge.bench.comparison import FULL, QUICK, compare
from envforge.bench.options import levels, positive
from envforge.bench.tables import show
from envforge.sandbox import Level


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m envforge.bench",
        description="Throughput of the sandbox and the gates, as ratios in one run (docs/benchmarks.md).",
    )
    parser.add_argument(
        "--levels", type=levels, default=list(Level),
        help="isolation levels, numbers or names with commas between (default: all that the machine gives)",
    )  # fmt: skip
    parser.add_argument(
        "--turns", type=positive, help=f"how often every way is measured (default {FULL.turns})"
    )
    parser.add_argument(
        "--workers",
        type=positive,
        default=os.cpu_count() or 1,
        help="sandbox workers (default: one per core)",
    )
    parser.add_argument(
        "--quick", action="store_true", help="a smoke test: everything once or twice, no gates"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as one JSON object")
    options = parser.parse_args()
    effort = QUICK if options.quick else FULL
    if options.turns:
        effort = dataclasses.replace(effort, turns=options.turns)
    figures = compare(options.levels, options.workers, effort)
    if options.json:
        print(json.dumps(figures, indent=2))
    else:
        show(figures)


if __name__ == "__main__":
    main()
