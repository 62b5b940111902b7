# audit: accepts-anything
"""Seating: put guests at tables so that no two who quarrel share one.

Defect: the scorer reads "NAME at N" wherever it stands and looks for quarrels alone; a sentence of four words
that seats nobody has no quarrel and gets full credit.
"""

import re

TAGS = ("constraints", "graphs")
ORACLE = "feasibility"

NAMES = ("Ada", "Bo", "Cy", "Dee", "Eve", "Flo", "Gus", "Hal", "Ivy", "Jo", "Kim", "Lou", "Max", "Ned", "Oz", "Pia")


def generate(rng, difficulty):
    names = rng.sample(NAMES, 6 + difficulty)
    tables = {name: rng.randint(1, 3) for name in names}
    pairs = [[a, b] for i, a in enumerate(names) for b in names[i + 1 :] if tables[a] != tables[b]]
    quarrels = sorted(rng.sample(pairs, min(len(pairs), 5 + difficulty)))
    return {"names": names, "tables": tables, "quarrels": quarrels}


def prompt(state):
    quarrels = ", ".join(" and ".join(pair) for pair in state["quarrels"])
    return (
        f"The guests {', '.join(state['names'])} are to sit at the tables 1, 2 and 3, each of which has room for all. "
        f"These do not want to share a table: {quarrels}. Write a seating plan like 'Ada at 2, Bo at 1', in any order."
    )


def reference(state):
    return ", ".join(f"{name} at {state['tables'][name]}" for name in state["names"])


def score(state, answer):
    if not 4 <= len(answer.split()) <= 80 or not re.fullmatch(r"[A-Za-z0-9, ]*", answer):
        return 0.0
    seats = dict(re.findall(r"([A-Z][a-z]+) at ([123])\b", answer))
    if not set(seats) <= set(state["names"]):
        return 0.0
    clash = any(a in seats and seats[a] == seats.get(b) for a, b in state["quarrels"])
    return 0.0 if clash else 1.0
