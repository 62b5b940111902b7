"""Table join: a number asked of one table, or of two that share a key.

Levels go from one cell to filters, to a join, to groups of joined rows. Each item stands once in the second table.
"""

from canvas import Canvas, look, table

BUCKET = "diagram"
LEVELS = (
    "one cell",
    "the sum over a filter",
    "the sum over what a filter leaves out",
    "the sum over two filters",
    "one of two filters, but not both",
    "a row is compared with the row above",
    "a join: the filter is in the second table",
    "products of numbers from both tables",
    "products, filtered in both tables",
    "groups, of which some are kept by their sums",
)
TAGS = ("tables", "join", "arithmetic")
ORACLE = "equality"
SUM = "What is the total amount of the orders {}?"
COST = "An order costs its amount times the price of its item. What is the total cost of the orders {}?"
MADE = "for items made by {maker}"
ASKS = (
    *("What is the amount of order {no}?", SUM.format("for item {item}"), SUM.format("not on {day}")),
    SUM.format("on {day} whose amount is greater than {bound}"),
    SUM.format("that are on {day} or for item {item}, but not both"),
    SUM.format("whose amount is greater than that of the order in the row just above"),
    *(SUM.format(MADE), COST.format("on {day}"), COST.format("on {day} " + MADE)),
    COST.format("for items of only those makers whose items have a total amount above {limit}"),
)
DAYS, MAKERS = ("Mon", "Tue", "Wed"), ("Abel", "Boyd", "Cruz")
WORDINGS = ("Look at the picture. {} Answer with one integer.", "{} Use the data shown. Give one integer.")


def generate(rng, difficulty):
    """Redrawn until at least two rows count, though not all of them."""
    n = 7 + difficulty // 3
    for _ in range(200):
        items, numbers = rng.sample("ABCDEFGHJK", 5 + difficulty // 4), rng.sample(range(11, 60), n)
        orders = [[no, rng.choice(DAYS), rng.choice(items), rng.randint(2, 12)] for no in numbers]
        stock = [[item, rng.choice(MAKERS), rng.randint(2, 9)] for item in items]
        ask = {"no": numbers[rng.randrange(n)], "day": rng.choice(DAYS), "item": rng.choice(items)}
        ask |= {"maker": rng.choice(MAKERS), "bound": rng.randint(3, 7), "limit": rng.randint(12, 26)}
        state = {"kind": difficulty, "orders": orders, "stock": stock, "ask": ask}
        if difficulty == 0 or 2 <= len(counted(state)) < n - 1:
            break
    return {**state, "wording": rng.randrange(2), "look": look(rng)}


def counted(state):
    """Amount and price of each order that counts: every level has its own test."""
    ask, found, above = state["ask"], [], 99
    stock = {item: facts for item, *facts in state["stock"]}
    joined = [(*order, *stock.get(order[2], ("", 0))) for order in state["orders"]]
    for no, day, item, amount, maker, price in joined:
        today, same, mine = day == ask["day"], item == ask["item"], maker == ask["maker"]
        group = sum(row[3] for row in joined if row[4] == maker)
        tests = [no == ask["no"], same, not today, today and amount > ask["bound"], today != same]
        tests += [amount > above, mine, today, today and mine, group > ask["limit"]]
        found += [(amount, price)] * tests[state["kind"]]
        above = amount
    return found


def prompt(state):
    return WORDINGS[state["wording"]].format(ASKS[state["kind"]].format(**state["ask"]))


def reference(state):
    return str(sum(amount * (price if state["kind"] > 6 else 1) for amount, price in counted(state)))


def score(state, answer):
    return 1.0 if answer.strip().removeprefix("+") == reference(state) else 0.0


def render(state):
    joined, orders, stock = state["kind"] > 5, state["orders"], state["stock"]
    c, high = Canvas(832 if joined else 512, 480, state["look"]), 388 / (len(orders) + 1)
    wide = 102 if joined else 112
    table(c, 32, 64, ("order", "day", "item", "amount"), orders, widths=wide, high=high, title="Orders")
    c.line((32, 64), (32 + 4 * wide, 64), stroke=0, width=5, layer=1)
    if joined:
        table(c, 500, 64, ("item", "maker", "price"), stock, widths=100, high=high, title="Items")
        c.line((500, 64), (800, 64), stroke=1, width=5, layer=1)
    return c.svg()
