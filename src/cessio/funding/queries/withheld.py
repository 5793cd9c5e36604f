"""The invoices behind a line of an availability: exactly those, and they add up to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ARRAY, BigInteger, any_, literal, select
from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.contracts.rules import IneligibleReason, Terms
from cessio.funding import bulk
from cessio.funding.queries.availability import availability, debtor_flags
from cessio.funding.rules import (
    BY_RECEIVABLE,
    Beyond,
    DebtorAvailability,
    Line,
    LineKind,
    OpenReceivable,
    ReceivableFunding,
    beyond_room,
    fund_receivables,
)
from cessio.kernel.errors import NotFound
from cessio.receivables.models import Receivable
from cessio.receivables.queries import ReceivableRow, rows_of


@dataclass(frozen=True, slots=True)
class WithheldReceivable:
    """A receivable and its euros behind the line (above zero: withheld)."""

    row: ReceivableRow
    amount_minor: int


@dataclass(frozen=True, slots=True)
class WithheldLine:
    """A line of the explanation with the receivables it is made of, the largest first."""

    line: Line
    currency: str
    receivables: tuple[WithheldReceivable, ...]

    @property
    def amount_minor(self) -> int:
        """What the line withholds, above zero; the sum over the receivables."""
        return abs(self.line.amount_minor)


def withheld(
    session: Session, *, contract_id: int, kind: LineKind,
    reason: IneligibleReason | None = None, on: date,
) -> WithheldLine:  # fmt: skip
    """Open a line of a contract's availability.

    A line that is no longer there has no receivables and nothing withheld. Raises ``NotFound``
    for a line that no receivables stand behind.
    """
    if kind not in BY_RECEIVABLE or (kind is LineKind.INELIGIBLE) is (reason is None):
        raise NotFound("line_unknown_kind", "there are no invoices behind this line")
    contract = contracts.contract(session, contract_id)
    found = availability(session, contract_id=contract_id, on=on)
    line = next(
        (one for one in found.lines if one.kind is kind and one.reason is reason), Line(kind, 0)
    )
    within = {part.debtor_id for part in line.parts}
    debtors = {one.debtor_id: one for one in found.debtors if one.debtor_id in within}
    terms = contracts.terms_in_force(session, contract_id, on)
    amounts = dict(_amounts(session, contract_id, terms, debtors, kind, reason, on))
    rows = sorted(
        (WithheldReceivable(row, amounts[row.id]) for row in rows_of(session, list(amounts))),
        key=lambda one: (-one.amount_minor, one.row.due_date, one.row.id),
    )
    return WithheldLine(line, contract.currency, tuple(rows))


def beyond_of(session: Session, row: ReceivableRow, *, on: date) -> Beyond:
    """What of one open invoice its debtor's limit or its share of the contract leave no room for.

    The same as opening the whole line says of it (a test proves it), by sums of what comes before.
    """
    found = availability(session, contract_id=row.contract_id, on=on)
    debtor = next((one for one in found.debtors if one.debtor_id == row.debtor_id), None)
    if debtor is None or debtor.fundable_minor == debtor.eligible_minor:
        return Beyond()
    terms = contracts.terms_in_force(session, row.contract_id, on)
    column = bulk.ORDER_COLUMNS[terms.cover_order_key]
    placed = bulk.groups_around(
        session, contract_id=row.contract_id, debtor_id=row.debtor_id, receivable_id=row.id,
        number=row.number, order_on=getattr(row, column), terms=terms, on=on,
    )  # fmt: skip
    flags = debtor_flags(session, [row.contract_id], on, None)
    reasons = bulk.attribute_each(
        [one.group for one in placed], terms,
        debtor_flags=flags.get((row.contract_id, row.debtor_id), frozenset()),
    )  # fmt: skip
    start = own = 0
    for one, caught in zip(placed, reasons, strict=True):
        eligible = one.group.invoices_minor - sum(amount for _, amount in caught)
        start += eligible if one.earlier else 0
        own += eligible if one.is_own else 0
    return beyond_room(debtor, start, start + own)


def _amounts(
    session: Session, contract_id: int, terms: Terms, debtors: dict[int, DebtorAvailability],
    kind: LineKind, reason: IneligibleReason | None, on: date,
) -> Iterable[tuple[int, int]]:  # fmt: skip
    """Receivable and euros behind the line, debtor by debtor; what has none is left out."""
    groups = bulk.open_invoices(
        session, contract_id=contract_id, terms=terms, debtor_ids=list(debtors), on=on
    )
    if kind is LineKind.CREDIT_BALANCE:
        for receivable_id, group in groups.items():
            yield receivable_id, -(group.invoices_minor + group.credits_minor)
        return
    for funded in _funded(session, contract_id, terms, debtors, groups, on):
        amount = funded.amount(kind, reason)
        if amount:
            yield funded.receivable_id, amount


def _funded(
    session: Session, contract_id: int, terms: Terms, debtors: dict[int, DebtorAvailability],
    groups: dict[int, bulk.Group], on: date,
) -> Iterable[ReceivableFunding]:  # fmt: skip
    """Each open invoice of these debtors, with its euros in their places."""
    flags = debtor_flags(session, [contract_id], on, None)
    ordered = _ordered(session, terms, list(groups))
    for debtor_id, debtor in debtors.items():
        of_debtor = {key: one for key, one in groups.items() if one.debtor_id == debtor_id}
        reasons = bulk.attribute_each(
            list(of_debtor.values()), terms,
            debtor_flags=flags.get((contract_id, debtor_id), frozenset()),
        )  # fmt: skip
        opened = [
            OpenReceivable(key, ordered[key][1], ordered[key][0],
                           one.invoices_minor + one.credits_minor, caught)
            for (key, one), caught in zip(of_debtor.items(), reasons, strict=True)
        ]  # fmt: skip
        yield from fund_receivables(debtor, opened)


def _ordered(session: Session, terms: Terms, ids: list[int]) -> dict[int, tuple[date, str]]:
    """Each receivable's date in the contract's order, and its number."""
    on = getattr(Receivable, bulk.ORDER_COLUMNS[terms.cover_order_key])
    rows = session.execute(
        select(Receivable.id, on, Receivable.number)
        .where(Receivable.id == any_(literal(ids, ARRAY(BigInteger))))
    )  # fmt: skip
    return {row[0]: (row[1], row[2]) for row in rows}
