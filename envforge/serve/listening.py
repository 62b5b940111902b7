"""Listening: a socket of our own, so that what is wrong with it is said in a sentence, and the server on it."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING

from envforge.errors import UsageError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

GRACE_SECONDS = 3  # for answers under way at the end
AT_ONCE = 100  # connections
_WHY = {
    errno.EADDRINUSE: "it is in use: give another one with --port, or 0 for any",
    errno.EACCES: "that takes more rights: give one above 1023 with --port",
    errno.EADDRNOTAVAIL: "this machine has no such address: give one of its own with --host",
}


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens on the address; port 0 takes any free one. Raises UsageError when it cannot be had."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family)
    except socket.gaierror as error:
        raise UsageError(f"--host {host}: this is no address or name of a machine") from error
    except (OSError, OverflowError) as error:
        number = error.errno if isinstance(error, OSError) else None
        why = _WHY.get(number or 0) or str(error)
        raise UsageError(f"cannot listen on port {port} of {host}: {why}") from error


def address(listening: socket.socket) -> str:
    """The URL under which a browser on this machine reaches it."""
    host, port = listening.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def serve(app: ASGIApp, listening: socket.socket) -> None:
    """Answer until Ctrl-C or SIGTERM, which then reach whoever handled them before."""
    import uvicorn

    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",
        ws="none",
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=AT_ONCE,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listening])
