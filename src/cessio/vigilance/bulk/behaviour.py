"""How the whole book behaved lately: one statement a kind, each within a window of days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.vigilance.rules import (
    Advance,
    DebtorShare,
    Dilution,
    LateNotes,
    Payer,
    PushedBack,
    Rebilled,
    Turnover,
)

#: Receipts of the last days are looked at again each night: applications may come late.
RECEIPT_DAYS = 10
#: And so are the invoices whose due date moved lately.
PUSHED_WITHIN = 40

#: An account is known to be the debtor's before the receipt, not because of it.
_PAYERS = """
    SELECT paid.line_id, paid.client_id, paid.contract_id, paid.debtor_id, contract.currency,
           paid.minor, paid.booked_on, paid.party_iban, coalesce(paid.party_name, ''),
           paid.documents,
           EXISTS (SELECT FROM party_account AS own
                    WHERE own.iban = paid.party_iban AND own.company_id = client.company_id),
           EXISTS (SELECT FROM party_account AS its JOIN company AS holder
                     ON holder.id = its.company_id
                    WHERE its.iban = paid.party_iban AND its.added_at < paid.applied_at
                      AND (holder.id = debtor.company_id OR holder.group_id = house.group_id))
             OR EXISTS (SELECT FROM payer_alias AS alias
                         WHERE alias.debtor_id = paid.debtor_id AND alias.kind = 'iban'
                           AND alias.key = paid.party_iban
                           AND alias.learned_at < paid.applied_at),
           EXISTS (SELECT FROM party_account WHERE company_id = debtor.company_id
                      AND added_at < paid.applied_at)
             OR EXISTS (SELECT FROM payer_alias AS alias
                         WHERE alias.debtor_id = paid.debtor_id AND alias.kind = 'iban'
                           AND alias.learned_at < paid.applied_at)
      FROM (SELECT line.id AS line_id, line.booked_on, line.party_iban, line.party_name,
                   invoice.client_id, invoice.contract_id, invoice.debtor_id,
                   sum(part.amount_minor)::bigint AS minor, min(application.at) AS applied_at,
                   array_agg(invoice.id ORDER BY invoice.id) AS documents
              FROM cash_application AS application
              JOIN bank_line AS line ON line.id = application.bank_line_id
              JOIN cash_allocation AS part ON part.application_id = application.id
              JOIN receivable AS invoice ON invoice.id = part.receivable_id
             WHERE application.at >= :since AND application.undone_at IS NULL
               AND line.party_iban IS NOT NULL AND line.amount_minor > 0
             GROUP BY line.id, invoice.client_id, invoice.contract_id, invoice.debtor_id
            HAVING sum(part.amount_minor) > 0) AS paid
      JOIN contract ON contract.id = paid.contract_id
      JOIN client ON client.id = paid.client_id
      JOIN debtor ON debtor.id = paid.debtor_id
      JOIN company AS house ON house.id = debtor.company_id
     ORDER BY paid.line_id
"""

_ADVANCES = """
    SELECT amount_minor, requested_on FROM drawdown
     WHERE contract_id = :contract_id AND state IN ('granted', 'ordered', 'paid')
       AND requested_on BETWEEN :first AND :last
     ORDER BY requested_on DESC, id DESC
"""

_LATE_NOTES = """
    SELECT note.client_id, note.contract_id, currency, date_trunc('month', assigned_on)::date,
           count(*), sum(-amount_minor)::bigint, max(assigned_on - issue_date),
           (array_agg(note.id ORDER BY note.id))[1:200]
      FROM receivable AS note JOIN contract ON contract.id = note.contract_id
     WHERE note.kind = 'credit_note' AND note.reversed_at IS NULL
       AND note.assigned_on >= :since AND note.assigned_on - note.issue_date >= :late
     GROUP BY 1, 2, 3, 4 ORDER BY 2, 4
"""

_WINDOWS = """
    SELECT contract.client_id, contract.id, contract.currency,
           coalesce(sum(amount_minor) FILTER (WHERE kind = 'invoice' AND assigned_on >= :near), 0),
           coalesce(sum(-amount_minor)
             FILTER (WHERE kind = 'credit_note' AND assigned_on >= :near), 0),
           coalesce(sum(amount_minor) FILTER (WHERE kind = 'invoice' AND assigned_on < :near), 0),
           coalesce(sum(-amount_minor)
             FILTER (WHERE kind = 'credit_note' AND assigned_on < :near), 0)
      FROM receivable JOIN contract ON contract.id = receivable.contract_id
     WHERE assigned_on >= :far AND assigned_on <= :on AND reversed_at IS NULL
       AND kind IN ('invoice', 'credit_note')
     GROUP BY contract.id ORDER BY contract.id
