"""The command line. `main` is the console script; nothing heavy is imported before a command needs it."""

from __future__ import annotations

from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command (`sys.argv` without arguments) and return its exit code, as docs/cli.md lists them."""
    from envforge.cli.exits import guarded

    def command() -> object:
        from envforge.cli.app import application

        return application()(
            args=None if arguments is None else list(arguments), prog_name="envforge", standalone_mode=False
        )

    return guarded(command)
