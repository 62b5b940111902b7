"""The formats of an export, one writer each. A writer gets rows one by one and holds a batch of them at most."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from envforge.export.rows import Row, as_columns
from envforge.policies.chat import need

ROWS = 256  # written together: a row group of Parquet, a batch of Arrow (ours)
IMAGES = "images"  # the folder of pictures beside JSON lines
REMEDY = "pip install 'envforge[train]'"


class Writer(Protocol):
    """Writes rows into a folder."""

    def add(self, row: Row) -> None: ...

    def close(self) -> None:
        """Finish the files. Not called after a failure."""


class JsonLines:
    """SPLIT.jsonl, and every picture as a file in images/."""

    def __init__(self, folder: Path, split: str) -> None:
        self._folder = folder
        self._file = (folder / f"{split}.jsonl").open("w", encoding="utf-8")

    def add(self, row: Row) -> None:
        """One line; the picture's path in it is relative to the file."""
        images = []
        if row.picture is not None:
            place = self._folder / IMAGES / row.name
            place.parent.mkdir(exist_ok=True)
            place.write_bytes(row.picture)
            images.append(f"{IMAGES}/{row.name}")
        # ASCII: lone surrogates cannot be there, but every reader takes it.
        self._file.write(json.dumps(as_columns(row, images)) + "\n")

    def close(self) -> None:
        self._file.close()


class Parquet:
    """SPLIT.parquet with the pictures in it; `datasets` knows from the schema that they are pictures."""

    def __init__(self, folder: Path, split: str) -> None:
        import pyarrow.parquet

        self._features = features()
        self._schema = self._features.arrow_schema
        self._writer = pyarrow.parquet.ParquetWriter(folder / f"{split}.parquet", self._schema)
        self._rows: list[dict[str, Any]] = []

    def add(self, row: Row) -> None:
        """Keeps the row until a row group is full."""
        self._rows.append(self._features.encode_example(as_columns(row, _embedded(row))))
        if len(self._rows) == ROWS:
            self._flush()

    def close(self) -> None:
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow

        if self._rows:
            self._writer.write_table(pyarrow.Table.from_pylist(self._rows, schema=self._schema))
            self._rows = []


class HuggingFace:
    """A folder as `datasets.load_from_disk` reads it."""

    def __init__(self, folder: Path, split: str) -> None:
        from datasets.arrow_writer import ArrowWriter

        self._folder = folder
        self._file = (
            folder / "partial" / "rows.arrow"
        )  # not in the folder itself, where `datasets` would not write
        self._file.parent.mkdir()
        self._writer = ArrowWriter(features=features(), path=str(self._file), writer_batch_size=ROWS)
        self._split = split

    def add(self, row: Row) -> None:
        """Goes into a file that the data set is then made of."""
        self._writer.write(self._writer._features.encode_example(as_columns(row, _embedded(row))))

    def close(self) -> None:
        import datasets

        self._writer.finalize()
        datasets.disable_progress_bars()
        try:
            found = datasets.Dataset.from_file(str(self._file), split=datasets.NamedSplit(self._split))
            found.save_to_disk(str(self._folder))
        finally:
            datasets.enable_progress_bars()
        del found  # it has the file open
        shutil.rmtree(self._file.parent)


FORMATS: Mapping[str, Callable[[Path, str], Writer]] = {
    "parquet": Parquet,
    "jsonl": JsonLines,
    "hf": HuggingFace,
}


def check_packages(form: str) -> None:
    """Raise UsageError with the remedy when something that a format needs is not installed."""
    if form != "jsonl":
        need(("datasets", "pyarrow"), f"--format {form}", REMEDY)


def features() -> Any:
    """The columns as `datasets` types."""
    import datasets

    text, number = datasets.Value("string"), datasets.Value("int64")
    return datasets.Features(
        {
            "prompt": datasets.List({"role": text, "content": text}),
            "images": datasets.List(datasets.Image()),
            "answer": text,
            "environment": text,
            "title": text,
            "seed": number,
            "difficulty": number,
            "tags": datasets.List(text),
            "bucket": text,
            "oracle": text,
        }
    )


def _embedded(row: Row) -> list[dict[str, Any]]:
    return [] if row.picture is None else [{"bytes": row.picture, "path": row.name}]
