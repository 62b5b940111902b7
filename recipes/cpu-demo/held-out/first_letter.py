"""First letter: with which letter a word begins.

Each level adds a word; the letters are then written one after the other.
"""

TAGS = ("spelling", "reading")
ORACLE = "equality"

WORDS = (
    "acid actor agent album alarm angel animal apple april arm army artist aunt baby back bag ball bank "
    "basket bath bean bear bell belt bird boat body book bottle bowl bread bridge brother brush bus butter "
    "button cake camp candle card castle cat chair cheese child city clock cloud coat coffee corn cow cup "
    "dance desk dinner doctor dog door dream dress duck eagle ear earth egg engine eye face farm father "
    "fence field finger fire fish flag floor flower foot forest fork fox friend frog fruit game garden gate "
    "ghost gift girl glass gold grass guitar hair hammer hand hat heart hill honey horse hotel house ice "
    "idea iron island jacket jar jelly job judge juice key king kitchen kite knife lake lamp leaf leg lemon "
    "letter light lion lip map market meat milk mirror money moon mother mouse mouth music nail name needle "
    "nest night nose nurse ocean office oil onion orange oven page paint pan paper park pen pencil pepper "
    "phone piano picture pig pilot plane plate pocket potato prince queen rabbit rain ring river road rock "
    "room rose rule salt sand school sea sheep ship shirt shoe sister sky snow soap soup spoon star stone "
    "story street sugar sun table tail tea tent tiger tooth tower town train tree truck uncle valley "
    "village violin voice wall water week wheel wind window winter wolf wood yard year zebra zoo"
).split()


def generate(rng, difficulty):
    """One word at level 0."""
    return {"words": rng.sample(WORDS, 1 + difficulty)}


def prompt(state):
    """One word gets a wording of its own: there is nothing to put together."""
    if len(state["words"]) == 1:
        return f"First letter of the word: {state['words'][0]}"
    return f"First letters of the words, in order, written as one word: {' '.join(state['words'])}"


def reference(state):
    """Letters without anything between them."""
    return "".join(word[0] for word in state["words"])


def score(state, answer):
    """Capital letters, quotes, spaces and commas are forgiven."""
    plain = answer.strip().strip("'\".").lower()
    return 1.0 if plain.replace(",", "").replace(" ", "") == reference(state) else 0.0
