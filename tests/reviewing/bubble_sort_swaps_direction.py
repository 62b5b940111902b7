"""Bubble sort swaps: how many swaps a given number of passes makes.

Levels lengthen the list and add passes. From level 5 every second pass runs backwards, and the shortcut of
counting, for each number, the larger ones before it no longer works.
"""

TAGS = ("sorting", "simulation", "state-tracking")
ORACLE = "equality"


def generate(rng, difficulty):
    """Few values for the list's length, so that equal neighbours meet."""
    size = 6 + 2 * difficulty
    return {
        "numbers": [rng.randint(1, 3 * size) for _ in range(size)],
        "passes": rng.randint(2 + difficulty // 3, 3 + difficulty // 2),
        "shuttle": difficulty >= 5,
    }


def prompt(state):
    """Says when two numbers swap and in which order pairs are visited: both change the count."""
    numbers = ", ".join(map(str, state["numbers"]))
    if state["shuttle"]:
        order = (
            "The passes alternate in direction: the first visits the pairs from the left end of the list "
            "to the right end, the second from the right end to the left end, the third from the left end "
            "to the right end again, and so on."
        )
    else:
        order = "Every pass visits the pairs from the left end of the list to the right end."
    return (
        f"Bubble sort makes exactly {state['passes']} passes over this list:\n\n{numbers}\n\n"
        "A pass visits every pair of neighbouring positions once, one pair after another, and swaps the "
        "two numbers that stand there at that moment if the left one is strictly smaller than the right "
        f"one. {order}\n\n"
        "How many swaps are made in all these passes together? Answer with one integer."
    )


def reference(state):
    """Runs the passes, because only the list as it stands tells which pairs are out of order."""
    numbers, swaps = list(state["numbers"]), 0
    pairs = range(len(numbers) - 1)
    for turn in range(state["passes"]):
        backwards = state["shuttle"] and turn % 2 == 1
        for i in reversed(pairs) if backwards else pairs:
            if numbers[i] > numbers[i + 1]:
                numbers[i], numbers[i + 1] = numbers[i + 1], numbers[i]
                swaps += 1
    return str(swaps)


def score(state, answer):
    """Compares text with text, so that no string can raise and no near miss can pass."""
    return 1.0 if answer.strip() == reference(state) else 0.0
