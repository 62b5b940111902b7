"""The one table of difficulty controllers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from envforge.config import PoolConfig
from envforge.pool.bandit import Bandit
from envforge.pool.controllers import Controller
from envforge.pool.fixed import Fixed
from envforge.pool.ladder import Ladder
from envforge.pool.window import Window

CONTROLLERS: Mapping[str, Callable[[PoolConfig], Controller]] = {
    "window": Window,
    "ladder": Ladder,
    "bandit": Bandit,
    "fixed": Fixed,
}
