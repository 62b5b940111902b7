"""The probes of scorers that run, of instances and of purity: what they must find, and whom they must not accuse."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest

from envforge.audit.codes import CODES
from envforge.audit.desk import Desk
from envforge.audit.finding import Finding, Severity
from envforge.audit.instances import instances
from envforge.audit.probes import PROBES
from envforge.audit.purity import purity
from envforge.audit.running import endurance, evaluation
from envforge.audit.solvers import contradictions, voted
from envforge.audit.target import ENVIRONMENT, Target
from envforge.config import AuditConfig
from envforge.contract import Flavour, Instance, Oracle, Program, content_id
from envforge.errors import UsageError
from envforge.locations import data_folder
from envforge.sandbox import Evaluator, Failure, Sandbox

Run = Callable[[Desk], Iterable[Finding]]

SUM = '''"""Sums: the sum of some numbers."""

{head}

TAGS = ("arithmetic",)
ORACLE = "equality"


def generate(rng, difficulty):
    {generate}


def prompt(state):
    {prompt}


def reference(state):
    {reference}


def score(state, answer):
    {score}
'''
PARTS = {
    "head": "import random",
    "generate": 'return {"numbers": [rng.randint(10, 999) for _ in range(4 + difficulty)]}',
    "prompt": """return f"What is the sum of {', '.join(map(str, state['numbers']))}?\"""",
    "reference": 'return str(sum(state["numbers"]))',
    "score": 'return 1.0 if answer.strip() == str(sum(state["numbers"])) else 0.0',
}
TRY = """try:
        return 1.0 if {} == sum(state["numbers"]) else 0.0
    except Exception:
        return 0.0"""
HIDDEN = (
    """return {"numbers": [rng.randint(10, 999) for _ in range(4 + difficulty)], "fee": rng.randint(1, 9)}"""
)
PAID = 'return str(sum(state["numbers"]) + state["fee"])'
SCORED = "return 1.0 if answer.strip() == reference(state) else 0.0"


def source(**parts: str) -> str:
    """The program with other parts."""
    return SUM.format(**{**PARTS, **parts})


