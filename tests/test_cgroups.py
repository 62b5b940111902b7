"""Level cgroups: limits of the kernel on a whole runner, in both versions of its interface, and who may set them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import campaign
import pytest
from sandboxes import (
    BUSY,
    DRAW,
    TAIL,
    Maker,
    below,
    child,
    drawn,
    front,
    group_of,
    limit_of,
    processes,
    until,
)

import envforge
from envforge.config import SandboxConfig
from envforge.errors import IsolationError, SandboxError
from envforge.locations import data_folder
from envforge.sandbox import Level, Request, Sandbox, Status, box, cgroups
from envforge.sandbox.box import NOBODY, interpreter
from envforge.sandbox.cgroups import Cgroup, Hierarchy, Limits, hierarchies
from envforge.sandbox.owner import alive, orphaned, owner

MIB = 1 << 20
SMALL = Limits(64 * MIB, 12, 1)


@pytest.fixture
def group() -> Iterator[Callable[[Limits], Cgroup]]:
    """Makes groups on this machine; removes them."""
    made: list[Cgroup] = []

    def make(limits: Limits = SMALL) -> Cgroup:
        try:
            made.append(Cgroup(limits))
        except SandboxError as error:
            campaign.missing(str(error), Level.CGROUPS)
        return made[-1]

    yield make
    for one in made:
        one.remove()


def folder(group: Cgroup, file: str) -> Path:
    """The one of the group's folders that has this file."""
    (found,) = [folder for folder in group.folders if (folder / file).exists()]
    return found


def grouped(group: Cgroup, code: str, **options: Any) -> subprocess.Popen[str]:
    """A Python process that is in the group from its first moment."""
    command = [*group.prefix(), interpreter(), "-S", "-c", code]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **options)


def words(path: Path) -> dict[str, int]:
    """A file of names and numbers."""
    return {name: int(number) for name, number in map(str.split, path.read_text().splitlines())}


# One group


WRITTEN = {
    "memory.limit_in_bytes": str(200 * MIB), "memory.memsw.limit_in_bytes": str(200 * MIB), "pids.max": "33",
    "cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": "300000",
    "memory.max": str(200 * MIB), "memory.swap.max": "0", "cpu.max": "300000 100000",
}  # fmt: skip


def test_limits_are_written_where_the_kernel_reads_them(group: Callable[[Limits], Cgroup]) -> None:
    made = group(Limits(200 * MIB, 33, 3))
    files = [folder / name for folder in made.folders for name in WRITTEN if (folder / name).exists()]
    found = {file.name: file.read_text().strip() for file in files}
    assert found == {name: WRITTEN[name] for name in found}
    assert {name.partition(".")[0] for name in found} == set(made.controllers) >= {"memory", "pids"}


def test_a_process_is_in_the_group_before_it_is_what_was_asked_for(group: Callable[[Limits], Cgroup]) -> None:
    made = group(SMALL)
    with grouped(made, "import sys; print(open('/proc/self/cgroup').read()); sys.stdin.read()") as process:
        assert process.stdout is not None and process.stdin is not None
        until(
            lambda: "python" in Path(f"/proc/{process.pid}/cmdline").read_text().split("\0")[0], "the program"
        )
        assert made.holds(process.pid) and not made.holds(os.getpid())
        process.stdin.close()
        said = process.stdout.read()
    for one in made.folders:
        assert one.name in said
    assert process.returncode == 0
    assert not made.holds(process.pid)


def test_who_cannot_be_moved_does_not_run(group: Callable[[Limits], Cgroup], tmp_path: Path) -> None:
    made = group(SMALL)
    prefix = made.prefix()
    made.remove()
    run = subprocess.run([*prefix, "/bin/touch", str(tmp_path / "ran")], capture_output=True, check=False)
    assert run.returncode == 126 and not (tmp_path / "ran").exists()


def test_the_memory_limit_binds(group: Callable[[Limits], Cgroup]) -> None:
    made = group(SMALL)
    with grouped(made, "kept = bytearray(b'x') * (200 << 20); print('survived')") as process:
        assert process.stdout is not None
        assert process.stdout.read() == ""
    assert process.returncode == -9
    with grouped(made, "kept = bytearray(b'x') * (20 << 20); print('survived')") as process:
        assert process.stdout is not None and process.stdout.read() == "survived\n"


