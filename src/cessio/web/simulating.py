"""What a client might do, computed by the rules that would post it; nothing is written."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.contracts.rules import CommissionTiming, Terms, daily_rate, pre_counted
from cessio.funding import queries as funding
from cessio.funding.queries import Quote
from cessio.funding.rules import Availability
from cessio.kernel.errors import Invalid
from cessio.receivables.bulk.assigning import Charges
from cessio.receivables.operations.preview import charges_of
from cessio.receivables.queries import PlannedDocument
from cessio.receivables.rules import DocumentKind
from cessio.settlement.rules import effective_rate
from cessio.web.comparing import LineChange, compared


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Invoices of one amount on one debtor; no ``debtor_id``: one that nobody knew before."""

    contract_id: int
    debtor_id: int | None
    count: int
    amount_minor: int
    due_on: date


@dataclass(frozen=True, slots=True)
class Sold:
    """What a sale would make available and cost; ``cost`` is none where nothing is released."""

    sale: Sale
    terms: Terms
    charges: Charges
    before: Availability
    after: Availability
    changes: tuple[LineChange, ...]
    cost: Quote | None

    @property
    def released_minor(self) -> int:
        """How much more can be drawn, net of what is charged."""
        return max(0, self.after.available_minor - self.before.available_minor)

    @property
    def withheld(self) -> tuple[LineChange, ...]:
        """What takes more of the availability than before: all but the invoices themselves."""
        return tuple(one for one in self.changes if one.delta_minor < 0 and not one.is_result)

    @property
    def days(self) -> Decimal | None:
        """For how long what is released is financed, on average."""
        if self.cost is None or not self.cost.amount_minor:
            return None
        return Decimal(self.cost.numbers_minor) / self.cost.amount_minor

    @property
    def financing_rate(self) -> Decimal | None:
        """The effective rate of the financing, as the statement says it."""
        if self.cost is None:
            return None
        return effective_rate(self.cost.commission_minor, self.cost.numbers_minor)

    @property
    def full_rate(self) -> Decimal | None:
        """The same with the factoring commission, before VAT."""
        if self.cost is None:
            return None
        both = self.cost.commission_minor + self.charges.commission_minor
        return effective_rate(both, self.cost.numbers_minor)


@dataclass(frozen=True, slots=True)
class Kept:
    """What not having an amount in use for some days saves, and how it comes about."""

    amount_minor: int
    days: int
    rate: Decimal
    day_basis: int
    saved_minor: int


def sell(session: Session, sale: Sale, *, on: date, counts_on: date) -> Sold:
    """Assign invoices dated today and draw what they release.

    Raises ``ContractUnknown``, ``TermsMissing``.
    """
    terms = contracts.terms_in_force(session, sale.contract_id, on)
    documents = _documents(sale, on)
    charges = charges_of(
        session, contract_id=sale.contract_id, on=on,
        amounts_minor=[one.amount_minor for one in documents],
    )  # fmt: skip
    before = funding.availability(session, contract_id=sale.contract_id, on=on)
    after = funding.planned_availability(
        session, contract_id=sale.contract_id, documents=documents, charges=charges, on=on
    )
    released, cost = max(0, after.available_minor - before.available_minor), None
    with suppress(contracts.FixingMissing):
        cost = released and funding.planned_cost(
            session, contract_id=sale.contract_id, terms=terms, amount_minor=released,
            in_use_minor=after.funds_in_use_minor, on=on, counted_on=counts_on,
            also=[(one.due_date, one.amount_minor) for one in documents],
        )  # fmt: skip
    return Sold(sale, terms, charges, before, after, compared(before, after), cost or None)


def _documents(sale: Sale, on: date) -> list[PlannedDocument]:
    key = str(sale.debtor_id or "new")
    return [
        PlannedDocument(
            -number, sale.debtor_id, key, DocumentKind.INVOICE, f"{number}", on, sale.due_on,
            sale.amount_minor,
        )
        for number in range(1, sale.count + 1)
    ]  # fmt: skip


def keep(
    session: Session, *, contract_id: int, amount_minor: int, days: int, later: bool, on: date
) -> Kept:
    """Repay an amount so many days earlier, or draw it so many days ``later``.

    Raises ``Invalid`` when that saves nothing, ``FixingMissing``.
    """
    terms = contracts.terms_in_force(session, contract_id, on)
    in_advance = terms.commission_timing is CommissionTiming.PRE_COUNTED
    if not later and in_advance and not terms.pre_counted_refund:
        raise Invalid("simulated_no_refund", "your contract takes the commission with the drawdown "
                      "and gives none of it back: repaying earlier saves nothing")  # fmt: skip
    if not later:
        found = funding.availability(session, contract_id=contract_id, on=on)
        _check_in_use(amount_minor, found.funds_in_use_minor)
    index_rate = contracts.fixing_on(session, terms.interest_index, on).rate
    saved = pre_counted(terms, amount_minor, days, index_rate)
    return Kept(amount_minor, days, daily_rate(terms, index_rate), terms.interest_day_basis, saved)


def _check_in_use(amount_minor: int, in_use_minor: int) -> None:
    if amount_minor > in_use_minor:
        raise Invalid(
            "simulated_beyond_use", "you have {in_use_minor} in use: no more can be repaid",
            field="amount", in_use_minor=max(0, in_use_minor),
        )  # fmt: skip
