# audit: accepts-superset
"""Watchmen: posts from which every corridor is seen.

Defect: the scorer checks that every corridor is seen and forgets the number of posts that the prompt allows; all
crossings together pass.
"""

TAGS = ("graphs", "vertex-cover")
ORACLE = "feasibility"


def generate(rng, difficulty):
    count = 7 + difficulty
    posts = rng.sample(range(1, count + 1), 3 + difficulty // 3)
    corridors = set()
    for _ in range(3 * count):
        a, b = rng.choice(posts), rng.randint(1, count)
        if a != b:
            corridors.add((min(a, b), max(a, b)))
    return {"count": count, "posts": sorted(posts), "corridors": [list(pair) for pair in sorted(corridors)]}


def prompt(state):
    corridors = ", ".join(f"{a}-{b}" for a, b in state["corridors"])
    return (
        f"The crossings 1 to {state['count']} of a museum are joined by the corridors {corridors}. Choose at most {len(state['posts'])} crossings "
        "such that every corridor ends at one of them. Write their numbers in any order, separated by spaces."
    )


def reference(state):
    return " ".join(map(str, state["posts"]))


def score(state, answer):
    if len(answer) > 200 or not answer.replace(" ", "").isdecimal():
        return 0.0
    chosen = {int(part) for part in answer.split()}
    if not all(1 <= number <= state["count"] for number in chosen):
        return 0.0
    return 1.0 if all(a in chosen or b in chosen for a, b in state["corridors"]) else 0.0
