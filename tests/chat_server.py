"""A small real HTTP server that speaks the OpenAI protocol, or breaks it on purpose."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Reply:
    """What the server sends back: `body` is JSON data, or bytes as they are. `cut`: hangs up half way through."""

    body: Any
    status: int = 200
    delay: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    cut: bool = False


def completion(text: str | None, finish_reason: str = "stop") -> Reply:
    """A well-formed chat completion."""
    return completions([text], finish_reason)


def completions(texts: Sequence[str | None], finish_reason: str = "stop") -> Reply:
    """Several choices; 11 tokens read, 7 written for each."""
    choices = [
        {"index": i, "message": {"role": "assistant", "content": text}, "finish_reason": finish_reason}
        for i, text in enumerate(texts)
    ]
    written = 7 * len(texts)
    usage = {"prompt_tokens": 11, "completion_tokens": written, "total_tokens": 11 + written}
    return Reply({"id": "x", "object": "chat.completion", "choices": choices, "usage": usage})


def failure(status: int, **headers: str) -> Reply:
    return Reply({"error": {"message": "no, not now"}}, status, headers={"retry-after-ms": "1", **headers})


def refusal(message: str, param: str | None = None, status: int = 400) -> Reply:
    """What a server says that does not take a setting."""
    return Reply({"error": {"message": message, "type": "invalid_request_error", "param": param}}, status)


class _Server(ThreadingHTTPServer):
    request_queue_size = 512  # many connections at once


class ChatServer:
    """`answer(request, number)` gives the reply to the number-th chat request, counted from 0.

    `at_once` is the largest number of chat requests that were being answered at the same time.
    """

    def __init__(
        self, answer: Callable[[dict[str, Any], int], Reply], models: Reply | None = None, port: int = 0
    ) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.at_once = self.greetings = self._now = 0
        self._answer = answer
        self.models = models or Reply({"object": "list", "data": []})
        self._lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.greetings += 1
                time.sleep(outer.models.delay)
                self._send(outer.models)

            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with outer._lock:
                    number = len(outer.requests)
                    outer.requests.append(request)
                    outer.keys.append(self.headers.get("Authorization"))
                    outer._now += 1
                    outer.at_once = max(outer.at_once, outer._now)
                reply = outer._answer(request, number)
                time.sleep(reply.delay)
                with outer._lock:  # before the client can see the reply and send its next request
                    outer._now -= 1
                self._send(reply)

            def _send(self, reply: Reply) -> None:
                data = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
                try:
                    self.send_response(reply.status)
                    for name, value in {"Content-Type": "application/json", **reply.headers}.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data[: len(data) // 2] if reply.cut else data)
                except OSError:
                    pass  # the client did not wait

            def log_message(self, *_: Any) -> None:
                pass

        self._server = _Server(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    def __enter__(self) -> ChatServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def closed_port() -> Iterator[str]:
    """A base URL at which nothing listens."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    port = server.server_port
    server.server_close()
    yield f"http://127.0.0.1:{port}/v1"
