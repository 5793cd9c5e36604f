-- Back to one login: the readers' role stays, since other databases of the server may have it.
DO $$
DECLARE one record; readers name := current_user || '_portal';
BEGIN
  FOR one IN SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public' LOOP
    EXECUTE format('DROP POLICY %I ON %I', one.policyname, one.tablename);
  END LOOP;
  FOR one IN SELECT relname FROM pg_class WHERE relrowsecurity
             AND relnamespace = 'public'::regnamespace LOOP
    EXECUTE format('ALTER TABLE %I DISABLE ROW LEVEL SECURITY', one.relname);
  END LOOP;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = readers) THEN
    EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA public FROM %I', readers);
    EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM %I', readers);
  END IF;
END $$;
DROP PROCEDURE show_each, hide_the_rest;
DROP FUNCTION admit_readers, show_rows, hide_rows, verification_draws, reader_clients,
  reader_contracts, reader_shares, reader_person, reader_hash, reader_at;
