"""How wide words are in the one font of all pictures, DejaVu Sans: a drawing is measured before it is drawn.

Advance widths are in 1/2048 of the font size, read from the font's `hmtx` table (DejaVu fonts 2.37).
"""

EM = 2048
CAPITAL = 0.729  # height of a capital or digit, in font sizes
DESCENT = 0.236

# From the space to the tilde, in the order of their codes.
_PLAIN = (
    651, 821, 942, 1716, 1303, 1946, 1597, 563, 799, 799, 1024, 1716, 651, 739, 651, 690,
    1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 1303, 690, 690, 1716, 1716, 1716, 1087,
    2048, 1401, 1405, 1430, 1577, 1294, 1178, 1587, 1540, 604, 604, 1343, 1141, 1767, 1532, 1612,
    1235, 1612, 1423, 1300, 1251, 1499, 1401, 2025, 1403, 1251, 1403, 799, 690, 799, 1716, 1024,
    1024, 1255, 1300, 1126, 1300, 1260, 721, 1300, 1298, 569, 569, 1186, 569, 1995, 1298, 1253,
    1300, 1300, 842, 1067, 803, 1298, 1212, 1675, 1212, 1212, 1075, 1303, 690, 1303, 1716,
)  # fmt: skip
_BOLD = (
    713, 934, 1067, 1716, 1425, 2052, 1786, 627, 936, 936, 1071, 1716, 778, 850, 778, 748,
    1425, 1425, 1425, 1425, 1425, 1425, 1425, 1425, 1425, 1425, 819, 819, 1716, 1716, 1716, 1188,
    2048, 1585, 1561, 1503, 1700, 1399, 1399, 1681, 1714, 762, 762, 1587, 1305, 2038, 1714, 1741,
    1501, 1741, 1577, 1475, 1397, 1663, 1585, 2259, 1579, 1483, 1485, 936, 748, 936, 1716, 1024,
    1024, 1382, 1466, 1214, 1466, 1389, 891, 1466, 1458, 702, 702, 1362, 702, 2134, 1458, 1407,
    1466, 1466, 1010, 1219, 979, 1458, 1335, 1892, 1321, 1335, 1192, 1458, 748, 1458, 1716,
)  # fmt: skip
# The symbols beyond ASCII that drawings use: plain and bold.
_SYMBOLS = {
    "°": (1024, 1024), "×": (1716, 1716), "÷": (1716, 1716), "·": (651, 778), "±": (1716, 1716),
    "−": (1716, 1716), "→": (1716, 1716), "←": (1716, 1716), "↑": (1716, 1716), "↓": (1716, 1716),
    "≤": (1716, 1716), "≥": (1716, 1716), "≠": (1716, 1716), "π": (1233, 1620), "√": (1305, 1366),
    "²": (821, 897), "³": (821, 897), "½": (1985, 2120), "α": (1350, 1407), "β": (1307, 1466),
    "○": (1787, 1787), "●": (1787, 1787), "□": (1935, 1935), "■": (1935, 1935), "∞": (1706, 1706),
}  # fmt: skip


def text_width(s: str, size: float, bold: bool = False) -> float:
    """Width of `s` in the units of `size`. Raises ValueError for a character that no drawing may use."""
    table = _BOLD if bold else _PLAIN
    units = 0
    for letter in s:
        code = ord(letter)
        if 32 <= code < 127:
            units += table[code - 32]
        elif letter in _SYMBOLS:
            units += _SYMBOLS[letter][bold]
        else:
            raise ValueError(
                f"the canvas cannot measure the character {letter!r}: use ASCII or {''.join(_SYMBOLS)}"
            )
    return units * size / EM


def wrap(s: str, size: float, width: float) -> list[str]:
    """The lines of `s`, broken at spaces so that each is at most `width` wide where its words allow it."""
    lines: list[str] = []
    for word in s.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines or [""]
