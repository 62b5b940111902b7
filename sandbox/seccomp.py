"""The system calls that a child may make once it runs untrusted code; every other one kills it.

The filter is classic BPF, assembled here for x86_64 and aarch64 (numbers from the kernel's unistd headers).
`mmap` and `mprotect` pass only without PROT_EXEC. There is no socket, clone, exec or kill, and opening a file is
always denied, so the one descriptor that the child holds, its result socket, is the only thing it can touch.

A child that runs an adapter to somebody else's package (`reading`) may also open files to read them, look into
folders, draw entropy and sleep: such packages load modules and word lists late. Which files there are is
for Landlock and the box to say. Threads, processes and machine code are refused there with
an error, which the package may handle.
"""

import ctypes
import platform
import struct

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}

ALLOWED = {
    "x86_64": {
        "read": 0, "write": 1, "munmap": 11, "brk": 12, "rt_sigprocmask": 14, "rt_sigreturn": 15,
        "mremap": 25, "madvise": 28, "setitimer": 38, "getpid": 39, "exit": 60, "gettimeofday": 96,
        "getrusage": 98, "futex": 202, "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229,
        "exit_group": 231,
    },
    "aarch64": {
        "read": 63, "write": 64, "munmap": 215, "brk": 214, "rt_sigprocmask": 135, "rt_sigreturn": 139,
        "mremap": 216, "madvise": 233, "setitimer": 103, "getpid": 172, "exit": 93, "gettimeofday": 169,
        "getrusage": 165, "futex": 98, "restart_syscall": 128, "clock_gettime": 113, "clock_getres": 114,
        "exit_group": 94,
    },
}  # fmt: skip
# Refused with an error instead of death: the interpreter itself tries to open the "file" of a syntax error.
DENIED = {"x86_64": {"openat": 257}, "aarch64": {"openat": 56}}
WITHOUT_EXEC = {"x86_64": {"mmap": 9, "mprotect": 10}, "aarch64": {"mmap": 222, "mprotect": 226}}

READING = {
    "x86_64": {
        "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "lseek": 8, "rt_sigaction": 13, "pread64": 17, "access": 21,
        "sched_yield": 24, "dup": 32, "nanosleep": 35, "alarm": 37, "uname": 63, "fcntl": 72, "getcwd": 79,
        "readlink": 89, "sysinfo": 99, "getuid": 102, "getgid": 104, "geteuid": 107, "getegid": 108, "gettid": 186,
        "sched_getaffinity": 204, "getdents64": 217, "clock_nanosleep": 230, "newfstatat": 262, "readlinkat": 267,
        "faccessat": 269, "getrandom": 318, "statx": 332, "faccessat2": 439,
    },
    "aarch64": {
        "getcwd": 17, "dup": 23, "fcntl": 25, "faccessat": 48, "close": 57, "getdents64": 61, "lseek": 62,
        "pread64": 67, "readlinkat": 78, "newfstatat": 79, "fstat": 80, "nanosleep": 101, "clock_nanosleep": 115,
        "sched_getaffinity": 123, "sched_yield": 124, "rt_sigaction": 134, "uname": 160, "getuid": 174,
        "geteuid": 175, "getgid": 176, "getegid": 177, "gettid": 178, "sysinfo": 179, "getrandom": 278,
        "statx": 291, "faccessat2": 439,
    },
}  # fmt: skip
REFUSED = {
    "x86_64": {"ioctl": 16, "socket": 41, "clone": 56, "fork": 57, "vfork": 58, "execve": 59, "unlink": 87,
               "mkdir": 83, "clone3": 435},
    "aarch64": {"ioctl": 29, "mkdirat": 34, "unlinkat": 35, "socket": 198, "clone": 220, "execve": 221,
                "clone3": 435},
}  # fmt: skip
O_WRITING = 0x1 | 0x2 | 0x40 | 0x200 | 0x400 | 0x400000  # WRONLY, RDWR, CREAT, TRUNC, APPEND, TMPFILE

PROT_EXEC = 4
KILL_PROCESS = 0x80000000
DENY = 0x00050000 | 13  # SECCOMP_RET_ERRNO with EACCES
ALLOW = 0x7FFF0000
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # BPF: ld abs, jeq, jge, jset, ret
OFFSET_NUMBER, OFFSET_ARCH, OFFSET_ARG2 = 0, 4, 32  # in struct seccomp_data; low half of the third argument
X32_BIT = 0x40000000

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def machine() -> str:
    """The architecture's name as the tables above have it; other machines have no filter."""
    name = platform.machine()
    return {"amd64": "x86_64", "arm64": "aarch64"}.get(name, name)


def assemble(arch: str, reading: bool = False) -> bytes:
    """The filter program for `arch`, 8 bytes an instruction. Raises KeyError for an unknown architecture."""
    allowed = {**ALLOWED[arch], **(READING[arch] if reading else {})}
    refused = REFUSED[arch] if reading else DENIED[arch]
    executing = DENY if reading else KILL_PROCESS
    code: list[tuple[int, int, int, int]] = [
        (LOAD, 0, 0, OFFSET_ARCH),
        (EQUAL, 1, 0, AUDIT_ARCH[arch]),
        (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, OFFSET_NUMBER),
    ]
    if arch == "x86_64":
        code += [(AT_LEAST, 0, 1, X32_BIT), (RETURN, 0, 0, KILL_PROCESS)]
    for number in allowed.values():
        code += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    for number in refused.values():
        code += [(EQUAL, 0, 1, number), (RETURN, 0, 0, DENY)]
    if reading:
        code += [
            (EQUAL, 0, 4, DENIED[arch]["openat"]),
            (LOAD, 0, 0, OFFSET_ARG2),
            (ANY_BIT, 0, 1, O_WRITING),
            (RETURN, 0, 0, DENY),
            (RETURN, 0, 0, ALLOW),
        ]
    for number in WITHOUT_EXEC[arch].values():
        code += [
            (EQUAL, 0, 4, number),
            (LOAD, 0, 0, OFFSET_ARG2),
            (ANY_BIT, 0, 1, PROT_EXEC),
            (RETURN, 0, 0, executing),
            (RETURN, 0, 0, ALLOW),
        ]
    code.append((RETURN, 0, 0, KILL_PROCESS))
    return b"".join(struct.pack("HBBI", *line) for line in code)


class Filter:
    """The assembled filter, made once in the zygote so that a child only has to install it."""

    def __init__(self, reading: bool = False) -> None:
        code = assemble(machine(), reading)
        self._buffer = ctypes.create_string_buffer(code, len(code))
        self._program = _Program(len(code) // 8, ctypes.addressof(self._buffer))
        self._prctl = ctypes.CDLL(None, use_errno=True).prctl

    def install(self) -> None:
        """Bind this process for good. Raises OSError when the kernel refuses."""
        zero = ctypes.c_ulong(0)
        if self._prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero):
            raise OSError(ctypes.get_errno(), "no_new_privs refused")
        mode = ctypes.c_ulong(SECCOMP_MODE_FILTER)
        if self._prctl(PR_SET_SECCOMP, mode, ctypes.byref(self._program), zero, zero):
            raise OSError(ctypes.get_errno(), "seccomp filter refused")
