"""Blackjack-like: the points of a hand of cards.

Defect: all calls draw from one deck object at module level, which shrinks and is refilled only when it is empty.
"""

TAGS = ("games", "arithmetic")
ORACLE = "equality"


class Deck:
    def __init__(self):
        self.cards = []

    def draw(self, rng, count):
        drawn = []
        while len(drawn) < count:
            if not self.cards:
                self.cards = [f"{value}{suit}" for value in range(2, 15) for suit in "CDHS"]
            drawn.append(self.cards.pop(rng.randrange(len(self.cards))))
        return drawn


DECK = Deck()


def generate(rng, difficulty):
    return {"hand": DECK.draw(rng, 4 + difficulty), "limit": rng.randint(15, 25) + 6 * difficulty}


def prompt(state):
    return (
        f"A player holds the cards {', '.join(state['hand'])} (a value from 2 to 14 and a suit C, D, H or S). Cards are laid out in this order; each counts its value, but from the moment "
        f"at which the sum exceeds {state['limit']}, every further card of the suits D and H is subtracted instead. What is the final sum?"
    )


def reference(state):
    total, over = 0, False
    for card in state["hand"]:
        value, suit = int(card[:-1]), card[-1]
        total += -value if over and suit in "DH" else value
        over = over or total > state["limit"]
    return str(total)


def score(state, answer):
    try:
        return 1.0 if int(answer) == int(reference(state)) else 0.0
    except ValueError:
        return 0.0
