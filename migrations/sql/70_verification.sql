-- An invoice that must be verified stays held until it was: whoever ends the hold, and how.
CREATE OR REPLACE FUNCTION refuse_unverified() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT state FROM verification WHERE receivable_id = NEW.receivable_id
       ORDER BY id DESC LIMIT 1) IN ('waiting', 'asked', 'failed') THEN
    RAISE EXCEPTION 'receivable % is not verified', NEW.receivable_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER hold_until_verified BEFORE UPDATE ON hold FOR EACH ROW
  WHEN (OLD.reason = 'not_verified' AND OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL)
  EXECUTE FUNCTION refuse_unverified();
