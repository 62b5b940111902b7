"""Number words: the sum of two numbers in words, written in words again.

Hyphens, spaces and the word and are a matter of taste, and the scorer lets them pass as the prompt says.
"""

import re

TAGS = ("numerals", "language")
ORACLE = "equality"
SMALL = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen", "fourteen",
         "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def _words(number):
    if number < 20:
        return SMALL[number]
    if number < 100:
        return TENS[number // 10] + (f"-{SMALL[number % 10]}" if number % 10 else "")
    size, name = (100, "hundred") if number < 1000 else (1000, "thousand")
    rest = f" {_words(number % size)}" if number % size else ""
    return f"{_words(number // size)} {name}{rest}"


def generate(rng, difficulty):
    top = 300 * 2**difficulty
    return {"numbers": [rng.randint(top // 2, top) for _ in range(2)], "minus": rng.randint(11, top // 3)}


def prompt(state):
    first, second = map(_words, state["numbers"])
    return (
        f"Add {first} to {second} and subtract {_words(state['minus'])}. Write the result in English words, without digits. Hyphens may be "
        "replaced by spaces, the word and may be put in where it is usual, and capital letters count like small ones."
    )


def _plain(text):
    return re.sub(r"(?<=[a-z])-(?=[a-z])", " ", text.lower()).split()


def reference(state):
    return _words(sum(state["numbers"]) - state["minus"])


def score(state, answer):
    given, wanted = _plain(answer), _plain(reference(state))
    usual = []
    for i, word in enumerate(given):
        after = i > 0 and given[i - 1] in ("hundred", "thousand") and i + 1 < len(given) and given[i + 1] != "and"
        if word != "and" or not after:
            usual.append(word)
    return 1.0 if usual == wanted else 0.0
