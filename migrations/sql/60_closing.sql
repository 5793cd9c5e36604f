-- A closed day takes no more entries.
CREATE OR REPLACE FUNCTION refuse_closed_day() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last_closed date := (SELECT max(day) FROM closed_day);
BEGIN
  IF EXISTS (SELECT FROM arrived WHERE booked_on <= last_closed) THEN
    RAISE EXCEPTION 'the books are closed up to %: nothing is recorded on an earlier day',
      last_closed
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER ledger_transaction_open_day AFTER INSERT ON ledger_transaction
  REFERENCING NEW TABLE AS arrived
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_closed_day();
