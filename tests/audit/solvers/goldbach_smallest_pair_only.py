"""The pair of primes whose smaller one is largest."""


def solve(state: dict) -> str:
    total = state["sum"]
    for small in range(total // 2, 1, -1):
        if all(n % d for n in (small, total - small) for d in range(2, n) if d * d <= n):
            return f"{small} + {total - small}"
    raise ValueError(total)
