"""The runner's front: takes requests on standard input, spreads them over zygotes, answers on standard output.

A message, both ways, is two 4-byte big-endian lengths, a JSON header and a body. Bodies pass through unread:
the request goes to the child, the child's frames go to the host. A request header has `id`, `flavour`,
`hash_seed`, `wall` (seconds) and `max_output` (bytes); a reply header has `id`, `status` ("done" or "died"),
`exit` (wait status), `cpu`, `wall`, `rss` (MiB) and `cut` (null, "wall" or "output"). The first reply is the
greeting, `id` 0. A header with `ping` is answered at once: it tells a busy runner from one that hangs. A zygote that
hangs, somebody has stopped it for instance, misses a deadline and is killed: its request has `died`.

Called as `supervisor.py CONFIGURATION`, a JSON object: `level`, `workers`, `library`, `user`,
`gym` (see zygote.py).
"""

import json
import math
import os
import selectors
import signal
import socket
import struct
import sys
import time
from collections import deque
from typing import Any

from zygote import KILL, NOTICE, ORDER, READY

LENGTHS = struct.Struct(">II")
CHUNK = 1 << 18
START_SECONDS = 40.0  # for a zygote to be ready; the host waits 60
GRACE_SECONDS = 10.0  # for a zygote's next step: to fork, or to tell that its child has ended
MOST_ZYGOTES = 16  # beyond the workers' own; the one that idles longest makes room for another hash seed


class Request:
    """One request on its way: the body still to be written, the frames read so far."""

    def __init__(self, header: dict[str, Any], body: bytes) -> None:
        self.header = header
        self.key = (header["flavour"], header["hash_seed"])
        self.unsent = memoryview(struct.pack(">I", len(body)) + body)
        self.frames = bytearray()
        self.socket: socket.socket | None = None
        self.cut: str | None = None
        self.started = 0.0


