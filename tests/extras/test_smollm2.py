"""The embedded SmolLM2: a real conversion into an empty cache, by two processes at once, and a chat."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from envforge.errors import UsageError
from envforge.policies import Request, Sampling
from envforge.policies.smollm2 import smollm2_folder, smollm2_policy

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]

try:
    smollm2_policy()
except UsageError as missing:
    if os.environ.get("ENVFORGE_REQUIRE_DEMO"):
        pytest.fail(str(missing), pytrace=False)
    pytest.skip(str(missing), allow_module_level=True)

CONVERT = """
from envforge.policies.smollm2 import smollm2_policy
print(smollm2_policy().version)
"""


def test_conversion_and_chat(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    folder = smollm2_folder()
    assert folder.is_relative_to(tmp_path)
    partial = folder.with_name(folder.name + ".partial")
    partial.mkdir(parents=True)  # a crash left it
    (partial / "config.json").write_text("{")
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CONVERT], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    outputs = [process.communicate() for process in processes]
    assert [process.returncode for process in processes] == [0, 0], outputs
    notices = [error.count("Converting SmolLM2-135M to") for _, error in outputs]
    assert sorted(notices) == [0, 1], "one converts, the other waits"
    assert not partial.exists()
    policy = smollm2_policy(say=lambda sentence: pytest.fail(f"converted again: {sentence}"))
    assert {output.strip() for output, _ in outputs} == {policy.version}
    messages = ({"role": "user", "content": "What is the capital of France?"},)
    (one,) = policy.complete(Request("solve/x", messages, Sampling(temperature=0.0, max_tokens=24)))
    assert "Paris" in one.text and one.finish_reason in ("stop", "length")
    assert one.prompt_tokens and one.logprobs and len(one.logprobs) == one.completion_tokens
    drawn = policy.complete(Request("solve/y", messages, Sampling(1.0, None, 16, 3), 4))
    assert len({found.text for found in drawn}) > 1
    policy.close()
