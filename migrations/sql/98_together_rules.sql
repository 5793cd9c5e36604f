-- One statement, one transaction, one lock. Parents first: whose they are never changes.
SELECT keep_owner('contract', 'client_id');
SELECT keep_owner('remittance', 'contract_id');
SELECT keep_owner('receivable', 'contract_id', 'client_id', 'remittance_id');
SELECT keep_owner('credit_limit', 'contract_id', 'debtor_id');
SELECT keep_owner('limit_request', 'contract_id', 'debtor_id');
SELECT keep_owner('drawdown', 'contract_id');
-- What names a contract beside a client.
SELECT keep_together('receivable', 'contract_id', 'contract', 'client_id',
  'remittance_id', 'remittance', 'contract_id');
SELECT keep_together('fee_invoice', 'contract_id', 'contract', 'client_id');
SELECT keep_together('debtor_reply', 'contract_id', 'contract', 'client_id');
SELECT keep_together('dunning_choice', 'contract_id', 'contract', 'client_id');
SELECT keep_together('signal', 'contract_id', 'contract', 'client_id',
  'remittance_id', 'remittance', 'contract_id');
-- What names an invoice beside its contract.
SELECT keep_together('receivable_cover', 'receivable_id', 'receivable', 'contract_id');
SELECT keep_together('dispute', 'receivable_id', 'receivable', 'contract_id');
SELECT keep_together('hold', 'receivable_id', 'receivable', 'contract_id');
SELECT keep_together('verification', 'receivable_id', 'receivable', 'contract_id');
SELECT keep_together('due_date_change', 'receivable_id', 'receivable', 'contract_id');
SELECT keep_together('set_off', 'credit_id', 'receivable', 'contract_id',
  'invoice_id', 'receivable', 'contract_id', 'remittance_id', 'remittance', 'contract_id');
SELECT keep_together('unpaid_settlement', 'receivable_id', 'receivable', 'contract_id',
  'indemnity_transaction_id', 'ledger_transaction', 'contract_id',
  'transfer_transaction_id', 'ledger_transaction', 'contract_id');
SELECT keep_together_later('unpaid_settlement', 'indemnity_transaction_id', 'ledger_transaction',
  'contract_id', 'transfer_transaction_id', 'ledger_transaction', 'contract_id');
-- What is booked for a contract.
SELECT keep_together('drawdown', 'transaction_id', 'ledger_transaction', 'contract_id',
  'commission_transaction_id', 'ledger_transaction', 'contract_id');
SELECT keep_together_later('drawdown', 'transaction_id', 'ledger_transaction', 'contract_id',
  'commission_transaction_id', 'ledger_transaction', 'contract_id');
SELECT keep_together('fee_charge', 'transaction_id', 'ledger_transaction', 'contract_id',
  'reversal_id', 'ledger_transaction', 'contract_id');
SELECT keep_together_later('fee_charge', 'transaction_id', 'ledger_transaction', 'contract_id',
  'reversal_id', 'ledger_transaction', 'contract_id');
SELECT keep_together('financing_charge', 'transaction_id', 'ledger_transaction', 'contract_id');
SELECT keep_together('standing_run', 'drawdown_id', 'drawdown', 'contract_id');
-- What answers a request for a limit.
SELECT keep_together('limit_request', 'limit_id', 'credit_limit', 'contract_id',
  'limit_id', 'credit_limit', 'debtor_id');
SELECT keep_together_later('limit_request', 'limit_id', 'credit_limit', 'contract_id',
  'limit_id', 'credit_limit', 'debtor_id');
SELECT keep_together('limit_proposal', 'limit_id', 'credit_limit', 'contract_id',
  'limit_id', 'credit_limit', 'debtor_id', 'request_id', 'limit_request', 'contract_id',
  'request_id', 'limit_request', 'debtor_id');
SELECT keep_together_later('limit_proposal', 'limit_id', 'credit_limit', 'contract_id',
  'limit_id', 'credit_limit', 'debtor_id', 'request_id', 'limit_request', 'contract_id',
  'request_id', 'limit_request', 'debtor_id');
-- Entries.
CREATE OR REPLACE TRIGGER ledger_entry_together AFTER INSERT ON ledger_entry
  REFERENCING NEW TABLE AS arrived FOR EACH STATEMENT EXECUTE FUNCTION refuse_strange_entries();
