-- What was opened by a share is evidence: written once.
CREATE TRIGGER share_access_immutable BEFORE UPDATE OR DELETE ON share_access
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER share_access_kept BEFORE TRUNCATE ON share_access
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- A share keeps who reads what; its last day may move until it is ended, once.
CREATE OR REPLACE FUNCTION keep_share() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL OR
     (NEW.id, NEW.client_id, NEW.kind, NEW.role, NEW.name, NEW.firm, NEW.email, NEW.person_id,
      NEW.token_hash, NEW.parts, NEW.contract_ids, NEW.from_on, NEW.created_at, NEW.created_by)
     IS DISTINCT FROM
     (OLD.id, OLD.client_id, OLD.kind, OLD.role, OLD.name, OLD.firm, OLD.email, OLD.person_id,
      OLD.token_hash, OLD.parts, OLD.contract_ids, OLD.from_on, OLD.created_at, OLD.created_by) THEN
    RAISE EXCEPTION 'share % is kept as it was given', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER share_kept BEFORE UPDATE OR DELETE ON share
  FOR EACH ROW EXECUTE FUNCTION keep_share();
