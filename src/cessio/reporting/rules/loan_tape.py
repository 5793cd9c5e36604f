"""The portfolio as a refinancing bank reads it: a line a contract, and each currency in all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cessio.reporting.rules.ageing import AgeBucket
from cessio.reporting.rules.indicators import Diluted


@dataclass(frozen=True, slots=True)
class TapeLine:
    """One contract: what debtors owe, how much of it counts, what is funded, and its quality.

    ``funded_minor`` are the funds in use (domain.md section 2). ``largest_minor`` is what its
    greatest debtor owes.
    """

    contract_id: int
    reference: str
    client_name: str
    currency: str
    outstanding_minor: int
    eligible_minor: int
    fundable_minor: int
    funded_minor: int
    retention_minor: int
    disputed_minor: int
    largest_minor: int
    largest_name: str
    ages: Mapping[AgeBucket, int]
    diluted: Diluted

    @property
    def largest_share(self) -> Decimal | None:
        """The part of the outstanding that one debtor owes."""
        return share(self.largest_minor, self.outstanding_minor)


@dataclass(frozen=True, slots=True)
class HeldBy:
    """What one debtor owes under all contracts of a currency."""

    name: str
    open_minor: int


@dataclass(frozen=True, slots=True)
class TapeTotal:
    """All contracts of a currency."""

    currency: str
    contract_count: int
    outstanding_minor: int
    eligible_minor: int
    fundable_minor: int
    funded_minor: int
    retention_minor: int
    disputed_minor: int
    ages: Mapping[AgeBucket, int]
    diluted: Diluted
    debtors: tuple[HeldBy, ...]

    @property
    def largest_share(self) -> Decimal | None:
        """The part of the outstanding that the greatest debtor owes."""
        return share(self.debtors[0].open_minor if self.debtors else 0, self.outstanding_minor)


@dataclass(frozen=True, slots=True)
class Tape:
    """The portfolio on a day."""

    as_of: date
    lines: tuple[TapeLine, ...]
    totals: tuple[TapeTotal, ...]

    @property
    def sha256(self) -> bytes:
        """Hash of every figure, equal for every format the report is given in."""
        body = [
            (
                line.contract_id, line.currency, line.outstanding_minor, line.eligible_minor,
                line.fundable_minor, line.funded_minor, line.retention_minor, line.disputed_minor,
                line.largest_minor, [line.ages[bucket] for bucket in AgeBucket],
                (line.diluted.invoiced_minor, line.diluted.credit_notes_minor,
                 line.diluted.differences_minor),
            )
            for line in self.lines
        ]  # fmt: skip
        return hashlib.sha256(repr((self.as_of.isoformat(), body)).encode()).digest()


def share(part_minor: int, whole_minor: int) -> Decimal | None:
    """A part of what is owed, with four decimals; none of nothing."""
    if whole_minor <= 0:
        return None
    return (Decimal(part_minor) / Decimal(whole_minor)).quantize(Decimal("0.0001"))


def total_of(currency: str, lines: Iterable[TapeLine], debtors: tuple[HeldBy, ...]) -> TapeTotal:
    """A currency's lines added up."""
    mine = [line for line in lines if line.currency == currency]

    def added(name: str) -> int:
        return sum(getattr(line, name) for line in mine)

    return TapeTotal(
        currency, len(mine), added("outstanding_minor"), added("eligible_minor"),
        added("fundable_minor"), added("funded_minor"), added("retention_minor"),
        added("disputed_minor"),
        {bucket: sum(line.ages[bucket] for line in mine) for bucket in AgeBucket},
        Diluted(
            sum(line.diluted.invoiced_minor for line in mine),
            sum(line.diluted.credit_notes_minor for line in mine),
            sum(line.diluted.differences_minor for line in mine),
        ),
        debtors,
    )  # fmt: skip
