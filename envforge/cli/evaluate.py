"""`envforge eval`: how well a policy does on environments, and what changed since an earlier evaluation."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envforge.cli.options import DATABASE, AsJson, ConfigFile, Database, Isolation, PolicyVersion

if TYPE_CHECKING:
    from envforge.cli.figures import Evaluation
    from envforge.config import Config
    from envforge.evaluation import Exam
    from envforge.policies import Completion, PolicyError, Request
    from envforge.policies.flight import Flight
    from envforge.recipe import EnvironmentsConfig, EvaluationConfig, PromptConfig
    from envforge.registry import Registry

LINE_SECONDS = 10.0  # between the lines that stand for a bar where there is no terminal
_RESPONSES = "responses"


def evaluate(
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy",
            metavar="SPEC",
            help="Who is examined: openai:URL#MODEL, transformers:PATH, vllm:PATH, smollm2, replay:FILE, ...",
        ),
    ] = None,
    policy_version: PolicyVersion = None,
    on: Annotated[
        list[str] | None,
        typer.Option(
            "--on",
            metavar="WHAT",
            help="seeds, admitted, held-out, a file or folder, an id (or its first digits), or "
            "gym:reasoning_gym/TASK; may be repeated (default with --recipe: its environments).",
        ),
    ] = None,
    instances: Annotated[
        int | None,
        typer.Option("--instances", metavar="N", help="Instances per environment and level (default: 32)."),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option("--samples", metavar="N", help="Responses per instance, for pass@k (default: 1)."),
    ] = None,
    levels: Annotated[
        str | None,
        typer.Option("--levels", metavar="N,N,...", help="Levels to measure, as in 0,3,6 (default: 0)."),
    ] = None,
    temperature: Annotated[
        float | None,
        typer.Option(
            "--temperature", metavar="T", help="Of the responses (default: 0, the likeliest token)."
        ),
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option("--max-tokens", metavar="N", help="Tokens of a response at most (default: 16384)."),
    ] = None,
    seed: Annotated[
        int,
        typer.Option("--seed", metavar="N", min=0, help="Of the responses' draws; instances do not change."),
    ] = 0,
    bucket: Annotated[
        list[str] | None,
        typer.Option(
            "--bucket",
            metavar="NAME",
            help="Only environments of this bucket: spatial, mathematical, diagram, pattern or counting; text: those "
            "without pictures; may be repeated.",
        ),
    ] = None,
    width: Annotated[
        int | None,
        typer.Option(
            "--width", metavar="PIXELS", help="Of the pictures of visual environments (default: 640)."
        ),
    ] = None,
    system: Annotated[
        str | None, typer.Option("--system", metavar="TEXT", help="System message before each question.")
    ] = None,
    recipe: Annotated[
        Path | None,
        typer.Option(
            "--recipe",
            metavar="FILE.toml",
            help="Take prompt, evaluation settings and response length from a training recipe.",
        ),
    ] = None,
    db: Database = DATABASE,
    save: Annotated[
        bool, typer.Option("--save", metavar="", help="Write the evaluation into the registry.")
    ] = False,
    name: Annotated[
        str, typer.Option("--name", metavar="NAME", help="With --save: what to call it, as in before.")
    ] = "",
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="ID|FILE",
            help="Compare with an earlier evaluation: its number in the registry, or what --json printed.",
        ),
    ] = None,
    picture: Annotated[
        Path | None,
        typer.Option("--picture", metavar="FILE", help="Draw the pass rates, as .svg or .html."),
    ] = None,
    config: ConfigFile = None,
    isolation: Isolation = None,
    as_json: AsJson = False,
) -> int:
    """Measure pass@1 and pass@k of a policy on environments, with intervals."""
    from envforge.cli.figures import check_picture
    from envforge.cli.subjects import check_bucket, check_target
    from envforge.errors import UsageError

    if policy is None:
        raise UsageError("name who is examined with --policy, as in openai:http://host/v1#MODEL")
    if not on and recipe is None:
        raise UsageError(
            "say what to examine it on with --on: seeds, admitted, held-out, PATH, ID or gym:..."
        )
    if name and not save:
        raise UsageError("--name goes with --save: it is what the registry calls the evaluation")
    for target in on or ():
        check_target(target)
    for one in bucket or ():
        check_bucket(one)
    if picture is not None:
        check_picture(picture)
    given = {
        "instances": instances,
        "samples": samples,
        "levels": _numbers(levels),
        "temperature": temperature,
    }
    settings = _settings(recipe, config, isolation, given, system, max_tokens, width)
    return _evaluate(
        _Task(
            policy, policy_version, tuple(on or ()), tuple(bucket or ()),
            seed, db, save, name, against, picture, as_json,
        ),
        settings,
    )  # fmt: skip


@dataclasses.dataclass(frozen=True, slots=True)
class _Task:
    """What is asked for, beside the settings."""

    policy: str
    version: str | None
    on: tuple[str, ...]
    buckets: tuple[str, ...]
    seed: int
    db: str
    save: bool
    name: str
    against: str | None
    picture: Path | None
    as_json: bool


@dataclasses.dataclass(frozen=True, slots=True)
class _Settings:
    evaluation: EvaluationConfig
    prompt: PromptConfig
    environments: EnvironmentsConfig
    max_tokens: int
    width: int
    config: Config


def _numbers(text: str | None) -> list[int] | None:
    from envforge.errors import UsageError

    try:
        return None if text is None else [int(number) for number in text.split(",")]
    except ValueError as error:
        raise UsageError(f"--levels: '{text}' is no list of whole numbers such as 0,3,6") from error


def _settings(
    recipe: Path | None,
    file: Path | None,
    isolation: int | None,
    given: dict[str, Any],
    system: str | None,
    max_tokens: int | None,
    width: int | None,
) -> _Settings:
    """The recipe's settings, or the defaults, with what was given on the command line."""
    from envforge.config import change, load_config
    from envforge.errors import UsageError
    from envforge.recipe import (
        EnvironmentsConfig,
        EvaluationConfig,
        PicturesConfig,
        PromptConfig,
        load_recipe,
    )

    where = "the command line"
    if recipe is not None:
        if file is not None:
            raise UsageError("--config and --recipe exclude each other: a recipe holds the same tables")
        loaded = load_recipe(recipe)
        evaluation, prompt, environments = loaded.evaluation, loaded.prompt, loaded.environments
        pictures = loaded.pictures
        found, tokens = loaded.config, loaded.generation.solver_tokens
    else:
        evaluation, prompt, environments = EvaluationConfig(), PromptConfig(), EnvironmentsConfig()
        pictures = PicturesConfig()
        found = load_config(file)
        tokens = found.policy.solve_tokens
    options = {key: value for key, value in given.items() if value is not None}
    evaluation = change(evaluation, options, where, "evaluation")
    if not evaluation.instances:
        raise UsageError("there is nothing to measure with 0 instances: give --instances")
    if max_tokens is not None and max_tokens < 0:
        raise UsageError("--max-tokens must be at least 0, which leaves it to the backend")
    if system is not None:
        prompt = dataclasses.replace(prompt, system=system)
    pictures = change(pictures, {} if width is None else {"width": width}, where, "pictures")
    level = {} if isolation is None else {"isolation": isolation}
    config = dataclasses.replace(found, sandbox=change(found.sandbox, level, where, "sandbox"))
    tokens = tokens if max_tokens is None else max_tokens
    return _Settings(evaluation, prompt, environments, tokens, pictures.width, config)


