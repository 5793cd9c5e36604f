"""Days close in order: a day before the last closed one is never closed after it.

Revision 0058, after 0057.
"""

from __future__ import annotations

from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

ORDER = """
CREATE FUNCTION refuse_day_out_of_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last_closed date;
BEGIN
  -- One close at a time: the next one sees it.
  PERFORM pg_advisory_xact_lock(hashtext('closed_day'));
  last_closed := (SELECT max(day) FROM closed_day);
  IF NEW.day <= last_closed THEN
    RAISE EXCEPTION '% was closed before %, and covers it', last_closed, NEW.day
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(ORDER)
    op.execute(
        "CREATE TRIGGER closed_day_in_order BEFORE INSERT ON closed_day"
        " FOR EACH ROW EXECUTE FUNCTION refuse_day_out_of_order()"
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute("DROP TRIGGER closed_day_in_order ON closed_day")
    op.execute("DROP FUNCTION refuse_day_out_of_order()")
