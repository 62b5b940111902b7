"""Independent answers to the ten seeds, written from their prompts and unlike their programs.

`ORACLES[stem](state)` is the right answer of an equality seed. `CHECKERS[stem](state, answer)` says whether
an answer to a feasibility seed is right. Both see nothing but the JSON state. Some try everything there is to
try: up to level `SMALL_LEVELS[stem]` a call takes less than 50 ms.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import combinations, count, pairwise, product
from typing import Any

State = dict[str, Any]


def bubble_sort_swaps(state: State) -> int:
    """A swap of neighbours removes exactly one inversion, so counting those at both ends counts the swaps.

    A pass carries a number along and exchanges it for every larger one; a pass backwards is a pass forwards
    over the negated mirror image.
    """

    def carry(numbers: list[int]) -> list[int]:
        left, held = [], numbers[0]
        for number in numbers[1:]:
            left.append(min(held, number))
            held = max(held, number)
        return [*left, held]

    def inversions(numbers: list[int]) -> int:
        return sum(a > b for a, b in combinations(numbers, 2))

    numbers = state["numbers"]
    for turn in range(1, state["passes"] + 1):
        if state["shuttle"] and turn % 2 == 0:
            numbers = [-number for number in reversed(carry([-number for number in reversed(numbers)]))]
        else:
            numbers = carry(numbers)
    return inversions(state["numbers"]) - inversions(numbers)


def coin_change(state: State) -> int:
    """Pays every sum that could make sense and takes the rest back, each with the fewest coins."""
    bill: int = state["amount"]
    fewest = list(range(bill + max(state["coins"]) ** 2 + 1))  # with coins of 1 alone
    for coin in state["coins"]:
        for total in range(coin, len(fewest)):
            fewest[total] = min(fewest[total], fewest[total - coin] + 1)
    if not state["change"]:
        return fewest[bill]
    return min(fewest[paid] + fewest[paid - bill] for paid in range(bill, len(fewest)))


def longest_increasing_subsequence(state: State) -> int:
    """Lengthens all chains at once and counts how often that works; a chain is known by its last place."""
    numbers, reach = state["numbers"], state.get("reach")
    ends, length = set(range(len(numbers))), 0
    while ends:
        length += 1
        ends = {
            j
            for i in ends
            for j in range(i + 1, len(numbers))
            if numbers[j] - numbers[i] >= state["gap"] and (reach is None or j - i <= reach)
        }
    return length


def edit_distance(state: State) -> int:
    """Tries all ways through both words, and gives one up once it cannot become the cheapest."""
    source, target = state["source"], state["target"]
    insert, delete = state["insert"], state["delete"]
    least: int = len(source) * delete + len(target) * insert

    def walk(i: int, j: int, spent: int) -> None:
        nonlocal least
        surplus = (len(source) - i) - (len(target) - j)
        if spent + max(surplus * delete, -surplus * insert) >= least:
            return
        if i == len(source) and j == len(target):
            least = spent
            return
        if i < len(source) and j < len(target):
            old, new = source[i], target[j]
            price = state["replace"] * (old != new)
            if "vowel" in state and old != new and {old, new} <= set("aeio"):
                price = state["vowel"]
            walk(i + 1, j + 1, spent + price)
        if i < len(source):
            walk(i + 1, j, spent + delete)
        if j < len(target):
            walk(i, j + 1, spent + insert)

    walk(0, 0, 0)
    return least


def critical_path(state: State) -> int:
    """Watches the clock, hour by hour, and starts whatever may start."""
    waiting = {task["name"]: task for task in state["tasks"]}
    finished: dict[str, int] = {}
    for hour in count():
        for name, task in list(waiting.items()):
            on_time = hour >= task["earliest"] and hour % state.get("bus", 1) == 0
            if on_time and all(finished.get(a, hour) + state["delay"] <= hour for a in task["after"]):
                finished[name] = hour + task["hours"]
                del waiting[name]
        if not waiting:
            return max(finished.values())
    raise AssertionError("unreachable")


def modular_recurrence(state: State) -> int:
    """Follows the definition downwards, from x(n) to x(0) and x(1), as often as it takes."""

    def x(k: int) -> int:
        if k < 2:
            return int(state["second"] if k else state["first"])
        previous = x(k - 1)
        total = state["near"] * previous + state["far"] * x(k - 2)
        total += state["drift"] * k if "drift" in state else 0
        total += state["bonus"] if "bonus" in state and previous % 2 else 0
        return int(total % state["modulus"])

    return x(state["n"])


def shortest_path(state: State, answer: str) -> bool:
    """Floyd and Warshall's distances between all towns, each road priced with the toll at its far end."""
    route = _words(answer)
    towns = sorted({town for road in state["roads"] for town in road[:2]})
    price = {(a, b): cost for a, b, cost in state["oneway"]}
    for a, b, cost in state["roads"]:
        price[a, b] = price[b, a] = cost
    distance = {(a, b): 0 if a == b else float("inf") for a in towns for b in towns}
    distance |= {ends: cost + state["toll"] for ends, cost in price.items()}
    for middle, a, b in product(towns, repeat=3):
        distance[a, b] = min(distance[a, b], distance[a, middle] + distance[middle, b])

    start, end, via = state["start"], state["end"], state.get("via")
    least = distance[start, end] if via is None else distance[start, via] + distance[via, end]
    if len(route) < 2 or route[0] != start or route[-1] != end or (via is not None and via not in route):
        return False
    spent = 0
    for i in range(1, len(route)):
        if (route[i - 1], route[i]) not in price:
            return False
        spent += price[route[i - 1], route[i]] + state["toll"]
    return spent == least


