-- A row stays as it was written, but for the columns named: what ends it is said in them.
CREATE OR REPLACE FUNCTION refuse_edit_but() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF to_jsonb(NEW) - TG_ARGV IS DISTINCT FROM to_jsonb(OLD) - TG_ARGV THEN
    RAISE EXCEPTION '% % is not edited: a further row says what holds from now on',
      TG_TABLE_NAME, OLD.id USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER sealed_fact BEFORE UPDATE ON credit_limit FOR EACH ROW
  EXECUTE FUNCTION refuse_edit_but('ended_at', 'ended_on', 'ended_by', 'end_reason');
CREATE TRIGGER sealed_fact BEFORE UPDATE ON index_fixing FOR EACH ROW
  EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sealed_fact BEFORE UPDATE ON fee_grid_version FOR EACH ROW
  EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sealed_fact BEFORE UPDATE ON offer_version FOR EACH ROW
  EXECUTE FUNCTION refuse_change();
CREATE TRIGGER sealed_fact BEFORE UPDATE ON payout_limits FOR EACH ROW
  EXECUTE FUNCTION refuse_change();
