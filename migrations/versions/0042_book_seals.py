"""What the book remembers of its daily seals; kept rows are not truncated either.

Revision 0042, after 0041.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cessio.plumbing.migrate import run_sql

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

#: Rows of these were never changed nor deleted, but the whole table could be emptied.
KEPT = (
    "bank_statement", "closed_day", "contract_terms", "document", "drawdown_state", "dunning_day",
    "dunning_step", "dunning_switch", "dunning_version", "fee_invoice", "fee_invoice_line",
    "issued_report", "ledger_account", "order_signature", "payment_order", "remittance_state",
    "subrogation_receipt",
)  # fmt: skip


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "book_seal",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("sealed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_book_seal")),
    )
    run_sql(op.get_bind(), "97_seals.sql")
    for table in KEPT:
        op.execute(
            f"CREATE TRIGGER {table}_never_emptied BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for table in KEPT:
        op.execute(f"DROP TRIGGER {table}_never_emptied ON {table}")
    op.drop_table("book_seal")
