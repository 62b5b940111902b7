"""Tasks of a gym that the user has installed, as subjects: `gym:reasoning_gym/TASK`.

A gym is code that the user chose to install, and no program of the contract. It runs outside of the sandbox, in a
process of its own (`envforge.evaluation.gymnast`) with limits on time, memory and files. That process is no jail.
What a model wrote reaches the gym as text; some gyms' scorers evaluate that text as Python, so an answer that
could call anything is refused before it gets there.
"""

from __future__ import annotations

import difflib
import json
import os
import queue
import re
import subprocess
import sys
import threading
from collections.abc import Sequence
from typing import Any

from envforge.contract import derive_seed
from envforge.errors import EnvforgeError, UsageError
from envforge.evaluation.subjects import Problem, Question, Subject
from envforge.policies.chat import need
from envforge.sandbox import Sandbox

GYMS = ("reasoning_gym",)
REMEDY = "pip install 'envforge[gym]'"
START_SECONDS = 300.0  # to import the package and name its tasks, on a machine with other things to do
MAKE_SECONDS = 60.0  # for one instance (ours): the slowest task takes a few
SCORE_SECONDS = 10.0  # for one answer (ours): what takes longer is no answer but a computation
# Tasks whose modules evaluate something, but no answer: their scorers have been read (reasoning_gym 0.1.25).
COMPARING = frozenset(("basic_arithmetic", "bitwise_arithmetic", "codeio", "propositional_logic"))
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")  # no keys of servers
FORM = "gym:reasoning_gym/TASK"

# What an answer may call where a scorer evaluates it: functions of one number that end soon.
CALLABLE = frozenset(
    "sin cos tan cot sec csc asin acos atan sinh cosh tanh asinh acosh atanh exp log ln sqrt Abs abs Rational "
    "Integer Float".split()
)
_CALL = re.compile(r"(\w+|[)\]}\"'])(?:[\s\\]|#[^\n]*)*\(")
_ATTRIBUTE = re.compile(r"\.(?:[\s\\]|#[^\n]*)*[^\W\d]")


