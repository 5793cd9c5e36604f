"""Rights of the staff: the database refuses whom the operation refuses, and the directory more.

Revision 0066, after 0065.
"""

from __future__ import annotations

from alembic import op

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

#: Roles that may nothing which another one may not: the directory gives these alone.
WITHIN = """
CREATE FUNCTION is_role_within(narrow text, wide text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (narrow, wide) IN (('collector', 'account_manager'))
$$;
"""
RIGHTS = """
CREATE OR REPLACE FUNCTION check_rights() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  given boolean;
BEGIN
  IF NEW.audience <> 'staff' OR NEW.disabled_at IS NOT NULL THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'INSERT' THEN
    IF NEW.created_by ~ '^(person|token):' THEN
      RAISE EXCEPTION 'person: who is added to the staff waits for a second person'
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  given := NEW.role IS DISTINCT FROM OLD.role OR OLD.disabled_at IS NOT NULL
           OR OLD.audience <> 'staff';
  IF given AND (NEW.rights_at IS NULL OR NEW.rights_at IS NOT DISTINCT FROM OLD.rights_at) THEN
    RAISE EXCEPTION 'person %: nobody says who gave these rights', NEW.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
{by_two}  RETURN NEW;
END $$;
"""
BEFORE = """  IF given AND NEW.rights_by ~ '^(person|token):' AND NOT EXISTS (
    SELECT 1 FROM approval
     WHERE subject_kind = 'staff_access' AND subject_id = NEW.id AND decision = 'approved'
       AND checker = NEW.rights_by AND decided_at = NEW.rights_at
       AND summary -> 'args' ->> 'role' = NEW.role
  ) THEN
    RAISE EXCEPTION 'person %: nobody else agreed to these rights', NEW.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
"""
#: Asked by an administrator or the directory, agreed to by an administrator or the auditor, with
#: access both, and neither is who gains.
AFTER = """  IF given AND OLD.audience <> 'staff' THEN
    RAISE EXCEPTION 'person %: nobody of a client becomes staff', NEW.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF given AND NEW.rights_by = 'system:single-sign-on'
     AND NOT (OLD.disabled_at IS NULL AND is_role_within(NEW.role, OLD.role)) THEN
    RAISE EXCEPTION 'person %: the directory alone gives no rights', NEW.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF given AND NEW.rights_by ~ '^(person|token):' AND NOT EXISTS (
    SELECT 1 FROM approval AS asked
      JOIN person AS checks ON checks.id = asked.checker_id
      LEFT JOIN person AS makes ON makes.id = asked.maker_id
     WHERE asked.subject_kind = 'staff_access' AND asked.subject_id = NEW.id
       AND asked.decision = 'approved' AND asked.checker = NEW.rights_by
       AND asked.decided_at = NEW.rights_at AND asked.summary -> 'args' ->> 'role' = NEW.role
       AND checks.id <> NEW.id AND checks.audience = 'staff'
       AND checks.role IN ('admin', 'auditor')
       AND (asked.maker = 'system:single-sign-on'
            OR makes.id <> NEW.id AND makes.audience = 'staff' AND makes.role = 'admin'
               AND makes.disabled_at IS NULL)
  ) THEN
    RAISE EXCEPTION 'person %: nobody else agreed to these rights', NEW.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
"""


def upgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(WITHIN)
    op.execute(RIGHTS.replace("{by_two}", AFTER))


def downgrade() -> None:
    op.execute("SET lock_timeout = '5s'")
    op.execute(RIGHTS.replace("{by_two}", BEFORE))
    op.execute("DROP FUNCTION is_role_within(text, text)")
