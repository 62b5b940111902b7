"""Spread-out seats: choosing guests' seats that keep a distance.

Defect: at level 7 generate looks for more seats at that distance than the row has room for, and never ends.
"""

TAGS = ("sampling", "arrangement")
ORACLE = "equality"


def generate(rng, difficulty):
    guests = 4 + difficulty
    gap = 5 if difficulty == 7 else 1
    row = 4 * guests + 4
    while True:
        seats = sorted(rng.sample(range(1, row + 1), guests))
        if all(b - a >= gap for a, b in zip(seats, seats[1:])):
            return {"row": row, "seats": seats, "hops": [rng.randint(1, 9) for _ in range(guests)]}


def prompt(state):
    moves = ", ".join(f"seat {seat} moves {hop} seats on" for seat, hop in zip(state["seats"], state["hops"]))
    return (
        f"In a round hall with the seats 1 to {state['row']}, after the last of which comes the first one again, the guests move one "
        f"after the other, each counting only seats that are free at that moment: {moves}. "
        "What is the sum of the numbers of all seats that are taken in the end?"
    )


def reference(state):
    taken = set(state["seats"])
    for seat, hop in zip(state["seats"], state["hops"]):
        taken.discard(seat)
        place = seat
        while hop:
            place = place % state["row"] + 1
            hop -= place not in taken
        taken.add(place)
    return str(sum(taken))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
