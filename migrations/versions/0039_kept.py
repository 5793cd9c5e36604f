"""What has ended is a row that says so: the database deletes no fact.

Revision 0039, after 0038.
"""

from __future__ import annotations

from alembic import op

from cessio.plumbing.migrate import run_sql

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    run_sql(op.get_bind(), "99_kept.sql")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("DROP FUNCTION keep_rows")
    op.execute("DROP FUNCTION refuse_removal() CASCADE")
