"""What is asked of the sandbox: one child process, some calls."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from envforge.contract import INSTANCE_CPU_SECONDS, MAX_PICTURE_BYTES, MEMORY_BYTES, Flavour
from envforge.sandbox.reply import MAX_FRAME_BYTES

# Packages of other people take what they take; what stays below this is no fault.
MEMORY = {Flavour.BARE: MEMORY_BYTES, Flavour.NETWORKX: MEMORY_BYTES, Flavour.GYM: 4 * MEMORY_BYTES}
MAX_OUTPUT_BYTES = 64 * 1024 * 1024
MAX_BATCH_WALL_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Request:
    """One child process: load `source`, make one call per item.

    `op` is "inspect", "instance", "derive", "render", "score" or "probe", or one of sandbox/gyms.py.
    `items` and `states` are documented in sandbox/child.py. `cpu` is the limit per call in seconds.
    `precise` makes `Reply.reached` exact, at a price.
    """

    op: str
    source: str
    items: Sequence[Any]
    states: Sequence[str] = ()
    flavour: Flavour = Flavour.BARE
    hash_seed: int = 0
    salt: int = 0
    cpu: float = INSTANCE_CPU_SECONDS
    strict: bool = False
    precise: bool = False

    @property
    def memory(self) -> int:
        """Bytes that the process may have resident."""
        return MEMORY[self.flavour]

    @property
    def total_cpu(self) -> float:
        """CPU seconds after which the kernel asks the process to end, whatever its timers say."""
        return self.cpu * max(1, len(self.items)) + 1.0

    @property
    def max_frame(self) -> int:
        """Bytes that one result may take as JSON. A picture is nearly all quotation marks at worst."""
        return 2 * MAX_PICTURE_BYTES + 1024 if self.op == "render" else MAX_FRAME_BYTES

    def header(self, wall_factor: float) -> dict[str, Any]:
        """What the runner reads of it."""
        calls = max(1, len(self.items))
        return {
            "flavour": self.flavour.value,
            "hash_seed": self.hash_seed,
            "wall": min(self.cpu * calls * wall_factor, MAX_BATCH_WALL_SECONDS),
            "max_output": min((calls + 2) * self.max_frame, MAX_OUTPUT_BYTES),
        }

    def body(self, wall_factor: float) -> bytes:
        """What the child reads."""
        return json.dumps(
            {
                "op": self.op,
                "source": self.source,
                "items": list(self.items),
                "states": list(self.states),
                "memory": self.memory,
                "cpu": self.cpu,
                "wall": self.cpu * wall_factor,
                "total_cpu": self.total_cpu,
                "frame": self.max_frame,
                "salt": self.salt,
                "strict": self.strict,
                "precise": self.precise,
            }
        ).encode()
