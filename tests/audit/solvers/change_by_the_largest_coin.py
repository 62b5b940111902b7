"""Amounts that one, two, three ... coins can make, until the wanted one is among them."""


def solve(state: dict) -> str:
    reached, count = {0}, 0
    while state["amount"] not in reached:
        reached = {have + coin for have in reached for coin in state["coins"] if have + coin <= state["amount"]}
        count += 1
    return str(count)
