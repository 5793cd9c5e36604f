"""A client's people and keys are one hand where files are counted.

Revision 0072, after 0071.
"""

from __future__ import annotations

from alembic import op

from cessio.plumbing.migrate import run_sql

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    run_sql(op.get_bind(), "32_one_hand.sql")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("DROP FUNCTION one_hand(text)")
