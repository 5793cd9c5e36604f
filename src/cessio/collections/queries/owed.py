"""What a debtor owes on a day, invoice by invoice, with what its lateness adds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cessio.collections.rules.penalties import (
    LatePayment,
    LateRates,
    half_years_late,
    late_payment,
)
from cessio.contracts import queries as contracts
from cessio.contracts.models import Contract
from cessio.contracts.rules import IndexName, LateBasis, Terms
from cessio.kernel.calendar import half_year
from cessio.kernel.rates import RateMissing, RateSeries
from cessio.parties.models import Client, Company
from cessio.receivables.models import Receivable
from cessio.receivables.queries.filters import COVER

_NOTHING = RateSeries.constant(Decimal(0))


@dataclass(frozen=True, slots=True)
class Owed:
    """An open invoice and the penalties and indemnity that its lateness adds up to a day."""

    receivable_id: int
    number: str
    contract_id: int
    contract_reference: str
    client_id: int
    client_name: str
    currency: str
    issue_date: date
    due_date: date
    amount_minor: int
    open_minor: int
    covered_minor: int
    late: LatePayment

    @property
    def total_minor(self) -> int:
        """What is open with what lateness adds."""
        return self.open_minor + self.late.total_minor


@dataclass(frozen=True, slots=True)
class OwedSum:
    """The sums of one currency, in minor units."""

    currency: str
    count: int
    open_minor: int
    late_minor: int
    covered_minor: int
    penalty_minor: int
    indemnity_minor: int

    @property
    def total_minor(self) -> int:
        """Principal, penalties and indemnities."""
        return self.open_minor + self.penalty_minor + self.indemnity_minor


def owed(
    session: Session, *, debtor_id: int, on: date,
    receivable_ids: Collection[int] | None = None, issued_before: date | None = None,
) -> tuple[Owed, ...]:  # fmt: skip
    """The open invoices of a debtor, or those of them, by client and due date, on a day."""
    model = Receivable
    query = (
        select(model, Contract.reference, Contract.currency, Company.name,
               COVER.c.covered_minor)
        .join(Contract, Contract.id == model.contract_id)
        .join(Client, Client.id == model.client_id)
        .join(Company, Company.id == Client.company_id)
        .outerjoin(COVER, COVER.c.receivable_id == model.id)
        .where(model.debtor_id == debtor_id, model.kind == "invoice",
               model.closed_on.is_(None), model.open_minor > 0)
        .order_by(Company.name, model.contract_id, model.due_date, model.id)
    )  # fmt: skip
    if receivable_ids is not None:
        query = query.where(model.id.in_(receivable_ids))
    if issued_before is not None:
        query = query.where(model.issue_date < issued_before)
    rows = session.execute(query).all()
    terms = contracts.terms_of_all(session, on, contract_ids={row[0].contract_id for row in rows})
    since = half_year(min((row[0].due_date for row in rows), default=on)).start
    refi = published(session, IndexName.ECB_REFI, min(since, on), on)
    legal = published(session, IndexName.LEGAL, min(since, on), on)
    return tuple(
        Owed(one.id, one.number, one.contract_id, reference, one.client_id, client, currency,
             one.issue_date, one.due_date, one.amount_minor, one.open_minor, covered or 0,
             late_on(one.due_date, one.open_minor, terms[one.contract_id], on, refi, legal))
        for one, reference, currency, client, covered in rows
    )  # fmt: skip


def owed_sums(rows: Sequence[Owed], on: date) -> tuple[OwedSum, ...]:
    """Their sums by currency."""
    return tuple(
        OwedSum(
            currency, len(held), sum(one.open_minor for one in held),
            sum(one.open_minor for one in held if one.due_date < on),
            sum(one.covered_minor for one in held),
            sum(one.late.penalty_minor for one in held),
            sum(one.late.indemnity_minor for one in held),
        )
        for currency in dict.fromkeys(one.currency for one in rows)
        if (held := [one for one in rows if one.currency == currency])
    )  # fmt: skip


def published(session: Session, index: IndexName, since: date, last: date) -> RateSeries:
    """What is known of an index over some days, if not from their first one."""
    try:
        return contracts.fixing_series(session, index, from_on=since, to_on=last)
    except contracts.FixingMissing:
        known = contracts.fixings(session, index, from_on=since, to_on=last)
        return RateSeries.of(index.value, [(one.fixed_on, one.rate) for one in known])


def late_on(
    due_date: date, open_minor: int, terms: Terms, day: date, refi: RateSeries, legal: RateSeries
) -> LatePayment:
    """What lateness adds to an invoice up to a day.

    No penalties rather than wrong ones where a half-year's rates are not recorded. The indemnity
    is due whatever the rates.
    """
    told: dict[str, Any] = {
        "due_date": due_date, "until": day, "day_count": terms.late_day_count,
        "indemnity_minor": terms.recovery_indemnity_minor,
    }  # fmt: skip
    known = {fixed_on for fixed_on, _rate in legal.fixings}
    try:
        if not known.issuperset(half_years_late(due_date, day)):
            raise RateMissing("rate_missing", "{name} has no rate on {on}", name=legal.name,
                              on=day.isoformat())  # fmt: skip
        rates = LateRates(refi, legal, terms.late_basis, terms.late_fixed_rate)
        return late_payment(open_minor, rates=rates, **told)
    except RateMissing:
        rates = LateRates(_NOTHING, _NOTHING, LateBasis.LEGAL_MINIMUM)
        return replace(late_payment(open_minor, rates=rates, **told), segments=())
