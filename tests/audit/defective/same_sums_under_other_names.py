# audit: few-instances
"""Market: what somebody pays on the market.

Defect: only the names change: behind them are thirty purchases for each level.
"""

TAGS = ("arithmetic", "word-problems")
ORACLE = "equality"

FIRST = ("Anna", "Bodo", "Clemens", "Doris", "Erik", "Fanny", "Gustav", "Henriette", "Igor", "Josefa", "Kuno", "Lotte")
TOWNS = ("Aachen", "Bonn", "Celle", "Detmold", "Emden", "Fulda", "Gera", "Hagen", "Ilmenau", "Jena", "Kiel", "Lindau")


def generate(rng, difficulty):
    case = rng.randrange(30)
    bought = [[(case * (i + 2) + 3 * i) % 7 + 1, (case * (3 * i + 7) + 11 * i) % 83 + 12] for i in range(2 + difficulty)]
    return {"name": rng.choice(FIRST), "town": rng.choice(TOWNS), "bought": bought}


def prompt(state):
    bought = ", ".join(f"{kilos} kg at {price} cents a kg" for kilos, price in state["bought"])
    return f"On the market of {state['town']} {state['name']} buys fruit: {bought}. How many cents does {state['name']} pay?"


def reference(state):
    return str(sum(kilos * price for kilos, price in state["bought"]))


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