def test_the_limit_on_processes_binds(group: Callable[[Limits], Cgroup]) -> None:
    code = """
import os, signal
made = []
try:
    while len(made) < 100:
        made.append(os.fork())
        if not made[-1]:
            signal.pause()
except BlockingIOError:
    pass
print(len(made))
for pid in made:
    os.kill(pid, signal.SIGKILL)
"""
    with grouped(group(SMALL), code) as process:
        assert process.stdout is not None
        assert int(process.stdout.read()) == SMALL.processes - 1


def test_the_limit_on_cpu_binds(group: Callable[[Limits], Cgroup]) -> None:
    made = group(SMALL)
    if "cpu" not in made.controllers:
        pytest.skip("this machine's groups have no controller `cpu`")
    place = folder(made, "cpu.stat") if len(made.folders) == 1 else folder(made, "cpu.cfs_quota_us")
    # However busy the machine is, a twentieth of a core is less than a busy process would get.
    if (place / "cpu.max").exists():
        (place / "cpu.max").write_text("5000 100000")
    else:
        (place / "cpu.cfs_quota_us").write_text("5000")
    assert words(place / "cpu.stat")["nr_throttled"] == 0
    with grouped(made, "while True: pass") as process:
        until(lambda: words(place / "cpu.stat")["nr_throttled"] >= 3, "that the process is held back")
        process.kill()


def test_a_group_goes_with_everything_in_it(group: Callable[[Limits], Cgroup]) -> None:
    made, folders = group(SMALL), []
    folders += made.folders
    code = (
        "import os, signal, time\nos.fork()\nos.setsid()\nsignal.signal(15, signal.SIG_IGN)\ntime.sleep(600)"
    )
    with grouped(made, code, start_new_session=True) as process:
        until(lambda: len((folders[0] / "cgroup.procs").read_text().split()) == 2, "both processes")
        pids = [int(pid) for pid in (folders[0] / "cgroup.procs").read_text().split()]
        made.remove()
        assert process.wait() == -9
    assert not [folder for folder in folders if folder.exists()]
    until(lambda: not [pid for pid in pids if alive_now(pid)], "the end of both")
    made.remove()  # does nothing


