"""What /proc tells about the processes of a runner: CPU time and memory."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Memory:
    """Of one process, in KiB: what it has mapped, and what only it has (it would be free if it ended)."""

    resident: int
    unique: int


def tree(root: int) -> list[int]:
    """`root` and everything below it, as far as it can be seen from here."""
    parents: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (fields := _stat(int(entry))):
            parents.setdefault(int(fields[1]), []).append(int(entry))
    found = [root] if _stat(root) else []
    for pid in found:
        found += parents.get(pid, ())
    return found


def cpu_seconds(pids: list[int]) -> float:
    """User and system time of these processes themselves, not of children that ended."""
    ticks = 0
    for pid in pids:
        if fields := _stat(pid):
            ticks += int(fields[11]) + int(fields[12])
    return ticks / _TICKS


def zygotes(root: int) -> dict[str, list[int]]:
    """The zygotes below `root`, by flavour."""
    found: dict[str, list[int]] = {}
    for pid in tree(root):
        try:
            words = Path(f"/proc/{pid}/cmdline").read_text("utf-8", "replace").split("\0")
        except OSError:
            continue
        if any("zygote.main()" in word for word in words):
            flavour = json.loads(words[-2])["flavour"]  # the configuration; the last word ends in a zero too
            found.setdefault(flavour, []).append(pid)
    return found


def memory(pid: int) -> Memory | None:
    """None when this user may not see it."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("utf-8").splitlines()[1:]
    except OSError:
        return None
    sizes = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    return Memory(sizes["Rss"], sizes["Private_Clean"] + sizes["Private_Dirty"])


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, so that [1] is the parent; empty when it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return []
