"""A runner in a Docker container, through the Docker SDK: as little of a container as there can be.

No network, nothing writable, no capabilities, no way to gain privileges, the system calls of sandbox/seccomp.json,
limits on processes, memory and CPU, an unprivileged user. Its standard input is ours alone: when this process
ends, however it ends, the input ends, the runner with it, and the engine removes the container. What is left all the
same (the engine was down, say) is found by its labels and removed at the next start.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import socket
import ssl
import struct
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from envforge.errors import SandboxError
from envforge.sandbox.box import NOBODY, Launch, Machine, start_command
from envforge.sandbox.cgroups import Limits
from envforge.sandbox.channel import LAST_WORDS_BYTES, SEND_SECONDS, last_lines
from envforge.sandbox.image import LABEL, LIBRARY, PYTHON, RUNNER, find_or_build
from envforge.sandbox.levels import Level
from envforge.sandbox.owner import orphaned, owner

if TYPE_CHECKING:
    from docker import DockerClient

OWNER_LABEL = "envforge.owner"
RUNTIMES = {Level.DOCKER: None, Level.GVISOR: "runsc"}  # None: the engine's own
SENTRY_THREADS = 512  # gVisor's own kernel counts as well, and dies when it gets no more threads
_FRAME = struct.Struct(">BxxxI")  # of the engine's stream: which output, how many bytes follow
_STDERR = 2
_GONE_SECONDS = 10.0
DEFAULT_ADDRESS = "unix:///var/run/docker.sock"  # the SDK's


def container_launch(level: Level, machine: Machine) -> Launch:
    """How to start a runner in a container. Raises SandboxError when the engine, the runtime or the image is missing.

    What hosts that were killed left behind is removed on the way.
    """
    if machine.gym is not None:
        # The image holds the part of the standard library that environment programs may use, and no other.
        raise SandboxError("containers hold no packages of other people")
    engine = Engine()
    try:
        runtime, image = engine.runtime(level), engine.image(machine)
        engine.sweep()
        profile = json.dumps(json.loads((machine.runner / "seccomp.json").read_text("utf-8")))
    finally:
        engine.close()
    command = start_command(PYTHON, RUNNER)

    def open(config: str) -> Container:
        engine = Engine()
        try:
            return Container(engine, image, [*command, config], runtime, profile, machine.limits)
        except BaseException:
            engine.close()
            raise

    return Launch(LIBRARY if machine.library else None, None, open)


def address() -> str:
    """Where the Docker engine is looked for."""
    return os.environ.get("DOCKER_HOST") or DEFAULT_ADDRESS


class Engine:
    """A connection to the Docker engine that the environment (DOCKER_HOST and so on) names.

    Raises SandboxError when the SDK is not installed or no engine answers.
    """

    def __init__(self) -> None:
        try:
            import docker
            import docker.errors
        except ImportError:
            raise SandboxError("the Docker SDK is not installed: pip install 'envforge[docker]'") from None
        with _translated(f"no Docker engine answers at {address()}"):
            self.client: DockerClient = docker.from_env()
            self.info: dict[str, Any] = self.client.info()

    def runtime(self, level: Level) -> str | None:
        """The engine's runtime for a level, None for its default. Raises SandboxError when it lacks it."""
        runtime = RUNTIMES[level]
        if runtime is not None and runtime not in self.info.get("Runtimes", {}):
            raise SandboxError(f"the Docker engine has no runtime '{runtime}' (gVisor is not registered)")
        return runtime

    def image(self, machine: Machine) -> str:
        """The image to run: the one that is configured, which the engine must have, else our own."""
        with _translated("the sandbox image cannot be had"):
            wanted = machine.image
            if not wanted:
                return find_or_build(self.client, machine)
            import docker.errors

            try:
                self.client.images.get(wanted)
            except docker.errors.ImageNotFound:
                raise SandboxError(
                    f"the Docker engine has no image '{wanted}': build it (docs/sandbox.md) or leave it out"
                ) from None
            return wanted

    def sweep(self) -> int:
        """Remove the containers whose hosts have ended without doing so; how many there were."""
        removed = 0
        with _translated("left-over containers cannot be removed"):
            for container in self.containers():
                if orphaned(container.labels.get(OWNER_LABEL, "")):
                    _remove(self.client, container.id)
                    removed += 1
        return removed

    def containers(self) -> list[Any]:
        """All containers of all sandboxes on this engine."""
        found: list[Any] = self.client.containers.list(
            all=True, filters={"label": f"{LABEL}=container"}, ignore_removed=True
        )
        return found

    def close(self) -> None:
        """Close the connections."""
        self.client.close()


