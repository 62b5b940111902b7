"""A tiny model that sees, made at random in the tests, and the environments in tests/sights that it can learn.

A LLaVA: two layers of CLIP over pictures of 32 x 32 pixels in four patches, two layers of Llama with about forty
words. Nothing is downloaded and nothing of it has ever seen a picture with a right answer. A short warm start teaches
the form alone: `<answer>WORD</answer>` with WORD drawn at random from the words that the question allows, whatever
the picture shows. So it is right by chance, one time in four for colours, and what it learns of pictures it learns
from rewards.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from envforge.contract import Profile, Program
from envforge.registry import Registry
from envforge.sandbox import Evaluator
from envforge.verdict import Examination, Stage, Verdict

FOLDER = Path(__file__).parent / "sights"
COLOUR, SIDE = FOLDER / "colour.py", FOLDER / "side.py"
QUESTIONS = {
    "which colour has the square?": ("red", "green", "blue", "yellow"),
    "on which side is the square?": ("left", "right"),
}
END, PAD, UNKNOWN, IMAGE = "<|end|>", "<|pad|>", "<|unknown|>", "<image>"
WORDS = (
    *(END, PAD, UNKNOWN, IMAGE, "<|system|>", "<|user|>", "<|assistant|>", "<answer>", "</answer>"),
    *(
        "red",
        "green",
        "blue",
        "yellow",
        "left",
        "right",
        "which",
        "colour",
        "has",
        "the",
        "square",
        "on",
        "side",
    ),
    *("is", "letter", "first", "second", "last", *"abcdefgh0123456789", " ", "\n", "?"),
)
PATCH_TOKENS = {
    "image_token_id": "<|image_pad|>",
    "video_token_id": "<|video_pad|>",
    "vision_start_token_id": "<|vision_start|>",
    "vision_end_token_id": "<|vision_end|>",
}
PATCHING = (
    *(word for word in WORDS if word != IMAGE),
    *PATCH_TOKENS.values(),
)  # words of the model with patches
PIECES = r"</?answer>|<image>|<\|[a-z]+\|>|[a-z]+|[\s\S]"  # what the tokenizer splits a text into
TEMPLATE = (
    "{% for message in messages %}{{ '<|' + message['role'] + '|>' }}"
    "{% for part in message['content'] %}{{ '<image>' if part['type'] == 'image' else part['text'] }}{% endfor %}"
    "{{ '<|end|>' }}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
SIDE_PIXELS, PATCH = 32, 16
SPREAD = 0.1  # of the first weights: at the usual 0.02 what is seen hardly moves what is said
STEPS, BATCH, RATE = 60, 32, 3e-3  # of the warm start


def seeing_model(folder: Path, seed: int = 0) -> Path:
    """Save the model in `folder`, which is returned: 0.2 million weights, float32. The same seed gives the same."""
    import transformers

    transformers.utils.logging.disable_progress_bar()
    model = transformers.LlavaForConditionalGeneration(_config())
    model.load_state_dict(_warmed(seed))
    model.save_pretrained(folder)
    processor().save_pretrained(folder)
    return folder


def processor() -> Any:
    """Words, the answer's tags and single characters are one token each, a picture is four."""
    import transformers

    tokenizer = _tokenizer(WORDS, PIECES)
    size = {"height": SIDE_PIXELS, "width": SIDE_PIXELS}
    return transformers.LlavaProcessor(
        image_processor=transformers.CLIPImageProcessorPil(
            size={"shortest_edge": SIDE_PIXELS}, crop_size=size
        ),
        tokenizer=tokenizer,
        patch_size=PATCH,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,  # CLIP's own, which is left out again
        image_token=IMAGE,
        chat_template=TEMPLATE,
    )


def patching_model(folder: Path) -> Path:
    """Save the weights of a tiny Qwen3-VL, all at random, in `folder`, which is returned: the kind of model whose
    pictures become patches in a grid, and whose tokens say which of them are a picture's."""
    import torch
    import transformers

    places = {name: PATCHING.index(token) for name, token in PATCH_TOKENS.items()}
    config = transformers.Qwen3VLConfig(
        text_config={
            "vocab_size": len(PATCHING),
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
            "head_dim": 16,
            "max_position_embeddings": 512,
            "initializer_range": SPREAD,
            "rope_parameters": {"rope_type": "default", "mrope_section": [4, 2, 2], "rope_theta": 10_000.0},
            "eos_token_id": PATCHING.index(END),
            "pad_token_id": PATCHING.index(PAD),
            "bos_token_id": None,
        },
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "patch_size": 8,
            "spatial_merge_size": 2,
            "temporal_patch_size": 2,
            "out_hidden_size": 64,
            "deepstack_visual_indexes": [0],
            "num_position_embeddings": 64,
            "initializer_range": SPREAD,
        },
        tie_word_embeddings=False,
        **places,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = transformers.Qwen3VLForConditionalGeneration(config)
    transformers.utils.logging.disable_progress_bar()
    model.save_pretrained(folder)
    return folder


