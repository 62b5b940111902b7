"""`envforge seeds`: the programs that ship with envforge and from which libraries grow."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envforge.cli.options import AsJson

if TYPE_CHECKING:
    from envforge.sources import SourceFile


def seeds(
    copy: Annotated[
        Path | None,
        typer.Option("--copy", metavar="FOLDER", help="Copy them to FOLDER, to edit and grow from."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the seed programs, or copy them."""
    from envforge.cli.display import DIM, KEY, count, print_json, screen, table, text, titled
    from envforge.cli.programs import shipped_seeds

    found = shipped_seeds()
    if copy is not None:
        _copy(found, copy)
    rows = [_describe(seed) for seed in found]
    if as_json:
        print_json(rows)
        return
    console = screen()
    shown = table("seed", "kind", "oracle", "tags", fixed=("kind", "oracle"))
    for row in rows:
        shown.add_row(
            titled(row["name"], row["title"], KEY),
            text(row["bucket"] or "text"),
            text(row["oracle"]),
            text("\n".join(row["tags"]), DIM),
        )
    console.print(shown)
    console.print()
    folder = found[0].path.parent if copy is None else copy
    done = "in" if copy is None else "copied to"
    console.print(text(f"{count(len(rows), 'seed')} {done} {folder}"), soft_wrap=True)
    if copy is not None:
        console.print(text(f"Grow from them: envforge grow --seeds {copy}", DIM), soft_wrap=True)


def _describe(seed: SourceFile) -> dict[str, Any]:
    """The metadata in a seed's source. Our own files are read here, so no sandbox is needed."""
    from envforge.contract import content_id

    tree = ast.parse(seed.source)
    constants = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and node.targets[0].id in ("TAGS", "ORACLE", "BUCKET")
    }
    return {
        "id": content_id(seed.source),
        "name": seed.path.stem,
        "title": (ast.get_docstring(tree) or seed.path.stem).splitlines()[0],
        "tags": list(constants["TAGS"]),
        "oracle": constants["ORACLE"],
        "bucket": constants.get("BUCKET"),
        "path": str(seed.path),
    }


def _copy(found: list[SourceFile], folder: Path) -> None:
    """Copy all or nothing: a file that is there with other contents stops it."""
    from envforge.cli.exits import writing
    from envforge.errors import UsageError
    from envforge.locations import data_folder

    root = data_folder("seeds")
    for seed in found:
        target = folder / seed.path.relative_to(root)
        if target.exists() and target.read_bytes() != seed.path.read_bytes():
            raise UsageError(f"{target} exists and differs from the seed: choose another folder")
    for seed in found:
        target = folder / seed.path.relative_to(root)
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(seed.path.read_bytes())
