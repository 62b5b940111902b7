"""From `gym:NAME`, `gym:NAME/TASK`, `gym:NAME@FOLDER/TASK` and `py:MODULE:CLASS` to tasks and what calls them."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from envforge.config import SandboxConfig, nearest
from envforge.contract import Flavour, Oracle, Program, content_id
from envforge.errors import UsageError
from envforge.gyms.evaluator import GymEvaluator
from envforge.gyms.forms import FORMS
from envforge.gyms.kinds import GYMS, Task, located
from envforge.gyms.packages import folder_of, libraries
from envforge.sandbox import Sandbox
from envforge.sandbox.box import Gym

_GYM = re.compile(r"gym:(?P<gym>\w+)(@(?P<folder>[^@]+?))?(/(?P<task>[\w.*?\[\]-]+))?", re.ASCII)
_CLASS = re.compile(r"py:(?P<module>[A-Za-z_][\w.]*):(?P<name>[A-Za-z_][\w.]*)")


@dataclass(frozen=True, slots=True)
class GymTask:
    """A task of a gym: `name` names it again, `group` is the gym's name, `category` what the gym files it under (or
    empty). `program` is the adapter that speaks for it, and `evaluator` calls it."""

    name: str
    title: str
    group: str
    category: str
    program: Program
    evaluator: GymEvaluator


def gym_tasks(name: str, config: SandboxConfig, stack: ExitStack) -> list[GymTask]:
    """The tasks that `name` means; a task may be a pattern with * and ?.

    The sandbox that holds the gym is started with the first call, and closed with `stack`. Raises UsageError.
    """
    own = _CLASS.fullmatch(name)
    if own:
        folder = folder_of(own["module"], "name one that Python finds; PYTHONPATH=. adds this folder")
        task = Task(name, f"gyms.Custom({own['module']!r}, {own['name']!r})", 0)
        gym = Gym((folder, *(one for one in libraries() if one != folder)), (own["module"],))
        return _made([task], "py", name, "", gym, config, stack)
    match = _GYM.fullmatch(name)
    if match is None:
        raise UsageError(f"'{name}' names no gym; the forms are {FORMS}")
    if match["gym"] not in GYMS:
        raise UsageError(
            f"there is no gym '{match['gym']}'{nearest(match['gym'], GYMS)}; the forms are {FORMS}"
        )
    kind = GYMS[match["gym"]]
    folder = located(kind, match["folder"] or "")
    tasks = kind.tasks(folder)
    wanted = match["task"] or "*"
    chosen = [task for task in tasks if fnmatchcase(task.name, wanted)]
    if not chosen:
        raise UsageError(
            f"{match['gym']} has no task '{wanted}'{nearest(wanted, [task.name for task in tasks])}; "
            f"gym:{match['gym']} means all {len(tasks)}"
        )
    prefix = f"gym:{match['gym']}" + (f"@{match['folder']}" if match["folder"] else "")
    release = "" if match["folder"] else kind.version()
    return _made(chosen, match["gym"], prefix, release, kind.gym(folder), config, stack)


def _made(
    tasks: list[Task],
    group: str,
    prefix: str,
    release: str,
    gym: Gym,
    config: SandboxConfig,
    stack: ExitStack,
) -> list[GymTask]:
    sandbox = stack.enter_context(_Late(config, gym))
    found: list[GymTask] = []
    for task in tasks:
        name = task.name if group == "py" else f"{prefix}/{task.name}"
        title = f"{task.name} ({' '.join(filter(None, (group, release)))})"
        source = f'"""{title}."""\n\nimport gyms\n\ntask = {task.expression}\n'
        program = Program(
            content_id(source), source, title, (group.replace("_", "-"),), Oracle.EQUALITY, task.levels,
            Flavour.GYM, "", frozenset(),
        )  # fmt: skip
        found.append(GymTask(name, title, group, task.category, program, GymEvaluator(sandbox)))
    return found


class _Late(Sandbox):
    """A sandbox that is not started before its first call."""

    def __init__(self, config: SandboxConfig, gym: Gym) -> None:
        # Wall time also covers the package's own waiting for files; two runners may share the machine.
        super().__init__(replace(config, wall_factor=max(config.wall_factor, 3.0)), gym=gym)

    def __enter__(self) -> Sandbox:
        return self
