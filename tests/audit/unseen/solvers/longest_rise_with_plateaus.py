"""The longest strict rise that ends at each place, by comparison with all places before."""


def solve(state: dict) -> str:
    numbers = state["numbers"]
    best = []
    for i, number in enumerate(numbers):
        best.append(1 + max((best[j] for j in range(i) if numbers[j] < number), default=0))
    return str(max(best))
