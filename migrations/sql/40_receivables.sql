-- One invoice, one assignment, over all clients (infra/decisions/0010). Must give
-- the same bytes as receivables.rules.fingerprint; a test compares the two.
CREATE OR REPLACE FUNCTION receivable_fingerprint(
  debtor_id bigint, number_key text, issue_date date, amount_minor bigint, currency text
) RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
  SELECT sha256(convert_to(
    'i' || length(debtor_id::text) || ':' || debtor_id
    || 's' || octet_length(number_key) || ':' || number_key
    || 't10:' || to_char(issue_date, 'YYYY-MM-DD')
    || 'i' || length(amount_minor::text) || ':' || amount_minor
    || 's3:' || currency, 'UTF8'))
$$;

-- Receipts and files are hashed, kept and seldom read: packing them costs a second per 8 MB.
ALTER TABLE subrogation_receipt ALTER COLUMN content SET STORAGE EXTERNAL;
ALTER TABLE document ALTER COLUMN content SET STORAGE EXTERNAL;
