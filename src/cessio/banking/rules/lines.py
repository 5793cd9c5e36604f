"""From the entries of a statement to the lines we keep: who, what for, and how told apart."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from cessio.banking.formats.statement import (
    EntryStatus,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
)

_NO_REFERENCE = frozenset({"NOTPROVIDED", "NONREF", "NOREF", "NOTAVAILABLE", "UNKNOWN"})
_FULL_LINE = 140


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement as we keep it. ``occurrence`` counts equal fingerprints from 1."""

    position: int
    fingerprint: bytes
    occurrence: int
    amount_minor: int
    booked_on: date
    value_date: date
    is_reversal: bool
    bank_ref: str | None
    end_to_end_id: str | None
    transaction_code: str | None
    party_name: str | None
    party_iban: str | None
    remittance_text: str | None
    references: list[str]
    return_code: str | None


def lines_of(statement: ParsedStatement) -> list[StatementLine]:
    """The booked movements, one line each, or one a payment where a batch adds up.

    Movements of nothing are left out (``notices`` tells how many).
    """
    own = statement.iban
    seen: Counter[bytes] = Counter()
    lines: list[StatementLine] = []
    for entry in statement.entries:
        if entry.status is not EntryStatus.BOOK:
            continue
        for amount, details in parts_of(entry):
            if amount:
                lines.append(_line(entry, amount, details, own, len(lines) + 1, seen))
    return lines


def parts_of(entry: ParsedEntry) -> Iterator[tuple[int, tuple[ParsedDetail, ...]]]:
    """(amount, the details it stands for): each detail when they add up, else all in one."""
    if entry.is_split:
        for detail in entry.details:
            yield detail.amount_minor or 0, (detail,)
    else:
        yield entry.amount_minor, entry.details


def _line(
    entry: ParsedEntry, amount: int, details: tuple[ParsedDetail, ...], own: str | None,
    position: int, seen: Counter[bytes],
) -> StatementLine:  # fmt: skip
    single = details[0] if len(details) == 1 else None
    party = _party(details, amount, own)
    end_to_end = _same(_reference(detail.end_to_end_id) for detail in details)
    text = _remittance(entry, details)
    references = _references(entry, details, amount)
    bank_ref = (single.bank_ref if single else None) or entry.bank_ref or entry.entry_ref
    code = (single.code if single else None) or entry.code or entry.proprietary_code
    mark = _fingerprint(
        entry.booked_on.isoformat(), entry.value_date.isoformat(), str(amount), bank_ref or "",
        end_to_end or "", code or "", party.name or "", party.iban or party.account or "",
        text or "", *references,
    )  # fmt: skip
    seen[mark] += 1
    return StatementLine(
        position=position,
        fingerprint=mark,
        occurrence=seen[mark],
        amount_minor=amount,
        booked_on=entry.booked_on,
        value_date=entry.value_date,
        is_reversal=entry.is_reversal,
        bank_ref=bank_ref,
        end_to_end_id=end_to_end,
        transaction_code=code,
        party_name=party.name,
        party_iban=party.iban,
        remittance_text=text,
        references=references,
        return_code=_same(detail.return_code for detail in details),
    )


def _party(details: tuple[ParsedDetail, ...], amount: int, own: str | None) -> Party:
    """Who is at the other end: the payer of money in, the payee of money out.

    Where a bank names us on that side (returned payments), it is the other side.
    """
    found: set[Party] = set()
    for detail in details:
        payer = (detail.debtor, detail.ultimate_debtor)
        payee = (detail.creditor, detail.ultimate_creditor)
        (other, ultimate), spare = (payer, payee) if amount > 0 else (payee, payer)
        if other.iban is not None and other.iban == own:
            other, ultimate = spare
        found.add(Party(other.name or ultimate, other.iban, other.account, other.bic))
    return found.pop() if len(found) == 1 else Party()


def _references(entry: ParsedEntry, details: tuple[ParsedDetail, ...], amount: int) -> list[str]:
    """Structured references; on money out also the names of our own orders in it."""
    found = [reference for detail in details for reference in detail.references]
    if amount < 0:
        names = (entry.batch_id, *_order_names(details))
        found += [name for name in map(_reference, names) if name]
    return list(dict.fromkeys(found))


def _order_names(details: tuple[ParsedDetail, ...]) -> Iterator[str | None]:
    for detail in details:
        yield from (detail.payment_info_id, detail.message_id)


def _remittance(entry: ParsedEntry, details: tuple[ParsedDetail, ...]) -> str | None:
    """All the words, one line each; a full line of 140 goes on in the next one.

    The bank's own remarks stand in where the payer wrote nothing.
    """
    lines: list[str] = []
    for detail in details:
        lines.append(_continued(detail.remittance))
        lines += ["\n".join(block.info) for block in detail.structured]
        ultimate = detail.ultimate_debtor if entry.amount_minor > 0 else detail.ultimate_creditor
        lines.append(ultimate or "")
        if len(details) > 1:
            lines.append(_reference(detail.end_to_end_id) or "")
    words = "\n".join(filter(None, (line.strip() for line in lines)))
    if not words:
        spare = [*(detail.info for detail in details), entry.info]
        words = "\n".join(filter(None, spare))
    return words or None


def _continued(parts: tuple[str, ...]) -> str:
    joined = ""
    full = True
    for part in parts:
        joined += part if full else f"\n{part}"
        full = len(part) >= _FULL_LINE
    return joined


def _reference(text: str | None) -> str | None:
    """A reference that is one; banks write NOTPROVIDED where there is none."""
    return None if not text or text.upper() in _NO_REFERENCE else text


def _same(values: Iterable[str | None]) -> str | None:
    """The one value all have, or none."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def _fingerprint(*parts: str) -> bytes:
    """SHA-256 of the parts, each with its length, so that no two lists look the same."""
    return hashlib.sha256("".join([f"{len(part)}:{part}" for part in parts]).encode()).digest()
