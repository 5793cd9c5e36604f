-- The book does not forget a seal.
CREATE TRIGGER book_seal_immutable BEFORE UPDATE OR DELETE ON book_seal
  FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER book_seal_kept BEFORE TRUNCATE ON book_seal
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
