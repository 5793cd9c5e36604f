"""A contract ends by two people.

Revision 0068, after 0067.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None

ENDED = """
CREATE TRIGGER contract_end_agreed BEFORE UPDATE OF ended_on, ended_by, ended_at ON contract
  FOR EACH ROW WHEN (NEW.ended_on IS NOT NULL
                     AND (NEW.ended_on, NEW.ended_by, NEW.ended_at)
                         IS DISTINCT FROM (OLD.ended_on, OLD.ended_by, OLD.ended_at))
  EXECUTE FUNCTION check_agreed('ended_by', 'ended_at', 'contract_end');
CREATE FUNCTION check_contract_end() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'contract % has ended: another one is signed', OLD.id
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER contract_end_kept BEFORE UPDATE OF ended_on, ended_by, ended_at ON contract
  FOR EACH ROW WHEN (OLD.ended_on IS NOT NULL
                     AND (NEW.ended_on, NEW.ended_by, NEW.ended_at)
                         IS DISTINCT FROM (OLD.ended_on, OLD.ended_by, OLD.ended_at))
  EXECUTE FUNCTION check_contract_end();
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("contract", sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True),
                                        nullable=True))  # fmt: skip
    op.execute(ENDED)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("DROP TRIGGER contract_end_agreed ON contract")
    op.execute("DROP TRIGGER contract_end_kept ON contract")
    op.execute("DROP FUNCTION check_contract_end()")
    op.drop_column("contract", "ended_at")
