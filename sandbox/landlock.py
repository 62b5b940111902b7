"""Landlock: an empty rule set, so that no path, TCP port, abstract socket or foreign process can be reached.

It stands behind the system-call filter, for the day when a call slips through it. Where folders are named, what lies
below them may be read, and nothing else. Rights are those of the
kernel's ABI versions 1 to 6; an older kernel gets the ones it knows, one without Landlock none.
"""

import ctypes
import os

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
QUERY_VERSION = 1
BENEATH = 1  # the kind of rule that names a folder
READ_FILE, READ_FOLDER = 1 << 2, 1 << 3
FILE_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
NET_RIGHTS = {4: 0b11}  # bind and connect TCP
SCOPES = {6: 0b11}  # abstract unix sockets, signals


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def _newest(table: dict[int, int], abi: int) -> int:
    return max((rights for version, rights in table.items() if version <= abi), default=0)


class Ruleset:
    """The rule set for this kernel; `abi` is 0 where Landlock is missing."""

    def __init__(self, readable: tuple[str, ...] = ()) -> None:
        self._readable = readable
        self._syscall = ctypes.CDLL(None, use_errno=True).syscall
        self.abi: int = max(0, self._syscall(CREATE_RULESET, None, ctypes.c_size_t(0), QUERY_VERSION))
        files, net, scoped = (_newest(table, self.abi) for table in (FILE_RIGHTS, NET_RIGHTS, SCOPES))
        self._ruleset = _Ruleset(files, net, scoped)
        self._size = 8 if self.abi < 4 else 16 if self.abi < 6 else 24

    def enforce(self) -> None:
        """Bind this process for good; no_new_privs must be set. Raises OSError when the kernel refuses."""
        if not self.abi:
            return
        size = ctypes.c_size_t(self._size)
        descriptor = self._syscall(CREATE_RULESET, ctypes.byref(self._ruleset), size, 0)
        for folder in self._readable if descriptor >= 0 else ():
            self._allow(descriptor, folder)
        if descriptor < 0 or self._syscall(RESTRICT_SELF, descriptor, 0):
            raise OSError(ctypes.get_errno(), "Landlock refused")
        os.close(descriptor)

    def _allow(self, ruleset: int, folder: str) -> None:
        try:
            descriptor = os.open(folder, os.O_PATH | os.O_CLOEXEC)
        except OSError:
            return  # what this user cannot reach it cannot read either
        try:
            rule = _Beneath(READ_FILE | READ_FOLDER, descriptor)
            if self._syscall(ADD_RULE, ruleset, BENEATH, ctypes.byref(rule), 0):
                raise OSError(ctypes.get_errno(), "Landlock refused a folder")
        finally:
            os.close(descriptor)
