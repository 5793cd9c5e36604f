"""Invoices verified before they are funded: why, how far, and the secret samples are drawn with.

Revision 0009, after 0008.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cessio.plumbing.migrate import run_sql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

#: Random bits nobody has seen: two random identifiers, hashed.
SEED = """
    INSERT INTO verification_seed (value, set_at, set_by)
    SELECT sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea), now(),
           'system:setup'
"""
#: Invoices held for verification before this release wait in the queue as the others do.
HELD = """
    INSERT INTO verification (receivable_id, contract_id, reasons, required_at, required_by)
    SELECT receivable_id, contract_id, '{above_amount}', placed_at, placed_by
      FROM hold WHERE reason = 'not_verified' AND ended_at IS NULL
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "verification_seed",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column("set_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification_seed")),
    )
    op.create_table(
        "verification",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("reasons", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("seed_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), server_default="waiting", nullable=False),
        sa.Column("required_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("required_by", sa.Text(), nullable=False),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("asked_by", sa.Text(), nullable=True),
        sa.Column("asked_to", sa.Text(), nullable=True),
        sa.Column("code_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("confirmed_minor", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('waiting','asked')) = (ended_at IS NULL)",
            name=op.f("ck_verification_ended"),
        ),
        sa.CheckConstraint(
            "state IN ('waiting','asked','confirmed','partly','failed','dropped')",
            name=op.f("ck_verification_state"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_verification_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["seed_id"], ["verification_seed.id"], name=op.f("fk_verification_seed_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verification")),
    )
    op.create_index(op.f("ix_verification_contract_id_id"), "verification", ["contract_id", "id"])
    op.create_index(
        op.f("ix_verification_receivable_id_id"), "verification", ["receivable_id", "id"]
    )
    op.create_index(
        "ix_verification_waiting", "verification", ["id"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.create_index(
        "uq_verification_code", "verification", ["code_sha256"], unique=True,
        postgresql_where=sa.text("code_sha256 IS NOT NULL"),
    )  # fmt: skip
    op.create_index(
        "uq_verification_open", "verification", ["receivable_id"], unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    op.add_column(
        "contract_terms",
        sa.Column(
            "verification_risk_rate", sa.Numeric(precision=9, scale=6), server_default="0",
            nullable=False,
        ),
    )  # fmt: skip
    op.add_column(
        "contract_terms",
        sa.Column(
            "verification_first_invoices", sa.BigInteger(), server_default="0", nullable=False
        ),
    )
    op.add_column(
        "remittance_line",
        sa.Column("must_verify", sa.Boolean(), server_default="false", nullable=False),
    )
    op.execute(SEED)
    op.execute(HELD)
    run_sql(op.get_bind(), "70_verification.sql")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("DROP TRIGGER hold_until_verified ON hold")
    op.execute("DROP FUNCTION refuse_unverified()")
    op.drop_column("remittance_line", "must_verify")
    op.drop_column("contract_terms", "verification_first_invoices")
    op.drop_column("contract_terms", "verification_risk_rate")
    op.drop_table("verification")
    op.drop_table("verification_seed")
