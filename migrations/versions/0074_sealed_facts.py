"""What is decided, agreed or published is corrected by a further row: the seals cover it.

Revision 0074, after 0073.
"""

from __future__ import annotations

from alembic import op

from cessio.plumbing.migrate import run_sql

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

TABLES = ("credit_limit", "index_fixing", "fee_grid_version", "offer_version", "payout_limits")


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    run_sql(op.get_bind(), "97_sealed_facts.sql")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for table in TABLES:
        op.execute(f"DROP TRIGGER sealed_fact ON {table}")
    op.execute("DROP FUNCTION refuse_edit_but()")
