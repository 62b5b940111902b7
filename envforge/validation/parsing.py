"""L1, parse: the source is a program of the contract's form and the static policy holds.

The parser runs in the sandbox too: a source can be a bomb for the parser alone.
"""

from __future__ import annotations

from typing import Any

from envforge.contract import MAX_SOURCE_BYTES, Program
from envforge.sandbox import Evaluator, Failure
from envforge.validation.finding import Rejected


def parse(source: str, evaluator: Evaluator) -> tuple[Program, dict[str, Any]]:
    """The program in `source` and its key figures. Raises Rejected with every violation found (at most 20)."""
    try:
        size = len(source.encode("utf-8"))
    except UnicodeEncodeError:
        raise Rejected("the source is not UTF-8 text") from None
    if size > MAX_SOURCE_BYTES:
        raise Rejected(f"the source has {size} bytes, more than {MAX_SOURCE_BYTES}")
    found = evaluator.inspect(source)
    if isinstance(found, Failure):
        raise Rejected(
            f"the parser could not cope with the source ({found.status.value})", message=found.message
        )
    if isinstance(found, list):
        first = found[0]
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        raise Rejected(f"line {first['line']}: {first['message']}{more}", violations=found)
    figures = {
        "bytes": size,
        "lines": source.count("\n") + 1,
        "oracle": found.oracle.value,
        "tags": list(found.tags),
    }
    return found, figures