def alive_now(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_groups_of_one_host_have_names_of_their_own(group: Callable[[Limits], Cgroup]) -> None:
    first, second = group(SMALL), group(Limits(80 * MIB, 5, 2))
    assert not set(first.folders) & set(second.folders)
    second.remove()
    assert all(folder.exists() for folder in first.folders)


# A sandbox


def test_a_sandbox_runs_in_a_group_of_its_own(make: Maker) -> None:
    first, second = make(Level.CGROUPS), make(Level.CGROUPS)
    limits = first.machine.limits
    groups = []
    for sandbox in (first, second):
        with ThreadPoolExecutor(1) as thread:
            reply = thread.submit(sandbox.run, Request("instance", BUSY, [[7, 9]] * 3))
            inside = {child(sandbox), *processes(sandbox, "zygote.main()"), front(sandbox)}
            found = {group_of(pid, "pids") for pid in (inside & set(below(sandbox)))}
            assert reply.result().results[0]["state"]["n"] == drawn(7)
        (one,) = found
        assert limit_of(one, "pids") == limits.processes
        assert limit_of(group_of(front(sandbox), "memory"), "memory") == limits.memory_bytes
        groups.append(one)
    assert groups[0] != groups[1] and group_of(os.getpid(), "pids") not in groups
    first.close()
    assert not groups[0].exists() and groups[1].exists()
    assert second.run(Request("instance", DRAW, [[5, 0]])).results[0]["state"]["n"] == drawn(5)


def test_every_start_has_a_group_and_leaves_none(make: Maker) -> None:
    sandbox = make(Level.CGROUPS)
    before = group_of(front(sandbox), "pids")
    others = set(ours(before.parent)) - {before}  # of sandboxes that other tests still use
    killed = sandbox._runner
    assert killed is not None
    os.kill(front(sandbox), 9)
    until(lambda: killed.dead, "the end of the runner")
    assert sandbox.run(Request("instance", DRAW, [[5, 0]])).results[0]["state"]["n"] == drawn(5)
    after = group_of(front(sandbox), "pids")
    assert after != before and not before.exists()
    sandbox.close()
    assert set(ours(after.parent)) == others


def ours(parent: Path) -> list[Path]:
    """The groups of this process."""
    return list(parent.glob(f"envforge-*{owner().slug}-*"))


def test_a_level_that_fails_leaves_no_group(monkeypatch: pytest.MonkeyPatch, make: Maker) -> None:
    parent = group_of(front(make(Level.CGROUPS)), "pids").parent
    before = ours(parent)
    monkeypatch.setattr(box, "_LINE", "raise SystemExit('nothing runs here')")
    sandbox = Sandbox(SandboxConfig(isolation=3, use="3"))
    with pytest.raises(IsolationError, match="nothing runs here"):
        sandbox.start()
    sandbox.close()
    assert ours(parent) == before


HOG = f'''"""Takes more memory than the whole box has, less than its own process may."""
def generate(rng, n):
    kept = bytearray(b"x") * (n << 20)
    return {{"n": len(kept)}}
{TAIL}'''


def test_a_program_that_fills_the_group_loses_alone(make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's memory killer takes the largest process of the group, and that is the program's own."""
    monkeypatch.setattr(box, "HEADROOM_BYTES", 0)
    monkeypatch.setattr(box, "BASE_BYTES", -900 * MIB)  # so that 124 MiB are left for two workers
    monkeypatch.setattr("envforge.sandbox.recovery.CONTROL_SECONDS", 0.1)
    sandbox = make(Level.CGROUPS)
    assert limit_of(group_of(front(sandbox), "memory"), "memory") == 124 * MIB
    same = sandbox._runner
    assert sandbox.run(Request("instance", HOG, [[0, 10]])).results[0]["state"]["n"] == 10 * MIB
    reply = sandbox.run(
        Request("instance", HOG, [[0, 300]], cpu=20.0)
    )  # the kernel tries hard before it kills
    assert reply.failure is not None and reply.failure.status is Status.HOSTILE, reply
    assert sandbox.run(Request("instance", DRAW, [[5, 0]])).results[0]["state"]["n"] == drawn(5)
    assert sandbox._runner is same and sandbox.counters.restarts == 0


# What is left behind


HOST = """
import sys, time
sys.path.insert(0, sys.argv[1])
from sandboxes import front, group_of
from envforge.config import SandboxConfig
from envforge.errors import IsolationError
from envforge.sandbox import Sandbox
sandbox = Sandbox(SandboxConfig(isolation=3, use="3", workers=1))
try:
    sandbox.start()
except IsolationError as error:
    sys.exit(print(error, flush=True))
print(group_of(front(sandbox), "memory"), group_of(front(sandbox), "pids"), sep="\\n", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def host() -> Iterator[Callable[[], tuple[subprocess.Popen[str], list[Path]]]]:
    """Starts another process that has a sandbox; tells the groups that it runs in."""
    hosts: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], list[Path]]:
        command = [sys.executable, "-c", HOST, str(Path(__file__).parent)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        hosts.append(process)
        assert process.stdout is not None
        said = process.stdout.readline().strip()
        assert said, "the host broke down"
        if not said.startswith("/"):
            campaign.missing(said, Level.CGROUPS)
        return process, [Path(said), Path(process.stdout.readline().strip())]

    yield start
    for process in hosts:
        process.kill()
        process.communicate()


def test_the_group_of_a_killed_host_goes_at_the_next_start(
    host: Callable[[], tuple[subprocess.Popen[str], list[Path]]], make: Maker
) -> None:
    killed, its_groups = host()
    living, other_groups = host()
    killed.kill()
    killed.wait()
    assert all(group.exists() for group in its_groups), "so somebody must remove them"
    make(Level.CGROUPS)
    assert not [group for group in its_groups if group.exists()]
    assert all(group.exists() for group in other_groups) and living.poll() is None
    assert all((group / "cgroup.procs").read_text() for group in other_groups)


def test_what_somebody_left_running_in_a_dead_hosts_group_is_ended(group: Callable[[Limits], Cgroup]) -> None:
    parents = [folder.parent for folder in group(SMALL).folders]
    dead = subprocess.Popen(["/bin/true"])
    dead.wait()
    name = f"envforge-{owner().space}-{dead.pid}-1-1"
    for parent in parents:
        (parent / name).mkdir()
    with subprocess.Popen(["/bin/sleep", "600"]) as process:
        for parent in parents:
            (parent / name / "cgroup.procs").write_text(str(process.pid))
        group(SMALL)
        assert process.wait() == -9
    assert not [parent for parent in parents if (parent / name).exists()]


def test_groups_that_are_not_known_to_be_a_dead_hosts_are_left_alone(
    group: Callable[[Limits], Cgroup],
) -> None:
    parents = [folder.parent for folder in group(SMALL).folders]
    here = owner()
    names = [
        f"envforge-{here.space}-{here.slug}-999",  # ours
        f"envforge-1-{here.pid}-1-1",  # of another process-id namespace
        f"envforge-{here.space}-nobody-1-1",
        "envforge-test",
    ]
    made = [parent / name for parent in parents for name in names]
    for one in made:
        one.mkdir()
    try:
        group(SMALL)
        assert all(one.exists() for one in made)
    finally:
        for one in made:
            one.rmdir()


# Users who are not root


ENTER = f"""
import os, sys
*groups, python, code, path = sys.argv[1:]
for group in groups:  # root puts a user's first process there, as systemd does
    with open(group + "/cgroup.procs", "w") as file:
        file.write(str(os.getpid()))
os.setgroups([])
os.setresgid({NOBODY}, {NOBODY}, {NOBODY})
os.setresuid({NOBODY}, {NOBODY}, {NOBODY})
os.execv(python, [python, "-B", "-c", code, path])
"""
USER = """
import os, sys
sys.path[:0] = sys.argv[1].split(":")
from envforge.config import SandboxConfig
from envforge.errors import IsolationError, SandboxError
from envforge.sandbox import Request, Sandbox
from envforge.sandbox.cgroups import Cgroup, Limits
try:
    group = Cgroup(Limits(64 << 20, 12, 1))
    print(len(group.folders), sorted({folder.stat().st_uid for folder in group.folders}))
    group.remove()
    sandbox = Sandbox(SandboxConfig(isolation=3, use="3", workers=1))
    sandbox.start()
except (IsolationError, SandboxError) as error:
    sys.exit(print("refused:", error))
from sandboxes import DRAW, front, group_of
group = group_of(front(sandbox), "pids")
print(sandbox.run(Request("instance", DRAW, [[5, 0]])).results[0]["state"]["n"], group)
sandbox.close()
print(group.exists())
"""


@pytest.fixture
def as_nobody() -> Iterator[Callable[[list[Path]], list[str]]]:
    """Runs USER as an unprivileged user in the groups that are handed in; what it prints."""
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    python = everybodys_python()
    if python is None:
        pytest.skip("there is no Python 3.11 or newer that an unprivileged user may run")
    with tempfile.TemporaryDirectory(prefix="envforge-cgroups-", dir="/tmp") as place:
        copy = Path(place)
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(Path(envforge.__file__).parent, copy / "envforge", ignore=ignore)
        shutil.copytree(data_folder("sandbox"), copy / "sandbox", ignore=ignore)
        shutil.copytree(Path(__file__).parent, copy / "tests", ignore=ignore)
        for path in (copy, *copy.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        library = Path(pytest.__file__).parent.parent

        def run(groups: list[Path]) -> list[str]:
            words = [*map(str, groups), python, USER, f"{copy}:{copy}/tests:{library}"]
            environment = {"PATH": os.environ["PATH"], "HOME": "/", "TMPDIR": "/tmp"}
            done = subprocess.run(
                [sys.executable, "-c", ENTER, *words],
                capture_output=True, text=True, check=False, cwd="/", env=environment,
            )  # fmt: skip
            assert done.stdout, done.stderr
            return done.stdout.splitlines()

        yield run


def everybodys_python() -> str | None:
    """An interpreter that an unprivileged user may run: this one may lie in root's home."""
    names = [
        interpreter(),
        *(shutil.which(name) for name in ("python3", "python3.11", "python3.12", "python3.13")),
    ]
    for python in filter(None, [*names, "/usr/bin/python3"]):
        command = [os.path.realpath(python), "-c", "import sys; sys.exit(sys.version_info < (3, 11))"]
        try:
            subprocess.run(command, check=True, capture_output=True, user=NOBODY, group=NOBODY, cwd="/")
        except (OSError, subprocess.CalledProcessError):
            continue
        return command[0]
    return None


@pytest.fixture
def delegated(group: Callable[[Limits], Cgroup]) -> Iterator[list[Path]]:
    """Groups that belong to the unprivileged user, one per hierarchy; in each there is one for the user's shell."""
    parents = [folder.parent for folder in group(SMALL).folders]
    tops = [parent / f"test-of-envforge-{os.getpid()}" for parent in parents]
    shells = []
    try:
        for top in tops:
            top.mkdir()
            _hand_over(top)
            # Version 2: who is in a group cannot divide it, so the shell gets one beside those that it will make.
            shells.append(top / "shell")
            shells[-1].mkdir()
            _hand_over(shells[-1])
        yield shells
    finally:
        for place in (*shells, *tops):
            until(lambda: not (place / "cgroup.procs").read_text(), "the end of the user's processes")  # noqa: B023
            place.rmdir()


def _hand_over(place: Path) -> None:
    for path in (place, *(place / name for name in ("cgroup.procs", "tasks", "cgroup.subtree_control"))):
        if path.exists():
            os.chown(path, NOBODY, NOBODY)


def test_a_user_with_groups_of_his_own_has_the_level(
    delegated: list[Path], as_nobody: Callable[[list[Path]], list[str]]
) -> None:
    said = as_nobody(delegated)
    assert not said[0].startswith("refused"), said
    assert said[0] == f"{len(delegated)} [{NOBODY}]"
    number, _, place = said[1].partition(" ")
    assert int(number) == drawn(5)
    tops = {shell.parent for shell in delegated}
    assert {Path(place).parent, Path(place).parent.parent} & tops, "not among the groups of this user"
    assert said[2] == "False"


def test_a_user_without_is_told_why(as_nobody: Callable[[list[Path]], list[str]]) -> None:
    (said,) = as_nobody([])
    assert re.match(
        "refused: limits on memory and pids cannot be set by control groups \\(.+: .+\\)$", said
    ), said
    assert re.search("Permission denied|none was delegated to this user", said)


# Both versions, described by files


FILES = {
    "memory": ("memory.max", "memory.swap.max"),
    "pids": ("pids.max",),
    "cpu": ("cpu.max", "cpu.stat"),
}


class Tree:
    """A hierarchy of version 2 made of files, as far as files can be one, and what /proc tells a process in it.

    A new folder gets the files of the controllers that its parent gives on; a folder goes with its files.
    """

    def __init__(self, root: Path, controllers: str, patch: pytest.MonkeyPatch) -> None:
        self.mount, self.proc = root / "mount", root / "proc"
        make, remove = Path.mkdir, Path.rmdir

        def mkdir(path: Path, *arguments: Any, **options: Any) -> None:
            make(path, *arguments, **options)
            if path.is_relative_to(self.mount) and path != self.mount:
                given = (path.parent / "cgroup.subtree_control").read_text().replace("+", "").split()
                self._fill(path, given)

        def rmdir(path: Path) -> None:
            if path.is_relative_to(self.mount):
                for file in path.iterdir():
                    assert file.is_file(), "a group with groups in it"
                    file.unlink()
            remove(path)

        patch.setattr(Path, "mkdir", mkdir)
        patch.setattr(Path, "rmdir", rmdir)
        self.mount.mkdir(parents=True)
        self.proc.mkdir()
        self._fill(self.mount, controllers.split())
        self.mounted = [f"31 23 0:28 / {self.mount} rw,relatime - cgroup2 cgroup2 rw,nsdelegate"]
        self.member_of = ["0::/"]

    @staticmethod
    def _fill(path: Path, controllers: list[str]) -> None:
        (path / "cgroup.procs").write_text("")
        (path / "cgroup.controllers").write_text(" ".join(controllers))
        (path / "cgroup.subtree_control").write_text("")
        for name in controllers:
            for file in FILES.get(name, ()):
                (path / file).write_text("max")

    def group(self, path: str, has: str = "", gives: str = "", takes: bool = True) -> Path:
        """A group whose parent is there: what it `has`, what it `gives` on, whether that can be changed."""
        folder = self.mount / path.strip("/")
        if not folder.exists():
            folder.mkdir()
        (folder / "cgroup.controllers").write_text(has)
        control = folder / "cgroup.subtree_control"
        control.write_text(gives)
        if not takes:  # the kernel says "busy" to who has processes, "not permitted" to a stranger
            control.unlink()
            control.symlink_to("/nonexistent/so/nothing/is/taken")
        return folder

    def stand(self, path: str) -> Path:
        """Where /proc is that tells that this process is in the group `path`."""
        self.member_of[-1] = f"0::{path}"
        (self.proc / "mountinfo").write_text("\n".join(self.mounted) + "\n")
        (self.proc / "cgroup").write_text("\n".join(self.member_of) + "\n")
        return self.proc


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    return Tree(tmp_path, "cpuset cpu io memory hugetlb pids", monkeypatch)


def test_version_2_root_in_the_root_group(tree: Tree) -> None:
    made = Cgroup(Limits(200 * MIB, 33, 3), tree.stand("/"))
    (folder,) = made.folders
    assert folder.parent == tree.mount and set(made.controllers) == {"memory", "pids", "cpu"}
    assert set((tree.mount / "cgroup.subtree_control").read_text().split()) == {"+memory", "+pids", "+cpu"}
    assert {file: (folder / file).read_text() for file in WRITTEN if (folder / file).exists()} == {
        "memory.max": str(200 * MIB), "memory.swap.max": "0", "pids.max": "33", "cpu.max": "300000 100000",
    }  # fmt: skip
    assert made.prefix()[-2:] == ["1", str(folder / "cgroup.procs")]
    (folder / "cgroup.procs").write_text("17\n99\n")
    assert made.holds(17) and made.holds(99) and not made.holds(9)
    (folder / "cgroup.procs").write_text("")
    made.remove()
    assert not folder.exists() and made.folders == []


def test_version_2_stands_beside_a_group_with_processes(tree: Tree) -> None:
    """As under systemd: our own group is a leaf, the one above it may be divided."""
    tree.group("/user.slice", "cpu memory pids", "cpu memory pids")
    slice = tree.group("/user.slice/app.slice", "cpu memory pids")
    tree.group("/user.slice/app.slice/shell.scope", "cpu memory pids", takes=False)
    (folder,) = Cgroup(SMALL, tree.stand("/user.slice/app.slice/shell.scope")).folders
    assert folder.parent == slice
    assert (folder / "memory.max").read_text() == str(64 * MIB)


def test_version_2_changes_nothing_where_everything_is_given(tree: Tree) -> None:
    above = tree.group("/delegated", "memory pids", "memory pids")
    os.utime(above / "cgroup.subtree_control", (1, 1))
    made = Cgroup(SMALL, tree.stand("/delegated"))
    assert made.folders[0].parent == above and set(made.controllers) == {"memory", "pids"}
    assert (above / "cgroup.subtree_control").stat().st_mtime == 1


def test_version_2_without_delegation_says_so(tree: Tree) -> None:
    for path in ("/system.slice", "/system.slice/some.service"):
        tree.group(path, "memory pids")
    for path in ("/", "/system.slice", "/system.slice/some.service"):
        tree.group(path, "memory pids", takes=False)
    with pytest.raises(SandboxError) as caught:
        Cgroup(SMALL, tree.stand("/system.slice/some.service"))
    assert str(caught.value) == (
        f"limits on memory and pids cannot be set by control groups ({tree.mount}: no group here may be divided "
        "(none was delegated to this user))"
    )
    assert not list(tree.mount.rglob("envforge-*"))


def test_version_2_without_the_controllers_is_no_level(tree: Tree) -> None:
    (tree.mount / "cgroup.controllers").write_text("cpu io")
    with pytest.raises(SandboxError, match="limits on memory and pids cannot be set"):
        Cgroup(SMALL, tree.stand("/"))
    (tree.mount / "cgroup.controllers").write_text("io hugetlb")
    with pytest.raises(SandboxError, match="no control groups are mounted"):
        Cgroup(SMALL, tree.stand("/"))


def test_version_2_seen_from_within_a_namespace(tree: Tree) -> None:
    """The mount shows a part of the hierarchy, and the path of a process is told from its own root."""
    tree.mounted = [f"31 23 0:28 /docker/abc {tree.mount} rw - cgroup2 cgroup rw"]
    (folder,) = Cgroup(SMALL, tree.stand("/docker/abc")).folders
    assert folder.parent == tree.mount


def test_controllers_are_taken_from_where_they_are_mounted(tmp_path: Path, tree: Tree) -> None:
    """Half of them in version 1, as on machines in between; a mount point with a space in its name."""
    (tree.mount / "cgroup.controllers").write_text("cpu")
    for name in ("memory and more", "pids"):
        (tmp_path / name / "mine").mkdir(parents=True)
    escaped = str(tmp_path / "memory and more").replace(" ", "\\040")
    tree.mounted += [
        f"34 31 0:31 / {escaped} rw,relatime shared:9 - cgroup cgroup rw,memory",
        f"38 31 0:36 / {tmp_path}/pids rw,relatime - cgroup cgroup rw,pids",
        f"40 31 0:37 / {tmp_path}/systemd rw,relatime - cgroup cgroup rw,name=systemd",
        f"41 31 0:40 / {tmp_path}/freezer rw - cgroup cgroup rw,freezer",
        "22 1 254:1 / / rw,relatime - ext4 /dev/root rw",
    ]
    tree.member_of = ["8:pids:/mine", "6:freezer:/", "4:memory:/mine", "1:name=systemd:/", "0::/"]
    proc = tree.stand("/")
    assert hierarchies(proc) == [
        Hierarchy(2, tree.mount, tree.mount, ("cpu",)),
        Hierarchy(1, tmp_path / "memory and more", tmp_path / "memory and more" / "mine", ("memory",)),
        Hierarchy(1, tmp_path / "pids", tmp_path / "pids" / "mine", ("pids",)),
    ]


def test_version_1_controllers_that_share_a_mount(tmp_path: Path, tree: Tree) -> None:
    (tmp_path / "both" / "mine").mkdir(parents=True)
    tree.mounted = [f"34 31 0:31 / {tmp_path}/both rw - cgroup cgroup rw,cpuacct,cpu"]
    tree.member_of = ["4:cpu,cpuacct:/mine", "0::/"]
    assert hierarchies(tree.stand("/")) == [
        Hierarchy(1, tmp_path / "both", tmp_path / "both" / "mine", ("cpu",))
    ]


def test_without_proc_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="control groups cannot be found"):
        Cgroup(SMALL, tmp_path)


def test_processes_of_a_namespace_that_cannot_be_seen_are_left_to_it(
    tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel lists them as 0, which to kill() means this process and its relatives."""
    killed: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: killed.append(pid))
    made = Cgroup(SMALL, tree.stand("/"))
    (made.folders[0] / "cgroup.procs").write_text("0\n4194000\n0\n")
    monkeypatch.setattr(Path, "rmdir", _busy)
    monkeypatch.setattr(cgroups.time, "monotonic", iter(range(0, 10**6, 3)).__next__)
    made.remove()
    assert set(killed) == {4194000}


def _busy(path: Path) -> None:
    raise OSError(16, "Device or resource busy")


# Who is alive


def test_this_process_is_alive_and_its_label_no_orphan() -> None:
    here = owner()
    assert alive(here.pid, here.started) and not alive(here.pid, here.started + 1)
    assert not orphaned(here.label)
    assert orphaned(f"{here.machine}/{here.pid}-{here.started + 1}"), "its number was used again"


def test_an_ended_process_is_not_alive_even_before_it_was_waited_for() -> None:
    with subprocess.Popen(["/bin/sleep", "600"]) as process:
        started = int(Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()[19])
        assert alive(process.pid, started)
        process.kill()
        until(lambda: not alive_now(process.pid), "its end")
        assert not alive(process.pid, started) and Path(f"/proc/{process.pid}").exists()
    assert not alive(process.pid, started)
    assert orphaned(f"{owner().machine}/{process.pid}-{started}")


@pytest.mark.parametrize("label", ["", "x", "x/y-z", "another/1-1", "//", "/1-1", f"{'9' * 400}/1-1"])
def test_what_cannot_be_told_is_no_orphan(label: str) -> None:
    assert not orphaned(label)


def test_a_host_that_hides_from_this_user_is_alive() -> None:
    """Where /proc is mounted with hidepid, one user cannot see the processes of another."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount /proc anew")
    code = f"""
import os
from envforge.sandbox.owner import alive
os.setgroups([])
os.setresgid({NOBODY}, {NOBODY}, {NOBODY})
os.setresuid({NOBODY}, {NOBODY}, {NOBODY})
print(os.path.exists("/proc/{os.getpid()}"), alive({os.getpid()}, 1), alive(2**22 - 1, 1))
"""
    mount = 'mount -t proc -o hidepid=2 proc /proc && exec "$@"'
    run = subprocess.run(
        ["unshare", "--mount", "sh", "-c", mount, "sh", sys.executable, "-c", code],
        capture_output=True, text=True, check=False, cwd=Path(envforge.__file__).parent.parent,
    )  # fmt: skip
    if run.returncode:
        pytest.skip(f"/proc cannot be mounted here: {run.stderr.strip()[-200:]}")
    assert run.stdout.split() == ["False", "True", "False"]
