"""The image of the container levels: what is in it, when it is built, and images of one's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from importlib import metadata
from pathlib import Path

import pytest
from sandboxes import DRAW, Maker, container_of, drawn

from envforge.contract import Flavour
from envforge.errors import SandboxError
from envforge.sandbox import Level, Request
from envforge.sandbox.box import NOBODY, Machine
from envforge.sandbox.container import OWNER_LABEL, Engine
from envforge.sandbox.image import LABEL, LIBRARY, PYTHON, REPOSITORY, RUNNER, _digest, find_or_build
from envforge.sandbox.owner import owner

OURS = f"{REPOSITORY}-test"  # repository of the images that tests make and remove


@pytest.fixture
def copied(machine: Machine, tmp_path: Path) -> Machine:
    """A machine whose runner is a copy that may be changed."""
    shutil.copytree(machine.runner, tmp_path / "runner", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "runner" / "child.py").open("a").write(
        f"# {tmp_path}\n"
    )  # so that its image is nobody else's
    return replace(machine, runner=tmp_path / "runner")


def test_the_image_is_built_once_and_found_again(engine: Engine, copied: Machine) -> None:
    told: list[str] = []
    machine = replace(copied, notice=told.append)
    tag = find_or_build(engine.client, machine)
    try:
        assert told == [f"building the sandbox image {tag} (once for this version and this Python)"]
        assert find_or_build(engine.client, machine) == tag and len(told) == 1
        attributes = engine.client.images.get(tag).attrs
        assert attributes["Config"]["Labels"] == {LABEL: "image"}
        assert attributes["Config"]["User"] == f"{NOBODY}:{NOBODY}"
    finally:
        engine.client.images.remove(tag)
    assert not [
        c for c in engine.client.containers.list(all=True, ignore_removed=True) if c.image.tags == [tag]
    ]


def test_what_decides_the_content_decides_the_tag(copied: Machine) -> None:
    first = _digest(copied)
    assert _digest(copied) == first
    assert _digest(replace(copied, workers=99, notice=print)) == first
    others = {_digest(replace(copied, python="/usr/bin/another")), _digest(replace(copied, library=None))}
    for name in ("zygote.py", "Dockerfile"):
        (copied.runner / name).open("a").write("# changed\n")
        others.add(_digest(copied))
    (copied.runner / "more.py").write_text("")
    others.add(_digest(copied))
    assert len(others | {first}) == 6


def test_a_build_that_fails_is_told_in_a_sentence(engine: Engine, copied: Machine) -> None:
    (copied.runner / "Dockerfile").write_text("FROM scratch\nCOPY there-is-no-such-file /\n")
    with pytest.raises(SandboxError, match=r"^the sandbox image .*there-is-no-such-file") as caught:
        engine.image(copied)
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def content(engine: Engine, image: str) -> Iterator[tarfile.TarFile]:
    """The files of a container that was made from the image and never started."""
    api = engine.client.api
    made = api.create_container(image, ["nothing"], labels={LABEL: "container", OWNER_LABEL: owner().label})
    with tempfile.TemporaryFile() as file:
        try:
            for chunk in api.export(made["Id"]):
                file.write(chunk)
        finally:
            api.remove_container(made["Id"])
        file.seek(0)
        with tarfile.open(fileobj=file) as archive:
            yield archive


ENGINES_OWN = {
    ".dockerenv", "dev", "dev/console", "dev/pts", "dev/shm", "etc", "etc/hostname", "etc/hosts", "etc/mtab",
    "etc/resolv.conf", "proc", "sys",
}  # fmt: skip


def test_the_image_has_python_the_runner_networkx_and_nothing_else(
    content: tarfile.TarFile, machine: Machine
) -> None:
    python = machine.python.lstrip("/")
    standard = os.path.dirname(os.__file__).lstrip("/")
    members = {m.name.rstrip("/"): m for m in content if m.name.rstrip("/") not in ENGINES_OWN}
    files = {name for name, member in members.items() if not member.isdir()}
    programs = set()
    for name in files:
        member = members[name]
        if member.isreg():
            data = content.extractfile(member)
            assert data is not None
            if data.read(4) == b"\x7fELF" and ".so" not in os.path.basename(name):
                programs.add(name)
    assert programs == {python}, "no shell, no tool: the one program is the interpreter"

    in_runner = {name for name in files if name.startswith(RUNNER[1:] + "/")}
    assert in_runner == {f"{RUNNER[1:]}/{path.name}" for path in machine.runner.glob("*.py")}
    in_library = {name for name in files if name.startswith(LIBRARY[1:] + "/")}
    assert in_library and all(name.startswith(f"{LIBRARY[1:]}/networkx/") for name in in_library)
    in_standard = {name for name in files if name.startswith(standard + "/")}
    assert f"{standard}/json/__init__.py" in in_standard
    rest = files - in_runner - in_library - in_standard
    libraries = {name for name in rest if ".so" in os.path.basename(name)}
    assert rest - libraries == {python, f"usr/local/bin/{PYTHON}"}
    assert members[f"usr/local/bin/{PYTHON}"].linkname == machine.python

    for unwanted in ("site-packages", "dist-packages", "ensurepip", "idlelib", "test", "tkinter", "sqlite3"):
        assert not [name for name in in_standard if unwanted in name.split("/")], unwanted
    modules = {os.path.basename(name).partition(".")[0] for name in in_standard}
    assert not modules & {"_ssl", "_sqlite3", "_tkinter", "readline", "_testcapi"}


def test_nothing_in_the_image_can_be_changed_or_gives_rights(content: tarfile.TarFile) -> None:
    for member in content:
        assert (member.uid, member.gid) == (0, 0), member.name
        assert not member.mode & 0o6000, member.name
        assert member.issym() or not member.mode & 0o022, member.name
        assert member.isreg() or member.isdir() or member.issym() or member.name.startswith("dev/"), (
            member.name
        )


def test_the_runner_in_the_image_is_this_one(content: tarfile.TarFile, machine: Machine) -> None:
    for path in machine.runner.glob("*.py"):
        data = content.extractfile(f"{RUNNER[1:]}/{path.name}")
        assert data is not None and data.read() == path.read_bytes()


def test_a_custom_image_is_used(engine: Engine, image: str, make: Maker) -> None:
    engine.client.images.get(image).tag(OURS, "mine")
    try:
        sandbox = make(Level.DOCKER, image=f"{OURS}:mine")
        assert (
            engine.client.api.inspect_container(container_of(sandbox).id)["Config"]["Image"] == f"{OURS}:mine"
        )
        assert sandbox.run(Request("instance", DRAW, [[5, 0]])).results[0]["state"]["n"] == drawn(5)
        sandbox.close()
    finally:
        engine.client.images.remove(f"{OURS}:mine")


PIP = f"""#!/usr/local/bin/{PYTHON}
import sys
sys.path.insert(0, "/wheels/pip.whl")
from pip._internal.cli.main import main
sys.exit(main())
"""


@pytest.fixture
def base(engine: Engine, image: str, tmp_path: Path) -> Iterator[str]:
    """What stands in for python:3.11-slim where there is no registry: a Python with a shell and the real pip.

    Its pip takes networkx from a folder of the image, a wheel that is made from the installed files.
    """
    import ensurepip

    wheels = tmp_path / "tree" / "wheels"
    tools = {name: Path(os.path.realpath(shutil.which(name) or name)) for name in ("sh", "rm")}
    places = {f"bin/{name}": path for name, path in tools.items()}
    listed = subprocess.run(["ldd", *tools.values()], capture_output=True, text=True, check=True).stdout
    for library in {word for word in listed.split() if word.startswith("/") and not word.endswith(":")}:
        places[library.lstrip("/")] = Path(library)
    for place, path in places.items():
        (tmp_path / "tree" / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, tmp_path / "tree" / place)
    wheels.mkdir()
    (pip,) = (Path(ensurepip.__file__).parent / "_bundled").glob("pip-*.whl")
    shutil.copy(pip, wheels / "pip.whl")
    networkx = metadata.distribution("networkx")
    with zipfile.ZipFile(wheels / f"networkx-{networkx.version}-py3-none-any.whl", "w") as wheel:
        for file in networkx.files or ():
            if file.parts[0].startswith("networkx") and "__pycache__" not in file.parts:
                wheel.write(str(file.locate()), str(file))
    command = tmp_path / "tree" / "usr" / "local" / "bin" / "pip"
    command.parent.mkdir(parents=True)
    command.write_text(PIP)
    command.chmod(0o755)
    (tmp_path / "Dockerfile").write_text(
        f"FROM {image}\nCOPY tree/ /\nENV PIP_NO_INDEX=1 PIP_FIND_LINKS=/wheels\nUSER 0:0\n"
    )
    engine.client.images.build(path=str(tmp_path), tag=f"{OURS}:base", network_mode="none", rm=True)
    yield f"{OURS}:base"
    engine.client.images.remove(f"{OURS}:base")


def test_the_image_for_those_with_a_registry_works_too(
    engine: Engine, base: str, make: Maker, machine: Machine, tmp_path: Path
) -> None:
    """All of Dockerfile.slim but its first line, which would take python:3.11-slim from the registry."""
    folder = tmp_path / "context"
    shutil.copytree(machine.runner, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = (folder / "Dockerfile.slim").read_text()
    assert text.count("FROM ") == 1 and "FROM python:3.11-slim\n" in text
    (folder / "Dockerfile.slim").write_text(text.replace("FROM python:3.11-slim\n", f"FROM {base}\n"))
    engine.client.images.build(
        path=str(folder), dockerfile="Dockerfile.slim", tag=f"{OURS}:slim", network_mode="none", rm=True
    )
    try:
        sandbox = make(Level.DOCKER, image=f"{OURS}:slim")
        source = f"import networkx\n{DRAW}"
        reply = sandbox.run(Request("instance", source, [[5, 0]], flavour=Flavour.NETWORKX))
        assert reply.results[0]["state"]["n"] == drawn(5)
        sandbox.close()
    finally:
        engine.client.images.remove(f"{OURS}:slim")
