"""Reading promises, each with what was paid on it since it was noted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from cessio.collections.models import Promise, PromiseLine
from cessio.collections.queries.promise_money import (
    PromisedInvoice,
    earlier_instalments,
    left_after,
    paid_by_debtor,
    paid_on_lines,
)
from cessio.collections.rules import PromiseStanding, PromiseState, awaited_until, standing
from cessio.contracts.models import Contract
from cessio.kernel.errors import NotFound
from cessio.parties.models import Client, Company, Debtor
from cessio.receivables.models import Receivable

#: A promise broken longer ago than this is no news: nobody is shown it unasked.
NEWS_DAYS = 60
#: Promises read for one list at the most; a list says when there are more.
MOST = 5_000


@dataclass(frozen=True, slots=True)
class PromiseView:
    """A promise and what became of it; without ``invoices`` it is about any the debtor owes."""

    id: int
    debtor_id: int
    debtor_name: str
    currency: str
    amount_minor: int
    due_on: date
    contact: str | None
    comment: str | None
    noted_at: datetime
    noted_on: date
    noted_by: str
    ended_at: datetime | None
    ended_by: str | None
    end_reason: str | None
    schedule_id: int | None
    #: Which instalment it is of how many; one of one where it stands alone.
    place: int
    places: int
    invoices: tuple[PromisedInvoice, ...]
    standing: PromiseStanding

    @property
    def state(self) -> PromiseState:
        """Where it stands."""
        return self.standing.state

    @property
    def missing_minor(self) -> int:
        """What has not come yet."""
        return self.standing.missing_minor

    @property
    def awaited_until(self) -> date:
        """The last day on which its money is in time."""
        return awaited_until(self.due_on)

    @property
    def client_id(self) -> int | None:
        """The client whose invoices it is about, if they are all of one."""
        clients = {one.client_id for one in self.invoices}
        return clients.pop() if len(clients) == 1 else None

    @property
    def client_names(self) -> tuple[str, ...]:
        """The clients whose invoices it is about."""
        return tuple(dict.fromkeys(one.client_name for one in self.invoices))


def promises(
    session: Session, *, on: date, debtor_id: int | None = None, due_from: date | None = None,
    due_to: date | None = None, waited_for: bool = False, limit: int = MOST,
) -> tuple[PromiseView, ...]:  # fmt: skip
    """Promises by day due, the latest first; ``waited_for`` leaves out those that were ended."""
    query = _heads().order_by(Promise.due_on.desc(), Promise.id.desc()).limit(limit)
    if debtor_id is not None:
        query = query.where(Promise.debtor_id == debtor_id)
    if due_from is not None:
        query = query.where(Promise.due_on >= due_from)
    if due_to is not None:
        query = query.where(Promise.due_on <= due_to)
    if waited_for:
        query = query.where(Promise.ended_at.is_(None))
    return _views(session, session.execute(query).all(), on)


def promises_on(session: Session, receivable_id: int, *, on: date) -> tuple[PromiseView, ...]:
    """The promises that name an invoice, the latest first."""
    named = select(PromiseLine.promise_id).where(PromiseLine.receivable_id == receivable_id)
    query = _heads().where(Promise.id.in_(named)).order_by(Promise.id.desc())
    return _views(session, session.execute(query).all(), on)


def broken_promises(session: Session, *, on: date) -> tuple[PromiseView, ...]:
    """Promises whose day has passed without all their money, the largest missing first.

    Those of the last ``NEWS_DAYS`` days; one leaves when it is paid after all, or ended.
    """
    found = promises(
        session, on=on, due_from=on - timedelta(days=NEWS_DAYS), due_to=on, waited_for=True
    )
    broken = [one for one in found if one.state is PromiseState.BROKEN]
    return tuple(sorted(broken, key=lambda one: (-one.missing_minor, one.due_on, one.id)))


def broken_schedules(session: Session, *, on: date, since: date) -> list[int]:
    """Schedules with money still to come by ``since`` or later of which one part is missing.

    Who breaks one instalment has broken its word on the rest; handled by somebody, it goes on.
    """
    going_on = select(Promise.schedule_id).where(
        Promise.ended_at.is_(None), Promise.schedule_id.is_not(None), Promise.due_on >= since
    )
    passed = _heads().where(
        Promise.schedule_id.in_(going_on), Promise.ended_at.is_(None), Promise.due_on < since
    )
    found = _views(session, session.execute(passed).all(), on)
    broken = {one.schedule_id for one in found if one.state is PromiseState.BROKEN}
    return sorted(one for one in broken if one is not None)


def promise(session: Session, promise_id: int, *, on: date) -> PromiseView:
    """One promise. Raises ``NotFound``."""
    rows = session.execute(_heads().where(Promise.id == promise_id)).all()
    if not rows:
        raise _unknown(promise_id)
    return _views(session, rows, on)[0]


def locked_promise(session: Session, promise_id: int) -> Promise:
    """A promise, locked until the transaction ends. Raises ``NotFound``."""
    found = session.scalar(select(Promise).where(Promise.id == promise_id).with_for_update())
    if found is None:
        raise _unknown(promise_id)
    return found


def promises_to_replace(session: Session, receivable_ids: Collection[int]) -> Sequence[Promise]:
    """Promises not ended that name one of these invoices, locked in id order."""
    named = select(PromiseLine.promise_id).where(PromiseLine.receivable_id.in_(receivable_ids))
    return session.scalars(
        select(Promise).where(Promise.id.in_(named), Promise.ended_at.is_(None))
        .order_by(Promise.id).with_for_update()
    ).all()  # fmt: skip


@dataclass(frozen=True, slots=True)
class Promisable:
    """An invoice that may be promised: what it owes, to whom, in which currency."""

    id: int
    number: str
    debtor_id: int
    client_id: int
    currency: str
    due_date: date
    open_minor: int


def promisable(session: Session, receivable_ids: Collection[int]) -> tuple[Promisable, ...]:
    """Those of some invoices on which something is open."""
    rows = session.execute(
        select(
            Receivable.id, Receivable.number, Receivable.debtor_id, Receivable.client_id,
            Contract.currency, Receivable.due_date, Receivable.open_minor,
        )
        .join(Contract, Contract.id == Receivable.contract_id)
        .where(Receivable.id.in_(receivable_ids), Receivable.open_minor > 0)
        .order_by(Receivable.due_date, Receivable.id)
    )  # fmt: skip
    return tuple(Promisable(*row) for row in rows)


def _unknown(promise_id: int) -> NotFound:
    return NotFound("promise_unknown", "there is no promise {id}", id=promise_id)


def _heads() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Promise.id, Promise.debtor_id, Company.name.label("debtor_name"), Promise.currency,
            Promise.amount_minor, Promise.due_on, Promise.contact, Promise.comment,
            Promise.noted_at, Promise.noted_on, Promise.noted_by, Promise.ended_at,
            Promise.ended_by, Promise.end_reason, Promise.schedule_id,
        )
        .join(Debtor, Debtor.id == Promise.debtor_id)
        .join(Company, Company.id == Debtor.company_id)
    )  # fmt: skip


def _views(session: Session, heads: Sequence[Any], on: date) -> tuple[PromiseView, ...]:
    """The promises with their invoices and standing: a few statements, however many."""
    facts = [dict(row._mapping) for row in heads]
    lines = _lines(session, [one["id"] for one in facts])
    named = [one["id"] for one in facts if one["id"] in lines]
    free = [one["id"] for one in facts if one["id"] not in lines]
    before = earlier_instalments(session, facts)
    counts = _counts(session, facts)
    paid = paid_on_lines(session, lines, named, before) | {
        promise_id: left_after(money, sum(one.amount_minor for one in before.get(promise_id, ())))
        for promise_id, money in paid_by_debtor(session, free).items()
    }
    return tuple(
        PromiseView(
            **one, place=1 + len(before.get(one["id"], ())),
            places=counts.get(one["schedule_id"], 1), invoices=tuple(lines.get(one["id"], ())),
            standing=standing(
                amount_minor=one["amount_minor"], due_on=one["due_on"],
                paid=paid.get(one["id"], ()), is_ended=one["ended_at"] is not None, on=on,
            ),
        )
        for one in facts
    )  # fmt: skip


def _counts(session: Session, facts: Sequence[dict[str, Any]]) -> dict[int | None, int]:
    """How many instalments each schedule has."""
    schedules = {one["schedule_id"] for one in facts} - {None}
    if not schedules:
        return {}
    rows = session.execute(
        select(Promise.schedule_id, func.count()).where(Promise.schedule_id.in_(schedules))
        .group_by(Promise.schedule_id)
    )  # fmt: skip
    return dict(rows.all())


def instalments_left(session: Session, schedule_id: int) -> Sequence[Promise]:
    """The instalments of a schedule that are not ended, locked."""
    return session.scalars(
        select(Promise).where(Promise.schedule_id == schedule_id, Promise.ended_at.is_(None))
        .order_by(Promise.id).with_for_update()
    ).all()  # fmt: skip


def _lines(session: Session, promise_ids: list[int]) -> dict[int, list[PromisedInvoice]]:
    if not promise_ids:
        return {}
    rows = session.execute(
        select(
            PromiseLine.promise_id, Receivable.id, Receivable.number, Receivable.contract_id,
            Receivable.client_id, Company.name, Client.account_manager_id, Receivable.due_date,
            PromiseLine.amount_minor, Receivable.open_minor, Receivable.closed_on,
        )
        .join(Receivable, Receivable.id == PromiseLine.receivable_id)
        .join(Client, Client.id == Receivable.client_id)
        .join(Company, Company.id == Client.company_id)
        .where(PromiseLine.promise_id.in_(promise_ids))
        .order_by(PromiseLine.promise_id, Receivable.due_date, Receivable.id)
    )  # fmt: skip
    found: dict[int, list[PromisedInvoice]] = {}
    for promise_id, *line in rows:
        found.setdefault(promise_id, []).append(PromisedInvoice(*line))
    return found