class Zygote:
    """A zygote process, its control socket, and the request it is busy with."""

    def __init__(self, config: dict[str, Any], key: tuple[str, int]) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.key = key
        self.control = ours
        self.request: Request | None = None
        self.ready = False
        self.last_used = time.monotonic()
        self.deadline = self.last_used + START_SECONDS  # for its next sign of life
        flavour, hash_seed = key
        settings = json.dumps({**config, "flavour": flavour})
        here = os.path.dirname(os.path.abspath(__file__))
        argv = [sys.executable, "-s", "-S", "-P", "-B", "-c", _START, here, settings]
        self.pid = os.fork()
        if self.pid == 0:
            try:
                # Another working directory per hash seed: a program that notices is not deterministic.
                os.chdir("/" if hash_seed % 2 == 0 else "/usr")
                os.dup2(theirs.fileno(), 0)  # the host's pipes stay with the supervisor alone
                os.dup2(2, 1)
                os.execve(sys.executable, argv, {"PYTHONHASHSEED": str(hash_seed), "LC_ALL": "C.UTF-8"})
            finally:
                os._exit(127)
        theirs.close()

    def kill(self) -> None:
        """Kill it; its children die with it."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass

    def end(self) -> None:
        """Kill it and reap it."""
        self.control.close()
        self.kill()
        os.waitpid(self.pid, 0)


# -P keeps the script's folder off sys.path, so the zygote is started by this line instead of by its file name.
_START = "import sys; sys.path.insert(0, sys.argv.pop(1)); import zygote; zygote.main()"


class Supervisor:
    """A single-threaded loop over standard input, the zygotes' control sockets and the children's sockets."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.workers: int = config.pop("workers")
        self.config = config
        self.selector = selectors.DefaultSelector()
        self.waiting: deque[Request] = deque()
        self.zygotes: list[Zygote] = []
        self.inbox = bytearray()
        self.greeted = False

    def run(self) -> None:
        """Serve until standard input ends."""
        os.set_blocking(0, False)
        self.selector.register(0, selectors.EVENT_READ, ("input", None))
        self._spawn(("bare", 0))
        while True:
            for entry, events in self.selector.select(self._patience()):
                kind, subject = entry.data
                if kind == "input":
                    if not self._read_input():
                        self._end()
                        return
                elif kind == "control":
                    self._read_notice(subject)
                elif subject.socket is not None:
                    self._exchange(subject, events)
            self._kill_the_late()
            self._dispatch()

    def _patience(self) -> float | None:
        """Seconds until the next deadline."""
        nearest = min((zygote.deadline for zygote in self.zygotes), default=math.inf)
        return None if nearest == math.inf else max(0.0, nearest - time.monotonic())

    def _kill_the_late(self) -> None:
        now = time.monotonic()
        for zygote in self.zygotes:
            if now > zygote.deadline:
                zygote.deadline = math.inf
                zygote.kill()  # its control socket tells next

    def _end(self) -> None:
        for zygote in self.zygotes:
            zygote.end()

    def _read_input(self) -> bool:
        try:
            chunk = os.read(0, CHUNK)
        except BlockingIOError:
            return True
        self.inbox += chunk
        while len(self.inbox) >= LENGTHS.size:
            head, body = LENGTHS.unpack_from(self.inbox)
            end = LENGTHS.size + head + body
            if len(self.inbox) < end:
                break
            header = json.loads(self.inbox[LENGTHS.size : LENGTHS.size + head])
            if "ping" in header:
                self._reply({"id": header["id"]}, b"")
            else:
                self.waiting.append(Request(header, bytes(self.inbox[LENGTHS.size + head : end])))
            del self.inbox[:end]
        return bool(chunk)

    def _spawn(self, key: tuple[str, int]) -> None:
        if len(self.zygotes) >= self.workers + MOST_ZYGOTES:
            idle = [z for z in self.zygotes if z.ready and z.request is None]
            if not idle:
                return  # some are at work or starting: when one is done, this is tried again
            oldest = min(idle, key=lambda z: z.last_used)
            self._forget(oldest)
            oldest.end()
        zygote = Zygote(self.config, key)
        self.zygotes.append(zygote)
        self.selector.register(zygote.control, selectors.EVENT_READ, ("control", zygote))

    def _forget(self, zygote: Zygote) -> None:
        self.selector.unregister(zygote.control)
        self.zygotes.remove(zygote)

    def _dispatch(self) -> None:
        """Start what can be started: at most `workers` children at once, one per zygote."""
        busy = sum(z.request is not None for z in self.zygotes)
        spared: deque[Request] = deque()
        while self.waiting and busy < self.workers:
            request = self.waiting.popleft()
            same = [z for z in self.zygotes if z.key == request.key]
            idle = next((z for z in same if z.ready and z.request is None), None)
            if idle is not None:
                self._start(idle, request)
                busy += 1
                continue
            spared.append(request)
            wanted = sum(r.key == request.key for r in spared)
            coming = sum(not z.ready for z in same)
            # Replays under other hash seeds are few: they must not cost a zygote per core each.
            most = self.workers if request.header["hash_seed"] == 0 else max(1, self.workers // 4)
            if coming < wanted and len(same) < most:
                self._spawn(request.key)
        self.waiting.extendleft(reversed(spared))

    def _start(self, zygote: Zygote, request: Request) -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        request.socket, zygote.request = ours, request
        request.started = time.monotonic()
        zygote.deadline = request.started + GRACE_SECONDS
        try:
            socket.send_fds(zygote.control, [ORDER.pack(request.header["wall"])], [theirs.fileno()])
        except OSError:
            pass  # a dead zygote: its control socket tells next
        theirs.close()
        self.selector.register(ours, selectors.EVENT_READ | selectors.EVENT_WRITE, ("child", request))

    def _exchange(self, request: Request, events: int) -> None:
        assert request.socket is not None
        if events & selectors.EVENT_WRITE:
            try:
                sent = request.socket.send(request.unsent[:CHUNK])
                request.unsent = request.unsent[sent:]
            except BlockingIOError:
                pass
            except OSError:
                request.unsent = memoryview(b"")
            if not request.unsent:
                self.selector.modify(request.socket, selectors.EVENT_READ, ("child", request))
        if events & selectors.EVENT_READ:
            self._receive(request)

    def _receive(self, request: Request) -> bool:
        """Read what is there; False when there is nothing more for now or for ever."""
        if request.socket is None:
            return False
        try:
            chunk = request.socket.recv(CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            chunk = b""
        if not chunk:
            self._close(request)
            self._expect(request, GRACE_SECONDS)
            return False
        if not request.frames:
            self._expect(request, request.header["wall"] + GRACE_SECONDS)
        if request.cut is None:
            request.frames += chunk
            if len(request.frames) > request.header["max_output"]:
                request.cut = "output"
                self._order_kill(request)
        return True

    def _expect(self, request: Request, seconds: float) -> None:
        """Have its zygote take the next step within `seconds`."""
        for zygote in self.zygotes:
            if zygote.request is request:
                zygote.deadline = time.monotonic() + seconds

    def _order_kill(self, request: Request) -> None:
        self._expect(request, GRACE_SECONDS)
        for zygote in self.zygotes:
            if zygote.request is request:  # none is when the child has ended by itself already
                try:
                    zygote.control.send(KILL)
                except OSError:
                    pass  # a dead zygote: its control socket tells next

    def _close(self, request: Request) -> None:
        if request.socket is not None:
            self.selector.unregister(request.socket)
            request.socket.close()
            request.socket = None

    def _read_notice(self, zygote: Zygote) -> None:
        try:
            message = zygote.control.recv(4096)
        except OSError:
            message = b""
        if message.startswith(READY):
            if not self.greeted:
                self.greeted = True
                self._reply({"id": 0, "layers": json.loads(message[len(READY) :])}, b"")
            zygote.ready = True
            zygote.deadline = math.inf
            return
        request, zygote.request = zygote.request, None
        zygote.last_used, zygote.deadline = time.monotonic(), math.inf
        if not message:
            self._forget(zygote)
            zygote.end()
            if not zygote.ready:
                sys.exit("a zygote could not start")
            if request is not None:
                self._finish(request, {"status": "died", "exit": 0, "cpu": 0.0, "rss": 0.0})
            return
        if request is not None:
            status, cpu, rss, overdue = NOTICE.unpack(message)
            if overdue:
                request.cut = request.cut or "wall"
            self._finish(request, {"status": "done", "exit": status, "cpu": cpu, "rss": rss})

    def _finish(self, request: Request, outcome: dict[str, Any]) -> None:
        while self._receive(request):
            pass
        self._close(request)
        wall = time.monotonic() - request.started
        header = {"id": request.header["id"], "cut": request.cut, "wall": wall, **outcome}
        self._reply(header, bytes(request.frames))

    def _reply(self, header: dict[str, Any], body: bytes) -> None:
        head = json.dumps(header).encode()
        data = memoryview(LENGTHS.pack(len(head), len(body)) + head + body)
        while data:
            data = data[os.write(1, data) :]


def main() -> None:
    """Entry point of the runner."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    Supervisor(json.loads(sys.argv[1])).run()
