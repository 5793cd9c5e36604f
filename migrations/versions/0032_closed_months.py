"""Months closed by two persons, and the refusal of what would still be posted in them.

Revision 0032, after 0031.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cessio.plumbing.migrate import run_sql

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "closed_month",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("approval_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("figures", postgresql.JSONB(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.Column("closed_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "month = date_trunc('month', month)::date"
            " AND to_on = (month + interval '1 month')::date - 1",
            name=op.f("ck_closed_month_whole"),
        ),
        sa.CheckConstraint("asked_by <> closed_by", name=op.f("ck_closed_month_two_actors")),
        sa.ForeignKeyConstraint(
            ["approval_id"], ["approval.id"], name=op.f("fk_closed_month_approval_id")
        ),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_closed_month")),
        sa.UniqueConstraint("approval_id", name=op.f("uq_closed_month_approval_id")),
    )
    op.create_index(
        op.f("ix_ledger_transaction_booked_on"), "ledger_transaction", ["booked_on"],
        postgresql_using="brin",
    )  # fmt: skip
    run_sql(op.get_bind(), "95_months.sql")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("DROP TRIGGER ledger_transaction_open_month ON ledger_transaction")
    op.execute("DROP FUNCTION refuse_closed_month()")
    op.drop_index(op.f("ix_ledger_transaction_booked_on"), table_name="ledger_transaction")
    op.drop_table("closed_month")
    op.execute("DROP FUNCTION refuse_early_month()")