def subset_sum(state: State, answer: str) -> bool:
    """Crosses the chosen numbers off the list one by one and looks at what has been crossed off."""
    crossed = [False] * len(state["numbers"])
    for word in _words(answer):
        for place, number in enumerate(state["numbers"]):
            if word == f"{number}" and not crossed[place]:
                crossed[place] = True
                break
        else:
            return False
    total = sum(number for number, gone in zip(state["numbers"], crossed) if gone)
    neighbours = any(a and b for a, b in pairwise(crossed))
    wrong_count = "size" in state and sum(crossed) != state["size"]
    return total == state["target"] and not wrong_count and not (state["apart"] and neighbours)


def graph_colouring(state: State, answer: str) -> bool:
    """Collects the vertices of each colour and looks for an edge inside one of these classes."""
    words = _words(answer)
    if len(words) != state["size"] or not all(re.fullmatch("[1-9]", word) for word in words):
        return False
    classes: dict[int, set[int]] = {colour: set() for colour in range(1, state["colours"] + 1)}
    for vertex, word in enumerate(words, start=1):
        if int(word) not in classes:
            return False
        classes[int(word)].add(vertex)
    return (
        not any({a, b} <= members for a, b in state["edges"] for members in classes.values())
        and all(vertex in classes[colour] for vertex, colour in state["fixed"])
        and ("limit" not in state or max(map(len, classes.values())) <= state["limit"])
    )


def knights_and_knaves(state: State, answer: str) -> bool:
    """Lists the knights of every island that agrees with all the claims, and looks for the answer there."""
    people = [claim["speaker"] for claim in state["claims"]]
    islands = []
    for kinds in product([False, True], repeat=len(people)):
        knight = dict(zip(people, kinds))
        if any(kinds) and all(knight[claim["speaker"]] == _true(claim, knight) for claim in state["claims"]):
            islands.append(sorted(name for name in people if knight[name]))
    return sorted(_words(answer)) in islands


def _true(claim: State, knight: dict[str, bool]) -> bool:
    a, b = (*claim["about"], None)[:2]
    if claim["kind"] == "count":
        said = list(knight.values()).count(True) >= a
    elif claim["kind"] == "alike":
        said = knight[a] is knight[b]
    else:
        said = knight[a] and (claim["kind"] == "knight" or knight[b])
    return said is not claim["denied"]


def _words(answer: str) -> list[str]:
    """What stands between commas and white space."""
    return re.findall(r"[^\s,]+", answer)


ORACLES: dict[str, Callable[[State], int]] = {
    "bubble_sort_swaps": bubble_sort_swaps,
    "coin_change": coin_change,
    "critical_path": critical_path,
    "edit_distance": edit_distance,
    "longest_increasing_subsequence": longest_increasing_subsequence,
    "modular_recurrence": modular_recurrence,
}

CHECKERS: dict[str, Callable[[State, str], bool]] = {
    "graph_colouring": graph_colouring,
    "knights_and_knaves": knights_and_knaves,
    "shortest_path": shortest_path,
    "subset_sum": subset_sum,
}

SMALL_LEVELS: dict[str, int] = {
    "bubble_sort_swaps": 9,
    "coin_change": 9,
    "critical_path": 9,
    "edit_distance": 3,
    "graph_colouring": 9,
    "knights_and_knaves": 7,
    "longest_increasing_subsequence": 9,
    "modular_recurrence": 7,
    "shortest_path": 9,
    "subset_sum": 9,
}
