"""Signs in the documents of one remittance, against each other and against the book.

Amounts are minor units. Each threshold is named here once; tests/vigilance/test_planted.py counts
how many fraudulent documents they find and how many honest ones they disturb.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from cessio.kernel.calendar import is_business_day
from cessio.receivables.rules import (
    DocumentIdentity,
    DuplicateKind,
    amounts_close,
    likeness,
    number_key,
    numbers_close,
)
from cessio.vigilance.rules.kinds import Sign, SignalKind

#: Fewer documents than this make no pattern.
PATTERN = 5
#: A round amount is a whole number of hundreds of euros.
ROUND_MINOR = 100_00
ROUND_SHARE = Fraction(6, 10)
OFF_DAY_SHARE = Fraction(1, 2)
#: An amount stops short of a threshold when it is within so much below it.
SHORT_OF = Fraction(3, 100)
SHORT_COUNT = 3
#: Pieces of one sale: a debtor's, dated within so many days, each this part of the threshold.
PIECE_DAYS = 1
PIECE_SHARE = Fraction(1, 2)
#: Debtors that came into being this week, invoiced at once; fewer of them weigh by what they owe.
NEW_DAYS = 7
NEW_COUNT = 3
NEW_SHARE = Fraction(1, 8)
#: A number is not used twice so soon; an amount to the cent seldom comes again so soon.
SAME_NUMBER_DAYS = 180
SAME_AMOUNT_DAYS = 20
SAME_AMOUNT_ELSEWHERE_DAYS = 7

_BY_LIKENESS = {
    DuplicateKind.OTHER_NUMBER: SignalKind.SAME_BUT_NUMBER,
    DuplicateKind.OTHER_DATE: SignalKind.SAME_BUT_DATE,
    DuplicateKind.OTHER_AMOUNT: SignalKind.SAME_BUT_AMOUNT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """An invoice of the remittance and another one like it, in the book or in the same file."""

    receivable_id: int
    document: DocumentIdentity
    other_id: int
    other: DocumentIdentity
    other_client_id: int
    other_assigned_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """The invoices of a remittance as columns, in line order, and what its contract looks at."""

    remittance_id: int
    client_id: int
    contract_id: int
    currency: str
    receivable_ids: Sequence[int]
    numbers: Sequence[str]
    amounts_minor: Sequence[int]
    issued_on: Sequence[date]
    debtor_keys: Sequence[str]
    new_debtor_keys: frozenset[str] = frozenset()
    is_first: bool = False

    @property
    def total_minor(self) -> int:
        """All of them."""
        return sum(self.amounts_minor)


def alike(pair: Pair, *, client_id: int, contract_id: int, remittance_id: int) -> Sign | None:
    """An invoice that is another one but for one thing, or whose number served before."""
    kind = _kind_of(pair, client_id)
    if kind is None:
        return None
    other = pair.other
    return Sign(
        kind=kind, key=f"receivable:{pair.receivable_id}", client_id=client_id,
        contract_id=contract_id, debtor_id=pair.document.debtor_id, remittance_id=remittance_id,
        amount_minor=pair.document.amount_minor, currency=pair.document.currency,
        document_ids=(pair.receivable_id, pair.other_id),
        figures={
            "number": pair.document.number, "other_number": other.number,
            "issued_on": pair.document.issue_date, "other_issued_on": other.issue_date,
            "amount_minor": pair.document.amount_minor, "other_amount_minor": other.amount_minor,
            "other_client_id": pair.other_client_id, "other_id": pair.other_id,
            "currency": pair.document.currency,
        },
    )  # fmt: skip


def _kind_of(pair: Pair, client_id: int) -> SignalKind | None:
    if pair.document.debtor_id != pair.other.debtor_id:
        return SignalKind.NUMBER_REUSED if pair.other_client_id == client_id else None
    found, is_own = likeness(pair.document, pair.other), pair.other_client_id == client_id
    if found is None:
        return _nearly(pair.document, pair.other, is_own=is_own)
    if found is DuplicateKind.STRICT:
        return None  # refused, not looked at
    if is_own:
        return _BY_LIKENESS[found]
    # Two suppliers may well bill one debtor the same round sum on one day.
    by_chance = found is DuplicateKind.OTHER_NUMBER and not pair.document.amount_minor % ROUND_MINOR
    return None if by_chance else SignalKind.OTHER_CLIENT


def _nearly(one: DocumentIdentity, other: DocumentIdentity, *, is_own: bool) -> SignalKind | None:
    """Two of number, date and amount differ, each so little that one invoice may be behind both."""
    days = abs((one.issue_date - other.issue_date).days)
    if number_key(one.number) == number_key(other.number):
        if not is_own or days > SAME_NUMBER_DAYS:
            return None
        return SignalKind.NEARLY_SAME if days else SignalKind.SAME_BUT_AMOUNT
    if one.amount_minor == other.amount_minor:
        if is_own:
            return SignalKind.NEARLY_SAME if days <= SAME_AMOUNT_DAYS else None
        by_chance = days > SAME_AMOUNT_ELSEWHERE_DAYS or not one.amount_minor % ROUND_MINOR
        return None if by_chance else SignalKind.OTHER_CLIENT
    close = not days and amounts_close(one.amount_minor, other.amount_minor)
    return (
        SignalKind.NEARLY_SAME
        if is_own and close and numbers_close(one.number, other.number) else None
    )  # fmt: skip


def round_amounts(lines: Lines) -> Sign | None:
    """Most amounts are whole hundreds: invoices with VAT seldom are."""
    chosen = [i for i, minor in enumerate(lines.amounts_minor) if minor % ROUND_MINOR == 0]
    if len(lines.amounts_minor) < PATTERN or not _at_least(chosen, lines, ROUND_SHARE):
        return None
    return _of_lines(SignalKind.ROUND_AMOUNTS, lines, chosen)


def off_days(lines: Lines) -> Sign | None:
    """Half of them or more are dated on a weekend or a holiday."""
    chosen = [i for i, on in enumerate(lines.issued_on) if not is_business_day(on)]
    if len(lines.amounts_minor) < PATTERN or not _at_least(chosen, lines, OFF_DAY_SHARE):
        return None
    return _of_lines(SignalKind.OFF_DAYS, lines, chosen)


def just_below(lines: Lines, threshold_minor: int | None) -> Sign | None:
    """Several invoices stop just short of the amount from which somebody looks."""
    if not threshold_minor:
        return None
    low = threshold_minor * (1 - SHORT_OF)
    chosen = [i for i, minor in enumerate(lines.amounts_minor) if low <= minor < threshold_minor]
    if len(chosen) < SHORT_COUNT:
        return None
    return _of_lines(SignalKind.JUST_BELOW, lines, chosen, threshold_minor=threshold_minor)


def split_below(lines: Lines, threshold_minor: int | None) -> list[Sign]:
    """One debtor's invoices of a day or two pass the threshold together, and none of them alone.

    One sign per debtor, of all its pieces.
    """
    if not threshold_minor:
        return []
    pieces: dict[str, list[int]] = {}
    for i, minor in enumerate(lines.amounts_minor):
        if PIECE_SHARE * threshold_minor <= minor < threshold_minor:
            pieces.setdefault(lines.debtor_keys[i], []).append(i)
    found = []
    for key, chosen in pieces.items():
        near = [i for i in chosen if any(
            i != other and abs((lines.issued_on[i] - lines.issued_on[other]).days) <= PIECE_DAYS
            for other in chosen)]  # fmt: skip
        if near:
            found.append(_of_lines(SignalKind.SPLIT_BELOW, lines, near, about=f"/debtor:{key}",
                                   threshold_minor=threshold_minor))  # fmt: skip
    return found


def new_debtors(lines: Lines) -> Sign | None:
    """Debtors nobody knew last week carry much of it, at a client we know."""
    chosen = [i for i, key in enumerate(lines.debtor_keys) if key in lines.new_debtor_keys]
    debtors = {lines.debtor_keys[i] for i in chosen}
    carried = sum(lines.amounts_minor[i] for i in chosen)
    if lines.is_first or not debtors or carried < NEW_SHARE * lines.total_minor:
        return None
    if len(debtors) >= NEW_COUNT:
        kind = SignalKind.NEW_DEBTOR_BURST
    elif len(lines.amounts_minor) >= PATTERN:
        kind = SignalKind.NEW_DEBTOR_LARGE
    else:
        return None  # of two or three invoices each carries much
    return _of_lines(kind, lines, chosen, debtors=len(debtors), days=NEW_DAYS)


def before_delivery(
    *, receivable_id: int, number: str, issued_on: date, delivered_on: date, client_id: int,
    contract_id: int, debtor_id: int, amount_minor: int, currency: str,
) -> Sign | None:  # fmt: skip
    """The invoice was dated more than a day before what it bills was delivered."""
    if delivered_on <= issued_on + timedelta(days=1):
        return None
    return Sign(
        kind=SignalKind.BEFORE_DELIVERY, key=f"receivable:{receivable_id}", client_id=client_id,
        contract_id=contract_id, debtor_id=debtor_id, amount_minor=amount_minor,
        currency=currency, document_ids=(receivable_id,),
        figures={"number": number, "issued_on": issued_on, "delivered_on": delivered_on,
                 "days": (delivered_on - issued_on).days},
    )  # fmt: skip


def _at_least(chosen: Sequence[int], lines: Lines, share: Fraction) -> bool:
    return len(chosen) >= PATTERN and len(chosen) >= share * len(lines.amounts_minor)


def _of_lines(
    kind: SignalKind, lines: Lines, chosen: Sequence[int], *, about: str = "", **more: int
) -> Sign:
    carried = sum(lines.amounts_minor[i] for i in chosen)
    return Sign(
        kind=kind, key=f"remittance:{lines.remittance_id}{about}", client_id=lines.client_id,
        contract_id=lines.contract_id, remittance_id=lines.remittance_id, amount_minor=carried,
        currency=lines.currency, document_ids=tuple(lines.receivable_ids[i] for i in chosen[:200]),
        figures={"count": len(chosen), "lines": len(lines.amounts_minor),
                 "carried_minor": carried, "currency": lines.currency, **more},
    )  # fmt: skip
