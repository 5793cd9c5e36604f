-- Lines of which something is not applied: the workbench finds them without reading every line
-- there ever was, and a change of applied_minor touches no index of bank_line.
CREATE OR REPLACE FUNCTION note_arrived_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO waiting_line (bank_line_id)
  SELECT id FROM arrived WHERE applied_minor <> amount_minor;
  RETURN NULL;
END $$;
CREATE TRIGGER bank_line_arrived AFTER INSERT ON bank_line
  REFERENCING NEW TABLE AS arrived
  FOR EACH STATEMENT EXECUTE FUNCTION note_arrived_lines();

CREATE OR REPLACE FUNCTION note_applied_lines() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  DELETE FROM waiting_line USING changed
   WHERE bank_line_id = changed.id AND changed.applied_minor = changed.amount_minor;
  INSERT INTO waiting_line (bank_line_id)
  SELECT id FROM changed WHERE applied_minor <> amount_minor
  ON CONFLICT DO NOTHING;
  RETURN NULL;
END $$;
CREATE TRIGGER bank_line_applied AFTER UPDATE ON bank_line
  REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION note_applied_lines();
