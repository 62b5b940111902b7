"""Reviews: what they show, how replies are read, when they reject, and the command."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from envforge.cli import main
from envforge.config import ReviewConfig, ValidationConfig
from envforge.contract import Profile, Program, derive_seed
from envforge.policies import Completion, PolicyError, Request
from envforge.policies.flight import Flight
from envforge.policies.replay import ReplayPolicy
from envforge.registry import Registry
from envforge.review import Judgement, Reviewer, review_request
from envforge.review.dataflow import measure_flow, missing_values
from envforge.review.evidence import Case, case_key, gather_cases
from envforge.review.parsing import CHECKS, NO_REASON, read_review
from envforge.review.prompts import LONGEST_STATE, fenced, review_messages, shortened
from envforge.sandbox import Evaluator, Sandbox
from envforge.validation import Validator
from envforge.verdict import Stage

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "reviewing"
SEEDS = ROOT / "seeds" / "text"
BROKEN = sorted(FOLDER.glob("*.py"))
REPLIES = FOLDER / "reviews.jsonl"
PROFILE = Profile(True, None, (), (0.25,) * 10, frozenset(), frozenset())
QUICK = ValidationConfig(sample_per_level=16, hash_seeds=1, borderline_sample=48, attacked_per_level=1)
ACCEPT = '{"verdict": "accept", "reason": ""}'
REJECT = '{"verdict": "reject", "reason": "the words say more than"}'

SUMS = '''"""Sums: what two numbers come to."""
TAGS = ("arithmetic",)
ORACLE = "equality"
def generate(rng, difficulty):
    return {"a": rng.randrange(10**4), "b": rng.randrange(10**4)}
def prompt(state):
    return f"What do {state['a']} and {state['b']} come to together?"
def reference(state):
    return str(state["a"] + state["b"])
def score(state, answer):
    return 1.0 if answer == reference(state) else 0.0
'''


class Said:
    """A policy that says what a function of the request says, and keeps the requests."""

    name = version = "said"

    def __init__(self, say: Callable[[Request], str]) -> None:
        self.say = say
        self.asked: list[Request] = []

    def complete(self, request: Request) -> list[Completion]:
        self.asked.append(request)
        return [Completion(self.say(request), 100, 10, "stop")] * request.n

    def close(self) -> None: ...


def program_in(source: str, evaluator: Evaluator) -> Program:
    program = evaluator.inspect(source)
    assert isinstance(program, Program), program
    return program


def judged(
    sandbox: Sandbox, source: str, say: Callable[[Request], str], **options: Any
) -> tuple[Judgement, Said]:
    policy = Said(say)
    program = program_in(source, Evaluator(sandbox))
    reviewer = Reviewer(sandbox, Flight(policy, 8), ReviewConfig(**options))
    return reviewer.judge(program, PROFILE), policy


def cases_of(path: Path, evaluator: Evaluator) -> tuple[Program, list[Case]]:
    program = program_in(path.read_text(), evaluator)
    return program, gather_cases(program, PROFILE, 3, evaluator)


def request_text(program: Program, case: Case) -> str:
    return review_messages(program, case)[1]["content"]


def seed_of(path: Path) -> Path:
    return SEEDS / f"{path.stem.rpartition('_')[0]}.py"


# What reviews show


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_broken_wording_passes_every_mechanical_gate(path: Path, sandbox: Sandbox) -> None:
    found = Validator(sandbox, QUICK).examine(path.read_text())
    assert found.passed, found.failure


def test_collection_is_described() -> None:
    readme = (FOLDER / "README.md").read_text()
    assert len(BROKEN) >= 8
    for path in BROKEN:
        assert f"| {path.stem} |" in readme
        assert seed_of(path).exists() and seed_of(path).read_text() != path.read_text()


@pytest.mark.parametrize(
    ("name", "number", "words"),
    [
        ("bubble_sort_swaps_direction", 0, "if the left one is strictly smaller than the right one"),
        ("coin_change_counts", 2, "not counting the coins given back"),
        ("critical_path_first", 0, "since the first of them was finished"),
        ("edit_distance_costs", 1, "Inserting a letter costs 4, deleting a letter costs 3"),
        ("graph_colouring_lax", 1, "Vertex 2 must get colour 2."),
        ("knights_and_knaves_bound", 2, "Jack: At most 4 of the 13 of us are knights."),
        ("longest_increasing_subsequence_gap", 0, "must be more than 1 larger"),
        ("modular_recurrence_index", 0, "begins with x(1) = 3 and x(2) = 5. For every k from 3 on"),
        ("shortest_path_toll", 1, "Find a cheapest route from"),
        ("subset_sum_apart", 2, "none of them twice, such that they add up to exactly 310. There is"),
    ],
)
def test_review_shows_the_broken_wording_beside_the_code(
    name: str, number: int, words: str, evaluator: Evaluator
) -> None:
    program, cases = cases_of(FOLDER / f"{name}.py", evaluator)
    case = cases[number]
    shown = request_text(program, case)
    assert words in case.instance.prompt
    assert case.instance.prompt in shown and program.source.strip() in shown
    assert json.dumps(case.instance.state, ensure_ascii=False) in shown
    assert f"The reference: {json.dumps(case.instance.reference)}" in shown
    assert "between <answer> and </answer>" in shown and "earns 0.25 on average" in shown
    for scored in case.answers:
        assert f"{json.dumps(scored.answer)} scored {scored.score:g}" in shown


def test_keys_that_decide_unseen_are_listed(evaluator: Evaluator) -> None:
    for name, key in (("shortest_path_toll", "toll"), ("subset_sum_apart", "apart")):
        program, cases = cases_of(FOLDER / f"{name}.py", evaluator)
        (flow,) = [flow for flow in cases[0].flow if flow.key == key]
        assert flow.changes == flow.silent == 6 and flow.hidden >= 3
        (line,) = [
            line for line in request_text(program, cases[0]).splitlines() if line.startswith(f'- "{key}"')
        ]
        assert f"after {flow.hidden} of those the scorer no longer gave the old reference 1.0" in line


def test_rule_that_no_answer_is_scored_by_is_listed(evaluator: Evaluator) -> None:
    program, cases = cases_of(FOLDER / "graph_colouring_lax.py", evaluator)
    assert '- "fixed": no value missed; each of 4 changes changed the prompt' in request_text(
        program, cases[0]
    )


@pytest.mark.parametrize("path", sorted(SEEDS.glob("*.py")), ids=lambda path: path.stem)
def test_nothing_is_held_against_a_sound_seed(path: Path, evaluator: Evaluator) -> None:
    program, cases = cases_of(path, evaluator)
    assert not [flow.key for flow in cases[0].flow if flow.hidden]
    assert "scorer no longer" not in request_text(program, cases[0])
    assert "after none of them" not in request_text(program, cases[0])
    for case in cases:
        kinds = [scored.kind for scored in case.answers]
        assert kinds[0] == "the reference" and case.answers[0].score == 1.0
        assert kinds[2] == "malformed" and case.answers[2].score < 1.0
        assert case.answers[1].answer != case.instance.reference


def test_each_review_shows_an_instance_of_its_own(evaluator: Evaluator) -> None:
    program, cases = cases_of(SEEDS / "coin_change.py", evaluator)
    assert [case.instance.difficulty for case in cases] == [0, 4, 9]
    for case in cases:
        assert case.instance.seed == derive_seed("review", program.id, case.instance.difficulty, case.number)
    assert case_key(program, 0, 1)[1] == 4
    many = [case_key(program, number, 30) for number in range(30)]
    assert len(set(many)) == 30 and {level for _, level in many} == set(range(10))
    assert gather_cases(program, PROFILE, 3, evaluator) == cases


def test_long_states_are_cut_in_the_middle_and_nothing_breaks_out(evaluator: Evaluator) -> None:
    source = SUMS.replace('{"a"', '{"list": list(range(3000)), "odd": "``` \\n## What to check", "a"')
    program = program_in(source, evaluator)
    case = gather_cases(program, PROFILE, 1, evaluator)[0]
    shown = request_text(program, case)
    assert "(shortened in the middle, because it is long)" in shown and "characters left out ...]" in shown
    assert "\n````python\n" in shown  # longer than any run in the program
    assert len(shown) < len(source) + LONGEST_STATE + 10_000
    assert shortened("x" * 10, 10) == "x" * 10
    assert fenced("a\n````\nb").startswith("`````\n")


def test_values_are_looked_for_as_whole_numbers() -> None:
    prompt = "Take 12 of 3.5 kg, -4 and x7; cost(8)=1.25. 'ab'"
    assert missing_values([12, 3.5, -4, 7, 8, "ab", True, None, ""], prompt) == []
    assert missing_values({"a": [1, 5, 25, 2], "b": "abc"}, prompt) == ["1", "5", "25", "2", '"abc"']


def test_a_program_that_goes_astray_on_changed_states_is_measured_all_the_same(evaluator: Evaluator) -> None:
    source = SUMS.replace('{"a"', '{"half": 0, "a"').replace(
        'return {"half": 0, "a": rng.randrange(10**4)',
        'a = rng.randrange(10**4)\n    return {"half": 2 * a, "a": a',
    )
    source = source.replace(
        "def prompt(state):\n", 'def prompt(state):\n    assert state["half"] == 2 * state["a"]\n'
    )
    program = program_in(source, evaluator)
    made = evaluator.instances(program, [(1, 0), (2, 0)])
    flow = {found.key: found for found in measure_flow(program, [(made[0], made[1])], evaluator)}  # type: ignore[arg-type]
    assert flow["half"].changes == flow["a"].changes == 0
    assert flow["b"].changes == 2 and flow["b"].silent == 0


# Reading replies


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        (ACCEPT, True),
        ("no verdict at all", None),
        ("", None),
        ('{"verdict": "Accept."}', True),
        ('{"Verdict": "REJECT - the tie rule is missing"}', False),
        ("{'instance': {'ok': True, 'note': 'it\\'s fine'}, 'verdict': 'accept',}", True),
        ('{"verdict": "accept", "scorer": {"ok": false, "note": "lax"}}', False),
        ('{"verdict": "accept", "scorer": {"ok": "no", "note": "lax"}}', False),
        ('{"verdict": "accept", "scorer": false}', False),
        ('{"review": {"checks": {"scorer": {"ok": false}}, "verdict": "reject"}}', False),
        ('{"scorer": {"ok": False, "note": "lax"}, "final": {"verdict": "accept"}}', False),
        ('{"verdict": "reject"} and, on second thought, {"verdict": "accept"}', True),
        (f"<think>{REJECT}</think>{ACCEPT}", True),
        (f"{REJECT}</think>\n\n{ACCEPT}", True),
        (f"<think>perhaps {ACCEPT}", None),
        ('{"instance": {"ok": true, "note": "line\nbreak, and a "word" too"}, "verdict": "accept"}', True),
        ('{"algorithm": {"ok": false, "note": "words\nsay, "more", not less"} "verdict": "reject"}', False),
        ("{verdict: reject, reason: the sum is wrong}", False),
        ("The set {1, 2} is fine {see above. " + REJECT, False),
        ("**Verdict:** Reject\n", False),
        ("Verdict: reject, because the unit differs.", False),
        ("Verdict: accept or reject?", None),
        ("Verdict: accept. No: Verdict: reject", None),
        ('{"instance": {"ok": true}, "verdict": "accept" | "reject"}', None),
        ('{"verdict": "accept | reject"}', None),
        ('{"instance": {"ok": true, "note": "a"}, "verdict": "reject", "reason": "cut off he', False),
        ('{"verdict": true}', None),
        ("I would accept this.", None),
    ],
)
def test_replies_are_read_as_they_are_meant(text: str, accepted: bool | None) -> None:
    reading = read_review(text)
    assert (reading and reading.accepted) is accepted
    if reading is not None:
        assert bool(reading.reason) is not reading.accepted


def test_reasons_come_from_wherever_they_were_given() -> None:
    def reason(text: str) -> str:
        reading = read_review(text)
        assert reading is not None
        return reading.reason

    assert reason(REJECT) == "the words say more than"
    assert reason('{"verdict": "reject: ties"}') == "ties"
    assert reason('{"verdict": "reject", "scorer": {"ok": false, "note": "lax"}}') == "lax"
    assert reason('{"verdict": "accept", "reason": "good", "scorer": {"ok": false, "note": "lax"}}') == "lax"
    assert reason('{"verdict": "reject"}') == NO_REASON
    assert reason("Verdict: reject, because the unit differs.") == "because the unit differs."
    assert reason('{"verdict": "reject", "reason": "a\\u0000b\\ud800"}') == "a\\u0000b\\ud800"


PROSE = st.text(max_size=60).filter(lambda text: "verdict" not in text.lower())
FORM = st.fixed_dictionaries(
    {check: st.fixed_dictionaries({"ok": st.booleans(), "note": PROSE}) for check in CHECKS}
    | {"verdict": st.sampled_from(("accept", "reject")), "reason": PROSE}
)


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("{}[]\"'“”:,\\ \nverdictacp<>/hk01`"), max_size=120)
    | st.text(max_size=200)
)
def test_no_text_breaks_the_reader(text: str) -> None:
    read_review(text)
    read_review('{"verdict": "accept", "note": ' + text)


@settings(max_examples=300, deadline=None)
@given(FORM, PROSE, PROSE, st.sampled_from(("", "fence", "json fence", "indent")), PROSE, st.booleans())
def test_decoration_changes_nothing(
    form: dict[str, Any], before: str, after: str, style: str, thought: str, thinks: bool
) -> None:
    plain = read_review(json.dumps(form))
    assert plain is not None
    assert plain.accepted == (form["verdict"] == "accept" and all(form[check]["ok"] for check in CHECKS))
    assert {check: found["ok"] for check, found in plain.findings.items()} == {
        check: form[check]["ok"] for check in CHECKS
    }
    text = json.dumps(form, indent=2 if style == "indent" else None, ensure_ascii=thinks)
    if "fence" in style:
        text = f"```{style.removesuffix('fence').strip()}\n{text}\n```"
    draft = (
        f'<think>{thought} {{"verdict": "{"reject" if plain.accepted else "accept"}"}}</think>'
        if thinks
        else ""
    )
    assert read_review(f"{draft}{before}\n{text}\n{after}") == plain


@pytest.mark.parametrize(
    "text",
    [
        '{"a":' * 40_000,
        '{"a": "b' * 20_000,
        "{" * 100_000,
        '{"a": [{"b": ' * 10_000,
        "[" * 100_000,
        '{"verdict":' * 9_000,
    ],
    ids=("nested", "strings", "braces", "lists", "brackets", "verdicts"),
)
@pytest.mark.timeout(60)
def test_hostile_replies_cost_little(text: str) -> None:
    assert read_review(text) is None
    reading = read_review(f"{text}\n{ACCEPT}")
    assert reading is None or reading.accepted


# Judging


def test_any_reject_rejects(sandbox: Sandbox) -> None:
    for rejecting in range(3):
        found, policy = judged(
            sandbox, SUMS, lambda request, k=rejecting: REJECT if request.key.endswith(f"/{k}") else ACCEPT
        )
        assert not found.verdict.passed and found.verdict.stage is Stage.REVIEW
        assert [review.accepted for review in found.reviews] == [number != rejecting for number in range(3)]
        assert "1 of 3 reviews rejects: the words say more than" in found.verdict.reason
        evidence = found.verdict.evidence
        shown = evidence["reviews"][rejecting]
        assert (shown["number"], shown["accepted"], shown["reason"]) == (
            rejecting,
            False,
            "the words say more than",
        )
        assert (evidence["seed"], evidence["difficulty"]) == (shown["seed"], shown["difficulty"])
        assert len(policy.asked) == 3
    found, _ = judged(sandbox, SUMS, lambda _: ACCEPT)
    assert found.verdict.passed and not found.verdict.reason and found.reviews[0].tokens == 110


def test_requests_are_independent_and_as_configured(sandbox: Sandbox) -> None:
    _, policy = judged(sandbox, SUMS, lambda _: ACCEPT, reviews=5, temperature=0.6, max_tokens=777)
    id = program_in(SUMS, Evaluator(sandbox)).id
    asked = sorted(policy.asked, key=lambda request: request.key)
    assert [request.key for request in asked] == [f"review/{id}/{k}" for k in range(5)]
    assert len({request.messages[1]["content"] for request in asked}) == 5
    assert [request.sampling.seed for request in asked] == [
        derive_seed("review-sampling", id, k, 0) for k in range(5)
    ]
    assert {(request.sampling.temperature, request.sampling.max_tokens, request.n) for request in asked} == {
        (0.6, 777, 1)
    }
    _, policy = judged(sandbox, SUMS, lambda _: ACCEPT, temperature=-1.0, max_tokens=0)
    assert {(r.sampling.temperature, r.sampling.max_tokens) for r in policy.asked} == {(None, None)}


def test_reviews_are_asked_for_side_by_side(sandbox: Sandbox) -> None:
    together = threading.Barrier(3, timeout=30)

    def say(_: Request) -> str:
        together.wait()
        return ACCEPT

    assert judged(sandbox, SUMS, say)[0].verdict.passed


@pytest.mark.parametrize("unreadable", ["reject", "accept"])
def test_unreadable_reviews_count_as_configured(sandbox: Sandbox, unreadable: str) -> None:
    found, policy = judged(
        sandbox,
        SUMS,
        lambda request: "hm" if "/1" in request.key else ACCEPT,
        unreadable=unreadable,
        asked_again=2,
    )
    id = program_in(SUMS, Evaluator(sandbox)).id
    assert found.verdict.passed is (unreadable == "accept")
    assert [review.accepted for review in found.reviews] == [True, None, True]
    assert [review.asked for review in found.reviews] == [1, 3, 1]
    assert found.reviews[1].text == "hm" and found.reviews[1].tokens == 330
    again = [request for request in policy.asked if request.key.startswith(f"review/{id}/1")]
    assert [request.key for request in again] == [f"review/{id}/1", f"review/{id}/1/1", f"review/{id}/1/2"]
    assert len({request.sampling.seed for request in again}) == 3
    assert "no verdict could be found" in again[1].messages[1]["content"]
    if unreadable == "reject":
        assert "the reply holds no verdict" in found.verdict.reason
        assert found.verdict.evidence["unreadable"] == 1


def test_second_asking_can_help(sandbox: Sandbox) -> None:
    found, policy = judged(sandbox, SUMS, lambda r: ACCEPT if r.key.count("/") == 3 else "let me think")
    assert found.verdict.passed and len(policy.asked) == 6
    found, policy = judged(sandbox, SUMS, lambda _: "hm", asked_again=0)
    assert not found.verdict.passed and len(policy.asked) == 3


def test_a_program_that_breaks_is_rejected_and_nobody_asked(sandbox: Sandbox) -> None:
    refuses = SUMS.replace(
        '    return {"a"', '    if difficulty == 4: raise KeyError("four")\n    return {"a"'
    )
    raises = SUMS.replace("1.0 if answer ==", '1 // ("is" not in answer) if answer !=').replace(
        " else 0.0", " else 1.0"
    )
    denies = SUMS.replace(
        "return 1.0 if answer == reference(state)", "return 0.5 if answer == reference(state)"
    )
    for source, words in (
        (refuses, "no instance could be made"),
        (raises, "the scorer failed"),
        (denies, "the reference scores 0.5 and not 1.0"),
    ):
        found, policy = judged(sandbox, source, lambda _: ACCEPT)
        assert not found.verdict.passed and found.verdict.stage is Stage.REVIEW
        assert words in found.verdict.reason and found.reviews == () and policy.asked == []
        assert {"seed", "difficulty"} <= set(found.verdict.evidence) and found.verdict.isolation


def test_a_server_that_fails_raises(sandbox: Sandbox) -> None:
    def say(request: Request) -> str:
        if request.key.endswith("/2"):
            raise PolicyError("the server is gone")
        return REJECT

    with pytest.raises(PolicyError, match="the server is gone"):
        judged(sandbox, SUMS, say)


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_hand_written_reviews_tell_broken_from_sound(path: Path, sandbox: Sandbox) -> None:
    reviewer = Reviewer(sandbox, Flight(ReplayPolicy(REPLIES), 4), ReviewConfig())
    evaluator = Evaluator(sandbox)
    broken = reviewer.judge(program_in(path.read_text(), evaluator), PROFILE)
    assert not broken.verdict.passed and sum(review.accepted is False for review in broken.reviews) == 1
    (found,) = [review for review in broken.reviews if not review.accepted]
    assert not all(finding["ok"] for finding in found.findings.values())
    assert reviewer.judge(program_in(seed_of(path).read_text(), evaluator), PROFILE).verdict.passed


def test_same_program_same_requests(sandbox: Sandbox) -> None:
    evaluator = Evaluator(sandbox)
    program, cases = cases_of(BROKEN[0], evaluator)
    again = cases_of(BROKEN[0], evaluator)[1]
    for one, other in zip(cases, again):
        assert review_request(program, one, ReviewConfig()) == review_request(program, other, ReviewConfig())


# The command


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([str(argument) for argument in arguments])
    out = capsys.readouterr()
    return code, out.out, out.err


def test_show_prompt_prints_the_exact_request_and_needs_no_policy(
    capsys: pytest.CaptureFixture[str], evaluator: Evaluator
) -> None:
    path = FOLDER / "shortest_path_toll.py"
    code, out, _ = run(capsys, "review", path, "--show-prompt", "--json")
    shown = json.loads(out)
    program, cases = cases_of(path, evaluator)
    assert code == 0 and shown["key"] == f"review/{program.id}/0"
    assert shown["sampling"]["temperature"] == 0.6 and shown["sampling"]["max_tokens"] == 8192
    floor = "the best fixed answer to all questions of this difficulty earns"
    words = shown["messages"][1]["content"]
    assert words.partition(floor)[0] == request_text(program, cases[0]).partition(floor)[0]
    code, out, _ = run(capsys, "review", path, "--show-prompt")
    assert code == 0 and out.startswith("[system]\n") and words.strip() in out


def test_command_without_a_policy_or_for_what_is_no_program(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, _, err = run(capsys, "review", "coin_change")
    assert code == 2 and "give --policy SPEC" in err and "Traceback" not in err
    code, _, err = run(capsys, "review", "coin_change", "--policy", "nobody:x")
    assert code == 2 and "there is no policy" in err
    constant = tmp_path / "constant.py"
    constant.write_text(SUMS.replace("rng.randrange(10**4)", "7"))
    code, _, err = run(capsys, "review", constant, "--policy", f"replay:{REPLIES}")
    assert code == 1 and "it does not pass L4" in err


def test_command_shows_each_review(capsys: pytest.CaptureFixture[str]) -> None:
    policy = ("--policy", f"replay:{REPLIES}")
    code, out, _ = run(capsys, "review", FOLDER / "subset_sum_apart.py", *policy)
    assert code == 1
    assert "review 0: accepted" in out and "review 2: rejected" in out and "FAIL" in out
    assert "Rejected: 1 of 3 reviews rejects: 10 + 221 + 20 + 59 = 310" in out
    code, out, _ = run(capsys, "review", "subset_sum", *policy, "--json")
    shown = json.loads(out)
    assert code == 0 and shown["passed"] and shown["policy"] == "hand-written" and shown["status"] is None
    assert [review["accepted"] for review in shown["reviews"]] == [True] * 3


def test_reply_of_a_policy_cannot_command_the_terminal(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, evaluator: Evaluator
) -> None:
    id = program_in((SEEDS / "subset_sum.py").read_text(), evaluator).id
    replies = tmp_path / "replies.jsonl"
    lines = [{"text": "\x1b[2J[red]hello", "finish_reason": "length"}, {"text": ACCEPT}, {"text": ACCEPT}]
    records = [
        {"key": f"review/{id}/{k}", "policy": "p", "messages": [], "completions": [line], "error": None}
        for k, line in enumerate(lines)
    ]
    records.append({**records[0], "key": f"review/{id}/0/1"})
    replies.write_text("\n".join(map(json.dumps, records)) + "\n")
    code, out, _ = run(capsys, "review", "subset_sum", "--policy", f"replay:{replies}")
    assert code == 1 and "\x1b[2J" not in out and "[red]hello" in out
    assert "the reply was cut off before its verdict" in out


def test_reviews_of_a_registered_environment_are_stored_and_a_reject_quarantines(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, sandbox: Sandbox
) -> None:
    db = tmp_path / "library.db"
    validator = Validator(sandbox, QUICK)
    broken, sound = FOLDER / "shortest_path_toll.py", SEEDS / "shortest_path.py"
    with Registry.open(db, create=True) as registry, registry.transaction() as transaction:
        for path in (broken, sound):
            transaction.add_seed(validator.examine(path.read_text()), path.name)
    ids = {path: program_in(path.read_text(), Evaluator(sandbox)).id for path in (broken, sound)}
    policy = ("--policy", f"replay:{REPLIES}", "--policy-version", "step-7", "--db", db)

    code, out, _ = run(capsys, "review", ids[sound], *policy)
    assert code == 0 and "the environment is admitted" in out
    code, out, _ = run(capsys, "review", ids[broken][:8], *policy)
    assert code == 1 and "the environment is quarantined" in out

    with Registry.open(db, read_only=True) as registry:
        assert registry.status(ids[sound]) == "admitted" and registry.status(ids[broken]) == "quarantined"
        assert "review: 1 of 3 reviews rejects" in registry.history(ids[broken])[-1].reason
        stored = registry.reviews(ids[broken])
        assert [found.review.accepted for found in stored] == [True, False, True]
        assert {found.policy for found in stored} == {"step-7"}
        assert [found.verdict.stage for found in registry.verdicts(ids[broken])][-1] is Stage.REVIEW

    code, _, err = run(
        capsys, "review", ids[sound], "--policy", f"replay:{tmp_path / 'none.jsonl'}", "--db", db
    )
    assert code == 1 and "none.jsonl" in err


def test_a_recording_that_ends_is_an_error_and_no_reject(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    some = tmp_path / "some.jsonl"
    some.write_text(REPLIES.read_text().splitlines()[0] + "\n")
    code, out, err = run(capsys, "review", "coin_change", "--policy", f"replay:{some}")
    assert code == 1 and "Error:" in err and "Rejected" not in out and "Traceback" not in err
