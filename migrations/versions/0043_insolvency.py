"""Insolvency proceedings of debtors.

Revision 0043, after 0042.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "insolvency",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("judged_on", sa.Date(), nullable=False),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("court", sa.Text(), nullable=True),
        sa.Column("representative", sa.Text(), nullable=True),
        sa.Column("address", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("limits", postgresql.JSONB(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("declared_at", INSTANT, nullable=False),
        sa.Column("declared_by", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.Column("claimed_on", sa.Date(), nullable=True),
        sa.Column("claimed_at", INSTANT, nullable=True),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "procedure IN ('safeguard','receivership','liquidation')",
            name=op.f("ck_insolvency_procedure"),
        ),
        sa.CheckConstraint(
            "published_on IS NULL OR published_on >= judged_on",
            name=op.f("ck_insolvency_published"),
        ),
        sa.CheckConstraint(
            "(claimed_on IS NULL) = (claimed_at IS NULL)", name=op.f("ck_insolvency_claimed")
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_insolvency_ended")
        ),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"],
                                name=op.f("fk_insolvency_debtor_id")),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"],
                                name=op.f("fk_insolvency_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insolvency")),
    )  # fmt: skip
    op.create_index(
        "uq_insolvency_open", "insolvency", ["debtor_id"], unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.create_index(op.f("ix_insolvency_debtor_id_id"), "insolvency", ["debtor_id", "id"])
    op.execute("SELECT keep_rows('insolvency')")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("insolvency")
