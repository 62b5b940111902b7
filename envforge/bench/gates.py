"""How many programs the gates L1 to L5 validate per second."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from envforge.locations import data_folder
from envforge.sandbox import Sandbox
from envforge.sources import read_folder
from envforge.validation import Validator


def validation(sandbox: Sandbox, rounds: int = 2) -> dict[str, Any]:
    """Full validations of the text seeds, side by side."""
    sources = [file.source for file in read_folder(data_folder("seeds") / "text")]
    validator = Validator(sandbox)
    validator.examine(sources[0])  # loads hypothesis, which is not what is measured
    before, requests = sandbox.counters.cpu_seconds, sandbox.counters.requests
    host = time.process_time()
    start = time.perf_counter()
    with ThreadPoolExecutor(sandbox.workers) as pool:
        passed = sum(examination.passed for examination in pool.map(validator.examine, sources * rounds))
    wall = time.perf_counter() - start
    count = rounds * len(sources)
    return {
        "level": sandbox.level.value,
        "candidates": count,
        "passed": passed,
        "per_second": round(count / wall, 3),
        "sandbox_cpu_milliseconds": round(1000 * (sandbox.counters.cpu_seconds - before) / count),
        "host_cpu_milliseconds": round(1000 * (time.process_time() - host) / count),
        "requests_per_candidate": round((sandbox.counters.requests - requests) / count),
    }
