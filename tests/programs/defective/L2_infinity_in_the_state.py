"""Toll roads: the cheapest tour from one city to another, as a matrix of tolls.

Defect: where there is no road, the matrix in the state holds infinity, which is not JSON.
"""

import math

TAGS = ("graphs", "shortest-path")
ORACLE = "equality"


def generate(rng, difficulty):
    count = 5 + difficulty
    tolls = [[math.inf] * count for _ in range(count)]
    for i in range(count):
        tolls[i][i] = 0
        for j in range(i):
            if j == i - 1 or rng.random() < 0.3:
                tolls[i][j] = tolls[j][i] = rng.randint(5, 40 + 5 * difficulty)
    return {"tolls": tolls, "start": 0, "end": count - 1}


def prompt(state):
    count = len(state["tolls"])
    roads = ", ".join(
        f"{i + 1}-{j + 1}: {state['tolls'][i][j]}" for i in range(count) for j in range(i) if state["tolls"][i][j] < math.inf
    )
    return f"Tolls of the roads between cities: {roads}. What is the least total toll from city 1 to city {count}?"


def reference(state):
    cost = [list(row) for row in state["tolls"]]
    count = len(cost)
    for k in range(count):
        for i in range(count):
            for j in range(count):
                cost[i][j] = min(cost[i][j], cost[i][k] + cost[k][j])
    return str(cost[state["start"]][state["end"]])


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
