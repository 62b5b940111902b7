"""Pictures on their way to a model: policies, evaluation, training. The model is the tiny one of tests/eyes.py."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import eyes
import pytest
import toys
from chat_server import ChatServer, Reply, completion, refusal
from hypothesis import given
from hypothesis import strategies as st
from test_cli import Reply as Ended
from test_training import Witness, figures, groups, recipe_of, trained
from tiny import tiny_model

from envforge.calibration import Calibrator
from envforge.cli import main
from envforge.config import (
    BUCKETS,
    CalibrationConfig,
    Config,
    NoveltyConfig,
    PolicyConfig,
    PoolConfig,
    ReviewConfig,
    config_from,
)
from envforge.contract import Instance, Program, Proposal
from envforge.errors import ConfigError, UsageError
from envforge.evaluation import Exam, program_subject
from envforge.growth.pipeline import Pipeline, View
from envforge.messages import (
    clean,
    content_of,
    parts_of,
    pictures_of,
    with_texts_cleaned,
    without_pictures,
)
from envforge.novelty import NoveltyGate
from envforge.pixels import png_of
from envforge.policies import Blind, Request, Sampling
from envforge.policies.flight import Flight
from envforge.policies.local import TransformersPolicy
from envforge.policies.openai import OpenAIPolicy
from envforge.policies.replay import to_record
from envforge.policies.vision import opened
from envforge.pool import Pool
from envforge.recipe import EvaluationConfig, PicturesConfig, PromptConfig, Recipe, solver_messages
from envforge.registry import Registry
from envforge.review.evidence import gather_cases
from envforge.review.prompts import review_messages
from envforge.sandbox import Evaluator, Failure, Sandbox
from envforge.training.source import Source
from envforge.validation import Validator
from envforge.verdict import Examination, Stage, Verdict

FIRST = toys.FOLDER / "first.py"
PROFILE_FLOORS = (0.0,) * 10


@pytest.fixture(scope="module")
def seeing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return eyes.seeing_model(tmp_path_factory.mktemp("seeing"))


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("blind"))


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with Registry.open(tmp_path / "r.db", create=True) as opened_registry:
        yield opened_registry


def png(colour: str, size: int = 32) -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(stream, "PNG")
    return stream.getvalue()


def program(evaluator: Evaluator, file: Path) -> Program:
    found = evaluator.inspect(file.read_text("utf-8"))
    assert isinstance(found, Program), found
    return found


def question(picture: bytes | None, text: str = "which colour has the square?") -> tuple[dict[str, Any], ...]:
    return ({"role": "user", "content": content_of(text, picture)},)


@pytest.fixture
def envforge(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Runs one command in this process, where torch is loaded already."""

    def run(*arguments: object) -> Ended:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        told = capsys.readouterr()
        return Ended(code, told.out, told.err)

    return run


def seeing_recipe(seeing: Path, **tables: dict[str, Any]) -> Recipe:
    """A recipe for the tiny model that trains on whatever the registry holds."""
    data: dict[str, dict[str, Any]] = {
        "environments": {"folders": []},
        "pictures": {"width": 64},
        "pool": {"controller": "fixed", "exploration": 1.0, "patience": 1000},
    }
    for name, options in tables.items():
        data[name] = data.get(name, {}) | options
    return recipe_of(seeing, **data)


# Messages --------------------------------------------------------------------------------------------------


@given(st.text(), st.one_of(st.none(), st.binary(max_size=200)))
def test_a_message_gives_back_what_it_was_made_of(text: str, picture: bytes | None) -> None:
    message = {"role": "user", "content": content_of(text, picture)}
    assert list(parts_of(message)) == ([text] if picture is None else [picture, text])
    assert pictures_of([message]) == ([] if picture is None else [picture])
    assert list(parts_of(with_texts_cleaned(message)))[-1] == clean(text)
    shown = without_pictures(message)["content"]
    assert isinstance(shown, str) and shown.endswith(text)
    assert json.loads(json.dumps(message)) == message


