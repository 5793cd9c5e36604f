"""Reading payment orders, their sealed bytes and what the bank answered."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from cessio import documents
from cessio.banking.formats.pain001 import payments_of
from cessio.banking.models import BankAnswer, FactorAccount, OrderSignature, PaymentOrder
from cessio.banking.rules import PaymentAnswer, PayoutOutcome
from cessio.documents.models import Document
from cessio.kernel.errors import Conflict, NotFound
from cessio.plumbing import restored


@dataclass(frozen=True, slots=True)
class OrderView:
    """A sealed order and where it stands; ``sha256`` is what an approver compares."""

    order_id: int
    message_id: str
    account_id: int
    account_name: str
    currency: str
    execute_on: date
    payment_count: int
    total_minor: int
    document_id: int
    sha256: str
    sealed_at: datetime
    sealed_by: str
    sent_at: datetime | None
    sent_by: str | None
    answer_count: int
    cancelled_at: datetime | None = None
    cancelled_by: str | None = None
    cancelled_reason: str | None = None
    signature_count: int = 0


@dataclass(frozen=True, slots=True)
class AnswerView:
    """One answer of the bank to an order."""

    answer_id: int
    document_id: int
    group_status: str | None
    payments: tuple[PaymentAnswer, ...]
    received_at: datetime
    received_by: str


@dataclass(frozen=True, slots=True)
class SignatureView:
    """Who signed the sealed bytes, when, and for whom where the right was lent."""

    person_id: int
    by: str
    at: datetime
    for_id: int | None


@dataclass(frozen=True, slots=True)
class ControlTotals:
    """What the sealed bytes say of themselves, beside what the order says."""

    count: int
    total_minor: int
    sha256: str
    is_sealed: bool


def signatures(session: Session, *, order_id: int) -> list[SignatureView]:
    """An order's signatures, the first one first."""
    model = OrderSignature
    rows = session.execute(
        select(model.person_id, model.signed_by, model.signed_at, model.for_id)
        .where(model.order_id == order_id)
        .order_by(model.id)
    )
    return [SignatureView(*row) for row in rows]


def control_totals(session: Session, *, order_id: int) -> ControlTotals:
    """Count, sum and hash of the file as it is now, read from its bytes."""
    found = order(session, order_id=order_id)
    content = documents.read(session, found.document_id)
    payments = payments_of(content.content)
    count, total = len(payments), sum(minor for _name, minor in payments)
    digest = hashlib.sha256(content.content).hexdigest()
    same = (count, total, digest) == (found.payment_count, found.total_minor, found.sha256)
    return ControlTotals(count, total, digest, same)


def unsent_orders(session: Session, ids: Collection[int]) -> list[int]:
    """Those of some orders that did not leave and were not given up."""
    model = PaymentOrder
    query = select(model.id).where(
        model.id.in_(ids), model.sent_at.is_(None), model.cancelled_at.is_(None)
    )
    return list(session.scalars(query.order_by(model.id)))


def unsent_signed_by(session: Session, *, person_id: int) -> list[int]:
    """Orders that did not leave and bear somebody's signature."""
    signed = select(OrderSignature.order_id).where(OrderSignature.person_id == person_id)
    return unsent_orders(session, list(session.scalars(signed)))


def signed_since(session: Session, *, person_id: int, since: datetime) -> dict[str, int]:
    """What a person signed since an instant, by currency, of orders that were not given up."""
    model = OrderSignature
    rows = session.execute(
        select(FactorAccount.currency, func.sum(PaymentOrder.total_minor))
        .select_from(model)
        .join(PaymentOrder, PaymentOrder.id == model.order_id)
        .join(FactorAccount, FactorAccount.id == PaymentOrder.account_id)
        .where(model.person_id == person_id, model.signed_at >= since)
        .where(PaymentOrder.cancelled_at.is_(None))
        .group_by(FactorAccount.currency)
    )
    return {row[0]: int(row[1]) for row in rows}


def orders(session: Session, *, before_id: int | None = None, limit: int = 50) -> list[OrderView]:
    """Payment orders, latest first (keyset by id)."""
    query = _orders().order_by(PaymentOrder.id.desc()).limit(limit)
    if before_id is not None:
        query = query.where(PaymentOrder.id < before_id)
    return [_view(row) for row in session.execute(query)]


def orders_called(session: Session, text: str) -> list[OrderView]:
    """The payment order of a message reference, if there is one."""
    query = _orders().where(PaymentOrder.message_id == text.strip().upper())
    return [_view(row) for row in session.execute(query)]


def order(session: Session, *, order_id: int) -> OrderView:
    """One payment order. Raises ``NotFound``."""
    row = session.execute(_orders().where(PaymentOrder.id == order_id)).one_or_none()
    if row is None:
        raise _no_order()
    return _view(row)


