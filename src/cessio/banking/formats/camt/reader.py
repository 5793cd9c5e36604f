"""The file: which message it is, its statements one after the other, balances and totals."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from msgspec.structs import replace

from cessio.banking.formats.camt import values
from cessio.banking.formats.camt.entries import is_bic, plain_iban, read_entry
from cessio.banking.formats.camt.repeats import MARK, condense
from cessio.banking.formats.camt.shape import Notes, OutOfPlan, Rules, compiled, walk
from cessio.banking.formats.camt.tables import CONTAINERS, ENTRY, HEADER, MESSAGES
from cessio.banking.formats.statement import (
    Balance,
    EntryStatus,
    ParsedEntry,
    ParsedFile,
    ParsedStatement,
    StatementRefused,
    booked_minor,
)
from cessio.kernel.errors import CessioError
from cessio.kernel.money import AmountError, to_text
from cessio.plumbing import xml
from cessio.plumbing.xml import Element

_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(camt\.05[234])\.001\.(\d\d)")
_MESSAGE = re.compile(r"(camt\.05[234])\.001\.(\d\d)")
_FIRST, _LAST = 1, 14
_CREATED_OPTIONAL_SINCE = 7
_TAGS: Final = ["{*}GrpHdr", "{*}Ntry", "{*}Stmt", "{*}Rpt", "{*}Ntfctn"] + [
    f"{{*}}{name}" for name in MESSAGES
]
_OPENING: Final = ("OPBD", "PRCD")
_CLOSING: Final = ("CLBD",)


def read_camt(data: bytes, *, strict: bool = True, max_bytes: int = xml.MAX_BYTES) -> ParsedFile:
    """Read a camt.052, .053 or .054 of any version.

    Raises ``XmlRefused`` (not sound XML, DOCTYPE, truncated, too large) or ``StatementRefused``:
    ``bank_file_wrong_root``, ``bank_file_without_statement``, ``bank_file_several_messages``,
    ``balance_broken``, ``currency_mixed``, ``currency_unknown``, ``amount_*``, ``date_*``,
    ``indicator_missing``, ``account_missing``, ``value_with_elements``. What is wrong but readable
    becomes a warning. With ``strict=False`` (to show a file, never to book it) the figures that
    contradict each other, ``balance_broken`` and ``currency_mixed``, are warnings too.
    """
    condensed = condense(data, ENTRY) if len(data) <= max_bytes else None
    if condensed is not None:
        try:
            return _read(
                condensed.source, _Reader(Notes(strict=strict), condensed.slots), max_bytes
            )
        except (OutOfPlan, CessioError):
            del condensed  # the ordinary reading says what is wrong, and where
    return _read(data, _Reader(Notes(strict=strict)), max_bytes)


def _read(data: bytes, reader: _Reader, max_bytes: int) -> ParsedFile:
    for element in xml.stream(data, _TAGS, max_bytes=max_bytes):
        reader.take(element)
    return reader.finish(data)


class _Reader:
    """State while the file streams by: one message, one statement open at a time."""

    def __init__(self, notes: Notes, condensed: Sequence[dict[str, Any]] = ()) -> None:
        self.notes = notes
        self.condensed = condensed
        self.message = ""
        self.format = ""
        self.message_element: Element | None = None
        self.container: Element | None = None
        self.container_name = ""
        self.namespace = ""
        self.entry_rules: Rules = {}
        self.fallback: date | None = None
        self.entries: list[ParsedEntry] = []
        self.statements: list[ParsedStatement] = []
        self.header: dict[str, Any] | None = None

    def take(self, element: Element) -> None:
        """One element that just ended: an entry, a statement, the header or the message."""
        parent = element.getparent()
        if parent is not None and parent is self.container:
            self._entry(element)
            return
        name = xml.local_name(element)
        if name in MESSAGES:
            self._message_ended(element)
        elif name == "Ntry":
            if parent is not None and self._is_statement(parent):
                self._open_statement(parent)
                self._entry(element)
        elif name == "GrpHdr":
            if self._is_message(parent):
                rules = compiled(HEADER, self.namespace, self.notes.version)
                self.header = walk(element, rules, self.notes)
        elif element is self.container or self._is_statement(element):
            if element is not self.container:
                self._open_statement(element)
            self.statements.append(self._statement(element))
            self.container = None
            xml.discard(element)

    def _is_message(self, element: Element | None) -> bool:
        """Whether this is the message of the file; the first one met becomes it."""
        if element is None:
            return False
        if self.message_element is None and (name := xml.local_name(element)) in MESSAGES:
            self._open_message(element, name)
        return element is self.message_element

    def _is_statement(self, element: Element) -> bool:
        in_message = self._is_message(element.getparent())
        return in_message and xml.local_name(element) == self.container_name

    def _message_ended(self, element: Element) -> None:
        if not self._is_message(element):
            raise self.notes.refuse(
                "bank_file_several_messages", "the file holds more than one message", element
            )

    def finish(self, data: bytes) -> ParsedFile:
        if self.message_element is None:
            raise _no_message(data)
        if not self.statements:
            raise StatementRefused(
                "bank_file_without_statement", "the file holds no statement (no {element})",
                element=self.container_name,
            )  # fmt: skip
        header = self.header
        if header is None:
            self.notes.add("header_missing", "GrpHdr")
            header = {}
        values.flag(header, "last_page", self.notes)
        return ParsedFile(
            self.format, header.get("message_id"), tuple(self.statements), self.notes.take()
        )

    def _open_message(self, element: Element, name: str) -> None:
        self.message, self.message_element = MESSAGES[name], element
        self.namespace = xml.namespace_of(element)
        self.container_name, _ = CONTAINERS[self.message]
        self.notes.container = self.container_name
        self._version(element)
        version = self.notes.version
        self.entry_rules = compiled(ENTRY, self.namespace, version)
        self.format = f"{self.message}.001.{version:02d}" if version else self.message

    def _version(self, element: Element) -> None:
        """The version, from the namespace; anything unusual is noted and read all the same."""
        exact = _NAMESPACE.fullmatch(self.namespace)
        found = exact or _MESSAGE.search(self.namespace)
        if not exact or exact.group(1) != self.message:
            self.notes.add("namespace_unexpected", element, self.namespace[:100])
        if found and found.group(1) == self.message and _FIRST <= int(found.group(2)) <= _LAST:
            self.notes.version = int(found.group(2))
        elif exact:
            self.notes.add("version_unknown", element, self.namespace[-20:])

    def _open_statement(self, element: Element) -> None:
        self.container = element
        self.entries = []
        self.notes.statement += 1
        self.notes.entry = 0
        dates = [child.text or "" for child in element if xml.local_name(child) == "CreDtTm"]
        self.fallback = values.date_of(dates[0].strip()) if dates else None

    def _entry(self, element: Element) -> None:
        self.notes.entry += 1
        self.entries.append(self._read(element))
        if self.notes.entry == 1:
            element.clear()  # stays in its place: the order of what follows is checked against it
        else:
            xml.discard(element)

    def _read(self, element: Element) -> ParsedEntry:
        mark = element.get(MARK)
        if mark is None or not self.condensed:
            slots = walk(element, self.entry_rules, self.notes)
        else:
            slots = self.condensed[int(mark)]
        return read_entry(slots, element, self.notes, self.fallback)

    def _statement(self, element: Element) -> ParsedStatement:
        fields = CONTAINERS[self.message][1]
        out = walk(element, compiled(fields, self.namespace, self.notes.version), self.notes)
        statement = _built(out, self.message, self.entries, element, self.notes)
        _check_currency(statement, element, self.notes)
        _check_balances(statement, element, self.notes)
        _check_totals(out, statement, self.notes)
        return replace(statement, warnings=self.notes.take())


def _no_message(data: bytes) -> StatementRefused:
    """No message of ours in sound XML: an empty Document of ours, or something else."""
    root = xml.parse(data)
    namespace, name = xml.namespace_of(root), xml.local_name(root)
    if name == "Document" and _MESSAGE.search(namespace) and not len(root):
        return StatementRefused(
            "bank_file_without_statement", "the file holds no statement: its Document is empty",
        )  # fmt: skip
    inside = f"/{xml.local_name(root[0])}" if len(root) else ""
    return StatementRefused(
        "bank_file_wrong_root", "the file is not a camt.052, .053 or .054: it is {root}",
        root=f"{name}{inside} {namespace}".strip()[:150],
    )  # fmt: skip


def _built(
    out: dict[str, Any], message: str, entries: Sequence[ParsedEntry], element: Element,
    notes: Notes,
) -> ParsedStatement:  # fmt: skip
    iban = out.get("own_iban")
    if not iban and not out.get("own_account"):
        raise notes.refuse("account_missing", "the statement names no account", element)
    if "statement_ref" not in out:
        notes.add("element_missing", f"{notes.container}/Id")
    if "created_on" not in out and notes.version < _CREATED_OPTIONAL_SINCE:
        notes.add("element_missing", f"{notes.container}/CreDtTm")
    bic = out.get("servicer_bic")
    if bic and not is_bic(bic):
        notes.add("bic_malformed", "Svcr/FinInstnId", bic[:40])
    currency, balances = _balances(out, entries, element, notes)
    opening, closing = _ends(balances)
    created_on = values.day(out, "created_on", element, notes)
    from_on, to_on = _period(out, opening, closing, entries, element, notes)
    return ParsedStatement(
        kind=message,
        statement_ref=out.get("statement_ref", ""),
        currency=currency,
        iban=plain_iban(iban) if iban else None,
        account=out.get("own_account"),
        owner=out.get("owner") or out.get("own_account_name"),
        servicer_bic=bic,
        electronic_sequence=values.number(out, "electronic_sequence", notes),
        legal_sequence=values.number(out, "legal_sequence", notes),
        page=values.number(out, "page", notes),
        is_last_page=values.flag(out, "last_page", notes),
        copy=out.get("copy"),
        created_on=created_on,
        from_on=from_on or created_on,
        to_on=to_on or created_on,
        opening=opening,
        closing=closing,
        balances=tuple(balance for balance in balances),
        entries=tuple(entries),
    )


def _balances(
    out: dict[str, Any], entries: Sequence[ParsedEntry], element: Element, notes: Notes
) -> tuple[str, list[Balance]]:
    """The currency of the account and its balances, in the order of the file."""
    currency: str = out.get("own_currency") or ""
    found: list[Balance] = []
    for raw in out.get("balances", ()):
        if "amount" not in raw:
            raise notes.refuse("amount_missing", "a balance has no amount", element)
        size, own = values.amount(raw["amount"], notes)
        if currency and own != currency:
            notes.contradiction(
                "currency_mixed", "a balance is in {found}, the account in {expected}", element,
                found=own, expected=currency,
            )  # fmt: skip
            continue
        currency = own
        on = values.day(raw, "on", element, notes)
        if on is None:
            notes.add("balance_date_missing", "Bal/Dt")
        sign = values.sign(raw, element, notes)
        found.append(Balance(raw.get("kind", ""), sign * size, on))
    return currency or (entries[0].currency if entries else ""), found


def _ends(balances: Sequence[Balance]) -> tuple[Balance | None, Balance | None]:
    """Opening and closing booked balance; on a page in between, the two interim ones (ITBD)."""
    interim = [balance for balance in balances if balance.kind == "ITBD"]
    opening = next((b for kind in _OPENING for b in balances if b.kind == kind), None)
    closing = next((b for b in reversed(balances) if b.kind in _CLOSING), None)
    if opening is None and interim and (closing is not None or len(interim) > 1):
        opening = interim[0]
    if closing is None and interim and interim[-1] is not opening:
        closing = interim[-1]
    return opening, closing


def _period(
    out: dict[str, Any], opening: Balance | None, closing: Balance | None,
    entries: Sequence[ParsedEntry], element: Element, notes: Notes,
) -> tuple[date | None, date | None]:  # fmt: skip
    """First and last day: as told, else from the closing balance and the entries."""
    days = [entry.booked_on for entry in entries if entry.status is EntryStatus.BOOK]
    days += [end.on for end in (closing,) if end is not None and end.on is not None]
    if opening is not None and opening.kind == "OPBD" and opening.on is not None:
        days.append(opening.on)
    first = values.day(out, "from_on", element, notes) or min(days, default=None)
    last = values.day(out, "to_on", element, notes) or max(days, default=None)
    if first is not None and last is not None and first > last:
        notes.add("period_reversed", f"{notes.container}/FrToDt", f"{first} {last}")
        first, last = last, first
    return first, last


def _check_currency(statement: ParsedStatement, element: Element, notes: Notes) -> None:
    """A booked entry is in the account's currency; an announced one should be."""
    for index, entry in enumerate(statement.entries, start=1):
        if entry.currency == statement.currency:
            continue
        if entry.status is EntryStatus.BOOK:
            notes.contradiction(
                "currency_mixed", "entry {index} is in {found}, the account in {expected}",
                element, index=index, found=entry.currency, expected=statement.currency,
            )  # fmt: skip
        else:
            notes.add("currency_of_announced_entry", "Ntry/Amt", entry.currency)


