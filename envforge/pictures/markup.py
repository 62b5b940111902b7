"""SVG text to a small tree and back: the only parser of the host, and what it refuses before it builds anything.

Document types, entities, processing instructions, comments, CDATA and prefixed names do not exist here. What is
drawn is the tree written out again (`written`), never the text that came in: whatever this parser and that of the
rasteriser would understand differently cannot pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from envforge.pictures.errors import PictureError, quoted

NAMESPACE = "http://www.w3.org/2000/svg"
MAX_BYTES = 512 * 1024
MAX_ELEMENTS = 20_000
MAX_NESTING = 20
MAX_ATTRIBUTES = 200_000  # of all elements together


@dataclass(frozen=True, slots=True)
class Element:
    """One element: `content` is its text and its children, in their order."""

    name: str
    attributes: Mapping[str, str]
    content: tuple[Element | str, ...]

    @property
    def children(self) -> tuple[Element, ...]:
        return tuple(part for part in self.content if isinstance(part, Element))


def parse(text: str) -> Element:
    """The root of an SVG document. Raises PictureError for anything but plain, bounded, well-formed markup.

    Which elements and attributes may appear, and with what values, is not looked at here.
    """
    try:
        data = text.encode("utf-8")
    except UnicodeEncodeError:
        raise PictureError("the SVG holds a lone surrogate, which is no character") from None
    if len(data) > MAX_BYTES:
        raise PictureError(f"the SVG has {len(data)} bytes; at most {MAX_BYTES} are allowed")
    if text.startswith("\ufeff"):
        raise PictureError("the SVG begins with a byte order mark; leave it out")
    builder = _Builder()
    try:
        builder.parser.Parse(text, True)
    except expat.ExpatError as error:
        what = expat.ErrorString(error.code) or "it does not parse"
        raise PictureError(f"the SVG is no well-formed XML: {what} (line {error.lineno})") from None
    return builder.root()


class _Builder:
    """Collects the tree from the events of expat, and refuses the events that a picture has no use for."""

    def __init__(self) -> None:
        self.parser = parser = expat.ParserCreate("utf-8")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._refuser("a document type (DOCTYPE)")
        parser.EntityDeclHandler = self._refuser("an entity declaration")
        parser.ExternalEntityRefHandler = self._refuser("an external entity")
        parser.SkippedEntityHandler = self._refuser("an undeclared entity")
        parser.ProcessingInstructionHandler = self._refuser("a processing instruction")
        parser.CommentHandler = self._refuser("a comment")
        parser.StartCdataSectionHandler = self._refuser("a CDATA section")
        self._open: list[tuple[str, dict[str, str], list[Element | str]]] = []
        self._elements = self._attributes = 0
        self._root: Element | None = None

    def root(self) -> Element:
        assert self._root is not None  # a document without a root is not well-formed
        return self._root

    @staticmethod
    def _refuser(what: str):  # type: ignore[no-untyped-def]
        def refuse(*_: object) -> NoReturn:
            raise PictureError(f"the SVG holds {what}, which no picture needs")

        return refuse

    @staticmethod
    def _declaration(version: str, encoding: str | None, standalone: int) -> None:
        if version != "1.0" or (encoding or "utf-8").lower() != "utf-8":
            raise PictureError("the SVG's XML declaration names something else than version 1.0 in UTF-8")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._elements += 1
        self._attributes += len(attributes)
        if self._elements > MAX_ELEMENTS:
            raise PictureError(f"the SVG has more than {MAX_ELEMENTS} elements")
        if self._attributes > MAX_ATTRIBUTES:
            raise PictureError(f"the SVG has more than {MAX_ATTRIBUTES} attributes")
        if len(self._open) >= MAX_NESTING:
            raise PictureError(f"the SVG nests elements more than {MAX_NESTING} deep")
        for word in (name, *attributes):
            if ":" in word:
                raise PictureError(
                    f"the SVG uses a namespace prefix ({quoted(word)}); write plain names only"
                )
        namespace = attributes.pop("xmlns", None)
        if not self._open:
            if name != "svg":
                raise PictureError(f"the root element is {quoted(name)}; it must be 'svg'")
            if namespace != NAMESPACE:
                raise PictureError(f'the root element must say xmlns="{NAMESPACE}"')
        elif namespace is not None:
            raise PictureError("only the root element may declare a namespace (xmlns)")
        self._open.append((name, attributes, []))

    def _end(self, name: str) -> None:
        name, attributes, content = self._open.pop()
        element = Element(name, attributes, tuple(content))
        if self._open:
            self._open[-1][2].append(element)
        else:
            self._root = element

    def _characters(self, text: str) -> None:
        self._open[-1][2].append(text)


def written(root: Element) -> str:
    """The tree as SVG text, with the namespace on its first element."""
    parts: list[str] = []
    _write(replace(root, attributes={"xmlns": NAMESPACE, **root.attributes}), parts)
    return "".join(parts)


def _write(element: Element, parts: list[str]) -> None:
    parts.append(f"<{element.name}")
    parts.extend(f" {name}={quoteattr(value)}" for name, value in element.attributes.items())
    if not element.content:
        parts.append("/>")
        return
    parts.append(">")
    for part in element.content:
        if isinstance(part, str):
            parts.append(escape(part))
        else:
            _write(part, parts)
    parts.append(f"</{element.name}>")


def without(element: Element, names: frozenset[str]) -> Element:
    """A copy of the tree without the elements that have one of `names`, and without what they hold."""
    content = tuple(
        part if isinstance(part, str) else without(part, names)
        for part in element.content
        if isinstance(part, str) or part.name not in names
    )
    return replace(element, content=content)