def test_a_part_of_another_kind_is_refused() -> None:
    for part in (
        {"type": "input_audio", "input_audio": {}},
        {"type": "image_url", "image_url": {"url": "https://example.org/x.png"}},
    ):
        with pytest.raises(ValueError, match="which nothing here makes"):
            list(parts_of({"role": "user", "content": [part]}))


def test_the_picture_goes_with_the_question_and_not_with_the_example() -> None:
    config = PromptConfig(system="Be short.", question="1 + 1?", answer="<answer>2</answer>")
    messages = solver_messages("which?", config, b"png")
    assert [pictures_of([message]) for message in messages] == [[], [], [], [b"png"]]
    assert solver_messages("which?", config)[3]["content"].startswith("which?")


def test_a_recording_names_pictures_by_their_hash() -> None:
    request = Request("solve/x", question(png("red")))
    line = json.dumps(to_record(request, "v", [], None))
    assert "SHA-256" in line and "base64" not in line and len(line) < 400


# Policies --------------------------------------------------------------------------------------------------


def test_a_local_model_sees(seeing: Path) -> None:
    """What it is likely to say hangs on the picture, and not on what else is in its batch."""
    policy = TransformersPolicy(str(seeing), "transformers:seeing", dtype="float32")
    try:
        sampling = Sampling(temperature=0.0, max_tokens=6)
        requests = [Request(f"solve/{c}", question(png(c)), sampling) for c in ("red", "green", "blue")]
        requests.append(Request("solve/text", question(None, "which letter is first?"), sampling))
        alone = [policy.complete(request)[0] for request in requests]
        flight = Flight(policy, 4)
        together = flight.gather(requests)
        flight.close()
    finally:
        policy.close()
    likelihoods = [completion.logprobs for completion in alone[:3]]
    assert len({tuple(round(value, 5) for value in found or ()) for found in likelihoods}) == 3
    for one, other in zip(alone, together):
        assert isinstance(other, list) and other[0].text == one.text
        assert other[0].logprobs == pytest.approx(one.logprobs, abs=1e-4)
    assert alone[0].prompt_tokens == (alone[3].prompt_tokens or 0) + 4 + 0 + _words_more()


def _words_more() -> int:
    """Tokens by which the question about colours is longer than the one about letters."""
    tokenizer = eyes.processor().tokenizer
    colours, letters = "which colour has the square?", "which letter is first?"
    return len(tokenizer.tokenize(colours)) - len(tokenizer.tokenize(letters))


def test_a_model_of_text_refuses_a_picture(blind: Path) -> None:
    policy = TransformersPolicy(str(blind), "transformers:blind", dtype="float32")
    try:
        with pytest.raises(Blind, match="reads text alone, and the question holds a picture") as caught:
            policy.complete(Request("solve/x", question(png("red")), Sampling(max_tokens=2)))
        assert not caught.value.fatal and "\n" not in str(caught.value)
        assert policy.complete(
            Request("solve/y", question(None), Sampling(max_tokens=2))
        )  # others are answered
    finally:
        policy.close()


def test_a_server_gets_pictures_as_data_urls() -> None:
    with ChatServer(lambda *_: completion("<answer>red</answer>")) as server:
        policy = OpenAIPolicy(server.url, "m")
        policy.complete(Request("solve/x", question(png("red"), "which \ud800?")))
        policy.close()
    image, text = server.requests[0]["messages"][0]["content"]
    assert text == {"type": "text", "text": "which ??"}
    assert image["type"] == "image_url"
    head, _, data = image["image_url"]["url"].partition(",")
    assert head == "data:image/png;base64" and base64.b64decode(data) == png("red")


@pytest.mark.parametrize(
    "answer",
    [
        refusal("tiny is not a multimodal model None"),
        refusal("Invalid type for 'messages[0].content': expected a string", "messages", 422),
        refusal("messages[0].content must be a string"),
    ],
)
def test_a_server_without_eyes_is_told_from_others(answer: Reply) -> None:
    with ChatServer(lambda *_: answer) as server:
        policy = OpenAIPolicy(server.url, "m", max_retries=0)
        with pytest.raises(Blind, match="takes no picture for m"):
            policy.complete(Request("solve/x", question(png("red"))))
        policy.close()


