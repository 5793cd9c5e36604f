"""Proving that receivables are what the ledger says, by reading all of both."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.ledger.bulk import Finding

_PROOFS = {
    "open_is_its_entries": """
        SELECT 'receivable ' || receivable.id || ' (' || receivable.number || ')',
               'it is open for ' || receivable.open_minor || ', its ledger entries sum to '
               || coalesce(posted.minor, 0)
          FROM receivable LEFT JOIN (
               SELECT receivable_id, sum(amount_minor) AS minor FROM ledger_entry
                WHERE receivable_id IS NOT NULL GROUP BY receivable_id) AS posted
            ON posted.receivable_id = receivable.id
         WHERE receivable.open_minor <> coalesce(posted.minor, 0)
         ORDER BY receivable.id LIMIT 1
    """,
    "entry_has_its_receivable": """
        SELECT 'ledger entry ' || entry.id, 'its receivable ' || entry.receivable_id
               || ' is not there, or not of its account''s contract and debtor'
          FROM ledger_entry AS entry JOIN ledger_account AS account ON account.id = entry.account_id
          LEFT JOIN receivable ON receivable.id = entry.receivable_id
         WHERE entry.receivable_id IS NOT NULL
           AND (receivable.contract_id, receivable.debtor_id)
               IS DISTINCT FROM (account.contract_id, account.debtor_id)
         ORDER BY entry.id LIMIT 1
    """,
    "debtor_account_is_its_receivables": """
        SELECT 'debtor ' || debtor_id || ' under contract ' || contract_id,
               'its account is at ' || coalesce(account.balance_minor, 0)
               || ', its receivables are open for ' || coalesce(book.minor, 0)
          FROM (SELECT contract_id, debtor_id, balance_minor FROM ledger_account
                 WHERE kind = 'RECEIVABLE') AS account
          FULL JOIN (SELECT contract_id, debtor_id, sum(open_minor) AS minor FROM receivable
                      GROUP BY contract_id, debtor_id) AS book USING (contract_id, debtor_id)
         WHERE coalesce(account.balance_minor, 0) <> coalesce(book.minor, 0)
         ORDER BY contract_id, debtor_id LIMIT 1
    """,
    "fingerprint_is_its_document": """
        SELECT 'receivable ' || receivable.id || ' (' || receivable.number || ')',
               'its fingerprint is not that of its number, debtor, date and amount'
          FROM receivable JOIN contract ON contract.id = receivable.contract_id
         WHERE fingerprint <> receivable_fingerprint(
                 debtor_id, number_key, issue_date, amount_minor, contract.currency)
         ORDER BY receivable.id LIMIT 1
    """,
    "set_off_is_posted": """
        SELECT 'set-off ' || set_off.id,
               'the ledger moved ' || coalesce(sum(entry.amount_minor), 0)
               || ' on its invoice, not ' || CASE WHEN undone_at IS NULL THEN -set_off.amount_minor
                                                  ELSE 0 END
          FROM set_off
          LEFT JOIN ledger_transaction AS head
            ON head.source_kind = 'set_off' AND head.source_id = set_off.id
          LEFT JOIN ledger_entry AS entry
            ON entry.transaction_id = head.id AND entry.receivable_id = set_off.invoice_id
         GROUP BY set_off.id
        HAVING coalesce(sum(entry.amount_minor), 0)
               <> CASE WHEN undone_at IS NULL THEN -set_off.amount_minor ELSE 0 END
         ORDER BY set_off.id LIMIT 1
    """,
    "receipt_is_its_remittance": """
        SELECT 'receipt ' || receipt.number,
               'it says ' || receipt.document_count || ' documents of ' || receipt.amount_minor
               || ', ' || count(receivable.id) || ' of '
               || coalesce(sum(receivable.amount_minor), 0)
               || ' were assigned, or its hash is not that of its bytes'
          FROM subrogation_receipt AS receipt
          LEFT JOIN receivable ON receivable.remittance_id = receipt.remittance_id
         GROUP BY receipt.id
        HAVING receipt.document_count <> count(receivable.id)
            OR receipt.amount_minor <> coalesce(sum(receivable.amount_minor), 0)
            OR receipt.content_sha256 <> sha256(receipt.content)
         ORDER BY receipt.id LIMIT 1
    """,
}


def verify(session: Session) -> list[Finding]:
    """Each broken rule with the first row that breaks it; none when all is well."""
    findings = []
    for rule, proof in _PROOFS.items():
        row = session.execute(text(proof)).first()
        if row is not None:
            findings.append(Finding(rule, row[0], row[1]))
    return findings
