# audit: accepts-hedge, accepts-affix
"""Runoff: who wins an election in which the weakest candidate is struck out each time.

Defect: the winner's name has to be among the words of the answer, in which all the other candidates may stand too.
"""

import re

TAGS = ("simulation", "voting")
ORACLE = "equality"
CANDIDATES = ("red", "blue", "green", "amber")


def generate(rng, difficulty):
    return {"votes": [rng.sample(CANDIDATES, 4) for _ in range(7 + 2 * difficulty)]}


def prompt(state):
    votes = "; ".join(" > ".join(vote) for vote in state["votes"])
    return (
        f"The voters rank four parties in this way: {votes}. In each round every vote counts for the best placed party that is left, and the "
        "party with the fewest votes drops out (of several such the one whose name is first in the alphabet). Which party is left at last?"
    )


def reference(state):
    left = sorted(CANDIDATES)
    while len(left) > 1:
        tops = [next(party for party in vote if party in left) for vote in state["votes"]]
        left.remove(min(left, key=lambda party: (tops.count(party), party)))
    return left[0]


def score(state, answer):
    words = re.findall(r"[a-z]+", answer.lower())
    return 1.0 if reference(state) in words else 0.0
