"""envforge: a library of reasoning environments that grows itself.

Importing this package does no work; start at `envforge.cli` for the command line, `envforge.growth` for
the main loop and `envforge.contract` for the form of an environment program.
"""

__version__ = "0.1.0"
