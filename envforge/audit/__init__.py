"""Auditing: what is wrong with an environment, found by trying, with a command for each finding (docs/audit.md)."""
