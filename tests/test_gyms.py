"""Adapters to other people's gyms: what they are named, what comes of them, and that their code is held."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from envforge.audit.desk import Desk
from envforge.audit.foreign import gym_targets
from envforge.audit.instances import instances
from envforge.audit.target import Target
from envforge.config import AuditConfig, SandboxConfig
from envforge.contract import Instance
from envforge.errors import IsolationError, UsageError
from envforge.gyms.evaluator import GymEvaluator
from envforge.sandbox import Failure, Sandbox, ScoreCall, Status
from envforge.sandbox.calls import state_text

Found = list[tuple[Target, GymEvaluator]]
Finder = Callable[[str], Found]


@pytest.fixture
def find() -> Iterator[Finder]:
    """Targets by name; their sandboxes are closed in the end."""
    with ExitStack() as stack:
        yield lambda name: gym_targets(name, SandboxConfig(), stack)  # type: ignore[return-value]


@pytest.fixture
def custom(find: Finder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Found]:
    """The target of a class `Task`, given as the source of its module."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def made(source: str) -> Found:
        (tmp_path / "my_tasks.py").write_text(textwrap.dedent(source), encoding="utf-8")
        return find("py:my_tasks:Task")

    return made


def one(found: Found, seed: int = 5, level: int = 0) -> Instance:
    (target, evaluator), *_ = found
    (made,) = evaluator.instances(target.program, [(seed, level)])
    assert isinstance(made, Instance), made
    return made


def score(found: Found, instance: Instance, *answers: str, strict: bool = False) -> list[float | Failure]:
    (target, evaluator), *_ = found
    calls = [ScoreCall(state_text(instance.state), answer) for answer in answers]
    return evaluator.scores(target.program, calls, strict=strict)


# Naming


def test_all_tasks_of_a_gym_are_found_without_importing_it(find: Finder) -> None:
    before = set(sys.modules)
    found = find("gym:reasoning_gym")
    assert len(found) == 105 and "reasoning_gym" not in set(sys.modules) - before
    from reasoning_gym.factory import DATASETS

    names = {target.name.removeprefix("gym:reasoning_gym/") for target, _ in found}
    assert names == set(DATASETS) - {"composite"}


