-- Evidence is written once.
CREATE TRIGGER audit_event_immutable BEFORE UPDATE OR DELETE ON audit_event
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_event_kept BEFORE TRUNCATE ON audit_event
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER document_immutable BEFORE UPDATE OR DELETE ON document
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER subrogation_receipt_immutable BEFORE UPDATE OR DELETE ON subrogation_receipt
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER contract_terms_immutable BEFORE UPDATE OR DELETE ON contract_terms
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER remittance_state_immutable BEFORE UPDATE OR DELETE ON remittance_state
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER drawdown_state_immutable BEFORE UPDATE OR DELETE ON drawdown_state
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER bank_statement_immutable BEFORE UPDATE OR DELETE ON bank_statement
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fee_invoice_immutable BEFORE UPDATE OR DELETE ON fee_invoice
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER fee_invoice_line_immutable BEFORE UPDATE OR DELETE ON fee_invoice_line
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER closed_day_immutable BEFORE UPDATE OR DELETE ON closed_day
  FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What a payment order was sealed with stays; only its sending is recorded later, once.
CREATE OR REPLACE FUNCTION refuse_unsealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' OR
     (NEW.account_id, NEW.message_id, NEW.execute_on, NEW.payment_count, NEW.total_minor,
      NEW.document_id, NEW.sha256, NEW.sealed_at, NEW.sealed_by)
     IS DISTINCT FROM
     (OLD.account_id, OLD.message_id, OLD.execute_on, OLD.payment_count, OLD.total_minor,
      OLD.document_id, OLD.sha256, OLD.sealed_at, OLD.sealed_by)
     OR (OLD.sent_at IS NOT NULL AND NEW.sent_at IS DISTINCT FROM OLD.sent_at) THEN
    RAISE EXCEPTION 'payment order % is sealed', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER payment_order_sealed BEFORE UPDATE OR DELETE ON payment_order
  FOR EACH ROW EXECUTE FUNCTION refuse_unsealing();
