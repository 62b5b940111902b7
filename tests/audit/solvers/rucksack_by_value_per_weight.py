"""All selections, thing by thing: the best value for each weight."""


def solve(state: dict) -> str:
    best = {0: 0}
    for weight, value in state["things"]:
        for have, worth in list(best.items()):
            if have + weight <= state["limit"]:
                best[have + weight] = max(best.get(have + weight, 0), worth + value)
    return str(max(best.values()))
