DROP TRIGGER ledger_entry_together ON ledger_entry;
DO $$
DECLARE one record;
BEGIN
  FOR one IN SELECT tgname, tgrelid::regclass AS held FROM pg_trigger
              WHERE tgname IN ('no_strangers', 'no_strangers_later', 'same_owner') LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', one.tgname, one.held);
  END LOOP;
END $$;
DROP FUNCTION keep_together, keep_together_later, keep_owner, refuse_strange_entries,
  refuse_other_owner, refuse_strangers;
