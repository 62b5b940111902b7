"""The ladder of isolation: what each level is and what it is called."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from envforge.config import ISOLATION_NAMES


class Level(enum.IntEnum):
    """How strong the isolation is. Up to 3 each level includes the one below; 4 and 5 are containers."""

    LIMITS = 0
    CONFINED = 1
    BOXED = 2
    CGROUPS = 3
    DOCKER = 4
    GVISOR = 5

    @property
    def title(self) -> str:
        return {
            Level.LIMITS: "resource limits only",
            Level.CONFINED: "no_new_privs + seccomp + Landlock",
            Level.BOXED: "level 1 inside bubblewrap namespaces",
            Level.CGROUPS: "level 2 with cgroup limits",
            Level.DOCKER: "level 1 inside a Docker container",
            Level.GVISOR: "level 1 inside Docker with gVisor",
        }[self]

    @property
    def slug(self) -> str:
        """The name that options and configuration files use."""
        return ISOLATION_NAMES[self]

    @property
    def container(self) -> bool:
        """Whether it needs a Docker engine. Such a level is used only when asked for."""
        return self >= Level.DOCKER

    def __str__(self) -> str:
        return f"{self.value} ({self.title})"


@dataclass(frozen=True, slots=True)
class LevelReport:
    """What attacking ourselves at one level showed."""

    level: Level
    available: bool
    reason: str  # why not, or which layers are in force
    escaped: tuple[str, ...] = ()  # probes that got through
    stopped: tuple[str, ...] = ()  # probes that did not