def test_a_refusal_of_something_else_is_no_blindness() -> None:
    with ChatServer(lambda *_: refusal("the content filter was triggered")) as server:
        policy = OpenAIPolicy(server.url, "m", max_retries=0)
        with pytest.raises(Exception, match="content filter") as caught:
            policy.complete(Request("solve/x", question(png("red"))))
        assert not isinstance(caught.value, Blind)
        policy.close()


# Evaluation ------------------------------------------------------------------------------------------------


class Reader:
    """A policy that knows colours: it takes the most frequent one that is not white."""

    name = version = "reader"

    def complete(self, request: Request) -> list[Any]:
        from envforge.policies import Completion

        (picture,) = pictures_of(request.messages)
        image = opened(picture)
        colours = [colour for _, colour in sorted(image.getcolors(image.width * image.height), reverse=True)]
        red, green, blue = next(colour for colour in colours if min(colour) < 200)
        word = (
            "blue" if blue > red else "yellow" if min(red, green) > 150 else "red" if red > green else "green"
        )
        return [Completion(f"<answer>{word}</answer>", 5, 5, "stop")] * request.n

    def close(self) -> None:
        pass


def test_an_exam_shows_the_picture_that_the_answer_is_in(sandbox: Sandbox, evaluator: Evaluator) -> None:
    subject = program_subject(program(evaluator, eyes.COLOUR), "other", 96)
    assert subject.bucket == "pattern"
    config = EvaluationConfig(instances=12, levels=(0, 9))
    exam = Exam([subject], sandbox, config, PromptConfig(), 8)
    assert {opened(pictures_of(r.messages)[0]).width for r in exam.requests} == {96}
    results = exam.mark([Reader().complete(request) for request in exam.requests])
    assert [(r.difficulty, r.accuracy, r.lost) for r in results] == [(0, 1.0, 0), (9, 1.0, 0)]
    again = Exam([subject], sandbox, config, PromptConfig(), 8)
    assert again.requests == exam.requests


def test_a_picture_that_breaks_the_policy_is_no_instance(sandbox: Sandbox, evaluator: Evaluator) -> None:
    source = eyes.COLOUR.read_text("utf-8").replace("<rect x=", "<script>1</script><rect x=")
    broken = evaluator.inspect(source)
    assert isinstance(broken, Program)
    (made,) = evaluator.instances(broken, [(1, 0)], pictures=True)
    assert isinstance(made, Instance)
    assert isinstance(png_of(made), Failure)
    exam = Exam([program_subject(broken, "other")], sandbox, EvaluationConfig(instances=2), PromptConfig(), 8)
    assert exam.requests == () and "its picture cannot be shown" in exam.problems[0]
    (result,) = exam.mark([])
    assert (result.lost, result.accuracy) == (2, None)


def test_eval_on_the_command_line(seeing: Path, blind: Path, envforge: Callable[..., Ended]) -> None:
    """A model that sees is measured; one that does not is refused in one sentence, before anything is recorded."""
    on = ["--on", eyes.COLOUR, "--on", eyes.SIDE, "--on", FIRST, "--instances", 2, "--width", 64]
    found = envforge("eval", "--policy", f"transformers:{seeing}", *on, "--max-tokens", 6, "--json")
    assert found.code == 0 and found.json["settings"]["width"] == 64
    assert {row["title"] for row in found.json["results"]} == {
        "Colour of a square.",
        "Side of a square.",
        "First letter of a row.",
    }
    only = envforge(
        "eval", "--policy", f"transformers:{seeing}", *on, "--max-tokens", 6, "--bucket", "spatial", "--json"
    )
    assert {row["title"] for row in only.json["results"]} == {"Side of a square."}
    refused = envforge("eval", "--policy", f"transformers:{blind}", *on, "--max-tokens", 6)
    assert refused.code == 2 and refused.err.count("\n") == 1 and "reads text alone" in refused.err
    text = envforge(
        "eval", "--policy", f"transformers:{blind}", *on, "--max-tokens", 6, "--bucket", "text", "--json"
    )
    assert text.code == 0 and len(text.json["results"]) == 1
    for bucket, code, words in (
        ("conting", 2, "did you mean 'counting'"),
        ("diagram", 1, "is of pattern, spatial, text"),
    ):
        answer = envforge("eval", "--policy", "smollm2", *on, "--bucket", bucket)
        assert answer.code == code and words in answer.err


