"""What a code opens: the debtor's documents under one contract, and nothing beside them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select, tuple_
from sqlalchemy.orm import Session

from cessio import parties
from cessio.contracts import queries as contracts
from cessio.contracts.models import Contract
from cessio.contracts.rules import NotificationMode, TransferMode
from cessio.correspondence import queries as correspondence
from cessio.correspondence.models import LetterCode, Message
from cessio.correspondence.rules import CODE_GROUPS
from cessio.kernel.codes import read_code
from cessio.kernel.paging import CursorUnreadable, Key, Page, PageRequest, page_of
from cessio.receivables.models import Dispute, Receivable, SetOff
from cessio.replies.models import LetterAccess
from cessio.replies.rules import Act

#: What was settled lately is shown too, so that a debtor sees its payment arrive.
SETTLED_DAYS, SETTLED_MOST = 60, 12


@dataclass(frozen=True, slots=True)
class Opening:
    """What a code opens: one debtor under one contract, whom it pays and where.

    ``payee`` is who may be named to the debtor: us, or its supplier where it must not know of us
    (``is_told`` is false).
    """

    id: int
    code: str
    debtor_id: int
    debtor_name: str
    contract_id: int
    client_id: int
    client_name: str
    currency: str
    receivable_ids: tuple[int, ...] | None
    iban: str
    bic: str | None
    payee: str
    is_told: bool
    transfer: TransferMode
    language: str
    letter: str
    until_on: date


@dataclass(frozen=True, slots=True)
class Owed:
    """One document as its debtor reads it; amounts signed, a credit note is below zero."""

    id: int
    number: str
    kind: str
    issue_date: date
    due_date: date
    amount_minor: int
    credited_minor: int
    settled_minor: int
    open_minor: int
    disputed_minor: int
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class Sums:
    """What the code's documents come to: all that is open, and what of it is due by a day."""

    count: int
    open_minor: int
    due_minor: int


def opened_by(session: Session, typed: str, *, on: date) -> Opening | None:
    """What a code opens on a day; nothing if it is unknown, over or revoked: all look the same."""
    code = read_code(typed, CODE_GROUPS)
    row = session.execute(
        select(LetterCode, Contract, Message.language)
        .join(Contract, Contract.id == LetterCode.contract_id)
        .join(Message, Message.id == LetterCode.message_id)
        .where(LetterCode.code == (code or ""), LetterCode.revoked_at.is_(None),
               LetterCode.from_on <= on, LetterCode.until_on >= on)
    ).one_or_none()  # fmt: skip
    return None if row is None else _opening(session, *row, on)


