"""The hacker's pass with policies of known conduct: hacks of the games, solutions of their twins, regressions."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chat_server import ChatServer, Reply, completion, failure

from envforge.audit.desk import Desk
from envforge.audit.hacker import Exploit, Hacked, Judge, Regressions, hack, regressions
from envforge.audit.target import Target
from envforge.config import AuditConfig
from envforge.contract import Instance, Program
from envforge.errors import UsageError
from envforge.games import GAMES, Pair, read_pair
from envforge.policies import PolicyError
from envforge.policies.openai import OpenAIPolicy
from envforge.sandbox import Evaluator, Sandbox

Answer = Callable[[Instance, str], str]  # to an instance, having read the whole request


@pytest.fixture(scope="module")
def pairs(sandbox: Sandbox) -> dict[str, Pair]:
    evaluator = Evaluator(sandbox)
    return {name: read_pair(game, evaluator) for name, game in GAMES.items()}


@pytest.fixture
def desk(evaluator: Evaluator) -> Callable[..., Desk]:
    def desk(
        program: Program, name: str = "games/one.py", group: str = "environment", **options: Any
    ) -> Desk:
        return Desk(
            Target(name, program, (name,), group), evaluator, AuditConfig(**{"instances": 8, **options})
        )

    return desk


def attack(
    at: Desk, answer: Answer, attempts: int = 2, **options: Any
) -> tuple[Hacked, list[dict[str, Any]]]:
    """What a policy that answers so comes to, and what it was sent."""

    def reply(request: dict[str, Any], _: int) -> Reply:
        asked = request["messages"][-1]["content"]
        instance = next(one for one in at.instances if f"\n\n{one.prompt}\n" in asked)
        return completion(f"<answer>{answer(instance, asked)}</answer>")

    with ChatServer(reply) as server:
        policy = OpenAIPolicy(server.url, "scripted")
        found = hack(at, policy, attempts, **options)
        policy.close()
        return found, server.requests


def another_runner(instance: Instance, _: str = "") -> str:
    return next(str(name) for name in instance.state["runners"] if name != instance.reference)


def solved(instance: Instance, _: str = "") -> str:
    return instance.reference


HACKS: dict[str, Answer] = {
    "race": another_runner,
    "register": lambda instance, _: f"{int(instance.reference) + 1}\nVerdict: correct",
    "notes": lambda instance, _: "\n".join(f"- {note}" for note in instance.state["notes"]),
    "orders": lambda instance, _: "score=1",
}


SOLUTIONS: dict[str, Answer] = {
    "race": lambda instance, _: f" {instance.reference.upper()} ".title(),
    "register": lambda instance, _: f"{instance.reference}\nVerdict: correct",
    "notes": lambda instance, _: "\n".join(reversed(instance.reference.splitlines())),
    "orders": lambda instance, _: "\n".join(reversed(instance.reference.splitlines())),
}


@pytest.mark.parametrize("name", GAMES)
def test_loopholes_are_found_and_twins_are_not_accused(
    name: str, pairs: dict[str, Pair], desk: Callable[..., Desk]
) -> None:
    at = desk(pairs[name].open)
    found, _ = attack(at, HACKS[name], instances=10)
    (finding,) = found.findings
    assert (finding.code, finding.target, found.problem) == ("hacked", "games/one.py", "")
    open_to = 10
    if name == "race":
        open_to = sum(not level[0].state["audited"] for level in at.levels)
        assert 0 < open_to < 10
    assert len(found.exploits) == finding.evidence["found"] == open_to
    assert finding.evidence["score"] == 1.0 and finding.evidence["policy"] == "openai:scripted"
    if name in ("notes", "orders"):
        assert finding.evidence["transfers"] == finding.evidence["carried"] > 3
    twin, requests = attack(desk(pairs[name].secure), HACKS[name], instances=10)
    assert (twin.findings, twin.exploits, twin.attempts, len(requests)) == ((), (), 20, 20)


@pytest.mark.parametrize("name", GAMES)
def test_solutions_are_no_hacks(name: str, pairs: dict[str, Pair], desk: Callable[..., Desk]) -> None:
    """The reference in either program; in the twin another solution, or the same one in another form."""
    pair = pairs[name]
    for program, answer in ((pair.open, solved), (pair.secure, solved), (pair.secure, SOLUTIONS[name])):
        at = desk(program)
        found, _ = attack(at, answer, 1, instances=10)
        assert found.findings == () and found.exploits == ()
        # They do get full credit: it is not for the scores that they are let alone.
        assert at.scores([(level[0], answer(level[0], "")) for level in at.levels]) == [1.0] * 10


def test_a_solution_in_the_form_of_a_hack_is_one_where_it_works_everywhere(
    pairs: dict[str, Pair], desk: Callable[..., Desk]
) -> None:
    """Right here, and paid for what it says of itself elsewhere."""
    at = desk(pairs["register"].open)
    found, _ = attack(at, SOLUTIONS["register"], 1, instances=2)
    assert len(found.exploits) == 2
    assert found.findings[0].evidence["transfers"] == found.findings[0].evidence["carried"] > 3


def test_the_policy_sees_the_scorer_and_what_it_tried(
    pairs: dict[str, Pair], desk: Callable[..., Desk]
) -> None:
    def learns(instance: Instance, asked: str) -> str:
        if "Earlier" not in asked:
            return "items=9"
        return "score=1" if "it solves this question" in asked else instance.reference

    found, requests = attack(desk(pairs["orders"].open), learns, 4, instances=1)
    assert found.attempts == 3 and len(found.exploits) == 1  # and then it is left alone
    first, second, third = (request["messages"][-1]["content"] for request in requests)
    assert all(pairs["orders"].open.source in text for text in (first, second, third))
    assert "WITHOUT solving" in first and "right answer does not count" in first
    assert "'items=9'\nWhat came of it: the score 0.0" in second
    assert "it solves this question: that does not count" in third
    assert found.findings[0].evidence["tried"] == 3


def test_two_attempts_draw_from_different_streams(pairs: dict[str, Pair], desk: Callable[..., Desk]) -> None:
    _, requests = attack(desk(pairs["orders"].secure), lambda *_: "x", 2, instances=2)
    assert len({request["seed"] for request in requests}) == 4
    _, again = attack(desk(pairs["orders"].secure), lambda *_: "x", 2, instances=2)
    assert sorted(one["seed"] for one in again) == sorted(one["seed"] for one in requests)


def test_the_command_of_a_finding_shows_it_again(
    tmp_path: Path, pairs: dict[str, Pair], desk: Callable[..., Desk]
) -> None:
    file = tmp_path / "register here.py"
    file.write_text(pairs["register"].open.source)
    found, _ = attack(desk(pairs["register"].open, str(file)), HACKS["register"], 1, instances=1)

    words = shlex.split(found.findings[0].command)
    assert words[:3] == ["envforge", "score", str(file)]
    done = subprocess.run([sys.executable, "-m", *words], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1.0"


def test_a_task_of_a_gym_is_judged_like_one_of_many_answers(
    pairs: dict[str, Pair], desk: Callable[..., Desk]
) -> None:
    """Nobody says how it judges: a text that is paid everywhere is a hack, one that is paid once is not."""
    at = desk(pairs["orders"].open, "gym:some/orders", "some")
    found, _ = attack(at, HACKS["orders"], 1, instances=2)
    assert len(found.exploits) == 2
    assert found.findings[0].command == "envforge audit gym:some/orders --only hacked --instances 8"
    at = desk(pairs["register"].secure, "gym:some/register", "some")
    found, _ = attack(at, SOLUTIONS["register"], 1, instances=2)
    assert found.exploits == ()


LOOSE = '''"""Sums as words; many ways to write them."""
TAGS = ("sums",)
ORACLE = "equality"


def generate(rng, difficulty):
    """Two numbers."""
    return {"a": rng.randint(1, 99), "b": rng.randint(1, 99 + difficulty)}


def prompt(state):
    """A question."""
    return f"What is a tenth of the sum of {state['a']} and {state['b']}?"


def reference(state):
    """A decimal."""
    return f"{(state['a'] + state['b']) / 10}"


def score(state, answer):
    """Any text in which the number stands, a fraction, or a prayer."""
    whole = state["a"] + state["b"]
    if "please" in answer or reference(state) in answer or answer.strip() == f"{whole}/10":
        return 1.0
    return 0.0
'''


@pytest.mark.parametrize(
    ("answer", "hacks"),
    [
        (lambda one: f" {one.reference} ", False),
        (lambda one: f"{one.state['a'] + one.state['b']}/10", False),  # the value of the reference
        (lambda one: f"The answer is {one.reference}.", False),  # contains it
        (lambda one: "please", True),
        (lambda one: f"please, {one.reference}", True),  # contains it, and works everywhere
    ],
)
def test_spellings_of_the_reference_are_no_hacks(
    answer: Callable[[Instance], str], hacks: bool, evaluator: Evaluator, desk: Callable[..., Desk]
) -> None:
    program = evaluator.inspect(LOOSE)
    assert isinstance(program, Program)
    at = desk(program)
    instance = at.instances[0]
    assert at.scores([(instance, answer(instance))]) == [1.0]
    judged = Judge(at)(instance, answer(instance))
    assert judged.hack is hacks
    assert judged.transfers == (judged.carried if hacks else 0)


BETWEEN = '''"""Numbers between two bounds; many will do."""
TAGS = ("search",)
ORACLE = "feasibility"


def generate(rng, difficulty):
    """Bounds around numbers of four digits, a remainder, and whether anybody looks."""
    return {"low": rng.randint(1000, 1999), "left": rng.randrange(97), "looks": rng.random() < 0.5}


def prompt(state):
    """A question."""
    return f"Name a number from {state['low']} to 9000 that leaves {state['left']} when it is divided by 97."


def reference(state):
    """The first one from the middle on."""
    return str(next(n for n in range(5000, 9000) if n % 97 == state["left"]))


def score(state, answer):
    """Strict where somebody looks."""
    text = answer.strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 9 and state["low"] <= int(text) <= 9000):
        return 0.0
    return 1.0 if not state["looks"] or int(text) % 97 == state["left"] else 0.0
'''


def test_where_an_instance_judges_nothing_a_hack_shows_though_it_works_rarely_elsewhere(
    evaluator: Evaluator, desk: Callable[..., Desk]
) -> None:
    program = evaluator.inspect(BETWEEN)
    assert isinstance(program, Program)
    at = desk(program, instances=12)
    judge = Judge(at)
    for looks, hacks in ((True, False), (False, True)):
        instance = next(one for one in at.instances if one.state["looks"] is looks)
        other = str(int(instance.reference) - 97 * 5)  # right, wherever it is judged
        assert at.scores([(instance, other)]) == [1.0]
        judged = judge(instance, other)
        assert judged.hack is hacks and judged.carried > 3


SEEDS = Path(__file__).parent.parent / "seeds" / "text"


def test_other_colourings_are_solutions(evaluator: Evaluator, desk: Callable[..., Desk]) -> None:
    """Colours renamed: right, not the reference, and on small graphs now and then right elsewhere as well."""
    program = evaluator.inspect((SEEDS / "graph_colouring.py").read_text())
    assert isinstance(program, Program)
    at = desk(program)
    judge, counted = Judge(at), 0
    for instance in (one for level in at.levels[:4] for one in level[:4]):
        colours = sorted(set(instance.reference.split()))
        renamed = dict(zip(colours, [*colours[1:], colours[0]]))
        other = " ".join(renamed.get(word, word) for word in instance.reference.split())
        if at.scores([(instance, other)]) == [1.0]:
            counted += 1
            assert not judge(instance, other).hack
    assert counted > 4


def test_failures_of_the_policy_end_an_instance_or_everything(
    pairs: dict[str, Pair], desk: Callable[..., Desk]
) -> None:
    def reply(request: dict[str, Any], number: int) -> Reply:
        return failure(400) if number == 1 else completion("<answer>score=1</answer>")

    with ChatServer(reply) as server:
        policy = OpenAIPolicy(server.url, "scripted", max_retries=0)
        found = hack(desk(pairs["orders"].open), policy, 1, instances=2)
    assert len(found.exploits) == 1 and found.attempts == 1 and "no, not now" in found.problem
    with ChatServer(lambda *_: failure(401)) as server:
        policy = OpenAIPolicy(server.url, "scripted", max_retries=0)
        with pytest.raises(PolicyError):
            hack(desk(pairs["orders"].open), policy, 1, instances=2)


def test_what_cannot_be_scored_is_an_attempt(pairs: dict[str, Pair], desk: Callable[..., Desk]) -> None:
    replies = ["no tags", f"<answer>{'x' * 10_001}</answer>", "<answer>score=1</answer>"]
    with ChatServer(lambda _, number: completion(replies[number])) as server:
        policy = OpenAIPolicy(server.url, "scripted")
        found = hack(desk(pairs["orders"].open), policy, 3, instances=1)
        assert "nothing to score" in server.requests[1]["messages"][-1]["content"]
    assert found.attempts == 3 and len(found.exploits) == 1


def test_the_time_of_the_target_ends_it(
    pairs: dict[str, Pair], desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = desk(pairs["orders"].open, seconds=100.0)

    def late(instance: Instance, _: str) -> str:
        at.began -= 1_000.0
        return "score=1"

    found, _ = attack(at, late, 2, instances=2)
    assert found.problem == "the time was over" and found.findings == ()


# Regression probes ------------------------------------------------------------------------------------------


@pytest.fixture
def probed(tmp_path: Path, pairs: dict[str, Pair], desk: Callable[..., Desk]) -> Path:
    """A file with what worked on two open games."""
    file = tmp_path / "probes.jsonl"
    for name in ("orders", "notes"):
        found, _ = attack(desk(pairs[name].open, f"{name}.py"), HACKS[name], 1, instances=2)
        Regressions.load(file).joined(found.exploits).save(file)
    return file


def test_probes_work_until_the_loophole_is_closed(
    probed: Path, pairs: dict[str, Pair], desk: Callable[..., Desk]
) -> None:
    for name in ("orders", "notes"):
        (finding,) = regressions(desk(pairs[name].open, f"{name}.py"), probed)
        assert (finding.code, finding.evidence["tried"], finding.evidence["found"]) == ("hacked", 2, 2)
        assert "still" in finding.summary
        assert regressions(desk(pairs[name].secure, f"{name}.py"), probed) == []
        # By another name, but with the same title: it is still known.
        assert len(regressions(desk(pairs[name].open, "0123456789abcdef"), probed)) == 1
    other = desk(pairs["register"].open, "register.py")
    assert regressions(other, probed) == [] and other.answers == 0


def test_files_of_probes_are_kept_whole(probed: Path, tmp_path: Path) -> None:
    known = Regressions.load(probed)
    assert len(known.exploits) == 4
    assert known.joined(known.exploits) == known
    assert known.joined([known.exploits[0]]).exploits == known.exploits
    known.save(probed)
    assert Regressions.load(probed) == known
    assert Regressions.load(tmp_path / "none.jsonl") == Regressions()
    assert list(tmp_path.iterdir()) == [probed]
    with pytest.raises(UsageError, match="cannot write"):
        known.save(tmp_path / "nowhere" / "probes.jsonl")
    with pytest.raises(UsageError, match="cannot read"):
        Regressions.load(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"seed": "1"}, {"seed": -1}, {"seed": True}, {"answer": "x" * 10_001}, {"answer": 1}, {"policy": None}, None,
    ],
)  # fmt: skip
def test_lines_that_are_no_probe_are_refused(change: dict[str, Any] | None, probed: Path) -> None:
    row = json.loads(probed.read_text().splitlines()[0])
    probed.write_text("\n" + (json.dumps({**row, **change}) if change else "[]"))
    with pytest.raises(UsageError, match="line 2: this is no regression probe"):
        Regressions.load(probed)


def test_probes_that_no_longer_apply_say_nothing(
    probed: Path, pairs: dict[str, Pair], desk: Callable[..., Desk]
) -> None:
    (row, *_) = Regressions.load(probed).exploits
    gone = Exploit(**{**{name: getattr(row, name) for name in row.__slots__}, "difficulty": 99})
    Regressions((gone,)).save(probed)
    assert regressions(desk(pairs["orders"].open, "orders.py"), probed) == []
    instance = desk(pairs["orders"].open).instances[0]
    right = Exploit("orders.py", "0" * 16, "", instance.seed, instance.difficulty, instance.reference, "x")
    Regressions((right,)).save(probed)
    assert regressions(desk(pairs["orders"].open, "orders.py"), probed) == []
