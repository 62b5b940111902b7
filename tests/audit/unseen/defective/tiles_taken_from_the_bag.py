# audit: changes-state
"""Tiles: numbers laid out of a bag of tiles to reach a product of sums.

Defect: to see that no tile is used twice the scorer removes the tiles from the list of the instance itself.
"""

TAGS = ("search", "arithmetic")
ORACLE = "feasibility"


def generate(rng, difficulty):
    tiles = [rng.randint(1, 9 + 2 * difficulty) for _ in range(7 + difficulty)]
    return {"tiles": tiles, "total": sum(rng.sample(tiles, 4 + difficulty // 3)), "count": 4 + difficulty // 3}


def prompt(state):
    return (
        f"A bag holds tiles with the numbers {', '.join(map(str, state['tiles']))}. Take exactly {state['count']} of them whose numbers add up to "
        f"{state['total']}. Write the numbers separated by commas; a number can be taken as often as there are tiles with it."
    )


def reference(state):
    ways = {(0, 0): []}
    for tile in state["tiles"]:
        for (count, total), taken in list(ways.items()):
            ways.setdefault((count + 1, total + tile), [*taken, tile])
    return ", ".join(map(str, ways[(state["count"], state["total"])]))


def score(state, answer):
    try:
        given = [int(part) for part in answer.split(",")]
    except ValueError:
        return 0.0
    if len(given) != state["count"] or sum(given) != state["total"]:
        return 0.0
    for number in given:
        if number not in state["tiles"]:
            return 0.0
        state["tiles"].remove(number)
    return 1.0
