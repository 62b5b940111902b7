"""Throughput of the sandbox and the gates, side by side in one run: `python -m envforge.bench`."""