def _check_balances(statement: ParsedStatement, element: Element, notes: Notes) -> None:
    """opening + booked movements = closing, or the statement is refused with its figures.

    An intraday report (camt.052) may list only what is new since the last one: noted, not
    refused. A notification (camt.054) has no balances.
    """
    if statement.kind == "camt.054":
        return
    opening, closing = statement.opening, statement.closing
    if opening is None or closing is None:
        notes.add("balances_missing", f"{notes.container}/Bal")
        return
    movements = booked_minor(statement.entries)
    if opening.amount_minor + movements == closing.amount_minor:
        return
    figures = {
        "opening": to_text(opening.amount_minor, statement.currency),
        "movements": to_text(movements, statement.currency),
        "closing": to_text(closing.amount_minor, statement.currency),
        "currency": statement.currency,
    }
    if statement.kind == "camt.052":
        notes.add("balances_differ", f"{notes.container}/Bal", " ".join(figures.values()))
        return
    notes.contradiction(
        "balance_broken",
        "opening {opening} plus movements {movements} is not closing {closing} {currency}",
        element, **figures,
    )  # fmt: skip


def _check_totals(out: dict[str, Any], statement: ParsedStatement, notes: Notes) -> None:
    """Compare with the bank's own counts and sums; a difference is noted (pending entries)."""
    booked = [entry.amount_minor for entry in statement.booked]
    told = {
        "all": booked,
        "credits": [amount for amount in booked if amount > 0],
        "debits": [-amount for amount in booked if amount < 0],
    }
    for slot, amounts in told.items():
        for total in out.get(slot, ()):
            counted = values.number(total, "count", notes)
            if counted is not None and counted != len(amounts):
                notes.add("totals_differ", f"TxsSummry/{slot}", f"{counted} {len(amounts)}")
            elif slot != "all" and _differs(total.get("sum"), sum(amounts), statement.currency):
                notes.add("totals_differ", f"TxsSummry/{slot}", str(total["sum"])[:40])


def _differs(text: str | None, minor: int, currency: str) -> bool:
    if text is None:
        return False
    try:
        return values.minor_of(text, currency) != minor
    except AmountError:
        return True
