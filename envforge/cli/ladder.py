"""The ladder of isolation as `envforge doctor` shows it: what each level is here, and what it stops."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from envforge.cli import display
from envforge.cli.display import BAD, DIM, GOOD, WARN
from envforge.cli.progress import slow
from envforge.errors import SandboxError
from envforge.sandbox import Level, LevelReport, Sandbox
from envforge.sandbox.box import interpreter
from envforge.sandbox.container import RUNTIMES, Engine, address
from envforge.sandbox.ladder import PROBES, Launcher, survey

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

STOPPED, THROUGH, UNTRIED = "stopped", "through", "untried"
NOT_TRIED, HOLE = "–", "THROUGH"  # in capitals, so that it is told from the harmless one without colours too
_WORDS = {  # of the table: style and meaning
    STOPPED: (GOOD, "the attack failed"),
    THROUGH: (WARN, "it succeeded where the level need not stop it; 'from' is the lowest level that must"),
    HOLE: (f"bold {BAD}", "it succeeded where the level must stop it"),
    NOT_TRIED: (DIM, "no result: the level is not to be had, or the attack would end the whole container"),
}
ROOMY = 92  # columns from which on the table has room between its columns


@dataclass(frozen=True, slots=True)
class Docker:
    """The Docker engine that the environment names, or why none answers."""

    version: str = ""
    runtimes: tuple[str, ...] = ()
    problem: str = ""

    def as_data(self) -> dict[str, Any] | None:
        """The engine as the JSON of docs/cli.md; None when none answers."""
        if self.problem:
            return None
        return {"version": self.version, "address": address(), "runtimes": list(self.runtimes)}

    def __str__(self) -> str:
        runtimes = [name for name in self.runtimes if not name.startswith("io.containerd.")]  # runc once more
        return self.problem or f"{self.version} at {address()}, runtimes {', '.join(runtimes)}"


@dataclass(frozen=True, slots=True)
class Rung:
    """A level of the ladder on this machine. One that was not attacked is only known to have its means."""

    report: LevelReport
    attacked: bool

    @property
    def level(self) -> Level:
        return self.report.level

    def outcome(self, attack: str) -> str:
        """What became of an attack: stopped, through or untried."""
        if attack in self.report.stopped:
            return STOPPED
        return THROUGH if attack in self.report.escaped else UNTRIED

    @property
    def holes(self) -> list[str]:
        """The attacks that got through although the level must stop them."""
        return [name for name in self.report.escaped if PROBES[name] <= self.level]


def find_docker() -> Docker:
    """Ask the engine who it is."""
    try:
        with slow(f"asking the Docker engine at {address()}"):
            engine = Engine()
    except SandboxError as error:
        return Docker(problem=str(error))
    try:
        return Docker(engine.info.get("ServerVersion", "unknown"), tuple(sorted(engine.info["Runtimes"])))
    finally:
        engine.close()


def climb(docker: Docker, *, containers: bool) -> list[Rung]:
    """Attack ourselves at every level, strongest first. Containers cost time and perhaps an image: without
    `containers` those levels are not attacked, just looked at."""
    launcher = Launcher()
    sandbox = Sandbox(notice=lambda message: display.tell(f"{message} ..."))
    rungs = []
    try:
        for level in sorted(Level, reverse=True):
            if level.container and not containers:
                rungs.append(Rung(_means(level, docker), False))
                continue
            with slow(f"attacking ourselves at level {display.isolation(level)}"):
                rungs.append(Rung(survey(level, sandbox.machine, launcher), True))
    finally:
        launcher.close()
        sandbox.close()
    return rungs


def _means(level: Level, docker: Docker) -> LevelReport:
    """Whether an engine answers and has what a level needs."""
    runtime = RUNTIMES[level]
    if docker.problem:
        return LevelReport(level, False, docker.problem)
    if runtime is not None and runtime not in docker.runtimes:
        return LevelReport(level, False, f"the Docker engine has no runtime '{runtime}'")
    having = f"Docker {docker.version} answers" + (f" and has the runtime '{runtime}'" if runtime else "")
    return LevelReport(level, True, f"{having}; envforge doctor --isolation tries it")


def as_data(rungs: list[Rung], remedies: dict[Level, str], *, attacks: bool) -> dict[str, Any]:
    """What commands use here and why, and every level, as the JSON of docs/cli.md."""
    best = in_force(rungs)
    missing = [rung for rung in rungs if not rung.level.container and (best is None or rung.level > best)]
    reasons = [
        f"level{'s' if len(group) > 1 else ''} {' and '.join(str(rung.level.value) for rung in group)}: {reason}"
        for reason, group in _by(missing, lambda rung: rung.report.reason)
    ]
    found: dict[str, Any] = {
        "in_force": None if best is None else best.value,
        "name": None if best is None else best.slug,
        "title": None if best is None else best.title,
        "why": "; ".join(reasons) or "the strongest level that needs no Docker engine",
        "levels": [
            {
                "level": rung.level.value,
                "name": rung.level.slug,
                "title": rung.level.title,
                "available": rung.report.available,
                "attacked": rung.attacked,
                "reason": rung.report.reason,
                "remedy": remedies.get(rung.level),
                "got_through": list(rung.report.escaped),
                "holes": rung.holes,
            }
            for rung in rungs
        ],
    }
    if attacks:
        found["attacks"] = [
            {
                "attack": name,
                "from": lowest.value,
                "outcomes": {rung.level.slug: rung.outcome(name) for rung in reversed(rungs)},
            }
            for name, lowest in PROBES.items()
        ]
    return found


def _by(rungs: list[Rung], key: Callable[[Rung], str]) -> list[tuple[str, list[Rung]]]:
    """Neighbours for which the same holds, together."""
    return [(same, list(group)) for same, group in itertools.groupby(rungs, key)]


def in_force(rungs: list[Rung]) -> Level | None:
    """The level that commands use when nothing is asked for."""
    there = [rung.level for rung in rungs if rung.report.available and not rung.level.container]
    return max(there, default=None)


def remedies(rungs: list[Rung], docker: Docker, machine: Mapping[str, Any]) -> dict[Level, str]:
    """What helps, for each level that is not to be had. `machine`: what `envforge doctor` found, as JSON."""
    missing = [rung for rung in rungs if not rung.report.available]
    lacking = {rung.level for rung in missing}
    found = {}
    for rung in missing:
        level = rung.level
        if rung.holes:
            found[level] = "this is a hole: do without this level here, and report it as a bug"
        elif level.container:
            found[level] = _engine_remedy(level, docker)
        elif Level.LIMITS in lacking:  # not even without any isolation does the runner start
            found[level] = f"use a Python that this user may run everywhere: {interpreter()} does not start"
        elif level == Level.CONFINED:
            found[level] = "use Linux 5.13 or newer, on x86_64 or aarch64, with seccomp and Landlock"
        elif level == Level.CGROUPS and Level.BOXED not in lacking:
            found[level] = _group_remedy(machine)
        else:
            found[level] = _box_remedy(machine)
    return found


def _box_remedy(machine: Mapping[str, Any]) -> str:
    if machine["bubblewrap"] is None:
        return "install bubblewrap (Debian and Ubuntu: apt-get install bubblewrap)"
    if machine["user_namespaces"] != "allowed" and machine["user"] != "root":
        return f"allow user namespaces, which are {machine['user_namespaces']}"
    return "run it where namespaces may be made (inside Docker: docker run --privileged)"


def _group_remedy(machine: Mapping[str, Any]) -> str:
    if machine["user"] == "root":
        return "make the control groups writable (inside Docker: docker run --privileged)"
    return (
        "run it in a control group that is delegated to this user (with systemd: systemd-run --user --scope "
        "envforge ...), or as root"
    )


def _engine_remedy(level: Level, docker: Docker) -> str:
    if "SDK" in docker.problem:
        return "pip install 'envforge[docker]'"
    if docker.problem:
        return "start Docker, let this user use it (group docker), or name another engine in DOCKER_HOST"
    if level == Level.GVISOR and RUNTIMES[level] not in docker.runtimes:
        return "install gVisor, then: runsc install; systemctl restart docker"
    return "look into the Docker engine's log"


def show_levels(console: Console, rungs: list[Rung]) -> None:
    """Every level in a few words: to be had or not, and what it is made of here."""
    levels = display.table("level", "to be had", "what it is", fixed=("level", "to be had"))
    for rung in rungs:
        report, reason = rung.report, rung.report.reason
        if report.available and report.escaped:
            reason += f"; got through: {', '.join(report.escaped)}"
        levels.add_row(
            display.text(f"{rung.level.value}  {rung.level.slug}"),
            _mark(rung),
            display.titled(rung.level.title, reason),
        )
    display.section(console, levels)


def _mark(rung: Rung) -> Text:
    if not rung.report.available:
        return display.text("no", BAD if rung.level <= Level.CONFINED else WARN)
    return display.text("yes", GOOD) if rung.attacked else display.text("not tried", DIM)


def show_attacks(console: Console, rungs: list[Rung], remedies: dict[Level, str]) -> None:
    """Which attack is stopped at which level, and how to get the levels that are missing."""
    display.section(console, _attacks(rungs, roomy=console.width >= ROOMY))
    console.print()
    console.print(_legend())
    missing = display.table("not to be had", "why", "what helps", fixed=("not to be had",))
    lost = [rung for rung in rungs if not rung.report.available]
    for reason, group in _by(lost, lambda rung: rung.report.reason):
        for remedy, members in _by(group, lambda rung: remedies[rung.level]):
            names = "\n".join(f"{rung.level.value}  {rung.level.slug}" for rung in members)
            style = BAD if members[0].holes else ""
            missing.add_row(display.text(names), display.text(reason, style), display.text(remedy))
    if missing.row_count:
        display.section(console, missing)


def _attacks(rungs: list[Rung], *, roomy: bool) -> Table:
    rungs = sorted(rungs, key=lambda rung: rung.level)
    levels = [f"{rung.level.value}\n{rung.level.slug}" for rung in rungs]
    shown = display.table("\nattack", "\nfrom", *levels, fixed=("\nattack", "\nfrom", *levels))
    if not roomy:
        shown.padding = (0, 0)
    before = None
    for name, lowest in PROBES.items():
        if before not in (None, lowest):
            shown.add_section()
        before = lowest
        shown.add_row(
            display.text(name),
            display.text(lowest.value, DIM),
            *(_cell(rung, name) for rung in rungs),
        )
    return shown


def _cell(rung: Rung, attack: str) -> Text:
    outcome = rung.outcome(attack)
    word = NOT_TRIED if outcome == UNTRIED else HOLE if attack in rung.holes else outcome
    return display.text(word, _WORDS[word][0])


def _legend() -> Table:
    from rich.table import Table

    found = Table.grid(padding=(0, 2))
    for word, (style, meaning) in _WORDS.items():
        found.add_row(display.text(word, style), display.text(meaning, DIM))
    return found
