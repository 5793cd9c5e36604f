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
  EXECUTE format('CREATE POLICY readers ON %I FOR SELECT USING (%s)', shown, rule);
  EXECUTE format('COMMENT ON POLICY readers ON %I IS %L', shown, columns);
END $$;

-- Readers see nothing of a table.
CREATE OR REPLACE FUNCTION hide_rows(VARIADIC hidden name[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE one name;
BEGIN
  FOREACH one IN ARRAY hidden LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', one);
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

-- Everybody's.
SELECT show_rows(shown, 'true') FROM unnest(ARRAY[
  'factor_account', 'factor_identity', 'house_cut_off', 'house_day', 'house_reason', 'index_fixing',
  'payout_limits']::name[]) shown;
-- From which amount a drawdown takes two of our people, which is said when it is asked for.
SELECT show_rows('house_authority', 'act = ''approve_drawdown'' AND role = ''*'''
  ' AND ended_at IS NULL AND cardinality((SELECT reader_contracts())) > 0', 'act, role, amount_minor, ended_at');
-- By the contract.
SELECT show_rows('contract', 'id = ANY ((SELECT reader_contracts())::bigint[])');
SELECT show_rows(shown, 'contract_id = ANY ((SELECT reader_contracts())::bigint[])')
  FROM unnest(ARRAY[
    'availability_snapshot', 'contract_reserve', 'contract_terms', 'cover_position', 'cover_regime',
    'credit_limit', 'debtor_reply', 'dispute', 'drawdown', 'due_date_change', 'excluded_debtor',
    'fee_charge', 'fee_invoice', 'financing_charge', 'financing_day', 'group_limit', 'hold',
    'issued_statement', 'kept_statement', 'ledger_transaction', 'limit_request',
    'receivable', 'receivable_cover', 'remittance', 'set_off', 'standing_instruction',
    'standing_run', 'statement_order', 'unpaid_settlement', 'verification']::name[]) shown;
-- By what belongs to a contract.
-- Of our own accounts, those that a client's transactions are booked on the other side of.
SELECT show_rows('ledger_account', 'contract_id = ANY ((SELECT reader_contracts())::bigint[])'
  ' OR contract_id IS NULL AND cardinality((SELECT reader_contracts())) > 0'
  ' AND kind IN (''FEE_INCOME'', ''INTEREST_INCOME'', ''VAT_COLLECTED'', ''SUSPENSE_CASH'')');
SELECT show_rows('ledger_entry',
  'account_id IN (SELECT id FROM ledger_account WHERE contract_id IS NOT NULL)'
  ' OR account_id IN (SELECT id FROM ledger_account WHERE contract_id IS NULL)'
  ' AND EXISTS (SELECT FROM ledger_transaction WHERE ledger_transaction.id = transaction_id)');
SELECT show_rows('approval_notice', 'limit_id IN (SELECT id FROM credit_limit)');
SELECT show_rows('drawdown_state', 'EXISTS (SELECT FROM drawdown WHERE drawdown.id = drawdown_id)');
SELECT show_rows('payment_order',
  'EXISTS (SELECT FROM drawdown WHERE drawdown.order_id = payment_order.id)');
SELECT show_rows(shown, 'EXISTS (SELECT FROM receivable WHERE receivable.id = receivable_id)')
  FROM unnest(ARRAY['cash_allocation', 'cover_floor', 'cover_history', 'recovery_line']::name[])
       shown;
-- A file for legal recovery may hold other clients' invoices: that it was handed over, no more.
SELECT show_rows('recovery_file',
  'EXISTS (SELECT FROM recovery_line WHERE recovery_line.file_id = recovery_file.id)',
  'id, handed_at, handed_on, handed_by, ended_at, ended_by');
SELECT show_rows('match_proposal',
  'EXISTS (SELECT FROM jsonb_to_recordset(allocations) AS named (receivable_id bigint)'
  ' JOIN receivable ON receivable.id = named.receivable_id)');
SELECT show_rows('cash_application', 'contract_id = ANY ((SELECT reader_contracts())::bigint[])'
  ' OR EXISTS (SELECT FROM cash_allocation WHERE application_id = cash_application.id)');
SELECT show_rows('bank_line',
  'EXISTS (SELECT FROM cash_application WHERE bank_line_id = bank_line.id)'
  ' OR EXISTS (SELECT FROM match_proposal WHERE bank_line_id = bank_line.id)');
SELECT show_rows(shown, 'EXISTS (SELECT FROM remittance WHERE remittance.id = remittance_id)')
  FROM unnest(ARRAY['remittance_line', 'remittance_state', 'subrogation_receipt']::name[]) shown;
-- In the order of what is quickest to say yes: a page asks for each debtor and its company.
SELECT show_rows('debtor',
  'EXISTS (SELECT FROM cover_position WHERE cover_position.debtor_id = debtor.id)'
  ' OR EXISTS (SELECT FROM credit_limit WHERE credit_limit.debtor_id = debtor.id)'
  ' OR id IN (SELECT debtor_id FROM limit_request) OR id IN (SELECT debtor_id FROM excluded_debtor)'
  ' OR EXISTS (SELECT FROM receivable WHERE receivable.debtor_id = debtor.id)'
  ' OR id IN (SELECT debtor_id FROM remittance JOIN remittance_line'
  ' ON remittance_line.remittance_id = remittance.id)');
SELECT show_rows('insolvency', 'EXISTS (SELECT FROM debtor WHERE debtor.id = debtor_id)',
  'id, debtor_id, declared_at, judged_on, declared_by, ended_at, ended_by');
SELECT show_rows('fee_invoice_paper',
  'EXISTS (SELECT FROM fee_invoice WHERE fee_invoice.id = invoice_id)');
-- By the client.
SELECT show_rows(shown, 'client_id = ANY ((SELECT reader_clients())::bigint[])')
  FROM unnest(ARRAY['approval', 'column_mapping', 'factor_requirement', 'job', 'recipient']::name[])
       shown;
SELECT show_rows('client', 'id = ANY ((SELECT reader_clients())::bigint[])'
  ' OR EXISTS (SELECT FROM contract WHERE contract.client_id = client.id)');
SELECT show_rows('client_chart', 'EXISTS (SELECT FROM client WHERE client.id = client_id)');
SELECT show_rows('company', 'EXISTS (SELECT FROM client WHERE client.company_id = company.id)'
  ' OR EXISTS (SELECT FROM debtor WHERE debtor.company_id = company.id)');
SELECT show_rows('company_group',
  'EXISTS (SELECT FROM company WHERE company.group_id = company_group.id)');
SELECT show_rows(shown, 'company_id IN (SELECT company_id FROM client'
  ' WHERE id = ANY ((SELECT reader_clients())::bigint[]))')
  FROM unnest(ARRAY['contact', 'party_account']::name[]) shown;
SELECT show_rows('account_agreement',
  'EXISTS (SELECT FROM party_account WHERE party_account.id = account_id)');
SELECT show_rows('message', 'subject_kind = ''party_account'''
  ' AND subject_id IN (SELECT id FROM party_account)', 'id, recipient, subject_kind, subject_id');
SELECT show_rows('document', 'client_id = ANY ((SELECT reader_clients())::bigint[])'
  ' OR EXISTS (SELECT FROM kept_statement WHERE document_id = document.id)'
  ' OR EXISTS (SELECT FROM fee_invoice_paper WHERE document_id = document.id)');
SELECT show_rows('document_withdrawal',
  'EXISTS (SELECT FROM document WHERE document.id = document_id)');
SELECT show_rows('share', 'client_id = ANY ((SELECT reader_clients())::bigint[])'
  ' OR id = ANY ((SELECT reader_shares())::bigint[])');
SELECT show_rows('share_access', 'share_id IN (SELECT id FROM share)');
-- That the client is truly on a list, which is why nothing is drawn any more; not what was found.
SELECT show_rows('screening_alert', 'state = ''hit'' AND company_id IN (SELECT company_id'
  ' FROM client WHERE id = ANY ((SELECT reader_clients())::bigint[]))', 'id, company_id, state');
-- By the person.
SELECT show_rows('person', 'client_id = ANY ((SELECT reader_clients())::bigint[])'
  ' OR id = (SELECT reader_person())'
  ' OR audience = ''staff'' AND cardinality((SELECT reader_contracts())) > 0',
  'id, email, name, audience, role, client_id, language, created_at, created_by, disabled_at,'
  ' disabled_by, theme, rights_at, rights_by, has_password');
-- The name of a machine that did something, as its person's.
SELECT show_rows('api_token', 'person_id IN (SELECT id FROM person)', 'id, person_id, name');
SELECT show_rows(shown, 'person_id = (SELECT reader_person())')
  FROM unnest(ARRAY['kept_order', 'notification', 'notification_choice']::name[]) shown;

-- What a look leaves.
CREATE POLICY looked ON share_access FOR INSERT
  WITH CHECK (share_id = ANY ((SELECT reader_shares())::bigint[]));
CREATE POLICY issued ON issued_statement FOR INSERT
  WITH CHECK (contract_id = ANY ((SELECT reader_contracts())::bigint[]));
CREATE POLICY seen ON notification FOR UPDATE USING (person_id = (SELECT reader_person()));

-- Readers see nothing of any other table.
SELECT hide_rows(VARIADIC array_agg(relname)) FROM pg_class
 WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND NOT relrowsecurity;
ALTER VIEW invoice_cover SET (security_invoker = true);
