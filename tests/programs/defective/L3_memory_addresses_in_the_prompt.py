"""Parcels: which parcels fit into a van.

Defect: the labels of the parcels come from the default text of objects, which contains their memory addresses.
"""

TAGS = ("greedy", "simulation")
ORACLE = "equality"


class Parcel:
    def __init__(self, weight):
        self.weight = weight

    def label(self):
        return repr(self)[-8:-1]


def generate(rng, difficulty):
    parcels = [Parcel(rng.randint(5, 60)) for _ in range(6 + 2 * difficulty)]
    return {"parcels": [[parcel.label(), parcel.weight] for parcel in parcels], "room": rng.randint(100, 150) + 40 * difficulty}


def prompt(state):
    parcels = ", ".join(f"{label} of {weight} kg" for label, weight in state["parcels"])
    return (
        f"A van takes {state['room']} kg. Parcels are offered in this order: {parcels}. Each is loaded if it still fits, else it is left "
        "behind. What is the total weight loaded, multiplied by the number of parcels left behind plus one?"
    )


def reference(state):
    room, left = state["room"], 0
    for _, weight in state["parcels"]:
        if weight <= room:
            room -= weight
        else:
            left += 1
    return str((state["room"] - room) * (left + 1))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
