"""Contracts in trouble, as items of the work queue: overdrawn, over facility or limits, and so on.

A portfolio of some size is computed now; of a larger book the contracts with least left at the
end of the last day are looked at, so that the page costs the same whatever the book.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta

from sqlalchemy.orm import Session

from cessio.cash import queries as cash
from cessio.collections.queries import broken_promises
from cessio.funding import queries as funding
from cessio.funding.queries import Lasting
from cessio.funding.rules import Availability, LineKind
from cessio.limits.queries import exceeded_caps
from cessio.reporting.queries import Asked, Found, Item, portfolio_contracts
from cessio.reporting.queries.portfolio import PortfolioContract
from cessio.settlement.queries import UnpaidReceivable, unpaid
from cessio.web.backoffice import screening_work
from cessio.web.cockpit import LIVE_MOST

#: What is withheld for a limit or a concentration is worth a look from this part of the
#: outstanding on: a tenth.
NOTABLE_PART = 10
_LOOK_BACK = timedelta(days=90)

KINDS = frozenset({"overdrawn", "facility", "over_limit", "concentration", "cash", "promise",
                   "group", "unpaid", "screening", "old_list"})  # fmt: skip
_SHOWN = 50


def found(session: Session, asked: Asked, kinds: Collection[str]) -> list[Found]:
    """The items of these kinds."""
    wanted = [kind for kind in kinds if kind in KINDS]
    items: dict[str, list[Item]] = {kind: [] for kind in wanted}
    if "cash" in items and asked.only is None:
        items["cash"] = list(_cash(session, asked.on))
    if "promise" in items:
        items["promise"] = [one for one in _promises(session, asked) if _kept(one, asked)]
    if "group" in items:
        items["group"] = [one for one in _groups(session, asked) if _kept(one, asked)]
    if "screening" in items:
        items["screening"] = [one for one in screening_work.alerts(session) if _kept(one, asked)]
    if "old_list" in items:
        items["old_list"] = [one for one in screening_work.lists(session, asked.on)
                             if _kept(one, asked)]  # fmt: skip
    if "unpaid" in items:
        items["unpaid"] = [one for one in _unpaid(session, asked) if _kept(one, asked)]
    if set(items) - {"cash", "promise", "group", "unpaid", "screening", "old_list"}:
        for item in _of_contracts(session, asked):
            if item.kind in items and _kept(item, asked):
                items[item.kind].append(item)
    return [Found(kind, tuple(_largest(rows)), len(rows)) for kind, rows in items.items()]


def _largest(rows: list[Item]) -> list[Item]:
    return sorted(rows, key=lambda item: -(item.amount_minor or 0))[:_SHOWN]


def _kept(item: Item, asked: Asked) -> bool:
    hidden = item.number in asked.hidden.get(item.kind, ())
    chosen = asked.only is None or item.number in asked.only.get(item.kind, ())
    return chosen and not hidden


def live_contracts(
    session: Session, *, on: date, clients: Collection[int] | None
) -> tuple[dict[int, PortfolioContract], dict[int, Availability]]:
    """The contracts of a portfolio and their availability: all, or those with least left."""
    rows = {one.contract_id: one for one in portfolio_contracts(session, on=on, clients=clients)}
    ids: Collection[int] = rows
    if len(rows) > LIVE_MOST:
        last = funding.last_kept(session, before=on)
        ids = funding.least_available(
            session, on=last, limit=LIVE_MOST, contract_ids=list(rows)
        ) if last else list(rows)[:LIVE_MOST]  # fmt: skip
    if not ids:
        return rows, {}
    return rows, funding.book_availability(session, on=on, contract_ids=list(ids))


def _of_contracts(session: Session, asked: Asked) -> Iterator[Item]:
    rows, book = live_contracts(session, on=asked.on, clients=asked.clients)
    troubled = {
        key: found for key, one in book.items() if key in rows and (found := list(_troubles(one)))
    }
    if not troubled:
        return
    since = funding.lasting(
        session, contract_ids=list(troubled), since=asked.on - _LOOK_BACK
    )  # fmt: skip
    for key, troubles in troubled.items():
        one, known = rows[key], since.get(key)
        for kind, minor in troubles:
            yield Item(
                kind, key, one.client_id, one.client_name, one.reference,
                min(asked.on, _since(kind, known) or asked.on), None, minor, one.currency, {},
            )  # fmt: skip


def _troubles(found: Availability) -> Iterator[tuple[str, int]]:
    if found.available_minor < 0:
        yield "overdrawn", -found.available_minor
    if found.facility_room_minor < 0:
        yield "facility", -found.facility_room_minor
    named = {LineKind.OVER_LIMIT: "over_limit", LineKind.CONCENTRATION: "concentration"}
    for line in found.lines:
        if line.kind in named and -line.amount_minor * NOTABLE_PART >= found.outstanding_minor:
            yield named[line.kind], -line.amount_minor


def _since(kind: str, known: Lasting | None) -> date | None:
    if known is None:
        return None
    return {
        "overdrawn": known.overdrawn, "facility": known.over_facility,
        "over_limit": known.over_limit, "concentration": known.concentrated,
    }[kind]  # fmt: skip


def _promises(session: Session, asked: Asked) -> Iterator[Item]:
    for one in broken_promises(session, on=asked.on):
        mine = asked.clients is None or one.client_id is None or one.client_id in asked.clients
        if mine or one.id in asked.given.get("promise", ()):
            yield Item(
                "promise", one.id, one.client_id, one.debtor_name, ", ".join(one.client_names),
                one.noted_on, one.due_on, one.missing_minor, one.currency,
                {"said": one.comment, "debtor": one.debtor_id},
            )  # fmt: skip


def _unpaid(session: Session, asked: Asked) -> Iterator[Item]:
    """Contracts with invoices that are due to be indemnified or given back."""
    by_contract: dict[int, list[UnpaidReceivable]] = {}
    for one in unpaid(session, on=asked.on):
        if asked.clients is None or one.client_id in asked.clients:
            by_contract.setdefault(one.contract_id, []).append(one)
    for contract_id, rows in by_contract.items():
        yield Item(
            "unpaid", contract_id, rows[0].client_id, rows[0].client_name,
            rows[0].contract_reference, asked.on, None, sum(one.open_minor for one in rows),
            rows[0].currency, {"count": len(rows)},
        )  # fmt: skip


def _groups(session: Session, asked: Asked) -> Iterator[Item]:
    for one in exceeded_caps(session, on=asked.on):
        yield Item(
            "group", one.cap.id, None, one.cap.group_name, one.cap.contract_reference,
            one.cap.valid_from, None, one.use.excess_minor, one.cap.currency,
            {"group": one.cap.group_id},
        )  # fmt: skip


def _cash(session: Session, on: date) -> Iterator[Item]:
    waits = cash.unallocated(session)
    if waits.count:
        currency, minor = next(iter(waits.sums.items()))
        alone = len(waits.sums) == 1
        yield Item(
            "cash", 0, None, "", None, waits.oldest or on, waits.oldest, minor if alone else None,
            currency, {"count": waits.count, "sums": {} if alone else waits.sums},
        )  # fmt: skip
