"""What an advance costs when its commission is taken at once: expected payments, quotes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.contracts.rules import (
    CommissionTiming,
    PlannedPart,
    Terms,
    daily_rate,
    planned_parts,
    prepaid_commission,
)
from cessio.kernel.calendar import value_date

Expected = Sequence[tuple[date, int]]


@dataclass(frozen=True, slots=True)
class Quote:
    """What drawing an amount costs at once: its commission for the planned parts, from a day on.

    Contracts that are charged afterwards have no parts and a commission of zero.
    """

    amount_minor: int
    commission_minor: int
    from_on: date
    rate: Decimal
    day_basis: int
    parts: tuple[PlannedPart, ...] = ()

    @property
    def numbers_minor(self) -> int:
        """Amounts times days: what the rate applies to."""
        return sum(part.amount_minor * part.days(self.from_on) for part in self.parts)

    @property
    def total_minor(self) -> int:
        """What leaves the availability."""
        return self.amount_minor + self.commission_minor


# What debtors owe without dispute or hold, by due date: what may be counted on.
_EXPECTED = text("""
    SELECT owed.contract_id, owed.due_date,
           sum(owed.open_minor - coalesce(contested.minor, 0))::bigint
      FROM receivable AS owed
      LEFT JOIN (SELECT receivable_id, sum(amount_minor) AS minor FROM dispute
                  WHERE ended_at IS NULL GROUP BY 1) AS contested
        ON contested.receivable_id = owed.id
     WHERE owed.contract_id = ANY(:contracts) AND owed.closed_on IS NULL AND owed.open_minor > 0
       AND NOT EXISTS (SELECT 1 FROM hold WHERE hold.receivable_id = owed.id
                                            AND hold.ended_at IS NULL)
     GROUP BY 1, 2
""")


def expected_payments(
    session: Session, terms: Mapping[int, Terms], on: date
) -> dict[int, list[tuple[date, int]]]:
    """What debtors are expected to pay, by contract: value dates, in order, and amounts.

    An invoice past its due date is expected today; one too late to be funded is not counted on.
    """
    found: dict[int, list[tuple[date, int]]] = {contract: [] for contract in terms}
    for contract_id, due, minor in session.execute(_EXPECTED, {"contracts": list(terms)}):
        its = terms[contract_id]
        late = its.overdue_days_ineligible
        if minor > 0 and (late is None or due >= on - timedelta(days=late)):
            found[contract_id].append((value_date(max(due, on), its.value_days_in), minor))
    return {contract_id: sorted(rows) for contract_id, rows in found.items()}


def quote(
    session: Session, *, contract_id: int, terms: Terms, amount_minor: int, in_use_minor: int,
    on: date, counted_on: date,
) -> Quote:  # fmt: skip
    """What drawing an amount on a day costs at once; past the cut-off it counts for a later one.

    Raises ``FixingMissing``.
    """
    if terms.commission_timing is not CommissionTiming.PRE_COUNTED:
        start = value_date(counted_on, terms.value_days_out)
        return Quote(amount_minor, 0, start, Decimal(0), terms.interest_day_basis)
    return planned_cost(
        session, contract_id=contract_id, terms=terms, amount_minor=amount_minor,
        in_use_minor=in_use_minor, on=on, counted_on=counted_on,
    )  # fmt: skip


def planned_cost(
    session: Session, *, contract_id: int, terms: Terms, amount_minor: int, in_use_minor: int,
    on: date, counted_on: date, also: Expected = (),
) -> Quote:  # fmt: skip
    """What an amount costs until debtors are due to repay it, at today's rate.

    Taken with the drawdown, or foreseen where the contract charges day by day afterwards.
    ``also`` are due dates and amounts of invoices that are not in the book yet. Raises
    ``FixingMissing``.
    """
    start, basis = value_date(counted_on, terms.value_days_out), terms.interest_day_basis
    rate = daily_rate(terms, contracts.fixing_on(session, terms.interest_index, on).rate)
    expected = expected_payments(session, {contract_id: terms}, on)[contract_id]
    expected += [(value_date(max(due, on), terms.value_days_in), minor) for due, minor in also]
    parts = planned_parts(
        expected, in_use_minor=in_use_minor, amount_minor=amount_minor, from_on=start
    )
    commission = prepaid_commission(parts, from_on=start, rate=rate, day_basis=basis)
    return Quote(amount_minor, commission, start, rate, basis, parts)
