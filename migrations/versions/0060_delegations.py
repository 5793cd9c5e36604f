"""What somebody away lends a colleague to decide, and whose place a decision was taken in.

Revision 0060, after 0059.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from cessio.plumbing.migrate import run_sql

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)

GONE = """
DROP TRIGGER order_signature_lent ON order_signature;
DROP TRIGGER approval_lent ON approval;
DROP TABLE delegation;
DROP FUNCTION check_delegation_kept(), check_lent_signature(), check_lent_decision(),
  lends(bigint, bigint, text, timestamptz);
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "delegation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("lender_id", sa.BigInteger(), nullable=False),
        sa.Column("deputy_id", sa.BigInteger(), nullable=False),
        sa.Column("permissions", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("up_to_minor", sa.BigInteger(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("given_at", INSTANT, nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_delegation_days")),
        sa.CheckConstraint("lender_id <> deputy_id", name=op.f("ck_delegation_another")),
        sa.CheckConstraint("cardinality(permissions) > 0", name=op.f("ck_delegation_something")),
        sa.CheckConstraint("up_to_minor > 0", name=op.f("ck_delegation_up_to")),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (ended_by IS NULL)", name=op.f("ck_delegation_ended")
        ),
        sa.ForeignKeyConstraint(["lender_id"], ["person.id"], name=op.f("fk_delegation_lender_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["person.id"], name=op.f("fk_delegation_deputy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_index(op.f("ix_delegation_lender_id"), "delegation", ["lender_id"])
    op.create_index(
        op.f("ix_delegation_deputy_id_to_on"), "delegation", ["deputy_id", "to_on"],
        postgresql_where=sa.text("ended_at IS NULL"),
    )  # fmt: skip
    for table in ("approval", "order_signature"):
        op.add_column(table, sa.Column("for_id", sa.BigInteger(), nullable=True))
        op.create_foreign_key(op.f(f"fk_{table}_for_id"), table, "person", ["for_id"], ["id"])
    op.create_check_constraint(
        op.f("ck_approval_lent_by_another"), "approval",
        "for_id <> maker_id AND for_id <> checker_id",
    )  # fmt: skip
    run_sql(op.get_bind(), "98_delegation.sql")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(GONE)
    op.drop_constraint(op.f("ck_approval_lent_by_another"), "approval")
    op.drop_column("order_signature", "for_id")
    op.drop_column("approval", "for_id")
