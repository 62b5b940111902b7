"""The browser for a registry: a small web server on this machine that reads, and changes nothing.

Needs the extra `serve` (starlette, uvicorn, jinja2), which is imported by its modules and not here.
"""