def test_eval_by_a_server(envforge: Callable[..., Ended]) -> None:
    """The pictures that arrive are enough to be right every time."""

    def look(request: dict[str, Any], _: int) -> Reply:
        message = request["messages"][-1]
        return completion(Reader().complete(Request("x", (message,)))[0].text)

    with ChatServer(look) as server:
        spec = f"openai:{server.url}#m"
        found = envforge("eval", "--policy", spec, "--on", eyes.COLOUR, "--instances", 8, "--json")
    (result,) = found.json["results"]
    assert found.code == 0 and (result["passes"], result["lost"]) == ([1] * 8, 0)
    with ChatServer(lambda *_: refusal("m is not a multimodal model")) as server:
        spec = f"openai:{server.url}#m"
        refused = envforge("eval", "--policy", spec, "--on", eyes.COLOUR, "--instances", 2)
    assert refused.code == 2 and "takes no picture for m" in refused.err and refused.err.count("\n") == 1


# Calibration and review ------------------------------------------------------------------------------------


def profile() -> Any:
    from envforge.contract import Profile

    return Profile(False, None, (), PROFILE_FLOORS, frozenset({1}), frozenset({"a"}), "which")


def test_calibration_shows_pictures(sandbox: Sandbox, evaluator: Evaluator, blind: Path) -> None:
    visual = program(evaluator, eyes.COLOUR)
    config = CalibrationConfig(instances=4, levels=(0,))
    flight = Flight(Reader(), 2)
    found = Calibrator(sandbox, flight, config, PolicyConfig()).measure(visual, profile())
    assert (found.rate, found.reason) == (1.0, "solved every one of 4 instances") or found.rate > 0.99
    flight.close()
    policy = TransformersPolicy(str(blind), "transformers:blind", dtype="float32")
    flight = Flight(policy, 2)
    try:
        with pytest.raises(Blind):
            Calibrator(sandbox, flight, config, PolicyConfig(solve_tokens=2)).measure(visual, profile())
    finally:
        flight.close()
        policy.close()


def test_a_review_shows_the_picture(evaluator: Evaluator) -> None:
    """Each review holds the picture of its instance, and no change of what the picture shows counts as hidden."""
    visual = program(evaluator, eyes.COLOUR)
    cases = gather_cases(visual, profile(), 2, evaluator)
    assert all(case.picture is not None for case in cases)
    assert cases[0].picture != cases[1].picture
    messages = review_messages(visual, cases[0])
    assert pictures_of(messages) == [cases[0].picture]
    words = list(parts_of(messages[1]))[-1]
    assert isinstance(words, str) and "the picture that comes with this message" in words
    assert not any(flow.hidden for flow in cases[0].flow) and any(flow.changes for flow in cases[0].flow)
    text = review_messages(
        program(evaluator, FIRST), gather_cases(program(evaluator, FIRST), profile(), 1, evaluator)[0]
    )
    assert isinstance(text[1]["content"], str) and "picture" not in text[1]["content"]


def test_a_review_sees_what_the_picture_keeps_back(evaluator: Evaluator) -> None:
    source = eyes.COLOUR.read_text("utf-8").replace('PAINTS[state["colour"]]', 'PAINTS["red"]')
    hiding = evaluator.inspect(source)
    assert isinstance(hiding, Program)
    flow = {flow.key: flow for flow in gather_cases(hiding, profile(), 1, evaluator)[0].flow}
    assert flow["colour"].hidden > 0 and flow["x"].hidden == 0


