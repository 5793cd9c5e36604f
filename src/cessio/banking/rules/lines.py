"""From the entries of a statement to the lines we keep: who, what for, and how told apart."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date

from msgspec import Struct

from cessio.banking.formats.statement import (
    NOBODY,
    EntryStatus,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
)

_NO_REFERENCE = frozenset({"NOTPROVIDED", "NONREF", "NOREF", "NOTAVAILABLE", "UNKNOWN"})
_FULL_LINE = 140


class StatementLine(Struct, frozen=True, gc=False):
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
    if len(details) == 1:
        one = details[0]
        party, text = _party_of(one, amount, own), _remittance(entry, details)
        end_to_end, return_code = _reference(one.end_to_end_id), one.return_code
        bank_ref, code = one.bank_ref, one.code
    else:
        parties = {_party_of(detail, amount, own) for detail in details}
        party = parties.pop() if len(parties) == 1 else NOBODY
        text = _remittance(entry, details)
        end_to_end = _same(_reference(detail.end_to_end_id) for detail in details)
        return_code = _same(detail.return_code for detail in details)
        bank_ref = code = None
    bank_ref = bank_ref or entry.bank_ref or entry.entry_ref
    code = code or entry.code or entry.proprietary_code
    references = _references(entry, details, amount)
    mark = _fingerprint(
        entry.booked_on.toordinal(), entry.value_date.toordinal(), amount, bank_ref, end_to_end,
        code, party.name, party.iban or party.account, text, references,
    )  # fmt: skip
    seen[mark] += 1
    return StatementLine(
        position, mark, seen[mark], amount, entry.booked_on, entry.value_date, entry.is_reversal,
        bank_ref, end_to_end, code, party.name, party.iban, text, references, return_code,
    )  # fmt: skip


def _party_of(detail: ParsedDetail, amount: int, own: str | None) -> Party:
    """Who is at the other end: the payer of money in, the payee of money out.

    Where a bank names us on that side (returned payments), it is the other side.
    """
    if amount > 0:
        other, ultimate = detail.debtor, detail.ultimate_debtor
    else:
        other, ultimate = detail.creditor, detail.ultimate_creditor
    if other.iban is not None and other.iban == own:
        if amount > 0:
            other, ultimate = detail.creditor, detail.ultimate_creditor
        else:
            other, ultimate = detail.debtor, detail.ultimate_debtor
    if other.name is None and ultimate is not None:
        return Party(ultimate, other.iban, other.account, other.bic)
    return other


def _references(entry: ParsedEntry, details: tuple[ParsedDetail, ...], amount: int) -> list[str]:
    """Structured references; on money out also the names of our own orders in it."""
    found = [reference for detail in details if detail.structured
             for reference in detail.references]  # fmt: skip
    if amount < 0:
        names = (entry.batch_id, *_order_names(details))
        found += [name for name in map(_reference, names) if name]
    return list(dict.fromkeys(found)) if len(found) > 1 else found


def _order_names(details: tuple[ParsedDetail, ...]) -> Iterator[str | None]:
    for detail in details:
        yield from (detail.payment_info_id, detail.message_id)


def _remittance(entry: ParsedEntry, details: tuple[ParsedDetail, ...]) -> str | None:
    """All the words, one line each; a full line of 140 goes on in the next one.

    The bank's own remarks stand in where the payer wrote nothing.
    """
    lines: list[str] = []
    for detail in details:
        parts = detail.remittance
        lines.append(parts[0] if len(parts) == 1 else _continued(parts))
        for block in detail.structured:
            lines += block.info
        ultimate = detail.ultimate_debtor if entry.amount_minor > 0 else detail.ultimate_creditor
        if ultimate:
            lines.append(ultimate)
        if len(details) > 1:
            lines.append(_reference(detail.end_to_end_id) or "")
    words = "\n".join([stripped for line in lines if (stripped := line.strip())])
    if words:
        return words
    spare = [detail.info for detail in details if detail.info]
    return "\n".join([*spare, entry.info] if entry.info else spare) or None


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


def _fingerprint(*facts: int | str | list[str] | None) -> bytes:
    """SHA-256 of what tells a movement from another; ``repr`` writes no two lists alike."""
    return hashlib.sha256(repr(facts).encode("utf-8", "surrogatepass")).digest()
