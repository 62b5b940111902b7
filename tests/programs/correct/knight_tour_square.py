"""Knight's errand: the square on which a knight ends that skips moves off the board.

Answers are chess squares, two characters long.
"""

import string

TAGS = ("games", "simulation")
ORACLE = "equality"

LEAPS = ((1, 2), (2, 1), (2, -1), (1, -2), (-1, -2), (-2, -1), (-2, 1), (-1, 2))


def generate(rng, difficulty):
    return {
        "start": rng.choice("abcdefgh") + rng.choice("12345678"),
        "leaps": [list(rng.choice(LEAPS)) for _ in range(5 + 2 * difficulty)],
    }


def prompt(state):
    words = []
    for right, up in state["leaps"]:
        words.append(f"{abs(right)} {'right' if right > 0 else 'left'} {abs(up)} {'up' if up > 0 else 'down'}")
    return (
        f"A knight stands on {state['start']} of a chessboard (files a to h from left to right, ranks 1 to 8 from the bottom up). "
        f"It tries these leaps one after the other and skips every one that would leave the board: {'; '.join(words)}. "
        "On which square does it stand in the end?"
    )


def reference(state):
    x, y = string.ascii_lowercase.index(state["start"][0]), int(state["start"][1]) - 1
    for right, up in state["leaps"]:
        if 0 <= x + right < 8 and 0 <= y + up < 8:
            x, y = x + right, y + up
    return f"{string.ascii_lowercase[x]}{y + 1}"


def score(state, answer):
    return 1.0 if answer.strip().lower() == reference(state) else 0.0
