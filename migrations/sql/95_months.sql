-- A closed month takes no more entries: neither booked in it nor accrued to it.
CREATE OR REPLACE FUNCTION refuse_closed_month() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last_closed date := (SELECT max(to_on) FROM closed_month);
BEGIN
  IF EXISTS (
    SELECT FROM arrived LEFT JOIN ledger_transaction AS undone ON undone.id = arrived.reverses_id
     WHERE arrived.booked_on <= last_closed
        OR (coalesce(undone.kind, arrived.kind) = 'INTEREST_ACCRUAL'
            AND arrived.value_date <= last_closed)) THEN
    RAISE EXCEPTION
      'the books are closed up to %: a closed month does not open again, reverse in the open one',
      last_closed
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER ledger_transaction_open_month AFTER INSERT ON ledger_transaction
  REFERENCING NEW TABLE AS arrived
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_month();

-- Months close in order, once their days are, on what a second person agreed to.
CREATE OR REPLACE FUNCTION refuse_early_month() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.to_on > coalesce((SELECT max(day) FROM closed_day), '-infinity') THEN
    RAISE EXCEPTION 'the days of % are not closed', NEW.month USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.month <> (SELECT max(month) + interval '1 month' FROM closed_month) THEN
    RAISE EXCEPTION 'months close in order: % is not the next one', NEW.month
      USING ERRCODE = 'check_violation';
  END IF;
  IF NOT EXISTS (
    SELECT FROM approval
     WHERE id = NEW.approval_id AND decision = 'approved' AND subject_kind = 'closed_month'
       AND subject_id = to_char(NEW.month, 'YYYYMM')::bigint AND subject_hash = NEW.sha256
       AND maker = NEW.asked_by AND checker = NEW.closed_by) THEN
    RAISE EXCEPTION 'nobody else agreed to close %', NEW.month USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER closed_month_agreed BEFORE INSERT ON closed_month
  FOR EACH ROW EXECUTE FUNCTION refuse_early_month();
CREATE TRIGGER closed_month_immutable BEFORE UPDATE OR DELETE ON closed_month
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closed_month_kept BEFORE TRUNCATE ON closed_month
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
