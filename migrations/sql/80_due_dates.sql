-- A due date moves only as its latest applied change says: re-ageing leaves its trace or fails.
-- A trigger on the column alone costs nothing to whatever else writes receivables.
CREATE OR REPLACE FUNCTION check_due_date() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE latest due_date_change;
BEGIN
  SELECT * INTO latest FROM due_date_change
   WHERE receivable_id = NEW.id AND outcome = 'applied' ORDER BY id DESC LIMIT 1;
  IF latest.from_on IS DISTINCT FROM OLD.due_date OR latest.to_on IS DISTINCT FROM NEW.due_date THEN
    RAISE EXCEPTION 'receivable % is due on % until a change is applied', OLD.id, OLD.due_date
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER receivable_due_date BEFORE UPDATE OF due_date ON receivable FOR EACH ROW
  WHEN (OLD.due_date IS DISTINCT FROM NEW.due_date) EXECUTE FUNCTION check_due_date();

-- What was asked stays as it was asked; it is decided once.
CREATE OR REPLACE FUNCTION keep_due_date_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.outcome IS NOT NULL OR
     (NEW.id, NEW.receivable_id, NEW.contract_id, NEW.from_on, NEW.to_on, NEW.reason, NEW.comment,
      NEW.asked_at, NEW.asked_by)
     IS DISTINCT FROM
     (OLD.id, OLD.receivable_id, OLD.contract_id, OLD.from_on, OLD.to_on, OLD.reason, OLD.comment,
      OLD.asked_at, OLD.asked_by) THEN
    RAISE EXCEPTION 'due date change % is kept as it was asked', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER due_date_change_kept BEFORE UPDATE OR DELETE ON due_date_change
  FOR EACH ROW EXECUTE FUNCTION keep_due_date_change();
CREATE TRIGGER due_date_change_whole BEFORE TRUNCATE ON due_date_change
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
