"""Errors that are ours or the user's. What an environment program does wrong is never an exception: it is a
`Verdict` (see `envforge.verdict`)."""


class EnvforgeError(Exception):
    """Base of every error raised on purpose. The command line prints its message and exits with `exit_code`."""

    exit_code = 1


class UsageError(EnvforgeError):
    """Input that cannot be used: the message is one sentence with the remedy."""

    exit_code = 2


class ConfigError(UsageError):
    """A configuration file with an unknown key or an impossible value."""


class SandboxError(EnvforgeError):
    """The sandbox itself failed (our fault). Never turned into a score or a verdict on a program."""


class IsolationError(UsageError):
    """The isolation level asked for cannot be had on this machine."""


class RegistryError(EnvforgeError):
    """The registry cannot be read or written: wrong version, read-only, full disk, not a registry."""

    exit_code = 2


class ProposerError(EnvforgeError):
    """A proposer or the policy behind it cannot go on (server gone, key refused, recording unusable)."""
