"""Due dates of invoices move by a recorded change.

Revision 0015, after 0014.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cessio.plumbing.migrate import run_sql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

DROP = """
DROP TRIGGER receivable_due_date ON receivable;
DROP TABLE due_date_change;
DROP FUNCTION check_due_date(), keep_due_date_change();
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "due_date_change",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("receivable_id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision_comment", sa.Text(), nullable=True),
        sa.CheckConstraint("from_on <> to_on", name=op.f("ck_due_date_change_another")),
        sa.CheckConstraint(
            "outcome IN ('applied', 'rejected', 'withdrawn')",
            name=op.f("ck_due_date_change_outcome"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (decided_at IS NULL)", name=op.f("ck_due_date_change_decided")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_due_date_change_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_date_change")),
    )
    op.create_index(
        op.f("ix_due_date_change_receivable_id_id"), "due_date_change", ["receivable_id", "id"]
    )
    op.create_index(
        op.f("ix_due_date_change_decided_at"), "due_date_change", ["decided_at"],
        postgresql_where=sa.text("outcome = 'applied'"),
    )  # fmt: skip
    op.create_index(
        "uq_due_date_change_open", "due_date_change", ["receivable_id"], unique=True,
        postgresql_where=sa.text("outcome IS NULL"),
    )  # fmt: skip
    op.create_table(
        "due_date_policy",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("alone_days", sa.BigInteger(), nullable=False),
        sa.Column("set_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint("alone_days BETWEEN 0 AND 365", name=op.f("ck_due_date_policy_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_due_date_policy")),
    )
    run_sql(op.get_bind(), "80_due_dates.sql")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for statement in DROP.strip().splitlines():
        op.execute(statement)
    op.drop_table("due_date_policy")
