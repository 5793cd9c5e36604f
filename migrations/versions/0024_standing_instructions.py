"""What clients want drawn by itself, and what was, a row a contract and business day.

Revision 0024, after 0023.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cessio.plumbing.migrate import run_sql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "standing_instruction",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("weekdays", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("above_minor", sa.BigInteger(), nullable=False),
        sa.Column("reserve_minor", sa.BigInteger(), nullable=False),
        sa.Column("minimum_minor", sa.BigInteger(), nullable=False),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "mode IN ('off','daily','weekdays','above')",
            name=op.f("ck_standing_instruction_mode"),
        ),
        sa.CheckConstraint(
            "above_minor >= 0 AND reserve_minor >= 0 AND minimum_minor >= 0",
            name=op.f("ck_standing_instruction_amounts"),
        ),
        sa.CheckConstraint(
            "weekdays <@ ARRAY[1,2,3,4,5]::smallint[]"
            " AND (mode <> 'weekdays' OR cardinality(weekdays) > 0)",
            name=op.f("ck_standing_instruction_weekdays"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_standing_instruction_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_instruction")),
    )
    op.create_index(
        op.f("ix_standing_instruction_contract_id_id"),
        "standing_instruction",
        ["contract_id", "id"],
    )
    op.create_table(
        "standing_run",
        sa.Column("contract_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("payable_minor", sa.BigInteger(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("quiet", sa.Text(), nullable=True),
        sa.Column("drawdown_id", sa.BigInteger(), nullable=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "(quiet IS NULL) = (drawdown_id IS NOT NULL)",
            name=op.f("ck_standing_run_says_what"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract.id"], name=op.f("fk_standing_run_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["drawdown_id"], ["drawdown.id"], name=op.f("fk_standing_run_drawdown_id")
        ),
        sa.PrimaryKeyConstraint("contract_id", "day", name=op.f("pk_standing_run")),
    )
    op.create_index(op.f("ix_standing_run_drawdown_id"), "standing_run", ["drawdown_id"])
    run_sql(op.get_bind(), "91_standing.sql")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("standing_run")
    op.drop_table("standing_instruction")
