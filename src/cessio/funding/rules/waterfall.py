"""The availability of a contract: from what debtors owe to what the client may draw (§2)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cessio.contracts.rules import AdvanceMode, IneligibleReason, ReserveKind, Terms
from cessio.funding.rules.concentration import concentration_cap
from cessio.funding.rules.facts import (
    Availability,
    AvailabilityFacts,
    DebtorAvailability,
    DebtorFacts,
    Line,
    LineKind,
    Part,
    Reserve,
)
from cessio.kernel.money import apply_rate

Reasons = tuple[tuple[IneligibleReason, int], ...]


def availability(terms: Terms, facts: AvailabilityFacts) -> Availability:
    """The availability with its explanation; the lines add up to it to the cent."""
    eligible = [_eligible(debtor) for debtor in facts.debtors]
    within = [
        amount if debtor.funding_limit_minor is None else min(amount, debtor.funding_limit_minor)
        for debtor, amount in zip(facts.debtors, eligible, strict=True)
    ]
    outstanding = sum(debtor.outstanding_minor for debtor in facts.debtors)
    cap = concentration_cap(
        terms, outstanding_minor=outstanding, eligible_minor=sum(eligible), within_limits=within
    )
    fundable = [amount if cap is None else min(amount, cap) for amount in within]
    debtors = tuple(
        DebtorAvailability(
            debtor.debtor_id, debtor.outstanding_minor, kept_reasons(debtor),
            eligible[i], within[i], fundable[i], debtor.funding_limit_minor,
        )
        for i, debtor in enumerate(facts.debtors)
    )  # fmt: skip
    total = sum(fundable)
    reserves = all_reserves(terms, facts.reserves, total)
    advance = advance_of(terms, total)
    return Availability(
        outstanding_minor=outstanding,
        current_account_minor=facts.current_account_minor,
        eligible_minor=sum(eligible),
        within_limits_minor=sum(within),
        concentration_cap_minor=cap,
        fundable_minor=total,
        advance_minor=advance,
        reserves_minor=sum(reserve.amount_minor for reserve in reserves),
        retention_minor=facts.retention_minor,
        drawings_net_minor=facts.drawings_net_minor,
        facility_room_minor=terms.facility_limit_minor - facts.drawings_net_minor,
        debtors=debtors,
        lines=(
            Line(LineKind.OUTSTANDING, outstanding),
            *_debtor_lines(terms, debtors),
            *_contract_lines(advance - total, reserves),
            *_funds_in_use_lines(facts, outstanding),
        ),
    )


def advance_of(terms: Terms, fundable_minor: int) -> int:
    """What is advanced on the fundable total: all of it, or the rate in percentage mode."""
    if terms.advance_mode is AdvanceMode.PERCENTAGE:
        return apply_rate(fundable_minor, terms.advance_rate)
    return fundable_minor


def all_reserves(
    terms: Terms, specific: Sequence[Reserve], fundable_minor: int
) -> tuple[Reserve, ...]:
    """Specific reserves, and the dilution reserve as a rate on what is fundable."""
    dilution = apply_rate(fundable_minor, terms.reserve_dilution_rate)
    computed = (Reserve(ReserveKind.DILUTION, dilution),) if dilution else ()
    return (*specific, *computed)


def _eligible(debtor: DebtorFacts) -> int:
    if not debtor.ineligible:
        return max(0, debtor.outstanding_minor)
    ineligible = sum(amount for _, amount in debtor.ineligible)
    return max(0, debtor.outstanding_minor - ineligible)


def kept_reasons(debtor: DebtorFacts) -> Reasons:
    """Ineligible amounts that still count once credits are taken off, the first reasons first.

    Credits reduce eligible invoices first; beyond them they reduce what the last reasons caught.
    """
    if not debtor.ineligible:
        return ()
    room = max(0, debtor.outstanding_minor)
    kept = []
    for reason, amount in debtor.ineligible:
        amount = min(amount, room)
        room -= amount
        if amount:
            kept.append((reason, amount))
    return tuple(kept)


def _debtor_lines(terms: Terms, debtors: Sequence[DebtorAvailability]) -> Iterator[Line]:
    by_reason: dict[IneligibleReason, list[Part]] = {}
    for debtor in debtors:
        for reason, amount in debtor.ineligible:
            by_reason.setdefault(reason, []).append(Part(debtor.debtor_id, -amount))
    lent = [Part(d.debtor_id, d.credit_minor) for d in debtors if d.outstanding_minor < 0]
    yield from _line(LineKind.CREDIT_BALANCE, lent)
    order = {reason: place for place, reason in enumerate(terms.ineligible_reasons)}
    for reason in sorted(by_reason, key=lambda reason: order.get(reason, len(order))):
        yield from _line(LineKind.INELIGIBLE, by_reason[reason], reason)
    over = [Part(d.debtor_id, -minor) for d in debtors if (minor := d.over_limit_minor)]
    yield from _line(LineKind.OVER_LIMIT, over)
    beyond = [Part(d.debtor_id, -minor) for d in debtors if (minor := d.concentration_minor)]
    yield from _line(LineKind.CONCENTRATION, beyond)


def _line(
    kind: LineKind, parts: Sequence[Part], reason: IneligibleReason | None = None
) -> Iterator[Line]:
    """The line of some parts, unless there are none."""
    if parts:
        yield Line(kind, sum(part.amount_minor for part in parts), reason, tuple(parts))


def _contract_lines(margin_minor: int, reserves: Sequence[Reserve]) -> Iterator[Line]:
    if margin_minor:
        yield Line(LineKind.ADVANCE_MARGIN, margin_minor)
    for reserve in reserves:
        if reserve.amount_minor:
            yield Line(LineKind.RESERVE, -reserve.amount_minor, reserve.kind)


def _funds_in_use_lines(facts: AvailabilityFacts, outstanding_minor: int) -> Iterator[Line]:
    in_use = outstanding_minor - facts.current_account_minor
    charges = in_use - facts.retention_minor - facts.drawings_net_minor
    amounts = (
        (LineKind.RETENTION_FUND, facts.retention_minor),
        (LineKind.CHARGES, charges),
        (LineKind.DRAWINGS, facts.drawings_net_minor),
    )
    for kind, amount in amounts:
        if amount:
            yield Line(kind, -amount)
