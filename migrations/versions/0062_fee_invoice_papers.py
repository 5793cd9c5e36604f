"""The paper of a fee invoice; a month that was invoiced too early has a second invoice.

Its downgrade is refused where a month has two.

Revision 0062, after 0061.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)
ONE_A_MONTH = "uq_fee_invoice_contract_id_to_on"


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "fee_invoice_paper",
        sa.Column("invoice_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("verification_code", sa.Text(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["fee_invoice.id"], name=op.f("fk_fee_invoice_paper_invoice_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_fee_invoice_paper_document_id")
        ),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_fee_invoice_paper")),
        sa.UniqueConstraint("document_id", name=op.f("uq_fee_invoice_paper_document_id")),
    )
    op.create_index(
        op.f("ix_fee_invoice_paper_verification_code"), "fee_invoice_paper", ["verification_code"]
    )
    op.execute("SELECT keep_rows('fee_invoice_paper')")
    op.drop_constraint(op.f(ONE_A_MONTH), "fee_invoice", type_="unique")
    op.create_index(op.f("ix_fee_invoice_contract_id_to_on"), "fee_invoice",
                    ["contract_id", "to_on"])  # fmt: skip


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_index(op.f("ix_fee_invoice_contract_id_to_on"), "fee_invoice")
    op.create_unique_constraint(op.f(ONE_A_MONTH), "fee_invoice", ["contract_id", "to_on"])
    op.drop_table("fee_invoice_paper")