"""

_COLLECTED = """
    SELECT invoice.contract_id,
           coalesce(sum(part.amount_minor) FILTER (WHERE application.applied_on >= :near), 0),
           coalesce(sum(part.amount_minor) FILTER (WHERE application.applied_on < :near), 0)
      FROM cash_application AS application
      JOIN cash_allocation AS part ON part.application_id = application.id
      JOIN receivable AS invoice ON invoice.id = part.receivable_id
     WHERE application.applied_on >= :far AND application.applied_on <= :on
       AND application.undone_at IS NULL
     GROUP BY 1
"""

#: An invoice again, whole or in two parts of one remittance.
_REBILLED = """
    WITH again AS (
      SELECT id, contract_id, debtor_id, number, issue_date, due_date, amount_minor, assigned_on
        FROM receivable
       WHERE kind = 'invoice' AND reversed_at IS NULL AND assigned_on >= :issued
    ), whole AS (
      TABLE again
      UNION ALL
      SELECT one.id, one.contract_id, one.debtor_id, one.number, one.issue_date,
             least(one.due_date, other.due_date), one.amount_minor + other.amount_minor,
             one.assigned_on
        FROM again AS one JOIN again AS other
          ON other.contract_id = one.contract_id AND other.debtor_id = one.debtor_id
         AND other.assigned_on = one.assigned_on AND other.issue_date = one.issue_date
         AND other.id > one.id
    )
    SELECT DISTINCT ON (old.id) note.client_id, note.contract_id, note.debtor_id,
           contract.currency, old.id, note.id, again.id, old.number, again.number,
           old.due_date, again.due_date, again.amount_minor
      FROM receivable AS note
      JOIN contract ON contract.id = note.contract_id
      JOIN receivable AS old ON old.id = note.original_id
      JOIN whole AS again ON again.debtor_id = note.debtor_id
       AND again.contract_id = note.contract_id
       AND again.amount_minor BETWEEN old.amount_minor - old.amount_minor / 100
                                  AND old.amount_minor + old.amount_minor / 100
       AND again.issue_date BETWEEN note.issue_date - 5 AND note.issue_date + 20
       AND again.id <> old.id AND again.assigned_on >= old.assigned_on
     WHERE note.kind = 'credit_note' AND note.reversed_at IS NULL AND note.assigned_on >= :since
       AND -note.amount_minor * 100 >= old.amount_minor * 95
     ORDER BY old.id, again.id
"""

#: Every change of an invoice one of which was made lately.
_PUSHED = """
    SELECT invoice.client_id, invoice.contract_id, invoice.debtor_id, contract.currency,
           invoice.id, invoice.number, invoice.amount_minor, moved.first_due_on, invoice.due_date,
           moved.times, moved.was_late
      FROM (SELECT receivable_id, (array_agg(from_on ORDER BY id))[1] AS first_due_on,
                   count(*) AS times,
                   bool_or(from_on < (asked_at AT TIME ZONE 'Europe/Paris')::date) AS was_late
              FROM due_date_change AS change
             WHERE outcome = 'applied' AND to_on > from_on AND receivable_id IN
                   (SELECT receivable_id FROM due_date_change
                     WHERE outcome = 'applied' AND decided_at >= :since)
             GROUP BY receivable_id) AS moved
      JOIN receivable AS invoice ON invoice.id = moved.receivable_id
      JOIN contract ON contract.id = invoice.contract_id
     WHERE invoice.reversed_at IS NULL ORDER BY invoice.id
"""

_SHARES = """
    WITH assigned AS (
      SELECT client_id, contract_id, debtor_id,
             coalesce(sum(amount_minor) FILTER (WHERE assigned_on >= :near), 0)::bigint AS now,
             coalesce(sum(amount_minor) FILTER (WHERE assigned_on < :near), 0)::bigint AS before
        FROM receivable
       WHERE kind = 'invoice' AND reversed_at IS NULL
         AND assigned_on >= :far AND assigned_on <= :on
       GROUP BY 1, 2, 3
    ), whole AS (
      SELECT assigned.*, sum(now) OVER mine AS total, sum(before) OVER mine AS total_before,
             count(*) FILTER (WHERE before > 0) OVER mine AS debtors_before
        FROM assigned WINDOW mine AS (PARTITION BY contract_id)
    )
    SELECT whole.client_id, contract_id, debtor_id, currency, now, total::bigint, before,
           total_before::bigint, debtors_before
      FROM whole JOIN contract ON contract.id = whole.contract_id
     WHERE now * 5 >= total AND total > 0 AND total_before > 0
     ORDER BY contract_id, debtor_id
