"""Growth against a server that really runs a model: requests, concurrency, and how much of the work overlaps.

    python tests/overlap.py                        the embedded SmolLM2 behind an HTTP server, about 200 requests
    python tests/overlap.py --tiny --proposals 6   a random tiny Llama, for a quick look

A small model writes no programs, so `compose` proposes and the model reviews and solves. What it says cannot be read
as a review; the configuration counts that as acceptance, so that the solver is asked as well. Printed as JSON:
requests and the most that were under way at once (as the server saw them), and the share of the run's wall time in
which the server, the sandbox, and both were at work.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from model_server import ModelServer
from tiny import tiny_model

CONFIG = """
[growth]
ahead = {ahead}
[policy]
concurrency = {concurrency}
solve_tokens = {tokens}
[review]
reviews = 1
max_tokens = {tokens}
asked_again = 0
unreadable = "accept"
[calibration]
instances = 10
"""


def measure(
    server: ModelServer,
    folder: Path,
    *,
    proposals: int,
    concurrency: int,
    tokens: int,
    ahead: int = 1,
    seeds: Path | None = None,
) -> dict[str, Any]:
    """Grow from `server` into a new registry in `folder`; the figures of that run."""
    config = folder / "overlap.toml"
    config.write_text(CONFIG.format(concurrency=concurrency, tokens=tokens, ahead=ahead))
    done = subprocess.run(
        [
            sys.executable, "-m", "envforge", "grow", "--json",
            "--db", str(folder / "overlap.db"), "--config", str(config),
            "--proposer", "compose", "--policy", f"openai:{server.url}#{server.model}",
            "--proposals", str(proposals), "--batch", str(max(2, proposals // 4)),
            *(["--seeds", str(seeds)] if seeds else []),
        ],
        capture_output=True, text=True, check=False, env={**os.environ, "ENVFORGE_API_KEY": "none"},
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    summary = json.loads(done.stdout)
    wall = summary["seconds"]
    return {
        "requests": server.counters.requests,
        "limit": concurrency,
        "most at once": server.counters.at_once,
        "seconds": round(wall, 1),
        "requests per second": round(server.counters.requests / wall, 2),
        "tokens": sum(summary["tokens"].values()),
        "busy": {name: round(share, 3) for name, share in summary["busy"].items()},
        "outcomes": summary["outcomes"],
    }


def main() -> None:
    """Measure once and print it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tiny", action="store_true", help="a random tiny Llama in place of SmolLM2")
    parser.add_argument("--proposals", type=int, default=18, help="each costs 11 requests when it passes")
    parser.add_argument("--concurrency", type=int, default=16)
    parser.add_argument("--ahead", type=int, default=1, help="further batches under way ([growth] ahead)")
    parser.add_argument("--tokens", type=int, default=48, help="of each reply at most")
    options = parser.parse_args()
    from envforge.policies.local import TransformersPolicy
    from envforge.policies.smollm2 import smollm2_policy

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.tiny:
            policy = TransformersPolicy(str(tiny_model(folder / "tiny", context=16_384)), "tiny")
        else:
            policy = smollm2_policy(print)
        with ModelServer(policy, "tiny" if options.tiny else "smollm2") as server:
            figures = measure(
                server,
                folder,
                proposals=options.proposals,
                concurrency=options.concurrency,
                tokens=options.tokens,
                ahead=options.ahead,
            )
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
