"""Who owns or controls a client: screened like everybody known there, ended and never taken away.

Revision 0064, after 0063.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)

KEPT = """
CREATE FUNCTION check_owner_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL
     OR (OLD.company_id, OLD.name, OLD.born_on, OLD.share_bp, OLD.since_on, OLD.added_at,
         OLD.added_by)
        IS DISTINCT FROM
        (NEW.company_id, NEW.name, NEW.born_on, NEW.share_bp, NEW.since_on, NEW.added_at,
         NEW.added_by) THEN
    RAISE EXCEPTION 'an owner is ended, never changed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER beneficial_owner_kept BEFORE UPDATE ON beneficial_owner
  FOR EACH ROW EXECUTE FUNCTION check_owner_edit();
CREATE TRIGGER beneficial_owner_unscreened AFTER INSERT ON beneficial_owner
  FOR EACH ROW EXECUTE FUNCTION mark_unscreened();
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.create_table(
        "beneficial_owner",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("company_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("born_on", sa.Date(), nullable=False),
        sa.Column("share_bp", sa.SmallInteger(), nullable=True),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("added_at", INSTANT, nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint("share_bp BETWEEN 1 AND 10000", name=op.f("ck_beneficial_owner_share")),
        sa.CheckConstraint("since_on > born_on AND until_on >= since_on",
                           name=op.f("ck_beneficial_owner_dates")),
        sa.CheckConstraint("(until_on IS NULL) = (ended_at IS NULL)",
                           name=op.f("ck_beneficial_owner_ended")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"],
                                name=op.f("fk_beneficial_owner_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_beneficial_owner")),
    )  # fmt: skip
    op.create_index(op.f("ix_beneficial_owner_company_id"), "beneficial_owner", ["company_id"])
    op.execute(KEPT)
    op.execute("SELECT keep_rows('beneficial_owner')")


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.drop_table("beneficial_owner")
    op.execute("DROP FUNCTION check_owner_edit()")
