"""Signals of vigilance: reasons to look, with their figures and what the look found.

Revision 0004, after 0003.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "signal",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=True),
        sa.Column("debtor_id", sa.BigInteger(), nullable=True),
        sa.Column("remittance_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "document_ids", postgresql.ARRAY(sa.BigInteger()), server_default="{}", nullable=False
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("found_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("found_by", sa.Text(), nullable=False),
        sa.Column("seen_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("looked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("looked_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'open') = (looked_at IS NULL)", name=op.f("ck_signal_looked")),
        sa.CheckConstraint("level IN ('high','medium','low')", name=op.f("ck_signal_level")),
        sa.CheckConstraint(
            "state IN ('open','explained','confirmed','false_alarm')",
            name=op.f("ck_signal_state"),
        ),
        sa.ForeignKeyConstraint(["client_id"], ["client.id"], name=op.f("fk_signal_client_id")),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_signal_contract_id")
        ),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_signal_debtor_id")),
        sa.ForeignKeyConstraint(
            ["remittance_id"], ["remittance.id"], name=op.f("fk_signal_remittance_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal")),
        sa.UniqueConstraint("kind", "key", name=op.f("uq_signal_kind_key")),
    )
    op.create_index(op.f("ix_signal_client_id_id"), "signal", ["client_id", "id"])
    op.create_index(
        op.f("ix_signal_debtor_id_id"), "signal", ["debtor_id", "id"],
        postgresql_where=sa.text("debtor_id IS NOT NULL"),
    )  # fmt: skip
    op.create_index("ix_signal_documents", "signal", ["document_ids"], postgresql_using="gin")
    op.create_index("ix_signal_open", "signal", ["id"], postgresql_where=sa.text("state = 'open'"))
    op.create_index(
        op.f("ix_signal_remittance_id"), "signal", ["remittance_id"],
        postgresql_where=sa.text("remittance_id IS NOT NULL"),
    )  # fmt: skip


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("signal")
