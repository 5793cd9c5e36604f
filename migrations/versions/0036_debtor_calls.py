"""Calls to debtors and what came of them.

Revision 0036, after 0035.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "debtor_call",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("debtor_id", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("again_on", sa.Date(), nullable=True),
        sa.Column("promise_id", sa.BigInteger(), nullable=True),
        sa.Column("called_on", sa.Date(), nullable=False),
        sa.Column("called_at", INSTANT, nullable=False),
        sa.Column("called_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "(outcome = 'promised') = (promise_id IS NOT NULL)",
            name=op.f("ck_debtor_call_promised"),
        ),
        sa.CheckConstraint(
            "outcome IN ('promised','no_answer','again','disputes','refuses')",
            name=op.f("ck_debtor_call_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["debtor_id"], ["debtor.id"], name=op.f("fk_debtor_call_debtor_id")
        ),
        sa.ForeignKeyConstraint(
            ["promise_id"], ["promise.id"], name=op.f("fk_debtor_call_promise_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_debtor_call")),
    )
    op.create_index(op.f("ix_debtor_call_called_on"), "debtor_call", ["called_on"], unique=False)
    op.create_index(
        op.f("ix_debtor_call_debtor_id_id"), "debtor_call", ["debtor_id", "id"], unique=False
    )
    op.create_index(op.f("ix_debtor_call_promise_id"), "debtor_call", ["promise_id"], unique=False)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("debtor_call")
