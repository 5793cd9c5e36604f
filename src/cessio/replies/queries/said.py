"""What debtors said: the desk's list, one reply, the letters of a debtor and who opened them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select, tuple_
from sqlalchemy.orm import Session

from cessio import parties
from cessio.contracts.models import Contract
from cessio.correspondence import queries as correspondence
from cessio.correspondence.models import LetterCode, Message
from cessio.kernel.errors import NotFound
from cessio.kernel.paging import Page, PageRequest, page_of
from cessio.plumbing.keyset import sorted_page
from cessio.receivables.models import Receivable
from cessio.receivables.rules import DisputeReason
from cessio.replies.models import DebtorReply, DebtorReplyInvoice, LetterAccess
from cessio.replies.rules import Act, Means, ReplyKind, ReplyState


@dataclass(frozen=True, slots=True)
class Named:
    """An invoice that a reply speaks of: open when it was said, and now."""

    receivable_id: int
    number: str
    due_date: date
    open_minor: int
    open_now_minor: int
    dispute_id: int | None


@dataclass(frozen=True, slots=True)
class ReplyView:
    """What a debtor said, of which invoices, and what was decided. Amounts in ``currency``."""

    id: int
    code_id: int
    kind: ReplyKind
    state: ReplyState
    contract_id: int
    contract_reference: str
    currency: str
    client_id: int
    client_name: str
    debtor_id: int
    debtor_name: str
    name: str
    contact: str | None
    amount_minor: int
    paid_on: date | None
    means: Means | None
    reference: str | None
    paid_to: str | None
    reason: DisputeReason | None
    comment: str | None
    said_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    answer: str | None
    invoices: tuple[Named, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyFilter:
    """Which replies to list."""

    state: ReplyState | None = ReplyState.OPEN
    kind: ReplyKind | None = None
    client_id: int | None = None
    debtor_id: int | None = None
    contract_id: int | None = None
    receivable_id: int | None = None
    code_id: int | None = None


@dataclass(frozen=True, slots=True)
class LetterView:
    """A letter to a debtor and its code: what it opens, until when, how often it was opened."""

    id: int
    code: str
    number: str
    message_id: int
    document_id: int | None
    subject: str
    debtor_id: int
    contract_id: int
    contract_reference: str
    client_id: int
    client_name: str
    receivable_ids: tuple[int, ...] | None
    iban: str
    from_on: date
    until_on: date
    made_at: datetime
    made_by: str
    revoked_at: datetime | None
    revoked_by: str | None
    revoked_why: str | None
    looks: int
    last_at: datetime | None

    def is_open(self, on: date) -> bool:
        """Whether its code opens anything on a day."""
        return self.revoked_at is None and self.until_on >= on


@dataclass(frozen=True, slots=True)
class AccessView:
    """One look or answer by a code."""

    id: int
    at: datetime
    act: Act
    network: str
    detail: str | None


def replies(
    session: Session, page: PageRequest, wanted: ReplyFilter, *, sort: str | None = None
) -> Page[ReplyView]:
    """What debtors said, oldest first while it waits, else latest first, or by a column."""
    found = sorted_page(
        session, _matching(_rows(), wanted), page, sort=sort, sorts=_SORTS,
        default="said" if wanted.state is ReplyState.OPEN else "-said", unique=DebtorReply.id,
        read=tuple,
    )  # fmt: skip
    return Page(_views(session, found.rows), found.next, found.previous)


_SORTS: dict[str, Any] = {
    "said": DebtorReply.id, "kind": DebtorReply.kind, "state": DebtorReply.state,
    "amount": DebtorReply.amount_minor,
}  # fmt: skip


def reply_totals(session: Session, wanted: ReplyFilter) -> list[tuple[str, int, int]]:
    """Currency, count and sum of everything a filter finds."""
    query = _matching(
        select(Contract.currency, func.count(), func.sum(DebtorReply.amount_minor))
        .join(Contract, Contract.id == DebtorReply.contract_id), wanted
    ).group_by(Contract.currency).order_by(Contract.currency)  # fmt: skip
    return [(row[0], row[1], int(row[2])) for row in session.execute(query)]


def reply(session: Session, reply_id: int, *, client_id: int | None = None) -> ReplyView:
    """One of them. Raises ``NotFound``."""
    query = _rows().where(DebtorReply.id == reply_id)
    if client_id is not None:
        query = query.where(DebtorReply.client_id == client_id)
    found = _views(session, session.execute(query).all())
    if not found:
        raise NotFound("reply_unknown", "there is no such reply of a debtor")
    return found[0]


def replies_about(
    session: Session, receivable_id: int, *, client_id: int | None = None
) -> tuple[ReplyView, ...]:
    """What was said of one invoice, latest first."""
    wanted = ReplyFilter(state=None, receivable_id=receivable_id, client_id=client_id)
    return replies(session, PageRequest(50), wanted).rows


def contested(session: Session, receivable_ids: Collection[int]) -> frozenset[int]:
    """Those of these invoices that a reply waits on: the next letter leaves them out."""
    return frozenset(session.scalars(
        select(DebtorReplyInvoice.receivable_id)
        .join(DebtorReply, DebtorReply.id == DebtorReplyInvoice.reply_id)
        .where(DebtorReply.state == ReplyState.OPEN.value,
               DebtorReplyInvoice.receivable_id.in_([*receivable_ids]))
    ))  # fmt: skip


def next_open(session: Session, *, after_id: int) -> int | None:
    """The reply that waits longest after this one."""
    return session.scalar(
        select(func.min(DebtorReply.id)).where(
            DebtorReply.state == ReplyState.OPEN.value, DebtorReply.id > after_id
        )
    )


def locked_reply(session: Session, reply_id: int) -> DebtorReply:
    """A reply, to be decided. Raises ``NotFound``."""
    row = session.get(DebtorReply, reply_id, with_for_update=True)
    if row is None:
        raise NotFound("reply_unknown", "there is no such reply of a debtor")
    return row


def open_twin(session: Session, code_id: int, digest: bytes) -> int | None:
    """The reply that says the same by the same letter and still waits."""
    return session.scalar(
        select(DebtorReply.id).where(
            DebtorReply.code_id == code_id, DebtorReply.digest == digest,
            DebtorReply.state == ReplyState.OPEN.value,
        )
    )  # fmt: skip


def letters_to(session: Session, debtor_id: int, *, most: int = 100) -> tuple[LetterView, ...]:
    """The letters with a code that went to a debtor, latest first."""
    query = _letters().where(LetterCode.debtor_id == debtor_id)
    rows = session.execute(query.order_by(LetterCode.id.desc()).limit(most)).all()
    return _letter_views(session, rows)


def letter(session: Session, code_id: int) -> LetterView:
    """One letter with a code. Raises ``NotFound``."""
    query = _letters().where(LetterCode.id == code_id)
    found = _letter_views(session, session.execute(query).all())
    if not found:
        raise NotFound("code_unknown", "there is no such code of a letter")
    return found[0]


def accesses(session: Session, page: PageRequest, *, code_id: int) -> Page[AccessView]:
    """What was opened and said by a code, latest first."""
    query = select(LetterAccess).where(LetterAccess.code_id == code_id)
    if page.key is not None:
        beyond = tuple_(LetterAccess.id)
        query = query.where(beyond > page.key if page.backwards else beyond < page.key)
    order = LetterAccess.id.asc() if page.backwards else LetterAccess.id.desc()
    rows = session.scalars(query.order_by(order).limit(page.fetch))
    views = [AccessView(row.id, row.at, Act(row.act), row.network, row.detail) for row in rows]
    return page_of(views, page, lambda one: (one.id,))


def _rows() -> Select[*tuple[Any, ...]]:
    return select(DebtorReply, Contract.reference, Contract.currency).join(
        Contract, Contract.id == DebtorReply.contract_id
    )


def _matching(query: Any, wanted: ReplyFilter) -> Any:
    exact = {
        "state": wanted.state, "kind": wanted.kind, "client_id": wanted.client_id,
        "debtor_id": wanted.debtor_id, "contract_id": wanted.contract_id,
        "code_id": wanted.code_id,
    }  # fmt: skip
    for name, value in exact.items():
        if value is not None:
            query = query.where(getattr(DebtorReply, name) == value)
    if wanted.receivable_id is not None:
        named = select(DebtorReplyInvoice.reply_id).where(
            DebtorReplyInvoice.receivable_id == wanted.receivable_id
        )
        query = query.where(DebtorReply.id.in_(named))
    return query


def _views(session: Session, rows: Collection[Any]) -> tuple[ReplyView, ...]:
    found = [row[0] for row in rows]
    clients = parties.client_names(session, {row.client_id for row in found})
    debtors = parties.debtor_names(session, {row.debtor_id for row in found})
    named = _named(session, [row.id for row in found])
    return tuple(
        ReplyView(
            id=row.id, code_id=row.code_id, kind=ReplyKind(row.kind), state=ReplyState(row.state),
            contract_id=row.contract_id, contract_reference=reference, currency=currency,
            client_id=row.client_id, client_name=clients[row.client_id], debtor_id=row.debtor_id,
            debtor_name=debtors[row.debtor_id], name=row.name, contact=row.contact,
            amount_minor=row.amount_minor, paid_on=row.paid_on,
            means=Means(row.means) if row.means else None, reference=row.reference,
            paid_to=row.paid_to, reason=DisputeReason(row.reason) if row.reason else None,
            comment=row.comment, said_at=row.said_at, decided_at=row.decided_at,
            decided_by=row.decided_by, answer=row.answer, invoices=tuple(named.get(row.id, ())),
        )
        for row, reference, currency in rows
    )  # fmt: skip


def _named(session: Session, reply_ids: Collection[int]) -> dict[int, list[Named]]:
    found: dict[int, list[Named]] = {}
    rows = session.execute(
        select(DebtorReplyInvoice, Receivable.number, Receivable.due_date, Receivable.open_minor)
        .join(Receivable, Receivable.id == DebtorReplyInvoice.receivable_id)
        .where(DebtorReplyInvoice.reply_id.in_([*reply_ids]))
        .order_by(Receivable.due_date, Receivable.number)
    )
    for row, number, due_date, now_minor in rows:
        found.setdefault(row.reply_id, []).append(
            Named(row.receivable_id, number, due_date, row.open_minor, now_minor, row.dispute_id)
        )
    return found


def _letters() -> Select[*tuple[Any, ...]]:
    looks = select(func.count()).where(LetterAccess.code_id == LetterCode.id)
    last = select(func.max(LetterAccess.at)).where(LetterAccess.code_id == LetterCode.id)
    return (
        select(LetterCode, Message, Contract, looks.scalar_subquery(), last.scalar_subquery())
        .join(Message, Message.id == LetterCode.message_id)
        .join(Contract, Contract.id == LetterCode.contract_id)
    )


def _letter_views(session: Session, rows: Collection[Any]) -> tuple[LetterView, ...]:
    clients = parties.client_names(session, {row[2].client_id for row in rows})
    return tuple(
        LetterView(
            id=code.id, code=code.code, number=correspondence.letter_number(message.id),
            message_id=message.id, document_id=message.document_id, subject=message.subject,
            debtor_id=code.debtor_id, contract_id=contract.id,
            contract_reference=contract.reference, client_id=contract.client_id,
            client_name=clients[contract.client_id],
            receivable_ids=tuple(code.receivable_ids) if code.receivable_ids else None,
            iban=code.iban, from_on=code.from_on, until_on=code.until_on,
            made_at=message.created_at, made_by=message.created_by, revoked_at=code.revoked_at,
            revoked_by=code.revoked_by, revoked_why=code.revoked_why, looks=looks, last_at=last,
        )
        for code, message, contract, looks, last in rows
    )  # fmt: skip
