"""One page about a training run, from the registry alone. See docs/report.md."""

from envforge.report.data import Report, RunData, gather, newest, read_run
from envforge.report.findings import as_data
from envforge.report.page import page

__all__ = ["Report", "RunData", "as_data", "gather", "newest", "page", "read_run"]
