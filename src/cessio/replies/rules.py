"""What a debtor may say by a letter, how often, and with which papers."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from enum import StrEnum
from hashlib import sha256

from cessio.kernel.errors import CessioError, Invalid


class ReplyKind(StrEnum):
    """What the debtor says of invoices."""

    PAID = "paid"
    DISPUTED = "disputed"


class ReplyState(StrEnum):
    """Open until one of us decided: accepted is paid or disputed indeed, refused is neither."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Means(StrEnum):
    """How it was paid."""

    TRANSFER = "transfer"
    CHEQUE = "cheque"
    BILL = "bill"  # lettre de change relevé
    OFFSET = "offset"
    OTHER = "other"


class Act(StrEnum):
    """What was done by a code; an account asked about was the right one, or a foreign one."""

    LOOK = "look"
    PAID = "paid"
    DISPUTED = "disputed"
    GENUINE = "genuine"
    FOREIGN = "foreign"


#: So often within a day by one code: more than a clerk needs, less than a program wants.
MOST_A_DAY = {Act.LOOK: 500, Act.PAID: 20, Act.DISPUTED: 20, Act.GENUINE: 10, Act.FOREIGN: 10}
#: A payment further back is not looked for on this page.
PAID_SINCE = timedelta(days=3 * 365)
MOST_INVOICES = 200


def chosen_problems(chosen: Collection[int], known: Collection[int]) -> list[CessioError]:
    """What is wrong with the invoices that were ticked; another's is as unknown as any."""
    if not chosen or not set(chosen) <= set(known):
        return [Invalid("reply_invoices", "choose invoices of this letter that are still open",
                        field="invoice")]  # fmt: skip
    if len(set(chosen)) > MOST_INVOICES:
        return [Invalid("reply_many", "choose at most {most} invoices at a time",
                        field="invoice", most=MOST_INVOICES)]  # fmt: skip
    return []


def paid_problems(paid_on: date, amount_minor: int, *, on: date) -> list[CessioError]:
    """What is wrong with a payment that is told of: its day, its amount."""
    found: list[CessioError] = []
    if not on - PAID_SINCE <= paid_on <= on:
        found.append(Invalid("paid_day", "the day of a payment is today or before it",
                             field="paid_on"))  # fmt: skip
    if amount_minor <= 0:
        found.append(Invalid("paid_amount", "the amount is above zero", field="amount_minor"))
    return found


def digest_of(kind: ReplyKind, receivable_ids: Collection[int], *said: object) -> bytes:
    """What was said in 32 bytes: the same said again has the same."""
    parts = [kind.value, *map(str, sorted(set(receivable_ids))), "·", *map(str, said)]
    return sha256("\x1f".join(parts).encode()).digest()
