"""Signs in how clients, debtors and payers behave over weeks; looked for every night.

Amounts are minor units, shares exact fractions; rates in figures are decimals of four places.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from cessio.vigilance.rules.kinds import Sign, SignalKind

#: A credit note this late was kept back rather than delayed.
LATE_NOTE_DAYS = 30
LATE_NOTE_MINOR = 500_00
#: Credit notes over invoices: from this share, and twice what it was.
DILUTION_SHARE = Fraction(5, 100)
DILUTION_GROWTH = 2
DILUTION_LEAST_MINOR = 10_000_00
#: What comes in less than half of what went out, while more and more goes out.
CASH_SHARE = Fraction(1, 2)
CASH_SHARE_BEFORE = Fraction(7, 10)
TURNOVER_GROWTH = Fraction(3, 2)
#: A debtor that was little and is now much of what is assigned.
SHARE_NOW = Fraction(4, 10)
SHARE_BEFORE = Fraction(15, 100)
CONCENTRATION_DEBTORS = 4
#: A client's payment so soon after an advance of nearly the same amount.
RECYCLED_DAYS = 7
RECYCLED_WITHIN = Fraction(5, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """A receipt applied to a debtor's invoices, and who its account is known to belong to."""

    line_id: int
    client_id: int
    contract_id: int
    debtor_id: int
    currency: str
    amount_minor: int
    booked_on: date
    iban: str
    payer_name: str
    document_ids: tuple[int, ...]
    is_clients: bool
    is_debtors: bool
    debtor_has_accounts: bool


