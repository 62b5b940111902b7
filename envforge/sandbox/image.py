"""The image of the container levels: this Python and the runner, and nothing else. No registry is needed.

It is made from sandbox/Dockerfile (FROM scratch) and a tree of files that are on this machine anyway: the
interpreter, its standard library, the shared libraries both need, networkx and the runner. Its tag is a hash of all
that decides what is in it, so a changed runner or another Python is another image.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import io
import os
import platform
import re
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from envforge.errors import SandboxError
from envforge.sandbox.box import Machine, ask

if TYPE_CHECKING:
    from docker import DockerClient

REPOSITORY = "envforge-sandbox"
LABEL = "envforge.sandbox"
RUNNER, LIBRARY, PYTHON = "/runner", "/library", "python3"
# Of the standard library, what no environment program may import and the runner does not need: the less the better.
_FOLDERS_LEFT_OUT = {
    "site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "turtledemo", "ensurepip", "lib2to3",
    "pydoc_data", "distutils", "sqlite3", "curses", "dbm", "venv", "unittest",
}  # fmt: skip
_MODULES_LEFT_OUT = {
    "_tkinter", "_sqlite3", "_ssl", "_curses", "_curses_panel", "readline", "_dbm", "_gdbm", "nis", "_test",
    "ossaudiodev", "spwd", "_crypt", "turtle", "_testcapi", "_testbuffer", "_testclinic", "_testinternalcapi",
    "_testmultiphase", "_testimportmultiple", "_ctypes_test", "_xxtestfuzz", "xxlimited", "xxlimited_35",
}  # fmt: skip


def find_or_build(client: DockerClient, machine: Machine) -> str:
    """The tag of the image for this interpreter, runner and networkx; built when the engine lacks it."""
    import docker.errors

    tag = f"{REPOSITORY}:{_digest(machine)}"
    try:
        client.images.get(tag)
        return tag
    except docker.errors.ImageNotFound:
        pass
    machine.notice(f"building the sandbox image {tag} (once for this version and this Python)")
    with tempfile.TemporaryFile() as context:
        _write_context(context, machine)
        context.seek(0)
        try:
            client.images.build(
                fileobj=context, custom_context=True, tag=tag, rm=True, forcerm=True,
                network_mode="none", labels={LABEL: "image"},
            )  # fmt: skip
        except docker.errors.BuildError as error:
            raise SandboxError(f"the sandbox image could not be built: {error}") from error
    return tag


def _digest(machine: Machine) -> str:
    digest, runner = hashlib.sha256(), machine.runner
    parts = [sys.version, machine.python, platform.machine(), (runner / "Dockerfile").read_text("utf-8")]
    parts.append(Path(__file__).read_text("utf-8"))  # it decides what goes in
    if machine.library is not None:
        parts.append(f"networkx {importlib.metadata.version('networkx')}")
    for file in sorted(runner.glob("*.py")):
        parts += [file.name, file.read_text("utf-8")]
    for part in parts:
        digest.update(hashlib.sha256(part.encode()).digest())
    return digest.hexdigest()[:16]


def _write_context(target: Any, machine: Machine) -> None:
    """The build context: the Dockerfile and everything below `tree/`, readable by everybody, owned by root."""
    with tarfile.open(fileobj=target, mode="w") as archive:
        archive.add(machine.runner / "Dockerfile", "Dockerfile")
        folders: set[str] = set()
        for source, path in _files(machine):
            _add(archive, source, "tree" + path, folders)
        link = tarfile.TarInfo("tree/usr/local/bin/" + PYTHON)
        link.type, link.linkname = tarfile.SYMTYPE, machine.python
        _folders(archive, "tree/usr/local/bin", folders)
        archive.addfile(link)


def _add(archive: tarfile.TarFile, source: Path, name: str, folders: set[str]) -> None:
    _folders(archive, os.path.dirname(name), folders)
    info = archive.gettarinfo(str(source), name)
    info.uid = info.gid = 0
    info.uname = info.gname = ""
    info.mode = 0o755 if info.mode & 0o100 else 0o644
    if info.islnk():  # a hard link in the archive must not point at a name that was left out
        info.type, info.linkname, info.size = tarfile.REGTYPE, "", source.stat().st_size
    if info.isreg():
        with source.open("rb") as data:
            archive.addfile(info, data)
    else:
        archive.addfile(info)


def _folders(archive: tarfile.TarFile, path: str, known: set[str]) -> None:
    """Every folder on the way, open to everybody: on the host some may lie in a home."""
    if path in known or not path:
        return
    _folders(archive, os.path.dirname(path), known)
    known.add(path)
    info = tarfile.TarInfo(path)
    info.type, info.mode = tarfile.DIRTYPE, 0o755
    archive.addfile(info, io.BytesIO())


def _files(machine: Machine) -> Iterator[tuple[Path, str]]:
    """(file on this machine, path in the image)."""
    python, library = machine.python, machine.library
    yield Path(python), python
    standard = Path(ask(python, "import os; print(os.path.dirname(os.__file__))"))
    shared = [Path(python)]
    for source in _walk(standard):
        yield source, str(source)
        if source.suffix == ".so":
            shared.append(source)
    seen: set[str] = set()
    for path in _libraries(shared):
        if path not in seen:
            seen.add(path)
            yield Path(os.path.realpath(path)), path
    for source in sorted(machine.runner.glob("*.py")):
        yield source, f"{RUNNER}/{source.name}"
    if library is not None:
        for source in _walk(library / "networkx"):
            yield source, f"{LIBRARY}/{source.relative_to(library)}"


def _walk(folder: Path) -> Iterator[Path]:
    for path, folders, files in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if name not in _FOLDERS_LEFT_OUT and not name.startswith("config-")
        )
        for name in sorted(files):
            optimised = ".opt-" in name  # compiled for -O, which the runner is not started with
            if name.partition(".")[0] not in _MODULES_LEFT_OUT and not optimised:
                yield Path(path) / name


def _libraries(binaries: list[Path]) -> list[str]:
    """The shared libraries that the loader would take for them, the loader included."""
    try:
        reply = subprocess.run(
            ["ldd", *map(str, binaries)], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise SandboxError(f"ldd, which tells the shared libraries for the image, failed: {error}") from error
    found = re.findall(r"(?:=> )?(/\S+) \(0x", reply.stdout)
    return sorted(set(found))
