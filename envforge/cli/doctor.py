"""`envforge doctor`: what this machine and installation offer."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envforge.cli.options import AsJson

if TYPE_CHECKING:
    from rich.console import Console

    from envforge.cli.ladder import Docker
    from envforge.sandbox import Level


def doctor(
    isolation: Annotated[
        bool,
        typer.Option(
            "--isolation",
            metavar="",
            help="Attack ourselves at every level, containers too, and show which attacks each level stops.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Show versions, extras, and which isolation level this machine gives and why."""
    from envforge.cli import ladder
    from envforge.cli.display import print_json, screen
    from envforge.cli.exits import FAILED
    from envforge.sandbox import Level

    docker = ladder.find_docker()
    rungs = ladder.climb(docker, containers=isolation)
    found = _examine(docker)
    remedies = ladder.remedies(rungs, docker, found)
    found["isolation"] = ladder.as_data(rungs, remedies, attacks=isolation)
    if as_json:
        print_json(found)
    else:
        console = screen()
        _show_machine(console, found, docker)
        if isolation:
            ladder.show_attacks(console, rungs, remedies)
        else:
            ladder.show_levels(console, rungs)
            _show_installation(console, found)
        _show_advice(console, ladder.in_force(rungs), {} if isolation else remedies)
    holes = isolation and any(rung.holes for rung in rungs)
    return FAILED if holes or (ladder.in_force(rungs) or Level.LIMITS) < Level.CONFINED else 0


def _examine(docker: Docker) -> dict[str, Any]:
    """All but the isolation levels, as the JSON of docs/cli.md."""
    from envforge import __version__

    core, extras = _packages()
    return {
        "envforge": __version__,
        "python": platform.python_version(),
        "executable": sys.executable,
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "cores": os.cpu_count() or 1,
        "user": "root" if os.geteuid() == 0 else "unprivileged",
        "bubblewrap": _bubblewrap(),
        "user_namespaces": _user_namespaces(),
        "docker": docker.as_data(),
        "folders": {name: _folder(name) for name in ("seeds", "sandbox", "db")},
        "packages": core,
        "extras": extras,
    }


def _bubblewrap() -> str | None:
    path = shutil.which("bwrap")
    if path is None:
        return None
    try:
        reply = subprocess.run([path, "--version"], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return f"{path}, which does not answer"
    return reply.stdout.strip().removeprefix("bubblewrap ") or f"{path}, which does not answer"


def _user_namespaces() -> str:
    """Whether the kernel's settings let anybody make a user namespace; the survey tells whether it works."""
    if _setting("/proc/sys/user/max_user_namespaces") == "0":
        return "switched off (user.max_user_namespaces = 0)"
    if _setting("/proc/sys/kernel/unprivileged_userns_clone") == "0":
        return "root only (kernel.unprivileged_userns_clone = 0)"
    if _setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1":
        return "restricted by AppArmor (kernel.apparmor_restrict_unprivileged_userns = 1)"
    return "allowed"


def _setting(path: str) -> str | None:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return None


def _folder(name: str) -> str | None:
    from envforge.errors import EnvforgeError
    from envforge.locations import data_folder

    try:
        return str(data_folder(name))
    except EnvforgeError:
        return None


def _packages() -> tuple[dict[str, str | None], dict[str, dict[str, str | None]]]:
    """Versions of what the core needs and of each extra's packages, None for what is missing. Imports nothing."""
    import importlib.metadata

    core: dict[str, str | None] = {}
    extras: dict[str, dict[str, str | None]] = {}
    try:
        needed = importlib.metadata.requires("envforge") or []
    except importlib.metadata.PackageNotFoundError:
        return core, extras  # run from a checkout that was never installed
    for requirement in needed:
        name = re.split(r"[^A-Za-z0-9._-]", requirement, maxsplit=1)[0]
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", requirement)
        if name == "envforge":
            continue  # an extra that includes another one
        try:
            version: str | None = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            version = None
        (extras.setdefault(extra[1], {}) if extra else core)[name] = version
    return core, extras


def _show_machine(console: Console, found: dict[str, Any], docker: Docker) -> None:
    from envforge.cli.display import BAD, GOOD, WARN, facts, isolation, text

    levels = found["isolation"]
    level = levels["in_force"]
    force = "none" if level is None else f"{isolation(level)}: {levels['title']}"
    console.print(
        facts(
            {
                "envforge": found["envforge"],
                "Python": f"{found['python']}  {found['executable']}",
                "kernel": found["kernel"],
                "cores": found["cores"],
                "user": found["user"],
                "bubblewrap": found["bubblewrap"] or text("not installed", WARN),
                "user namespaces": found["user_namespaces"],
                "Docker": docker,
                "isolation": text(force, GOOD if (level or 0) >= 2 else WARN if level else BAD),
                "why": levels["why"],
            }
        )
    )


def _show_installation(console: Console, found: dict[str, Any]) -> None:
    from envforge.cli.display import BAD, DIM, GOOD, WARN, facts, section, table, text

    packages = table("extra", "", "packages", fixed=("extra", ""))
    for name, members in {"core": found["packages"], **found["extras"]}.items():
        missing = [member for member, version in members.items() if version is None]
        there = [f"{member} {version}" for member, version in members.items() if version is not None]
        mark = text("partly" if there else "missing", WARN) if missing else text("complete", GOOD)
        lacks = ["lacks " + ", ".join(missing)] if missing else []
        packages.add_row(
            text(name), mark, text("; ".join([", ".join(there), *lacks] if there else lacks), DIM)
        )
    section(console, packages)
    console.print()
    console.print(
        facts(
            {
                name: path or text("missing: install envforge again", BAD)
                for name, path in found["folders"].items()
            }
        )
    )


def _show_advice(console: Console, level: Level | None, remedies: dict[Level, str]) -> None:
    from envforge.cli.display import BAD, DIM, text
    from envforge.sandbox import Level

    if level is None:
        console.print(text("The sandbox does not start on this machine: nothing runs.", BAD))
    elif level < Level.CONFINED:
        console.print(
            text(
                "This machine cannot confine programs (level 1): nothing runs unless --isolation 0 allows it.",
                BAD,
            )
        )
    elif level < Level.BOXED and remedies:
        console.print(text(f"For level 2: {remedies[Level.BOXED]}.", DIM), soft_wrap=True)
