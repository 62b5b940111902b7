"""Counts in the order of the first orders; of equal counts the earliest stays."""


def solve(state: dict) -> str:
    counts: dict = {}
    for word in state["order"]:
        counts[word] = counts.get(word, 0) + 1
    best = max(counts.values())
    for word in state["order"]:
        if counts[word] == best:
            return word
    return ""
