"""The two faces that pictures are written in, DejaVu Sans and its bold, and their glyphs' measures.

The tables are read from the font files themselves (SFNT: cmap, hmtx, loca, glyf), so that a text's box does not
depend on how a library rounds or hints. Units are ems: multiply by the font size. Kerning and ligatures are left out:
they move the end of a word by a few hundredths of an em.
"""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

from envforge.pictures.geometry import Box

FOLDER = Path(__file__).parent / "fonts"
REGULAR = FOLDER / "DejaVuSans.ttf"
BOLD = FOLDER / "DejaVuSans-Bold.ttf"
FAMILY = "DejaVu Sans"


@cache
def face(bold: bool) -> Face:
    """The face of that weight, read once."""
    return Face((BOLD if bold else REGULAR).read_bytes())


class Face:
    """The measures of one TrueType font, from the bytes of its file."""

    def __init__(self, data: bytes) -> None:
        count = struct.unpack_from(">H", data, 4)[0]
        tables = {
            tag: data[start : start + length]
            for tag, _, start, length in struct.iter_unpack(">4sIII", data[12 : 12 + 16 * count])
        }
        self._unit: int = struct.unpack_from(">H", tables[b"head"], 18)[0]
        metrics = struct.unpack_from(">H", tables[b"hhea"], 34)[0]
        self._advances = struct.unpack_from(">" + "Hh" * metrics, tables[b"hmtx"])[::2]
        long = struct.unpack_from(">h", tables[b"head"], 50)[0]
        loca = tables[b"loca"]
        size = 4 if long else 2
        places = struct.unpack(f">{len(loca) // size}{'I' if long else 'H'}", loca)
        self._places = places if long else tuple(2 * place for place in places)
        self._outlines = tables[b"glyf"]
        self._glyphs = _characters(tables[b"cmap"])

    def draws(self, character: str) -> bool:
        """Whether the font has a glyph for the character."""
        return ord(character) in self._glyphs

    def advance(self, text: str) -> float:
        """How far the text moves the pen, in ems."""
        return sum(self._advance(self._glyphs.get(ord(character), 0)) for character in text) / float(
            self._unit
        )

    def ink(self, text: str) -> Box | None:
        """The box of what is black, in ems from the start of the baseline, y down; None for blank text."""
        pen = 0
        boxes = []
        for character in text:
            glyph = self._glyphs.get(ord(character), 0)
            start, end = self._places[glyph : glyph + 2]
            if end > start:
                left, low, right, high = struct.unpack_from(">4h", self._outlines, start + 2)
                boxes.append((pen + left, -high, pen + right, -low))
            pen += self._advance(glyph)
        if not boxes:
            return None
        lefts, tops, rights, bottoms = zip(*boxes)
        unit = self._unit
        return Box(min(lefts) / unit, min(tops) / unit, max(rights) / unit, max(bottoms) / unit)

    def _advance(self, glyph: int) -> int:
        return int(self._advances[min(glyph, len(self._advances) - 1)])


def _characters(table: bytes) -> dict[int, int]:
    """Glyph by code point, from the table's subtable of format 12 (all of Unicode)."""
    for _, _, start in struct.iter_unpack(">HHI", table[4 : 4 + 8 * struct.unpack_from(">H", table, 2)[0]]):
        if struct.unpack_from(">H", table, start)[0] == 12:
            groups = struct.unpack_from(">I", table, start + 12)[0]
            body = table[start + 16 : start + 16 + 12 * groups]
            return {
                code: glyph + code - first
                for first, last, glyph in struct.iter_unpack(">III", body)
                for code in range(first, last + 1)
            }
    raise ValueError("the font has no table of characters that is understood")
