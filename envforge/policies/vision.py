"""Which models see, and how they are loaded: what the policies of this machine and the learner have in common."""

from __future__ import annotations

import io
from typing import Any


def sees(source: str) -> bool:
    """Whether the model at `source`, a folder or a hub id, takes pictures: its configuration has a vision encoder.

    Raises whatever transformers raises for a model that is not there.
    """
    import transformers

    return getattr(transformers.AutoConfig.from_pretrained(source), "vision_config", None) is not None


def load(source: str, **options: Any) -> tuple[Any, Any]:
    """The model at `source`, and its processor where it sees, else its tokenizer. Raises as transformers does.

    A model that sees, in a folder without its processor, comes with its tokenizer and reads text alone.
    """
    import transformers

    if sees(source):
        processor = transformers.AutoProcessor.from_pretrained(source)
        model = transformers.AutoModelForImageTextToText.from_pretrained(source, **options)
        if not getattr(processor, "chat_template", None):  # some keep it with the tokenizer
            processor.chat_template = tokenizer_of(processor).chat_template
        return model, processor
    tokenizer = transformers.AutoTokenizer.from_pretrained(source)
    return transformers.AutoModelForCausalLM.from_pretrained(source, **options), tokenizer


def tokenizer_of(loaded: Any) -> Any:
    """The tokenizer inside a processor; a tokenizer itself."""
    return getattr(loaded, "tokenizer", loaded)


def opened(png: bytes) -> Any:
    """A picture as PIL has it, in RGB: encoders take no other mode."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as image:
        return image.convert("RGB")
