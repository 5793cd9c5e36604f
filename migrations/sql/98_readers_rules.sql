-- Whose rows readers from outside see, table by table: one statement, one transaction, one lock.

-- Everybody's.
CALL show_each(ARRAY[
  'factor_account', 'factor_identity', 'house_cut_off', 'house_day', 'house_reason', 'index_fixing',
  'payout_limits'],
  'true');
-- From which amount a drawdown takes two of our people, which is said when it is asked for.
SELECT show_rows('house_authority', 'act = ''approve_drawdown'' AND role = ''*'''
  ' AND ended_at IS NULL AND cardinality((SELECT reader_contracts())) > 0',
  'act, role, amount_minor, ended_at');
-- By the contract.
SELECT show_rows('contract', 'id = ANY ((SELECT reader_contracts())::bigint[])');
CALL show_each(ARRAY[
    'availability_snapshot', 'contract_reserve', 'contract_terms', 'cover_position', 'cover_regime',
    'credit_limit', 'debtor_reply', 'dispute', 'drawdown', 'due_date_change', 'excluded_debtor',
    'fee_charge', 'fee_invoice', 'financing_charge', 'financing_day', 'group_limit', 'hold',
    'issued_statement', 'kept_statement', 'ledger_transaction', 'limit_request',
    'receivable', 'receivable_cover', 'remittance', 'set_off', 'standing_instruction',
    'standing_run', 'statement_order', 'unpaid_settlement', 'verification'],
  'contract_id = ANY ((SELECT reader_contracts())::bigint[])');
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
CALL show_each(ARRAY['cash_allocation', 'cover_floor', 'cover_history', 'recovery_line'],
  'EXISTS (SELECT FROM receivable WHERE receivable.id = receivable_id)');
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
CALL show_each(ARRAY['remittance_line', 'remittance_state', 'subrogation_receipt'],
  'EXISTS (SELECT FROM remittance WHERE remittance.id = remittance_id)');
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
CALL show_each(ARRAY['approval', 'column_mapping', 'factor_requirement', 'job', 'recipient'],
  'client_id = ANY ((SELECT reader_clients())::bigint[])');
SELECT show_rows('client', 'id = ANY ((SELECT reader_clients())::bigint[])'
  ' OR EXISTS (SELECT FROM contract WHERE contract.client_id = client.id)');
SELECT show_rows('client_chart', 'EXISTS (SELECT FROM client WHERE client.id = client_id)');
SELECT show_rows('company', 'EXISTS (SELECT FROM client WHERE client.company_id = company.id)'
  ' OR EXISTS (SELECT FROM debtor WHERE debtor.company_id = company.id)');
SELECT show_rows('company_group',
  'EXISTS (SELECT FROM company WHERE company.group_id = company_group.id)');
CALL show_each(ARRAY['contact', 'party_account'],
  'company_id IN (SELECT company_id FROM client'
  ' WHERE id = ANY ((SELECT reader_clients())::bigint[]))');
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
CALL show_each(ARRAY['kept_order', 'notification', 'notification_choice'],
  'person_id = (SELECT reader_person())');

-- What a look leaves.
DROP POLICY IF EXISTS looked ON share_access;
CREATE POLICY looked ON share_access FOR INSERT
  WITH CHECK (share_id = ANY ((SELECT reader_shares())::bigint[]));
DROP POLICY IF EXISTS issued ON issued_statement;
CREATE POLICY issued ON issued_statement FOR INSERT
  WITH CHECK (contract_id = ANY ((SELECT reader_contracts())::bigint[]));
DROP POLICY IF EXISTS seen ON notification;
CREATE POLICY seen ON notification FOR UPDATE USING (person_id = (SELECT reader_person()));

-- Readers see nothing of any other table.
CALL hide_the_rest();
ALTER VIEW invoice_cover SET (security_invoker = true);
