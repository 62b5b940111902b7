"""Exports: every format holds the same rows, each of which is an instance that its environment makes again and whose
answer scores 1.0."""

from __future__ import annotations

import hashlib
import io
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import eyes
import pytest
import toys
from test_cli import command, envforge, surroundings

from envforge.contract import Instance, answer_line, derive_seed
from envforge.errors import UsageError
from envforge.export import Row, Selection, Settings, check_folder, chosen, rows_of, write
from envforge.pixels import png_of
from envforge.registry import Registry
from envforge.sandbox import Evaluator, Sandbox, ScoreCall
from envforge.sandbox.calls import state_text

FIRST = toys.FOLDER / "first.py"


@pytest.fixture(scope="module")
def db(sandbox: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two visual environments and one of text, and a third visual one that is held out."""
    folder = tmp_path_factory.mktemp("library")
    other = folder / "other.py"
    other.write_text(
        eyes.SIDE.read_text("utf-8").replace("Side of a square.", "Where the square is."), "utf-8"
    )
    place = folder / "library.db"
    with Registry.open(place, create=True) as registry:
        evaluator = Evaluator(sandbox)
        for file in (eyes.COLOUR, eyes.SIDE, FIRST):
            eyes.admitted(registry, evaluator, file)
        held = eyes.admitted(registry, evaluator, other)
        with registry.transaction() as transaction:
            transaction.hold_out([held.id], "for later")
    return place


def load_parquet(folder: Path, cache: Path) -> Any:
    import datasets

    return datasets.load_dataset(
        "parquet", data_files=str(folder / "train.parquet"), split="train", cache_dir=str(cache)
    )


def load_hf(folder: Path, cache: Path) -> Any:
    import datasets

    return datasets.load_from_disk(str(folder))


def load_jsonl(folder: Path, cache: Path) -> Any:
    import datasets

    found = datasets.load_dataset(
        "json", data_files=str(folder / "train.jsonl"), split="train", cache_dir=str(cache)
    )
    whole = found.map(lambda row: {"images": [str(folder / image) for image in row["images"]]})
    return whole.cast_column("images", datasets.List(datasets.Image()))


LOADERS: dict[str, Callable[[Path, Path], Any]] = {
    "parquet": load_parquet,
    "hf": load_hf,
    "jsonl": load_jsonl,
}


@pytest.mark.parametrize("form", LOADERS)
def test_what_was_exported_comes_back(form: str, db: Path, sandbox: Sandbox, tmp_path: Path) -> None:
    """Round trip, through the loaders that docs/export.md names: prompts, pictures and answers are those of the
    instance that the row's key makes, and its answer is right."""
    out = tmp_path / "data"
    done = envforge("export", "--db", db, "--out", out, "--format", form, "--instances", 3, "--levels", "0,4",
                    "--width", 96, "--system", "Be brief.", "--json")  # fmt: skip
    assert done.code == 0, done.err
    said = done.json
    assert (said["rows"], said["pictures"], said["written_as"]) == (18, 12, form)
    assert json.loads((out / "manifest.json").read_text()) == {k: v for k, v in said.items() if k != "folder"}
    for name, digest in said["files"].items():
        assert hashlib.sha256((out / name).read_bytes()).hexdigest() == digest
    assert {"python", "resvg"} <= set(said["versions"])
    rows = list(LOADERS[form](out, tmp_path / "cache"))
    assert len(rows) == 18
    evaluator = Evaluator(sandbox)
    with Registry.open(db, read_only=True) as registry:
        for row in rows:
            program = registry.environment(row["environment"]).program
            assert program is not None
            (made,) = evaluator.instances(program, [(row["seed"], row["difficulty"])], pictures=True)
            assert isinstance(made, Instance)
            system, asked = row["prompt"]
            assert (system["role"], system["content"]) == ("system", "Be brief.")
            assert asked["content"] == f"{made.prompt}\n\n{answer_line()}"
            calls = [ScoreCall(state_text(made.state), row["answer"]), ScoreCall(state_text(made.state), "?")]
            assert evaluator.scores(program, calls) == [1.0, 0.0]
            assert (row["title"], tuple(row["tags"]), row["bucket"]) == (
                program.title,
                program.tags,
                program.bucket,
            )
            picture = png_of(made, 96)
            assert len(row["images"]) == (picture is not None)
            if isinstance(picture, bytes):
                assert list(row["images"][0].getdata()) == pixels(picture)
    keys = [(row["environment"], row["difficulty"], row["seed"]) for row in rows]
    assert len(set(keys)) == 18
    assert {key[2] for key in keys} == {
        derive_seed("export", id, level, index)
        for id in {key[0] for key in keys}
        for level in (0, 4)
        for index in range(3)
    }


def pixels(png: bytes) -> list[Any]:
    from PIL import Image

    return list(Image.open(io.BytesIO(png)).getdata())


def test_the_same_export_has_the_same_bytes(db: Path, tmp_path: Path) -> None:
    for form in ("parquet", "jsonl"):
        found = []
        for name in ("one", "two"):
            out = tmp_path / f"{form}-{name}"
            arguments = ("--db", db, "--out", out, "--format", form, "--instances", 2, "--levels", "0")
            assert envforge("export", *arguments, "--width", 64).code == 0
            found.append({str(f.relative_to(out)): f.read_bytes() for f in out.rglob("*") if f.is_file()})
        assert found[0] == found[1]


def test_splits_share_no_instance(db: Path, sandbox: Sandbox) -> None:
    with Registry.open(db, read_only=True) as registry:
        programs = chosen(registry, Selection())
    seeds = [
        {row.seed for row in rows_of(programs, Settings(4, (0,), split, 64), Evaluator(sandbox))}
        for split in ("train", "test")
    ]
    assert all(len(found) == 12 for found in seeds) and not seeds[0] & seeds[1]


def test_who_is_chosen(db: Path) -> None:
    def titles(**options: Any) -> set[str]:
        with Registry.open(db, read_only=True) as registry:
            return {program.title for program in chosen(registry, Selection(**options))}

    colour, side, first = "Colour of a square.", "Side of a square.", "First letter of a row."
    held = "Where the square is."
    assert titles() == {colour, side, first}
    assert titles(buckets=("spatial",)) == {side}
    assert titles(buckets=("text", "pattern")) == {first, colour}
    assert titles(tags=("first", "side")) == {first, side}
    assert titles(held_out=True) == {held}
    with Registry.open(db, read_only=True) as registry:
        ids = list(registry.held_out())
    assert titles(ids=(ids[0][:6],)) == {held}  # named, it is meant
    for nothing in ({"tags": ("graphs",)}, {"buckets": ("counting",)}, {"status": "retired"}):
        with pytest.raises(UsageError, match="meets every condition"):
            titles(**nothing)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "say where to write"),
        (["--out", "{there}"], "is not an empty folder"),
        (["--out", "{new}", "--levels", "0,x"], "is no list of whole numbers"),
        (["--out", "{new}", "--levels", "0,10"], "level 10 cannot be exported: 'Colour of a square.'"),
        (["--out", "{new}", "--bucket", "countin"], "did you mean 'counting'"),
        (["--out", "{new}", "--split", "a/b"], "letters, digits and underscores"),
        (["--out", "{new}", "abcd1234", "--tag", "x"], "give one or the other"),
        (["--out", "{new}", "abcd1234"], "abcd1234"),
        (["--out", "{new}", "--format", "csv"], "csv"),
        (["--out", "{new}", "--db", "none.db"], "none.db"),
    ],
)  # fmt: skip
def test_refused_in_one_sentence(arguments: list[str], words: str, db: Path, tmp_path: Path) -> None:
    there = tmp_path / "there"
    there.mkdir()
    (there / "file").touch()
    filled = [text.format(there=there, new=tmp_path / "new") for text in arguments]
    done = envforge("export", *(["--db", db] if "--db" not in filled else []), *filled, cwd=tmp_path)
    assert done.code == 2 and words in done.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["there"]


