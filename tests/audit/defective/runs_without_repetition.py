# audit: reference-refused
"""Run lengths: how long the runs of equal letters in a word are.

Defect: the scorer refuses answers in which the same length comes more often than four times, which right answers to
longer words do.
"""

TAGS = ("strings", "compression")
ORACLE = "equality"


def generate(rng, difficulty):
    letters = [rng.choice("pqr")]
    for _ in range(3 + difficulty):
        letters.append(rng.choice([letter for letter in "pqr" if letter != letters[-1]]))
    return {"word": "".join(letter * rng.randint(1, 5) for letter in letters)}


def prompt(state):
    return f"The word {state['word']} consists of runs of equal letters. Write the lengths of the runs in order, separated by spaces."


def reference(state):
    lengths, before = [], ""
    for letter in state["word"]:
        if letter == before:
            lengths[-1] += 1
        else:
            lengths.append(1)
        before = letter
    return " ".join(map(str, lengths))


def score(state, answer):
    given = answer.split()
    if any(given.count(length) > 4 for length in given):
        return 0.0
    return 1.0 if given == reference(state).split() else 0.0
