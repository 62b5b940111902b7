"""What is wrong with a picture, told to whoever wrote the program that drew it."""

from __future__ import annotations

from collections.abc import Sequence

from envforge.errors import EnvforgeError


class PictureError(EnvforgeError):
    """A picture that breaks the policy or cannot be drawn: the fault of the program that made it.

    `sentences` holds every objection; the message is the first of them.
    """

    def __init__(self, *sentences: str) -> None:
        super().__init__(sentences[0])
        self.sentences: Sequence[str] = sentences


def quoted(text: str, limit: int = 60) -> str:
    """`text` from a picture, for a message: short, on one line, every unusual character escaped."""
    clipped = text if len(text) <= limit else f"{text[:limit]}..."
    return ascii(clipped)
