"""What a bank statement holds, whatever the format it came in.

Amounts are signed minor units of the statement's currency: positive is money into the account.
Amounts in a currency of their own (instructed amounts, charges) are exact decimals. Texts are
kept whole: unstructured remittance lines are a tuple, one item per line of the file.

These are frozen ``msgspec.Struct`` and not dataclasses: 20,000 entries cost 20 times less to build
(measured: 0.4 against 8 microseconds for a ``ParsedDetail``).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from cessio.kernel.errors import Invalid


class StatementRefused(Invalid):
    """The file cannot be taken as it is; ``params`` has ``where`` (path) and ``line`` if known."""


class EntryStatus(StrEnum):
    """BOOK is on the account; anything else is announced and must not be posted."""

    BOOK = "BOOK"
    PENDING = "PDNG"
    INFORMATION = "INFO"
    FUTURE = "FUTR"
    OTHER = "OTHR"


class ReadWarning(Struct, frozen=True, gc=False):
    """Something wrong that does not prevent reading; ``line`` is the first of ``count``."""

    code: str
    where: str
    line: int | None = None
    count: int = 1
    detail: str = ""


class Balance(Struct, frozen=True, gc=False):
    """``kind`` is the ISO code (OPBD, PRCD, CLBD, ITBD, ...) or the bank's own word."""

    kind: str
    amount_minor: int
    on: date | None = None


class NamedAmount(Struct, frozen=True, gc=False):
    """An amount told beside the booked one, in its own currency: instructed, remitted, due..."""

    kind: str
    value: Decimal
    currency: str


class Charge(Struct, frozen=True, gc=False):
    """A charge; ``included`` says whether the booked amount is already net of it."""

    value: Decimal
    currency: str
    is_debit: bool | None = None
    included: bool | None = None
    kind: str | None = None


class ReferredDocument(Struct, frozen=True, gc=False):
    """A document the payer names: ``kind`` is CINV, CREN, ... or the payer's word."""

    number: str
    kind: str | None = None
    issued_on: date | None = None


class StructuredRemittance(Struct, frozen=True, gc=False):
    """One structured block; ``amounts`` speak of its documents together."""

    reference: str | None = None
    reference_kind: str | None = None
    documents: tuple[ReferredDocument, ...] = ()
    amounts: tuple[NamedAmount, ...] = ()
    info: tuple[str, ...] = ()


class Party(Struct, frozen=True, gc=False):
    """A name and where its money is; ``account`` is the number when there is no IBAN."""

    name: str | None = None
    iban: str | None = None
    account: str | None = None
    bic: str | None = None


NOBODY = Party()


class ParsedDetail(Struct, frozen=True, gc=False):
    """One payment inside an entry.

    ``amount_minor`` is signed, in the entry's currency, ``None`` when the file does not give it.
    """

    amount_minor: int | None = None
    end_to_end_id: str | None = None
    instruction_id: str | None = None
    message_id: str | None = None
    payment_info_id: str | None = None
    transaction_id: str | None = None
    uetr: str | None = None
    mandate_id: str | None = None
    bank_ref: str | None = None
    code: str | None = None
    proprietary_code: str | None = None
    debtor: Party = NOBODY
    creditor: Party = NOBODY
    ultimate_debtor: str | None = None
    ultimate_creditor: str | None = None
    remittance: tuple[str, ...] = ()
    structured: tuple[StructuredRemittance, ...] = ()
    amounts: tuple[NamedAmount, ...] = ()
    charges: tuple[Charge, ...] = ()
    purpose: str | None = None
    return_code: str | None = None
    return_info: str | None = None
    info: str | None = None

    @property
    def references(self) -> tuple[str, ...]:
        """Structured creditor references and document numbers, in the order of the file."""
        found: list[str] = []
        for block in self.structured:
            if block.reference:
                found.append(block.reference)
            found.extend(document.number for document in block.documents)
        return tuple(found)


class ParsedEntry(Struct, frozen=True, gc=False):
    """One movement of the account, and the payments it groups (none, one or many).

    ``is_reversal`` does not change the sign: a CRDT reversal is money in (a debit undone).
    """

    amount_minor: int
    currency: str
    booked_on: date
    value_date: date
    status: EntryStatus = EntryStatus.BOOK
    is_reversal: bool = False
    bank_ref: str | None = None
    entry_ref: str | None = None
    code: str | None = None
    proprietary_code: str | None = None
    details: tuple[ParsedDetail, ...] = ()
    charges: tuple[Charge, ...] = ()
    amounts: tuple[NamedAmount, ...] = ()
    batch_id: str | None = None
    batch_count: int | None = None
    info: str | None = None

    @property
    def is_split(self) -> bool:
        """Whether the details are several and their amounts add up to the entry exactly."""
        if len(self.details) < 2:
            return False
        amounts = [detail.amount_minor for detail in self.details]
        known = [amount for amount in amounts if amount is not None]
        return len(known) == len(amounts) and sum(known) == self.amount_minor


class ParsedStatement(Struct, frozen=True, gc=False):
    """One statement of one account. ``opening``/``closing`` are the booked balances, if given."""

    kind: str
    statement_ref: str
    currency: str
    iban: str | None = None
    account: str | None = None
    owner: str | None = None
    servicer_bic: str | None = None
    electronic_sequence: int | None = None
    legal_sequence: int | None = None
    page: int | None = None
    is_last_page: bool | None = None
    copy: str | None = None
    created_on: date | None = None
    from_on: date | None = None
    to_on: date | None = None
    opening: Balance | None = None
    closing: Balance | None = None
    balances: tuple[Balance, ...] = ()
    entries: tuple[ParsedEntry, ...] = ()
    warnings: tuple[ReadWarning, ...] = ()

    @property
    def booked(self) -> tuple[ParsedEntry, ...]:
        """The entries that are on the account."""
        return tuple(entry for entry in self.entries if entry.status is EntryStatus.BOOK)

    @property
    def movements_minor(self) -> int:
        """Sum of the booked entries."""
        return booked_minor(self.entries)


class ParsedFile(Struct, frozen=True, gc=False):
    """A whole file; ``format`` is its message name (``camt.053.001.08``)."""

    format: str
    message_id: str | None
    statements: tuple[ParsedStatement, ...]
    warnings: tuple[ReadWarning, ...] = ()


def booked_minor(entries: Iterable[ParsedEntry]) -> int:
    """Sum of the entries that are on the account."""
    return sum(entry.amount_minor for entry in entries if entry.status is EntryStatus.BOOK)