def _evaluate(task: _Task, settings: _Settings) -> int:
    """Ask, mark, save and show. Returns the exit code."""
    from envforge.cli import display, figures
    from envforge.cli.exits import FAILED
    from envforge.cli.programs import sandboxed
    from envforge.cli.progress import slow
    from envforge.cli.subjects import Subjects, needs_registry, needs_sandbox
    from envforge.evaluation import Exam, compare, summarise
    from envforge.policies.flight import Flight
    from envforge.policies.kinds import make_policy

    with ExitStack() as stack:
        policy = stack.enter_context(
            closing(make_policy(task.policy, version=task.version, say=display.tell))
        )
        places = task.on or settings.environments.held_out
        registry = None
        if task.save or _number(task.against) is not None or needs_registry(places) or _is_there(task.db):
            registry = stack.enter_context(_registry(task.db, task.save))
        earlier = None if task.against is None else _earlier(task.against, registry)
        boxed = needs_sandbox(task.on) or not task.on
        sandbox = stack.enter_context(sandboxed(settings.config.sandbox)) if boxed else None
        subjects = Subjects(sandbox, registry, stack, settings.width, settings.config.sandbox)
        with slow("reading what is to be examined"):
            for target in task.on:
                subjects.add(target)
            if not task.on:
                subjects.add_recipe(settings.environments)
        chosen = subjects.of_buckets(task.buckets)
        version = policy.version
        with slow("making instances"):
            exam = Exam(chosen, sandbox, settings.evaluation, settings.prompt, settings.max_tokens, task.seed)
        flight = stack.enter_context(closing(Flight(policy, settings.config.policy.concurrency)))
        replies = _ask(flight, exam.requests)
        with slow("scoring"):
            results = exam.mark(replies)
        evaluation = figures.Evaluation(version, task.name, _record(task, settings), results)
        summary = summarise(results)
        _warn(exam, replies, summary.all.lost, summary.all.instances)
        if not summary.all.instances:
            return FAILED
        comparison = None if earlier is None else compare(earlier.results, results)
        if earlier is not None:
            _warn_of_differences(earlier, evaluation)
        saved = None
        if task.save and registry is not None:
            with registry.transaction() as transaction:
                saved = transaction.add_evaluation(
                    policy=version, name=task.name, settings=dict(evaluation.settings), results=results
                )
    if task.picture is not None:
        figures.picture(task.picture, evaluation, summary, comparison, earlier)
    if task.as_json:
        display.print_json(figures.as_data(evaluation, summary, comparison, saved, exam.problems))
    else:
        figures.show(evaluation, summary, comparison, earlier, saved)
    return 0