class GymTasks:
    """One gym's tasks, in a process that starts with the first question and is started anew when it gets stuck.

    Several subjects may share it; calls from several threads wait for each other. Close it in the end.
    """

    def __init__(self, gym: str) -> None:
        """Raises UsageError for a gym that envforge does not know or that is not installed."""
        if gym not in GYMS:
            raise UsageError(f"there is no gym '{gym}'; the form is {FORM}")
        need((gym,), f"'gym:{gym}'", REMEDY)
        self.gym = gym
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def subject(self, task: str, split: str = "other") -> Subject:
        """The task of this name. Raises UsageError with the nearest name for one that is not there."""
        found = self.ask({"op": "task", "task": task}, START_SECONDS)
        if found is None or "names" not in found:
            raise EnvforgeError(f"the gym {self.gym} does not start: {_reason(found)}")
        if task not in found["names"]:
            near = difflib.get_close_matches(task, found["names"], 1, 0.5)
            hint = (
                f"did you mean 'gym:{self.gym}/{near[0]}'?"
                if near
                else f"it has {len(found['names'])} others"
            )
            raise UsageError(f"{self.gym} has no task '{task}'; {hint}")
        if found["problem"]:
            raise UsageError(
                f"the task '{task}' of {self.gym} cannot be used as it stands: {found['problem']}"
            )
        tags = (self.gym.replace("_", "-"), str(found["category"]))
        source = GymSource(self, task, bool(found["evaluates"]) and task not in COMPARING)
        return Subject(f"gym:{self.gym}/{task}", f"{task} ({self.gym})", tags, split, (0,), source)

    def ask(self, message: dict[str, Any], seconds: float) -> dict[str, Any] | None:
        """The gym's reply, or None when there was none in time or its process ended: the next call starts another."""
        with self._lock:
            if self._process is None:
                self._start()
                seconds += START_SECONDS
            process = self._process
            assert process is not None and process.stdin is not None
            try:
                process.stdin.write(json.dumps(message) + "\n")
                process.stdin.flush()
                reply = json.loads(self._lines.get(timeout=seconds) or "null")
            except (OSError, queue.Empty):
                reply = None
            except BaseException:  # Ctrl-C: a reply that comes late must not be taken for the next one's
                self._end()
                raise
            if reply is None:
                self._end()
            return reply if isinstance(reply, dict) else None

    def close(self) -> None:
        """End the process. The next question would start another."""
        with self._lock:
            self._end()

    def _start(self) -> None:
        process = subprocess.Popen(
            # -P: no module of the current folder takes the place of one that is installed.
            [sys.executable, "-P", "-m", "envforge.evaluation.gymnast", self.gym],
            env={name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
            | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
        )
        lines: queue.SimpleQueue[str] = queue.SimpleQueue()

        def listen() -> None:
            assert process.stdout is not None
            for line in process.stdout:
                lines.put(line)
            lines.put("")

        threading.Thread(target=listen, name="gym", daemon=True).start()
        self._process, self._lines = process, lines

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            assert process.stdin is not None and process.stdout is not None
            try:
                process.stdin.close()
            except OSError:
                pass


class GymSource:
    """One task. An instance is the only item of a data set of its own, whose seed is hashed from the instance's:
    item i of a longer one is made from seed + i, so that neighbouring seeds would repeat most of each other."""

    def __init__(self, tasks: GymTasks, task: str, evaluates: bool) -> None:
        """`evaluates`: whether the scorer evaluates an answer as Python, as far as its source shows."""
        self.tasks, self.task, self.evaluates = tasks, task, evaluates

    def questions(self, keys: Sequence[tuple[int, int]], sandbox: Sandbox | None) -> list[Question | Problem]:
        """Instances, made one by one."""
        found: list[Question | Problem] = []
        for seed, level in keys:
            message = {"op": "make", "task": self.task, "seed": gym_seed(seed)}
            reply = self.tasks.ask(message, MAKE_SECONDS)
            if reply is None or "prompt" not in reply:
                found.append(Problem(f"the gym makes no instance with seed {seed}: {_reason(reply)}"))
            else:
                found.append(Question(seed, level, str(reply["prompt"])))
        return found

    def scores(
        self, answers: Sequence[tuple[Question, str]], sandbox: Sandbox | None
    ) -> list[float | Problem]:
        """Scores by the gym. Its scorers promise less than the contract asks: one that raises, or does not end, over
        an answer has found it wrong."""
        found: list[float | Problem] = []
        for question, answer in answers:
            if self.evaluates and not harmless(answer):
                found.append(0.0)
                continue
            message = {"task": self.task, "seed": gym_seed(question.seed)}
            # The instance is made first, for the gym may have started anew, and that is not the answer's time.
            made = self.tasks.ask({"op": "make", **message}, MAKE_SECONDS)
            if made is None or "prompt" not in made:
                found.append(Problem(f"the gym does not make the instance again: {_reason(made)}"))
                continue
            reply = self.tasks.ask({"op": "score", "answer": answer, **message}, SCORE_SECONDS)
            score = 0.0 if reply is None else reply.get("score")
            if type(score) is float and 0.0 <= score <= 1.0:
                found.append(score)
            else:
                found.append(
                    Problem(f"the gym scores with {str(score)[:60]}, which is no number from 0 to 1")
                )
        return found


def gym_seed(seed: int) -> int:
    """The data set's seed for an instance's: 31 bits, which every random generator takes."""
    return derive_seed("gym", seed) >> 32


def harmless(answer: str) -> bool:
    """Whether `answer`, evaluated as Python, could do no more than compute: it calls nothing but functions of
    CALLABLE and reaches no attribute and no dunder name."""
    calls = {match[1] for match in _CALL.finditer(answer)}
    return (
        all(name in CALLABLE or name.isdigit() for name in calls)
        and not _ATTRIBUTE.search(answer)
        and "__" not in answer
    )


def _reason(reply: dict[str, Any] | None) -> str:
    return str(reply.get("problem", "no reason given")) if reply else "its process ended or took too long"
