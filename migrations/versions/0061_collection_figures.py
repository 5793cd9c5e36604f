"""What reminding brought, as it stood at the end of each day.

Revision 0061, after 0060.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "collection_figures",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("kept_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_collection_figures")),
    )
    op.execute("SELECT keep_rows('collection_figures')")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("collection_figures")
