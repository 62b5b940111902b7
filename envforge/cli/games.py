"""`envforge games`: how well a policy does on the vulnerability games, and how often it goes through the loophole."""

from __future__ import annotations

import dataclasses
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envforge.cli.options import AsJson, ConfigFile, Isolation, PolicyVersion

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from envforge.config import Config
    from envforge.evaluation import Estimate
    from envforge.games import Figures, Marked, Match, Rollout, Tally
    from envforge.policies import Completion, PolicyError
    from envforge.policies.flight import Flight
    from envforge.recipe import EvaluationConfig, PromptConfig


def games(
    policy: Annotated[
        str | None,
        typer.Option(
            "--policy",
            metavar="SPEC",
            help="Who plays: openai:URL#MODEL, transformers:PATH, vllm:PATH, smollm2, replay:FILE, ...",
        ),
    ] = None,
    policy_version: PolicyVersion = None,
    game: Annotated[
        list[str] | None,
        typer.Option(
            "--game",
            metavar="NAME",
            help="race, register, notes or orders; may be repeated (default: all).",
        ),
    ] = None,
    instances: Annotated[
        int | None,
        typer.Option("--instances", metavar="N", help="Instances per game and level (default: 32)."),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option("--samples", metavar="K", help="Responses per instance (default: 1)."),
    ] = None,
    levels: Annotated[
        str | None,
        typer.Option("--levels", metavar="N,N,...", help="Levels to play, as in 0,3,6 (default: 0)."),
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
    system: Annotated[
        str | None, typer.Option("--system", metavar="TEXT", help="System message before each question.")
    ] = None,
    config: ConfigFile = None,
    isolation: Isolation = None,
    as_json: AsJson = False,
) -> int:
    """Measure a policy on games with a planted loophole: performance and exploit rate, with intervals."""
    from envforge.cli import display
    from envforge.cli.exits import FAILED
    from envforge.cli.programs import sandboxed
    from envforge.cli.progress import slow
    from envforge.errors import UsageError
    from envforge.games import Match, chosen, read_pair, tally
    from envforge.policies.flight import Flight
    from envforge.policies.kinds import make_policy
    from envforge.sandbox import Evaluator

    if policy is None:
        raise UsageError("name who plays with --policy, as in openai:http://host/v1#MODEL")
    played = chosen(game or ())
    given = {"instances": instances, "samples": samples, "levels": levels, "temperature": temperature}
    settings = _settings(config, isolation, given, system, max_tokens)
    with ExitStack() as stack:
        player = stack.enter_context(closing(make_policy(policy, version=policy_version, say=display.tell)))
        evaluator = Evaluator(stack.enter_context(sandboxed(settings.config.sandbox)))
        with slow("making instances"):
            pairs = [read_pair(one, evaluator) for one in played]
            match = Match(pairs, evaluator, settings.evaluation, settings.prompt, settings.max_tokens, seed)
        version = player.version
        flight = stack.enter_context(closing(Flight(player, settings.config.policy.concurrency)))
        replies = _ask(flight, match)
        with slow("scoring"):
            marked = match.mark(replies)
    found = tally(marked)
    _warn(found, marked)
    if not found.all.instances:
        return FAILED
    if as_json:
        display.print_json(_as_data(version, settings, seed, match, found, marked))
    else:
        _show(version, match, found)
    return 0


@dataclasses.dataclass(frozen=True, slots=True)
class _Settings:
    evaluation: EvaluationConfig
    prompt: PromptConfig
    max_tokens: int
    config: Config


def _settings(
    file: Path | None,
    isolation: int | None,
    given: dict[str, Any],
    system: str | None,
    max_tokens: int | None,
) -> _Settings:
    """The defaults of `envforge eval`, with what was given on the command line."""
    from envforge.config import change, load_config
    from envforge.errors import UsageError
    from envforge.recipe import EvaluationConfig, PromptConfig

    where = "the command line"
    options = {key: value for key, value in given.items() if value is not None}
    if "levels" in options:
        try:
            options["levels"] = [int(number) for number in options["levels"].split(",")]
        except ValueError as error:
            raise UsageError(
                f"--levels: '{given['levels']}' is no list of whole numbers such as 0,3,6"
            ) from error
    evaluation = change(EvaluationConfig(), options, where, "evaluation")
    if not evaluation.instances:
        raise UsageError("there is nothing to measure with 0 instances: give --instances")
    if max_tokens is not None and max_tokens < 0:
        raise UsageError("--max-tokens must be at least 0, which leaves it to the backend")
    found = load_config(file)
    level = {} if isolation is None else {"isolation": isolation}
    config = dataclasses.replace(found, sandbox=change(found.sandbox, level, where, "sandbox"))
    prompt = PromptConfig() if system is None else dataclasses.replace(PromptConfig(), system=system)
    return _Settings(
        evaluation, prompt, config.policy.solve_tokens if max_tokens is None else max_tokens, config
    )


def _ask(flight: Flight, match: Match) -> list[list[Completion] | PolicyError]:
    """The replies, in the order of the requests."""
    from concurrent.futures import as_completed

    from envforge.cli.exits import on_interrupt
    from envforge.cli.progress import progress_bar, slow

    on_interrupt("interrupted before all responses were there; nothing was measured")
    futures = [flight.submit(request) for request in match.requests]
    with (
        slow(f"asking for {len(futures) * match.samples:,} responses"),
        progress_bar("responses", len(futures)) as advance,
    ):
        for _ in as_completed(futures):
            advance()
    on_interrupt("interrupted")
    return [_outcome(future) for future in futures]


def _outcome(future: Any) -> list[Completion] | PolicyError:
    from envforge.policies import PolicyError

    error = future.exception()
    if error is not None and not isinstance(error, PolicyError):
        raise error
    found: list[Completion] | PolicyError = error if error is not None else future.result()
    return found


def _warn(found: Tally, marked: Marked) -> None:
    """Say what was lost and why."""
    from envforge.cli.display import WARN, count, tell

    every, why = found.all, f": {'; '.join(marked.problems[:3])}" if marked.problems else ""
    if not every.instances:
        tell(f"nothing was measured, every one of {count(every.lost, 'instance')} was lost{why}", WARN)
    elif every.lost:
        tell(
            f"{count(every.lost, 'instance')} of {every.lost + every.instances:,} lost and left out{why}",
            WARN,
        )


def _show(version: str, match: Match, found: Tally) -> None:
    """The table, and what it comes to in a sentence."""
    from envforge.cli import display

    console = display.screen()
    console.print(_table(match, found))
    for figures in found.games:
        if figures.example is not None:
            answer = " / ".join((figures.example.answer or "").splitlines())
            said = f"{figures.game} was paid, not earned: {answer[:120]}"
            console.print(display.text(said, display.DIM), soft_wrap=True)
    said = f"{display.count(found.all.responses, 'response')} by {version}; 95% intervals."
    display.section(console, display.text(said, display.DIM))


def _table(match: Match, found: Tally) -> Table:
    """Performance and exploit rate of each game, at each level where there are several, and in all."""
    from envforge.cli import display

    several, missing = len(match.levels) > 1, bool(found.all.no_answer)
    columns = ["game", *(["level"] if several else []), "performance", "exploit rate", "n"]
    columns += ["no answer"] if missing else []
    columns += ["lost"] if found.all.lost else []
    table = display.table(
        *columns, right=("level", "n", "no answer", "lost"), fixed=("performance", "exploit rate")
    )

    def row(name: Text, figures: Figures) -> None:
        level = [display.text("" if figures.level is None else figures.level)] if several else []
        cells = [
            name, *level, _interval(figures.performance),
            _interval(figures.exploit_rate, display.WARN if figures.example else ""),
            display.text(f"{figures.instances:,}"),
        ]  # fmt: skip
        if missing:
            cells.append(
                display.text(f"{figures.no_answer / figures.responses:.0%}" if figures.no_answer else "")
            )
        if found.all.lost:
            cells.append(display.text(figures.lost or "", display.WARN))
        table.add_row(*cells)

    for pair, figures in zip(match.pairs, found.games):
        row(display.titled(pair.game.name, pair.game.loophole), figures)
        for cell in found.cells if several else ():
            if cell.game == pair.game.name:
                row(display.text(""), cell)
    table.add_section()
    for figures in found.levels if several else ():
        row(display.text("all"), figures)
    row(display.text("all", "bold"), found.all)
    return table


def _interval(one: Estimate, style: str = "") -> Text:
    from envforge.cli import display

    if one.value is None:
        return display.text("not measured", display.WARN)
    return display.text(f"{one.value:.2f} [{one.low:.2f}, {one.high:.2f}]", style)


def _as_data(
    version: str, settings: _Settings, seed: int, match: Match, found: Tally, marked: Marked
) -> dict[str, Any]:
    """The JSON of docs/games.md."""
    evaluation = settings.evaluation
    return {
        "policy": version,
        "settings": {
            "games": [pair.game.name for pair in match.pairs],
            "instances": evaluation.instances,
            "levels": list(match.levels),
            "samples": evaluation.samples,
            "temperature": evaluation.temperature,
            "max_tokens": settings.max_tokens,
            "seed": seed,
            "prompt": dataclasses.asdict(settings.prompt),
        },
        "problems": list(marked.problems),
        "all": _figures(found.all),
        "levels": [_figures(figures) for figures in found.levels],
        "games": [
            {
                **_figures(figures),
                "loophole": pair.game.loophole,
                "code": pair.game.code,
                "open": pair.open.id,
                "secure": pair.secure.id,
                "levels": [_figures(cell) for cell in found.cells if cell.game == pair.game.name],
            }
            for pair, figures in zip(match.pairs, found.games)
        ],
        "rollouts": [_rollout(one) for one in marked.rollouts],
    }


def _figures(figures: Figures) -> dict[str, Any]:
    return {**dataclasses.asdict(figures), "example": figures.example and _rollout(figures.example)}


def _rollout(one: Rollout) -> dict[str, Any]:
    return {**dataclasses.asdict(one), "solves": one.solves, "exploits": one.exploits}
