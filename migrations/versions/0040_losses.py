"""Claims on insurers, and money that comes after an indemnity.

Revision 0040, after 0039.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    _claims()
    _movements()
    for table in ("insurer_claim", "loss_movement"):
        op.execute(f"SELECT keep_rows('{table}')")


def _claims() -> None:
    op.create_table(
        "insurer_claim",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("settlement_id", sa.BigInteger(), nullable=False),
        sa.Column("insurer", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("loss_minor", "deductible_minor", "before_minor", "claimed_minor")
        ),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("declared_at", INSTANT, nullable=False),
        sa.Column("declared_by", sa.Text(), nullable=False),
        sa.Column("agreed_minor", sa.BigInteger(), nullable=True),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("agreed_at", INSTANT, nullable=True),
        sa.Column("agreed_by", sa.Text(), nullable=True),
        sa.Column("transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "loss_minor > 0 AND deductible_minor >= 0 AND before_minor >= 0"
            " AND claimed_minor BETWEEN 0 AND loss_minor",
            name=op.f("ck_insurer_claim_amounts"),
        ),
        sa.CheckConstraint(
            "agreed_minor IS NULL OR agreed_minor BETWEEN 0 AND loss_minor",
            name=op.f("ck_insurer_claim_agreed"),
        ),
        sa.CheckConstraint(
            "(agreed_minor IS NULL) = (agreed_at IS NULL)", name=op.f("ck_insurer_claim_answered")
        ),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["unpaid_settlement.id"],
            name=op.f("fk_insurer_claim_settlement_id"),
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["ledger_transaction.id"],
            name=op.f("fk_insurer_claim_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_insurer_claim")),
    )  # fmt: skip
    op.create_index(op.f("ix_insurer_claim_settlement_id"), "insurer_claim", ["settlement_id"])
    op.create_index(
        "uq_insurer_claim_open", "insurer_claim", ["settlement_id"], unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )  # fmt: skip


def _movements() -> None:
    op.create_table(
        "loss_movement",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("settlement_id", sa.BigInteger(), nullable=False),
        sa.Column("application_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("amount_minor", "factor_minor", "insurer_minor", "client_minor")
        ),
        sa.Column("value_date", sa.Date(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("undone_at", INSTANT, nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('insurer', 'recovery')", name=op.f("ck_loss_movement_kind")),
        sa.CheckConstraint(
            "factor_minor + insurer_minor + client_minor = amount_minor",
            name=op.f("ck_loss_movement_parts"),
        ),
        sa.ForeignKeyConstraint(
            ["settlement_id"], ["unpaid_settlement.id"],
            name=op.f("fk_loss_movement_settlement_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loss_movement")),
        sa.UniqueConstraint("application_id", name=op.f("uq_loss_movement_application_id")),
    )  # fmt: skip
    op.create_index(op.f("ix_loss_movement_settlement_id"), "loss_movement", ["settlement_id"])


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("loss_movement")
    op.drop_table("insurer_claim")
