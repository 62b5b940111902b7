"""A server that speaks the OpenAI protocol and really runs a model: any Policy, such as a tiny Llama's.

As a script: python tests/model_server.py --model FOLDER --port N
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent))

from envforge.policies import Completion, Policy, PolicyError, Request, Sampling


@dataclass
class Faults:
    """What goes wrong, by the number of a chat request, counted from 0. May be changed while the server runs."""

    refuse: int = 0  # the first so many are answered 429, with Retry-After
    retry_after: str = "0.01"  # seconds, as the header says
    fail: frozenset[int] = frozenset()  # answered 500
    truncate: frozenset[int] = frozenset()  # JSON that ends in the middle
    empty: frozenset[int] = frozenset()  # replies without text
    delay: float = 0.0  # seconds before each answer
    die_after: int | None = None  # so many answers, then the server is gone; `start` brings it back


@dataclass
class Counters:
    """What happened so far, over restarts."""

    requests: int = 0  # chat requests, those that were refused included
    answered: int = 0  # by the model
    at_once: int = 0  # the most at any time
    under_way: int = 0
    busy: list[tuple[float, float]] = field(
        default_factory=list
    )  # time.monotonic: at least one was under way

    @property
    def busy_seconds(self) -> float:
        return sum(end - start for start, end in self.busy)


class ModelServer:
    """Serves `policy` under the name `model`; a context manager. `url` stays the same over stop and start."""

    def __init__(
        self, policy: Policy, model: str = "tiny", port: int = 0, faults: Faults | None = None
    ) -> None:
        self.policy, self.model = policy, model
        self.faults = faults or Faults()
        self.counters = Counters()
        self.prompts: list[Any] = []  # the messages of each chat request
        self._lock = threading.Lock()
        self._busy_since = 0.0
        self._dead = threading.Event()
        self.gone = threading.Event()  # dead, and its port is free again
        self._connections: set[socket.socket] = set()
        self._server: ThreadingHTTPServer | None = None
        self._port = port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def alive(self) -> bool:
        return not self._dead.is_set()

    def start(self) -> None:
        """Listen, again at the same port after `stop` or death."""
        self._server = _Server(("127.0.0.1", self._port), _handler(self))
        self._port = self._server.server_port
        self._dead.clear()
        self.gone.clear()
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        """Gone at once, as a killed process is: nobody who waits gets an answer."""
        self._dead.set()
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
        with self._lock:
            connections, self._connections = self._connections, set()
        for connection in connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.gone.set()

    def __enter__(self) -> ModelServer:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def answer(self, body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        """Status, headers and body of the answer to a chat request; None: the server died instead."""
        with self._lock:
            number = self.counters.requests
            self.counters.requests += 1
            self.counters.under_way += 1
            self.counters.at_once = max(self.counters.at_once, self.counters.under_way)
            if self.counters.under_way == 1:
                self._busy_since = time.monotonic()
        try:
            return self._answer(number, body)
        finally:
            with self._lock:
                self.counters.under_way -= 1
                if self.counters.under_way == 0:
                    self.counters.busy.append((self._busy_since, time.monotonic()))

    def _answer(self, number: int, body: bytes) -> tuple[int, dict[str, str], bytes] | None:
        faults = self.faults
        time.sleep(faults.delay)
        if number < faults.refuse:
            return _error(429, "too many requests", {"Retry-After": faults.retry_after})
        if number in faults.fail:
            return _error(500, "the engine stumbled")
        try:
            asked = json.loads(body)
            request = _request(number, asked)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return _error(400, f"malformed request: {error}")
        self.prompts.append(asked["messages"])
        if asked.get("model") != self.model:
            return _error(404, f"the model {asked.get('model')!r} does not exist")
        try:
            completions = self.policy.complete(request)
        except PolicyError as error:
            return _error(400, str(error))
        with self._lock:
            if not self.alive:
                return None
            if faults.die_after is not None and self.counters.answered >= faults.die_after:
                faults.die_after = None
                self._dead.set()
                threading.Thread(target=self.stop, daemon=True).start()
                return None
            self.counters.answered += 1
        data = json.dumps(_reply(self.model, asked, completions, number in faults.empty)).encode()
        return 200, {}, data[: len(data) // 2] if number in faults.truncate else data

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.add(connection)

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._connections.discard(connection)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 256

    def handle_error(self, *_: Any) -> None:
        pass  # a client that did not wait


def _handler(owner: ModelServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def setup(self) -> None:
            super().setup()
            owner.opened(self.connection)

        def finish(self) -> None:
            owner.closed(self.connection)
            super().finish()

        def do_GET(self) -> None:
            if self.path != "/v1/models":
                self._send(*_error(404, "no such address"))
                return
            entry = {"id": owner.model, "object": "model", "owned_by": "tests", "root": owner.policy.version}
            self._send(200, {}, json.dumps({"object": "list", "data": [entry]}).encode())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = (
                owner.answer(body) if self.path == "/v1/chat/completions" else _error(404, "no such address")
            )
            if answer is None or not owner.alive:
                self.close_connection = True
                return
            self._send(*answer)

        def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


def _request(number: int, asked: dict[str, Any]) -> Request:
    limit = asked.get("max_completion_tokens") or asked.get("max_tokens")
    sampling = Sampling(asked.get("temperature"), asked.get("top_p"), limit, asked.get("seed"))
    messages = tuple({"role": one["role"], "content": one["content"]} for one in asked["messages"])
    return Request(f"served/{number}", messages, sampling, asked.get("n") or 1)


def _reply(model: str, asked: dict[str, Any], completions: list[Completion], empty: bool) -> dict[str, Any]:
    choices = []
    for index, one in enumerate(completions):
        choice = {
            "index": index,
            "message": {"role": "assistant", "content": "" if empty else one.text},
            "finish_reason": one.finish_reason,
        }
        if asked.get("logprobs"):
            listed = [{"token": "", "logprob": value, "top_logprobs": []} for value in one.logprobs or ()]
            choice["logprobs"] = {"content": listed}
        choices.append(choice)
    prompt = sum(one.prompt_tokens or 0 for one in completions)
    written = sum(one.completion_tokens or 0 for one in completions)
    usage = {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written}
    return {
        "id": "chat",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": choices,
        "usage": usage,
    }


def _error(
    status: int, message: str, headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes]:
    return status, headers or {}, json.dumps({"error": {"message": message}}).encode()


def main() -> None:
    """Serve one model until the process is ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="folder of a model, or an id of the hub")
    parser.add_argument("--name", default="tiny", help="under which it is served")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--dtype", default=None)
    options = parser.parse_args()
    from envforge.policies.local import TransformersPolicy

    policy = TransformersPolicy(options.model, f"transformers:{options.model}", dtype=options.dtype)
    with ModelServer(policy, options.name, options.port) as server:
        print(f"{options.name} at {server.url}", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
