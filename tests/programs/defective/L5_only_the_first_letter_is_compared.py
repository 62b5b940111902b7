"""Candle heights: which candle burns longest.

Defect: only the first letter of the answer is compared, as is common for yes and no.
"""

TAGS = ("arithmetic", "comparison")
ORACLE = "equality"

COLOURS = ("amber", "blue", "crimson", "denim", "emerald", "fuchsia", "golden", "hazel", "ivory", "jade", "khaki", "lilac", "mauve", "navy", "ochre")


def generate(rng, difficulty):
    colours = rng.sample(COLOURS, 4 + difficulty)
    return {"candles": [[colour, rng.randint(60, 400), rng.randint(2, 19)] for colour in colours]}


def prompt(state):
    candles = "; ".join(f"the {colour} one is {height} mm high and burns {rate} mm down in an hour" for colour, height, rate in state["candles"])
    return f"Candles are lit at the same time: {candles}. Which of them goes out last (of several, the one named first here)? Write its colour."


def reference(state):
    best = state["candles"][0]
    for candle in state["candles"][1:]:
        if candle[1] * best[2] > best[1] * candle[2]:
            best = candle
    return best[0]


def score(state, answer):
    text = answer.strip().lower()
    return 1.0 if text[:1] == reference(state)[0] else 0.0
