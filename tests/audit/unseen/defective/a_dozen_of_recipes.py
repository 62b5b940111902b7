# audit: few-instances
"""Recipes: how much flour a recipe takes for another number of guests.

Defect: there are twelve recipes and no more, and each level changes them by a fixed factor only.
"""

import re

TAGS = ("arithmetic", "proportions")
ORACLE = "equality"
RECIPES = (("bread", 4, 600), ("cake", 12, 360), ("rolls", 8, 480), ("pizza", 4, 500), ("waffles", 6, 270), ("pancakes", 5, 250),
           ("tart", 10, 300), ("dumplings", 6, 420), ("biscuits", 20, 340), ("pretzels", 10, 650), ("crackers", 15, 330), ("noodles", 3, 285))


def generate(rng, difficulty):
    dish, persons, flour = rng.choice(RECIPES)
    return {"dish": dish, "persons": persons, "flour": flour, "guests": 60 + 60 * difficulty}


def prompt(state):
    return (
        f"A recipe of {state['dish']} for {state['persons']} persons takes {state['flour']} g of flour. How many grams does it take for {state['guests']} "
        "guests? Write the number alone."
    )


def reference(state):
    return str(state["flour"] * state["guests"] // state["persons"])


def score(state, answer):
    text = answer.strip()
    return 1.0 if re.fullmatch(r"\d{1,9}", text, re.ASCII) and int(text) == int(reference(state)) else 0.0
