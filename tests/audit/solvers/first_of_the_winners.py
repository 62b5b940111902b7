"""The last of those who sold most."""


def solve(state: dict) -> str:
    totals = {name: sum(days) for name, days in state["sales"]}
    return [name for name, total in totals.items() if total == max(totals.values())][-1]
