"""League table: which team leads after some matches.

Defect: teams with equal points are ordered by id(), the place of an object in memory.
"""

TAGS = ("sorting", "games")
ORACLE = "equality"


class Team:
    def __init__(self, name):
        self.name = name
        self.points = 0


def generate(rng, difficulty):
    names = rng.sample([a + b for a in ("North", "South", "East", "West") for b in ("ham", "ton", "bury", "ford", "wick")], 5 + difficulty)
    matches = []
    for _ in range(6 + 2 * difficulty):
        matches.append([*rng.sample(names, 2), rng.randint(0, 4), rng.randint(0, 4)])
    teams = {name: Team(name) for name in rng.sample(names, len(names))}
    for home, away, goals, others in matches:
        teams[home].points += 3 if goals > others else int(goals == others)
        teams[away].points += 3 if others > goals else int(goals == others)
    table = sorted(teams.values(), key=lambda team: (-team.points, id(team)))
    return {"matches": matches, "names": [team.name for team in table]}


def prompt(state):
    matches = "; ".join(f"{a} - {b} {x}:{y}" for a, b, x, y in state["matches"])
    return (
        f"Results of a league: {matches}. A win gives three points, a draw one point. Order the teams by points, the most first, and "
        f"teams of equal points as in this list: {', '.join(state['names'])}. Which teams come second, third and fourth? "
        "Write the three names separated by commas."
    )


def reference(state):
    points = dict.fromkeys(state["names"], 0)
    for home, away, goals, others in state["matches"]:
        points[home] += 3 if goals > others else int(goals == others)
        points[away] += 3 if others > goals else int(goals == others)
    return ", ".join(sorted(state["names"], key=lambda name: -points[name])[1:4])


def score(state, answer):
    given = [part.strip().lower() for part in answer.split(",")]
    return 1.0 if given == reference(state).lower().split(", ") else 0.0
