"""The account numbers a client's accountant posts on.

Revision 0019, after 0018.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

ACCOUNTS = ("factor", "retention", "customers", "fees", "vat", "financing", "bank")


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "client_chart",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("journal", sa.Text(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ACCOUNTS),
        sa.Column("set_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_client_chart_client_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_chart")),
    )
    op.create_index(op.f("ix_client_chart_client_id_id"), "client_chart", ["client_id", "id"])


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("client_chart")
