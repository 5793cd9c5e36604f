"""Readers from outside have a login of their own, and see the rows that are theirs.

Revision 0067, after 0066.
"""

from __future__ import annotations

from alembic import op

from cessio.plumbing.migrate import run_each, run_sql

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    # What comes last is not one transaction: all of it can be said again where it was cut short.
    op.execute(
        "ALTER TABLE person ADD COLUMN IF NOT EXISTS has_password boolean NOT NULL"
        " GENERATED ALWAYS AS (password_hash <> '!') STORED"
    )
    run_sql(op.get_bind(), "98_readers.sql")
    with op.get_context().autocommit_block():
        run_each(op.get_bind(), "98_readers_rules.sql")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    run_sql(op.get_bind(), "98_readers_gone.sql")
    op.drop_column("person", "has_password")
