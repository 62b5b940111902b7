"""From what a user names to a program and its instances, always through the sandbox."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from envforge.cli.exits import Finding
from envforge.cli.options import MAX_SEED
from envforge.contract import derive_seed
from envforge.errors import UsageError

if TYPE_CHECKING:
    from envforge.config import SandboxConfig
    from envforge.contract import Instance, Program
    from envforge.sandbox import Evaluator, Sandbox
    from envforge.sources import SourceFile

_ID = re.compile("[0-9a-fA-F]{4,16}")


@contextmanager
def sandboxed(
    config: SandboxConfig, during: Callable[[], AbstractContextManager[object]] = nullcontext
) -> Iterator[Sandbox]:
    """A started sandbox; says on standard error what takes long at its start, and when it has no box around it."""
    from envforge.cli.display import WARN, tell
    from envforge.sandbox import Sandbox

    with Sandbox(config, notice=lambda message: tell(f"{message} ..."), during=during) as sandbox:
        notice = isolation_notice(sandbox)
        if notice:
            tell(notice, WARN)
        yield sandbox


def isolation_notice(sandbox: Sandbox) -> str | None:
    """One line that says which level is in force, and why, when it is below bubblewrap; None otherwise.

    The levels above that one are a matter of choice: they bind the runner as a whole, or cost a Docker engine.
    """
    from envforge.cli.display import isolation
    from envforge.sandbox import Level

    level, box = sandbox.level, Level.BOXED
    if level >= box:
        return None
    used = f"Isolation: level {isolation(level)} is used"
    missing = [report for report in sandbox.reports if level < report.level <= box]
    if not missing:
        return f"{used}, as configured, and not level {isolation(box)}."
    why = [f"level {report.level.value} is not to be had: {report.reason}" for report in missing]
    return f"{used} instead of level {isolation(box)} ({'; '.join(why)})."


@contextmanager
def evaluating(isolation: int | None) -> Iterator[Evaluator]:
    """An evaluator for commands that run one program: one worker is enough."""
    from envforge.config import SandboxConfig, change
    from envforge.sandbox import Evaluator

    level = {} if isolation is None else {"isolation": isolation}
    with sandboxed(change(SandboxConfig(workers=1), level, "the command line", "sandbox")) as sandbox:
        yield Evaluator(sandbox)


def find_source(target: str, db: str) -> str:
    """The source that `target` names: a file, an id or its beginning in the registry `db`, or a seed's name."""
    from envforge.sources import read_source

    path = Path(target)
    if path.is_dir():
        raise UsageError(f"{target} is a folder: name one program in it")
    if path.exists():
        return read_source(path).source
    named = {seed.path.stem: seed for seed in shipped_seeds()}
    if target in named:
        return named[target].source
    if _ID.fullmatch(target):
        from envforge.registry import Registry

        with Registry.open(db, read_only=True) as registry:
            return registry.environment(target).source
    near = difflib.get_close_matches(target, named, 1)
    hint = f"; did you mean the seed '{near[0]}'?" if near else ""
    raise UsageError(
        f"there is no file {target}, and it is neither an id (4 to 16 hex digits) nor a seed's name{hint}"
    )


def shipped_seeds() -> list[SourceFile]:
    """The seed programs of this installation."""
    from envforge.locations import data_folder
    from envforge.sources import read_folder

    return read_folder(data_folder("seeds"))


def load(evaluator: Evaluator, target: str, db: str) -> Program:
    """The program that `target` names. Raises Finding with the violations when it does not pass L1."""
    from envforge.sandbox import Failure

    found = evaluator.inspect(find_source(target, db))
    if isinstance(found, Failure):
        raise Finding(f"{target} cannot be read as a program: {found}")
    if isinstance(found, list):
        lines = [f"  line {violation['line']}: {violation['message']}" for violation in found]
        raise Finding("\n".join([f"{target} does not pass the static policy (L1):", *lines]))
    return found


def check_difficulty(program: Program, difficulty: int) -> None:
    """Raise UsageError for a level that the program does not have."""
    if difficulty not in program.difficulties:
        raise UsageError(
            f"difficulty {difficulty} is out of range: '{program.title}' has levels 0 to {program.max_difficulty}"
        )


def chosen_seed(program: Program, difficulty: int, seed: int | None, index: int = 0) -> int:
    """The seed given, or the one derived for the `index`-th sample of a level."""
    if seed is None:
        return derive_seed("sample", program.id, difficulty, index)
    if not 0 <= seed <= MAX_SEED:
        raise UsageError(f"seed {seed} is out of range: seeds go from 0 to 2**63 - 1")
    return seed


def instances(evaluator: Evaluator, program: Program, keys: list[tuple[int, int]]) -> list[Instance]:
    """The instances for (seed, difficulty) `keys`, with pictures where the program draws.

    Raises Finding with the message when one fails.
    """
    from envforge.sandbox import Failure

    found: list[Instance] = []
    for (seed, difficulty), value in zip(keys, evaluator.instances(program, keys, pictures=True)):
        if isinstance(value, Failure):
            raise Finding(f"'{program.title}' fails at seed {seed}, difficulty {difficulty}: {value}")
        found.append(value)
    return found


def write_picture(instance: Instance, path: Path) -> None:
    """The picture of an instance as a PNG, or as the program's SVG where `path` ends in .svg.

    Raises Finding for a picture that breaks the policy, UsageError for a path that cannot be written.
    """
    from envforge.cli.exits import writing
    from envforge.pictures import PictureError, check_svg, rasterise

    svg = instance.picture or ""
    try:
        if path.suffix.lower() == ".svg":
            problems = check_svg(svg)
            if problems:
                raise PictureError(problems[0])
            data = svg.encode("utf-8")
        else:
            data = rasterise(svg)
    except PictureError as error:
        raise Finding(
            f"the picture at seed {instance.seed}, difficulty {instance.difficulty} cannot be shown: {error}"
        ) from error
    with writing(path):
        path.write_bytes(data)


def score_answer(evaluator: Evaluator, program: Program, instance: Instance, answer: str) -> float:
    """The score of one answer. Raises Finding with the message when the scorer fails."""
    from envforge.sandbox import Failure, ScoreCall
    from envforge.sandbox.calls import state_text

    value = evaluator.scores(program, [ScoreCall(state_text(instance.state), answer)])[0]
    if isinstance(value, Failure):
        raise Finding(f"the scorer of '{program.title}' fails: {value}")
    return value
