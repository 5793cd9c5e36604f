"""The collector's last weeks: promises kept and broken, invoices followed, disputes that press.

Each is made on its day, as in ``situations``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from cessio.agreeing.deeds.house import SwitchPlan
from cessio.collections import (
    PromiseEnd,
    choose_day,
    end_promise,
    found_house_plan,
    note_promise,
    write_letters,
)
from cessio.collections import (
    queries as plans,
)
from cessio.collections.queries.letters import unwritten
from cessio.demo import queries
from cessio.demo.agreeing import agreed
from cessio.demo.book import Book, Owed, instant
from cessio.demo.risks import contest
from cessio.kernel.calendar import add_business_days, next_business_day
from cessio.receivables.operations.defunding import defund_late_disputes
from cessio.receivables.operations.following import give

#: How long nobody pays what the collector is told stories about.
SILENCE = timedelta(days=25)


def late_items(book: Book, on: date, *, within: timedelta = SILENCE) -> Iterator[Owed]:
    """Invoices past due that nobody contests and that are paid within so long, largest first."""
    found = [
        item for items in book.owed.values() for item in items
        if item.due_date < on and not item.disputed and item.pay_on is not None
        and on < item.pay_on < on + within
    ]  # fmt: skip
    yield from sorted(found, key=lambda item: (-item.left_minor, item.number))


def to_call(book: Book, on: date, count: int, *, within: timedelta = SILENCE) -> list[Owed]:
    """The invoices a collector calls about: the largest of each client, not promised before."""
    found: dict[int, Owed] = {}
    for item in late_items(book, on, within=within):
        if item not in book.promised:
            found.setdefault(item.client.contract_id, item)
    chosen = list(found.values())[:count]
    book.promised += chosen
    return chosen


def _promise(
    book: Book, on: date, item: Owed, *, due_on: date, percent: int = 100, contact: str,
    comment: str | None = None, minute: int = 0,
) -> int | None:  # fmt: skip
    """Note what a debtor says on the telephone; None when its invoice is settled meanwhile."""
    key = (item.client.contract_id, item.number)
    with book.act() as session:
        found = queries.open_documents(session, contract_ids=[key[0]], numbers=[key[1]])
        receivable_id, open_minor = found.get(key, (0, 0))
        if open_minor <= 0:
            return None
        return note_promise(
            session, debtor_id=item.debtor.id, due_on=due_on,
            amount_minor=open_minor * percent // 100, receivable_ids=[receivable_id],
            contact=contact, comment=comment, by=book.staff["jules"], at=instant(on, 10, minute),
        )  # fmt: skip


def _kept(book: Book, on: date) -> None:
    """Debtors that mean it: the money comes on the day, or nearly."""
    for place, item in enumerate(to_call(book, on, 4, within=timedelta(days=8))):
        assert item.pay_on is not None
        _promise(book, on, item, due_on=item.pay_on, contact="Mme Roche, comptabilité",
                 comment="Virement saisi, part à la prochaine échéance", minute=place)  # fmt: skip


def _stories(days: int) -> Callable[[Book, date], None]:
    """Debtors that promise within so many business days, and then do not pay."""

    def promise(book: Book, on: date) -> None:
        due_on = add_business_days(on, days)
        for place, item in enumerate(to_call(book, on, 3)):
            item.pay_on = next_business_day(book.until + SILENCE)
            _promise(
                book, on, item, due_on=due_on, percent=100 if place else 60,
                contact="M. Tessier, gérant", comment="Attend lui-même un règlement important",
                minute=10 + place,
            )  # fmt: skip

    return promise


def _due(book: Book, on: date) -> None:
    """Promises for yesterday, today and tomorrow; one is taken back at once."""
    days = (on, next_business_day(on + timedelta(days=1)), add_business_days(on, 2))
    made = [
        _promise(book, on, item, due_on=days[place % 3], contact="Service fournisseurs",
                 comment="Bon à payer obtenu du chantier", minute=30 + place)
        for place, item in enumerate(to_call(book, on, 5))
    ]  # fmt: skip
    if len(made) > 4 and made[4] is not None:
        with book.act() as session:
            end_promise(
                session, promise_id=made[4], reason=PromiseEnd.WITHDRAWN,
                comment="Le débiteur conteste finalement la quantité", by=book.staff["jules"],
                at=instant(on, 16, 20),
            )  # fmt: skip


def _followed(book: Book, on: date) -> None:
    """What is late is given to somebody to follow."""
    with book.act() as session:
        late = list(late_items(book, on, within=timedelta(days=200)))
        for person, items in (("jules", late[:9]), ("alice", late[9:12])):
            found = queries.open_documents(
                session, contract_ids={item.client.contract_id for item in items},
                numbers={item.number for item in items},
            )  # fmt: skip
            keys = {(item.client.contract_id, item.number) for item in items}
            give(
                session, receivable_ids=[found[key][0] for key in sorted(keys & set(found))],
                person_id=book.staff.ids[person], comment="Relances restées sans réponse",
                by=book.staff["alice"], at=instant(on, 11, 5),
            )  # fmt: skip


def _pressing(book: Book, on: date) -> None:
    """A late invoice is contested: the days until its funding stops are counted from today."""
    for item in to_call(book, on, 1, within=timedelta(days=200)):
        contest(book, on, book.rng(f"pressing/{on}"), item, for_days=120)


def _plan(book: Book, on: date) -> None:
    """The house's ladder is switched on, and reminds from that day."""
    with book.act() as session:
        who: dict[str, Any] = {"by": book.staff["jules"], "at": instant(on, 9)}
        plan_id = found_house_plan(session, name="Relance courante", **who)
        version_id = plans.plan(session, plan_id).latest.id
        agreed(session, SwitchPlan(plan_id, version_id, on), second=book.staff["alice"], **who)
    _remind(book, on, hour=10)


def _remind(book: Book, on: date, *, hour: int = 6) -> None:
    """The morning's job writes to debtors, each once, and lists whom to call."""
    with book.act() as session:
        who: dict[str, Any] = {"by": "job:collections.dunning", "at": instant(on, hour, 15)}
        choose_day(session, on=on, **who)
        write_letters(session, letter_ids=unwritten(session, on), **who)


def _last_day(book: Book, on: date) -> None:
    """The night's job stops the funding of what was contested too long; calls are made."""
    _remind(book, on)
    with book.act() as session:
        defund_late_disputes(session, on=on, by="job:disputes.day", at=instant(on, 5, 10))
    _due(book, on)


#: Business days before the last one → what happens that day.
DAYS: Mapping[int, Callable[[Book, date], None]] = {
    25: _pressing, 22: _pressing, 20: _pressing, 10: _kept, 8: _stories(2), 6: _stories(3),
    3: _plan, 2: _followed, 1: _remind, 0: _last_day,
}  # fmt: skip