# code, probe, the program that has the fault, and one alike that has none.
CASES: tuple[tuple[str, Run, dict[str, str], dict[str, str]], ...] = (
    (
        "evaluates-answer",
        evaluation,
        {"score": TRY.format("eval(answer)")},
        {"head": "import ast", "score": TRY.format("ast.literal_eval(answer)")},
    ),
    (
        "evaluates-answer",
        evaluation,
        # Nothing comes of it: that it is carried out shows in what it does.
        {"score": "try:\n        eval(answer)\n    except Exception:\n        pass\n    " + SCORED},
        {"score": "try:\n        compile(answer, 'a', 'eval')\n    except Exception:\n        pass\n    " + SCORED},
    ),
    (
        "evaluates-answer",
        evaluation,
        {"score": TRY.format("sum(map(int, answer.split('+')))")},
        # Lenient, but it evaluates nothing: the last number counts, whatever stands before it.
        {"head": "import re", "score": TRY.format("int(re.findall(r'[0-9]+', answer[:300])[-1])")},
    ),
    (
        "score-unbounded",
        endurance,
        {"head": "import re", "score": "return 1.0 if re.fullmatch('([0-9]+ ?)+', answer) and " + SCORED[14:]},
        {"head": "import re", "score": "return 1.0 if re.fullmatch('[0-9]+', answer) and " + SCORED[14:]},
    ),
    (
        "score-unbounded",
        endurance,
        {"score": TRY.format("sum(1 for _ in range(int(answer)))")},
        {"score": TRY.format("sum(1 for _ in range(min(99999, int(answer))))")},
    ),
    (
        "score-raises",
        endurance,
        {"score": 'return 1.0 if int(answer) == sum(state["numbers"]) else 0.0'},
        {"score": TRY.format("int(answer)")},
    ),
    (
        "score-range",
        endurance,
        {"score": SCORED[:-3] + "-0.5"},
        {"score": SCORED[:-3] + "0.1"},
    ),
    (
        "generation-fails",
        instances,
        {"generate": 'return {"numbers": rng.sample(range(10, 999), rng.choice((3, 4, 5, 2000)))}'},
        {"generate": 'return {"numbers": rng.sample(range(10, 999), rng.choice((3, 4, 5, 9)))}'},
    ),
    (
        "answer-missing",
        instances,
        {"reference": 'return str(sum(state["numbers"]) if state["numbers"][0] % 5 else None)', "score": SCORED},
        {
            "prompt": PARTS["prompt"][:-1] + ' Write None where the first is a multiple of 5."',
            "reference": 'return str(sum(state["numbers"]) if state["numbers"][0] % 5 else None)',
            "score": SCORED,
        },
    ),
    (
        "answer-in-prompt",
        instances,
        {"prompt": PARTS["prompt"][:-1] + """ (Checked by the author: {sum(state['numbers'])}.)\""""},
        {
            "prompt": PARTS["prompt"][:-1]
            + """ One of {sorted((sum(state['numbers']) + i for i in (-7, 0, 8)), key=lambda n: n * 71 % 101)}?\""""
        },
    ),
    (
        "ambiguous-prompt",
        instances,
        {"generate": HIDDEN, "reference": PAID, "score": SCORED},
        {
            "generate": HIDDEN,
            "prompt": PARTS["prompt"][:-1] + """ Add {state['fee']} to it.\"""",
            "reference": PAID,
            "score": SCORED,
        },
    ),
    (
        "few-instances",
        instances,
        {"generate": 'return {"numbers": [rng.randint(3, 9), rng.randint(3, 9), difficulty]}'},
        {"generate": 'return {"numbers": [rng.randint(3, 90), rng.randint(3, 90), difficulty]}'},
    ),
    (
        "level-generation-slow",
        instances,
        {"generate": "sum(i * i for i in range(12_000_000 if difficulty == 9 else 9))\n    " + PARTS["generate"]},
        {"generate": "sum(i * i for i in range(90_000))\n    " + PARTS["generate"]},
    ),
    (
        "prompt-varies",
        purity,
        {"prompt": """return f"What is the sum of {', '.join(set(map(str, state['numbers'])))}?\""""},
        {"prompt": """return f"What is the sum of {', '.join(sorted(set(map(str, state['numbers']))))}?\""""},
    ),
    (
        "global-random",
        purity,
        {"generate": 'return {"numbers": [random.randint(10, 999) for _ in range(4 + difficulty)]}'},
        {},
    ),
    (
        "score-varies",
        purity,
        {"head": "CALLS = []", "score": "CALLS.append(1)\n    return 1.0 if len(CALLS) % 7 else 0.0"},
        {"head": "CALLS = []", "score": "calls = [1]\n    return 1.0 if len(calls + CALLS) % 7 else 0.0"},
    ),
    (
        "changes-state",
        purity,
        {"score": 'state["numbers"].sort()\n    ' + SCORED},
        {"score": 'sorted(state["numbers"])\n    ' + SCORED},
    ),
    (
        "writes-files",
        purity,
        {"score": "open('/tmp/answers', 'a').write(answer)\n    " + SCORED},
        {"score": "# open('/tmp/answers', 'a')\n    " + SCORED},
    ),
    (
        "writes-files",
        purity,
        {"head": "import os", "generate": "os.mkdir('/tmp/numbers')\n    " + PARTS["generate"]},
        {"head": "import os.path", "generate": "os.path.join('/tmp', 'numbers')\n    " + PARTS["generate"]},
    ),
)  # fmt: skip


def made(text: str, oracle: Oracle = Oracle.EQUALITY) -> Program:
    """The program as it stands: most of those with faults would not pass the static policy."""
    return Program(content_id(text), text, "Sums", ("arithmetic",), oracle, 9, Flavour.BARE, "", frozenset())


def desk(evaluator: Evaluator, program: Program, group: str = ENVIRONMENT, **config: int) -> Desk:
    return Desk(Target("sums", program, ("sums.py",), group), evaluator, AuditConfig(**config))


@pytest.mark.parametrize(
    ("code", "run", "bad"),
    [case[:3] for case in CASES],
    ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES)],
)
def test_fault_is_found(evaluator: Evaluator, code: str, run: Run, bad: dict[str, str]) -> None:
    findings = list(run(desk(evaluator, made(source(**bad)))))
    assert code in [finding.code for finding in findings]
    assert len({finding.code for finding in findings}) == len(findings)
    (found,) = [finding for finding in findings if finding.code == code]
    assert found.severity is (CODES[code].severity)
    assert 1 <= found.evidence["found"] <= found.evidence["tried"]
    assert {"seed", "difficulty"} <= set(found.evidence)
    assert found.command == f"envforge audit sums.py --only {code}"
    json.dumps(found.data(), allow_nan=False)


