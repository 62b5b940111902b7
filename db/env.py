"""Alembic's entry point. It runs only from within `envforge.registry.schema`, on the connection given there."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import TypeDecorator

from envforge.registry.tables import Base

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("the migrations run through 'envforge registry init' and 'envforge registry upgrade'")


def render_item(kind: str, item: Any, _: Any) -> str | Literal[False]:
    """Write our own column types into new migrations as what they are in the database."""
    return f"sa.{item.impl!r}" if kind == "type" and isinstance(item, TypeDecorator) else False


context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_item=render_item,
    render_as_batch=True,  # SQLite alters a table by making it anew
    transactional_ddl=True,  # also on SQLite, whose transactions envforge.registry.engine begins itself
)
with context.begin_transaction():
    context.run_migrations()
