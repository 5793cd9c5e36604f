"""What debtors paid, as the client has to declare it (domain.md §4.3).

On services, VAT falls due when the debtor pays the factor (CGI 269-2-c): the factor knows the day,
the client declares it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from cessio.kernel.money import round_half_up

#: The rates of France and its overseas departments and Corsica, as fractions.
LEGAL_RATES = tuple(
    Decimal(rate).scaleb(-2)
    for rate in ("20", "10", "5.5", "2.1", "8.5", "13", "0.9", "1.05", "1.75", "0")
)
#: Rounding line by line may put an invoice's VAT so far from its rate.
_CENTS = 2


class CollectedAs(StrEnum):
    """How the money came: to us, or straight to the client.

    ON_ACCOUNT names no invoice yet; a CREDIT_NOTE was taken off by who paid; TAKEN_BACK was
    recorded wrongly before.
    """

    PAYMENT = "payment"
    ON_ACCOUNT = "on_account"
    DIRECT = "direct"
    CREDIT_NOTE = "credit_note"
    TAKEN_BACK = "taken_back"


@dataclass(frozen=True, slots=True)
class Collected:
    """A payment of one invoice or a part of it; a credit note and what is taken back are negative.

    ``collected_on`` is the day our bank (or the client) had the money, ``booked_on`` the day it
    was recorded for this invoice. ``vat_minor`` is unknown when the invoice came without its VAT;
    ``rate`` is unknown too when it bears several.
    """

    transaction_id: int
    collected_on: date
    booked_on: date
    how: CollectedAs
    receivable_id: int
    number: str
    issued_on: date | None
    debtor_name: str
    debtor_siren: str | None
    amount_minor: int
    vat_minor: int | None
    rate: Decimal | None


def vat_of_part(before_minor: int, part_minor: int, *, invoice_minor: int, vat_minor: int) -> int:
    """The VAT within a part paid after ``before_minor``: all parts of an invoice add up to its VAT.

    Signed as the part is; ``invoice_minor``, of an invoice or a credit note, includes the VAT.
    """
    share = abs(Fraction(vat_minor, invoice_minor))
    return _rounded((before_minor + part_minor) * share) - _rounded(before_minor * share)


def vat_rate(invoice_minor: int, vat_minor: int) -> Decimal | None:
    """The one legal rate that gives an invoice its VAT; ``None`` when it bears several."""
    vat = abs(vat_minor)
    net = abs(invoice_minor) - vat
    near = (rate for rate in LEGAL_RATES if abs(net * rate - vat) <= _CENTS)
    return next(near, None)


def _rounded(exact: Fraction) -> int:
    return round_half_up(Decimal(exact.numerator) / Decimal(exact.denominator))
