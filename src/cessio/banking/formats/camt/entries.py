"""From one ``Ntry`` to a ``ParsedEntry``."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Any

from cessio.banking.formats.camt import values
from cessio.banking.formats.camt.shape import Notes
from cessio.banking.formats.statement import (
    NOBODY,
    EntryStatus,
    NamedAmount,
    ParsedDetail,
    ParsedEntry,
    Party,
    ReferredDocument,
    StructuredRemittance,
)
from cessio.plumbing.xml import Element

_MAX_LINE = 140
_BIC = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")
_STATUSES = {status.value: status for status in EntryStatus}

_SLOTS = ("name", "iban", "account", "bic", "account_name")
_DEBTOR = tuple(f"debtor_{slot}" for slot in _SLOTS)
_CREDITOR = tuple(f"creditor_{slot}" for slot in _SLOTS)


def read_entry(
    out: dict[str, Any], element: Element, notes: Notes, fallback: date | None
) -> ParsedEntry:
    """One entry from its slots; ``fallback`` is the booking date when it has no date at all."""
    if "amount" not in out:
        raise notes.refuse("amount_missing", "the entry has no amount", element)
    size, currency = values.amount(out["amount"], notes)
    sign = values.sign(out, element, notes)
    booked_on, value_date = _dates(out, element, notes, fallback)
    get = out.get
    entry = ParsedEntry(
        sign * size,
        currency,
        booked_on,
        value_date,
        _status(out, notes),
        ("reversal" in out and values.flag(out, "reversal", notes)) or False,
        get("bank_ref"),
        get("entry_ref"),
        _code(out),
        get("proprietary"),
        tuple([_detail(raw, sign, currency, element, notes) for raw in get("details", ())]),
        values.charges(out["charges"], notes) if "charges" in out else (),
        values.named(out["amounts"], notes) if "amounts" in out else (),
        get("batch_id") or get("batch_message"),
        values.number(out, "batch_count", notes) if "batch_count" in out else None,
        _joined(out["info"]) if "info" in out else None,
    )
    _check_entry(entry, notes)
    return entry


def _dates(
    out: dict[str, Any], element: Element, notes: Notes, fallback: date | None
) -> tuple[date, date]:
    """Booking and value date; each stands in for the other, the statement's for both."""
    booked_on = values.day(out, "booked_on", element, notes)
    value_date = values.day(out, "value_date", element, notes)
    if booked_on is None:
        notes.add("booking_date_missing", "Ntry/BookgDt")
        booked_on = value_date or fallback
        if booked_on is None:
            raise notes.refuse("entry_without_date", "the entry has no date", element)
    if value_date is None:
        notes.add("value_date_missing", "Ntry/ValDt")
    return booked_on, value_date or booked_on


def _status(out: dict[str, Any], notes: Notes) -> EntryStatus:
    text = out.get("status")
    if text is None and "status_other" not in out:
        notes.add("status_missing", "Ntry/Sts")
        return EntryStatus.BOOK
    known = _STATUSES.get(text or "")
    if known is None:
        notes.add("status_unknown", "Ntry/Sts", str(text or out["status_other"])[:40])
        return EntryStatus.OTHER
    return known


def _check_entry(entry: ParsedEntry, notes: Notes) -> None:
    """Note what the details say otherwise than the entry; the entry's amount is what counts."""
    details = entry.details
    if len(details) == 1:
        told = details[0].amount_minor
        if told is not None and told != entry.amount_minor:
            notes.add("detail_amount_differs", "Ntry/NtryDtls/TxDtls/Amt")
    elif details and not entry.is_split:
        notes.add("details_do_not_add_up", "Ntry/NtryDtls/TxDtls")
    if entry.batch_count is not None and details and entry.batch_count != len(details):
        notes.add("batch_count_differs", "Ntry/NtryDtls/Btch/NbOfTxs")
    if entry.code is None and entry.proprietary_code is None and not _coded(details):
        notes.add("code_missing", "Ntry/BkTxCd")


def _coded(details: tuple[ParsedDetail, ...]) -> bool:
    return any(detail.code or detail.proprietary_code for detail in details)