class Container:
    """A started container as a channel (see channel.py)."""

    def __init__(
        self,
        engine: Engine,
        image: str,
        command: list[str],
        runtime: str | None,
        profile: str,
        limits: Limits,
    ) -> None:
        self._engine, self._client = engine, engine.client
        self._errors = bytearray()
        self._left = 0  # bytes of the current frame that are still to come
        self._kind = 0
        from docker.types import LogConfig

        api = self._client.api
        host = api.create_host_config(
            network_mode="none",
            ipc_mode="none",
            read_only=True,
            # The engine and gVisor mount writable ones of their own where they find none.
            tmpfs=dict.fromkeys(("/tmp", "/dev/shm", "/dev/mqueue"), "ro,noexec,nosuid,nodev,size=4k"),
            cap_drop=["ALL"],
            security_opt=["no-new-privileges:true", f"seccomp={profile}"],
            pids_limit=limits.processes + (SENTRY_THREADS if runtime else 0),
            mem_limit=limits.memory_bytes,
            memswap_limit=limits.memory_bytes,
            nano_cpus=min(limits.cores, engine.info["NCPU"]) * 10**9,
            log_config=LogConfig(type="none"),  # the wire is no log: it would fill the engine's disk
            auto_remove=True,
            runtime=runtime,
        )
        with _translated("the container did not start"):
            # Without stdin_once the runner would outlive us; attached before the start nothing is missed.
            made = api.create_container(
                image, command, stdin_open=True, host_config=host, user=f"{NOBODY}:{NOBODY}", working_dir="/",
                labels={LABEL: "container", OWNER_LABEL: owner().label},
                environment={"LC_ALL": "C.UTF-8"},
            )  # fmt: skip
            self.id: str = made["Id"]
            try:
                self._stream = api.attach_socket(
                    self.id, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
                )
                self._socket: socket.socket = getattr(self._stream, "_sock", self._stream)
                self._socket.settimeout(None)
                try:
                    api.start(self.id)
                except BaseException:
                    self._detach()
                    raise
            except BaseException:
                _remove(self._client, self.id)
                raise

    @property
    def name(self) -> str:
        return f"container {self.id[:12]}"

    def send(self, data: bytes) -> None:
        view = memoryview(data)
        poll = select.poll()
        poll.register(self._socket, select.POLLOUT)
        flags = 0 if isinstance(self._socket, ssl.SSLSocket) else socket.MSG_DONTWAIT  # TLS takes no flags
        while view:
            if not poll.poll(SEND_SECONDS * 1000):
                raise TimeoutError("the runner takes nothing any more")
            try:
                view = view[self._socket.send(view, flags) :]
            except BlockingIOError:
                pass

    def receive(self, size: int) -> bytes:
        while True:
            while not self._left:
                head = self._exactly(_FRAME.size)
                if len(head) < _FRAME.size:
                    return b""
                self._kind, self._left = _FRAME.unpack(head)
            chunk = self._socket.recv(min(size, self._left))
            self._left -= len(chunk)
            if self._kind != _STDERR or not chunk:
                return chunk
            self._errors += chunk
            del self._errors[:-LAST_WORDS_BYTES]

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            chunk = self._socket.recv(size - len(data))
            if not chunk:
                break
            data += chunk
        return data

    def kill(self) -> None:
        with contextlib.suppress(SandboxError):
            _remove(self._client, self.id)
        with contextlib.suppress(OSError):  # the engine may be gone: then at least nobody waits for it
            self._socket.shutdown(socket.SHUT_RDWR)

    def end(self) -> None:
        self.kill()

    def release(self) -> None:
        self._detach()
        self._engine.close()

    def _detach(self) -> None:
        self._stream.close()
        self._socket.close()  # the SDK's stream leaves it open until the garbage collector comes by

    def last_words(self) -> str:
        return last_lines(bytes(self._errors))


def _remove(client: DockerClient, identity: str) -> None:
    """Remove a container, running or not, and wait until the engine no longer knows it."""
    import docker.errors

    deadline = time.monotonic() + _GONE_SECONDS
    with _translated("a container cannot be removed"):
        while True:
            try:
                client.api.remove_container(identity, force=True)
            except docker.errors.NotFound:
                return
            except docker.errors.APIError as error:
                if (
                    error.status_code != 409 or time.monotonic() > deadline
                ):  # 409: it is being removed already
                    raise
                time.sleep(0.02)


@contextlib.contextmanager
def _translated(what: str) -> Iterator[None]:
    """Errors of the SDK, of its connections and of the engine as SandboxError."""
    import docker.errors
    import requests.exceptions

    try:
        yield
    except (docker.errors.DockerException, requests.exceptions.RequestException, OSError) as error:
        raise SandboxError(f"{what}: {_sentence(error)}") from error


def _sentence(error: Exception) -> str:
    """What went wrong, in words: the engine's own, or those for the error of the system at the root of it."""
    words: object = error
    cause: BaseException | None = error
    while cause is not None:
        if getattr(cause, "explanation", None):
            words = cause.explanation  # type: ignore[attr-defined]
            break
        # With a file name it is one of ours, and its own text is the better one.
        if isinstance(cause, OSError) and cause.filename is None:
            known = [text for kind, text in _CAUSES.items() if isinstance(cause, kind)]
            if known or cause.strerror:
                words = known[0] if known else cause.strerror
                break
        cause = cause.__cause__ or cause.__context__
    return " ".join(str(words).split()).rstrip(".")[:300]


_CAUSES: dict[type[OSError], str] = {
    FileNotFoundError: "there is no such socket",
    PermissionError: "this user may not use it (permission denied)",
    ConnectionRefusedError: "nothing listens there (connection refused)",
    ConnectionError: "the connection was cut",
    TimeoutError: "it does not answer in time",
    socket.gaierror: "the name of its host is not known",
}
