-- Whatever names a company gets, by whatever way, they are due to be held against the lists.
CREATE OR REPLACE FUNCTION mark_unscreened() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE of_company bigint;
BEGIN
  IF TG_TABLE_NAME = 'company' THEN of_company := NEW.id; ELSE of_company := NEW.company_id; END IF;
  INSERT INTO screened_company (company_id) VALUES (of_company)
    ON CONFLICT (company_id) DO UPDATE SET is_due = true WHERE NOT screened_company.is_due;
  RETURN NULL;
END $$;
CREATE TRIGGER company_unscreened AFTER INSERT ON company
  FOR EACH ROW EXECUTE FUNCTION mark_unscreened();
CREATE TRIGGER company_renamed AFTER UPDATE ON company FOR EACH ROW
  WHEN ((OLD.name, OLD.trade_name, OLD.siren, OLD.vat_number, OLD.registration_number)
        IS DISTINCT FROM
        (NEW.name, NEW.trade_name, NEW.siren, NEW.vat_number, NEW.registration_number))
  EXECUTE FUNCTION mark_unscreened();
CREATE TRIGGER contact_unscreened AFTER INSERT OR UPDATE OF name ON contact
  FOR EACH ROW EXECUTE FUNCTION mark_unscreened();
CREATE TRIGGER party_account_unscreened AFTER INSERT ON party_account
  FOR EACH ROW EXECUTE FUNCTION mark_unscreened();
INSERT INTO screened_company (company_id) SELECT id FROM company ON CONFLICT DO NOTHING;

-- A list stays as it was loaded, and so does what was found and said.
CREATE OR REPLACE FUNCTION refuse_screening_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows stay as they are', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER list_version_kept BEFORE UPDATE ON list_version
  FOR EACH ROW EXECUTE FUNCTION refuse_screening_edit();
CREATE TRIGGER list_entry_kept BEFORE UPDATE ON list_entry
  FOR EACH ROW EXECUTE FUNCTION refuse_screening_edit();
CREATE TRIGGER screening_opinion_kept BEFORE UPDATE ON screening_opinion
  FOR EACH ROW EXECUTE FUNCTION refuse_screening_edit();
CREATE TRIGGER screening_settings_kept BEFORE UPDATE ON screening_settings
  FOR EACH ROW EXECUTE FUNCTION refuse_screening_edit();

-- An alert is cleared by two people since it was last taken for a true hit, and by nothing else.
CREATE OR REPLACE FUNCTION check_screening_alert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE last_hit bigint;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'open' THEN
      RAISE EXCEPTION 'an alert begins open' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
  END IF;
  IF (OLD.id, OLD.company_id, OLD.subject_kind, OLD.name, OLD.entry_id, OLD.version_id, OLD.alias,
      OLD.score, OLD.pairs, OLD.found_at, OLD.found_by) IS DISTINCT FROM
     (NEW.id, NEW.company_id, NEW.subject_kind, NEW.name, NEW.entry_id, NEW.version_id, NEW.alias,
      NEW.score, NEW.pairs, NEW.found_at, NEW.found_by) OR OLD.state = 'superseded' THEN
    RAISE EXCEPTION 'alert % stays as it was found', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  SELECT coalesce(max(id), 0) INTO last_hit FROM screening_opinion
   WHERE alert_id = NEW.id AND verdict = 'hit';
  IF NEW.state = 'cleared' AND OLD.state <> 'cleared' AND
     (SELECT count(DISTINCT person_id) FROM screening_opinion
       WHERE alert_id = NEW.id AND verdict = 'clear' AND id > last_hit) < 2 THEN
    RAISE EXCEPTION 'alert % is cleared by two people', NEW.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF (NEW.state = 'hit' AND last_hit = 0) OR (NEW.state = 'open' AND OLD.state <> 'open')
     OR (NEW.state = 'superseded' AND (OLD.state <> 'open' OR NOT EXISTS (
           SELECT 1 FROM screening_alert AS next
             JOIN list_entry AS now ON now.id = next.entry_id
             JOIN list_entry AS was ON was.id = NEW.entry_id
            WHERE next.company_id = NEW.company_id AND next.name = NEW.name AND next.id > NEW.id
              AND now.source = was.source AND now.reference = was.reference))) THEN
    RAISE EXCEPTION 'alert % does not become %', NEW.id, NEW.state
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER screening_alert_kept BEFORE INSERT OR UPDATE ON screening_alert
  FOR EACH ROW EXECUTE FUNCTION check_screening_alert();

-- Nothing is ordered for, or leaves to, a client with an alert, or one not held against the lists.
CREATE OR REPLACE FUNCTION refuse_unscreened(payouts bigint[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE held bigint;
BEGIN
  SELECT drawdown.id INTO held FROM drawdown
    JOIN contract ON contract.id = drawdown.contract_id
    JOIN client ON client.id = contract.client_id
    LEFT JOIN screened_company AS done ON done.company_id = client.company_id
   WHERE drawdown.id = ANY (payouts)
     AND (EXISTS (SELECT 1 FROM screening_alert AS alert
                   WHERE alert.company_id = client.company_id AND alert.state IN ('open', 'hit'))
          OR (coalesce(done.is_due, true) AND EXISTS (SELECT 1 FROM list_version)))
   LIMIT 1;
  IF held IS NOT NULL THEN
    RAISE EXCEPTION 'payout % is being checked', held
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
END $$;
CREATE OR REPLACE FUNCTION check_order_screened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refuse_unscreened(ARRAY(SELECT id FROM drawdown WHERE order_id = NEW.id));
  RETURN NEW;
END $$;
CREATE TRIGGER payment_order_screened BEFORE UPDATE ON payment_order FOR EACH ROW
  WHEN (OLD.sent_at IS NULL AND NEW.sent_at IS NOT NULL)
  EXECUTE FUNCTION check_order_screened();
CREATE OR REPLACE FUNCTION check_payout_screened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM refuse_unscreened(ARRAY[NEW.id]);
  RETURN NEW;
END $$;
CREATE TRIGGER drawdown_screened BEFORE UPDATE OF order_id ON drawdown FOR EACH ROW
  WHEN (NEW.order_id IS NOT NULL AND NEW.order_id IS DISTINCT FROM OLD.order_id)
  EXECUTE FUNCTION check_payout_screened();

-- Nothing is assigned by, or on, a company that a list names.
CREATE OR REPLACE FUNCTION check_assigned_screened() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM screening_alert AS alert
              JOIN client ON client.company_id = alert.company_id
              JOIN contract ON contract.client_id = client.id
             WHERE contract.id = NEW.contract_id AND alert.state = 'hit') THEN
    RAISE EXCEPTION 'remittance % is being checked', NEW.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER remittance_screened BEFORE UPDATE OF state ON remittance FOR EACH ROW
  WHEN (NEW.state = 'assigned' AND OLD.state <> 'assigned')
  EXECUTE FUNCTION check_assigned_screened();
