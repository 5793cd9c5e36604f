"""What a statement of account says: sections of movements whose figures add up."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import accumulate

from cessio.kernel.errors import Invalid


class PeriodError(Invalid):
    """The period of a statement ends before it begins, or is longer than can be printed."""


class SectionKind(StrEnum):
    """The accounts a contract's statement shows, in the client's own sign.

    CURRENT: positive is what the factor owes the client. RETENTION: what the fund holds.
    OUTSTANDING: what debtors owe on assigned receivables.
    """

    CURRENT = "current"
    RETENTION = "retention"
    OUTSTANDING = "outstanding"


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement: signed as the section is, with the balance after it."""

    transaction_id: int
    booked_on: date
    value_date: date
    kind: str
    reversed_kind: str | None
    source_kind: str
    source_id: int
    memo: str | None
    amount_minor: int
    balance_minor: int


@dataclass(frozen=True, slots=True)
class Section:
    """Opening + lines = closing, always: the closing is computed from the lines."""

    kind: SectionKind
    opening_minor: int
    lines: tuple[StatementLine, ...]

    @property
    def closing_minor(self) -> int:
        """Balance at the end of the period."""
        return self.opening_minor + sum(line.amount_minor for line in self.lines)

    @property
    def credit_minor(self) -> int:
        """Sum of the positive movements."""
        return sum(line.amount_minor for line in self.lines if line.amount_minor > 0)

    @property
    def debit_minor(self) -> int:
        """Sum of the negative movements, as a positive amount."""
        return -sum(line.amount_minor for line in self.lines if line.amount_minor < 0)

    def totals_by_kind(self) -> dict[str, int]:
        """Sum of the movements of each kind; a reversal counts with what it reverses."""
        totals: dict[str, int] = {}
        for line in self.lines:
            kind = line.reversed_kind or line.kind
            totals[kind] = totals.get(kind, 0) + line.amount_minor
        return totals


@dataclass(frozen=True, slots=True)
class Statement:
    """The account of one contract over a period, both days included."""

    contract_id: int
    client_id: int
    reference: str
    currency: str
    client_name: str
    from_on: date
    to_on: date
    current: Section
    retention: Section
    outstanding: Section

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections in the order they are printed."""
        return (self.current, self.retention, self.outstanding)

    @property
    def funds_in_use_minor(self) -> int:
        """Outstanding less the current account at the end of the period (domain.md §2)."""
        return self.outstanding.closing_minor - self.current.closing_minor

    @property
    def sha256(self) -> bytes:
        """Hash of every figure, equal for every format the statement is given in."""
        head = (self.contract_id, self.currency, self.from_on.isoformat(), self.to_on.isoformat())
        body = [
            (
                section.kind.value, section.opening_minor,
                [(line.transaction_id, line.amount_minor) for line in section.lines],
            )
            for section in self.sections
        ]  # fmt: skip
        return hashlib.sha256(repr((head, body)).encode()).digest()


@dataclass(frozen=True, slots=True)
class MonthCost:
    """What a calendar month cost a client, and what it was charged on.

    ``fees_minor`` are those of the contract's grid. ``numbers_minor`` is the sum of each day's
    funds in use (*nombres débiteurs*), over the ``day_count`` days settled so far.
    ``adjusted_minor`` is the part of the financing commission that corrects the month before,
    whose facts came in late.
    """

    first: date
    invoices_minor: int
    commission_minor: int
    minimum_minor: int
    vat_minor: int
    financing_minor: int
    day_count: int
    numbers_minor: int
    lowest_rate: Decimal | None
    highest_rate: Decimal | None
    adjusted_minor: int = 0
    fees_minor: int = 0

    @property
    def before_tax_minor(self) -> int:
        """Every fee and commission, without VAT."""
        charged = self.commission_minor + self.minimum_minor + self.fees_minor
        return charged + self.financing_minor

    @property
    def total_minor(self) -> int:
        """What the current account was debited."""
        return self.before_tax_minor + self.vat_minor

    @property
    def average_in_use_minor(self) -> int:
        """Funds in use on an average day."""
        return self.numbers_minor // self.day_count if self.day_count else 0

    @property
    def effective_rate(self) -> Decimal | None:
        """The financing commission over a year of what was in use (R314-6, domain.md §5)."""
        return self._yearly(self.financing_minor)

    @property
    def full_rate(self) -> Decimal | None:
        """All fees before VAT over a year of what was in use."""
        return self._yearly(self.before_tax_minor)

    def _yearly(self, cost_minor: int) -> Decimal | None:
        if self.numbers_minor <= 0 or cost_minor <= 0:
            return None
        return Decimal(cost_minor) * 365 / Decimal(self.numbers_minor)


def check_period(from_on: date, to_on: date) -> None:
    """Raise ``PeriodError`` unless the period runs forward and is at most two years long."""
    if to_on < from_on:
        raise PeriodError(
            "period_backwards", "the period ends on {to_on}, before it begins on {from_on}",
            field="to", from_on=from_on, to_on=to_on,
        )  # fmt: skip
    if (to_on - from_on).days > 731:
        raise PeriodError("period_too_long", "a statement covers two years at most", field="from")


def with_balances(opening_minor: int, amounts: list[int]) -> list[int]:
    """The balance after each movement."""
    return list(accumulate(amounts, initial=opening_minor))[1:]
