"""Credit notes: recorded by themselves, set off against invoices, and set-offs undone.

A credit note may come before its invoice is paid, after it, without it, or exceed it (domain.md
§11): it always debits the client at once and lowers what its debtor owes in all; whether it is
set off against one invoice or waits for another, the debtor's exposure is the same.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Invalid, NotFound
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind, post
from cessio.ledger import reverse as reverse_transaction
from cessio.receivables import queries
from cessio.receivables.bulk.cover import recompute_cover
from cessio.receivables.models import Receivable, SetOff
from cessio.receivables.operations.assignment import Assignment, assign
from cessio.receivables.operations.drafts import NewDocument, draft_from_rows
from cessio.receivables.queries import locks
from cessio.receivables.rules import DocumentKind, Source


class NotSettable(Conflict):
    """These two can not be set off: not an open credit and an open invoice of one debtor."""


class SetOffUndone(Conflict):
    """The set-off was undone before."""


def record_credit_note(
    session: Session, *, contract_id: int, document: NewDocument, by: str, at: datetime
) -> Assignment:
    """Assign one credit note by itself, set off against the invoice it names if that is open.

    Raises ``Invalid`` for a document that is not a credit note, ``NothingToAssign`` when it is
    refused (a duplicate, an unknown debtor).
    """
    if document.kind is not DocumentKind.CREDIT_NOTE and document.amount_minor >= 0:
        raise Invalid("not_a_credit_note", "{number} is not a credit note", field="kind",
                      number=document.number)  # fmt: skip
    remittance_id = draft_from_rows(
        session, contract_id=contract_id, rows=[document], source=Source.TYPED, by=by, at=at
    )
    return assign(session, remittance_id=remittance_id, by=by, at=at)


def set_off(
    session: Session, *, credit_id: int, invoice_id: int, amount_minor: int | None = None,
    by: str, at: datetime,
) -> int:  # fmt: skip
    """Use an open credit (credit note or credit on account) against an open invoice.

    All that both allow unless ``amount_minor`` says less. Returns the set-off's id. Raises
    ``NotSettable``, ``Invalid``.
    """
    found = locks.locked_receivables(session, [credit_id, invoice_id])
    credit, invoice = found[credit_id], found[invoice_id]
    room = min(-credit.open_minor, invoice.open_minor)
    same = (credit.contract_id, credit.debtor_id) == (invoice.contract_id, invoice.debtor_id)
    if room <= 0 or not same:
        raise NotSettable(
            "not_settable", "{credit} can not be set off against {invoice}",
            credit=credit.number, invoice=invoice.number,
        )  # fmt: skip
    amount = room if amount_minor is None else amount_minor
    if not 0 < amount <= room:
        raise Invalid("set_off_amount", "at most {open_minor} can be set off",
                      field="amount_minor", open_minor=room)  # fmt: skip
    made = SetOff(contract_id=credit.contract_id, credit_id=credit_id, invoice_id=invoice_id,
                  amount_minor=amount, made_at=at, made_by=by)  # fmt: skip
    session.add(made)
    session.flush()
    _post(session, made, credit, by=by, at=at)
    _move(session, credit, invoice, amount, at)
    _record(session, "set_off.make", made, invoice, None, by, at)
    return made.id


def undo_set_off(session: Session, *, set_off_id: int, reason: str, by: str, at: datetime) -> None:
    """Take a set-off back: both documents are open again as before.

    Raises ``NotFound``, ``SetOffUndone``.
    """
    made = locks.locked_set_off(session, set_off_id)
    if made is None:
        raise NotFound("set_off_unknown", "there is no set-off {id}", id=set_off_id)
    if made.undone_at is not None:
        raise SetOffUndone("set_off_undone", "set-off {id} was undone before", id=set_off_id)
    found = locks.locked_receivables(session, [made.credit_id, made.invoice_id])
    made.undone_at, made.undone_by = at, by
    posted = queries.set_off_transaction(session, set_off_id)
    reverse_transaction(session, transaction_id=posted, by=by, at=at, memo=reason)
    _move(session, found[made.credit_id], found[made.invoice_id], -made.amount_minor, at)
    _record(session, "set_off.undo", made, found[made.invoice_id], reason, by, at)


def _post(session: Session, made: SetOff, credit: Receivable, *, by: str, at: datetime) -> None:
    currency = queries.contract_facts(
        session, made.contract_id, on=business_date(at)
    ).currency  # fmt: skip
    owed = AccountKey(AccountKind.RECEIVABLE, currency, made.contract_id, credit.debtor_id)
    post(
        session,
        Posting(
            kind=TransactionKind.SET_OFF, source_kind="set_off", source_id=made.id,
            effect="set_off", value_date=business_date(at), contract_id=made.contract_id,
            lines=(Line(owed, -made.amount_minor, made.invoice_id),
                   Line(owed, made.amount_minor, made.credit_id)),
        ),
        by=by, at=at,
    )  # fmt: skip


def _move(
    session: Session, credit: Receivable, invoice: Receivable, amount_minor: int, at: datetime
) -> None:
    on = business_date(at)
    for receivable, change in ((credit, amount_minor), (invoice, -amount_minor)):
        receivable.open_minor += change
        receivable.closed_on = on if receivable.open_minor == 0 else None
    session.flush()
    recompute_cover(session, contract_id=invoice.contract_id, debtor_ids=[invoice.debtor_id],
                    on=on, at=at)  # fmt: skip


def _record(
    session: Session, verb: str, made: SetOff, invoice: Receivable, why: str | None, by: str,
    at: datetime,
) -> None:  # fmt: skip
    audit.record(
        session, verb=verb, subject_kind="set_off", subject_id=made.id, why=why, by=by, at=at,
        client_id=invoice.client_id,
        after={"credit_id": made.credit_id, "invoice_id": made.invoice_id,
               "amount_minor": made.amount_minor},
    )  # fmt: skip
