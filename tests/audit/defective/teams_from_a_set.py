# audit: prompt-varies
"""League: the table of a small league.

Defect: the names are made unique with a set and never sorted, so that their order in the prompt is another in each process.
"""

TAGS = ("counting", "sports")
ORACLE = "equality"

TEAMS = ("Reds", "Blues", "Greens", "Lions", "Bears", "Hawks", "Sharks", "Wolves", "Kings", "Stars", "Rockets", "Giants", "Pirates", "Tigers")


def generate(rng, difficulty):
    names = rng.sample(TEAMS, 4 + difficulty)
    games = [[*rng.sample(names, 2), rng.randint(0, 4), rng.randint(0, 4)] for _ in range(6 + 2 * difficulty)]
    return {"games": games, "asked": games[0][0]}


def prompt(state):
    teams = {name for game in state["games"] for name in game[:2]}
    games = "; ".join(f"{a} against {b} {m}:{n}" for a, b, m, n in state["games"])
    return (
        f"The teams {', '.join(teams)} played: {games}. A win gives 3 points, a draw 1 point, a defeat none. How many points and how many goals of their own "
        f"do the {state['asked']} have? Write the two numbers, separated by a colon."
    )


def reference(state):
    points = goals = 0
    for a, b, m, n in state["games"]:
        if state["asked"] in (a, b):
            own, other = (m, n) if a == state["asked"] else (n, m)
            points += 3 if own > other else 1 if own == other else 0
            goals += own
    return f"{points}:{goals}"


def score(state, answer):
    return 1.0 if answer.replace(" ", "") == reference(state) else 0.0