def test_calibrate_and_review_with_a_model_of_text(
    registry: Registry, evaluator: Evaluator, blind: Path, tmp_path: Path, envforge: Callable[..., Ended]
) -> None:
    """What is named is refused with exit code 2; of all, what has no pictures is measured."""
    visual = eyes.admitted(registry, evaluator, eyes.COLOUR)
    text = eyes.admitted(registry, evaluator, FIRST)
    config = tmp_path / "short.toml"
    config.write_text("[policy]\nsolve_tokens = 2\n[review]\nmax_tokens = 2\n[calibration]\ninstances = 2\n")
    arguments = ("--policy", f"transformers:{blind}", "--db", tmp_path / "r.db", "--config", config)
    for command in ("calibrate", "review"):
        refused = envforge(command, visual.id, *arguments)
        assert refused.code == 2 and "reads text alone" in refused.err
    found = envforge("calibrate", "--all", *arguments, "--json")
    assert found.code == 0 and [row["environment"] for row in found.json] == [text.id]
    assert "1 visual environment left as they are" in found.err
    assert registry.status(visual.id) == "admitted" and not registry.calibrations(visual.id)


def test_a_blind_reviewer_leaves_a_candidate_as_it_is(
    sandbox: Sandbox, evaluator: Evaluator, blind: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither rejected nor the end of the run: what it says is why the candidate was not reviewed."""
    visual = program(evaluator, eyes.COLOUR)
    passed = (Verdict(Stage.L5, True, "", {}, 0.0, "1"),)
    monkeypatch.setattr(
        Validator, "examine", lambda self, source: Examination(source, visual.id, passed, visual, profile())
    )
    policy = TransformersPolicy(str(blind), "transformers:blind", dtype="float32")
    flight = Flight(policy, 2)
    config = Config(novelty=NoveltyConfig(embeddings="off"), review=ReviewConfig(max_tokens=2))
    novelty = NoveltyGate(config.novelty, None)
    pipeline = Pipeline.made(sandbox, None, novelty, config, flight)  # type: ignore[arg-type]
    try:
        proposal = Proposal(0, "test", "test", visual.source)
        candidate = pipeline.judge(proposal, View([], lambda id: False))
    finally:
        flight.close()
        policy.close()
    assert candidate.unfinished.startswith("not reviewed: ") and "reads text alone" in candidate.unfinished
    assert not candidate.reviews and candidate.calibration is None


# The pool's filter -----------------------------------------------------------------------------------------


def test_buckets_are_those_of_the_static_policy() -> None:
    text = (Path(__file__).parent.parent / "sandbox" / "inspection.py").read_text("utf-8")
    assert f"BUCKETS = {json.dumps(list(BUCKETS))}".replace("[", "(").replace("]", ")") in text


def test_a_specialist_draws_from_its_bucket_alone(registry: Registry, evaluator: Evaluator) -> None:
    colour, side, first = (
        eyes.admitted(registry, evaluator, file) for file in (eyes.COLOUR, eyes.SIDE, FIRST)
    )
    for buckets, wanted in (
        (("spatial",), {side.id}),
        (("pattern", "spatial"), {colour.id, side.id}),
        (("text",), {first.id}),
        ((), {colour.id, side.id, first.id}),
    ):
        pool = Pool(registry, PoolConfig(buckets=buckets))
        assert {ticket.environment for ticket in pool.draw(40)} == wanted
        assert {id for id, chance in pool.chances().items() if chance} == wanted
        assert all(member.state == "active" for member in pool.members)
    with pytest.raises(UsageError, match=r"holds no environment of \[pool\] buckets \(counting\)"):
        Pool(registry, PoolConfig(buckets=("counting",))).draw(1)


def test_the_plan_of_a_run_counts_the_bucket_alone(
    registry: Registry, evaluator: Evaluator, tmp_path: Path, envforge: Callable[..., Ended]
) -> None:
    for file in (eyes.COLOUR, eyes.SIDE, FIRST):
        eyes.admitted(registry, evaluator, file)
    arguments = ("train", "--model", "some/model", "--db", tmp_path / "r.db", "--dry-run")
    plan = envforge(*arguments, "--set", 'pool.buckets=["spatial", "text"]', "--json")
    assert plan.code == 0 and plan.json["pool"] == 2
    assert envforge(*arguments, "--set", 'pool.buckets=["text"]').out.count("buckets text") == 1
    refused = envforge(*arguments, "--set", 'pool.buckets=["counting"]')
    assert refused.code == 2 and "no environment of [pool] buckets (counting)" in refused.err


def test_an_unknown_bucket_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"\[pool\]: buckets holds 'countin'; did you mean 'counting'"):
        config_from({"pool": {"buckets": ["countin"]}}, "x.toml")
    assert config_from({"pool": {"buckets": ["text"]}}, "x").pool.buckets == ("text",)


# Tasks -----------------------------------------------------------------------------------------------------


def drawn(registry: Registry, sandbox: Sandbox, pictures: PicturesConfig, count: int = 6) -> list[bytes]:
    run = registry.start_run(kind="train", proposer="t", seed=0, config={}, version="0", isolation="1")
    source = Source(registry, Pool(registry), sandbox, PromptConfig(), run, pictures)
    return [pictures_of(task.messages)[0] for task in source.draw(count)]


def test_views_belong_to_tickets(registry: Registry, sandbox: Sandbox, evaluator: Evaluator) -> None:
    """The same ticket is seen through the same view; without views the picture is that of an evaluation."""
    eyes.admitted(registry, evaluator, eyes.COLOUR)
    plain = drawn(registry, sandbox, PicturesConfig(width=128))
    assert plain == drawn(registry, sandbox, PicturesConfig(width=128))
    seen = drawn(registry, sandbox, PicturesConfig(width=128, view=1.0))
    assert seen == drawn(registry, sandbox, PicturesConfig(width=128, view=1.0))
    assert sum(one != other for one, other in zip(plain, seen)) >= 4
    assert {opened(picture).width for picture in plain} == {128}


def test_a_picture_that_breaks_takes_its_environment_out(
    registry: Registry, sandbox: Sandbox, evaluator: Evaluator, tmp_path: Path
) -> None:
    good = eyes.admitted(registry, evaluator, eyes.SIDE)
    bad_file = tmp_path / "bad.py"
    bad_file.write_text(eyes.COLOUR.read_text("utf-8").replace("<rect x=", "<script>1</script><rect x="))
    bad = eyes.admitted(registry, evaluator, bad_file)
    run = registry.start_run(kind="train", proposer="t", seed=0, config={}, version="0", isolation="1")
    source = Source(registry, Pool(registry), sandbox, PromptConfig(), run)
    assert {task.program.id for task in source.draw(8)} == {good.id}
    assert registry.status(bad.id) == "quarantined" and source.broken == [bad.id]
    assert "its picture cannot be shown" in registry.history(bad.id)[-1].reason


# The learner -----------------------------------------------------------------------------------------------


def test_the_pictures_in_the_loss_are_those_that_were_answered(
    seeing: Path, registry: Registry, sandbox: Sandbox, evaluator: Evaluator, tmp_path: Path
) -> None:
    """Text and pictures in one batch, shuffled, resampled, in micro-batches and with a reference model: with weights
    that do not move the divergence from the reference is zero, unlike where one row has another's picture."""
    for file in (eyes.COLOUR, eyes.SIDE, FIRST):
        eyes.admitted(registry, evaluator, file)
    recipe = seeing_recipe(
        seeing,
        grpo={
            "groups": 6,
            "group_size": 4,
            "micro_batch": 4,
            "resample": 2,
            "learning_rate": 0.0,
            "beta": 0.1,
        },
        generation={"chunks": 2, "rows": 8},
        shaping={"entropy": True},
        schedule={"steps": 5},
    )
    run, summary, _ = trained(recipe, registry, sandbox, tmp_path / "run")
    steps = registry.steps(run)
    assert summary.ended == "finished" and len(steps) == 5
    assert all(abs(step.metrics["kl"] or 0.0) < 1e-10 for step in steps)
    assert sum(step.metrics["resampled_groups"] or 0 for step in steps) > 0
    seen = {environment.environment for step in steps for environment in step.environments}
    assert len(seen) == 3


def test_one_row_with_anothers_picture_would_show(
    seeing: Path,
    registry: Registry,
    sandbox: Sandbox,
    evaluator: Evaluator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control of the test above: pixels turned by one row in the loss alone."""
    from envforge.training.learner import Learner

    eyes.admitted(registry, evaluator, eyes.COLOUR)
    inner = Learner._compute_loss

    def turned(self: Any, model: Any, inputs: dict[str, Any]) -> Any:
        return inner(self, model, inputs | {"pixel_values": inputs["pixel_values"].flip(0)})

    monkeypatch.setattr(Learner, "_compute_loss", turned)
    recipe = seeing_recipe(
        seeing,
        grpo={"groups": 4, "group_size": 4, "learning_rate": 0.0, "beta": 0.1, "resample": 0},
        schedule={"steps": 2},
    )
    run, _, _ = trained(recipe, registry, sandbox, tmp_path / "run")
    assert any((step.metrics["kl"] or 0.0) > 1e-9 for step in registry.steps(run))


def test_a_model_with_grids_of_patches(
    registry: Registry,
    sandbox: Sandbox,
    evaluator: Evaluator,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Qwen3-VL's kind, with text in between: the same zero. It was taught nothing, so scores are by lot."""
    import transformers

    from envforge.policies import vision
    from envforge.training import model as loading
    from envforge.training.scoring import Scored, Scorer

    kind = transformers.Qwen3VLProcessor
    monkeypatch.setattr(kind, "check_argument_for_proper_class", lambda *_: None)
    monkeypatch.setattr(kind, "save_pretrained", lambda *_, **__: None)
    monkeypatch.setattr(transformers.AutoProcessor, "from_pretrained", lambda _: eyes.patching_processor())
    monkeypatch.setattr(
        Scorer,
        "_score",
        lambda _, groups: [Scored(float(len(text) % 2), "?") for _, texts in groups for text in texts],
    )
    assert loading.load is vision.load
    for file in (eyes.COLOUR, FIRST):
        eyes.admitted(registry, evaluator, file)
    recipe = seeing_recipe(
        eyes.patching_model(tmp_path / "model"),
        grpo={
            "groups": 6,
            "group_size": 3,
            "micro_batch": 3,
            "resample": 2,
            "learning_rate": 0.0,
            "beta": 0.1,
        },
        generation={"chunks": 2, "rows": 6},
        evaluation={"instances": 2},
        schedule={"steps": 3},
    )
    run, summary, witness = trained(recipe, registry, sandbox, tmp_path / "run")
    steps = registry.steps(run)
    assert summary.ended == "finished" and all(abs(step.metrics["kl"] or 0.0) < 1e-10 for step in steps)
    assert sum(step.metrics["resampled_groups"] or 0 for step in steps) > 0
    assert all(result.lost == 0 for result in witness.results["before"])


def test_a_seeing_run_is_resumed_exactly(
    seeing: Path, sandbox: Sandbox, evaluator: Evaluator, tmp_path: Path
) -> None:
    """Through views, with text in between; and what it saved is a model that sees."""
    recipe = seeing_recipe(
        seeing,
        grpo={"groups": 4, "group_size": 4, "learning_rate": 1e-3, "micro_batch": 8},
        pictures={"view": 0.5},
        schedule={"steps": 4, "save_every": 4},
    )
    found = []
    for name, interrupt in (("whole", 0), ("parts", 2)):
        with Registry.open(tmp_path / f"{name}.db", create=True) as registry:
            for file in (eyes.COLOUR, FIRST):
                eyes.admitted(registry, evaluator, file)
            witness = Witness(interrupt)
            run, summary, _ = trained(recipe, registry, sandbox, tmp_path / name, witness=witness)
            if interrupt:
                assert summary.ended == "interrupted" and summary.steps < 4
                run, summary, _ = trained(
                    recipe, registry, sandbox, tmp_path / name, run, resume=summary.checkpoint
                )
            assert (summary.ended, summary.steps) == ("finished", 4)
            found.append((figures(registry, run), groups(registry)))
    assert found[0] == found[1]
    policy = TransformersPolicy(
        str(tmp_path / "whole" / "checkpoint-4"), "transformers:saved", dtype="float32"
    )
    assert policy.complete(Request("solve/x", question(png("red")), Sampling(max_tokens=6, temperature=0.0)))
    policy.close()


def test_low_rank_adapters_see_too(
    seeing: Path, registry: Registry, sandbox: Sandbox, evaluator: Evaluator, tmp_path: Path
) -> None:
    eyes.admitted(registry, evaluator, eyes.COLOUR)
    recipe = seeing_recipe(seeing, model={"method": "lora", "lora_rank": 4}, schedule={"steps": 2})
    _, summary, _ = trained(recipe, registry, sandbox, tmp_path / "run")
    assert summary.ended == "finished"


def test_a_learner_of_text_is_refused_pictures(
    sandbox: Sandbox, evaluator: Evaluator, registry: Registry, tmp_path: Path
) -> None:
    toy = toys.toy_model(tmp_path / "toy")
    visual = eyes.admitted(registry, evaluator, eyes.COLOUR)
    eyes.admitted(registry, evaluator, FIRST)
    with pytest.raises(UsageError, match=rf"reads text alone, and environment {visual.id} shows pictures"):
        trained(seeing_recipe(toy), registry, sandbox, tmp_path / "run")
    recipe = seeing_recipe(
        toy, pool={"buckets": ["text"]}, schedule={"steps": 2}, evaluation={"instances": 2}
    )
    _, summary, _ = trained(recipe, registry, sandbox, tmp_path / "again")
    assert [result.title for result in summary.after] == ["First letter of a row."]


def test_features_of_gradients_are_refused(
    seeing: Path, sandbox: Sandbox, evaluator: Evaluator, registry: Registry, tmp_path: Path
) -> None:
    eyes.admitted(registry, evaluator, eyes.COLOUR)
    with pytest.raises(UsageError, match=r"\[shaping\] gradient reads text alone"):
        trained(seeing_recipe(seeing, shaping={"gradient": True}), registry, sandbox, tmp_path / "run")


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1])
def test_a_tiny_model_learns_to_see(
    seed: int, sandbox: Sandbox, evaluator: Evaluator, tmp_path: Path
) -> None:
    """Colours and sides, right by chance before, right nearly always after; the control at rate 0 stays where it is.

    The warm start of tests/eyes.py has taught the form of an answer and nothing of what a picture shows.
    """
    model = eyes.seeing_model(tmp_path / "model", seed)
    found = {}
    for rate in (0.0, 3e-4):
        recipe = seeing_recipe(
            model,
            grpo={"groups": 16, "group_size": 8, "learning_rate": rate, "resample": 0},
            evaluation={"instances": 128},
            schedule={"steps": 150, "save_every": 1000, "seed": seed},
        )
        with Registry.open(tmp_path / f"{rate}.db", create=True) as registry:
            for file in (eyes.COLOUR, eyes.SIDE):
                eyes.admitted(registry, evaluator, file)
            _, summary, witness = trained(recipe, registry, sandbox, tmp_path / f"run-{rate}")
        before, after = ({r.title: r.accuracy for r in witness.results[name]} for name in ("before", "after"))
        print(f"seed {seed}, rate {rate:g}: {before} -> {after} in {summary.seconds:.0f} s")
        found[rate] = before, after
    control, learned = found[0.0], found[3e-4]
    assert control[0] == control[1] == learned[0]
    assert all(value is not None and value < 0.7 for value in control[1].values())
    assert all(value is not None and value > 0.9 for value in learned[1].values())
