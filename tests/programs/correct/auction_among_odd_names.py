"""Auction: which bidder wins a second-price auction, and what is paid.

The prompt uses words that a careless policy forbids (open, print, eval, exec, import), and the program sorts with a class of
its own that defines the comparison methods which the rules allow.
"""

import functools
import re

TAGS = ("sorting", "economics")
ORACLE = "equality"

BIDDERS = ("Eval Traders", "Exec Partners", "Import House", "Open Yard", "Print Works", "Global Mill", "Exit Books",
           "Quit Rent", "Input Office", "Compile Press", "Vars Garage", "Locals Inn", "Breakpoint Cafe", "Getattr Sons")
BID = re.compile(r"([A-Za-z ]+)[,:]\s*(\d{1,9})", re.ASCII)


@functools.total_ordering
class Bid:
    """Ordered by price; of equal prices the earlier bid is the better one."""

    def __init__(self, name, price, place):
        self.name, self.price, self.place = name, price, place

    def __eq__(self, other):
        return (self.price, self.place) == (other.price, other.place)

    def __lt__(self, other):
        return (self.price, -self.place) < (other.price, -other.place)

    def __repr__(self):
        return f"{self.name}, {self.price}"


def generate(rng, difficulty):
    """Prices with surcharges in per cent, so that the order is not the one that meets the eye."""
    names = rng.sample(BIDDERS, 4 + difficulty)
    return {"offers": [[name, 100 * rng.randint(10, 60), rng.randint(0, 60)] for name in names]}


def prompt(state):
    offers = "; ".join(f"{name} offers {base} and adds {extra} per cent" for name, base, extra in state["offers"])
    return (
        f"In a sealed auction, with the bids opened in this order, {offers}. The highest total wins (of equal totals the "
        "earlier one), and the winner pays the second highest total. Who wins, and what is paid? "
        "Write the winner's name, a comma and the price."
    )


def reference(state):
    bids = [Bid(name, base * (100 + extra) // 100, i) for i, (name, base, extra) in enumerate(state["offers"])]
    first, second = sorted(bids, reverse=True)[:2]
    return repr(Bid(first.name, second.price, first.place))


def score(state, answer):
    match = BID.fullmatch(answer.strip())
    if match is None:
        return 0.0
    name, price = reference(state).split(", ")
    return 1.0 if match[1].strip().casefold() == name.casefold() and int(match[2]) == int(price) else 0.0
