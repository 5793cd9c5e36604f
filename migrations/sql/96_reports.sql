-- A report is what was issued.
CREATE TRIGGER issued_report_immutable BEFORE UPDATE OR DELETE ON issued_report
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
