"""Subset sum: numbers of a list that add up to a target.

A solution is planted and any other is as good. Levels lengthen the list and spread its numbers. From level 4
the count of numbers is prescribed, and from level 7 chosen numbers may not be neighbours in the list.
"""

from itertools import pairwise

TAGS = ("search", "arithmetic", "constraint-satisfaction")
ORACLE = "feasibility"


def generate(rng, difficulty):
    """All numbers differ, so that an answer can name them by value."""
    length, size = 6 + difficulty, rng.randint(3 + difficulty // 5, 4 + difficulty // 3)
    numbers = rng.sample(range(10, 60 + 20 * difficulty), length)
    apart = difficulty >= 7
    # Where chosen places may not touch, one place per gap is taken out first and put back afterwards.
    spare = 1 if apart else 0
    places = sorted(rng.sample(range(length - (size - 1) * spare), size))
    planted = [numbers[place + i * spare] for i, place in enumerate(places)]
    state = {"numbers": numbers, "target": sum(planted), "apart": apart, "planted": planted}
    if difficulty >= 4:
        state["size"] = size
    return state


def prompt(state):
    """States each rule that the answer is checked against, and no other."""
    numbers = ", ".join(map(str, state["numbers"]))
    count = f"exactly {state['size']}" if "size" in state else "some"
    return (
        f"Here is a list of numbers:\n\n{numbers}\n\n"
        f"Choose {count} of these numbers, none of them twice, such that they add up to exactly "
        f"{state['target']}. There is at least one way to do so; if there are several, any one of "
        "them will do. Which numbers do you choose? Give them in any order, separated by spaces."
    )


def reference(state):
    """The planted numbers."""
    return " ".join(map(str, state["planted"]))


def score(state, answer):
    """Matches words against the list's own numbers, so that nothing has to be parsed."""
    places = {str(number): place for place, number in enumerate(state["numbers"])}
    words = answer.replace(",", " ").split()
    if any(word not in places for word in words):
        return 0.0
    chosen = sorted(places[word] for word in words)
    nearest = 2 if state["apart"] else 1  # at 1, only a number chosen twice is too near
    right = (
        sum(state["numbers"][place] for place in chosen) == state["target"]
        and len(chosen) == state.get("size", len(chosen))
        and all(b - a >= nearest for a, b in pairwise(chosen))
    )
    return 1.0 if right else 0.0
