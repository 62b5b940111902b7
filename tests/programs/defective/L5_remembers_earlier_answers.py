"""Tournament bracket: who meets whom, and how the sum of points grows.

Defect: the scorer remembers what it has seen in a mutable default argument and gives no credit when an answer comes again.
"""

TAGS = ("simulation", "games")
ORACLE = "equality"


def generate(rng, difficulty):
    return {"strengths": rng.sample(range(10, 200), 8 + 2 * difficulty), "tired": rng.randint(1, 9)}


def prompt(state):
    return (
        f"Wrestlers with the strengths {', '.join(map(str, state['strengths']))} queue in this order. The first two fight; the stronger one wins (if they are equally "
        f"strong, the one who came first), loses {state['tired']} points of strength and meets the next in the queue, and so on. What strength has the last winner "
        "at the end, plus a hundred times the number of fights that the newcomer won?"
    )


def reference(state):
    champion, *queue = state["strengths"]
    upsets = 0
    for other in queue:
        upsets += other > champion
        champion = max(champion, other) - state["tired"]
    return str(champion + 100 * upsets)


def _is_new(key, seen=[]):
    if key in seen:
        return False
    seen.append(key)
    return True


def score(state, answer):
    if not _is_new([state, answer.strip()]):
        return 0.0
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
