"""A real vLLM server, and vLLM in the process, with SmolLM2 on the CPU: `make vllm` runs these.

ENVFORGE_VLLM_PYTHON names the interpreter of an environment that has vLLM; the model comes from the extra `demo` of
the environment that runs the tests. All in float32: processors without bfloat16 take five times as long.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from envforge.errors import UsageError
from envforge.policies import Completion, PolicyError, Request, Sampling
from envforge.policies.flight import Flight
from envforge.policies.openai import OpenAIPolicy
from envforge.policies.smollm2 import convert, smollm2_folder, smollm2_policy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
ROOT = Path(__file__).parent.parent.parent
PYTHON = os.environ.get("ENVFORGE_VLLM_PYTHON", "")
START_SECONDS = 900.0  # an engine takes one to four minutes on two busy cores
REQUESTS, AT_ONCE = 200, 16
CONTEXT = 1024

if not PYTHON:
    if os.environ.get("ENVFORGE_REQUIRE_VLLM"):
        pytest.fail("ENVFORGE_VLLM_PYTHON names no interpreter: run `make vllm`", pytrace=False)
    pytest.skip("ENVFORGE_VLLM_PYTHON names no interpreter: `make vllm` runs these", allow_module_level=True)


@pytest.fixture(scope="module")
def folder() -> Path:
    try:
        smollm2_policy()
    except UsageError as error:
        pytest.fail(str(error), pytrace=False)
    convert(smollm2_folder(), print)
    return smollm2_folder()


def environment() -> dict[str, str]:
    """One thread per core would starve the tests; 1 GB of cache is plenty for 16 short requests."""
    return {
        **os.environ,
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_NO_USAGE_STATS": "1",
        "HF_HUB_OFFLINE": "1",
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1"),
        "PYTHONPATH": str(ROOT),
    }


class Server:
    """A vLLM server in a process group of its own, at one port through all its lives."""

    def __init__(self, folder: Path, log: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self._folder, self._log = folder, log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [
            PYTHON, "-m", "vllm.entrypoints.openai.api_server", "--model", str(self._folder),
            "--served-model-name", "smollm2", "--host", "127.0.0.1", "--port", str(self.port),
            "--dtype", "float32", "--max-model-len", str(CONTEXT), "--max-num-seqs", str(AT_ONCE), "--enforce-eager",
        ]  # fmt: skip
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env=environment(),
                start_new_session=True,
                cwd=self._log.parent,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._healthy():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.kill()
                pytest.fail(f"the vLLM server did not start:\n{self._log.read_text()[-3000:]}", pytrace=False)
            time.sleep(0.5)

    def kill(self) -> None:
        """As the machine's memory killer would, its engine's process included."""
        process, self._process = self._process, None
        if process is not None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=5) as reply:
                return reply.status == 200
        except OSError:
            return False


@pytest.fixture(scope="module")
def server(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(folder, tmp_path_factory.mktemp("vllm") / "server.log")
    running.start()
    yield running
    running.kill()


def requests(count: int, tokens: int = 8) -> list[Request]:
    return [
        Request(
            f"solve/x/0/{number}",
            ({"role": "user", "content": f"What is {number} + 3?"},),
            Sampling(temperature=0.7, max_tokens=tokens, seed=number),
        )
        for number in range(count)
    ]


def answered(replies: list[list[Completion] | PolicyError]) -> int:
    return sum(isinstance(reply, list) for reply in replies)


def test_many_requests_all_answered(server: Server) -> None:
    policy = OpenAIPolicy(server.url, "smollm2", environ={}, logprobs=True)
    assert policy.version.startswith("openai:smollm2")
    flight = Flight(policy, AT_ONCE)
    started = time.monotonic()
    replies = flight.gather(requests(REQUESTS))
    seconds = time.monotonic() - started
    meter = flight.meter
    print(
        f"\nvLLM server: {REQUESTS} requests, {AT_ONCE} at once, {seconds:.1f} s: {REQUESTS / seconds:.2f} a second, "
        f"{meter.completion_tokens / seconds:.0f} tokens/s written, {meter.prompt_tokens / seconds:.0f} read"
    )
    assert answered(replies) == meter.requests == REQUESTS and meter.failures == 0
    assert meter.prompt_tokens > 30 * REQUESTS and meter.completion_tokens >= REQUESTS
    for reply in replies:
        assert isinstance(reply, list)
        (one,) = reply
        assert one.finish_reason in ("stop", "length") and 1 <= (one.completion_tokens or 0) <= 8
        assert one.logprobs and all(value <= 0 for value in one.logprobs)
    flight.close()
    policy.close()


def test_n_completions_and_a_prompt_too_long(server: Server) -> None:
    policy = OpenAIPolicy(server.url, "smollm2", environ={})
    (request,) = requests(1)
    asked = Request("solve/x", request.messages, Sampling(temperature=1.0, max_tokens=16, seed=5), 3)
    three = policy.complete(asked)
    assert len(three) == 3 and len({one.text for one in three}) > 1
    assert [one.text for one in three] == [one.text for one in policy.complete(asked)]
    long = ({"role": "user", "content": "word " * (CONTEXT + 10)},)
    with pytest.raises(PolicyError, match="answered 400"):
        policy.complete(Request("solve/y", long, Sampling(max_tokens=8)))
    policy.close()


def test_a_server_that_is_killed_midway_and_comes_back(server: Server) -> None:
    policy = OpenAIPolicy(server.url, "smollm2", environ={}, max_retries=1)
    flight = Flight(policy, AT_ONCE)
    replies = [flight.submit(request) for request in requests(48, tokens=64)]
    replies[0].result()
    server.kill()
    outcomes = [reply.exception() for reply in replies]
    failed = [error for error in outcomes if error is not None]
    assert failed and len(failed) < len(replies)
    assert all(isinstance(error, PolicyError) and not error.fatal for error in failed), failed
    assert all("cannot be reached" in str(error) for error in failed), failed
    server.start()
    assert answered(flight.gather(requests(AT_ONCE))) == AT_ONCE
    flight.close()
    policy.close()


IN_PROCESS = """
import json, sys, time
from concurrent.futures import ThreadPoolExecutor
from envforge.policies import PolicyError, Request, Sampling
from envforge.policies.vllm import VllmPolicy