def test_a_task_may_be_a_pattern(find: Finder) -> None:
    assert [target.name for target, _ in find("gym:reasoning_gym/count_*")] == [
        "gym:reasoning_gym/count_bits",
        "gym:reasoning_gym/count_primes",
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("gym:reasoning_gim/leg_counting", "did you mean 'reasoning_gym'"),
        ("gym:reasoning_gym/leg_countin", "did you mean 'leg_counting'"),
        ("gym:rlve@/nowhere/sorting", "holds no package 'Gym'"),
        ("gym:", "the forms are"),
        ("py:my_tasks", "the forms are"),
        ("py:no_such_module_here:Task", "is not installed"),
    ],
)
def test_what_cannot_be_meant_is_told(find: Finder, name: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        find(name)


def test_a_checkout_may_stand_in_for_the_installed_package(find: Finder, tmp_path: Path) -> None:
    folder = tmp_path / "Gym"
    for part in ("environments", "parameter_controllers"):
        (folder / part / "adding").mkdir(parents=True)
    (folder / "__init__.py").write_text("")
    (folder / "environment.py").write_text("import torch\ndef manual_seed(n):\n    torch.manual_seed(n)\n")
    (folder / "environments" / "__init__.py").write_text("from Gym.environments.adding import Adding\n")
    (folder / "environments" / "adding" / "__init__.py").write_text(
        textwrap.dedent(
            """
            import random, re

            class Adding:
                answer_markers = ("<answer>", "</answer>")
                def _generate(self):
                    self.parameter["reference_answer"] = random.Random(self.seed).randrange(10**self.parameter["N"])
                def prompt_generator(self):
                    return f"Say {self.parameter['reference_answer']}."
                def verifier(self, output):
                    said = re.search("<answer>(.*)</answer>", output)[1]
                    right = said == str(self.parameter["reference_answer"])
                    return {"reward": 1.0 if right else -1.0, "accuracy": int(right)}
            """
        )
    )
    (folder / "parameter_controllers" / "__init__.py").write_text(
        "from Gym.parameter_controllers.adding import Adder\n"
    )
    (folder / "parameter_controllers" / "adding" / "__init__.py").write_text(
        "class Adder:\n    n = 1\n    def update(self):\n        self.n += 2\n"
        "    def get_parameter_list(self):\n        return [{'N': self.n}]\n"
    )
    found = find(f"gym:rlve@{tmp_path}/adding")
    assert found[0][0].name == f"gym:rlve@{tmp_path}/adding"
    hard = one(found, level=2)
    assert len(hard.reference) > 1 + len(one(found).reference) - 3 and hard.reference in hard.prompt
    assert score(found, hard, hard.reference, "no") == [1.0, 0.0]


# Instances and scores


@pytest.mark.parametrize("task", ["leg_counting", "caesar_cipher", "family_relationships", "countdown"])
def test_a_task_says_what_the_gym_itself_says(find: Finder, task: str) -> None:
    found = find(f"gym:reasoning_gym/{task}")
    instance = one(found, 12345)
    code = (
        "import sys, json, reasoning_gym\n"
        "d = reasoning_gym.create_dataset(sys.argv[1], size=1, seed=12345)\n"
        "print(json.dumps([d[0]['question'], d[0]['answer'], d.score_answer('zebra', d[0])]))"
    )
    said = subprocess.run([sys.executable, "-c", code, task], capture_output=True, text=True, check=True)
    import json

    question, answer, wrong = json.loads(said.stdout.splitlines()[-1])
    assert (instance.prompt, instance.reference) == (question, answer)
    assert score(found, instance, answer, "zebra") == [1.0, wrong]
    assert one(found, 12345) == instance


def test_streams_are_what_the_gym_deals_out(find: Finder) -> None:
    (target, evaluator), *_ = find("gym:reasoning_gym/leg_counting")
    first, second = evaluator.streams(target.program, [(7, 4), (8, 4)])
    assert isinstance(first, list) and isinstance(second, list)
    assert first[1:] == second[:-1]  # its items are seeded with seed + index
    assert first[0] == one([(target, evaluator)], 7).prompt


GOOD = """
    import random

    class Task:
        def generate(self, seed, level):
            return {"n": random.Random(seed).randrange(100)}
        def prompt(self, item):
            return f"What is {item['n']} + 1?"
        def reference(self, item):
            return item["n"] + 1
        def score(self, item, answer):
            return answer.strip() == str(item["n"] + 1)
"""


def test_a_class_of_ones_own(custom: Callable[[str], Found]) -> None:
    found = custom(GOOD)
    instance = one(found)
    assert instance.prompt == f"What is {int(instance.reference) - 1} + 1?"
    assert score(found, instance, instance.reference, "x") == [1.0, 0.0]


def test_a_task_without_a_reference_has_an_empty_one(custom: Callable[[str], Found]) -> None:
    found = custom(GOOD.replace('return item["n"] + 1\n', "return None\n", 1))
    assert one(found).reference == ""


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2", "outside 0 to 1"),
        ("float('nan')", "outside 0 to 1"),
        ("'much'", "no number"),
        ("None", "no number"),
    ],
)
def test_what_is_no_score_is_told(custom: Callable[[str], Found], value: str, words: str) -> None:
    found = custom(GOOD.replace('answer.strip() == str(item["n"] + 1)', value))
    (failure,) = score(found, one(found), "7")
    assert isinstance(failure, Failure) and words in failure.message


def test_a_changed_item_is_told(custom: Callable[[str], Found]) -> None:
    found = custom(GOOD.replace("return answer.strip()", 'item["n"] += 1; return answer.strip()'))
    (failure,) = score(found, one(found), "7", strict=True)
    assert isinstance(failure, Failure) and "changed the state" in failure.message


def test_a_package_that_raises_over_an_answer_is_its_own_fault(custom: Callable[[str], Found]) -> None:
    found = custom(GOOD.replace("answer.strip() ==", "answer[5] and"))
    (failure,) = score(found, one(found), "7")
    assert isinstance(failure, Failure) and failure.status is Status.RAISED and failure.error == "IndexError"


def test_what_a_package_waits_for_in_a_thread_is_done_at_once(custom: Callable[[str], Found]) -> None:
    found = custom(
        GOOD.replace(
            "import random", "import random\n    from concurrent.futures import ThreadPoolExecutor"
        ).replace(
            "return answer.strip()",
            "return ThreadPoolExecutor(1).submit(str.strip, answer).result(timeout=3)",
        )
    )
    instance = one(found)
    assert score(found, instance, instance.reference) == [1.0]


@pytest.mark.parametrize(("paid", "severity"), [("True", "info"), ("False", "error")])
def test_an_empty_reference_that_is_paid_may_be_meant(
    custom: Callable[[str], Found], paid: str, severity: str
) -> None:
    source = GOOD.replace('return item["n"] + 1\n', 'return "" if item["n"] % 4 == 0 else item["n"] + 1\n', 1)
    (target, evaluator), *_ = custom(
        source.replace("return answer.strip()", f"return {paid} if not answer else answer.strip()")
    )
    desk = Desk(target, evaluator, AuditConfig(instances=8))
    (found,) = [one for one in instances(desk) if one.code == "answer-missing"]
    assert found.severity.value == severity


