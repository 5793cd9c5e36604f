"""Who the house is and where it is paid is what two people said, and is ended, never edited.

Revision 0065, after 0064.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

INSTANT = postgresql.TIMESTAMP(timezone=True)

#: Accounts did not say who opened them: the audit trail does.
SAID = """
UPDATE factor_account AS account SET (opened_at, opened_by) = (
  SELECT coalesce(min(event.at), now()), coalesce(min(event.by), 'system:migration')
    FROM audit_event AS event
   WHERE event.subject_kind = 'factor_account' AND event.subject_id = account.id
     AND event.verb = 'opened_account')
"""
AGREED = """
CREATE FUNCTION check_account_of_house() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.iban, OLD.bic, OLD.holder, OLD.currency, OLD.is_payout, OLD.opened_at, OLD.opened_by)
     IS DISTINCT FROM
     (NEW.iban, NEW.bic, NEW.holder, NEW.currency, NEW.is_payout, NEW.opened_at, NEW.opened_by) THEN
    RAISE EXCEPTION 'an account of the house is what was opened, never edited'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE FUNCTION check_identity_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL
     OR (OLD.name, OLD.legal, OLD.siren, OLD.street, OLD.post_code, OLD.city, OLD.set_at,
         OLD.set_by)
        IS DISTINCT FROM
        (NEW.name, NEW.legal, NEW.siren, NEW.street, NEW.post_code, NEW.city, NEW.set_at,
         NEW.set_by) THEN
    RAISE EXCEPTION 'an identity of the house is ended, never changed'
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER factor_account_kept BEFORE UPDATE ON factor_account
  FOR EACH ROW EXECUTE FUNCTION check_account_of_house();
CREATE TRIGGER factor_account_agreed BEFORE INSERT ON factor_account
  FOR EACH ROW EXECUTE FUNCTION check_agreed('opened_by', 'opened_at', 'own_account');
CREATE TRIGGER factor_identity_kept BEFORE UPDATE ON factor_identity
  FOR EACH ROW EXECUTE FUNCTION check_identity_edit();
CREATE TRIGGER factor_identity_agreed BEFORE INSERT ON factor_identity
  FOR EACH ROW EXECUTE FUNCTION check_agreed('set_by', 'set_at', 'house_identity');
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.add_column("factor_account", sa.Column("opened_at", INSTANT, nullable=True))
    op.add_column("factor_account", sa.Column("opened_by", sa.Text(), nullable=True))
    op.execute(SAID)
    op.alter_column("factor_account", "opened_at", nullable=False)
    op.alter_column("factor_account", "opened_by", nullable=False)
    op.execute(AGREED)


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    for table in ("factor_account", "factor_identity"):
        op.execute(f"DROP TRIGGER {table}_agreed ON {table}")
        op.execute(f"DROP TRIGGER {table}_kept ON {table}")
    op.execute("DROP FUNCTION check_account_of_house(), check_identity_edit()")
    op.drop_column("factor_account", "opened_by")
    op.drop_column("factor_account", "opened_at")
