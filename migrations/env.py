"""Alembic's entry: migrates the connection that ``cessio.plumbing.migrate`` hands over."""

from __future__ import annotations

from alembic import context

from cessio.plumbing.database import Base

connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("run `cessio migrate`: it takes the lock that keeps two starts apart")

context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    transaction_per_migration=True,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
