-- Whether somebody lends another a right (any right where none is named) at an instant.
CREATE OR REPLACE FUNCTION lends(lender bigint, deputy bigint, wanted text, instant timestamptz)
RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT 1 FROM delegation JOIN person ON person.id = delegation.lender_id
     WHERE lender_id = lender AND deputy_id = deputy AND person.disabled_at IS NULL
       AND (instant AT TIME ZONE 'Europe/Paris')::date BETWEEN from_on AND to_on
       AND given_at <= instant AND (ended_at IS NULL OR ended_at > instant)
       AND (wanted IS NULL OR wanted = ANY (permissions))
  )
$$;

-- A decision in another's place needs what they lent; never the place of who asked.
CREATE OR REPLACE FUNCTION check_lent_decision() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT lends(NEW.for_id, NEW.checker_id, NULL, NEW.decided_at) THEN
    RAISE EXCEPTION 'approval %: % lends nothing to who decided', NEW.id, NEW.for_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approval_lent BEFORE INSERT OR UPDATE ON approval
  FOR EACH ROW WHEN (NEW.for_id IS NOT NULL) EXECUTE FUNCTION check_lent_decision();

-- An order's signatures are of different people, and so are those in whose place they are given.
CREATE OR REPLACE FUNCTION check_lent_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.for_id IS NOT NULL
     AND NOT lends(NEW.for_id, NEW.person_id, 'release_payments', NEW.signed_at) THEN
    RAISE EXCEPTION 'order %: % does not lend the right to sign', NEW.order_id, NEW.for_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF EXISTS (SELECT 1 FROM order_signature AS other
              WHERE other.order_id = NEW.order_id
                AND (other.for_id IN (NEW.person_id, NEW.for_id)
                     OR other.person_id = NEW.for_id)) THEN
    RAISE EXCEPTION 'order %: two signatures in the place of one person', NEW.order_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER order_signature_lent BEFORE INSERT ON order_signature
  FOR EACH ROW EXECUTE FUNCTION check_lent_signature();

-- What was lent is ended, never changed.
CREATE OR REPLACE FUNCTION check_delegation_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL
     OR to_jsonb(NEW) - ARRAY['ended_at', 'ended_by']
        IS DISTINCT FROM to_jsonb(OLD) - ARRAY['ended_at', 'ended_by'] THEN
    RAISE EXCEPTION 'delegation %: it is ended, or stays as it is', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER delegation_kept BEFORE UPDATE ON delegation
  FOR EACH ROW EXECUTE FUNCTION check_delegation_kept();
CREATE TRIGGER delegation_agreed BEFORE INSERT ON delegation
  FOR EACH ROW EXECUTE FUNCTION check_agreed('given_by', 'given_at', 'delegation');

SELECT keep_rows('delegation');