def _registry(db: str, writing: bool) -> Registry:
    from envforge.registry import Registry

    return Registry.open(db, create=writing, read_only=not writing)


def _is_there(db: str) -> bool:
    """Whether there is a registry to look splits up in."""
    return "://" in db or Path(db).exists()


def _number(against: str | None) -> int | None:
    """The number of an evaluation, where --against is one and no file."""
    if against is None or not against.isdecimal() or Path(against).exists():
        return None
    return int(against)


def _earlier(against: str, registry: Registry | None) -> Evaluation:
    """The evaluation to compare with."""
    from envforge.cli.figures import Evaluation, read_data
    from envforge.errors import UsageError

    number = _number(against)
    if number is None:
        path = Path(against)
        try:
            return read_data(json.loads(path.read_text("utf-8")), against)
        except OSError as error:
            raise UsageError(
                f"cannot read {against}: {error.strerror or error}; --against takes an evaluation's number or a "
                "file that --json printed"
            ) from error
        except ValueError as error:
            raise UsageError(f"{against} is no evaluation as 'envforge eval --json' prints it") from error
    assert registry is not None
    known = {record.id: record for record in registry.evaluations()}
    if number not in known:
        has = f"it holds {', '.join(map(str, known))}" if known else "it holds none"
        raise UsageError(f"{registry.name} holds no evaluation {number}; {has}")
    record = known[number]
    return Evaluation(record.policy, record.name, record.settings, record.results)


