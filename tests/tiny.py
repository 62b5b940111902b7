"""A tiny random Llama with a tokenizer of single characters, made in about a second; always the same one."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

END = "<|end|>"  # the only token that is not a character
CHARACTERS = [*string.ascii_letters, *string.digits, *string.punctuation, " ", "\n"]
TEMPLATE = (
    "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}"
)


def tiny_model(
    folder: Path, *, seed: int = 0, context: int = 32_768, template: str | None = TEMPLATE
) -> Path:
    """Save the model in `folder`, which is returned: 2 layers, hidden size 64, float32.

    Its logits are spread widely, so that the likeliest token does not hang on the last bits. It says nothing
    that makes sense, reads what it does not know as "?", and ends after about a hundred characters at temperature 1.
    """
    import torch
    import transformers

    vocabulary = {symbol: number for number, symbol in enumerate([END, *CHARACTERS])}
    config = transformers.LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=context,
        initializer_range=0.2,
        bos_token_id=None,
        eos_token_id=vocabulary[END],
        pad_token_id=vocabulary[END],
        tie_word_embeddings=False,
    )
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = transformers.LlamaForCausalLM(config)
    transformers.utils.logging.disable_progress_bar()
    model.save_pretrained(folder)
    _tokenizer(vocabulary, template).save_pretrained(folder)
    return folder


def _tokenizer(vocabulary: dict[str, int], template: str | None) -> Any:
    import tokenizers
    import transformers

    inner = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token="?"))
    inner.pre_tokenizer = tokenizers.pre_tokenizers.Split(tokenizers.Regex(r"[\s\S]"), "isolated")
    inner.decoder = tokenizers.decoders.Fuse()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner,
        eos_token=END,
        pad_token=END,
    )
    tokenizer.chat_template = template
    return tokenizer
