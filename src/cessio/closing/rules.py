"""What a month needs before it closes, and what is bound by closing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cessio.kernel.calendar import Period, add_months, month
from cessio.kernel.errors import Conflict, Invalid
from cessio.ledger import AccountKind

#: Money in the bank for longer than this without an invoice is pointed out before a month closes.
CASH_DAYS = 30


class CheckKind(StrEnum):
    """What is looked at before a month closes, in the order it is shown."""

    MONTH_OVER = "month_over"
    MONTH_BEFORE = "month_before"
    DAYS = "days"
    SETTLEMENT = "settlement"
    FIXINGS = "fixings"
    STATEMENTS = "statements"
    DRAWDOWNS = "drawdowns"
    INVOICES = "invoices"
    APPROVALS = "approvals"
    BOOKS = "books"
    CASH = "cash"
    JOBS = "jobs"


#: What is shown to both persons and does not keep the month from closing.
POINTED_OUT = frozenset({CheckKind.CASH, CheckKind.JOBS})


class MonthBlocked(Conflict):
    """Something keeps the month from closing."""


class MonthClosed(Conflict):
    """A closed month does not open again: what was wrong is reversed in the open period."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at, and how many there are of it."""

    kind: CheckKind
    count: int

    @property
    def is_open(self) -> bool:
        """Whether there is something to see."""
        return self.count > 0

    @property
    def blocks(self) -> bool:
        """Whether it keeps the month from closing."""
        return self.is_open and self.kind not in POINTED_OUT


@dataclass(frozen=True, slots=True)
class AccountLine:
    """A kind of account in the month's books: what was booked, and what the close adds."""

    kind: AccountKind
    currency: str
    booked_minor: int
    accrued_minor: int

    @property
    def minor(self) -> int:
        """Its balance at the end of the month, debit positive."""
        return self.booked_minor + self.accrued_minor


@dataclass(frozen=True, slots=True)
class SubLedger:
    """A kind of account, and what the capability that keeps its details says of it."""

    kind: AccountKind
    currency: str
    ledger_minor: int
    details_minor: int

    @property
    def difference_minor(self) -> int:
        """Nothing, always; anything else keeps the month open."""
        return self.ledger_minor - self.details_minor


@dataclass(frozen=True, slots=True)
class Accrual:
    """Interest that a contract owes of the month, charged after its end."""

    contract_id: int
    reference: str
    client_name: str
    currency: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Books:
    """A month as it would close now."""

    period: Period
    checks: tuple[Check, ...]
    lines: tuple[AccountLine, ...]
    sub_ledgers: tuple[SubLedger, ...]
    accruals: tuple[Accrual, ...]
    seal: str

    @property
    def blocking(self) -> tuple[Check, ...]:
        """What keeps it open."""
        return tuple(one for one in self.checks if one.blocks)

    @property
    def facts(self) -> dict[str, object]:
        """Everything that two persons agree on: any change of it is asked again."""
        return {
            "month": self.period.start,
            "seal": self.seal,
            "balances": [[line.kind, line.currency, line.minor] for line in self.lines],
            "accruals": [[one.contract_id, one.amount_minor] for one in self.accruals],
            "differences": [one.difference_minor for one in self.sub_ledgers],
        }

    def accrued(self) -> dict[str, int]:
        """The accruals by currency."""
        return accrued_of(self.accruals)


def accrued_of(accruals: Sequence[Accrual]) -> dict[str, int]:
    """Accruals added up by currency, those that come to nothing left out."""
    totals: dict[str, int] = {}
    for one in accruals:
        totals[one.currency] = totals.get(one.currency, 0) + one.amount_minor
    return {currency: minor for currency, minor in sorted(totals.items()) if minor}


def number_of(on: date) -> int:
    """The number of a day's month: 202610."""
    return on.year * 100 + on.month


def month_of(number: int) -> Period:
    """The month of a number. Raises ``Invalid``."""
    try:
        return month(date(number // 100, number % 100, 1))
    except ValueError:
        raise Invalid("month_unknown", "there is no such month", field="month") from None


def refuse_unless_next(asked: date, last: date | None) -> None:
    """Months close once, in order. Raises ``MonthClosed``, ``MonthBlocked``."""
    if last is not None and asked <= last:
        raise MonthClosed(
            "month_closed",
            "{month} is closed and does not open again: reverse what is wrong in the open period",
            month=f"{asked:%m/%Y}",
        )  # fmt: skip
    if last is not None and asked != add_months(last, 1):
        raise MonthBlocked(
            "month_before_open", "{month} closes first", month=f"{add_months(last, 1):%m/%Y}"
        )
