"""The limits desk: promised answers, authority, caps over groups, proposals, notices of an end.

Two indexes for reading one debtor over all clients. The one on ``receivable`` holds only what is
closed: while it is built, closing waits (about two seconds for a million).

Revision 0010, after 0009.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "answer_promise",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("from_minor", sa.BigInteger(), nullable=False),
        sa.Column("business_days", sa.BigInteger(), nullable=False),
        sa.Column("set_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint("business_days BETWEEN 0 AND 60", name=op.f("ck_answer_promise_days")),
        sa.CheckConstraint("from_minor >= 0", name=op.f("ck_answer_promise_from")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_promise")),
    )
    op.create_index(
        "uq_answer_promise_open",
        "answer_promise",
        ["from_minor"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "limit_policy",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("alone_upto_minor", sa.BigInteger(), nullable=True),
        sa.Column("notice_days", sa.BigInteger(), nullable=False),
        sa.Column("set_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint("alone_upto_minor >= 0", name=op.f("ck_limit_policy_alone")),
        sa.CheckConstraint("notice_days BETWEEN 1 AND 180", name=op.f("ck_limit_policy_notice")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_policy")),
    )
    op.create_table(
        "group_limit",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("insurer", sa.Text(), nullable=True),
        sa.Column("insurer_reference", sa.Text(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("kind IN ('cover', 'funding')", name=op.f("ck_group_limit_kind")),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_group_limit_amount")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_group_limit_validity")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_group_limit_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["company_group.id"], name=op.f("fk_group_limit_group_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_limit")),
    )
    op.create_index(op.f("ix_group_limit_group_id"), "group_limit", ["group_id"], unique=False)
    op.create_index(
        "uq_group_limit_open",
        "group_limit",
        ["group_id", "contract_id", "kind", "currency"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.create_table(
        "ending_notice",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("limit_id", sa.BigInteger(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("noticed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("noticed_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["limit_id"], ["credit_limit.id"], name=op.f("fk_ending_notice_limit_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ending_notice")),
        sa.UniqueConstraint("limit_id", "ends_on", name=op.f("uq_ending_notice_limit_id_ends_on")),
    )
    op.create_table(
        "limit_proposal",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("request_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("cover_rate", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("is_temporary", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("insurer", sa.Text(), nullable=True),
        sa.Column("insurer_reference", sa.Text(), nullable=True),
        sa.Column("conditions", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("why", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("proposed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("limit_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "(limit_id IS NOT NULL) = (outcome = 'approved')", name=op.f("ck_limit_proposal_taken")
        ),
        sa.CheckConstraint("kind IN ('cover', 'funding')", name=op.f("ck_limit_proposal_kind")),
        sa.CheckConstraint(
            "outcome IN ('approved', 'rejected', 'withdrawn')",
            name=op.f("ck_limit_proposal_outcome"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_limit_proposal_ended")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_limit_proposal_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["debtor_id"], ["debtor.id"], name=op.f("fk_limit_proposal_debtor_id")
        ),
        sa.ForeignKeyConstraint(
            ["limit_id"], ["credit_limit.id"], name=op.f("fk_limit_proposal_limit_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["limit_request.id"], name=op.f("fk_limit_proposal_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_proposal")),
    )
    op.create_index(
        "uq_limit_proposal_open",
        "limit_proposal",
        ["contract_id", "debtor_id", "kind"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_index(
        op.f("ix_limit_request_answered_at_id"),
        "limit_request",
        ["answered_at", "id"],
        unique=False,
        postgresql_where=sa.text("answered_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_ledger_account_debtor_id"),
        "ledger_account",
        ["debtor_id"],
        unique=False,
        postgresql_where=sa.text("debtor_id IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_receivable_debtor_id_closed_on"),
        "receivable",
        ["debtor_id", "closed_on"],
        unique=False,
        postgresql_where=sa.text("closed_on IS NOT NULL"),
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_index(
        op.f("ix_receivable_debtor_id_closed_on"),
        table_name="receivable",
        postgresql_where=sa.text("closed_on IS NOT NULL"),
    )
    op.drop_index(op.f("ix_limit_request_answered_at_id"), table_name="limit_request")
    op.drop_index(
        op.f("ix_ledger_account_debtor_id"),
        table_name="ledger_account",
        postgresql_where=sa.text("debtor_id IS NOT NULL"),
    )
    op.drop_index(
        "uq_limit_proposal_open",
        table_name="limit_proposal",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("limit_proposal")
    op.drop_table("ending_notice")
    op.drop_index(
        "uq_group_limit_open",
        table_name="group_limit",
        postgresql_where=sa.text("ended_at IS NULL"),
        postgresql_nulls_not_distinct=True,
    )
    op.drop_index(op.f("ix_group_limit_group_id"), table_name="group_limit")
    op.drop_table("group_limit")
    op.drop_table("limit_policy")
    op.drop_index(
        "uq_answer_promise_open",
        table_name="answer_promise",
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.drop_table("answer_promise")
