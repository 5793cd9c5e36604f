-- What was asked of a second person stays as it was shown, and a decision is taken once.
CREATE OR REPLACE FUNCTION refuse_redeciding() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.decision IS NOT NULL OR
     (NEW.subject_kind, NEW.subject_id, NEW.client_id, NEW.subject_hash, NEW.summary,
      NEW.maker, NEW.maker_id, NEW.asked_at)
     IS DISTINCT FROM
     (OLD.subject_kind, OLD.subject_id, OLD.client_id, OLD.subject_hash, OLD.summary,
      OLD.maker, OLD.maker_id, OLD.asked_at) THEN
    RAISE EXCEPTION 'approval % is as it was asked or decided', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER approval_kept BEFORE UPDATE OR DELETE ON approval
  FOR EACH ROW EXECUTE FUNCTION refuse_redeciding();

-- A bank account is what was added; it is confirmed once and ended once, never edited.
CREATE OR REPLACE FUNCTION refuse_account_edit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR
     (NEW.company_id, NEW.iban, NEW.bic, NEW.holder, NEW.is_payout, NEW.added_at, NEW.added_by)
     IS DISTINCT FROM
     (OLD.company_id, OLD.iban, OLD.bic, OLD.holder, OLD.is_payout, OLD.added_at, OLD.added_by)
     OR (OLD.confirmed_at IS NOT NULL AND
         (NEW.confirmed_at, NEW.confirmed_by) IS DISTINCT FROM (OLD.confirmed_at, OLD.confirmed_by))
     OR (OLD.ended_at IS NOT NULL AND
         (NEW.ended_at, NEW.ended_by) IS DISTINCT FROM (OLD.ended_at, OLD.ended_by)) THEN
    RAISE EXCEPTION 'bank account % is not edited: end it and add another', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER party_account_kept BEFORE UPDATE OR DELETE ON party_account
  FOR EACH ROW EXECUTE FUNCTION refuse_account_edit();
