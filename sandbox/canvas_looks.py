"""How a picture looks: themes, colours with names, and the look that a program draws for each of its states."""

import random
from typing import Any

# Named colours: CIE76 distance 20 or more between any two, so that a question may speak of them.
NAMED = {
    "red": "#d1001f",
    "blue": "#1d4ed8",
    "green": "#1b9e4b",
    "yellow": "#ffe000",
    "orange": "#ff8c00",
    "purple": "#6a1b9a",
    "black": "#111111",
    "grey": "#9aa0a6",
}

# For each theme: ground, ink, a second ink for what matters less, lines of a grid, a panel's fill, and the colours of
# series, the first four of which differ also in lightness.
THEMES: dict[str, dict[str, Any]] = {
    "paper": {
        "paper": "#ffffff", "ink": "#1a1d21", "soft": "#5b6470", "faint": "#d5dae0", "panel": "#f2f4f7",
        "series": ["#1f5fbf", "#e07b00", "#2a8a57", "#b3123f", "#7a4fb5", "#8a6d1d", "#0e8f9e", "#5c5f66"],
    },
    "textbook": {
        "paper": "#fbf8f1", "ink": "#23211d", "soft": "#6b6459", "faint": "#ddd5c5", "panel": "#f1ebdd",
        "series": ["#205e8f", "#c4551b", "#4b7f2d", "#8f1d4c", "#6a559c", "#8f7414", "#1a8079", "#625c54"],
    },
    "pastel": {
        "paper": "#f6f8fc", "ink": "#22304a", "soft": "#56657f", "faint": "#d3dbe9", "panel": "#e8eef8",
        "series": ["#3f74d1", "#d9822b", "#3c9d6b", "#c2456f", "#8661c1", "#9c7c20", "#2796a8", "#67707f"],
    },
    "blueprint": {
        "paper": "#123a63", "ink": "#f4f8ff", "soft": "#b9cfe8", "faint": "#31598a", "panel": "#1b4675",
        "series": ["#ffd166", "#7ee0c3", "#ff9e80", "#c7b6ff", "#9be564", "#ffb3d1", "#8fd3ff", "#dfe6ee"],
    },
    "dark": {
        "paper": "#16181d", "ink": "#eef1f5", "soft": "#a7b0bd", "faint": "#383e48", "panel": "#22262e",
        "series": ["#6cb2ff", "#ffb454", "#7bd88f", "#ff7b93", "#c3a6ff", "#e5d36b", "#5fd7d7", "#b6bcc6"],
    },
}  # fmt: skip
LIGHT = ("paper", "textbook", "pastel")
SERIES = 8


def look(rng: random.Random, *, named: bool = False) -> dict[str, Any]:
    """Theme, order of the series colours, stroke and text size, drawn in `generate` and kept in the state.

    With `named` the theme is a light one, on which every colour of NAMED can be told.
    """
    order = list(range(SERIES))
    rng.shuffle(order)
    return {
        "theme": rng.choice(LIGHT if named else tuple(THEMES)),
        "order": order,
        "stroke": rng.choice((2.0, 2.4, 2.8)),
        "size": rng.choice((18, 19, 20)),
    }


def hue_names(rng: random.Random, k: int) -> list[str]:
    """k names of colours, without black and grey, which belong to ink and background."""
    return rng.sample([name for name in NAMED if name not in ("black", "grey")], k)


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2) of a `#rrggbb` colour, 0 to 1."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, two: str) -> float:
    """Contrast ratio (WCAG 2) of two `#rrggbb` colours, 1 to 21."""
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(one: str, two: str, share: float) -> str:
    """The colour that lies `share` of the way from `one` to `two`."""
    pairs = ((int(one[i : i + 2], 16), int(two[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)
