"""Longest increasing subsequence: write down any one of them.

The scorer needs only the greatest length, and gets it from the reference; every subsequence of that length counts.
"""

TAGS = ("dynamic-programming", "sequences")
ORACLE = "feasibility"


def generate(rng, difficulty):
    return {"sequence": [rng.randint(1, 60 + 10 * difficulty) for _ in range(8 + 2 * difficulty)]}


def prompt(state):
    return (
        f"From the sequence {' '.join(map(str, state['sequence']))} cross out as few numbers as possible such that "
        "those that remain, in their order, are strictly increasing. Write the numbers that remain, separated by spaces."
    )


def reference(state):
    sequence = state["sequence"]
    length = [1] * len(sequence)
    before = [-1] * len(sequence)
    for j, value in enumerate(sequence):
        for i in range(j):
            if sequence[i] < value and length[i] + 1 > length[j]:
                length[j], before[j] = length[i] + 1, i
    at = max(range(len(sequence)), key=length.__getitem__)
    chosen = []
    while at >= 0:
        chosen.append(sequence[at])
        at = before[at]
    return " ".join(map(str, reversed(chosen)))


def score(state, answer):
    try:
        chosen = [int(word) for word in answer.split()]
    except ValueError:
        return 0.0
    if len(chosen) != len(reference(state).split()):
        return 0.0
    if any(a >= b for a, b in zip(chosen, chosen[1:])):
        return 0.0
    rest = iter(state["sequence"])
    return 1.0 if all(value in rest for value in chosen) else 0.0
