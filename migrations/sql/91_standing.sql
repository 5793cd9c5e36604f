-- What a client instructed, and what was drawn for it, is evidence: written once.
CREATE TRIGGER standing_instruction_immutable BEFORE UPDATE OR DELETE ON standing_instruction
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER standing_instruction_kept BEFORE TRUNCATE ON standing_instruction
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER standing_run_immutable BEFORE UPDATE OR DELETE ON standing_run
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER standing_run_kept BEFORE TRUNCATE ON standing_run
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
