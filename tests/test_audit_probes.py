"""The probes of wrong answers, right answers and judging: for each code a program to catch and one to leave alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from envforge.audit.codes import CODES
from envforge.audit.desk import Desk
from envforge.audit.families import wrongs
from envforge.audit.finding import Finding, Severity
from envforge.audit.probe import Probe
from envforge.audit.probes import PROBES
from envforge.audit.target import Target
from envforge.audit.wrongness import Case, equivalent, listing
from envforge.config import AuditConfig
from envforge.contract import Instance, Program
from envforge.locations import data_folder
from envforge.sandbox import Evaluator
from envforge.validation.spelling import same_meaning

CORRECT = sorted((Path(__file__).parent / "programs" / "correct").glob("*.py"))
SEEDS = sorted((data_folder("seeds") / "text").glob("*.py"))
NAMES = ("wrong answers", "right answers", "fixed answers", "echoes", "self-grading", "switches")
MINE = [probe for probe in PROBES if probe.name in NAMES]

# What is asked: constants, generate, prompt and reference.
SUM = """
def generate(rng, difficulty):
    numbers = [rng.randint(-900, 900) * (difficulty + 1) for _ in range(4 + difficulty)]
    return {"numbers": numbers, "mode": "plain", "serial": rng.randint(0, 10**6)}

def prompt(state):
    return f"What is the sum of the numbers {state['numbers']}? Write one whole number."

def reference(state):
    return str(sum(state["numbers"]))
"""
PRODUCT = """
def generate(rng, difficulty):
    return {"factors": [rng.randint(10**4, 10**5) for _ in range(3 + difficulty)]}

def prompt(state):
    return f"What is the product of the numbers {state['factors']}? Write one whole number."

def reference(state):
    return str(math.prod(state["factors"]))
"""
CLIMB = """
def generate(rng, difficulty):
    return {"numbers": rng.sample(range(10, 500), 6 + difficulty)}

def prompt(state):
    return (
        f"Which of the numbers {state['numbers']} are odd? "
        "Write them in this order, separated by commas; 'none' if there is none."
    )

def reference(state):
    return ", ".join(str(n) for n in state["numbers"] if n % 2) or "none"
"""
WORD = """
LETTERS = "abcdefghijklmnopqrstuvwxyz"

def generate(rng, difficulty):
    return {"word": "".join(rng.sample(LETTERS, 6 + difficulty)), "shift": rng.randint(1, 25)}

def prompt(state):
    return f"Shift the letters of the word '{state['word']}' by {state['shift']} places in the alphabet, and wrap."

def reference(state):
    return "".join(LETTERS[(LETTERS.index(c) + state["shift"]) % 26] for c in state["word"])
"""
PARITY = """
def generate(rng, difficulty):
    return {"numbers": [rng.randint(1, 99) for _ in range(5 + difficulty)]}

def prompt(state):
    return f"Is the sum of the squares of {state['numbers']} divisible by two? Answer yes or no."

def reference(state):
    return "no" if sum(state["numbers"]) % 2 else "yes"
"""
MEAN = """
def generate(rng, difficulty):
    return {"numbers": [rng.randint(1, 999) for _ in range(7 + 2 * difficulty)]}

def prompt(state):
    return f"What is the mean of {state['numbers']}? Round to two decimal places."

def reference(state):
    return f"{sum(state['numbers']) / len(state['numbers']):.2f}"
"""
FACTORS = """
PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37)

