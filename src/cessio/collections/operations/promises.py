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
from cessio.collections.rules.promises import MOST_INSTALMENTS
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Invalid
from cessio.kernel.money import allocate


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
    [promise_id] = note_instalments(
        session, debtor_id=debtor_id, days=[due_on], amount_minor=amount_minor, currency=currency,
        receivable_ids=receivable_ids, contact=contact, comment=comment, by=by, at=at,
    )  # fmt: skip
    return promise_id


def note_instalments(
    session: Session, *, debtor_id: int, days: Sequence[date], amount_minor: int | None = None,
    amounts: Sequence[int] = (), currency: str = "EUR", receivable_ids: Collection[int] = (),
    contact: str | None = None, comment: str | None = None, by: str, at: datetime,
) -> tuple[int, ...]:  # fmt: skip
    """Note that a debtor will pay in parts, by these days; returns a promise for each.

    The parts are ``amounts``, to the cent all that is owed (``amount_minor``, or what is open on
    the invoices), else equal ones of it; else as for ``note_promise``.
    """
    on = business_date(at)
    _check_days(days, on)
    invoices = _named(session, debtor_id, receivable_ids)
    opened = sum(one.open_minor for one in invoices)
    owed = opened if amount_minor is None and invoices else amount_minor
    parts = amounts or allocate(owed or 0, [1] * len(days))
    if len(parts) != len(days) or min(parts) <= 0:
        raise Invalid("promise_amount_missing", "say how much is promised", field="amount_minor")
    if invoices and sum(parts) > opened:
        raise Invalid(
            "promise_too_large", "only {open_minor} is open on these invoices",
            field="amount_minor", open_minor=opened, currency=invoices[0].currency,
        )  # fmt: skip
    if owed is not None and sum(parts) != owed:
        raise Invalid("instalments_sum", "the instalments come to {parts_minor}, not to"
                      " {owed_minor}: {gap_minor} between them", field="instalments",
                      parts_minor=sum(parts), owed_minor=owed, gap_minor=abs(owed - sum(parts)),
                      currency=invoices[0].currency if invoices else currency)  # fmt: skip
    for earlier in queries.promises_to_replace(session, [one.id for one in invoices]):
        _end(session, earlier, PromiseEnd.REPLACED, None, by, at)
    made = [
        Promise(
            debtor_id=debtor_id, currency=invoices[0].currency if invoices else currency,
            amount_minor=part, due_on=day, contact=contact, comment=comment, noted_at=at,
            noted_on=on, noted_by=by,
        )
        for day, part in zip(days, parts, strict=True)
    ]  # fmt: skip
    for one in made:
        session.add(one)
        session.flush()
        one.schedule_id = made[0].id if len(made) > 1 else None
    session.add_all(_lines(made, invoices))
    session.flush()
    audit.record(
        session, verb="promise.note", subject_kind="promise", subject_id=made[0].id, why=comment,
        after={"debtor_id": debtor_id, "amount_minor": sum(parts), "due_on": days[0],
               "contact": contact, "invoices": [one.number for one in invoices],
               **({"instalments": len(made)} if len(made) > 1 else {})},
        by=by, at=at,
    )  # fmt: skip
    return tuple(one.id for one in made)


def _check_days(days: Sequence[date], on: date) -> None:
    if not days or min(days) < on:
        raise Invalid("promise_in_past", "a promise is for today or later", field="due_on")
    if len(days) > MOST_INSTALMENTS or sorted(set(days)) != list(days):
        raise Invalid("instalments_order", "at most {most} instalments, each on a later day",
                      field="instalments", most=MOST_INSTALMENTS)  # fmt: skip


def end_promise(
    session: Session, *, promise_id: int, reason: PromiseEnd, comment: str | None = None,
    by: str, at: datetime,
) -> None:  # fmt: skip
    """No longer wait for a promise; who withdraws an instalment withdraws those left.

    Raises ``NotFound``, ``PromiseEnded``.
    """
    promise = queries.locked_promise(session, promise_id)
    if promise.ended_at is not None:
        raise PromiseEnded("promise_ended", "promise {id} was ended before", id=promise_id)
    _end(session, promise, reason, comment, by, at)
    if reason is PromiseEnd.WITHDRAWN and promise.schedule_id is not None:
        for one in queries.instalments_left(session, promise.schedule_id):
            _end(session, one, reason, comment, by, at)
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


def _lines(made: Sequence[Promise], invoices: Sequence[Promisable]) -> list[PromiseLine]:
    """Each part over the invoices, the oldest first."""
    lines, left = [], {one.id: one.open_minor for one in invoices}
    for promise in made:
        wanted = promise.amount_minor
        for receivable_id, opened in left.items():
            part = min(wanted, opened)
            if part > 0:
                lines.append(PromiseLine(promise_id=promise.id, receivable_id=receivable_id,
                                         amount_minor=part))  # fmt: skip
                left[receivable_id] -= part
                wanted -= part
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
