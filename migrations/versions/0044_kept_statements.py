"""Statements made by themselves, kept as files, and put into the folders of recipients.

Revision 0044, after 0043.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cessio.plumbing.migrate import run_sql

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def _key() -> sa.Column[int]:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "recipient",
        _key(),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folder", sa.Text(), nullable=False),
        sa.Column("client_id", sa.BigInteger(), nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "folder ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'", name=op.f("ck_recipient_folder")
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_recipient_ended")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipient")),
        sa.UniqueConstraint("folder", name=op.f("uq_recipient_folder")),
    )
    op.create_index(
        "uq_recipient_client", "recipient", ["client_id"], unique=True,
        postgresql_where=sa.text("client_id IS NOT NULL AND ended_at IS NULL"),
    )  # fmt: skip
    _deliveries()
    _statements()
    run_sql(op.get_bind(), "97_statements.sql")
    for table in ("recipient", "delivery", "statement_order", "kept_statement"):
        op.execute(f"SELECT keep_rows('{table}')")


def _deliveries() -> None:
    op.create_table(
        "delivery",
        _key(),
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("delivered_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "filename ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,119}$'", name=op.f("ck_delivery_filename")
        ),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["recipient.id"], name=op.f("fk_delivery_recipient_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_delivery_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery")),
    )
    op.create_index(op.f("ix_delivery_document_id"), "delivery", ["document_id"])
    for column in ("filename", "document_id"):
        op.create_index(
            op.f(f"ix_delivery_recipient_id_{column}"), "delivery", ["recipient_id", column],
            unique=True,
        )  # fmt: skip


def _statements() -> None:
    op.create_table(
        "statement_order",
        _key(),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("rhythm", sa.Text(), nullable=False),
        sa.Column("formats", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "rhythm IN ('monthly', 'weekly', 'daily', 'none')",
            name=op.f("ck_statement_order_rhythm"),
        ),
        sa.CheckConstraint(
            "rhythm = 'none' OR cardinality(formats) > 0", name=op.f("ck_statement_order_formats")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_statement_order_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statement_order")),
    )
    op.create_index(
        op.f("ix_statement_order_contract_id_id"), "statement_order", ["contract_id", "id"]
    )
    op.create_table(
        "kept_statement",
        _key(),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("rhythm", sa.Text(), nullable=False),
        sa.Column("verification_code", sa.Text(), nullable=False),
        sa.Column("document_id", sa.BigInteger(), nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "rhythm IN ('monthly', 'weekly', 'daily', 'asked')",
            name=op.f("ck_kept_statement_rhythm"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_kept_statement_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["document.id"], name=op.f("fk_kept_statement_document_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_statement")),
        sa.UniqueConstraint("document_id", name=op.f("uq_kept_statement_document_id")),
    )
    days = ["contract_id", "from_on", "to_on", "format"]
    op.create_index(
        "uq_kept_statement_period", "kept_statement", days, unique=True,
        postgresql_where=sa.text("rhythm <> 'asked'"),
    )  # fmt: skip
    op.create_index(
        "uq_kept_statement_asked", "kept_statement", [*days, "verification_code"], unique=True,
        postgresql_where=sa.text("rhythm = 'asked'"),
    )  # fmt: skip


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for table in ("kept_statement", "statement_order", "delivery", "recipient"):
        op.drop_table(table)
    op.execute("DROP FUNCTION keep_delivery()")
    op.execute("DROP FUNCTION keep_recipient()")
