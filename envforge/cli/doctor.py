"""`envforge doctor`: what this machine and installation offer."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envforge.cli.options import AsJson

if TYPE_CHECKING:
    from envforge.sandbox import LevelReport


def doctor(as_json: AsJson = False) -> int:
    """Show versions, extras, and which isolation level this machine gives and why."""
    from envforge.cli.display import print_json
    from envforge.cli.exits import FAILED

    found = _examine()
    if as_json:
        print_json(found)
    else:
        _show(found)
    return 0 if (found["isolation"]["in_force"] or 0) >= 1 else FAILED


def _examine() -> dict[str, Any]:
    """Everything as the JSON of docs/cli.md."""
    from envforge import __version__
    from envforge.sandbox import Sandbox

    with_sandbox = Sandbox()
    try:
        reports = with_sandbox.survey()
    finally:
        with_sandbox.close()
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
        "isolation": _isolation(reports),
        "folders": {name: _folder(name) for name in ("seeds", "sandbox", "db")},
        "packages": core,
        "extras": extras,
    }


def _isolation(reports: Sequence[LevelReport]) -> dict[str, Any]:
    best = max((report.level for report in reports if report.available), default=None)
    missing = [
        f"level {report.level.value}: {report.reason}"
        for report in reports
        if best is None or report.level > best
    ]
    return {
        "in_force": None if best is None else best.value,
        "title": None if best is None else best.title,
        "why": "; ".join(missing) or "the strongest level there is",
        "levels": [
            {
                "level": report.level.value,
                "title": report.level.title,
                "available": report.available,
                "reason": report.reason,
                "got_through": list(report.escaped),
            }
            for report in reports
        ],
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


def _show(found: dict[str, Any]) -> None:
    from envforge.cli.display import BAD, DIM, GOOD, WARN, facts, screen, section, table, text

    console = screen()
    isolation = found["isolation"]
    level = isolation["in_force"]
    force = "none" if level is None else f"level {level} ({isolation['title']})"
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
                "isolation": text(force, GOOD if level == 2 else WARN if level else BAD),
                "why": isolation["why"],
            }
        )
    )
    levels = table("level", "to be had", "layers, or why not", fixed=("level", "to be had"))
    for report in isolation["levels"]:
        reason = report["reason"]
        if report["available"] and report["got_through"]:
            reason += f"; got through: {', '.join(report['got_through'])}"
        mark = text("yes", GOOD) if report["available"] else text("no", BAD)
        levels.add_row(text(f"{report['level']}  {report['title']}"), mark, text(reason, DIM))
    section(console, levels)
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
    if level is None or level < 1:
        console.print(
            text(
                "This machine cannot confine programs (level 1): nothing runs unless --isolation 0 allows it.",
                BAD,
            )
        )
    elif level < 2:
        console.print(text("For level 2: install bubblewrap and allow unprivileged user namespaces.", DIM))
