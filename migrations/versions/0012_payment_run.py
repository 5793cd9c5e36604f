"""Two signatures on a payment order, limits of payouts, call backs, payouts told from debits.

Revision 0012, after 0011.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from cessio.plumbing.migrate import run_sql

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

DROP = """
DROP TRIGGER party_account_change ON party_account;
DROP TRIGGER payment_order_leaves ON payment_order;
DROP FUNCTION check_account_change(), check_order_leaves();
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "order_signature",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["order_id"], ["payment_order.id"], name=op.f("fk_order_signature_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_signature")),
        sa.UniqueConstraint(
            "order_id", "person_id", name=op.f("uq_order_signature_order_id_person_id")
        ),
    )
    op.create_index(
        op.f("ix_order_signature_person_id_signed_at"),
        "order_signature",
        ["person_id", "signed_at"],
    )
    op.create_table(
        "payout_limits",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("per_payout_minor", sa.BigInteger(), nullable=True),
        sa.Column("per_payee_day_minor", sa.BigInteger(), nullable=True),
        sa.Column("per_person_day_minor", sa.BigInteger(), nullable=True),
        sa.Column("per_order_minor", sa.BigInteger(), nullable=True),
        sa.Column("cut_off", sa.Time(), nullable=False),
        sa.Column("cooling_hours", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payout_limits")),
    )
    op.create_table(
        "account_callback",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("called_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("called_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["party_account.id"], name=op.f("fk_account_callback_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contact.id"], name=op.f("fk_account_callback_contact_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_callback")),
    )
    op.create_index(op.f("ix_account_callback_account_id"), "account_callback", ["account_id"])
    op.add_column(
        "payment_order", sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("payment_order", sa.Column("cancelled_by", sa.Text(), nullable=True))
    op.add_column("payment_order", sa.Column("cancelled_reason", sa.Text(), nullable=True))
    op.add_column("drawdown", sa.Column("debited_line_id", sa.BigInteger(), nullable=True))
    op.execute(
        "UPDATE drawdown SET debited_line_id = split_part(posted.effect, ':', 2)::bigint"
        "  FROM ledger_transaction AS posted"
        " WHERE posted.source_kind = 'drawdown' AND posted.source_id = drawdown.id"
        "   AND posted.effect LIKE 'paid:%'"
    )
    op.create_index(
        "ix_drawdown_not_debited",
        "drawdown",
        ["id"],
        postgresql_where=sa.text("state = 'paid' AND debited_line_id IS NULL"),
    )
    run_sql(op.get_bind(), "71_payment_run.sql")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(DROP)
    op.drop_index(
        "ix_drawdown_not_debited",
        table_name="drawdown",
        postgresql_where=sa.text("state = 'paid' AND debited_line_id IS NULL"),
    )
    op.drop_column("drawdown", "debited_line_id")
    for name in ("cancelled_reason", "cancelled_by", "cancelled_at"):
        op.drop_column("payment_order", name)
    op.drop_index(op.f("ix_account_callback_account_id"), table_name="account_callback")
    op.drop_table("account_callback")
    op.drop_table("payout_limits")
    op.drop_index(op.f("ix_order_signature_person_id_signed_at"), table_name="order_signature")
    op.drop_table("order_signature")
    op.execute("DROP FUNCTION check_account_callback(), check_order_signature()")
