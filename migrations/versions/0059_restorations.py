"""That a book was put back from an older copy, and who let work go on.

Revision 0059, after 0058.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)

# Deferred: who asks tries the act before anybody agreed, and takes it back.
TWO = """
CREATE FUNCTION refuse_resuming_alone() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.resumed_at IS NOT NULL AND NOT EXISTS (
       SELECT FROM approval WHERE subject_kind = 'resume_work' AND subject_id = NEW.id
          AND decision = 'approved' AND maker_id <> checker_id) THEN
    RAISE EXCEPTION 'two people let work go on after restore %', NEW.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NULL;
END $$
"""

# Said by the programs that restore, before anybody can connect.
HOLD = """
CREATE FUNCTION hold_restored(instant timestamptz, why text) RETURNS void LANGUAGE sql AS $$
  INSERT INTO restoration (as_of, reason, held_at, held_by)
  SELECT instant, why, clock_timestamp(), 'system:restore'
   WHERE NOT EXISTS (SELECT FROM restoration WHERE resumed_at IS NULL)
$$
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "restoration",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("as_of", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("held_at", INSTANT, nullable=False),
        sa.Column("held_by", sa.Text(), nullable=False),
        sa.Column("marked_at", INSTANT, nullable=True),
        sa.Column("marked_by", sa.Text(), nullable=True),
        sa.Column("payout_count", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("resumed_at", INSTANT, nullable=True),
        sa.Column("resumed_by", sa.Text(), nullable=True),
        sa.Column("found", postgresql.JSONB(), nullable=True),
        sa.CheckConstraint(
            "(marked_at IS NULL) = (marked_by IS NULL)", name=op.f("ck_restoration_marked")
        ),
        sa.CheckConstraint(
            "(resumed_at IS NULL) = (resumed_by IS NULL)", name=op.f("ck_restoration_resumed")
        ),
        sa.CheckConstraint(
            "resumed_at IS NULL OR marked_at IS NOT NULL", name=op.f("ck_restoration_in_order")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_restoration")),
    )
    op.create_index(
        "uq_restoration_open",
        "restoration",
        [sa.text("(resumed_at IS NULL)")],
        unique=True,
        postgresql_where=sa.text("resumed_at IS NULL"),
    )
    op.execute("SELECT keep_rows('restoration')")
    op.execute(TWO)
    op.execute(
        "CREATE CONSTRAINT TRIGGER restoration_two_people AFTER INSERT OR UPDATE ON restoration"
        " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse_resuming_alone()"
    )
    op.execute(HOLD)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("DROP FUNCTION hold_restored(timestamptz, text)")
    op.drop_table("restoration")
    op.execute("DROP FUNCTION refuse_resuming_alone()")