def _opening(
    session: Session, row: LetterCode, contract: Contract, language: str, on: date
) -> Opening:
    client = parties.client_names(session, [contract.client_id])[contract.client_id]
    debtor = parties.debtor_names(session, [row.debtor_id])[row.debtor_id]
    terms = contracts.terms_in_force(session, contract.id, on)
    is_told = terms.notification_mode is NotificationMode.NOTIFIED
    return Opening(
        id=row.id, code=row.code, debtor_id=row.debtor_id, debtor_name=debtor,
        contract_id=contract.id, client_id=contract.client_id, client_name=client,
        currency=contract.currency,
        receivable_ids=None if row.receivable_ids is None else tuple(row.receivable_ids),
        iban=row.iban, bic=row.bic, payee=row.holder if is_told else client, is_told=is_told,
        transfer=terms.transfer_mode, language=language, until_on=row.until_on,
        letter=correspondence.letter_number(row.message_id),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Beside:
    """Another code of the same letter: whose invoices it opens, and what is left to pay."""

    code: str
    client_name: str
    currency: str
    open_minor: int


def beside(session: Session, opening: Opening, *, on: date) -> tuple[Beside, ...]:
    """What the same letter says of other contracts: who holds it holds all of it."""
    asked = select(LetterCode.message_id).where(LetterCode.id == opening.id).scalar_subquery()
    codes = session.scalars(
        select(LetterCode.code)
        .where(LetterCode.message_id == asked, LetterCode.id != opening.id)
        .order_by(LetterCode.id)
    ).all()
    others = [one for code in codes if (one := opened_by(session, code, on=on)) is not None]
    return tuple(
        Beside(one.code, one.client_name, one.currency, sums(session, one, on=on).open_minor)
        for one in others
    )


def owed(session: Session, opening: Opening, page: PageRequest) -> Page[Owed]:
    """The open documents of a code, by due date."""
    key = (Receivable.due_date, Receivable.number, Receivable.id)
    query = _documents(opening).where(Receivable.closed_on.is_(None))
    if page.key is not None:
        place = _place(page.key)
        query = query.where(tuple_(*key) < place if page.backwards else tuple_(*key) > place)
    order = [one.desc() if page.backwards else one.asc() for one in key]
    rows = session.scalars(query.order_by(*order).limit(page.fetch)).all()
    return page_of(_views(session, rows), page, lambda one: (one.due_date, one.number, one.id))


def settled(session: Session, opening: Opening, *, on: date) -> tuple[Owed, ...]:
    """What was settled lately, last first."""
    query = _documents(opening).where(
        Receivable.closed_on >= on - timedelta(days=SETTLED_DAYS), Receivable.kind == "invoice",
        Receivable.reversed_at.is_(None),
    )  # fmt: skip
    order = (Receivable.closed_on.desc(), Receivable.id.desc())
    return _views(session, session.scalars(query.order_by(*order).limit(SETTLED_MOST)).all())


def invoices(session: Session, opening: Opening, receivable_ids: Collection[int]) -> dict[int, int]:
    """What is open of those among these that the code opens and that still owe something."""
    rows = session.execute(
        _documents(opening, Receivable.id, Receivable.open_minor).where(
            Receivable.id.in_([*receivable_ids]), Receivable.open_minor > 0,
            Receivable.kind == "invoice",
        )
    )  # fmt: skip
    return {row.id: row.open_minor for row in rows}


def sums(session: Session, opening: Opening, *, on: date) -> Sums:
    """What all of it comes to."""
    due = case((Receivable.due_date <= on, Receivable.open_minor), else_=0)
    count, total, late = session.execute(
        _documents(opening, func.count(), func.coalesce(func.sum(Receivable.open_minor), 0),
                   func.coalesce(func.sum(due), 0)).where(Receivable.closed_on.is_(None))
    ).one()  # fmt: skip
    return Sums(count, int(total), int(late))


def accounts_named(session: Session, opening: Opening) -> frozenset[str]:
    """The accounts of ours that letters told this debtor to pay this client's invoices to."""
    return frozenset(session.scalars(
        select(LetterCode.iban).where(LetterCode.debtor_id == opening.debtor_id,
                                      LetterCode.contract_id == opening.contract_id)
    ))  # fmt: skip


def done_since(session: Session, code_id: int, since: datetime) -> dict[Act, int]:
    """How often each was done by a code since an instant."""
    rows = session.execute(
        select(LetterAccess.act, func.count())
        .where(LetterAccess.code_id == code_id, LetterAccess.at > since)
        .group_by(LetterAccess.act)
    )
    return {Act(act): count for act, count in rows}


def _place(key: Key) -> tuple[date, str, int]:
    """Where a page begins; strangers write cursors too. Raises ``CursorUnreadable``."""
    match key:
        case (date() as due, str() as number, int() as receivable_id):
            return due, number, receivable_id
    raise CursorUnreadable("cursor_unreadable", "this page link is not valid")


def _documents(opening: Opening, *columns: Any) -> Select[Any]:
    """The one way to a debtor's documents: no column of them is read without all of this."""
    bound: list[ColumnElement[bool]] = [
        Receivable.contract_id == opening.contract_id, Receivable.debtor_id == opening.debtor_id,
    ]  # fmt: skip
    if opening.receivable_ids is not None:
        bound.append(Receivable.id.in_(opening.receivable_ids))
    return select(*(columns or (Receivable,))).where(*bound)


def _views(session: Session, rows: Collection[Receivable]) -> tuple[Owed, ...]:
    ids = [row.id for row in rows]
    credited = dict(session.execute(
        select(SetOff.invoice_id, func.sum(SetOff.amount_minor))
        .where(SetOff.invoice_id.in_(ids), SetOff.undone_at.is_(None)).group_by(SetOff.invoice_id)
    ).all())  # fmt: skip
    disputed = dict(session.execute(
        select(Dispute.receivable_id, Dispute.amount_minor)
        .where(Dispute.receivable_id.in_(ids), Dispute.ended_at.is_(None))
    ).all())  # fmt: skip
    return tuple(_view(row, int(credited.get(row.id, 0)), disputed.get(row.id, 0)) for row in rows)


def _view(row: Receivable, credited: int, disputed: int) -> Owed:
    return Owed(
        id=row.id, number=row.number, kind=row.kind, issue_date=row.issue_date,
        due_date=row.due_date, amount_minor=row.amount_minor, credited_minor=credited,
        settled_minor=row.amount_minor - credited - row.open_minor, open_minor=row.open_minor,
        disputed_minor=min(disputed, max(0, row.open_minor)), closed_on=row.closed_on,
    )  # fmt: skip