@pytest.mark.parametrize(
    ("run", "good"),
    [(case[1], case[3]) for case in CASES],
    ids=[f"{i}-{case[0]}" for i, case in enumerate(CASES)],
)
def test_program_alike_without_the_fault_is_not_accused(
    evaluator: Evaluator, run: Run, good: dict[str, str]
) -> None:
    audited = desk(evaluator, made(source(**good)))
    assert list(run(audited)) == []
    assert len(audited.instances) == 120


@pytest.mark.parametrize(
    "path",
    [
        data_folder("seeds") / "text" / "coin_change.py",
        data_folder("seeds") / "text" / "graph_colouring.py",
        Path(__file__).parent / "programs" / "correct" / "expression_that_makes_a_number.py",
        Path(__file__).parent / "programs" / "correct" / "base_conversion_letters.py",
        Path(__file__).parent / "programs" / "correct" / "inversions_with_a_coin_flip_floor.py",
    ],
    ids=lambda path: path.stem,
)
def test_correct_program_is_not_accused(evaluator: Evaluator, path: Path) -> None:
    program = evaluator.inspect(path.read_text("utf-8"))
    assert isinstance(program, Program)
    audited = desk(evaluator, program)
    for run in (evaluation, endurance, instances, purity):
        assert list(run(audited)) == []


def test_every_code_of_these_probes_has_a_case() -> None:
    runs = (evaluation, endurance, instances, purity)
    codes = {code for probe in PROBES if probe.run in runs for code in probe.codes}
    assert codes - {case[0] for case in CASES} == {"overlapping-seeds"}  # two evaluators below


def test_findings_repeat_exactly(evaluator: Evaluator) -> None:
    program = made(source(**CASES[0][2]))
    assert list(evaluation(desk(evaluator, program))) == list(evaluation(desk(evaluator, program)))


