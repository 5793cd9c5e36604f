-- The ledger only grows: transactions and entries are inserted, never changed or deleted.
CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% rows are never changed or deleted: correct by a reversal', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE TRIGGER ledger_transaction_immutable BEFORE UPDATE OR DELETE ON ledger_transaction
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_transaction_kept BEFORE TRUNCATE ON ledger_transaction
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entry_immutable BEFORE UPDATE OR DELETE ON ledger_entry
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER ledger_entry_kept BEFORE TRUNCATE ON ledger_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- All entries of a transaction arrive in one statement, and balance per currency. Checked once a
-- statement over the rows it brought (a deferred trigger per row costs three times the insert).
CREATE OR REPLACE FUNCTION refuse_imbalance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wrong record;
BEGIN
  SELECT brought.transaction_id, brought.currency, brought.off_minor,
         brought.astray OR transaction.id IS NULL AS astray
    INTO wrong
    FROM (SELECT entry.transaction_id, account.currency, sum(entry.amount_minor) AS off_minor,
                 bool_or(account.id IS NULL
                   OR (account.kind = 'RECEIVABLE') <> (entry.receivable_id IS NOT NULL)) AS astray
            FROM arrived AS entry LEFT JOIN ledger_account AS account ON account.id = account_id
           GROUP BY entry.transaction_id, account.currency) AS brought
    LEFT JOIN ledger_transaction AS transaction ON transaction.id = brought.transaction_id
   WHERE brought.off_minor <> 0 OR brought.astray OR transaction.id IS NULL
   LIMIT 1;
  IF FOUND AND wrong.astray THEN
    RAISE EXCEPTION 'a ledger entry names no transaction, no account, or a receivable wrongly'
      USING ERRCODE = 'foreign_key_violation';
  ELSIF FOUND THEN
    RAISE EXCEPTION 'ledger transaction % does not balance: % % too many',
      wrong.transaction_id, wrong.off_minor, wrong.currency
      USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER ledger_entry_balanced AFTER INSERT ON ledger_entry
  REFERENCING NEW TABLE AS arrived
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_imbalance();

-- An account's identity is fixed; only its balance and version move, and never backwards.
CREATE OR REPLACE FUNCTION refuse_account_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (NEW.kind, NEW.contract_id, NEW.debtor_id, NEW.bank_id, NEW.currency)
     IS DISTINCT FROM (OLD.kind, OLD.contract_id, OLD.debtor_id, OLD.bank_id, OLD.currency)
     OR NEW.version < OLD.version THEN
    RAISE EXCEPTION 'ledger account % keeps its identity and its version only grows', OLD.id
      USING ERRCODE = 'integrity_constraint_violation';
  END IF;
  RETURN NEW;
END $$;

CREATE TRIGGER ledger_account_identity BEFORE UPDATE ON ledger_account
  FOR EACH ROW EXECUTE FUNCTION refuse_account_change();
CREATE TRIGGER ledger_account_kept BEFORE DELETE ON ledger_account
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
