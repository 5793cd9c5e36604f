-- What a client's current account was charged for our services is kept beside its balance: pages
-- need it of a hundred contracts at once, and entries only grow in number. The kinds are
-- ``ledger.rules.CHARGES``; a reversal takes back what it reverses.
CREATE OR REPLACE FUNCTION keep_charges() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE ledger_account AS account
     SET charged_minor = account.charged_minor + made.minor
    FROM (SELECT brought.account_id, sum(brought.minor)::bigint AS minor
            FROM (SELECT transaction_id, account_id, sum(amount_minor) AS minor
                    FROM arrived GROUP BY transaction_id, account_id) AS brought
            JOIN ledger_account AS moved
              ON moved.id = brought.account_id AND moved.kind = 'CLIENT_CURRENT'
            JOIN ledger_transaction AS head ON head.id = brought.transaction_id
            LEFT JOIN ledger_transaction AS undone ON undone.id = head.reverses_id
           WHERE coalesce(undone.kind, head.kind)
              IN ('COMMISSION', 'FINANCING_COMMISSION', 'ANNUAL_MINIMUM', 'SERVICE_FEE')
           GROUP BY brought.account_id) AS made
   WHERE account.id = made.account_id;
  RETURN NULL;
END $$;

CREATE TRIGGER ledger_entry_charges AFTER INSERT ON ledger_entry
  REFERENCING NEW TABLE AS arrived
  FOR EACH STATEMENT EXECUTE FUNCTION keep_charges();