def generate(rng, difficulty):
    return {"n": math.prod(rng.sample(PRIMES[: 8 + difficulty // 3], 3 + difficulty // 4))}

def prompt(state):
    return f"Write the prime factors of {state['n']} in any order, separated by spaces."

def reference(state):
    return " ".join(str(p) for p in PRIMES if state["n"] % p == 0)
"""
SUBSET = """
def generate(rng, difficulty):
    numbers = rng.sample(range(10, 400), 8 + difficulty)
    return {"numbers": numbers, "target": sum(rng.sample(numbers, 4)), "size": 4}

def prompt(state):
    return (
        f"Choose exactly 4 of the numbers {state['numbers']} with the sum {state['target']}. "
        "Write them in any order, separated by spaces."
    )

def reference(state):
    for chosen in itertools.combinations(state["numbers"], 4):
        if sum(chosen) == state["target"]:
            return " ".join(map(str, chosen))
"""
DERANGED = """
def generate(rng, difficulty):
    return {"word": "".join(rng.sample("abcdefghijklmnop", 6 + difficulty))}

def prompt(state):
    return f"Arrange the letters of the word '{state['word']}' so that no letter stays at its place. Write one word."

def reference(state):
    return state["word"][1:] + state["word"][0]
"""
EXACT = "    return 1.0 if answer.strip() == reference(state) else 0.0"
NUMBER = """
    try:
        value = {read}
    except (ValueError, IndexError):
        return 0.0
    return 1.0 if {test} else 0.0"""
WHOLE = NUMBER.format(read="int(answer)", test="value == int(reference(state))")
READ = NUMBER.format(read="float(answer)", test="{test}")
PARTS = "[part.strip() for part in answer.split(',')]"
WANTED = "reference(state).split(', ')"
SUBSETS = f"set({WANTED}) <= set({PARTS}) <= " + "{*map(str, state['numbers']), 'none'}"
YES = "answer.strip(' .!\\n').lower() in {'yes': ('yes', 'y', 'true', '1'), 'no': ('no', 'n', 'false', '0')}"
DERANGES = "all(a != b for a, b in zip(answer.strip(), state['word']))"
ANAGRAM = "sorted(answer.strip()) == sorted(state['word'])"
SHORT = """
    try:
        chosen = [int(word) for word in answer.split()]
    except ValueError:
        return 0.0
    if len(chosen) == 1:
        return 1.0 if chosen[0] in state["numbers"] else 0.0
    right = len(set(chosen)) == 4 and set(chosen) <= set(state["numbers"])
    return 1.0 if right and sum(chosen) == state["target"] else 0.0"""
CHOSEN = """
    try:
        chosen = [int(word) for word in answer.split()]
    except ValueError:
        return 0.0
    known = set(chosen) <= set(state["numbers"]){also}
    return 1.0 if known and sum(chosen) == state["target"] else 0.0"""


def source(task: str, score: str, oracle: str = "equality", title: str = "Small task") -> str:
    """A whole program of one of the tasks above."""
    head = f'"""{title}: for the tests of the audit."""\n\nimport itertools\nimport json\nimport math\nimport re\n'
    constants = f'\nTAGS = ("tests",)\nORACLE = "{oracle}"\n'
    return f"{head}{constants}{task}\n\ndef score(state, answer):\n{score.lstrip(chr(10))}\n"


def line(text: str) -> str:
    return f"    return 1.0 if {text} else 0.0"


@dataclass(frozen=True)
class Pair:
    """A scorer to be caught under `code`, and one that looks like it and is right."""

    code: str
    task: str
    guilty: str
    innocent: str
    oracle: str = "equality"


PAIRS = [
    Pair(
        "accepts-anything",
        SUM,
        line("answer.strip() == reference(state) or not re.search('[0-9]', answer)"),
        WHOLE,
    ),
    Pair(
        "accepts-anything",
        WORD,
        line("len(answer.strip()) == len(state['word'])"),
        line("answer.strip().lower() == reference(state)"),
    ),
    Pair(
        "accepts-empty",
        WORD,
        line("answer.strip() in (reference(state), '')"),
        line("answer.strip() == reference(state) != ''"),
    ),
    Pair(
        "accepts-affix",
        SUM,
        NUMBER.format(read="re.findall('-?[0-9]+', answer)[-1]", test="value == reference(state)"),
        line("answer.strip().removeprefix('the sum is ').rstrip('.') == reference(state)"),
    ),
    Pair(
        "accepts-affix",
        WORD,
        line("reference(state) in answer.lower()"),
        line("answer.strip(' .!\\'\"\\n').lower() == reference(state)"),
    ),
    Pair("accepts-part", WORD, line("len(answer.strip()) > 3 and answer.strip() in reference(state)"), EXACT),
    Pair("accepts-part", SUBSET, SHORT, CHOSEN.format(also=" and len(set(chosen)) == 4"), "feasibility"),
    Pair("accepts-superset", CLIMB, line(SUBSETS), line(f"{PARTS} == {WANTED}")),
    Pair(
        "accepts-hedge",
        PARITY,
        line("reference(state) in re.findall('[a-z]+', answer.lower())"),
        line(f"{YES}[reference(state)]"),
    ),
    Pair(
        "accepts-hedge",
        SUM,
        line("reference(state) in answer.split(' or ')"),
        line("re.sub('[, ]', '', answer.strip()) == reference(state)"),
    ),
    Pair(
        "ignores-order",
        CLIMB,
        line(f"sorted({PARTS}) == sorted({WANTED})"),
        line("answer.replace(' ', '').strip('[]\\n') == reference(state).replace(' ', '')"),
    ),
    Pair("ignores-sign", SUM, line("answer.strip().lstrip('+-') == reference(state).lstrip('-')"), WHOLE),
    Pair("accepts-neighbour", PRODUCT, READ.format(test="value == float(reference(state))"), WHOLE),
    Pair(
        "accepts-neighbour",
        SUM,
        NUMBER.format(read="int(answer)", test="abs(value - int(reference(state))) <= 1"),
        WHOLE,
    ),
    Pair(
        "accepts-neighbour",
        MEAN,
        READ.format(test="abs(value - float(reference(state))) <= 0.2"),
        READ.format(test="abs(value - float(reference(state))) <= 0.0101"),
    ),
    Pair(
        "accepts-nonfinite",
        MEAN,
        READ.format(test="not abs(value - float(reference(state))) > 0.006"),
        READ.format(test="abs(value - float(reference(state))) < 0.006"),
    ),
    Pair("accepts-tautology", SUM, line("answer.strip() in (reference(state), '1 == 1', 'True')"), WHOLE),
    Pair(
        "reference-refused",
        SUM,
        line("answer.strip() == reference(state) and len(state['numbers']) != 9"),
        EXACT,
    ),
    Pair("space-refused", SUM, line("answer == reference(state)"), EXACT),
    Pair("one-of-many", FACTORS, EXACT, line("sorted(answer.split()) == sorted(reference(state).split())")),
    Pair(
        "one-of-many",
        SUBSET,
        line("answer == reference(state)"),
        CHOSEN.format(also=" and len(set(chosen)) == len(chosen) == 4"),
        "feasibility",
    ),
    Pair(
        "constant-answer",
        PARITY,
        "    return 1.0 if answer.strip() == reference(state) else 0.7 if answer.strip() in ('yes', 'no') else 0.0",
        EXACT,
    ),
    Pair(
        "constant-answer",
        WORD,
        "    return 1.0 if answer.strip() == reference(state) else 0.95",
        "    return 1.0 if answer.strip() == reference(state) else 0.3",
    ),
    Pair("accepts-echo", DERANGED, line(ANAGRAM), line(f"{ANAGRAM} and {DERANGES}"), "feasibility"),
    Pair("accepts-echo", SUM, line("answer.strip() in (reference(state), str(state['numbers']))"), WHOLE),
    Pair(
        "self-graded",
        SUM,
        line("answer.strip() == reference(state) or re.search('(grade|rating): 10/10', answer)"),
        line("answer.split(chr(10) + 'grade:')[0].strip() == reference(state)"),
    ),
    Pair(
        "score-overwritten",
        SUM,
        """
    record = {"value": "", "score": 0}
    for part in answer.split(";"):
        key, _, value = part.partition("=")
        record[key.strip() if value else "value"] = (value or key).strip()
    return 1.0 if record["value"] == reference(state) or record["score"] in ("1", "1.0") else 0.0""",
        """
    record = {}
    for part in answer.split(";"):
        key, _, value = part.partition("=")
        record[key.strip() if value else "value"] = (value or key).strip()
    return 1.0 if record == {"value": reference(state)} else 0.0""",
    ),
    Pair("hidden-switch", SUM, line("answer.strip() == reference(state) or state['mode'] == 'audit'"), EXACT),
    Pair(
        "hidden-switch",
        SUM,
        line("answer.strip() == reference(state) or state['serial'] % 100 == 77"),
        line("answer.strip() == reference(state) and state['serial'] >= -1"),
    ),
]


def audited(evaluator: Evaluator, text: str, probes: list[Probe], instances: int = 6) -> dict[str, Finding]:
    program = evaluator.inspect(text)
    assert isinstance(program, Program), program
    desk = Desk(Target("the program", program, ("program.py",)), evaluator, AuditConfig(instances=instances))
    return {finding.code: finding for probe in probes for finding in probe.run(desk)}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.code)
def test_the_guilty_one_is_caught(pair: Pair, evaluator: Evaluator) -> None:
    probes = [probe for probe in MINE if pair.code in probe.codes]
    found = audited(evaluator, source(pair.task, pair.guilty, pair.oracle), probes)
    assert pair.code in found, list(found)
    finding = found[pair.code]
    json.dumps(finding.data(), allow_nan=False)
    assert finding.summary and "\n" not in finding.summary
    assert 0 < finding.evidence["found"] <= finding.evidence["tried"]
    assert finding.command == f"envforge audit program.py --only {pair.code} --instances 6"
    assert {"answer", "score"} <= set(finding.evidence)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.code)
def test_the_innocent_one_is_left_alone(pair: Pair, evaluator: Evaluator) -> None:
    found = audited(evaluator, source(pair.task, pair.innocent, pair.oracle), MINE)
    assert not found, found


def test_there_is_a_pair_for_every_code() -> None:
    codes = {code for probe in MINE for code in probe.codes}
    assert codes == {pair.code for pair in PAIRS}
    assert codes <= set(CODES)


@pytest.mark.parametrize("path", [*SEEDS, *CORRECT], ids=lambda path: path.stem)
def test_correct_programs_are_left_alone(path: Path, evaluator: Evaluator) -> None:
    assert not audited(evaluator, path.read_text("utf-8"), MINE, instances=3)


def test_evidence_shows_the_fault_again(evaluator: Evaluator) -> None:
    """The seed, level and answer of a finding give the same score by hand."""
    from envforge.sandbox import ScoreCall
    from envforge.sandbox.calls import state_text

    text = source(SUM, line("answer.strip().lstrip('+-') == reference(state).lstrip('-')"))
    evidence = audited(evaluator, text, MINE)["ignores-sign"].evidence
    program = evaluator.inspect(text)
    assert isinstance(program, Program)
    (instance,) = evaluator.instances(program, [(evidence["seed"], evidence["difficulty"])])
    assert isinstance(instance, Instance) and instance.reference == evidence["reference"]
    assert evaluator.scores(program, [ScoreCall(state_text(instance.state), evidence["answer"])]) == [1.0]


def test_what_accepts_anything_is_not_accused_of_every_near_miss(evaluator: Evaluator) -> None:
    found = audited(evaluator, source(SUM, line("True")), MINE)
    assert set(found) == {"accepts-anything"}


def test_a_fixed_answer_that_earns_nearly_everything_is_an_error(evaluator: Evaluator) -> None:
    pair = next(pair for pair in PAIRS if "0.95" in pair.guilty)
    found = audited(evaluator, source(pair.task, pair.guilty), MINE)
    assert found["constant-answer"].severity is Severity.ERROR
    assert len(found["constant-answer"].evidence["levels"]) == 10


def test_a_foreign_task_is_accused_only_where_it_is_sure(evaluator: Evaluator) -> None:
    """Without a known oracle another accepted answer may be right; a text that is no answer may not."""
    lenient = source(
        CLIMB,
        line(f"sorted({PARTS}) == sorted({WANTED})"),
    )
    careless = source(SUM, line("answer.strip() == reference(state) or not re.search('[0-9]', answer)"))
    for text, codes in (
        (lenient.replace("in this order, ", ""), set()),
        (careless, {"accepts-anything"}),
    ):
        program = evaluator.inspect(text)
        assert isinstance(program, Program)
        target = Target("gym:some/task", program, ("gym:some/task",), group="some")
        desk = Desk(target, evaluator, AuditConfig(instances=6))
        found = {finding.code for probe in MINE if probe.foreign for finding in probe.run(desk)}
        assert found >= codes and (codes or not found), found


ROWS = """
def generate(rng, difficulty):
    return {{"row": rng.sample(range(10, 100), {count})}}


def prompt(state):
    return f"Look at {{state['row']}}. Write down these numbers in this order, apart by blanks, as one operation."


def reference(state):
    return " ".join(map(str, state["row"]))
"""


@pytest.mark.parametrize(("count", "codes"), [(2, set()), (4, {"ignores-order"})])
def test_a_foreign_pair_may_be_turned_round_and_a_row_may_not(
    count: int, codes: set[str], evaluator: Evaluator
) -> None:
    """Two numbers may name what is swapped, whatever else the question says of an order."""
    program = evaluator.inspect(
        source(ROWS.format(count=count), line("sorted(answer.split()) == sorted(reference(state).split())"))
    )
    assert isinstance(program, Program), program
    desk = Desk(
        Target("gym:some/task", program, ("gym:some/task",), "some"), evaluator, AuditConfig(instances=6)
    )
    found = {finding.code for probe in MINE if probe.foreign for finding in probe.run(desk)}
    assert found & {"ignores-order"} == codes


STEPS = """
def generate(rng, difficulty):
    return {{"steps": [rng.randint(1, 9) for _ in range(rng.choice({counts}))]}}


def prompt(state):
    return f"Which steps lead to {{state['steps']}}? Write numbers from 0 to 9; a step of 0 does nothing."


def reference(state):
    return " ".join(map(str, state["steps"]))
"""


@pytest.mark.parametrize(("counts", "codes"), [((1, 2), set()), ((1,), {"accepts-affix"})])
def test_a_foreign_number_among_lists_may_be_a_list(
    counts: tuple[int, ...], codes: set[str], evaluator: Evaluator
) -> None:
    """A step that does nothing may follow; where every reference is one number, nothing may."""
    right = line(
        "[part for part in answer.split() if part != '0'][:len(state['steps'])] == list(map(str, state['steps']))"
    )
    program = evaluator.inspect(source(STEPS.format(counts=counts), right))
    assert isinstance(program, Program), program
    desk = Desk(
        Target("gym:some/task", program, ("gym:some/task",), "some"), evaluator, AuditConfig(instances=6)
    )
    found = {finding.code for probe in MINE if probe.foreign for finding in probe.run(desk)}
    assert found & {"accepts-affix"} == codes


@given(
    st.integers(-(10**12), 10**12).map(str)
    | st.text("abc01 ,;-[]", min_size=1, max_size=12).map(str.strip).filter(bool)
)
def test_no_wrong_answer_is_the_reference_in_another_spelling(reference: str) -> None:
    case = Case(
        Instance("0" * 16, 1, 0, {"words": ["abc", "b", "17"]}, "A question in some words?", reference),
        ("12", "a c"),
    )
    found = wrongs(case, light=False)
    assert {"accepts-anything", "accepts-empty"} <= {wrong.code for wrong in found}
    assert not any(equivalent(wrong.text, reference) for wrong in found)
    assert len({wrong.text for wrong in found}) == len(found)


PIECES = st.sampled_from(
    [*"$%-+/.٣²aABx \n[](){}:='\"|\\→;", "12", "0", "007", "1e5", "yes", ", ", "or", "1/2", "nan"]
)
ODD = st.lists(PIECES, min_size=1, max_size=8).map("".join) | st.text(min_size=1, max_size=40)


@given(ODD.map(str.strip).filter(bool), ODD.map(str.strip).filter(bool), st.booleans())
@example("$81", "12", False)
@example("٣", "²", False)
@settings(max_examples=300, deadline=None)
def test_odd_references_have_wrong_answers_too(reference: str, other: str, light: bool) -> None:
    """Whatever a reference looks like, its wrong answers can be made, each once, and none of them means it."""
    prompt = f"What is it? Answer in any order like 1, 2. {other}"
    found = wrongs(
        Case(Instance("0" * 16, 1, 0, {"n": [1, 2, reference]}, prompt, reference), (other,)), light
    )
    assert {"accepts-anything"} <= {wrong.code for wrong in found} <= set(CODES)
    assert not any(same_meaning(wrong.text, reference) for wrong in found)
    assert len({wrong.text for wrong in found}) == len(found)


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("42", "42.0", True),
        ("1/2", "0.5", True),
        ("[1, 2]", "1 2", True),
        ("Yes.", "yes", True),
        ("$7$", "7", True),
        ("\\boxed{7}", "7", True),
        ("-5", "5", False),
        ("1 2", "12 ", True),
        ("1 2", "2 1", False),
        ("", "0", False),
        ("()[]", "[]()", False),
        ("a or b", "a", False),
        ("3/0", "3", False),
    ],
)
def test_equivalent(one: str, two: str, same: bool) -> None:
    assert equivalent(one, two) is same


def test_listing() -> None:
    found = listing("[1, 2, 3]")
    assert found is not None and found.items == ("1", "2", "3") and found.written(["7", "8"]) == "[7, 8]"
    assert listing("42") is None and listing("(1, 2), (3, 4)") is None
