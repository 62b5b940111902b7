"""Train coaches: the order of coaches after shunting.

Defect: at level 4 only, the coaches are put into an order by their hash to look shuffled.
"""

TAGS = ("simulation", "queues")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 6 + difficulty
    coaches = sorted(f"{letter}{rng.randint(10, 99)}" for letter in rng.sample("ABCDEFGHIJKLMNOPQRSTUVWXYZ", count))
    if difficulty == 4:
        coaches.sort(key=hash)
    else:
        rng.shuffle(coaches)
    return {"coaches": coaches, "cuts": [rng.randint(2, count - 1) for _ in range(2 + difficulty // 2)]}


def prompt(state):
    return (
        f"A train has the coaches {' '.join(state['coaches'])}. It is shunted several times: the first k coaches are uncoupled, put into "
        f"reverse order and coupled to the end. The numbers k are, one after the other, {', '.join(map(str, state['cuts']))}. "
        "Write the order of the coaches afterwards, separated by spaces."
    )


def reference(state):
    coaches = list(state["coaches"])
    for k in state["cuts"]:
        coaches = coaches[k:] + coaches[:k][::-1]
    return " ".join(coaches)


def score(state, answer):
    return 1.0 if answer.upper().split() == reference(state).split() else 0.0
