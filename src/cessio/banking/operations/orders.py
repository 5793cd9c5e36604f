"""Payment orders: sealed once, sent by a person or a channel, answered by the bank.

Between *sent* and the bank's final word a payment is unknown; nothing here sends twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit, documents, identity
from cessio.banking import queries, rules
from cessio.banking.formats.pain001 import OrderHead, Payment, payments_of, write_pain001
from cessio.banking.formats.pain002 import StatusReport, read_pain002
from cessio.banking.models import BankAnswer, OrderSignature, PaymentOrder
from cessio.banking.rules import PaymentAnswer
from cessio.identity.queries import staff_who_may
from cessio.kernel.calendar import business_date, is_target_day
from cessio.kernel.errors import Conflict, Forbidden, Invalid
from cessio.kernel.ids import reference
from cessio.plumbing import confined, restored

#: Who prepares an order signs it first, who releases one signs it second.
RELEASE = identity.Permission.RELEASE_PAYMENTS
SIGNING = (identity.Permission.PREPARE_PAYMENTS, RELEASE)


class OrderRefused(Invalid):
    """The order cannot be given on this account or this day."""


class OrderAlreadySent(Conflict):
    """The order was handed to the bank before; it is never sent twice."""


class OrderGone(Conflict):
    """The order was sent or given up; nothing of it is signed or given up any more."""


class AnswerRefused(Conflict):
    """The answer was recorded before, or is about another order."""


@dataclass(frozen=True, slots=True)
class SealedOrder:
    """An order whose bytes exist and will never change."""

    order_id: int
    message_id: str
    document_id: int
    sha256: bytes
    payment_count: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class RecordedAnswer:
    """What the bank said of every payment of an order, in the order of the file."""

    answer_id: int
    order_id: int
    group_status: str | None
    payments: tuple[PaymentAnswer, ...]


def seal_payment_order(
    session: Session, *, account_id: int, payments: Sequence[Payment], execute_on: date,
    payees: bytes | None = None, by: str, at: datetime,
) -> SealedOrder:  # fmt: skip
    """Write the order once, keep its bytes and their hash; its name comes from its number.

    Who seals it has signed it; another person signs before it may leave.

    Raises ``NotFound`` (account), ``OrderRefused``, ``Problems`` with everything wrong in the
    payments.
    """
    account = queries.account(session, account_id=account_id)
    if not account.is_payout:
        raise OrderRefused("account_not_for_payouts", "{name} is not an account to pay from",
                           field="account_id", name=account.name)  # fmt: skip
    _check_day(execute_on, business_date(at))
    restored.refuse_held(session)
    order_id = queries.next_order_id(session)
    message_id = reference("PAY", order_id, 8)
    head = OrderHead(
        message_id=message_id, created_at=at, execute_on=execute_on, debtor_name=account.holder,
        debtor_iban=account.iban, debtor_bic=account.bic or None,
    )  # fmt: skip
    data = write_pain001(head, payments)
    stored = documents.store(
        session, kind="payment_order", subject_kind="payment_order", subject_id=order_id,
        filename=f"{message_id}.xml", media_type="application/xml", content=data, by=by, at=at,
    )  # fmt: skip
    total = sum(payment.amount_minor for payment in payments)
    order = PaymentOrder(
        id=order_id, account_id=account_id, message_id=message_id, execute_on=execute_on,
        payment_count=len(payments), total_minor=total, document_id=stored.id,
        sha256=stored.sha256, sealed_at=at, sealed_by=by,
    )  # fmt: skip
    session.add(order)
    session.flush()
    _sign(session, order, stored.sha256, payees, by=by, at=at)
    audit.record(
        session, verb="sealed_payment_order", subject_kind="payment_order", subject_id=order_id,
        after={"message_id": message_id, "payments": len(payments), "total_minor": total,
               "sha256": stored.sha256.hex()},
        by=by, at=at,
    )  # fmt: skip
    return SealedOrder(order_id, message_id, stored.id, stored.sha256, len(payments), total)


def sign_payment_order(
    session: Session, *, order_id: int, seen: bytes, payees: bytes | None = None, by: str,
    at: datetime,
) -> None:  # fmt: skip
    """Sign the sealed bytes whose SHA-256 was seen; they are hashed again first.

    ``payees`` is the hash of what was known of those who are paid, kept with the signature.

    Raises ``NotFound``, ``OrderGone``, ``Altered``; ``Forbidden`` for jobs and for who signed
    already, under whatever token; ``Conflict`` when something else was seen.
    """
    order = _open_order(session, order_id)
    sealed = queries.order_file(session, order_id=order_id)
    if seen != sealed.sha256:
        raise Conflict("order_not_as_seen", "what you saw is not what is sealed: reload")
    person_id = identity.person_behind(session, by)
    if person_id is None:
        raise Forbidden("person_needed", "Only a person signs")
    signed = queries.signatures(session, order_id=order_id)
    if person_id in {one.person_id for one in signed} | {one.for_id for one in signed}:
        raise Forbidden("signed_already", "the second signature is another person's")
    _sign(session, order, sealed.sha256, payees, by=by, at=at)
    audit.record(
        session, verb="signed_payment_order", subject_kind="payment_order", subject_id=order_id,
        after={"message_id": order.message_id, "sha256": sealed.sha256.hex()}, by=by, at=at,
    )  # fmt: skip


def give_up_order(session: Session, *, order_id: int, reason: str, by: str, at: datetime) -> None:
    """End an order that did not leave, with its signatures. Raises ``NotFound``, ``OrderGone``."""
    order = _open_order(session, order_id)
    order.cancelled_at, order.cancelled_by, order.cancelled_reason = at, by, reason
    session.flush()
    audit.record(
        session, verb="gave_up_payment_order", subject_kind="payment_order", subject_id=order_id,
        before={"message_id": order.message_id}, why=reason, by=by, at=at,
    )  # fmt: skip


def _open_order(session: Session, order_id: int) -> PaymentOrder:
    order = queries.order_for_update(session, order_id=order_id)
    if order.sent_at is not None or order.cancelled_at is not None:
        raise OrderGone(
            "order_gone", "order {message_id} was sent or given up", message_id=order.message_id
        )
    return order


def _sign(
    session: Session, order: PaymentOrder, sha256: bytes, payees: bytes | None, *, by: str,
    at: datetime,
) -> None:  # fmt: skip
    """Keep the signature of one of the staff who may; a job's act is none.

    The right is read now: whoever lost it since a page was opened signs nothing.
    """
    person_id = identity.person_behind(session, by)
    if person_id is not None:
        session.add(
            OrderSignature(
                order_id=order.id, person_id=person_id, sha256=sha256, payees_sha256=payees,
                for_id=_whose_right(session, order, person_id, business_date(at)), signed_at=at,
                signed_by=by,
            )
        )  # fmt: skip
        session.flush()


def _whose_right(session: Session, order: PaymentOrder, person_id: int, on: date) -> int | None:
    """Who lends the right to sign an order: nobody where it is one's own, never who signed it.

    Raises ``Forbidden``.
    """
    if any(person_id in staff_who_may(session, needed) for needed in SIGNING):
        return None
    signed = queries.signatures(session, order_id=order.id)
    behind = {*(one.person_id for one in signed), *(one.for_id for one in signed)}
    for one in identity.queries.lent_to(session, person_id, on):
        if RELEASE in one.permissions and one.lender_id not in behind \
                and one.allows(order.total_minor):  # fmt: skip
            return one.lender_id
    raise Forbidden("not_permitted", "Your role does not include this")


def record_order_sent(session: Session, *, order_id: int, by: str, at: datetime) -> None:
    """Say that the sealed file was handed to the bank.

    Raises ``NotFound``, ``OrderAlreadySent``, ``OrderUnsigned``, ``OrderGone``.

    From here on its payments are unknown until the bank speaks.
    """
    order = queries.order_for_update(session, order_id=order_id)
    if order.sent_at is not None:
        raise OrderAlreadySent(
            "order_sent_already", "order {message_id} was handed to the bank on {on}",
            message_id=order.message_id, on=business_date(order.sent_at),
        )  # fmt: skip
    _open_order(session, order_id)
    restored.refuse_held(session)
    queries.refuse_unsigned(session, order_id=order_id)
    order.sent_at, order.sent_by = at, by
    session.flush()
    audit.record(
        session, verb="sent_payment_order", subject_kind="payment_order", subject_id=order_id,
        after={"message_id": order.message_id}, by=by, at=at,
    )  # fmt: skip


def record_bank_answer(
    session: Session, *, data: bytes, filename: str, by: str, at: datetime,
    order_id: int | None = None,
) -> RecordedAnswer:  # fmt: skip
    """Keep a pain.002 and tell what it says of each payment of the order it answers.

    Without ``order_id`` the report's own reference finds the order. Raises ``XmlRefused``,
    ``ReportRefused``, ``NotFound``, ``AnswerRefused``.
    """
    report = confined.read(read_pain002, data)
    order = _answered_order(session, report, order_id)
    if queries.answer_known(session, order_id=order.id, data=data):
        raise AnswerRefused("answer_known", "this very answer was recorded before")
    sealed = queries.order_file(session, order_id=order.id)
    said = rules.answers(report, [name for name, _ in payments_of(sealed.content)])
    stored = documents.store(
        session, kind="bank_answer", subject_kind="payment_order", subject_id=order.id,
        filename=filename, media_type="application/xml", content=data, by=by, at=at,
    )  # fmt: skip
    answer = BankAnswer(
        order_id=order.id, document_id=stored.id, group_status=report.group_status,
        statuses=[_kept(one) for one in said], received_at=at, received_by=by,
    )  # fmt: skip
    session.add(answer)
    session.flush()
    audit.record(
        session, verb="recorded_bank_answer", subject_kind="payment_order", subject_id=order.id,
        after={"group_status": report.group_status, "document_id": stored.id}, by=by, at=at,
    )  # fmt: skip
    return RecordedAnswer(answer.id, order.id, report.group_status, tuple(said))


def _check_day(execute_on: date, today: date) -> None:
    if execute_on < today:
        raise OrderRefused("execution_date_past", "{on} is over", field="execute_on",
                           on=execute_on)  # fmt: skip
    if not is_target_day(execute_on):
        raise OrderRefused("execution_date_closed", "banks do not settle on {on}",
                           field="execute_on", on=execute_on)  # fmt: skip


def _answered_order(session: Session, report: StatusReport, order_id: int | None) -> PaymentOrder:
    """The order, locked; the one asked for must be the one the report names."""
    if order_id is None:
        return queries.order_named_for_update(session, message_id=report.original_message_id or "")
    order = queries.order_for_update(session, order_id=order_id)
    if report.original_message_id != order.message_id:
        raise AnswerRefused(
            "answer_of_another_order", "the report answers {found}, not {expected}",
            found=report.original_message_id or "-", expected=order.message_id,
        )  # fmt: skip
    return order


def _kept(answer: PaymentAnswer) -> dict[str, str | None]:
    return {
        "end_to_end_id": answer.end_to_end_id, "outcome": answer.outcome.value,
        "status": answer.status, "reason_code": answer.reason_code,
        "reason_text": answer.reason_text,
    }  # fmt: skip
