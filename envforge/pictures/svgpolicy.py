"""The static policy for pictures: what an SVG may hold, decided before anything draws it.

The text is hostile: a program that a model wrote made it. The rules are allow-tables (`vocabulary`), bounds on size
and on drawing work (`markup`, `workload`), and what only the document as a whole can tell: the viewBox, references to
local gradients and clip paths, the characters that the font can draw. What passes names nothing outside itself.

Not covered: whether the picture is any good (see `inspection`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from envforge.pictures import values
from envforge.pictures.errors import PictureError, quoted
from envforge.pictures.fonts import face
from envforge.pictures.geometry import Box
from envforge.pictures.markup import Element, parse
from envforge.pictures.vocabulary import ATTRIBUTES, CHILDREN, REQUIRED, WORDED
from envforge.pictures.workload import check_workload

MIN_SIDE, MAX_SIDE = 32.0, 4096.0
MAX_RATIO = 4.0
MAX_STOPS = 32
MAX_CLIPPING = 64  # shapes in one clip path
SENTENCES = 12  # at most, however much is wrong


def check_svg(text: str) -> list[str]:
    """What is wrong with an SVG document, in sentences; an empty list when it may be drawn. Never raises."""
    try:
        examined(text)
    except PictureError as error:
        return list(error.sentences)
    return []


def examined(text: str) -> tuple[Element, Box]:
    """The parsed document and its viewBox. Raises PictureError with every objection."""
    root = parse(text)
    objections = list(dict.fromkeys(_objections(root)))
    if objections:
        raise PictureError(*objections[:SENTENCES])
    view = view_box(root)
    check_workload(root, view)
    return root, view


def view_box(root: Element) -> Box:
    """The viewBox of a document that passed the policy."""
    x, y, width, height = values.numbers(root.attributes["viewBox"])
    return Box(x, y, x + width, y + height)


def _objections(root: Element) -> Iterator[str]:
    yield from _element(root)
    yield from _sides(root)
    yield from _references(root)


def _element(element: Element) -> Iterator[str]:
    """What is wrong with an element's attributes, text and children, by the tables."""
    name = element.name
    table = ATTRIBUTES[name]
    for attribute, value in element.attributes.items():
        check = table.get(attribute)
        if check is None:
            yield f"<{name}> has an attribute {quoted(attribute)}, which is not allowed"
            continue
        try:
            check(value)
        except ValueError as error:
            yield f"{attribute}={quoted(value)} of <{name}> is not allowed because it {error}"
    for attribute in REQUIRED.get(name, ()):
        if attribute not in element.attributes:
            yield f"<{name}> lacks the attribute '{attribute}'"
    if name == "linearGradient" and len(element.children) > MAX_STOPS:
        yield f"a gradient has more than {MAX_STOPS} stops"
    if name == "clipPath" and len(element.children) > MAX_CLIPPING:
        yield f"a clip path holds more than {MAX_CLIPPING} shapes"
    for part in element.content:
        if isinstance(part, str):
            yield from _words(name, part)
        elif part.name not in CHILDREN[name]:
            yield f"<{name}> holds an element {quoted(part.name)}, which is not allowed there"
        elif name == "clipPath" and ("clip-path" in part.attributes or "opacity" in part.attributes):
            yield "a shape in a clip path has a clip path or an opacity of its own"
        else:
            yield from _element(part)


def _words(name: str, text: str) -> Iterator[str]:
    """What is wrong with character data inside the element `name`."""
    if name not in WORDED:
        if text.strip(" \t\r\n"):
            yield f"<{name}> holds text ({quoted(text.strip())}); only <text> and <tspan> may"
        return
    if name in ("title", "desc"):
        return
    for character in dict.fromkeys(text):
        if character in " \t\r\n":
            continue
        code = f"U+{ord(character):04X}"
        if unicodedata.category(character)[0] in "CZM":
            yield f"a text holds {code}, a control, space or combining character; write plain visible ones"
        elif unicodedata.bidirectional(character) in ("R", "AL"):
            yield f"a text holds {code}, of a script that runs from right to left"
        elif not (face(False).draws(character) and face(True).draws(character)):
            yield f"a text holds {code}, which DejaVu Sans cannot draw in both weights"


def _sides(root: Element) -> Iterator[str]:
    """What is wrong with the viewBox, and with a width and height beside it."""
    try:
        box = values.numbers(root.attributes["viewBox"])
    except (KeyError, ValueError):
        return  # told already
    if len(box) != 4:
        yield "the viewBox must be four numbers: left, top, width, height"
        return
    width, height = box[2:]
    if not (MIN_SIDE <= width <= MAX_SIDE and MIN_SIDE <= height <= MAX_SIDE):
        yield (
            f"the viewBox is {width:g} by {height:g}; each side must lie between {MIN_SIDE:.0f} and {MAX_SIDE:.0f}"
        )
    elif max(width, height) > MAX_RATIO * min(width, height):
        yield f"the viewBox is {width:g} by {height:g}; one side may be at most {MAX_RATIO:.0f} times the other"
    if max(abs(box[0]), abs(box[1])) > MAX_SIDE:
        yield f"the viewBox begins farther than {MAX_SIDE:.0f} from the origin"
    said = [root.attributes[name] for name in ("width", "height") if name in root.attributes]
    if len(said) == 1:
        yield "the root has only one of width and height; leave both out, or give those of the viewBox"
    elif said:
        try:
            wide, high = (values.number(side) for side in said)
        except ValueError:
            return  # told already
        if not (wide > 0 and high > 0 and abs(wide * height - high * width) <= 0.01 * wide * height):
            yield "width and height of the root do not have the ratio of the viewBox; leave them out"


def _references(root: Element) -> Iterator[str]:
    """Ids that occur twice, and references that lead nowhere or to the wrong kind of element."""
    kinds: dict[str, str] = {}
    for element in _all(root):
        if (name := element.attributes.get("id")) is not None:
            if name in kinds:
                yield f"the id {quoted(name)} occurs twice"
            kinds[name] = element.name
    for element in _all(root):
        for attribute, kind in _LEADS_TO.items():
            found = values.REFERENCE.fullmatch(element.attributes.get(attribute, ""))
            if found is not None and kinds.get(found[1]) != kind:
                yield f"{attribute}={quoted(found[0])} leads to no {kind} of this document"


_LEADS_TO = {"fill": "linearGradient", "stroke": "linearGradient", "clip-path": "clipPath"}


def _all(element: Element) -> Iterator[Element]:
    yield element
    for child in element.children:
        yield from _all(child)
