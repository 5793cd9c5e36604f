"""Promises of debtors, who follows an invoice, the deadline of a dispute, and what lists search by.

Three indexes on ``receivable`` are built while its writes wait (one second per million rows each).
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN = sa.text("ended_at IS NULL")
INSTANT = postgresql.TIMESTAMP(timezone=True)

#: The deadline of disputes opened before it was kept: by the terms in force when they were.
DEADLINES = """
UPDATE dispute
   SET defunds_on = greatest(dispute.opened_on, receivable.due_date)
                    + terms.dispute_days_before_defunding::int + 1
  FROM receivable, contract_terms AS terms
 WHERE receivable.id = dispute.receivable_id
   AND terms.id = (
       SELECT version.id FROM contract_terms AS version
        WHERE version.contract_id = dispute.contract_id
        ORDER BY version.effective_from <= dispute.opened_on DESC,
                 CASE WHEN version.effective_from <= dispute.opened_on
                      THEN version.effective_from END DESC NULLS LAST,
                 version.effective_from, version.version DESC
        LIMIT 1)
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("dispute", sa.Column("defunds_on", sa.Date(), nullable=True))
    op.execute(DEADLINES)
    op.create_index(
        op.f("ix_dispute_defunds_on_id"), "dispute", ["defunds_on", "id"], postgresql_where=OPEN
    )
    op.create_index(op.f("ix_dispute_opened_at"), "dispute", ["opened_at"])
    op.create_index(op.f("ix_hold_placed_at"), "hold", ["placed_at"])
    op.create_index(op.f("ix_hold_ended_at"), "hold", ["ended_at"])
    op.create_index(op.f("ix_hold_receivable_id"), "hold", ["receivable_id"])
    op.create_index(op.f("ix_receivable_debtor_id_id"), "receivable", ["debtor_id", "id"])
    op.create_index(op.f("ix_receivable_issue_date_id"), "receivable", ["issue_date", "id"])
    op.create_index(
        op.f("ix_receivable_assigned_on"), "receivable", ["assigned_on"], postgresql_using="brin"
    )
    _create_follow()
    _create_promise()


def _create_follow() -> None:
    op.create_table(
        "receivable_follow",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_receivable_follow_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receivable_follow")),
    )
    op.create_index(op.f("ix_receivable_follow_given_at"), "receivable_follow", ["given_at"])
    op.create_index(
        op.f("ix_receivable_follow_person_id_receivable_id"),
        "receivable_follow",
        ["person_id", "receivable_id"],
        postgresql_where=OPEN,
    )
    op.create_index(
        op.f("ix_receivable_follow_receivable_id"), "receivable_follow", ["receivable_id"]
    )
    op.create_index(
        "uq_receivable_follow_open",
        "receivable_follow",
        ["receivable_id"],
        unique=True,
        postgresql_where=OPEN,
    )


def _create_promise() -> None:
    op.create_table(
        "promise",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("noted_at", INSTANT, nullable=False),
        sa.Column("noted_on", sa.Date(), nullable=False),
        sa.Column("noted_by", sa.Text(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_promise_amount")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (end_reason IS NULL)", name=op.f("ck_promise_ended")
        ),
        sa.ForeignKeyConstraint(["debtor_id"], ["debtor.id"], name=op.f("fk_promise_debtor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise")),
    )
    op.create_index(op.f("ix_promise_debtor_id_id"), "promise", ["debtor_id", "id"])
    op.create_index(
        op.f("ix_promise_due_on_id"), "promise", ["due_on", "id"], postgresql_where=OPEN
    )
    op.create_table(
        "promise_line",
        sa.Column("promise_id", sa.BigInteger(), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_promise_line_amount")),
        sa.ForeignKeyConstraint(
            ["promise_id"], ["promise.id"], name=op.f("fk_promise_line_promise_id")
        ),
        sa.PrimaryKeyConstraint("promise_id", "receivable_id", name=op.f("pk_promise_line")),
    )
    op.create_index(op.f("ix_promise_line_receivable_id"), "promise_line", ["receivable_id"])


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("promise_line")
    op.drop_table("promise")
    op.drop_table("receivable_follow")
    for name, table in (
        ("ix_receivable_assigned_on", "receivable"),
        ("ix_receivable_issue_date_id", "receivable"),
        ("ix_receivable_debtor_id_id", "receivable"),
        ("ix_hold_receivable_id", "hold"),
        ("ix_hold_ended_at", "hold"),
        ("ix_hold_placed_at", "hold"),
        ("ix_dispute_opened_at", "dispute"),
        ("ix_dispute_defunds_on_id", "dispute"),
    ):
        op.drop_index(op.f(name), table_name=table)
    op.drop_column("dispute", "defunds_on")
