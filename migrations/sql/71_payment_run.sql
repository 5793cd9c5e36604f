-- A signature is for the very bytes that are sealed, and stays; an order leaves with two of them.
CREATE OR REPLACE FUNCTION check_order_signature() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    RAISE EXCEPTION 'signature % of a payment order stays as it is', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM payment_order AS one
                  WHERE one.id = NEW.order_id AND one.sha256 = NEW.sha256
                    AND one.sent_at IS NULL AND one.cancelled_at IS NULL) THEN
    RAISE EXCEPTION 'payment order % is not what was signed, or is gone', NEW.order_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER order_signature_kept BEFORE INSERT OR UPDATE OR DELETE ON order_signature
  FOR EACH ROW EXECUTE FUNCTION check_order_signature();

CREATE OR REPLACE FUNCTION check_order_leaves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (OLD.id, OLD.account_id, OLD.message_id, OLD.execute_on, OLD.payment_count, OLD.total_minor,
      OLD.document_id, OLD.sha256, OLD.sealed_at, OLD.sealed_by)
     IS DISTINCT FROM
     (NEW.id, NEW.account_id, NEW.message_id, NEW.execute_on, NEW.payment_count, NEW.total_minor,
      NEW.document_id, NEW.sha256, NEW.sealed_at, NEW.sealed_by) THEN
    RAISE EXCEPTION 'payment order % is sealed', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.sent_at IS NOT NULL AND NEW.cancelled_at IS NOT NULL THEN
    RAISE EXCEPTION 'payment order % was given up', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF OLD.sent_at IS NULL AND NEW.sent_at IS NOT NULL AND
     (SELECT count(*) FROM order_signature WHERE order_id = NEW.id) < 2 THEN
    RAISE EXCEPTION 'payment order % leaves with two signatures', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payment_order_leaves BEFORE UPDATE ON payment_order
  FOR EACH ROW EXECUTE FUNCTION check_order_leaves();

-- A call back is to somebody of the company whom we knew before the account was brought to us.
CREATE OR REPLACE FUNCTION check_account_callback() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    RAISE EXCEPTION 'call back % stays as it is', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM party_account AS account
                   JOIN contact ON contact.company_id = account.company_id
                  WHERE account.id = NEW.account_id AND contact.id = NEW.contact_id
                    AND contact.added_at < account.added_at AND contact.ended_at IS NULL) THEN
    RAISE EXCEPTION 'contact % was not known before account %', NEW.contact_id, NEW.account_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER account_callback_kept BEFORE INSERT OR UPDATE OR DELETE ON account_callback
  FOR EACH ROW EXECUTE FUNCTION check_account_callback();

CREATE OR REPLACE FUNCTION check_account_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.is_payout AND OLD.confirmed_at IS NULL AND NEW.confirmed_at IS NOT NULL
     AND EXISTS (SELECT 1 FROM party_account AS former
                  WHERE former.company_id = NEW.company_id AND former.id <> NEW.id
                    AND former.is_payout AND former.confirmed_at IS NOT NULL)
     AND NOT EXISTS (SELECT 1 FROM account_callback WHERE account_id = NEW.id) THEN
    RAISE EXCEPTION 'account % replaces another one: somebody known must be called', NEW.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER party_account_change BEFORE UPDATE ON party_account
  FOR EACH ROW EXECUTE FUNCTION check_account_change();
