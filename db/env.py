"""Alembic's entry point. It runs only from within `envforge.registry.schema`, on the connection given there."""

from __future__ import annotations

from alembic import context

from envforge.registry.tables import Base

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("the migrations run through 'envforge registry init' and 'envforge registry upgrade'")

context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite alters a table by making it anew
    transactional_ddl=True,  # also on SQLite, whose transactions envforge.registry.engine begins itself
)
with context.begin_transaction():
    context.run_migrations()