def test_an_environment_that_breaks_leaves_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    """After rows of another one were written: exit 1, one sentence, no folder and no remains."""
    bad = tmp_path / "bad.py"
    bad.write_text(
        eyes.SIDE.read_text("utf-8").replace('size = state["size"]', 'size = 1 // (state["y"] - 4)'), "utf-8"
    )
    db, out = tmp_path / "r.db", tmp_path / "out"
    with Registry.open(db, create=True) as registry:
        for file in (FIRST, bad):
            eyes.admitted(registry, Evaluator(sandbox), file)
    done = envforge(
        "export", "--db", db, "--out", out, "--format", "jsonl", "--instances", 200, "--levels", "0"
    )
    assert done.code == 1 and "nothing was exported: 'Side of a square.'" in done.err
    assert "ZeroDivisionError" in done.err and done.err.count("\n") == 1
    assert not out.exists() and not list(tmp_path.glob(".out*"))


def test_an_interruption_leaves_nothing(db: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = command(
        "export", "--db", db, "--out", out, "--format", "jsonl", "--instances", 100_000, "--width", 64
    )
    running = subprocess.Popen(
        arguments, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=surroundings()
    )
    deadline = time.monotonic() + 60
    while not any(path.stat().st_size for path in tmp_path.glob(".out.*/train.jsonl")):
        assert time.monotonic() < deadline and running.poll() is None
        time.sleep(0.05)
    os.kill(running.pid, signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130 and "nothing was written" in said
    assert list(tmp_path.iterdir()) == []


def test_a_row_of_text_needs_no_packages(tmp_path: Path) -> None:
    """JSON lines of rows without pictures need nothing but Python."""
    row = Row(
        "0" * 16, "T", 2**63 - 1, 3, ("a",), None, "equality", ({"role": "user", "content": "é?"},), "1", None
    )
    export = write([row], tmp_path / "out", "jsonl", Settings(), lambda: None)
    (line,) = (tmp_path / "out" / "train.jsonl").read_text("utf-8").splitlines()
    assert json.loads(line)["seed"] == 2**63 - 1 and json.loads(line)["images"] == []
    assert export.manifest["rows"] == 1 and not (tmp_path / "out" / "images").exists()


def test_an_empty_folder_may_be_filled(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    check_folder(tmp_path / "empty")
    check_folder(tmp_path / "new")
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    for name in ("file", "link"):
        with pytest.raises(UsageError, match="is not an empty folder"):
            check_folder(tmp_path / name)
