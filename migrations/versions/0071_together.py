"""What a row names belongs to whom the row belongs to.

Revision 0071, after 0070.
"""

from __future__ import annotations

from alembic import op

from cessio.plumbing.migrate import run_each, run_sql

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    run_sql(op.get_bind(), "98_together.sql")
    # Table by table, and all of it can be said again where it was cut short.
    with op.get_context().autocommit_block():
        run_each(op.get_bind(), "98_together_rules.sql")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    run_sql(op.get_bind(), "98_together_gone.sql")
