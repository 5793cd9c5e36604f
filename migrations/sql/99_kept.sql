-- A fact that has ended is a row that says so: only what is worked out anew, passes by itself or is
-- a person's own convenience may be taken away. Whose trigger tells more speaks first.
CREATE OR REPLACE FUNCTION refuse_removal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows are never deleted: end what has ended', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- A migration that makes a table says SELECT keep_rows('its_name').
CREATE OR REPLACE FUNCTION keep_rows(VARIADIC tables name[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE one name;
BEGIN
  FOREACH one IN ARRAY tables LOOP
    EXECUTE format('CREATE TRIGGER z_never_deleted BEFORE DELETE ON %I'
                   ' FOR EACH ROW EXECUTE FUNCTION refuse_removal()', one);
    EXECUTE format('CREATE TRIGGER z_never_emptied BEFORE TRUNCATE ON %I'
                   ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_removal()', one);
  END LOOP;
END $$;

SELECT keep_rows(VARIADIC array_agg(relname ORDER BY relname)) FROM pg_class
 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
   AND relname <> ALL (ARRAY[
       'alembic_version', 'column_mapping', 'cover_floor', 'default_view', 'match_proposal',
       'notification', 'password_reset', 'receivable_cover', 'remittance_line', 'saved_view',
       'second_step', 'sign_in_attempt', 'waiting_line', 'web_session', 'wrong_guess']);
