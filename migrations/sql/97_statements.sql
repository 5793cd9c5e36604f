-- What was said and kept of statements stays as it was.
CREATE TRIGGER statement_order_immutable BEFORE UPDATE OR DELETE ON statement_order
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER kept_statement_immutable BEFORE UPDATE OR DELETE ON kept_statement
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- A folder is one recipient's for ever; it ends once.
CREATE OR REPLACE FUNCTION keep_recipient() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL OR
     (NEW.id, NEW.name, NEW.folder, NEW.client_id, NEW.opened_at, NEW.opened_by)
     IS DISTINCT FROM
     (OLD.id, OLD.name, OLD.folder, OLD.client_id, OLD.opened_at, OLD.opened_by) THEN
    RAISE EXCEPTION 'recipient % is kept as it was opened', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER recipient_kept BEFORE UPDATE OR DELETE ON recipient
  FOR EACH ROW EXECUTE FUNCTION keep_recipient();

-- What was delivered stays; only that it was put there is noted, once.
CREATE OR REPLACE FUNCTION keep_delivery() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR OLD.delivered_at IS NOT NULL OR
     (NEW.id, NEW.recipient_id, NEW.document_id, NEW.filename, NEW.asked_at, NEW.asked_by)
     IS DISTINCT FROM
     (OLD.id, OLD.recipient_id, OLD.document_id, OLD.filename, OLD.asked_at, OLD.asked_by) THEN
    RAISE EXCEPTION 'delivery % is kept as it was asked', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER delivery_kept BEFORE UPDATE OR DELETE ON delivery
  FOR EACH ROW EXECUTE FUNCTION keep_delivery();
