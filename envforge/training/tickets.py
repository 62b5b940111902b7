"""The data set that TRL sees: numbered tickets without content.

Trainer reads one batch ahead, so an instance that was drawn there would lag behind the curriculum, and differently
after a resumption. A ticket says nothing; the learner draws the real work at the moment it generates. Tickets have
no state either: skipping some when a run is resumed costs nothing and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

PROMPT = [{"role": "user", "content": ""}]  # TRL looks at the first to see that prompts are messages


def tickets() -> Iterator[dict[str, Any]]:
    """Tickets without end."""
    number = 0
    while True:
        yield {"prompt": PROMPT, "ticket": number}
        number += 1


def ticket_dataset() -> Any:
    """The tickets as a `datasets.IterableDataset`, the only live form that TRL takes."""
    import datasets

    return datasets.IterableDataset.from_generator(tickets)
