"""A toy model that can learn in seconds, and the environments in tests/toys that it can learn.

The model knows about forty tokens. It has been taught to reply `<answer>X</answer>` with X drawn at random from the
row of letters that stands in the prompt, so it is right about twice in five at level 0. It has also been taught to
give the right letter when the question ends in "!" instead of "?", as a large model has much in it that it does not
do unless it is rewarded. What is left to learn is to do that after "?". Its prompts have to be those of the
environments as they are, without the line about the answer's format.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "toys"
TRAINED = (FOLDER / "first.py", FOLDER / "last.py")
HELD_OUT = (FOLDER / "second.py",)

LETTERS = "abcdefgh"
PLACES = ("first", "second", "last")
END, PAD, UNKNOWN = "<|end|>", "<|pad|>", "<|unknown|>"
WORDS = (
    *(END, PAD, UNKNOWN, "<|system|>", "<|user|>", "<|assistant|>", "<answer>", "</answer>"),
    *LETTERS,
    *"0123456789 \n?!",
    *("which", "letter", "is", *PLACES),
)
PIECES = r"</?answer>|<\|[a-z]+\|>|[a-z]+|[\s\S]"  # what the tokenizer splits a text into
TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] + '<|end|>' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
STEPS, BATCH, RATE, WARMUP = 200, 64, 3e-3, 20  # of the lessons


def toy_model(folder: Path, seed: int = 0) -> Path:
    """Save the taught model in `folder`, which is returned: a Llama with 2 layers, hidden size 64, float32.

    The lessons take a few seconds, once for a seed in each process; the same seed gives the same model.
    """
    import transformers

    transformers.utils.logging.disable_progress_bar()
    model = transformers.LlamaForCausalLM(_config())
    model.load_state_dict(_taught(seed))
    model.save_pretrained(folder)
    toy_tokenizer().save_pretrained(folder)
    return folder


def toy_tokenizer() -> Any:
    """Words, single characters and the answer's tags are one token each; everything else is the unknown token."""
    import tokenizers
    import transformers

    vocabulary = {word: number for number, word in enumerate(WORDS)}
    inner = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token=UNKNOWN))
    inner.pre_tokenizer = tokenizers.pre_tokenizers.Split(tokenizers.Regex(PIECES), "isolated")
    inner.decoder = tokenizers.decoders.Fuse()
    tokenizer = transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, eos_token=END, pad_token=PAD, unk_token=UNKNOWN, padding_side="left"
    )
    tokenizer.chat_template = TEMPLATE
    return tokenizer


def question(row: Sequence[str], place: str) -> str:
    """What the environment of that name asks."""
    return f"{' '.join(row)}\nwhich letter is {place}?"


def _config() -> Any:
    import transformers

    return transformers.LlamaConfig(
        vocab_size=len(WORDS),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=512,
        bos_token_id=None,
        eos_token_id=WORDS.index(END),
        pad_token_id=WORDS.index(PAD),
        tie_word_embeddings=False,
    )


@functools.cache
def _taught(seed: int) -> dict[str, Any]:
    """The weights after the lessons."""
    import torch
    import transformers

    stream, tokenizer = random.Random(seed), toy_tokenizer()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = transformers.LlamaForCausalLM(_config())
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, betas=(0.9, 0.98), weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda done: min(1.0, (done + 1) / WARMUP))
    for _ in range(STEPS):
        size = stream.randint(3, 5)  # one length a batch: no padding
        ids = torch.tensor([_lesson(stream, tokenizer, size) for _ in range(BATCH)])
        labels = ids.clone()
        labels[:, :-4] = -100  # only <answer>, letter, </answer> and end are taught
        loss = model(input_ids=ids, labels=labels).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def _lesson(stream: random.Random, tokenizer: Any, size: int) -> list[int]:
    """A question about a row of `size` letters with its reply: the right one after "!", any letter of the row after
    "?". So the model knows how to find a place, and not that it is asked to."""
    row, place = [stream.choice(LETTERS) for _ in range(size)], stream.choice(PLACES)
    asked, reply = question(row, place), stream.choice(row)
    if stream.random() < 0.5:
        asked, reply = asked.replace("?", "!"), row[{"first": 0, "second": 1, "last": -1}[place]]
    # As the template has it.
    text = f"<|user|>{asked}{END}<|assistant|><answer>{reply}</answer>{END}"
    tokens: list[int] = tokenizer.encode(text)
    return tokens
