"""Pictures in chat messages, in the form that the OpenAI protocol has for them.

A message's content is a text, or a list of parts: `{"type": "text", "text": ...}` and
`{"type": "image_url", "image_url": {"url": "data:image/png;base64,..."}}`. It is JSON as it stands, so requests with
pictures travel and are written down like all others.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

START = "data:image/png;base64,"


def content_of(text: str, picture: bytes | None) -> str | list[dict[str, Any]]:
    """The content of a message that says `text`, after the PNG `picture` where there is one."""
    if picture is None:
        return text
    url = START + base64.b64encode(picture).decode()
    return [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": text}]


def parts_of(message: Mapping[str, Any]) -> Iterator[str | bytes]:
    """What a message holds, in order: texts, and pictures as PNG. Raises ValueError for any other part."""
    content = message["content"]
    if isinstance(content, str):
        yield content
        return
    for part in content:
        if part["type"] == "text":
            yield part["text"]
        elif part["type"] == "image_url" and part["image_url"]["url"].startswith(START):
            yield base64.b64decode(part["image_url"]["url"].removeprefix(START), validate=True)
        else:
            raise ValueError(f"a message holds a part of the kind {part['type']!r}, which nothing here makes")


def pictures_of(messages: Sequence[Mapping[str, Any]]) -> list[bytes]:
    """The pictures of `messages` as PNG, in order."""
    return [part for message in messages for part in parts_of(message) if isinstance(part, bytes)]


def with_texts_cleaned(message: Mapping[str, Any]) -> dict[str, Any]:
    """The message with every lone surrogate, which can neither be sent nor tokenised, as a question mark."""
    content = message["content"]
    if isinstance(content, str):
        return {**message, "role": clean(message["role"]), "content": clean(content)}
    parts = [{**part, "text": clean(part["text"])} if part["type"] == "text" else part for part in content]
    return {**message, "content": parts}


def without_pictures(message: Mapping[str, Any]) -> dict[str, Any]:
    """The message for people and recordings: each picture is a line with its size and the start of its SHA-256."""
    content = message["content"]
    if isinstance(content, str):
        return dict(message)
    lines = [part if isinstance(part, str) else named(part) for part in parts_of(message)]
    return {**message, "content": "\n".join(lines)}


def named(picture: bytes) -> str:
    """What stands for a picture where only text can be."""
    return f"[PNG of {len(picture)} bytes, SHA-256 {hashlib.sha256(picture).hexdigest()[:16]}]"


def clean(text: str) -> str:
    """`text` without lone surrogates."""
    return text.encode("utf-8", "replace").decode()
