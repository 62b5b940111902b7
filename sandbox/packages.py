"""Other people's packages in a zygote: what they are imported from, and what of the process they find changed.

Environment programs import what is preloaded and nothing else. A gym's package imports more of itself, and of what it
needs, when it is called: here the finders stay, over folders that can only be read.
"""

import concurrent.futures
import importlib
import os
import random
import sys
import sysconfig
import types
from typing import Any


def readable(gym: dict[str, Any]) -> tuple[str, ...]:
    """Folders below which a child may read: the packages', and the interpreter's own library."""
    own = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib")}
    return tuple(folder for folder in (*gym["folders"], *sorted(own)) if os.path.isdir(folder))


def preload(gym: dict[str, Any]) -> None:
    """Import the packages. What fails here fails again in the child, where it can be told."""
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = "1"  # threads do not survive a fork
    sys.dont_write_bytecode = True
    sys.path += gym["folders"]
    concurrent.futures.ThreadPoolExecutor = Inline  # type: ignore[misc,assignment]
    for name in gym["missing"]:
        sys.modules[name] = StandIn(name)
    for name in (*gym["modules"], "gyms"):
        attempt(name)
    if "numpy" in sys.modules:
        attempt("numpy.random")  # comes late of its own accord


def attempt(name: str) -> None:
    """Import a module, or leave it."""
    try:
        importlib.import_module(name)
    except BaseException:  # some leave through sys.exit
        sys.modules.pop(name, None)


class Inline(concurrent.futures.Executor):
    """An executor without threads, which a child cannot start: what is submitted is done at once. Packages use one to
    stop a call that takes too long; here the sandbox's own limit does that."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__()

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        """The finished call."""
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class StandIn(types.ModuleType):
    """A module that does nothing, for one of which a package wants no more than that its generators be seeded."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self.__name__}.{name}")

    def __call__(self, *arguments: Any, **options: Any) -> None:
        """Nothing."""


def settle(salt: int) -> None:
    """Give the hidden generators of `random` and numpy a state that depends on the salt."""
    random.seed(salt)
    hidden = sys.modules.get("numpy.random")
    if hidden is not None:
        hidden.seed(salt)