def answers(session: Session, *, order_id: int) -> list[AnswerView]:
    """What the bank said of an order, in the order it came."""
    rows = session.scalars(
        select(BankAnswer).where(BankAnswer.order_id == order_id).order_by(BankAnswer.id)
    )
    return [
        AnswerView(
            row.id, row.document_id, row.group_status,
            tuple(_payment_answer(status) for status in row.statuses),
            row.received_at, row.received_by,
        )
        for row in rows
    ]  # fmt: skip


def order_file(session: Session, *, order_id: int) -> documents.DocumentContent:
    """The sealed bytes, hashed again against the seal. Raises ``NotFound``, ``Altered``."""
    row = session.execute(
        select(PaymentOrder.document_id, PaymentOrder.sha256).where(PaymentOrder.id == order_id)
    ).one_or_none()
    if row is None:
        raise _no_order()
    content = documents.read(session, row.document_id)
    if content.sha256 != row.sha256:
        raise documents.Altered("document_altered", "document {id} was altered", id=row.document_id)
    return content


class OrderUnsigned(Conflict):
    """An order leaves with the signatures of two different people."""


def refuse_unsigned(session: Session, *, order_id: int) -> None:
    """Refuse what lacks the second person's signature. Raises ``OrderUnsigned``, ``NotFound``."""
    found = order(session, order_id=order_id)
    if found.signature_count < 2 and found.sent_at is None:
        raise OrderUnsigned(
            "order_unsigned", "a second person signs {message_id} before it leaves",
            message_id=found.message_id,
        )  # fmt: skip


def released_file(session: Session, *, order_id: int) -> documents.DocumentContent:
    """The sealed bytes for the bank, once two people signed. Raises as ``order_file`` too."""
    restored.refuse_held(session)
    refuse_unsigned(session, order_id=order_id)
    return order_file(session, order_id=order_id)


def next_order_id(session: Session) -> int:
    """The number the next order will have (numbers of orders that failed are lost)."""
    sequence = func.pg_get_serial_sequence("payment_order", "id")
    return int(session.execute(select(func.nextval(sequence))).scalar_one())


def order_for_update(session: Session, *, order_id: int) -> PaymentOrder:
    """An order, locked. Raises ``NotFound``."""
    row = session.get(PaymentOrder, order_id, with_for_update=True)
    if row is None:
        raise _no_order()
    return row


def order_named_for_update(session: Session, *, message_id: str) -> PaymentOrder:
    """The order a bank speaks of, locked. Raises ``NotFound``."""
    row = session.scalar(
        select(PaymentOrder).where(PaymentOrder.message_id == message_id).with_for_update()
    )
    if row is None:
        raise NotFound(
            "order_unknown", "there is no payment order {message_id}", message_id=message_id
        )
    return row


def answer_known(session: Session, *, order_id: int, data: bytes) -> bool:
    """Whether this very answer to the order was recorded before."""
    digest = hashlib.sha256(data).digest()
    found = session.scalar(
        select(BankAnswer.id)
        .join(Document, Document.id == BankAnswer.document_id)
        .where(BankAnswer.order_id == order_id, Document.sha256 == digest)
        .limit(1)
    )
    return found is not None


def _orders() -> Select[*tuple[Any, ...]]:
    answered = (
        select(func.count())
        .where(BankAnswer.order_id == PaymentOrder.id)
        .correlate(PaymentOrder)
        .scalar_subquery()
    )
    signed = (
        select(func.count())
        .where(OrderSignature.order_id == PaymentOrder.id)
        .correlate(PaymentOrder)
        .scalar_subquery()
    )
    return select(PaymentOrder, FactorAccount.name, FactorAccount.currency, answered, signed).join(
        FactorAccount, FactorAccount.id == PaymentOrder.account_id
    )


def _view(row: Any) -> OrderView:
    one, account_name, currency, answer_count, signature_count = row
    return OrderView(
        order_id=one.id, message_id=one.message_id, account_id=one.account_id,
        account_name=account_name, currency=currency, execute_on=one.execute_on,
        payment_count=one.payment_count, total_minor=one.total_minor,
        document_id=one.document_id, sha256=one.sha256.hex(), sealed_at=one.sealed_at,
        sealed_by=one.sealed_by, sent_at=one.sent_at, sent_by=one.sent_by,
        answer_count=answer_count, cancelled_at=one.cancelled_at, cancelled_by=one.cancelled_by,
        cancelled_reason=one.cancelled_reason, signature_count=signature_count,
    )  # fmt: skip


def _payment_answer(kept: dict[str, Any]) -> PaymentAnswer:
    return PaymentAnswer(
        kept["end_to_end_id"], PayoutOutcome(kept["outcome"]), kept["status"],
        kept["reason_code"], kept["reason_text"],
    )  # fmt: skip


def _no_order() -> NotFound:
    return NotFound("order_unknown", "there is no such payment order")