def patching_processor() -> Any:
    """Its processor, without the part for videos, which needs torchvision: it can be used, but neither saved nor
    loaded, and only where `Qwen3VLProcessor.check_argument_for_proper_class` lets it be made."""
    import transformers

    return transformers.Qwen3VLProcessor(
        image_processor=transformers.Qwen2VLImageProcessorPil(
            patch_size=8, temporal_patch_size=2, merge_size=2, min_pixels=32 * 32, max_pixels=48 * 64
        ),
        tokenizer=_tokenizer(PATCHING, r"</?answer>|<\|[a-z_]+\|>|[a-z]+|[\s\S]"),
        video_processor=None,
        chat_template=TEMPLATE.replace("<image>", "<|vision_start|><|image_pad|><|vision_end|>"),
    )


def admitted(registry: Registry, evaluator: Evaluator, file: Path) -> Program:
    """The program in `file`, admitted to `registry` as if it had passed the gates: what is tested comes later."""
    source = file.read_text("utf-8")
    program = evaluator.inspect(source)
    assert isinstance(program, Program), program
    profile = Profile(False, None, (), (0.0,) * 10, frozenset({1}), frozenset({"a"}), "which")
    verdicts = tuple(Verdict(stage, True, "", {}, 0.0, "1") for stage in list(Stage)[1:6])
    with registry.transaction() as transaction:
        examination = Examination(source, program.id, verdicts, program, profile)
        transaction.add_seed(examination, file.name, None)
    return program


def _tokenizer(words: Sequence[str], pieces: str) -> Any:
    import tokenizers
    import transformers

    vocabulary = {word: number for number, word in enumerate(words)}
    inner = tokenizers.Tokenizer(tokenizers.models.WordLevel(vocabulary, unk_token=UNKNOWN))
    inner.pre_tokenizer = tokenizers.pre_tokenizers.Split(tokenizers.Regex(pieces), "isolated")
    inner.decoder = tokenizers.decoders.Fuse()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=inner, eos_token=END, pad_token=PAD, unk_token=UNKNOWN, padding_side="left"
    )


def _config() -> Any:
    import transformers

    return transformers.LlavaConfig(
        vision_config=transformers.CLIPVisionConfig(
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            image_size=SIDE_PIXELS,
            patch_size=PATCH,
        ),
        text_config=transformers.LlamaConfig(
            vocab_size=len(WORDS),
            hidden_size=64,
            intermediate_size=128,
            num_hidden_layers=2,
            num_attention_heads=4,
            num_key_value_heads=4,
            max_position_embeddings=512,
            initializer_range=SPREAD,
            bos_token_id=None,
            eos_token_id=WORDS.index(END),
            pad_token_id=WORDS.index(PAD),
            tie_word_embeddings=False,
        ),
        image_token_index=WORDS.index(IMAGE),
        vision_feature_layer=-1,
        vision_feature_select_strategy="default",
        tie_word_embeddings=False,
    )


@functools.cache
def _warmed(seed: int) -> dict[str, Any]:
    """The weights after the warm start, with pictures of noise and answers by lot."""
    import torch
    import transformers

    stream, tokenizer = random.Random(seed), processor().tokenizer
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = transformers.LlavaForConditionalGeneration(_config())
        optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=0.0)
        for _ in range(STEPS):
            question, words = stream.choice(list(QUESTIONS.items()))  # one a batch: no padding
            rows = [_lesson(tokenizer, question, stream.choice(words)) for _ in range(BATCH)]
            ids = torch.tensor(rows)
            labels = ids.clone()
            labels[:, :-4] = -100  # only <answer>, word, </answer> and end are taught
            pixels = torch.randn(BATCH, 3, 1, 1).expand(
                -1, -1, SIDE_PIXELS, SIDE_PIXELS
            )  # of one colour each
            loss = model(input_ids=ids, pixel_values=pixels, labels=labels).loss
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return {name: value.detach().clone() for name, value in model.state_dict().items()}


def _lesson(tokenizer: Any, question: str, word: str) -> list[int]:
    text = f"<|user|>{IMAGE * 4}{question}{END}<|assistant|><answer>{word}</answer>{END}"
    ids: list[int] = tokenizer.encode(text)
    return ids
