"""`envforge check`: the gates L1 to L5 on files of the user."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from envforge.cli.options import AsJson, ConfigFile, Isolation

if TYPE_CHECKING:
    from envforge.config import Config
    from envforge.sources import SourceFile
    from envforge.verdict import Examination


def check(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Programs, or folders of programs (*.py).")
    ],
    config: ConfigFile = None,
    isolation: Isolation = None,
    as_json: AsJson = False,
) -> int:
    """Check programs against the contract: every gate that needs no solver, up to the first failure."""
    from envforge.cli.display import print_json
    from envforge.cli.exits import FAILED
    from envforge.cli.findings import show
    from envforge.config import change, load_config
    from envforge.sources import read_sources

    settings = load_config(config)
    if isolation is not None:
        import dataclasses

        sandbox = change(settings.sandbox, {"isolation": isolation}, "the command line", "sandbox")
        settings = dataclasses.replace(settings, sandbox=sandbox)
    files = read_sources(paths)
    examinations = list(_examinations(files, settings))
    if as_json:
        print_json([as_data(file, found) for file, found in zip(files, examinations)])
    else:
        show(files, examinations)
    return 0 if all(found.passed for found in examinations) else FAILED


def _examinations(files: Sequence[SourceFile], config: Config) -> Iterator[Examination]:
    """Examine the files side by side, with a progress bar on a terminal's standard error."""
    from concurrent.futures import ThreadPoolExecutor

    from envforge.cli.programs import sandboxed
    from envforge.cli.progress import progress_bar
    from envforge.validation import Validator

    with sandboxed(config.sandbox) as sandbox, progress_bar("checking", len(files)) as advance:
        validator = Validator(sandbox, config.validation)

        def examine(file: SourceFile) -> Examination:
            found = validator.examine(file.source)
            advance()
            return found

        pool = ThreadPoolExecutor(sandbox.workers, "check")
        try:
            yield from pool.map(examine, files)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def as_data(file: SourceFile, found: Examination) -> dict[str, Any]:
    """One file's examination as the JSON of docs/cli.md."""
    return {
        "path": str(file.path),
        "id": found.id,
        "title": found.program.title if found.program else None,
        "passed": found.passed,
        "stage": found.failure.stage.value if found.failure else None,
        "stages": [
            {
                "stage": verdict.stage.value,
                "passed": verdict.passed,
                "reason": verdict.reason,
                "evidence": verdict.evidence,
                "seconds": round(verdict.seconds, 4),
                "isolation": verdict.isolation,
            }
            for verdict in found.verdicts
        ],
    }
