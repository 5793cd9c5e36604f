"""Noting what debtors promise, and no longer waiting for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.collections.models import Promise, PromiseLine
from cessio.collections.queries import promised as queries
from cessio.collections.queries.promised import Promisable
from cessio.collections.rules import PromiseEnd
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Invalid


class PromiseEnded(Conflict):
    """The promise was ended before."""


class NothingToPromise(Invalid):
    """The invoices named are not open, or not of this debtor and of one currency."""


def note_promise(
    session: Session, *, debtor_id: int, due_on: date, amount_minor: int | None = None,
    currency: str = "EUR", receivable_ids: Collection[int] = (), contact: str | None = None,
    comment: str | None = None, by: str, at: datetime,
) -> int:  # fmt: skip
    """Note that a debtor will pay by a day; returns the promise's id.

    On named invoices all that is open is meant, or ``amount_minor`` of it, the oldest first;
    without invoices ``amount_minor`` of whatever it owes. An earlier promise on the same invoices
    is replaced. Raises ``NothingToPromise``, ``Invalid``.
    """
    on = business_date(at)
    if due_on < on:
        raise Invalid("promise_in_past", "a promise is for today or later", field="due_on")
    invoices = _named(session, debtor_id, receivable_ids)
    opened = sum(one.open_minor for one in invoices)
    amount = opened if amount_minor is None and invoices else amount_minor
    if amount is None or amount <= 0:
        raise Invalid("promise_amount_missing", "say how much is promised", field="amount_minor")
    if invoices and amount > opened:
        raise Invalid(
            "promise_too_large", "only {open_minor} is open on these invoices",
            field="amount_minor", open_minor=opened, currency=invoices[0].currency,
        )  # fmt: skip
    for earlier in queries.promises_to_replace(session, [one.id for one in invoices]):
        _end(session, earlier, PromiseEnd.REPLACED, None, by, at)
    promise = Promise(
        debtor_id=debtor_id, currency=invoices[0].currency if invoices else currency,
        amount_minor=amount, due_on=due_on, contact=contact, comment=comment, noted_at=at,
        noted_on=on, noted_by=by,
    )  # fmt: skip
    session.add(promise)
    session.flush()
    session.add_all(_lines(promise.id, invoices, amount))
    session.flush()
    audit.record(
        session, verb="promise.note", subject_kind="promise", subject_id=promise.id, why=comment,
        after={"debtor_id": debtor_id, "amount_minor": amount, "due_on": due_on,
               "contact": contact, "invoices": [one.number for one in invoices]},
        by=by, at=at,
    )  # fmt: skip
    return promise.id


def end_promise(
    session: Session, *, promise_id: int, reason: PromiseEnd, comment: str | None = None,
    by: str, at: datetime,
) -> None:  # fmt: skip
    """No longer wait for a promise. Raises ``NotFound``, ``PromiseEnded``."""
    promise = queries.locked_promise(session, promise_id)
    if promise.ended_at is not None:
        raise PromiseEnded("promise_ended", "promise {id} was ended before", id=promise_id)
    _end(session, promise, reason, comment, by, at)
    session.flush()


def _named(
    session: Session, debtor_id: int, receivable_ids: Collection[int]
) -> tuple[Promisable, ...]:
    invoices = queries.promisable(session, receivable_ids)
    strange = {one.id for one in invoices} != set(receivable_ids)
    of_others = any(one.debtor_id != debtor_id for one in invoices)
    if strange or of_others or len({one.currency for one in invoices}) > 1:
        raise NothingToPromise(
            "nothing_to_promise",
            "a promise names open invoices of one debtor, in one currency", field="receivable_ids",
        )  # fmt: skip
    return invoices


def _lines(promise_id: int, invoices: Sequence[Promisable], amount_minor: int) -> list[PromiseLine]:
    """The amount over the invoices, the oldest first."""
    lines, left = [], amount_minor
    for one in invoices:
        part = min(left, one.open_minor)
        if part > 0:
            lines.append(
                PromiseLine(promise_id=promise_id, receivable_id=one.id, amount_minor=part)
            )
            left -= part
    return lines


def _end(
    session: Session, promise: Promise, reason: PromiseEnd, comment: str | None, by: str,
    at: datetime,
) -> None:  # fmt: skip
    promise.ended_at, promise.ended_by, promise.end_reason = at, by, reason.value
    audit.record(
        session, verb="promise.end", subject_kind="promise", subject_id=promise.id, why=comment,
        after={"debtor_id": promise.debtor_id, "reason": reason}, by=by, at=at,
    )  # fmt: skip
