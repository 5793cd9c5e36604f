-- The human an actor stands for: itself, or the owner of a token; nobody for a job.
CREATE OR REPLACE FUNCTION person_behind(actor text) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN actor ~ '^person:[0-9]{1,18}$' THEN substr(actor, 8)::bigint
    WHEN actor ~ '^token:[0-9]{1,18}$' THEN
      (SELECT person_id FROM api_token WHERE id = substr(actor, 7)::bigint)
  END
$$;

-- Maker and checker are the people behind the actors, not what a row claims of them.
CREATE OR REPLACE FUNCTION check_two_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.maker_id IS DISTINCT FROM person_behind(NEW.maker) THEN
    RAISE EXCEPTION 'approval %: % is not who asked', NEW.id, NEW.maker_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  IF NEW.decision IN ('approved', 'rejected') THEN
    IF NEW.checker_id IS NULL OR NEW.checker_id IS DISTINCT FROM person_behind(NEW.checker) THEN
      RAISE EXCEPTION 'approval %: % is not who decided', NEW.id, NEW.checker_id
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF EXISTS (SELECT 1 FROM person WHERE id = NEW.checker_id AND disabled_at IS NOT NULL) THEN
      RAISE EXCEPTION 'approval %: who decides has no access any more', NEW.id
        USING ERRCODE = 'integrity_constraint_violation';
    END IF;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approval_two_people BEFORE INSERT OR UPDATE ON approval
  FOR EACH ROW EXECUTE FUNCTION check_two_people();

-- Who signs a payment order is the person behind the actor, and has access.
CREATE OR REPLACE FUNCTION check_signer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.person_id IS DISTINCT FROM person_behind(NEW.signed_by) OR
     EXISTS (SELECT 1 FROM person WHERE id = NEW.person_id AND disabled_at IS NOT NULL) THEN
    RAISE EXCEPTION 'person % did not sign payment order %', NEW.person_id, NEW.order_id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER order_signature_signer BEFORE INSERT ON order_signature
  FOR EACH ROW EXECUTE FUNCTION check_signer();

-- Who brought an account does not confirm it, under whatever token.
CREATE OR REPLACE FUNCTION check_account_checker() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.confirmed_at IS NOT NULL AND person_behind(NEW.confirmed_by) = person_behind(NEW.added_by)
  THEN
    RAISE EXCEPTION 'account %: who added it does not confirm it', NEW.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER party_account_checker BEFORE INSERT OR UPDATE ON party_account
  FOR EACH ROW EXECUTE FUNCTION check_account_checker();

-- What a person writes here is what another one asked for: the row is of the checker, and of the
-- instant of the decision. Arguments: the columns of who and when, the kinds of decision.
CREATE OR REPLACE FUNCTION check_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrote text := to_jsonb(NEW) ->> TG_ARGV[0];
  instant timestamptz := (to_jsonb(NEW) ->> TG_ARGV[1])::timestamptz;
BEGIN
  IF wrote ~ '^(person|token):' AND NOT EXISTS (
    SELECT 1 FROM approval
     WHERE subject_kind = ANY (string_to_array(TG_ARGV[2], ',')) AND decision = 'approved'
       AND checker = wrote AND decided_at = instant
  ) THEN
    RAISE EXCEPTION '%: nobody else agreed to what % writes', TG_TABLE_NAME, wrote
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payout_limits_agreed BEFORE INSERT OR UPDATE ON payout_limits
  FOR EACH ROW EXECUTE FUNCTION check_agreed('set_by', 'set_at', 'payout_limits');
CREATE TRIGGER house_authority_agreed BEFORE INSERT ON house_authority
  FOR EACH ROW EXECUTE FUNCTION check_agreed('set_by', 'set_at', 'authority');
CREATE TRIGGER matching_settings_agreed BEFORE INSERT OR UPDATE ON matching_settings
  FOR EACH ROW EXECUTE FUNCTION check_agreed('set_by', 'set_at', 'matching');
CREATE TRIGGER offer_version_agreed BEFORE INSERT OR UPDATE ON offer_version
  FOR EACH ROW EXECUTE FUNCTION check_agreed('set_by', 'set_at', 'new_offer,offer_terms');
CREATE TRIGGER fee_grid_version_agreed BEFORE INSERT OR UPDATE ON fee_grid_version
  FOR EACH ROW EXECUTE FUNCTION check_agreed('set_by', 'set_at', 'new_fee_grid,fee_prices');
CREATE TRIGGER contract_terms_agreed BEFORE INSERT OR UPDATE ON contract_terms
  FOR EACH ROW EXECUTE FUNCTION
    check_agreed('decided_by', 'decided_at', 'new_contract,contract_terms');
CREATE TRIGGER index_fixing_agreed BEFORE INSERT OR UPDATE ON index_fixing
  FOR EACH ROW EXECUTE FUNCTION check_agreed('recorded_by', 'recorded_at', 'rate_fixing');
CREATE TRIGGER unpaid_settlement_agreed BEFORE INSERT ON unpaid_settlement
  FOR EACH ROW EXECUTE FUNCTION check_agreed('settled_by', 'settled_at', 'write_off');
CREATE TRIGGER dunning_switch_agreed BEFORE INSERT OR UPDATE ON dunning_switch
  FOR EACH ROW EXECUTE FUNCTION check_agreed('switched_by', 'switched_at', 'dunning_switch');
CREATE TRIGGER remittance_reversal_agreed BEFORE INSERT ON remittance_state
  FOR EACH ROW WHEN (NEW.state = 'reversed')
  EXECUTE FUNCTION check_agreed('by', 'at', 'remittance_reversal');

-- What one of the staff may do is what two people said: whoever is added waits without access,
-- and a role or an access holds by a decision on that very person.
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
  IF given AND NEW.rights_by ~ '^(person|token):' AND NOT EXISTS (
    SELECT 1 FROM approval
     WHERE subject_kind = 'staff_access' AND subject_id = NEW.id AND decision = 'approved'
       AND checker = NEW.rights_by AND decided_at = NEW.rights_at
       AND summary -> 'args' ->> 'role' = NEW.role
  ) THEN
    RAISE EXCEPTION 'person %: nobody else agreed to these rights', NEW.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER person_rights BEFORE INSERT OR UPDATE ON person
  FOR EACH ROW EXECUTE FUNCTION check_rights();
