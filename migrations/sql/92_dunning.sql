-- What a plan said and when it was switched is written once.
CREATE TRIGGER dunning_version_immutable BEFORE UPDATE OR DELETE ON dunning_version
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER dunning_step_immutable BEFORE UPDATE OR DELETE ON dunning_step
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER dunning_switch_immutable BEFORE UPDATE OR DELETE ON dunning_switch
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER dunning_day_immutable BEFORE UPDATE OR DELETE ON dunning_day
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