"""


def payers(session: Session, *, at: datetime) -> list[Payer]:
    """The receipts applied lately, each with whose account it came from."""
    since = at - timedelta(days=RECEIPT_DAYS)
    return [
        Payer(
            line_id=row[0], client_id=row[1], contract_id=row[2], debtor_id=row[3],
            currency=row[4], amount_minor=row[5], booked_on=row[6], iban=row[7],
            payer_name=row[8], document_ids=tuple(row[9]), is_clients=row[10],
            is_debtors=row[11], debtor_has_accounts=row[12],
        )
        for row in session.execute(text(_PAYERS), {"since": since})
    ]  # fmt: skip


def advances(session: Session, payer: Payer, *, days: int) -> Iterator[Advance]:
    """What the contract drew in the days before a receipt that came from its client."""
    values = {"contract_id": payer.contract_id, "last": payer.booked_on,
              "first": payer.booked_on - timedelta(days=days)}  # fmt: skip
    for minor, drawn_on in session.execute(text(_ADVANCES), values):
        yield Advance(payer=payer, drawn_minor=minor, drawn_on=drawn_on)


def late_notes(session: Session, *, on: date, late_days: int) -> list[LateNotes]:
    """Credit notes assigned since last month's start, long after their date."""
    since = (on.replace(day=1) - timedelta(days=1)).replace(day=1)
    rows = session.execute(text(_LATE_NOTES), {"since": since, "late": late_days})
    return [
        LateNotes(client_id=row[0], contract_id=row[1], currency=row[2], month=row[3],
                  note_count=row[4], notes_minor=row[5], most_days=row[6],
                  document_ids=tuple(row[7]))
        for row in rows
    ]  # fmt: skip


def windows(session: Session, *, on: date) -> Iterator[tuple[Dilution, Turnover]]:
    """Per contract: what was assigned, credited and collected, now and before."""
    dates = {"on": on, "near": on - timedelta(days=90), "far": on - timedelta(days=180)}
    collected = {row[0]: (int(row[1]), int(row[2]))
                 for row in session.execute(text(_COLLECTED), dates)}  # fmt: skip
    for row in session.execute(text(_WINDOWS), dates).all():
        client_id, contract_id, currency = row[:3]
        now, notes, before, notes_before = (int(value) for value in row[3:])
        near, far = collected.get(contract_id, (0, 0))
        common = {"client_id": client_id, "contract_id": contract_id}
        yield (
            Dilution(**common, currency=currency, on=on, invoices_minor=now, notes_minor=notes,
                     invoices_before_minor=before, notes_before_minor=notes_before),
            Turnover(**common, currency=currency, on=on, assigned_minor=now,
                     collected_minor=near, assigned_before_minor=before,
                     collected_before_minor=far),
        )  # fmt: skip


def rebilled(session: Session, *, on: date) -> list[Rebilled]:
    """Invoices credited whole lately, with another of their amount billed about then."""
    rows = session.execute(text(_REBILLED), {"since": on - timedelta(days=40),
                                             "issued": on - timedelta(days=70)})  # fmt: skip
    return [
        Rebilled(client_id=row[0], contract_id=row[1], debtor_id=row[2], currency=row[3],
                 original_id=row[4], note_id=row[5], again_id=row[6], original_number=row[7],
                 again_number=row[8], original_due_on=row[9], again_due_on=row[10],
                 amount_minor=row[11])
        for row in rows
    ]  # fmt: skip


def pushed(session: Session, *, at: datetime) -> list[PushedBack]:
    """Invoices whose due date was pushed back lately, with all it was pushed back by."""
    rows = session.execute(text(_PUSHED), {"since": at - timedelta(days=PUSHED_WITHIN)})
    return [
        PushedBack(client_id=row[0], contract_id=row[1], debtor_id=row[2], currency=row[3],
                   receivable_id=row[4], number=row[5], amount_minor=row[6], first_due_on=row[7],
                   due_on=row[8], times=row[9], was_late=row[10])
        for row in rows
    ]  # fmt: skip


def debtor_shares(session: Session, *, on: date) -> list[DebtorShare]:
    """Debtors that carry a fifth or more of what a contract assigned in thirty days."""
    dates = {"on": on, "near": on - timedelta(days=30), "far": on - timedelta(days=180)}
    return [
        DebtorShare(client_id=row[0], contract_id=row[1], debtor_id=row[2], currency=row[3],
                    on=on, minor=row[4], total_minor=row[5], before_minor=row[6],
                    total_before_minor=row[7], debtors_before=row[8])
        for row in session.execute(text(_SHARES), dates)
    ]  # fmt: skip
