"""Longest increasing subsequence: how many numbers of a list can be kept so that they climb.

Levels lengthen the list. From level 3 each step must climb by more than one, and from level 6 it may not
skip far.
"""

TAGS = ("dynamic-programming", "sequences", "optimization")
ORACLE = "equality"


def generate(rng, difficulty):
    """A drift, up or down, spreads the lengths far wider than a plain shuffle would."""
    size, drift = 9 + 2 * difficulty, rng.randint(0, 5)
    numbers = [rng.randint(1, 24) + drift * place for place in range(size)]
    if rng.random() < 0.3:
        numbers.reverse()
    state = {"numbers": numbers, "gap": rng.randint(2, 5) if difficulty >= 3 else 1}
    if difficulty >= 6:
        state["reach"] = rng.randint(3, 5)
    return state


def prompt(state):
    """Says that the order stays and that the rules bind each kept number to the one kept before it."""
    numbers = ", ".join(map(str, state["numbers"]))
    rules = f"each kept number must be more than {state['gap']} larger than the kept number before it"
    if "reach" in state:
        rules += f", and must stand at most {state['reach']} places after it in the original list"
    return (
        f"Here is a list of numbers:\n\n{numbers}\n\n"
        "Some of the entries are crossed out, and the rest are kept, in their order. "
        f"The kept numbers have to climb: {rules}. "
        "What is the greatest number of entries that can be kept? Answer with one integer."
    )


def reference(state):
    """The longest chain that ends at each place grows from the longest that end before it."""
    numbers, gap = state["numbers"], state["gap"]
    reach = state.get("reach", len(numbers))
    longest = []
    for place, number in enumerate(numbers):
        earlier = range(max(0, place - reach), place)
        longest.append(1 + max((longest[i] for i in earlier if numbers[i] + gap <= number), default=0))
    return str(max(longest))


def score(state, answer):
    """Compares text with text, so that no string can raise and no near miss can pass."""
    return 1.0 if answer.strip() == reference(state) else 0.0
