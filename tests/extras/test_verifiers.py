"""A package of environments in the real verifiers: `make verifiers` runs these.

ENVFORGE_VERIFIERS_PYTHON names the interpreter of an environment that has verifiers and envforge. The model is a
scripted server that sees the questions.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import eyes
import pytest
import toys
from chat_server import ChatServer, Reply, completion

from envforge.export.gym import entries_of, write_package
from envforge.registry import Registry
from envforge.sandbox import Evaluator, Sandbox

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
PYTHON = os.environ.get("ENVFORGE_VERIFIERS_PYTHON", "")
NAME = "my_library"
TEXT = ("first_letter_of_a_row", "last_letter_of_a_row")
SIDE = "side_of_a_square"

if not PYTHON:
    if os.environ.get("ENVFORGE_REQUIRE_VERIFIERS"):
        pytest.fail("ENVFORGE_VERIFIERS_PYTHON names no interpreter: run `make verifiers`", pytrace=False)
    pytest.skip(
        "ENVFORGE_VERIFIERS_PYTHON names no interpreter: `make verifiers` runs these", allow_module_level=True
    )


@pytest.fixture(scope="module")
def target(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the package is installed."""
    folder = tmp_path_factory.mktemp("package")
    with Registry.open(folder / "library.db", create=True) as registry:
        files = (eyes.SIDE, *(toys.FOLDER / f"{name}.py" for name in ("first", "last")))
        programs = [eyes.admitted(registry, Evaluator(sandbox), file) for file in files]
        write_package(entries_of(registry, programs), folder / "project", NAME)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-deps"]
    subprocess.run([*pip, "--target", str(folder / "target"), str(folder / "project")], check=True)
    return folder / "target"


def run(target: Path, folder: Path, *command: object) -> str:
    """What a command says in the other environment, with no keys and a home of its own."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "PYTHONPATH": str(target),
            "OMP_NUM_THREADS": "1",
            "TESTS_KEY": "none",
        },
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tool(name: str) -> Path:
    return Path(PYTHON).parent / name


def replying(wrong: frozenset[int]) -> Any:
    """A model that finds the letter, but for the requests with these numbers."""

    def answer(request: dict[str, Any], number: int) -> Reply:
        asked = request["messages"][-1]["content"]
        found = re.match(r"([a-h ]+)\nwhich letter is (first|last)\?", asked)
        assert found and asked.endswith("<answer> and </answer>.")
        letter = found[1].split()[0 if found[2] == "first" else -1]
        reply = completion("I do not know." if number in wrong else f"So: <answer>{letter}</answer>")
        reply.body |= {"created": 1, "model": "scripted"}  # which verifiers wants
        return reply

    return answer


def test_an_evaluation_by_its_command(target: Path, tmp_path: Path) -> None:
    """`vf-eval NAME` finds task set, harness and environment by the package's name alone."""
    with ChatServer(replying(frozenset({1, 4}))) as server:
        run(
            target, tmp_path, tool("vf-eval"), "my-library", "-n", 6, "-m", "scripted", "-c", 1,
            "--client.base-url", server.url, "--client.api-key-var", "TESTS_KEY", "--no-push", "--no-rich",
            "--env.taskset.environments", json.dumps(TEXT), "--env.taskset.seed", 3,
            "--output-dir", tmp_path / "out",
        )  # fmt: skip
    (file,) = (tmp_path / "out").glob("*/traces.jsonl")
    episodes = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(episodes) == len(server.requests) == 6 and all(episode["ok"] for episode in episodes)
    traces = [trace for episode in episodes for trace in episode["traces"]]
    rewards = sorted(trace["rewards"]["correct"]["score"] for trace in traces)
    assert rewards == [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]
    assert sorted(trace["metrics"]["answered"] for trace in traces) == rewards
    tasks = {episode["task"]["data"]["name"] for episode in episodes}
    assert tasks == {f"{name}#{number}" for name in TEXT for number in range(3)}
    data = episodes[0]["task"]["data"]
    assert episodes[0]["task"]["key"] == f"{data['environment']}/{data['difficulty']}/{data['seed']}"


def test_every_reference_is_right_and_no_silence_is(target: Path, tmp_path: Path) -> None:
    """`vf-validate`: the package's gold check, and verifiers' own with a run in which nothing was said."""
    said = run(
        target, tmp_path, tool("vf-validate"), "my-library", "-n", 4, "--runtime.type", "subprocess",
        "--no-rich", "--output-dir", tmp_path / "out",
    )  # fmt: skip
    (file,) = (tmp_path / "out").rglob("results.jsonl")
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert len(rows) == 4 and all(row[check]["valid"] for row in rows for check in ("gold", "noop")), said


IN_PYTHON = """
import asyncio, json, sys
import my_library
import verifiers.v1 as vf

env = my_library.load_environment(environments=["side_of_a_square"], size=3, difficulty=2)
assert isinstance(env, vf.SingleAgentEnv) and isinstance(env.taskset, my_library.PackageTaskset)
assert type(env.taskset).task_type().__module__ == "my_library.taskset"
tasks = list(env.taskset)
assert [task.data for task in tasks] == [task.data for task in vf.load_environment(vf.resolve_env_config(
    {"taskset": {"id": "my-library", "environments": ["side_of_a_square"], "size": 3, "difficulty": 2}})).taskset]
picture, words = tasks[0].data.prompt[0].content
assert picture.image_url.url.startswith("data:image/png;base64,") and "which side" in words.text
try:
    my_library.load_environment(sise=3)
except Exception as error:
    print(error)

async def main():
    client = vf.EvalClientConfig(base_url=sys.argv[1], api_key_var="TESTS_KEY")
    context = vf.ModelContext(client=client, model="scripted", sampling=vf.SamplingConfig())
    async with env.serving():
        async def run(task):
            (slot,) = env.slots(task)
            return await env.run_slot(slot, context)
        for number in (0, 1):
            episode = await run(tasks[number])
            (trace,) = episode.traces
            print(episode.ok, trace.reward, tasks[number].data.answer)
        from envforge.export.package import process
        process.evaluator().sandbox.close()
        episode = await run(tasks[2])
        (trace,) = episode.traces
        print(episode.ok, trace.rewards, trace.last_error.type, trace.last_error.message)

asyncio.run(main())
"""


def test_in_python_with_pictures_and_with_a_failure_of_ours(target: Path, tmp_path: Path) -> None:
    """The picture reaches the model before the words; what fails on our side is an error and no reward."""

    def left(request: dict[str, Any], number: int) -> Reply:
        picture, words = request["messages"][-1]["content"]
        assert picture["type"] == "image_url" and "which side" in words["text"]
        reply = completion("<answer>left</answer>")
        reply.body |= {"created": 1, "model": "scripted"}
        return reply

    with ChatServer(left) as server:
        lines = run(target, tmp_path, PYTHON, "-c", IN_PYTHON, server.url).splitlines()
    assert "load_environment() has no option 'sise'" in lines[0]
    for line in lines[1:3]:
        ok, reward, answer = line.split()
        assert (ok, reward) == ("True", "1.0" if answer == "left" else "0.0")
    assert lines[3].startswith("False {'correct': None} TaskError") and "the sandbox is closed" in lines[3]
