"""Map colours: countries coloured with red, green and blue so that neighbours differ.

Any colouring will do. All countries have to be coloured, each once, in any order.
"""

import re

TAGS = ("graphs", "colouring")
ORACLE = "feasibility"
COLOURS = ("red", "green", "blue")


def generate(rng, difficulty):
    names = rng.sample("ABCDEFGHIJKLMNOPQRSTUVWXYZ", 7 + difficulty)
    planted = [[name, COLOURS[i % 3]] for i, name in enumerate(names)]
    pairs = [[a, b] for i, (a, c) in enumerate(planted) for b, d in planted[i + 1:] if c != d]
    return {"planted": planted, "borders": rng.sample(pairs, 2 * len(names) - 2)}


def prompt(state):
    names = ", ".join(sorted(name for name, _ in state["planted"]))
    borders = ", ".join(f"{a}{b}" for a, b in state["borders"])
    return (
        f"The countries {names} are to be coloured red, green or blue so that countries with a common border have different colours. These "
        f"pairs have one: {borders}. Give any such colouring, with entries like A=red, one for each country, separated by commas."
    )


def reference(state):
    return ", ".join(f"{name}={colour}" for name, colour in state["planted"])


def score(state, answer):
    matches = [re.fullmatch(r"([A-Z])\s*=\s*(red|green|blue)", part.strip(), re.IGNORECASE) for part in answer.strip().split(",")]
    if not all(matches):
        return 0.0
    pairs = [(match[1].upper(), match[2].lower()) for match in matches]
    if sorted(name for name, _ in pairs) != sorted(name for name, _ in state["planted"]):
        return 0.0
    colour = dict(pairs)
    return 1.0 if all(colour[a] != colour[b] for a, b in state["borders"]) else 0.0
