-- Readers from outside (clients, those they share with, their machines) use a login of their own,
-- which owns nothing and sees what the secret of its transaction opens. The database looks the
-- secret up itself: naming a client opens nothing, knowing the token of one of its people does.

CREATE OR REPLACE FUNCTION reader_at() RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT COALESCE(NULLIF(current_setting('cessio.at', true), '')::timestamptz, now())
$$;

CREATE OR REPLACE FUNCTION reader_hash() RETURNS bytea
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
  SELECT sha256(convert_to(NULLIF(current_setting('cessio.reader', true), ''), 'UTF8'))
$$;

-- Who reads: by a session, or by a machine of theirs.
CREATE OR REPLACE FUNCTION reader_person() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT person.id FROM (
    SELECT person_id FROM web_session
     WHERE token_hash = reader_hash() AND ended_at IS NULL AND expires_at > reader_at()
    UNION ALL
    SELECT person_id FROM api_token
     WHERE token_hash = reader_hash() AND ended_at IS NULL AND expires_at > reader_at()
    UNION ALL
    SELECT api_token.person_id FROM access_token JOIN api_token ON api_token.id = api_token_id
     WHERE access_token.token_hash = reader_hash() AND access_token.expires_at > reader_at()
       AND api_token.ended_at IS NULL
  ) held JOIN person ON person.id = held.person_id AND person.disabled_at IS NULL
$$;

-- The open shares of that person, or the one whose link it is.
CREATE OR REPLACE FUNCTION reader_shares() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT COALESCE(array_agg(id), '{}') FROM share
   WHERE (person_id = reader_person() OR token_hash = reader_hash()) AND ended_at IS NULL
     AND until_on >= (reader_at() AT TIME ZONE 'Europe/Paris')::date
$$;

-- The contracts whose rows may be read: all of a client's for its people, those of a share. Asked
-- several times a statement, so that each look is one of its own, by an index.
CREATE OR REPLACE FUNCTION reader_contracts() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH own AS MATERIALIZED (
    SELECT client_id FROM person WHERE id = reader_person()
  ), shared AS MATERIALIZED (
    SELECT client_id, contract_ids FROM share WHERE id = ANY ((SELECT reader_shares())::bigint[])
  )
  SELECT COALESCE(array_agg(id), '{}') FROM (
    SELECT contract.id FROM own JOIN contract USING (client_id)
    UNION
    SELECT contract.id FROM shared JOIN contract USING (client_id)
     WHERE contract_ids IS NULL OR contract.id = ANY (contract_ids)) opened
$$;

-- The client whose people read; nobody's for a guest or a link, who read contracts.
CREATE OR REPLACE FUNCTION reader_clients() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT COALESCE(array_agg(client_id), '{}') FROM person
   WHERE id = reader_person() AND client_id IS NOT NULL
$$;

-- What the sample of verification draws for documents, in their order: never the seed itself.
CREATE OR REPLACE FUNCTION verification_draws(fingerprints bytea[]) RETURNS SETOF integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT get_byte(digest, 0) * 256 + get_byte(digest, 1) FROM (
    SELECT place, sha256(seed.value || one) AS digest
      FROM (SELECT value FROM verification_seed ORDER BY id DESC LIMIT 1) seed
     CROSS JOIN unnest(fingerprints) WITH ORDINALITY AS asked (one, place)) drawn ORDER BY place
$$;

-- Readers see the rows of a table for which a rule holds, and its columns (all without a list; the
-- rule's comment keeps it). The owner is the office and sees all: forced on it, this would take
-- COPY and statistics away. Rules name no role: a backup is restored under any name of an owner.
CREATE OR REPLACE FUNCTION show_rows(shown name, rule text, columns text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', shown);
  EXECUTE format('DROP POLICY IF EXISTS readers ON %I', shown);
  EXECUTE format('CREATE POLICY readers ON %I FOR SELECT USING (%s)', shown, rule);
  EXECUTE format('COMMENT ON POLICY readers ON %I IS %L', shown, columns);
END $$;

-- The same rule for several tables, each in a transaction of its own: who locks table after table
-- while the platform runs ends in deadlocks with it.
CREATE OR REPLACE PROCEDURE show_each(tables text[], rule text) LANGUAGE plpgsql AS $$
DECLARE one name;
BEGIN
  FOREACH one IN ARRAY tables LOOP
    PERFORM show_rows(one, rule);
    COMMIT;
  END LOOP;
END $$;

-- Readers see nothing of a table.
CREATE OR REPLACE FUNCTION hide_rows(VARIADIC hidden name[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE one name;
BEGIN
  FOREACH one IN ARRAY hidden LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', one);
  END LOOP;
END $$;

-- Nor of any that nothing was said of yet.
CREATE OR REPLACE PROCEDURE hide_the_rest() LANGUAGE plpgsql AS $$
DECLARE one name; silent name[] := ARRAY(SELECT relname FROM pg_class WHERE relkind = 'r'
  AND relnamespace = 'public'::regnamespace AND NOT relrowsecurity);
BEGIN
  FOREACH one IN ARRAY silent LOOP
    PERFORM hide_rows(one);
    COMMIT;
  END LOOP;
END $$;

-- Make the readers' role, and let it use what has a rule: cessio migrate says it each time, so that
-- a new table or a restored backup needs nothing else. Grants follow from the rules.
CREATE OR REPLACE FUNCTION admit_readers() RETURNS name LANGUAGE plpgsql AS $$
DECLARE readers name := current_user || '_portal'; one record;
BEGIN
  BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = readers) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I LOGIN', readers);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- another database's migration
      END;
    END IF;
    -- Whoever owns the database may end the connections of its readers.
    IF NOT pg_has_role(current_user, readers, 'USAGE') THEN
      EXECUTE format('GRANT %I TO %I', readers, current_user);
    END IF;
  EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'the login % of readers from outside is missing', readers
      USING ERRCODE = 'insufficient_privilege', HINT = format(
        'CREATE ROLE %I LOGIN; GRANT %I TO %I;', readers, readers, current_user);
  END;
  IF NOT has_database_privilege(readers, current_database(), 'CONNECT') THEN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), readers);
  END IF;
  FOR one IN
    SELECT polrelid::regclass AS shown, '(' || obj_description(pg_policy.oid, 'pg_policy') || ')'
      AS columns FROM pg_policy WHERE polname = 'readers'
  LOOP
    IF one.columns IS NOT NULL OR NOT has_table_privilege(readers, one.shown, 'SELECT') THEN
      EXECUTE format('GRANT SELECT %s ON %s TO %I', one.columns, one.shown, readers);
    END IF;
  END LOOP;
  -- What a look leaves: that it was, the code of the paper it made, and that a notice was read.
  EXECUTE format('GRANT SELECT ON invoice_cover TO %I', readers);
  EXECUTE format('GRANT INSERT ON share_access, issued_statement TO %I', readers);
  EXECUTE format('GRANT UPDATE (read_at) ON notification TO %I', readers);
  EXECUTE format('GRANT USAGE ON SEQUENCE share_access_id_seq, issued_statement_id_seq TO %I',
                 readers);
  REVOKE ALL ON FUNCTION reader_person, reader_shares, reader_contracts, reader_clients,
    verification_draws FROM PUBLIC;
  EXECUTE format('GRANT EXECUTE ON FUNCTION reader_person, reader_shares, reader_contracts,'
                 ' reader_clients, verification_draws TO %I', readers);
  RETURN readers;
END $$;
