-- What a row names belongs to whom the row belongs to. Keys that only name an id let one client's
-- row hang on another's, and are checked past row-level security; so the owner is compared too.
-- Once a statement over the rows it brought, as the ledger's balance: the large tables come by COPY.
-- Arguments are triples: the column, the table it names, the owner's column that both have.
CREATE OR REPLACE FUNCTION refuse_strangers() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  place integer := 0;
  wrong record;
BEGIN
  WHILE place < TG_NARGS LOOP
    EXECUTE format(
      'SELECT arrived.%1$I AS named, arrived.%3$I AS owner FROM arrived'
      ' LEFT JOIN %2$I AS parent ON parent.id = arrived.%1$I WHERE arrived.%1$I IS NOT NULL'
      ' AND (parent.id IS NULL OR arrived.%3$I <> parent.%3$I'
      ' OR (arrived.%3$I IS NOT NULL AND parent.%3$I IS NULL)) LIMIT 1',
      TG_ARGV[place], TG_ARGV[place + 1], TG_ARGV[place + 2]) INTO wrong;
    IF wrong.named IS NOT NULL THEN
      RAISE EXCEPTION '% of % names % %, which is not of its % (%)', TG_ARGV[place], TG_TABLE_NAME,
        TG_ARGV[place + 1], wrong.named, TG_ARGV[place + 2], wrong.owner
        USING ERRCODE = 'foreign_key_violation';
    END IF;
    place := place + 3;
  END LOOP;
  RETURN NULL;
END $$;

-- Whose a row is never changes.
CREATE OR REPLACE FUNCTION refuse_other_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% %: whose it is never changes', TG_TABLE_NAME, OLD.id
    USING ERRCODE = 'integrity_constraint_violation';
END $$;

-- An entry of a receivable is on the account of its contract and debtor.
CREATE OR REPLACE FUNCTION refuse_strange_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wrong record;
BEGIN
  SELECT entry.id, entry.receivable_id INTO wrong
    FROM arrived AS entry JOIN ledger_account AS account ON account.id = entry.account_id
    LEFT JOIN receivable ON receivable.id = entry.receivable_id
   WHERE entry.receivable_id IS NOT NULL
     AND (receivable.contract_id, receivable.debtor_id)
         IS DISTINCT FROM (account.contract_id, account.debtor_id) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'ledger entry % is not on the account of its receivable %', wrong.id,
      wrong.receivable_id USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NULL;
END $$;

-- Hold each row of a table to its owner: triples as above.
CREATE OR REPLACE FUNCTION keep_together(held name, VARIADIC triples text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  said text := (SELECT string_agg(quote_literal(one), ', ') FROM unnest(triples) AS one);
BEGIN
  EXECUTE format('CREATE OR REPLACE TRIGGER no_strangers AFTER INSERT ON %I REFERENCING NEW TABLE'
                 ' AS arrived FOR EACH STATEMENT EXECUTE FUNCTION refuse_strangers(%s)', held, said);
END $$;

-- The same for what a row is given later, where its table is not one of the large ones.
CREATE OR REPLACE FUNCTION keep_together_later(held name, VARIADIC triples text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  said text := (SELECT string_agg(quote_literal(one), ', ') FROM unnest(triples) AS one);
BEGIN
  EXECUTE format('CREATE OR REPLACE TRIGGER no_strangers_later AFTER UPDATE ON %I REFERENCING'
                 ' NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION refuse_strangers(%s)',
                 held, said);
END $$;

-- Let nobody move a table's rows to another owner by these columns.
CREATE OR REPLACE FUNCTION keep_owner(held name, VARIADIC owners name[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  columns text := (SELECT string_agg(quote_ident(one), ', ') FROM unnest(owners) AS one);
  moved text := (SELECT string_agg(format('OLD.%1$I IS DISTINCT FROM NEW.%1$I', one), ' OR ')
                   FROM unnest(owners) AS one);
BEGIN
  EXECUTE format('CREATE OR REPLACE TRIGGER same_owner BEFORE UPDATE OF %s ON %I FOR EACH ROW'
                 ' WHEN (%s) EXECUTE FUNCTION refuse_other_owner()', columns, held, moved);
END $$;
