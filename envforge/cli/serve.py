"""`envforge serve`: a registry to browse, while it grows."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from envforge.cli.options import DATABASE, ConfigFile, Database, Isolation

HOST, PORT = "127.0.0.1", 8000


def serve(
    db: Database = DATABASE,
    host: Annotated[
        str,
        typer.Option(
            "--host",
            metavar="ADDRESS",
            help="Where to listen. Any other address than this machine's own lets others read the registry.",
        ),
    ] = HOST,
    port: Annotated[
        int, typer.Option("--port", "-p", min=0, max=65535, metavar="N", help="0 takes any free one.")
    ] = PORT,
    audit: Annotated[
        Path | None,
        typer.Option(
            "--audit", metavar="FILE.json", help="Also show these findings, from envforge audit --json."
        ),
    ] = None,
    config: ConfigFile = None,
    isolation: Isolation = None,
) -> None:
    """Browse a registry on this machine: environments, verdicts, lineage, pool, runs. Changes nothing."""
    import socket

    from envforge.cli import display
    from envforge.config import change, load_config
    from envforge.errors import UsageError
    from envforge.registry import Registry

    try:
        from envforge.serve.application import Settings, application
    except ModuleNotFoundError as error:
        raise UsageError(f"envforge serve needs {error.name}: pip install 'envforge[serve]'") from error
    from envforge.serve.findings import read_findings
    from envforge.serve.guard import LOOPBACK, is_loopback
    from envforge.serve.listening import address, listen
    from envforge.serve.listening import serve as answer

    settings = load_config(config)
    level = {"workers": 1} if isolation is None else {"workers": 1, "isolation": isolation}
    with Registry.open(db, read_only=True) as registry:
        name = registry.name
    if audit is not None:
        read_findings(audit)
    beyond = not is_loopback(host)
    app = application(
        Settings(
            db,
            audit,
            (*LOOPBACK, host, *((socket.gethostname(),) if beyond else ())),
            beyond,
            settings.pool,
            change(settings.sandbox, level, "the command line", "sandbox"),
        )
    )
    with listen(host, port) as listening:
        if beyond:
            display.tell(
                f"Whoever reaches port {listening.getsockname()[1]} of {host} can read this registry: there is no "
                "password.",
                display.WARN,
            )
        display.screen().print(
            display.text(f"Serving {name} at {address(listening)} (Ctrl-C ends it)"), soft_wrap=True
        )
        answer(app, listening)
