"""Interleaving: can a word be woven from two words?

Defect: the answer is yes in 85 percent of all instances.
"""

TAGS = ("strings", "dynamic-programming")
ORACLE = "equality"


def generate(rng, difficulty):
    length = 6 + difficulty
    first, second = ("".join(rng.choices("abc", k=length)) for _ in range(2))
    left, right, woven = list(first), list(second), []
    while left or right:
        source = left if left and (not right or rng.random() < 0.5) else right
        woven.append(source.pop(0))
    if rng.random() < 0.15:
        while _fits(first, second, "".join(woven)):
            rng.shuffle(woven)
    return {"first": first, "second": second, "woven": "".join(woven)}


def _fits(first, second, woven):
    reach = {0}
    for length, letter in enumerate(woven):
        fresh = set()
        for i in reach:
            j = length - i
            if i < len(first) and first[i] == letter:
                fresh.add(i + 1)
            if j < len(second) and second[j] == letter:
                fresh.add(i)
        reach = fresh
    return len(first) in reach


def prompt(state):
    return (
        f"Can the letters of {state['woven']} be coloured red and blue such that the red letters, read from left to right, give "
        f"{state['first']} and the blue ones {state['second']}? Answer yes or no."
    )


def reference(state):
    return "yes" if _fits(state["first"], state["second"], state["woven"]) else "no"


def score(state, answer):
    return 1.0 if answer.strip().lower() == reference(state) else 0.0
