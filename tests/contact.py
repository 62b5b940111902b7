"""Contact sheets of visual environments, to be looked at: `python tests/contact.py OUT_FOLDER [PROGRAM.py ...]`.

One PNG for each environment: rows are levels 0, 3, 6 and 9, columns are instances, the prompt and the reference stand
below each picture; then one row in grey and one at half size. With `--wall` the sheets are one picture in OUT_FOLDER,
`wall.png`, with an instance of each. Without programs: all visual seeds. Everything is
generated in the sandbox and drawn as the gates draw it.
"""

from __future__ import annotations

import argparse
import io
import textwrap
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from envforge.contract import Instance, Program, derive_seed
from envforge.locations import data_folder
from envforge.pictures import fonts, rasterise
from envforge.sandbox import Evaluator, Sandbox
from envforge.sources import read_sources

LEVELS = (0, 3, 6, 9)
WIDTH = 400  # pixels of a picture
GAP = 8


def tile(picture: Image.Image, words: str) -> Image.Image:
    """A picture with words below it."""
    font = ImageFont.truetype(str(fonts.REGULAR), 11)
    lines = textwrap.wrap(words, WIDTH // 6)
    found = Image.new("RGB", (WIDTH + GAP, picture.height + GAP + 14 * len(lines) + 6), "white")
    found.paste(picture, ((WIDTH - picture.width) // 2 + GAP // 2, GAP // 2))
    draw = ImageDraw.Draw(found)
    for number, line in enumerate(lines):
        draw.text((GAP // 2, picture.height + GAP + 14 * number), line, font=font, fill="black")
    return found


def drawn(instance: Instance) -> Image.Image:
    """The raster of an instance."""
    return Image.open(io.BytesIO(rasterise(instance.picture or "", WIDTH))).convert("RGB")


def sheet(evaluator: Evaluator, program: Program, columns: int) -> Image.Image:
    """The contact sheet of one environment. Raises SystemExit for an instance that cannot be had."""
    keys = [(derive_seed("contact", program.id, d, i), d) for d in LEVELS for i in range(columns)]
    found = evaluator.instances(program, keys, pictures=True)
    instances = [value for value in found if isinstance(value, Instance)]
    if len(instances) < len(keys):
        raise SystemExit(
            f"{program.title}: {next(value for value in found if not isinstance(value, Instance))}"
        )
    pictures = [drawn(instance) for instance in instances]
    tiles = [
        tile(picture, f"level {i.difficulty}: {i.prompt}  =>  {i.reference}")
        for i, picture in zip(instances, pictures)
    ]
    last = pictures[-columns:]
    tiles += [tile(picture.convert("L").convert("RGB"), "grey") for picture in last]
    tiles += [
        tile(picture.resize((picture.width // 2, picture.height // 2)), "half size") for picture in last
    ]
    rows = [tiles[start : start + columns] for start in range(0, len(tiles), columns)]
    heights = [max(one.height for one in row) for row in rows]
    whole = Image.new("RGB", (columns * (WIDTH + GAP), sum(heights)), "white")
    top = 0
    for row, height in zip(rows, heights):
        for column, one in enumerate(row):
            whole.paste(one, (column * (WIDTH + GAP), top))
        top += height
    return whole


def wall(evaluator: Evaluator, programs: list[Program], columns: int, side: int = 190) -> Image.Image:
    """One instance of each program, of levels that differ, side by side in squares."""
    rows = -(-len(programs) // columns)
    whole = Image.new("RGB", (columns * side, rows * side), "white")
    for number, program in enumerate(programs):
        level = (3, 6, 9)[number % 3]
        (found,) = evaluator.instances(program, [(derive_seed("wall", program.id), level)], pictures=True)
        if not isinstance(found, Instance):
            raise SystemExit(f"{program.title}: {found}")
        picture = Image.open(io.BytesIO(rasterise(found.picture or "", 2 * side))).convert("RGB")
        picture.thumbnail((side - GAP, side - GAP), Image.Resampling.LANCZOS)
        ground = Image.new("RGB", (side - GAP, side - GAP), picture.getpixel((0, 0)))
        ground.paste(picture, ((side - GAP - picture.width) // 2, (side - GAP - picture.height) // 2))
        whole.paste(ground, (number % columns * side + GAP // 2, number // columns * side + GAP // 2))
    return whole


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path, help="folder for the sheets")
    parser.add_argument("programs", nargs="*", type=Path, help="files or folders (default: the visual seeds)")
    parser.add_argument("--columns", type=int, default=8, help="instances per level")
    parser.add_argument("--wall", action="store_true", help="one picture with an instance of each")
    given = parser.parse_intermixed_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with Sandbox() as sandbox:
        evaluator = Evaluator(sandbox)
        programs: dict[str, Program] = {}
        for file in read_sources(given.programs or [data_folder("seeds") / "visual"]):
            program = evaluator.inspect(file.source)
            if not isinstance(program, Program):
                raise SystemExit(f"{file.path} does not pass L1: {program}")
            programs[file.path.stem] = program
        if given.wall:
            wall(evaluator, list(programs.values()), 10).quantize(256).save(
                given.out / "wall.png", optimize=True
            )
            return
        for name, program in programs.items():
            target = given.out / f"{name}.png"
            sheet(evaluator, program, given.columns).save(target)
            print(target)


if __name__ == "__main__":
    main()
