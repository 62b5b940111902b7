"""The application: which address shows which page. It reads, and answers GET alone.

The registry is opened for reading at each request and closed after it, so a page shows what growth or training has
committed by then, and nobody who writes waits for a reader.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from envforge.audit.cards import About, cards, filters, ordered, tally
from envforge.audit.style import SCRIPT
from envforge.audit.target import ENVIRONMENT
from envforge.config import PoolConfig, SandboxConfig
from envforge.errors import EnvforgeError
from envforge.registry import Registry
from envforge.serve import views
from envforge.serve.findings import read_findings
from envforge.serve.guard import LOOPBACK, Named, Sealed
from envforge.serve.samples import Sampler
from envforge.serve.style import STYLE
from envforge.serve.templating import templates

SAMPLES_FROM = ("same-origin", "none")  # who may have the sandbox start: our own pages and people
_WORDS = {404: "Not here", 405: "Only for reading", 403: "Not from there", 503: "Not now"}


@dataclass(frozen=True, slots=True)
class Settings:
    """`db` is a file or URL. `names` are the hosts it answers to; with `anywhere`, so are addresses in figures."""

    db: str
    audit: Path | None = None
    names: Sequence[str] = LOOPBACK
    anywhere: bool = False
    pool: PoolConfig = field(default_factory=PoolConfig)
    sandbox: SandboxConfig = field(default_factory=lambda: SandboxConfig(workers=1))


def application(settings: Settings) -> ASGIApp:
    """The ASGI application, behind its guards."""
    pages = _Pages(settings)
    shown: dict[str, Callable[[Request], Response]] = {
        "/": pages.overview,
        "/environments": pages.environments,
        "/environments/{id:str}": pages.environment,
        "/environments/{id:str}/samples": pages.samples,
        "/lineage": pages.lineage,
        "/pool": pages.pool,
        "/runs": pages.runs,
        "/runs/{number:int}": pages.run,
        "/style.css": pages.style,
        "/script.js": pages.script,
    }
    if settings.audit is not None:
        shown["/audit"] = pages.audit
    made = Starlette(
        routes=[Route(path, page, methods=["GET"]) for path, page in shown.items()],
        exception_handlers={
            HTTPException: pages.refused,
            views.Missing: pages.missing,
            EnvforgeError: pages.failed,
        },
    )
    return Sealed(Named(made, settings.names, settings.anywhere))


class _Pages:
    """Requests to responses. Starlette calls these in threads, since none of them is a coroutine."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._templates = templates()
        self._sampler = Sampler(settings.sandbox)

    def overview(self, request: Request) -> Response:
        return self._read("overview", lambda registry: views.overview(registry, self._settings.pool))

    def environments(self, request: Request) -> Response:
        query = views.Query.of(request.query_params)
        return self._read("environments", lambda registry: views.environments(registry, query))

    def environment(self, request: Request) -> Response:
        id = request.path_params["id"]

        def read(registry: Registry) -> views.Context:
            return {**views.environment(registry, id), "samples": None, **self._found(id)}

        return self._read("environment", read)

    def samples(self, request: Request) -> Response:
        """One environment with instances. They cost something, so no other site's page may ask for them."""
        if request.headers.get("sec-fetch-site", "none") not in SAMPLES_FROM:
            raise HTTPException(403, "Samples are made for the pages of this server alone.")
        id = request.path_params["id"]

        def read(registry: Registry) -> views.Context:
            found = views.environment(registry, id)
            program = found["record"].program
            if program is None:
                raise views.Missing(f"Environment {id} is no program, so it makes no instances.")
            return {**found, "samples": self._sampler.samples(program), **self._found(id)}

        return self._read("environment", read)

    def lineage(self, request: Request) -> Response:
        of = request.query_params.get("of", "")
        return self._read("lineage", lambda registry: views.lineage(registry, of))

    def pool(self, request: Request) -> Response:
        state = request.query_params.get("state", "")
        return self._read("pool", lambda registry: views.pool(registry, self._settings.pool, state))

    def runs(self, request: Request) -> Response:
        return self._read("runs", views.runs)

    def run(self, request: Request) -> Response:
        number = request.path_params["number"]
        return self._read("run", lambda registry: views.run(registry, number))

    def audit(self, request: Request) -> Response:
        """The findings of the file, read anew each time, with links to what the registry holds."""
        assert self._settings.audit is not None
        found = ordered(read_findings(self._settings.audit))

        def read(registry: Registry) -> views.Context:
            known = {row.id: row.title or "" for row in registry.environments()}
            about = {one.target: _about(one.target, known) for one in found}
            groups = Counter(about[one.target].group for one in found)
            return {
                "counts": Counter(one.severity.value for one in found),
                "targets": len(about),
                "tally": tally(found) if found else "",
                "filters": filters(found, groups) if found else "",
                "cards": list(cards(found, about)),
                "file": self._settings.audit,
            }

        return self._read("audit", read)

    def style(self, request: Request) -> Response:
        return Response(STYLE, media_type="text/css")

    def script(self, request: Request) -> Response:
        return Response(SCRIPT, media_type="text/javascript")

    def refused(self, request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        said = {404: "There is no such page.", 405: "This server changes nothing: it answers GET alone."}
        response = self._problem(error.status_code, said.get(error.status_code, error.detail))
        response.headers.update(error.headers or {})
        return response

    def missing(self, request: Request, error: Exception) -> Response:
        return self._problem(404, str(error))

    def failed(self, request: Request, error: Exception) -> Response:
        """The registry, the sandbox or the file of findings cannot be used now: the command has ended for less, but
        they may come back, and so this server stays."""
        said = str(error)
        return self._problem(503, f"{said[:1].upper()}{said[1:].rstrip('.')}.")

    def _read(self, template: str, read: Callable[[Registry], views.Context]) -> Response:
        with Registry.open(self._settings.db, read_only=True) as registry:
            context = {"registry": registry.name, **read(registry)}
        return self._page(template, 200, context)

    def _problem(self, status: int, said: str) -> Response:
        word = _WORDS.get(status, "Not possible")
        return self._page("problem", status, {"registry": self._settings.db, "word": word, "said": said})

    def _page(self, template: str, status: int, context: dict[str, Any]) -> Response:
        always = {"audited": self._settings.audit is not None, "at": datetime.now(UTC), "template": template}
        made = self._templates.get_template(f"{template}.html").render(**always, **context)
        return HTMLResponse(made, status)

    def _found(self, id: str) -> views.Context:
        """What the audit says of one environment."""
        if self._settings.audit is None:
            return {"cards": []}
        found = [one for one in read_findings(self._settings.audit) if one.target == id]
        return {"cards": list(cards(ordered(found), {}))}


def _about(target: str, known: dict[str, str]) -> About:
    if target in known:
        return About(known[target], ENVIRONMENT, f"/environments/{target}")
    return About("", target.partition(":")[2].partition("/")[0] if target.startswith("gym:") else ENVIRONMENT)
