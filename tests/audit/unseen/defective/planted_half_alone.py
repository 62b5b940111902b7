# audit: one-of-many
"""Fair shares: prizes divided into two heaps of the same worth.

Defect: only the heap that the generator planted is accepted; the other heap, and every other fair division, is refused.
"""

TAGS = ("subset-sum", "search")
ORACLE = "feasibility"


def generate(rng, difficulty):
    while True:
        prizes = rng.sample(range(5, 60 + 10 * difficulty), 6 + difficulty)
        heap = rng.sample(prizes, len(prizes) // 2)
        last = 2 * sum(heap) - sum(prizes)
        if last > 0 and last not in prizes:
            prizes.insert(rng.randint(0, len(prizes)), last)
            return {"prizes": prizes, "heap": sorted(heap)}


def prompt(state):
    return (
        f"Prizes worth {', '.join(map(str, state['prizes']))} crowns are to be divided between two winners so that both get the same worth. "
        "Which prizes does one of them get? Write their worths separated by commas, in any order."
    )


def reference(state):
    return ", ".join(map(str, state["heap"]))


def score(state, answer):
    try:
        given = sorted(int(part) for part in answer.split(","))
    except ValueError:
        return 0.0
    return 1.0 if given == state["heap"] else 0.0
