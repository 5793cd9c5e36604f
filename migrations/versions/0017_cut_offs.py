"""The house's cut-offs; one setting of what one person decides.

Revision 0017, after 0016.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)
#: The payment run had a cut-off of its own.
CUT_OFF = """
    INSERT INTO house_cut_off (what, local, place, set_at, set_by)
    SELECT 'payout', cut_off, 'Europe/Paris', set_at, set_by
      FROM payout_limits ORDER BY id DESC LIMIT 1
"""
#: The limits desk had an amount up to which one person decided: from the next cent on, two do.
SECOND = """
    INSERT INTO house_authority (act, role, amount_minor, set_at, set_by)
    SELECT 'grant_limit', '*', policy.alone_upto_minor + 1, policy.set_at, policy.set_by
      FROM (SELECT * FROM limit_policy ORDER BY id DESC LIMIT 1) AS policy
     WHERE policy.alone_upto_minor IS NOT NULL
       AND NOT EXISTS (SELECT FROM house_authority
                        WHERE act = 'grant_limit' AND role = '*' AND ended_at IS NULL)
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "house_cut_off",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("local", sa.Time(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("set_at", INSTANT, nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint("what IN ('payout', 'remittance')", name=op.f("ck_house_cut_off_what")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_house_cut_off")),
    )
    op.create_index(
        "uq_house_cut_off_open",
        "house_cut_off",
        ["what"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.execute(CUT_OFF)
    op.execute(SECOND)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("DELETE FROM house_authority WHERE act = 'grant_limit' AND role = '*'")
    op.drop_table("house_cut_off")