def odd_payer(facts: Payer) -> Sign | None:
    """Paid from the client's own account, or from one that is not the debtor's.

    A debtor whose accounts nobody knows may pay from any: there is nothing to compare with.
    """
    if facts.is_clients:
        kind = SignalKind.PAID_BY_CLIENT
    elif facts.debtor_has_accounts and not facts.is_debtors:
        kind = SignalKind.UNKNOWN_PAYER
    else:
        return None
    return Sign(
        kind=kind, key=f"line:{facts.line_id}/debtor:{facts.debtor_id}",
        client_id=facts.client_id, contract_id=facts.contract_id, debtor_id=facts.debtor_id,
        amount_minor=facts.amount_minor, currency=facts.currency,
        document_ids=facts.document_ids,
        figures={"iban": f"…{facts.iban[-4:]}", "payer": facts.payer_name,
                 "paid_minor": facts.amount_minor, "on": facts.booked_on,
                 "currency": facts.currency, "line_id": facts.line_id},
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """A receipt that came from the client itself, and an advance it had just before."""

    payer: Payer
    drawn_minor: int
    drawn_on: date


def recycled_advance(facts: Advance) -> Sign | None:
    """The client pays old invoices with a new advance: nearly the amount, within a week."""
    paid, days = facts.payer.amount_minor, (facts.payer.booked_on - facts.drawn_on).days
    if not 0 <= days <= RECYCLED_DAYS:
        return None
    if abs(paid - facts.drawn_minor) > RECYCLED_WITHIN * facts.drawn_minor:
        return None
    payer = facts.payer
    return Sign(
        kind=SignalKind.RECYCLED_ADVANCE, key=f"line:{payer.line_id}", client_id=payer.client_id,
        contract_id=payer.contract_id, debtor_id=payer.debtor_id, amount_minor=paid,
        currency=payer.currency, document_ids=payer.document_ids,
        figures={"paid_minor": paid, "on": payer.booked_on, "drawn_minor": facts.drawn_minor,
                 "drawn_on": facts.drawn_on, "days": days, "currency": payer.currency},
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LateNotes:
    """The credit notes of a contract that were assigned in a month, long after their date."""

    client_id: int
    contract_id: int
    currency: str
    month: date
    note_count: int
    notes_minor: int
    most_days: int
    document_ids: tuple[int, ...]


def late_credit_notes(facts: LateNotes) -> Sign | None:
    """Credit notes that were kept back: their invoices were funded meanwhile."""
    if facts.most_days < LATE_NOTE_DAYS or facts.notes_minor < LATE_NOTE_MINOR:
        return None
    return Sign(
        kind=SignalKind.LATE_CREDIT_NOTES, key=f"contract:{facts.contract_id}/{facts.month}",
        client_id=facts.client_id, contract_id=facts.contract_id, amount_minor=facts.notes_minor,
        currency=facts.currency, document_ids=facts.document_ids,
        figures={"count": facts.note_count, "notes_minor": facts.notes_minor,
                 "days": facts.most_days, "currency": facts.currency},
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Dilution:
    """Credit notes against invoices of a contract: the last ninety days and those before."""

    client_id: int
    contract_id: int
    currency: str
    on: date
    invoices_minor: int
    notes_minor: int
    invoices_before_minor: int
    notes_before_minor: int


def dilution_rising(facts: Dilution) -> Sign | None:
    """A growing part of what is assigned is taken back by credit notes."""
    if facts.invoices_minor < DILUTION_LEAST_MINOR or facts.invoices_before_minor <= 0:
        return None
    now = Fraction(facts.notes_minor, facts.invoices_minor)
    before = Fraction(facts.notes_before_minor, facts.invoices_before_minor)
    if now < DILUTION_SHARE or now < DILUTION_GROWTH * before:
        return None
    return Sign(
        kind=SignalKind.DILUTION_RISING, key=_monthly(facts.contract_id, facts.on),
        client_id=facts.client_id, contract_id=facts.contract_id, amount_minor=facts.notes_minor,
        currency=facts.currency,
        figures={"now_rate": _rate(now), "before_rate": _rate(before),
                 "notes_minor": facts.notes_minor, "currency": facts.currency},
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Turnover:
    """What a contract assigned and what its debtors paid: ninety days, and the ninety before."""

    client_id: int
    contract_id: int
    currency: str
    on: date
    assigned_minor: int
    collected_minor: int
    assigned_before_minor: int
    collected_before_minor: int


def turnover_without_cash(facts: Turnover) -> Sign | None:
    """More and more is assigned, less and less is paid."""
    if facts.assigned_before_minor <= 0 or facts.assigned_minor <= 0:
        return None
    now = Fraction(facts.collected_minor, facts.assigned_minor)
    before = Fraction(facts.collected_before_minor, facts.assigned_before_minor)
    grown = facts.assigned_minor >= TURNOVER_GROWTH * facts.assigned_before_minor
    if not grown or now >= CASH_SHARE or before < CASH_SHARE_BEFORE:
        return None
    return Sign(
        kind=SignalKind.TURNOVER_WITHOUT_CASH, key=_monthly(facts.contract_id, facts.on),
        client_id=facts.client_id, contract_id=facts.contract_id,
        amount_minor=facts.assigned_minor, currency=facts.currency,
        figures={"assigned_minor": facts.assigned_minor, "now_rate": _rate(now),
                 "collected_minor": facts.collected_minor, "before_rate": _rate(before),
                 "currency": facts.currency},
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorShare:
    """A debtor's part of what a contract assigned: the last thirty days, and the months before."""

    client_id: int
    contract_id: int
    debtor_id: int
    currency: str
    on: date
    minor: int
    total_minor: int
    before_minor: int
    total_before_minor: int
    debtors_before: int


def concentration_jump(facts: DebtorShare) -> Sign | None:
    """A debtor that was little is suddenly much of what is assigned."""
    if facts.debtors_before < CONCENTRATION_DEBTORS or facts.total_before_minor <= 0:
        return None
    now = Fraction(facts.minor, facts.total_minor) if facts.total_minor > 0 else Fraction(0)
    before = Fraction(facts.before_minor, facts.total_before_minor)
    if now < SHARE_NOW or before >= SHARE_BEFORE:
        return None
    return Sign(
        kind=SignalKind.CONCENTRATION_JUMP,
        key=f"{_monthly(facts.contract_id, facts.on)}/debtor:{facts.debtor_id}",
        client_id=facts.client_id, contract_id=facts.contract_id, debtor_id=facts.debtor_id,
        amount_minor=facts.minor, currency=facts.currency,
        figures={"now_rate": _rate(now), "before_rate": _rate(before), "recent_minor": facts.minor,
                 "currency": facts.currency},
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A client and one of its debtors with the same account, phone, mail domain or address."""

    client_id: int
    debtor_id: int
    currency: str
    owed_minor: int
    shared: tuple[str, ...]


def shared_details(facts: Shared) -> Sign | None:
    """They may be one house under two names."""
    if not facts.shared:
        return None
    return Sign(
        kind=SignalKind.SHARED_DETAILS, key=f"client:{facts.client_id}/debtor:{facts.debtor_id}",
        client_id=facts.client_id, debtor_id=facts.debtor_id, amount_minor=facts.owed_minor,
        currency=facts.currency,
        figures={"shared": list(facts.shared), "owed_minor": facts.owed_minor,
                 "currency": facts.currency},
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """Clients each of which sells to the next, and the last to the first."""

    client_ids: tuple[int, ...]
    names: tuple[str, ...]
    currency: str
    amount_minor: int
    document_ids: tuple[int, ...]


def sold_in_a_circle(facts: Circle) -> Sign:
    """The same goods, or none, may be billed round and round, and funded each time."""
    around = (*facts.names, facts.names[0])
    return Sign(
        kind=SignalKind.SOLD_IN_A_CIRCLE,
        key="clients:" + "-".join(str(one) for one in facts.client_ids),
        client_id=facts.client_ids[0], amount_minor=facts.amount_minor, currency=facts.currency,
        document_ids=facts.document_ids,
        figures={"around": " → ".join(around), "between_minor": facts.amount_minor,
                 "currency": facts.currency},
    )  # fmt: skip


def _monthly(contract_id: int, on: date) -> str:
    """Said again next month if it still holds."""
    return f"contract:{contract_id}/{on:%Y-%m}"


def _rate(share: Fraction) -> Decimal:
    return (Decimal(share.numerator) / share.denominator).quantize(Decimal("0.0001"))
