"""Memory of a zygote: what each interpreter that waits for requests costs."""

from __future__ import annotations

import statistics
from typing import Any

from envforge.bench import processes
from envforge.bench.places import Sandboxed, container_figures
from envforge.bench.program import NETWORKX_PROGRAM
from envforge.sandbox.channel import ProcessChannel
from envforge.sandbox.container import Container, Engine


def memory(place: Sandboxed) -> dict[str, Any]:
    """MiB of each flavour's zygotes, and of the container as a whole; or why they cannot be seen."""
    networkx = place.program(NETWORKX_PROGRAM)
    place.evaluator.instances(networkx, [(0, 0), (1, 1)], fresh=True)
    channel = place.sandbox.channel
    found: dict[str, Any] = {"place": place.name, "zygotes": [], "container_mib": None}
    root = None
    if isinstance(channel, ProcessChannel):
        root = channel.pid
    elif isinstance(channel, Container):
        used = container_figures(channel.id)[1]
        found["container_mib"] = round(used / 2**20, 1) if used else None
        root = _root(channel.id)
    for flavour, pids in sorted(processes.zygotes(root).items() if root else ()):
        sizes = [size for pid in pids if (size := processes.memory(pid))]
        if sizes:
            found["zygotes"].append(
                {
                    "flavour": flavour,
                    "count": len(sizes),
                    "resident_mib": _mib([size.resident for size in sizes]),
                    "unique_mib": _mib([size.unique for size in sizes]),
                }
            )
    return found


def _root(identity: str) -> int | None:
    """The first process of a container, where the engine runs on this machine."""
    engine = Engine()
    try:
        return int(engine.client.api.inspect_container(identity)["State"]["Pid"])
    finally:
        engine.close()


def _mib(kib: list[int]) -> float:
    return round(statistics.median(kib) / 1024, 1)
