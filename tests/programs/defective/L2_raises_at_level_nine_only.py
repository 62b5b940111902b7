"""Bus stops: how many passengers are on board after all stops.

Defect: at level 9 more stop names are drawn than there are, and generate raises.
"""

TAGS = ("simulation", "arithmetic")
ORACLE = "equality"

STOPS = ("Airport", "Bridge", "Castle", "Depot", "Embankment", "Forum", "Gallery", "Harbour", "Infirmary", "Junction",
         "Kiosk", "Library", "Market")


def generate(rng, difficulty):
    names = rng.sample(STOPS, 5 + difficulty)
    riders = rng.randint(5, 30)
    stops, now = [], riders
    for name in names:
        off = rng.randint(0, now)
        on = rng.randint(0, 20)
        stops.append([name, off, on])
        now += on - off
    return {"riders": riders, "stops": stops}


def prompt(state):
    stops = "; ".join(f"at {name} {off} get off and {on} get on" for name, off, on in state["stops"])
    return (
        f"A bus leaves the garage with {state['riders']} passengers. On its way, {stops}. Add up the numbers of passengers "
        "on board after each of these stops. What is the sum?"
    )


def reference(state):
    now, total = state["riders"], 0
    for _, off, on in state["stops"]:
        now += on - off
        total += now
    return str(total)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
