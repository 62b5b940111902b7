# audit: ignores-order
"""Followers: which friendships of a network are one-sided.

Defect: a pair is turned into a set on both sides, so 'B>A' is as good as 'A>B'.
"""

TAGS = ("graphs", "sets")
ORACLE = "equality"


def generate(rng, difficulty):
    people = [chr(65 + i) for i in range(5 + difficulty)]
    arrows = set()
    while len(arrows) < 3 * len(people) or not _one_sided(sorted(arrows)):
        a, b = rng.sample(people, 2)
        arrows |= {(a, b), (b, a)} if rng.random() < 0.45 else {(a, b)}
    return {"arrows": rng.sample([list(pair) for pair in sorted(arrows)], len(arrows))}


def _one_sided(arrows):
    known = {tuple(pair) for pair in arrows}
    return [f"{a}>{b}" for a, b in sorted(known) if (b, a) not in known]


def prompt(state):
    arrows = ", ".join(f"{a} follows {b}" for a, b in state["arrows"])
    return (
        f"In a network {arrows}. Which follow somebody who does not follow them? Write each case as FOLLOWER>FOLLOWED, such as Q>P, "
        "in any order, separated by spaces."
    )


def reference(state):
    return " ".join(_one_sided(state["arrows"]))


def score(state, answer):
    given = answer.upper().split()
    wanted = reference(state).split()
    if len(given) != len(wanted):
        return 0.0
    pairs = [sorted(frozenset(text.split(">"))) for text in wanted]
    return 1.0 if sorted(sorted(frozenset(text.split(">"))) for text in given) == sorted(pairs) else 0.0
