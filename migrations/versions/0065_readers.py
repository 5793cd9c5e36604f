"""Readers from outside have a login of their own, and see the rows that are theirs.

Revision 0065, after 0064.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cessio.plumbing.migrate import run_sql

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    known = sa.Computed("password_hash <> '!'", persisted=True)
    op.add_column("person", sa.Column("has_password", sa.Boolean(), known, nullable=False))
    run_sql(op.get_bind(), "98_readers.sql")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    run_sql(op.get_bind(), "98_readers_gone.sql")
    op.drop_column("person", "has_password")
