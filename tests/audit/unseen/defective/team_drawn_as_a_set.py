# audit: prompt-varies
"""Relay: which runner has the baton at some minute.

Defect: so that no name comes twice the team is a set, and the order in which it is iterated depends on the process.
"""

TAGS = ("simulation", "time")
ORACLE = "equality"
NAMES = ("Arne", "Birte", "Claus", "Ditte", "Erik", "Freja", "Gorm", "Helle", "Ivar", "Jytte", "Knud", "Lone", "Mads", "Nora", "Ove", "Pia")


def generate(rng, difficulty):
    team = set()
    while len(team) < 4 + difficulty:
        team.add(rng.choice(NAMES))
    runners = [[name, rng.randint(3, 20)] for name in team]
    return {"runners": runners, "minute": rng.randint(5, sum(minutes for _, minutes in runners) - 1), "pause": rng.randint(1, 2)}


def prompt(state):
    runners = ", ".join(f"{name} {minutes} min" for name, minutes in state["runners"])
    return (
        f"In a relay run the members of a team run one after another, for these times: {runners}. After the last one the first begins again. Each handing "
        f"over takes {state['pause']} min more, in which the one who comes has the baton. Who has it {state['minute']} and a half minutes after the start?"
    )


def reference(state):
    left = state["minute"] + 0.5
    while True:
        for name, minutes in state["runners"]:
            left -= minutes + state["pause"]
            if left < 0:
                return name


def score(state, answer):
    return 1.0 if answer.strip().lower() == reference(state).lower() else 0.0
