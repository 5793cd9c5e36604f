"""Which of the documents being assigned must be verified, drawn and held by sets."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.receivables.queries.facts import ContractFacts

_ANY_MARKED = "SELECT EXISTS (SELECT FROM assigning WHERE must_verify)"

#: ``rules.reasons_to_verify`` in SQL. How many invoices of its debtor came before one follows from
#: the debits of the debtor's account, of which only the first few are read.
_REQUIRE = """
    WITH seed AS (
      SELECT id, value FROM verification_seed ORDER BY id DESC LIMIT 1
    ), known AS (
      SELECT account.debtor_id, (
               SELECT count(*) FROM (
                 SELECT FROM ledger_entry AS entry
                  WHERE entry.account_id = account.id AND entry.amount_minor > 0
                    AND NOT EXISTS (SELECT FROM assigning
                                     WHERE assigning.receivable_id = entry.receivable_id)
                  ORDER BY entry.account_version LIMIT :first) AS one) AS before
        FROM ledger_account AS account
       WHERE account.kind = 'RECEIVABLE' AND account.contract_id = :contract_id
         AND :first > 0 AND account.debtor_id IN (SELECT debtor_id FROM assigning)
    ), drawn AS (
      SELECT one.*, seed.id AS seed_id,
             row_number() OVER (PARTITION BY one.debtor_id ORDER BY one.line) AS place,
             CASE WHEN :widest > 0 THEN sha256(seed.value || one.fingerprint) END AS digest
        FROM assigning AS one CROSS JOIN seed WHERE one.kind = 'invoice'
    ), judged AS (
      SELECT drawn.receivable_id, drawn.seed_id, array_remove(ARRAY[
               CASE WHEN drawn.must_verify THEN 'signal' END,
               CASE WHEN drawn.amount_minor >= CAST(:least AS bigint) THEN 'above_amount' END,
               CASE WHEN coalesce(known.before, 0) + drawn.place <= :first THEN 'new_debtor' END,
               CASE WHEN get_byte(digest, 0) * 256 + get_byte(digest, 1) < 65536 * CASE
                      WHEN debtor.segment IN ('new', 'at_risk') THEN CAST(:widest AS numeric)
                      ELSE CAST(:share AS numeric) END THEN 'sample' END], NULL) AS reasons
        FROM drawn JOIN debtor ON debtor.id = drawn.debtor_id
        LEFT JOIN known ON known.debtor_id = drawn.debtor_id
    ), required AS (
      INSERT INTO verification (receivable_id, contract_id, reasons, seed_id, required_at,
                                required_by)
      SELECT receivable_id, :contract_id, reasons,
             CASE WHEN 'sample' = ANY(reasons) THEN seed_id END, :at, :by
        FROM judged WHERE reasons <> '{}'
      RETURNING receivable_id
    )
    INSERT INTO hold (receivable_id, contract_id, reason, placed_at, placed_by)
    SELECT receivable_id, :contract_id, 'not_verified', :at, :by FROM required
"""

_MARK = """
    UPDATE remittance_line SET must_verify = receivable_id = ANY(:ids)
     WHERE remittance_id = :remittance_id
       AND must_verify <> (receivable_id = ANY(:ids))
"""

#: What is paid or settled needs no verification any more.
_DROP_SETTLED = """
    UPDATE verification SET state = 'dropped', ended_at = :at, ended_by = :by
      FROM receivable WHERE receivable.id = verification.receivable_id
       AND verification.ended_at IS NULL AND receivable.closed_on IS NOT NULL
"""


def require(session: Session, *, facts: ContractFacts, by: str, at: datetime) -> None:
    """Hold the funding of the invoices of ``assigning`` that the contract's rules want verified."""
    terms = facts.terms
    share = Decimal(terms.verification_sample_rate)
    widest = max(share, Decimal(terms.verification_risk_rate))
    first, least = terms.verification_first_invoices, terms.verification_min_minor
    by_terms = least is not None or first or widest
    if not by_terms and not session.scalar(text(_ANY_MARKED)):
        return
    session.execute(
        text(_REQUIRE),
        {"contract_id": facts.contract_id, "at": at, "by": by, "least": least, "first": first,
         "share": share, "widest": widest},
    )  # fmt: skip


def mark_lines(session: Session, *, remittance_id: int, receivable_ids: list[int]) -> None:
    """These lines of a remittance, and no others, are verified whatever the terms say."""
    session.execute(text(_MARK), {"remittance_id": remittance_id, "ids": receivable_ids})


def drop_settled(session: Session, *, by: str, at: datetime) -> None:
    """End the verifications of invoices that owe nothing any more."""
    session.execute(text(_DROP_SETTLED), {"by": by, "at": at})
