"""From source text to a syntax tree of Python 3.11 that is small enough to walk."""

import ast
import io
import sys
import tokenize
import warnings
from collections.abc import Iterator

MAX_SOURCE_BYTES = 32 * 1024
MAX_DEPTH = 100  # nested nodes; the walks over the tree are recursive
MAX_NODES = 20_000
_NEWER_NODES = frozenset(
    {"TypeAlias", "TypeVar", "ParamSpec", "TypeVarTuple", "TemplateStr", "Interpolation"}
)
_NEWER = "the syntax is newer than Python 3.11: write it the older way"


class SourceError(Exception):
    """The text is no program. `args` are the line (from 1) and one sentence."""


def parse(source: str) -> ast.Module:
    """The tree of a program; raises SourceError for what is too large, broken or newer than Python 3.11.

    Compiles as well, but for the errors alone that only the compiler finds (`return` outside a function).
    """
    try:
        size = len(source.encode("utf-8"))
    except UnicodeEncodeError as error:
        line = source.count("\n", 0, error.start) + 1
        raise SourceError(line, "the source holds a lone surrogate: it must be valid UTF-8") from None
    if size > MAX_SOURCE_BYTES:
        raise SourceError(1, f"the source has {size:,} bytes: at most {MAX_SOURCE_BYTES:,} are allowed")
    if "\0" in source:
        raise SourceError(
            source.count("\n", 0, source.index("\0")) + 1, "the source holds a NUL byte: remove it"
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a warning would be printed, with a look at a file
        try:
            tree = ast.parse(source, feature_version=(3, 11))
            _limit(tree)
            compile(tree, "<environment>", "exec", dont_inherit=True)
        except SyntaxError as error:
            raise SourceError(error.lineno or 1, f"the source is not Python 3.11: {error.msg}") from None
        except (ValueError, RecursionError, MemoryError, OverflowError) as error:
            reason = str(error) or "too deeply nested"
            raise SourceError(1, f"the source cannot be parsed ({reason}): make it simpler") from None
    if sys.version_info >= (3, 12) and any(isinstance(node, ast.JoinedStr) for node in ast.walk(tree)):
        _older_strings(source)
    return tree


def _limit(tree: ast.Module) -> None:
    """Refuse trees too deep or too large, and nodes that Python 3.11 does not have."""
    count, depth = 0, 0
    level: list[ast.AST] = [tree]
    while level:
        count, depth = count + len(level), depth + 1
        if count > MAX_NODES:
            raise SourceError(1, f"the program has more than {MAX_NODES:,} syntax nodes: make it shorter")
        if depth > MAX_DEPTH:
            line = next((node.lineno for node in level if hasattr(node, "lineno")), 1)
            raise SourceError(line, f"the code is nested more than {MAX_DEPTH} deep: use a loop or a table")
        level = list(_children(level))


def _children(level: list[ast.AST]) -> Iterator[ast.AST]:
    for node in level:
        if type(node).__name__ in _NEWER_NODES:
            raise SourceError(getattr(node, "lineno", 1), _NEWER)
        for field in node._fields:
            value = getattr(node, field, None)
            if isinstance(value, list):
                for item in value:
                    if isinstance(item, ast.AST):
                        yield item
            elif isinstance(value, ast.AST):
                yield value


def _older_strings(source: str) -> None:
    """Refuse f-strings that Python 3.11 cannot read: their own quotes, backslashes or comments inside braces.

    Newer parsers accept them whatever the feature version asked for.
    """
    quotes: list[str] = []  # of the f-strings that are open, outermost first
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        name = tokenize.tok_name[token.type]
        text = token.string
        if name == "FSTRING_END":
            quotes.pop()
        outer = quotes[:-1] if name == "FSTRING_MIDDLE" else quotes
        inside = bool(outer) and name != "FSTRING_END"
        if inside and ("\\" in text or name == "COMMENT" or any(quote in text for quote in outer)):
            raise SourceError(
                token.start[0], f"an f-string uses its own quotes, a backslash or a comment: {_NEWER}"
            )
        if inside and "\n" in text and any(len(quote) == 1 for quote in outer):
            raise SourceError(
                token.start[0], f"an f-string in single quotes goes over several lines: {_NEWER}"
            )
        if name == "FSTRING_START":
            quotes.append(text.lstrip("rRbBfFuUtT"))