def main():
    policy = VllmPolicy(sys.argv[1], "vllm:smollm2", settings={"max_model_len": 1024, "enforce_eager": True})
    def ask(number, n=1, temperature=0.7, text="What is {} + 3?"):
        messages = ({"role": "user", "content": text.format(number)},)
        found = policy.complete(Request("solve/x", messages, Sampling(temperature, 0.9, 24, number), n))
        return [[c.text, c.prompt_tokens, c.completion_tokens, c.finish_reason, c.logprobs] for c in found]
    found = {"version": policy.version, "three": ask(1, 3), "again": ask(1, 3), "cold": ask(2, 1, 0.0)}
    started = time.monotonic()
    with ThreadPoolExecutor(16) as pool:
        found["many"] = list(pool.map(ask, range(64)))
    found["seconds"] = time.monotonic() - started
    for name in ("long", "closed"):
        try:
            ask(0, text="word " * 1100)
        except PolicyError as error:
            found[name] = str(error)
        policy.close()
    print("FOUND " + json.dumps(found))

if __name__ == "__main__":
    main()
"""


def test_vllm_in_the_process(folder: Path, tmp_path: Path) -> None:
    script = tmp_path / "in_process.py"
    script.write_text(IN_PROCESS)
    done = subprocess.run(
        [PYTHON, str(script), str(folder)], env=environment(), capture_output=True, text=True, check=False
    )
    line = next((one for one in done.stdout.splitlines() if one.startswith("FOUND ")), None)
    assert line is not None, done.stdout[-2000:] + done.stderr[-3000:]
    found = json.loads(line.removeprefix("FOUND "))
    tokens = sum(one[2] for reply in found["many"] for one in reply)
    print(f"\nvLLM in process: 64 requests of 16 threads in {found['seconds']:.1f} s, "
          f"{64 / found['seconds']:.2f} requests/s, {tokens / found['seconds']:.0f} tokens/s")  # fmt: skip
    here = smollm2_policy()
    assert found["version"] == here.version
    assert [one[0] for one in found["three"]] == [one[0] for one in found["again"]]
    assert len({one[0] for one in found["three"]}) > 1
    assert [one[1] for one in found["three"]][1:] == [0, 0]
    assert all(
        len(one[4]) == one[2] and max(one[4]) <= 0 and one[3] in ("stop", "length")
        for reply in found["many"]
        for one in reply
    )
    assert "prompt is too long" in found["long"] and "has been closed" in found["closed"]
    messages = ({"role": "user", "content": "What is 2 + 3?"},)
    (mine,) = here.complete(Request("solve/x", messages, Sampling(0.0, None, 24, 2)))
    ((text, prompt, _, _, logprobs),) = found["cold"]
    assert prompt == mine.prompt_tokens
    assert text[:1] == mine.text[:1] and mine.logprobs
    assert logprobs[0] == pytest.approx(
        mine.logprobs[0], abs=0.3
    )  # the processor here may compute in bfloat16
    here.close()
