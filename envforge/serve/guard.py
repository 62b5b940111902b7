"""What stands before every page: which names the server answers to, and what a browser may do with what it sends."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

# Nothing is loaded from elsewhere, nothing written in a page runs, no page can be framed, no form goes elsewhere.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}


class Sealed:
    """Puts HEADERS on every response, errors included."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        await self.app(scope, receive, sealed)


class Named:
    """Answers only those who call the server by a name that is its own.

    A web site can make its own name point at this machine, and a browser then takes this server for that site (DNS
    rebinding). With `names` alone that is refused. `anywhere` lets addresses in figures pass too, which no site can
    take over: for servers that were told to listen beyond this machine.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str], anywhere: bool = False) -> None:
        self.app = app
        self.anywhere = anywhere
        self.by_name = TrustedHostMiddleware(app, allowed_hosts=names, www_redirect=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        numeric = (
            self.anywhere and scope["type"] == "http" and _is_address(Headers(scope=scope).get("host", ""))
        )
        await (self.app if numeric else self.by_name)(scope, receive, send)


def _is_address(host: str) -> bool:
    """Whether a Host header names an IP address, with or without a port."""
    bare = host.partition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether a server that listens on `host` can be reached from this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
