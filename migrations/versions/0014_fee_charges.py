"""Fees of the grids, charged for what happens.

Revision 0014, after 0013.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "fee_charge",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("base_minor", sa.BigInteger(), nullable=False),
        sa.Column("grid_id", sa.BigInteger(), nullable=False),
        sa.Column("grid_version", sa.BigInteger(), nullable=False),
        sa.Column("flat_minor", sa.BigInteger(), nullable=False),
        sa.Column("rate", sa.Numeric(9, 6), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("vat_minor", sa.BigInteger(), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=True),
        sa.Column("charged_at", INSTANT, nullable=False),
        sa.Column("charged_by", sa.Text(), nullable=False),
        sa.Column("reversal_id", sa.BigInteger(), nullable=True),
        sa.Column("reversed_at", INSTANT, nullable=True),
        sa.Column("reversed_by", sa.Text(), nullable=True),
        sa.CheckConstraint("net_minor > 0 AND vat_minor >= 0", name=op.f("ck_fee_charge_amounts")),
        sa.CheckConstraint(
            "(reversed_at IS NULL) = (reversed_by IS NULL)", name=op.f("ck_fee_charge_reversed")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_fee_charge_contract_id")
        ),
        sa.ForeignKeyConstraint(["grid_id"], ["fee_grid.id"], name=op.f("fk_fee_charge_grid_id")),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["ledger_transaction.id"],
            name=op.f("fk_fee_charge_transaction_id"),
        ),
        sa.ForeignKeyConstraint(
            ["reversal_id"], ["ledger_transaction.id"], name=op.f("fk_fee_charge_reversal_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_charge")),
        sa.UniqueConstraint(
            "contract_id", "kind", "event_id", name=op.f("uq_fee_charge_contract_id_kind_event_id")
        ),
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("fee_charge")