def _record(task: _Task, settings: _Settings) -> dict[str, Any]:
    """What an evaluation hangs on, as JSON-ready data."""
    evaluation = settings.evaluation
    return {
        "on": list(task.on),
        "instances": evaluation.instances,
        "levels": list(evaluation.levels),
        "samples": evaluation.samples,
        "temperature": evaluation.temperature,
        "max_tokens": settings.max_tokens,
        "seed": task.seed,
        "width": settings.width,
        "prompt": dataclasses.asdict(settings.prompt),
    }


def _warn(exam: Exam, replies: Sequence[list[Completion] | PolicyError], lost: int, counted: int) -> None:
    """Say what was lost and why; results without these instances are no results about them."""
    from envforge.cli.display import WARN, count, tell
    from envforge.policies import PolicyError

    errors = [str(reply) for reply in replies if isinstance(reply, PolicyError)]
    reasons = [*errors[:1], *exam.problems[:3]]
    short = any(
        not isinstance(reply, PolicyError) and len(reply) < request.n
        for request, reply in zip(exam.requests, replies)
    )
    reasons += ["a reply held too few responses"] if short else []
    why = f": {'; '.join(reasons)}" if reasons else ""
    if not counted:
        tell(f"nothing was measured, every one of {count(lost, 'instance')} was lost{why}", WARN)
    elif lost:
        tell(f"{count(lost, 'instance')} of {lost + counted:,} lost and left out{why}", WARN)


def _warn_of_differences(earlier: Evaluation, now: Evaluation) -> None:
    """Say which settings make a difference that is none of the policy's."""
    from envforge.cli.display import WARN, tell

    other = [
        key
        for key, value in now.settings.items()
        if key not in ("on", "instances", "levels", "seed") and earlier.settings.get(key, value) != value
    ]
    if other:
        tell(f"the two evaluations differ in {' and '.join(other)}: not only the policy changed", WARN)


def _ask(flight: Flight, requests: Sequence[Request]) -> list[list[Completion] | PolicyError]:
    """The replies, in the order of the requests. Raises Blind when the policy does not take the pictures in them."""
    from concurrent.futures import as_completed

    from envforge.cli.exits import on_interrupt
    from envforge.policies import Blind, PolicyError

    on_interrupt("interrupted before the first response; nothing was saved")
    futures = [flight.submit(request) for request in requests]
    with _progress(sum(request.n for request in requests)) as advance:
        for made, _ in enumerate(as_completed(futures), 1):
            advance(requests[0].n)
            on_interrupt(f"interrupted after {made:,} of {len(requests):,} instances; nothing was saved")
    on_interrupt("interrupted")
    replies: list[list[Completion] | PolicyError] = []
    for future in futures:
        error = future.exception()
        if isinstance(error, Blind) or (error is not None and not isinstance(error, PolicyError)):
            raise error
        replies.append(error if error is not None else future.result())
    return replies


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar with a rate on a terminal's standard error; elsewhere a line now and then, once it takes long."""
    from envforge.cli.display import screen, tell
    from envforge.cli.progress import SLOW_SECONDS

    console, start, made, said = screen(stderr=True), time.perf_counter(), 0, 0.0

    def rate() -> str:
        return f"{made / max(time.perf_counter() - start, 1e-9):.1f}/s" if made else ""

    if not console.is_terminal:

        def say(number: int) -> None:
            nonlocal made, said
            made += number
            elapsed = time.perf_counter() - start
            if elapsed > SLOW_SECONDS and elapsed - said > LINE_SECONDS and made < total:
                said = elapsed
                tell(f"{made:,} of {total:,} {_RESPONSES}, {rate()}")

        yield say
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    columns = (
        TextColumn(_RESPONSES),
        BarColumn(bar_width=20),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeLeft(),
        TextColumn("{task.fields[rate]}"),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        running = bar.add_task(_RESPONSES, total=total, rate="")

        def move(number: int) -> None:
            nonlocal made
            made += number
            bar.update(running, advance=number, rate=rate())

        yield move
