"""The way that goes straight as long as it must and diagonally at the end."""


def solve(state: dict) -> str:
    (a, b), (c, d) = state["from"], state["to"]
    way = []
    while (a, b) != (c, d):
        wide, high = abs(c - a), abs(d - b)
        right, up = (c > a) - (c < a), (d > b) - (d < b)
        a += right if wide >= high else 0
        b += up if high >= wide else 0
        way.append(f"{a}.{b}")
    return " ".join(way)
