"""Codes of letters to debtors, what was opened by them, and what debtors said.

Revision 0027, after 0026.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    _create_letter_code()
    _create_letter_access()
    _create_debtor_reply()
    _create_debtor_reply_invoice()


def _create_letter_code() -> None:
    op.create_table(
        "letter_code",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("receivable_ids", postgresql.ARRAY(sa.BigInteger()), nullable=True),
        sa.Column("iban", sa.Text(), nullable=False),
        sa.Column("bic", sa.Text(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("revoked_at", INSTANT, nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.Column("revoked_why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)"
            " AND (revoked_at IS NULL) = (revoked_why IS NULL)",
            name=op.f("ck_letter_code_revoked"),
        ),
        sa.CheckConstraint(
            "cardinality(receivable_ids) > 0", name=op.f("ck_letter_code_receivables")
        ),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_letter_code_days")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_letter_code_message_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_code")),
        sa.UniqueConstraint("code", name=op.f("uq_letter_code_code")),
        sa.UniqueConstraint("message_id", name=op.f("uq_letter_code_message_id")),
    )
    op.create_index(
        op.f("ix_letter_code_debtor_id_contract_id_id"),
        "letter_code",
        ["debtor_id", "contract_id", "id"],
    )


def _create_letter_access() -> None:
    op.create_table(
        "letter_access",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code_id", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "act IN ('look', 'paid', 'disputed', 'genuine', 'foreign')",
            name=op.f("ck_letter_access_act"),
        ),
        sa.ForeignKeyConstraint(
            ["code_id"], ["letter_code.id"], name=op.f("fk_letter_access_code_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_access")),
    )
    op.create_index(op.f("ix_letter_access_code_id_at"), "letter_access", ["code_id", "at"])


def _create_debtor_reply() -> None:
    op.create_table(
        "debtor_reply",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("code_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=True),
        sa.Column("means", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("paid_to", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("said_at", INSTANT, nullable=False),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(kind = 'disputed') = (reason IS NOT NULL)", name=op.f("ck_debtor_reply_disputed")
        ),
        sa.CheckConstraint(
            "(kind = 'paid') = (paid_on IS NOT NULL)", name=op.f("ck_debtor_reply_paid")
        ),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at IS NULL)"
            " AND (decided_at IS NULL) = (decided_by IS NULL)",
            name=op.f("ck_debtor_reply_decided"),
        ),
        sa.CheckConstraint("kind IN ('paid', 'disputed')", name=op.f("ck_debtor_reply_kind")),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'refused')", name=op.f("ck_debtor_reply_state")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_debtor_reply_amount")),
        sa.ForeignKeyConstraint(
            ["client_id"], ["client.id"], name=op.f("fk_debtor_reply_client_id")
        ),
        sa.ForeignKeyConstraint(
            ["code_id"], ["letter_code.id"], name=op.f("fk_debtor_reply_code_id")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_debtor_reply_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["debtor_id"], ["debtor.id"], name=op.f("fk_debtor_reply_debtor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debtor_reply")),
    )
    op.create_index(op.f("ix_debtor_reply_client_id_id"), "debtor_reply", ["client_id", "id"])
    op.create_index(op.f("ix_debtor_reply_code_id_id"), "debtor_reply", ["code_id", "id"])
    op.create_index(op.f("ix_debtor_reply_debtor_id_id"), "debtor_reply", ["debtor_id", "id"])
    op.create_index(
        "ix_debtor_reply_open", "debtor_reply", ["id"], postgresql_where=sa.text("state = 'open'")
    )
    op.create_index(
        "uq_debtor_reply_open",
        "debtor_reply",
        ["code_id", "digest"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )


def _create_debtor_reply_invoice() -> None:
    op.create_table(
        "debtor_reply_invoice",
        sa.Column("reply_id", sa.BigInteger(), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("open_minor", sa.BigInteger(), nullable=False),
        sa.Column("dispute_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["dispute_id"], ["dispute.id"], name=op.f("fk_debtor_reply_invoice_dispute_id")
        ),
        sa.ForeignKeyConstraint(
            ["reply_id"], ["debtor_reply.id"], name=op.f("fk_debtor_reply_invoice_reply_id")
        ),
        sa.PrimaryKeyConstraint("reply_id", "receivable_id", name=op.f("pk_debtor_reply_invoice")),
    )
    op.create_index(
        op.f("ix_debtor_reply_invoice_receivable_id"), "debtor_reply_invoice", ["receivable_id"]
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for table in ("debtor_reply_invoice", "debtor_reply", "letter_access", "letter_code"):
        op.drop_table(table)
