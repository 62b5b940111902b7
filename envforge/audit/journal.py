"""The journal of an audit: a line for each target that is done, so that Ctrl-C loses nothing."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from envforge.audit.finding import Audited, finding_from
from envforge.audit.subject import Subject
from envforge.config import AuditConfig
from envforge.errors import UsageError

Key = str


class Journal:
    """An append-only file of JSON lines. Lines that cannot be read are passed over; the last one of a key counts.

    Threads and processes may share one: each target is written as one line, at once.
    """

    def __init__(self, path: Path) -> None:
        """Read what is there. Raises UsageError for a file that cannot be read or written."""
        self._lock = threading.Lock()
        self._known: dict[Key, tuple[Audited, float]] = {}
        try:
            self._file: IO[bytes] = path.open("a+b", buffering=0)  # one line, one call
            self._file.seek(0)
            text = self._file.read()
            if text and not text.endswith(b"\n"):  # cut short by the end of a process
                self._write(b"\n")
        except OSError as error:
            raise UsageError(f"cannot use the journal {path}: {error.strerror or error}") from error
        for line in text.splitlines():
            try:
                row = json.loads(line)
                self._known[row["key"]] = _audited(row["audited"]), float(row["seconds"])
            except (ValueError, KeyError, TypeError, AttributeError):
                continue

    def known(self, key: Key, config: AuditConfig) -> Audited | None:
        """What was written under `key`; None where there is nothing, or less than there is time for now."""
        audited, seconds = self._known.get(key, (None, 0.0))
        if audited is not None and audited.skipped and (not config.seconds or config.seconds > seconds > 0):
            return None
        return audited

    def write(self, key: Key, audited: Audited, config: AuditConfig) -> None:
        """Write down what became of one target."""
        row = {"key": key, "seconds": config.seconds, "audited": _data(audited)}
        self._write(json.dumps(row).encode() + b"\n")

    def _write(self, line: bytes) -> None:
        with self._lock:
            self._file.write(line)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def key_of(subject: Subject, config: AuditConfig, wanted: Iterable[str]) -> Key:
    """What has to be the same for an audit to be the same: target, program, seed, instances, probes and codes."""
    return json.dumps([*subject.words, subject.program_id, config.seed, config.instances, sorted(wanted)])


def _data(audited: Audited) -> dict[str, Any]:
    return {
        **{field.name: getattr(audited, field.name) for field in dataclasses.fields(audited)},
        "findings": [finding.data() for finding in audited.findings],
    }


def _audited(data: dict[str, Any]) -> Audited:
    findings = tuple(finding_from(finding) for finding in data["findings"])
    return Audited(**{**data, "findings": findings, "codes": tuple(data["codes"])})
