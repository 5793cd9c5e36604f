"""Documents that look like one: the looser keys behind alerts (reliability.md §3.1).

The strict key (``fingerprints.fingerprint``) refuses an assignment; these only make a person look.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from cessio.kernel import ids
from cessio.receivables.rules.fingerprints import fingerprint, number_key


class DuplicateKind(StrEnum):
    """In what two documents differ though they look like one, strongest likeness first."""

    STRICT = "strict"  # in nothing: refused, whoever assigns it
    OTHER_DATE = "other_date"
    OTHER_AMOUNT = "other_amount"  # by at most one percent
    OTHER_NUMBER = "other_number"


@dataclass(frozen=True, slots=True)
class DocumentIdentity:
    """What identifies a document; the amount is signed."""

    debtor_id: int
    number: str
    issue_date: date
    amount_minor: int
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class DuplicateKeys:
    """SHA-256 keys; two documents that share one are alike but for what its name says."""

    strict: bytes
    other_date: bytes
    other_amount: bytes
    other_number: bytes


def duplicate_keys(document: DocumentIdentity) -> DuplicateKeys:
    """The strict key and the looser ones."""
    debtor, number = document.debtor_id, number_key(document.number)
    issued, amount, currency = document.issue_date, document.amount_minor, document.currency
    return DuplicateKeys(
        strict=fingerprint(
            debtor_id=debtor, number=document.number, issue_date=issued,
            amount_minor=amount, currency=currency,
        ),
        other_date=ids.fingerprint("date", debtor, number, amount, currency),
        other_amount=ids.fingerprint("amount", debtor, number, issued, currency),
        other_number=ids.fingerprint("number", debtor, issued, amount, currency),
    )  # fmt: skip


def amounts_close(left_minor: int, right_minor: int) -> bool:
    """Whether two amounts differ by at most one percent of the larger."""
    return 100 * abs(left_minor - right_minor) <= max(abs(left_minor), abs(right_minor))


#: Numbers shorter than this are in each other by chance.
_LEAST_LENGTH = 4
#: Numbers in order are near each other; a slip of one digit is seldom.
_IN_ORDER = 50
_MISREAD = str.maketrans("oil", "011")


def numbers_close(left: str, right: str) -> bool:
    """Whether one number may be the other, typed with something more or by a slip.

    Something before or behind it, a letter read as a digit, two characters swapped, one digit
    another (but not by so little that the numbers merely follow each other).
    """
    one, other = (number_key(each).translate(_MISREAD) for each in (left, right))
    short, long = sorted((one, other), key=len)
    if len(short) >= _LEAST_LENGTH and (long.startswith(short) or long.endswith(short)):
        return True
    if len(one) != len(other):
        return False
    wrong = [i for i, pair in enumerate(zip(one, other, strict=True)) if pair[0] != pair[1]]
    if len(wrong) == 2:
        first, second = wrong
        swapped = one[first] == other[second] and one[second] == other[first]
        return swapped and second == first + 1
    return len(wrong) == 1 and (
        not (one[wrong[0]] + other[wrong[0]]).isdigit()
        or 10 ** (len(one) - 1 - wrong[0]) > _IN_ORDER
    )


def likeness(left: DocumentIdentity, right: DocumentIdentity) -> DuplicateKind | None:
    """The strongest way in which two documents look like one, if any."""
    one, other = duplicate_keys(left), duplicate_keys(right)
    if one.strict == other.strict:
        return DuplicateKind.STRICT
    if one.other_date == other.other_date:
        return DuplicateKind.OTHER_DATE
    close = amounts_close(left.amount_minor, right.amount_minor)
    if close and one.other_amount == other.other_amount:
        return DuplicateKind.OTHER_AMOUNT
    return DuplicateKind.OTHER_NUMBER if one.other_number == other.other_number else None
