"""What becomes available as debtors pay when they are due, by the rules that decide it now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate

from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.contracts.rules import Terms, retention_base, retention_release
from cessio.funding import bulk
from cessio.funding.queries.availability import Book, BookChange, read_book
from cessio.funding.rules import Availability
from cessio.kernel.calendar import month_end, value_date

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Release:
    """What is to be had by the end of a day: what debtors are due to pay until then, what the
    retention fund gives back at the month's end, and how much more can be drawn."""

    until_on: date
    paid_minor: int
    fund_minor: int
    released_minor: int
    payable_minor: int


def releases(
    session: Session, *, contract_id: int, on: date, until: Sequence[date]
) -> tuple[Release, ...]:
    """What can be drawn by each of some days, in order, if debtors pay when they are due.

    Nothing else is supposed: no new invoice, no drawdown, no other limit; invoices in dispute,
    held or too late are not counted on, an invoice past its due date is due today. A commission
    taken at the drawdown is not in it. Raises ``ContractUnknown``, ``TermsMissing``.
    """
    terms = contracts.terms_in_force(session, contract_id, on)
    last = month_end(on)
    days = sorted({*until, last})
    due = bulk.due_groups(
        session, contract_id=contract_id, terms=terms, on=on,
        until=[_due_before(day, on, terms) for day in days],
    )  # fmt: skip
    book = read_book(session, {contract_id: terms}, on)
    now = book.found(contract_id)
    paid = list(accumulate(due, lambda before, more: [*before, *more]))
    then = {day: _after(book, contract_id, groups) for day, groups in zip(days, paid, strict=True)}
    fund = _given_back(terms, then[last])
    found = []
    for day in until:
        given = fund if day >= last else 0
        can = _with_fund(then[day], given).payable_now_minor
        found.append(
            Release(
                day, now.outstanding_minor - then[day].outstanding_minor, given,
                max(0, can - now.payable_now_minor), can,
            )
        )  # fmt: skip
    return tuple(found)


def _due_before(day: date, on: date, terms: Terms) -> date:
    """The due dates whose payments count by the end of a day lie before this one."""
    if value_date(on, terms.value_days_in) > day:
        return date.min  # nothing that is paid today counts by then
    due = day
    while value_date(due, terms.value_days_in) > day:
        due -= _ONE_DAY
    return due + _ONE_DAY


def _after(book: Book, contract_id: int, paid: Sequence[bulk.Group]) -> Availability:
    """The availability once these groups are paid."""
    sums: Counter[tuple[int, int]] = Counter()
    for one in paid:
        sums[one.debtor_id, one.mask] += one.invoices_minor

    def groups_after(groups: list[bulk.Group]) -> list[bulk.Group]:
        return [
            group if group.flags or group.disputed_minor else replace(
                group, invoices_minor=group.invoices_minor - sums[group.debtor_id, group.mask]
            )
            for group in groups
        ]  # fmt: skip

    change = BookChange(contract_id, groups_after, 0, 0, 0, {})
    return book.found(contract_id, change)


def _given_back(terms: Terms, found: Availability) -> int:
    """What the retention fund gives back at the month's end."""
    base = retention_base(
        terms, outstanding_minor=found.outstanding_minor, eligible_minor=found.eligible_minor,
        fundable_minor=found.fundable_minor,
    )  # fmt: skip
    return retention_release(terms, base_minor=base, balance_minor=found.retention_minor)


def _with_fund(found: Availability, given_minor: int) -> Availability:
    return replace(
        found, current_account_minor=found.current_account_minor + given_minor,
        retention_minor=found.retention_minor - given_minor,
    )  # fmt: skip
