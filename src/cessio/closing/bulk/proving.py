"""Proving the whole book by reading all of it: every rule that no single capability can see alone.

Each proof names the first row that breaks its rule. Together with those of the ledger, the
receivables and the closed days they are what ``cessio verify`` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.banking.queries import suspense_differences
from cessio.closing import queries, verifier
from cessio.ledger import bulk as ledger
from cessio.ledger.bulk import Finding
from cessio.plumbing import keeper
from cessio.receivables.bulk import verifying as receivables

_COVER = {
    "cover_is_within_its_invoice": """
        SELECT 'receivable ' || receivable.id || ' (' || receivable.number || ')',
               'it is covered for ' || cover.covered_minor || ' and open for '
               || receivable.open_minor
          FROM invoice_cover AS cover JOIN receivable ON receivable.id = cover.receivable_id
         WHERE cover.covered_minor NOT BETWEEN 0 AND receivable.open_minor
         ORDER BY receivable.id LIMIT 1
    """,
    "cover_is_within_its_limit": """
        SELECT 'debtor ' || debtor_id || ' under contract ' || contract_id,
               'its invoices are covered for ' || covered.minor || ', its limit is '
               || position.limit_minor || ' and ' || position.kept_minor || ' is kept'
          FROM (SELECT contract_id, debtor_id, sum(covered_minor) AS minor
                  FROM invoice_cover GROUP BY 1, 2) AS covered
          JOIN cover_position AS position USING (contract_id, debtor_id)
         WHERE covered.minor > greatest(position.limit_minor, position.kept_minor)
         ORDER BY contract_id, debtor_id LIMIT 1
    """,
}

_PAYOUTS = {
    "payout_is_its_clearing": """
        SELECT 'drawdown ' || drawdown.id,
               'it is ' || drawdown.state || ' for ' || drawdown.amount_minor
               || ', clearing holds ' || coalesce(-posted.minor, 0) || ' of it'
          FROM drawdown LEFT JOIN (
               SELECT head.source_id, sum(entry.amount_minor) AS minor
                 FROM ledger_transaction AS head
                 JOIN ledger_entry AS entry ON entry.transaction_id = head.id
                 JOIN ledger_account AS account ON account.id = entry.account_id
                WHERE head.source_kind = 'drawdown' AND account.kind = 'PAYOUT_CLEARING'
                GROUP BY head.source_id) AS posted
            ON posted.source_id = drawdown.id
         WHERE CASE WHEN drawdown.state IN ('requested', 'granted', 'ordered')
                    THEN coalesce(posted.minor, 0) <> -drawdown.amount_minor
                    WHEN drawdown.state = 'paid'
                    THEN coalesce(posted.minor, 0) NOT IN (0, -drawdown.amount_minor)
                    ELSE coalesce(posted.minor, 0) <> 0 END
         ORDER BY drawdown.id LIMIT 1
    """,
    "clearing_is_payouts_only": """
        SELECT 'ledger entry ' || entry.id, 'it moves clearing and comes from no payout'
          FROM ledger_account AS account
          JOIN ledger_entry AS entry ON entry.account_id = account.id
          JOIN ledger_transaction AS head ON head.id = entry.transaction_id
         WHERE account.kind = 'PAYOUT_CLEARING' AND head.source_kind <> 'drawdown'
         ORDER BY entry.id LIMIT 1
    """,
    "order_is_its_payouts": """
        SELECT 'payment order ' || payment_order.message_id,
               'it says ' || payment_order.payment_count || ' payments of '
               || payment_order.total_minor || ', ' || count(drawdown.id) || ' of '
               || coalesce(sum(drawdown.amount_minor), 0) || ' are in it'
          FROM payment_order LEFT JOIN drawdown ON drawdown.order_id = payment_order.id
         WHERE payment_order.cancelled_at IS NULL
         GROUP BY payment_order.id
        HAVING payment_order.payment_count <> count(drawdown.id)
            OR payment_order.total_minor <> coalesce(sum(drawdown.amount_minor), 0)
         ORDER BY payment_order.id LIMIT 1
    """,
}

_CASH = {
    "bank_line_is_its_applications": """
        SELECT 'bank line ' || line.id,
               line.applied_minor || ' of it is applied, its applications sum to '
               || coalesce(used.minor, 0)
          FROM bank_line AS line JOIN (
               SELECT bank_line_id, sum(amount_minor) FILTER (WHERE undone_at IS NULL) AS minor
                 FROM cash_application WHERE bank_line_id IS NOT NULL GROUP BY 1) AS used
            ON used.bank_line_id = line.id
         WHERE line.applied_minor <> coalesce(used.minor, 0)
         ORDER BY line.id LIMIT 1
    """,
    "application_is_its_allocations": """
        SELECT 'cash application ' || application.id,
               'it used ' || application.amount_minor || ', its parts sum to '
               || coalesce(sum(part.amount_minor) FILTER (WHERE part.kind <> 'difference'), 0)
          FROM cash_application AS application
          LEFT JOIN cash_allocation AS part ON part.application_id = application.id
         WHERE application.kind NOT IN ('client', 'capital', 'refinancing', 'cost', 'transfer',
                                        'insurer', 'recovery')
         GROUP BY application.id
        HAVING application.amount_minor <> coalesce(
                 sum(part.amount_minor) FILTER (WHERE part.kind <> 'difference'), 0)
         ORDER BY application.id LIMIT 1
    """,
}

_INVOICES = {
    "fee_invoices_have_no_gap": """
        SELECT 'fee invoice ' || number, 'the one before it is not ' || sequence - 1
          FROM (SELECT number, sequence,
                       row_number() OVER (PARTITION BY year ORDER BY sequence) AS place
                  FROM fee_invoice) AS numbered
         WHERE sequence <> place ORDER BY number LIMIT 1
    """,
    "fee_invoice_is_what_was_charged": """
        SELECT 'fee invoice ' || invoice.number,
               'it says ' || invoice.net_minor + invoice.vat_minor + invoice.exempt_minor
               || ', ' || coalesce(sum(charged.minor), 0) || ' was charged'
          FROM fee_invoice AS invoice
          LEFT JOIN (
            SELECT line.invoice_id, -sum(entry.amount_minor) AS minor
              FROM fee_invoice_line AS line
              JOIN ledger_entry AS entry ON entry.transaction_id = line.transaction_id
              JOIN ledger_account AS account ON account.id = entry.account_id
               AND account.kind IN ('FEE_INCOME', 'VAT_COLLECTED', 'INTEREST_INCOME')
             GROUP BY 1) AS charged ON charged.invoice_id = invoice.id
         GROUP BY invoice.id
        HAVING invoice.net_minor + invoice.vat_minor + invoice.exempt_minor
               <> coalesce(sum(charged.minor), 0)
         ORDER BY invoice.number LIMIT 1
    """,
}

_DOCUMENTS = {
    "document_is_its_hash": """
        SELECT 'document ' || id || ' (' || filename || ')', 'its bytes have changed'
          FROM document WHERE sha256 <> sha256(content) OR size <> octet_length(content)
         ORDER BY id LIMIT 1
    """,
    "sealed_order_is_its_document": """
        SELECT 'payment order ' || payment_order.message_id, 'its file is not what was sealed'
          FROM payment_order JOIN document ON document.id = payment_order.document_id
         WHERE payment_order.sha256 <> document.sha256
         ORDER BY payment_order.id LIMIT 1
    """,
}


@dataclass(frozen=True, slots=True)
class Proof:
    """A group of rules and what was found against them."""

    name: str
    findings: tuple[Finding, ...]


#: What is proved, in the order in which it is best understood.
PROOFS: tuple[tuple[str, Callable[[Session], list[Finding]]], ...] = (
    ("ledger", ledger.verify),
    ("receivables", receivables.verify),
    ("suspense", lambda session: list(_suspense(session))),
    ("cash", lambda session: _broken(session, _CASH)),
    ("cover", lambda session: _broken(session, _COVER)),
    ("payouts", lambda session: _broken(session, _PAYOUTS)),
    ("documents", lambda session: _broken(session, _DOCUMENTS)),
    ("fee invoices", lambda session: _broken(session, _INVOICES)),
    ("closed days", queries.verify),
    ("daily seals", lambda session: list(_seals(session))),
)


def prove(session: Session) -> Iterator[Proof]:
    """Every proof, one after the other, in the caller's transaction.

    Make it a repeatable read: what others write meanwhile would look like a fault.
    """
    for name, proof in PROOFS:
        yield Proof(name, tuple(proof(session)))


def _broken(session: Session, proofs: dict[str, str]) -> list[Finding]:
    findings = []
    for rule, proof in proofs.items():
        row = session.execute(text(proof)).first()
        if row is not None:
            findings.append(Finding(rule, row[0], row[1]))
    return findings


def _seals(session: Session) -> Iterator[Finding]:
    """What the verifier of the daily seals finds, which shares nothing with who makes them."""
    kept, known = keeper.current(), queries.last_seal(session)
    if kept is None or not (known or kept.names("seal-*.txt")):
        return
    connection: Any = session.connection().connection.driver_connection

    def read(_table: str, query: str) -> Iterator[bytes]:
        with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT") as rows:
            yield from map(bytes, rows)

    expected = (known.code,) if known is not None else ()
    for one in verifier.verify(kept.folder, [kept.public_key], read, expected).findings:
        yield Finding(f"seal_{one.kind.removeprefix('seal_')}", one.where, one.words)


def _suspense(session: Session) -> Iterator[Finding]:
    for name, by_lines, by_books in suspense_differences(session):
        yield Finding(
            "suspense_is_its_lines", f"account {name}",
            f"unapplied lines sum to {by_lines}, suspense stands at {by_books}",
        )  # fmt: skip
