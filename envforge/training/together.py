"""Several processes as one: what the main process knows, all know; what one cannot do, none goes on without.

Collective calls have to be made by every process, in the same order. With one process all of it is immediate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from envforge.errors import EnvforgeError

T = TypeVar("T")


class Together:
    """The processes of one run. `accelerator` is accelerate's."""

    def __init__(self, accelerator: Any) -> None:
        self._accelerator = accelerator

    @property
    def main(self) -> bool:
        return bool(self._accelerator.is_main_process)

    @property
    def rank(self) -> int:
        return int(self._accelerator.process_index)

    @property
    def size(self) -> int:
        return int(self._accelerator.num_processes)

    def told(self, value: T | None) -> T:
        """Collective: what the main process gives, everywhere."""
        if self.size > 1:
            from accelerate.utils import broadcast_object_list

            value = broadcast_object_list([value], from_process=0)[0]
        return value  # type: ignore[return-value]

    def gathered(self, values: Sequence[T]) -> list[T]:
        """Collective: the values of all processes, in the order of their ranks."""
        if self.size == 1:
            return list(values)
        from accelerate.utils import gather_object

        return list(gather_object(list(values)))

    def attempt(self, call: Callable[[], T]) -> T:
        """Collective: `call`, which is local work. An error of envforge in one process is raised in all of them, so
        that none waits for one that has given up."""
        result: T | None = None
        error: EnvforgeError | None = None
        try:
            result = call()
        except EnvforgeError as found:
            error = found
        problems = [problem for problem in self.gathered([str(error) if error else ""]) if problem]
        if error is not None:
            raise error
        if problems:
            raise EnvforgeError(f"another process of the run failed: {problems[0]}")
        return result  # type: ignore[return-value]

    def wait(self) -> None:
        """Collective: until all are here."""
        if self.size > 1:
            self._accelerator.wait_for_everyone()