class Overlapping(Evaluator):
    """Neighbouring seeds give the same instance: as with a gym that adds the item's number to the seed."""

    def instances(
        self, program: Program, keys: Sequence[tuple[int, int]], **options: object
    ) -> list[Instance | Failure]:
        return super().instances(program, [(seed // 2, level) for seed, level in keys], **options)  # type: ignore[arg-type]


class Streaming(Evaluator):
    """Deals out streams whose items are `step` seeds apart from those of the next seed."""

    step = 1

    def streams(self, program: Program, keys: Sequence[tuple[int, int]]) -> list[list[str] | Failure | None]:
        return [[f"Item {self.step * seed + index}" for index in range(count)] for seed, count in keys]


def overlaps(evaluator: Evaluator, group: str) -> list[Finding]:
    return [
        finding
        for finding in instances(desk(evaluator, made(source()), group))
        if finding.code == "overlapping-seeds"
    ]


def test_consecutive_seeds_with_the_same_instance_are_found(sandbox: Sandbox) -> None:
    (found,) = overlaps(Overlapping(sandbox), ENVIRONMENT)
    assert found.evidence["found"] == 20 and found.evidence["tried"] == 40


def test_streams_that_overlap_are_found_and_streams_apart_are_not(sandbox: Sandbox) -> None:
    streaming = Streaming(sandbox)
    (found,) = overlaps(streaming, "gym")
    assert found.severity is Severity.WARNING and found.evidence["found"] == found.evidence["tried"]
    streaming.step = 1_000
    assert overlaps(streaming, "gym") == []
    streaming.step = 0  # the same few items everywhere are few instances, and no overlap of neighbours
    assert overlaps(streaming, "gym") == []


def test_small_first_level_is_an_info(evaluator: Evaluator) -> None:
    text = source(generate="return {'numbers': [rng.randint(1, 45 + 900 * difficulty), 5]}")
    (found,) = instances(desk(evaluator, made(text)))
    assert (found.code, found.severity) == ("few-instances", Severity.INFO)
    assert found.evidence["difficulty"] == 0


def test_a_gyms_expression_may_have_its_value_but_not_be_carried_out(evaluator: Evaluator) -> None:
    asks = PARTS["prompt"].replace("What is", "Write an expression for")
    values = source(prompt=asks, score=TRY.format("sum(map(int, answer.split('+')))"))
    assert list(evaluation(desk(evaluator, made(values), "gym"))) == []
    runs = source(prompt=asks, score=TRY.format("eval(answer)"))
    assert [found.code for found in evaluation(desk(evaluator, made(runs), "gym"))] == ["evaluates-answer"]


def test_hang_of_a_restricted_evaluation_is_told(evaluator: Evaluator) -> None:
    """No names, no calls: only that a power does not come to an end shows that it is computed."""
    allowed = 'set(answer) <= set("0123456789+-*/() ") and eval(answer, {"__builtins__": {}})'
    asks = PARTS["prompt"].replace("What is", "Write an expression for")
    (found,) = evaluation(desk(evaluator, made(source(prompt=asks, score=TRY.format(allowed))), "gym"))
    assert "out of CPU time" in found.summary


def test_a_gyms_scorer_may_raise_over_what_no_model_writes(evaluator: Evaluator) -> None:
    raises = 'if len(answer) > 500:\n        raise ValueError("too long")\n    ' + PARTS["score"]
    assert list(endurance(desk(evaluator, made(source(score=raises)), "gym"))) == []
    assert [found.code for found in endurance(desk(evaluator, made(source(score=raises))))] == [
        "score-raises"
    ]


SOLVER = "def solve(state):\n    return str(sum(state['numbers']))\n"
READER = """import re

def reference(text):
    return sum(map(int, re.findall("[0-9]+", text)))

def prompt(text):
    return str(reference(text))

def solve(prompt):
    return _answer(prompt)

def _answer(text):
    return str(reference(text))
"""
WRONG = source(reference='return str(sum(state["numbers"]) + (state["numbers"][0] > 500))', score=SCORED)


@pytest.mark.parametrize("solver", [SOLVER, READER], ids=["state", "prompt"])
def test_solver_contradicts_wrong_labels_alone(evaluator: Evaluator, solver: str) -> None:
    assert contradictions(desk(evaluator, made(source()), instances=4), solver) == []
    audited = desk(evaluator, made(WRONG), instances=4)
    (found,) = contradictions(audited, solver)
    wrong = [one for one in audited.instances if one.state["numbers"][0] > 500]
    assert found.code == "label-contradicted" and found.severity is Severity.ERROR
    assert (found.evidence["found"], found.evidence["tried"]) == (len(wrong), 40)
    assert found.evidence["difficulty"] == min(one.difficulty for one in wrong)


def test_solver_may_pass_and_fail(evaluator: Evaluator) -> None:
    passes = "def solve(state):\n    return '' if state['numbers'][0] > 500 else str(sum(state['numbers']))\n"
    fails = "def solve(state):\n    return str(sum(state['numbers']) // (state['numbers'][0] <= 500))\n"
    for solver in (passes, fails, "def solve(state):\n    open('/etc/passwd')\n    return '1'\n"):
        assert contradictions(desk(evaluator, made(WRONG), instances=2), solver) == []


def test_solver_agrees_in_another_spelling_and_with_another_right_answer(evaluator: Evaluator) -> None:
    spelled = "def solve(state):\n    return '+0' + str(sum(state['numbers']))\n"
    assert contradictions(desk(evaluator, made(source()), instances=2), spelled) == []
    text = source(
        prompt="""return f"Name a number above {max(state['numbers'])} as an example of one.\"""",
        score='return 1.0 if answer.isdigit() and int(answer) > max(state["numbers"]) else 0.0',
    )  # fmt: skip
    other = "def solve(state):\n    return str(max(state['numbers']) + 1)\n"
    assert contradictions(desk(evaluator, made(text, Oracle.FEASIBILITY), instances=2), other) == []


@pytest.mark.parametrize("solver", ["def answer(state): return ''", "def solve(): return ''", "solve = ("])
def test_file_without_a_solver_is_a_users_mistake(evaluator: Evaluator, solver: str) -> None:
    with pytest.raises(UsageError, match="solver"):
        contradictions(desk(evaluator, made(source())), solver)


def test_votes_against_the_reference_are_told_when_most_agree(evaluator: Evaluator) -> None:
    audited = desk(evaluator, made(source()), instances=2)
    one, two = audited.instances[:2]
    wrong = str(int(one.reference) + 2)
    (found,) = voted(audited, [(one, [wrong, f" {wrong} ", f"+{wrong}", None]), (two, [two.reference] * 4)])
    assert (found.code, found.severity) == ("label-contradicted", Severity.WARNING)
    assert (found.evidence["votes"], found.evidence["of"], found.evidence["seed"]) == (3, 4, one.seed)


def test_votes_that_do_not_agree_contradict_nothing(evaluator: Evaluator) -> None:
    audited = desk(evaluator, made(source()), instances=2)
    one, two = audited.instances[:2]
    wrong = str(int(one.reference) + 2)
    for given in (
        [wrong] * 2,
        [wrong] * 3 + ["1", "2", "3"],
        [wrong, "1", "2", "3"],
        [None] * 5,
        [one.reference] * 5,
    ):
        assert voted(audited, [(one, given), (two, [two.reference])]) == []