def _detail(
    out: dict[str, Any], sign: int, currency: str, element: Element, notes: Notes
) -> ParsedDetail:
    get = out.get
    if "indicator" in out:
        sign = values.sign(out, element, notes)
    amounts = values.named(out["amounts"], notes) if "amounts" in out else ()
    size, amounts = _detail_amount(out, amounts, currency, notes)
    remittance = tuple(get("remittance", ()))
    for line in remittance:
        if len(line) > _MAX_LINE:
            notes.add("value_too_long", "RmtInf/Ustrd")
    return ParsedDetail(
        None if size is None else sign * size,
        get("end_to_end_id"),
        get("instruction_id"),
        get("message_id"),
        get("payment_info_id"),
        get("transaction_id"),
        get("uetr"),
        get("mandate_id"),
        get("bank_ref"),
        _code(out),
        get("proprietary"),
        _party(out, _DEBTOR, notes),
        _party(out, _CREDITOR, notes),
        get("ultimate_debtor_name"),
        get("ultimate_creditor_name"),
        remittance,
        _structured(out["structured"], element, notes) if "structured" in out else (),
        amounts,
        values.charges(out["charges"], notes) if "charges" in out else (),
        get("purpose"),
        get("return_code"),
        _joined(out["return_info"]) if "return_info" in out else None,
        _joined(out["info"]) if "info" in out else None,
    )


def _detail_amount(
    out: dict[str, Any], amounts: tuple[NamedAmount, ...], currency: str, notes: Notes
) -> tuple[int | None, tuple[NamedAmount, ...]]:
    """What the payment is worth in the entry's currency, if the file says so anywhere."""
    if "amount" in out:
        size = values.amount_in(out["amount"], currency, notes)
        if size is not None:
            return size, amounts
        amounts = (*amounts, *values.named([("detail", out["amount"])], notes))
    if not amounts:
        return None, amounts
    told = {item.kind: item for item in reversed(amounts) if item.currency == currency}
    for kind in ("transaction", "countervalue", "instructed"):
        if kind in told:
            pair = next(e for k, e in out["amounts"] if k == kind and e.get("Ccy") == currency)
            return values.amount(pair, notes)[0], amounts
    return None, amounts


def _party(out: dict[str, Any], slots: tuple[str, ...], notes: Notes) -> Party:
    name, iban, account, bic, account_name = map(out.get, slots)
    if bic is not None and not is_bic(bic):
        notes.add("bic_malformed", "FinInstnId", bic[:40])
    if name is None and iban is None and account is None and bic is None:
        return NOBODY
    return Party(name or account_name, iban and plain_iban(iban), account, bic)


def _structured(
    blocks: list[dict[str, Any]], element: Element, notes: Notes
) -> tuple[StructuredRemittance, ...]:
    return tuple(
        StructuredRemittance(
            reference=block.get("reference"),
            reference_kind=block.get("reference_kind"),
            documents=_documents(block, element, notes),
            amounts=_document_amounts(block, notes),
            info=tuple(block.get("info", ())),
        )
        for block in blocks
    )


def _documents(
    block: dict[str, Any], element: Element, notes: Notes
) -> tuple[ReferredDocument, ...]:
    common = values.day(block, "documents_date", element, notes)
    return tuple(
        ReferredDocument(
            document["number"],
            document.get("kind"),
            values.day(document, "issued_on", element, notes) or common,
        )
        for document in block.get("documents", ())
        if "number" in document
    )


def _document_amounts(block: dict[str, Any], notes: Notes) -> tuple[NamedAmount, ...]:
    pairs = list(block.get("amounts", ()))
    pairs += [
        (typed.get("kind", "other"), typed["amount"])
        for typed in block.get("typed_amounts", ())
        if "amount" in typed
    ]
    pairs += [("adjustment", item["amount"]) for item in block.get("adjustments", ())
              if "amount" in item]  # fmt: skip
    return values.named(pairs, notes)


def _code(out: dict[str, Any]) -> str | None:
    """``PMNT-RCDT-ESCT``."""
    if "domain" not in out:
        return None
    return _code_of(out["domain"], out.get("family", ""), out.get("subfamily", ""))


@lru_cache(maxsize=1024)
def _code_of(domain: str, family: str, subfamily: str) -> str:
    return f"{domain}-{family}-{subfamily}".rstrip("-")


def _joined(texts: list[str] | None) -> str | None:
    return ("\n".join(texts).strip() or None) if texts else None


@lru_cache(maxsize=8192)
def plain_iban(text: str) -> str:
    """The electronic form: no spaces, capitals."""
    return "".join(text.split()).upper()


@lru_cache(maxsize=8192)
def is_bic(text: str) -> bool:
    return _BIC.fullmatch(text) is not None
