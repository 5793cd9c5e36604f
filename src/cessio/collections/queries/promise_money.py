"""The money that came on promises since they were noted: what keeps which of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from cessio.banking.models import BankLine
from cessio.cash.models import CashAllocation, CashApplication
from cessio.cash.rules import AllocationKind
from cessio.collections.models import Promise, PromiseLine
from cessio.collections.rules import Paid
from cessio.contracts.models import Contract
from cessio.receivables.models import Receivable


@dataclass(frozen=True, slots=True)
class PromisedInvoice:
    """What is promised on one invoice, and what is open on it now."""

    receivable_id: int
    number: str
    contract_id: int
    client_id: int
    client_name: str
    account_manager_id: int | None
    due_date: date
    amount_minor: int
    open_minor: int
    closed_on: date | None


@dataclass(frozen=True, slots=True)
class Earlier:
    """An instalment before another: what it is of, in all and by invoice."""

    amount_minor: int
    lines: dict[int, int]


def earlier_instalments(
    session: Session, facts: Sequence[dict[str, Any]]
) -> dict[int, list[Earlier]]:
    """By promise the instalments of its schedule that come before it."""
    schedules = {one["schedule_id"] for one in facts} - {None}
    if not schedules:
        return {}
    members = session.execute(
        select(Promise.id, Promise.schedule_id, Promise.amount_minor)
        .where(Promise.schedule_id.in_(schedules)).order_by(Promise.due_on, Promise.id)
    ).all()  # fmt: skip
    lines: dict[int, dict[int, int]] = {}
    for promise_id, receivable_id, minor in session.execute(
        select(PromiseLine.promise_id, PromiseLine.receivable_id, PromiseLine.amount_minor)
        .where(PromiseLine.promise_id.in_([row.id for row in members]))
    ):  # fmt: skip
        lines.setdefault(promise_id, {})[receivable_id] = minor
    found: dict[int, list[Earlier]] = {}
    passed: dict[int, list[Earlier]] = {}
    for row in members:
        earlier = passed.setdefault(row.schedule_id or 0, [])
        found[row.id] = [*earlier]
        earlier.append(Earlier(row.amount_minor, lines.get(row.id, {})))
    return found


#: The day the bank had the money; of a payment to the client, the day it was told of.
_PAID_ON = func.coalesce(BankLine.booked_on, CashApplication.applied_on)


def paid_on_lines(
    session: Session, lines: dict[int, list[PromisedInvoice]], promise_ids: list[int],
    before: dict[int, list[Earlier]],
) -> dict[int, list[Paid]]:  # fmt: skip
    """Money applied to the named invoices since, each up to what was promised on it.

    What settled the rest of an invoice otherwise (a credit note set off, a difference accepted)
    leaves nothing to wait for, from the day it was closed.
    """
    if not promise_ids:
        return {}
    rows = session.execute(
        select(PromiseLine.promise_id, PromiseLine.receivable_id, _PAID_ON,
               func.sum(CashAllocation.amount_minor))
        .join(Promise, Promise.id == PromiseLine.promise_id)
        .join(CashAllocation, CashAllocation.receivable_id == PromiseLine.receivable_id)
        .join(CashApplication, CashApplication.id == CashAllocation.application_id)
        .outerjoin(BankLine, BankLine.id == CashApplication.bank_line_id)
        .where(
            PromiseLine.promise_id.in_(promise_ids), CashApplication.undone_at.is_(None),
            CashApplication.at > Promise.noted_at,
            CashAllocation.kind == AllocationKind.PAYMENT.value,
        )
        .group_by(PromiseLine.promise_id, PromiseLine.receivable_id, _PAID_ON)
        .order_by(_PAID_ON)
    )  # fmt: skip
    money: dict[tuple[int, int], list[Paid]] = {}
    for promise_id, receivable_id, paid_on, minor in rows:
        money.setdefault((promise_id, receivable_id), []).append(Paid(paid_on, int(minor)))
    found: dict[int, list[Paid]] = {}
    for promise_id in promise_ids:
        found[promise_id] = []
        for line in lines[promise_id]:
            taken = sum(one.lines.get(line.receivable_id, 0) for one in before.get(promise_id, ()))
            came = left_after(money.get((promise_id, line.receivable_id), []), taken)
            found[promise_id] += _up_to_promised(line, came)
    return found


def left_after(money: Iterable[Paid], taken: int) -> list[Paid]:
    """The money that earlier instalments leave, in its order."""
    left = []
    for each in sorted(money, key=lambda one: one.on):
        part = max(0, each.amount_minor - taken)
        taken = max(0, taken - each.amount_minor)
        if part:
            left.append(Paid(each.on, part))
    return left


def _up_to_promised(line: PromisedInvoice, money: Iterable[Paid]) -> list[Paid]:
    left, counted = line.amount_minor, []
    for each in money:
        part = min(left, each.amount_minor)
        if part > 0:
            counted.append(Paid(each.on, part))
            left -= part
    if left > 0 and line.closed_on is not None:
        counted.append(Paid(line.closed_on, left))
    return counted


def paid_by_debtor(session: Session, promise_ids: list[int]) -> dict[int, list[Paid]]:
    """Money of the debtor applied or held for it since, in the promise's currency."""
    if not promise_ids:
        return {}
    held = CashAllocation.kind == AllocationKind.ON_ACCOUNT.value
    minor = case((held, func.abs(CashAllocation.amount_minor)), else_=CashAllocation.amount_minor)
    rows = session.execute(
        select(Promise.id, _PAID_ON, func.sum(minor))
        .join(Receivable, Receivable.debtor_id == Promise.debtor_id)
        .join(Contract, Contract.id == Receivable.contract_id)
        .join(CashAllocation, CashAllocation.receivable_id == Receivable.id)
        .join(CashApplication, CashApplication.id == CashAllocation.application_id)
        .outerjoin(BankLine, BankLine.id == CashApplication.bank_line_id)
        .where(
            Promise.id.in_(promise_ids), Contract.currency == Promise.currency,
            CashApplication.undone_at.is_(None), CashApplication.at > Promise.noted_at,
            CashAllocation.kind != AllocationKind.DIFFERENCE.value,
            Receivable.closed_on.is_(None) | (Receivable.closed_on >= Promise.noted_on),
        )
        .group_by(Promise.id, _PAID_ON)
    )  # fmt: skip
    found: dict[int, list[Paid]] = {}
    for promise_id, paid_on, total in rows:
        found.setdefault(promise_id, []).append(Paid(paid_on, int(total)))
    return found
