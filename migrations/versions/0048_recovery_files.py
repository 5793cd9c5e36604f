"""Files handed over for legal recovery.

Revision 0048, after 0047.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "recovery_file",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("given_to", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("handed_on", sa.Date(), nullable=False),
        sa.Column("invoice_count", sa.BigInteger(), nullable=False),
        sa.Column("handed_at", INSTANT, nullable=False),
        sa.Column("handed_by", sa.Text(), nullable=False),
        sa.Column("built_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("invoice_count > 0", name=op.f("ck_recovery_file_invoices")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_recovery_file_ended")
        ),
        sa.ForeignKeyConstraint(
            ["debtor_id"], ["debtor.id"], name=op.f("fk_recovery_file_debtor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_file")),
    )
    op.create_index(op.f("ix_recovery_file_debtor_id_id"), "recovery_file", ["debtor_id", "id"])
    op.create_table(
        "recovery_line",
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("open_minor", sa.BigInteger(), nullable=False),
        sa.Column("penalty_minor", sa.BigInteger(), nullable=False),
        sa.Column("indemnity_minor", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["recovery_file.id"], name=op.f("fk_recovery_line_file_id")
        ),
        sa.PrimaryKeyConstraint("file_id", "receivable_id", name=op.f("pk_recovery_line")),
    )
    op.create_index(op.f("ix_recovery_line_receivable_id"), "recovery_line", ["receivable_id"])
    for table in ("recovery_file", "recovery_line"):
        op.execute(f"SELECT keep_rows('{table}')")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("recovery_line")
    op.drop_table("recovery_file")
