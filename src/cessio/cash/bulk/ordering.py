"""The order that unreferenced payments follow, of debtors whose invoices kept cover."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.cash.rules import Slot
from cessio.receivables.queries.cover import receivables_in_payment_order

#: Slots with their due date, in order.
Ordered = tuple[tuple[date, Slot], ...]

_KEEPING = """
    SELECT contract_id, debtor_id FROM cover_position
     WHERE debtor_id = ANY(:debtors) AND kept_minor > 0
"""

_KEPT = """
    SELECT receivable_id, floor_minor FROM cover_floor WHERE receivable_id = ANY(:ids) FOR UPDATE
"""


def kept_orders(
    session: Session, pairs: Collection[tuple[int, int]], *, on: date
) -> dict[tuple[int, int], Ordered]:
    """By contract and debtor, for all contracts of the debtors that keep cover in one of them."""
    if not pairs:
        return {}
    debtors = sorted({debtor_id for _, debtor_id in pairs})
    keeping = {row[1] for row in session.execute(text(_KEEPING), {"debtors": debtors}).all()}
    orders = {
        (contract_id, debtor_id): _order(session, contract_id, debtor_id, on)
        for contract_id, debtor_id in sorted(pairs) if debtor_id in keeping
    }  # fmt: skip
    first = {debtor for (_, debtor), order in orders.items() if any(s.is_covered for _, s in order)}
    return {pair: order for pair, order in orders.items() if pair[1] in first}


def merged(one: Ordered, other: Ordered) -> Ordered:
    """The order of a debtor over several contracts: kept cover first, then by due date."""
    if not one or not other:
        return one or other
    return tuple(sorted((*one, *other), key=lambda s: (not s[1].is_covered, s[0], s[1].number)))


def kept_of(session: Session, receivable_ids: Collection[int]) -> dict[int, int]:
    """Cover that invoices keep now, under lock."""
    if not receivable_ids:
        return {}
    rows = session.execute(text(_KEPT), {"ids": sorted(receivable_ids)}).all()
    return {row[0]: row[1] for row in rows}


def _order(session: Session, contract_id: int, debtor_id: int, on: date) -> Ordered:
    slots = receivables_in_payment_order(
        session, contract_id=contract_id, debtor_id=debtor_id, on=on
    )
    return tuple(
        (one.due_date, Slot(one.receivable_id, one.number, one.amount_minor, one.is_covered))
        for one in slots
    )
