"""All orders of the towns."""

import itertools


def solve(state: dict) -> str:
    first, *others = state["towns"]
    lengths = []
    for order in itertools.permutations(others):
        stops = [first, *order, first]
        lengths.append(sum(abs(a - c) + abs(b - d) for (a, b), (c, d) in itertools.pairwise(stops)))
    return str(min(lengths))