# Attacks: what a package does wrong in the sandbox comes back as its failure, and nothing else happens

ATTACKS = {
    "writes a file": "open('/tmp/marker', 'w')",
    "appends to its own source": "open(__file__, 'a')",
    "makes a folder": "os.mkdir('/tmp/marker')",
    "reads the host's accounts": "open('/etc/passwd').read()",
    "reads the host's processes": "open('/proc/1/environ').read()",
    "opens a socket": "socket.socket()",
    "starts a process": "subprocess.run(['id'])",
    "forks": "os.fork()",
    "kills": "os.kill(1, 9)",
    "starts a thread": "threading.Thread(target=print).start()",
    "maps executable memory": "mmap.mmap(-1, 4096, prot=7)",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=[name.replace(" ", "-") for name in ATTACKS])
def test_a_package_is_held(custom: Callable[[str], Found], attack: str) -> None:
    source = GOOD.replace("import random", "import mmap, os, random, socket, subprocess, threading")
    found = custom(source.replace("return answer.strip()", f"{attack}; return answer.strip()"))
    instance = one(found)
    (failure,) = score(found, instance, instance.reference)
    assert isinstance(failure, Failure), failure
    assert failure.status in (Status.FORBIDDEN, Status.RAISED)
    assert failure.error in ("", "PermissionError", "OSError", "RuntimeError", "FileNotFoundError"), failure
    assert not Path("/tmp/marker").exists()


def test_a_package_may_read_what_lies_beside_it(custom: Callable[[str], Found], tmp_path: Path) -> None:
    tmp_path.chmod(0o755)  # a child is nobody in particular
    (tmp_path / "words.txt").write_text("seven", encoding="utf-8")
    found = custom(
        GOOD.replace("import random", "import random, pathlib").replace(
            "f\"What is {item['n']} + 1?\"", "pathlib.Path(__file__).with_name('words.txt').read_text()"
        )
    )
    assert one(found).prompt == "seven"


def test_a_package_that_takes_for_ever_is_stopped(
    custom: Callable[[str], Found], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("envforge.gyms.evaluator.SCORE_SECONDS", 1.0)
    found = custom(
        GOOD.replace("return answer.strip()", "\n            while answer: pass\n            return answer")
    )
    instance = one(found)
    slow, empty = score(found, instance, "7", "")
    assert isinstance(slow, Failure) and slow.status is Status.CPU
    assert empty == 0.0


def test_a_package_that_cannot_be_imported_is_told(custom: Callable[[str], Found]) -> None:
    (target, evaluator), *_ = custom("import sys; sys.exit('no')")
    (failure,) = evaluator.instances(target.program, [(1, 0)])
    assert isinstance(failure, Failure) and failure.error in ("SystemExit", "ModuleNotFoundError")


def test_a_level_without_box_reads_no_files_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There everybody's files are there to be seen, and Landlock alone stands before them."""
    monkeypatch.syspath_prepend(str(tmp_path))
    source = GOOD.replace("return answer.strip()", "open('/etc/passwd').read(); return answer.strip()")
    (tmp_path / "my_tasks.py").write_text(textwrap.dedent(source), encoding="utf-8")
    with ExitStack() as stack:
        found = gym_targets("py:my_tasks:Task", SandboxConfig(use="1"), stack)
        instance = one(found)  # type: ignore[arg-type]
        (failure,) = score(found, instance, "7")  # type: ignore[arg-type]
    assert isinstance(failure, Failure) and failure.error == "PermissionError"


@pytest.mark.parametrize("level", [4, 5])
def test_containers_refuse_packages(level: int) -> None:
    with ExitStack() as stack:
        (target, evaluator), *_ = gym_targets(
            "gym:reasoning_gym/leg_counting", SandboxConfig(isolation=level), stack
        )
        with pytest.raises(IsolationError, match="containers hold no packages of other people"):
            evaluator.instances(target.program, [(1, 0)])


def test_programs_of_the_contract_get_no_packages(sandbox: Sandbox) -> None:
    """The flavour is the adapters' alone: an ordinary runner holds nothing for it."""
    with ExitStack() as stack:
        (target, _), *_ = gym_targets("gym:reasoning_gym/leg_counting", SandboxConfig(), stack)
        (failure,) = GymEvaluator(sandbox).instances(target.program, [(1, 0)])
    assert isinstance(failure, Failure) and failure.error in ("ModuleNotFoundError", "KeyError")
