"""Recordings: one JSON object per line for everything that was said, to run it again exactly."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from envforge.errors import ProposerError


class Recorder:
    """Appends records to a JSONL file; the first key of each has to be `first`. Safe from any thread.

    Each goes out in one write: a crash can only cut the last one short.
    """

    def __init__(self, path: Path, first: str = "index") -> None:
        """Raises ProposerError for a file that cannot be written, or that is no recording of this kind."""
        self.path = path
        self._lock = threading.Lock()
        self._file = -1
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            _mend(self._file, path, f'{{"{first}":'.encode())
        except OSError as error:
            self.close()
            raise ProposerError(f"cannot record to {path}: {error.strerror or error}") from error
        except ProposerError:
            self.close()
            raise

    def append(self, record: dict[str, Any]) -> None:
        """Write one record. Raises ProposerError when the disk is full or the file cannot be written."""
        # ASCII output: a lone surrogate from a garbled reply stays readable.
        data = (json.dumps(record) + "\n").encode()
        try:
            with self._lock:
                while data:
                    data = data[os.write(self._file, data) :]
        except OSError as error:
            raise ProposerError(f"cannot record to {self.path}: {error.strerror or error}") from error

    def close(self) -> None:
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1


def _mend(file: int, path: Path, start: bytes) -> None:
    """Cut off a last record that a crash left unfinished, so that the next one starts on its own line.

    Refuses a file that is something else: nobody wants a proposer's records at the end of a letter.
    """
    size = os.fstat(file).st_size
    position, tail = size, b""
    while position > 0 and b"\n" not in tail:
        step = min(position, 1 << 16)
        position -= step
        tail = os.pread(file, step, position) + tail
    last = tail[tail.rfind(b"\n") + 1 :]
    head = os.pread(file, len(start), 0) if size else b""  # a pipe or device has no past
    if not start.startswith(head) or not start.startswith(last[: len(start)]):
        raise ProposerError(f"cannot record to {path}: it exists and is not a recording of this kind")
    if _is_record(last):
        os.write(file, b"\n")
    elif last:
        os.ftruncate(file, size - len(last))


def _is_record(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def read_records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The records of a file with their line numbers, from 1. Raises ProposerError for a line that is not one.

    A last line that a crash cut short is left out.
    """
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip() and not _is_torn(number, line):
                    yield number, _parsed(path, number, line)
    except OSError as error:
        raise ProposerError(f"cannot read the recording {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ProposerError(f"{path} is not a recording: it is not UTF-8 text") from error


def _is_torn(number: int, line: str) -> bool:
    """Whether the start of a record is all that was written, after others that were written whole."""
    return number > 1 and line.startswith('{"') and not line.endswith("\n") and not _is_record(line.encode())


def same_file(one: Path, two: Path) -> bool:
    """Whether both paths name one file: a recording must not be appended to while it is replayed."""
    return os.path.realpath(one) == os.path.realpath(two)


def _parsed(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ProposerError(f"{path}, line {number}: not a JSON object") from error
    if not isinstance(record, dict):
        raise ProposerError(f"{path}, line {number}: not a JSON object")
    return record
