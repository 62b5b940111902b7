"""A package's environments as TRL's GRPOTrainer takes them: a data set, and rewards from the sandbox."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from envforge.errors import UsageError
from envforge.export.package.keys import Key
from envforge.messages import without_pictures
from envforge.policies.chat import need
from envforge.recipe import PromptConfig, solver_messages

if TYPE_CHECKING:
    from envforge.export.package.dataset import Dataset
    from envforge.export.package.library import Library

KEYS = ("environment", "seed", "difficulty")  # the columns from which an instance is made again


def dataset_of(data: Dataset, system: str) -> Any:
    """The whole of `data` as a `datasets.Dataset` with `prompt`, `images` (visual environments only), `answer` and
    KEYS. Raises UsageError for environments with and without pictures together: most processors refuse a row
    without."""
    need(("datasets",), "trl_dataset()", "pip install 'envforge[train]'")
    import datasets

    kinds = {member.entry.kind for member in data.members}
    if len(kinds) > 1:
        raise UsageError("environments with pictures and without make no common data set: make one of each")
    visual = kinds == {"visual"}
    text, number = datasets.Value("string"), datasets.Value("int64")
    columns = {
        "prompt": datasets.List({"role": text, "content": text}),
        **({"images": datasets.List(datasets.Image())} if visual else {}),
        "answer": text,
        "environment": text,
        "seed": number,
        "difficulty": number,
    }
    prompt = PromptConfig(system=system)
    rows = []
    for item in data:
        metadata = item["metadata"]
        messages = (without_pictures(message) for message in solver_messages(item["question"], prompt))
        rows.append(
            {
                "prompt": list(messages),
                **({"images": [{"bytes": metadata["picture"], "path": None}]} if visual else {}),
                "answer": item["answer"],
                "environment": metadata["id"],
                "seed": metadata["seed"],
                "difficulty": metadata["difficulty"],
            }
        )
    return datasets.Dataset.from_list(rows, features=datasets.Features(columns))


def rewards_of(
    library: Library, completions: Sequence[Any], columns: Mapping[str, Sequence[Any]]
) -> list[float]:
    """The reward of each completion, 0 to 1: a text, or chat messages of which the last one counts."""
    missing = [name for name in KEYS if name not in columns]
    if missing:
        raise UsageError(
            f"trl_reward() needs the column '{missing[0]}': train on what trl_dataset() made, with its columns"
        )
    keys = [Key(str(id), int(seed), int(level)) for id, seed, level in zip(*(columns[name] for name in KEYS))]
    return library.score_responses(keys, [_said(completion) for completion in completions])


def _said(completion: Any) -> str:
    """What a completion says: the text of its last message, whatever parts it has."""
    if not isinstance(completion, str):
        completion = completion[-1]["content"] if completion else ""
    if isinstance(completion, list):
        return "".join(part.get("text", "") for part in completion)
    return completion or ""
