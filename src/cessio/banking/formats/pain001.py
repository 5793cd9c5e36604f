"""Writes pain.001.001.09: a batch of SEPA credit transfers from one account.

The same order gives the same bytes, for ever: identifications and the instant come from the
caller. Everything wrong with the order is told at once; what is written is checked against the
schema of the message before anybody gets it. Addresses are structured or absent (unstructured
ones are refused in SEPA from 22 November 2026). Why not ``sepaxml``: infra/decisions.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from importlib.resources import as_file, files
from typing import Any

from cessio.banking.formats.markup import escaped
from cessio.banking.formats.sepa_text import is_reference, sepa_text
from cessio.kernel.errors import CessioError, Invalid, Problems
from cessio.kernel.money import parse_amount, to_text
from cessio.plumbing import xml

MESSAGE = "pain.001.001.09"
_NAMESPACE = f"urn:iso:std:iso:20022:tech:xsd:{MESSAGE}"
_MAX_NAME, _MAX_TEXT = 70, 140
_COUNTRY = re.compile(r"[A-Z]{2}")
#: The largest SEPA credit transfer: 999,999,999.99 euros.
MAX_MINOR = 99_999_999_999


class PaymentProblem(Invalid):
    """One thing wrong with the order; ``field`` is ``payments[3].iban`` or a field of the head."""


class OrderNotValid(CessioError):
    """What was written does not match its schema: a fault of ours, never of the caller."""


@dataclass(frozen=True, slots=True)
class Address:
    """A structured address; it is written when city and country are known."""

    city: str | None
    country: str | None
    street: str | None = None
    post_code: str | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """One credit transfer. ``amount_minor`` is positive, in euro cents."""

    end_to_end_id: str
    amount_minor: int
    currency: str
    creditor_name: str
    iban: str
    bic: str | None = None
    address: Address | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class OrderHead:
    """Who pays, from where, when. ``created_at`` is written in UTC."""

    message_id: str
    created_at: datetime
    execute_on: date
    debtor_name: str
    debtor_iban: str
    debtor_bic: str | None = None
    debtor_address: Address | None = None


def write_pain001(head: OrderHead, payments: Sequence[Payment]) -> bytes:
    """The file, valid against its schema.

    Raises ``Problems`` with every ``PaymentProblem``; ``OrderNotValid`` if the schema refuses
    what we wrote.
    """
    found = problems(head, payments)
    if found:
        raise Problems([*found])
    data = _document(head, payments).encode()
    schema = _schema()
    if not schema.validate(xml.parse(data)):
        raise OrderNotValid(
            "order_not_valid", "the payment order is not a valid {message}: {reason}",
            message=MESSAGE, reason=str(schema.error_log.last_error),
        )  # fmt: skip
    return data


def payments_of(data: bytes) -> list[tuple[str, int]]:
    """(EndToEndId, amount in cents) of every payment of a file that ``write_pain001`` wrote."""
    root = xml.parse(data)
    names = [node.text or "" for node in root.iter(f"{{{_NAMESPACE}}}EndToEndId")]
    amounts = [node.text or "" for node in root.iter(f"{{{_NAMESPACE}}}InstdAmt")]
    return [(name, parse_amount(text)) for name, text in zip(names, amounts, strict=True)]


def problems(head: OrderHead, payments: Sequence[Payment]) -> list[PaymentProblem]:
    """Everything that stands between the order and the bank."""
    found = [
        *_party_problems(
            "debtor", head.debtor_name, head.debtor_iban, head.debtor_bic, head.debtor_address, ""
        ),
        *_reference_problems("message_id", head.message_id),
    ]
    if not payments:
        found.append(PaymentProblem("no_payments", "the order has no payment", field="payments"))
    for index, payment in enumerate(payments):
        found += _payment_problems(payment, f"payments[{index}].")
    counted = Counter(payment.end_to_end_id for payment in payments)
    found += [
        PaymentProblem("end_to_end_id_repeated", "{value} identifies several payments",
                       field="payments", value=value)
        for value, times in counted.items() if times > 1
    ]  # fmt: skip
    return found


def _payment_problems(payment: Payment, where: str) -> list[PaymentProblem]:
    found = _party_problems("creditor", payment.creditor_name, payment.iban, payment.bic,
                            payment.address, where)  # fmt: skip
    found += _reference_problems(f"{where}end_to_end_id", payment.end_to_end_id)
    if payment.currency != "EUR":
        found.append(PaymentProblem(
            "currency_not_sepa", "a SEPA credit transfer is in EUR, not in {currency}",
            field=f"{where}currency", currency=payment.currency,
        ))  # fmt: skip
    if not 0 < payment.amount_minor <= MAX_MINOR:
        found.append(PaymentProblem(
            "amount_out_of_range", "a credit transfer is from 0.01 to 999999999.99 EUR",
            field=f"{where}amount_minor", amount_minor=payment.amount_minor,
        ))  # fmt: skip
    if len(sepa_text(payment.text)) > _MAX_TEXT:
        found.append(PaymentProblem(
            "text_too_long", "the text has more than {size} characters",
            field=f"{where}text", size=_MAX_TEXT,
        ))  # fmt: skip
    return found


def _party_problems(
    who: str, name: str, iban: str, bic: str | None, address: Address | None, where: str
) -> list[PaymentProblem]:
    from schwifty import BIC, IBAN  # loads the registry of banks: a start does not wait for it

    prefix = "" if where else "debtor_"
    found = []
    if not sepa_text(name):
        found.append(PaymentProblem("name_missing", "the {who} has no name",
                                    field=f"{where}{who}_name", who=who))  # fmt: skip
    if not _is_valid(IBAN, iban):
        found.append(PaymentProblem("iban_invalid", "{iban} is not an IBAN",
                                    field=f"{where}{prefix}iban", iban=iban))  # fmt: skip
    elif not IBAN(iban).in_sepa_zone:
        found.append(PaymentProblem("iban_outside_sepa", "{iban} is not in the SEPA zone",
                                    field=f"{where}{prefix}iban", iban=iban))  # fmt: skip
    if address is not None and address.country and not _COUNTRY.fullmatch(address.country):
        found.append(PaymentProblem(
            "country_invalid", "{country!r} is not a country code",
            field=f"{where}{prefix}address", country=address.country,
        ))  # fmt: skip
    if bic is not None and not _is_valid(BIC, bic):
        found.append(PaymentProblem("bic_invalid", "{bic} is not a BIC",
                                    field=f"{where}{prefix}bic", bic=bic))  # fmt: skip
    return found


def _reference_problems(field: str, value: str) -> list[PaymentProblem]:
    if is_reference(value):
        return []
    return [PaymentProblem(
        "reference_invalid", "{value!r} is not 1 to 35 characters of the SEPA set",
        field=field, value=value[:60],
    )]  # fmt: skip


def _is_valid(kind: Any, text: str) -> bool:
    from schwifty.exceptions import SchwiftyException

    try:
        kind(text)
    except (SchwiftyException, ValueError):
        return False
    return True


def _document(head: OrderHead, payments: Sequence[Payment]) -> str:
    stamp = head.created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    count, total = len(payments), sum(payment.amount_minor for payment in payments)
    totals = f"<NbOfTxs>{count}</NbOfTxs><CtrlSum>{to_text(total)}</CtrlSum>"
    name = _text("Nm", head.debtor_name, _MAX_NAME)
    opening = (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{_NAMESPACE}">\n'
        f"<CstmrCdtTrfInitn><GrpHdr><MsgId>{head.message_id}</MsgId><CreDtTm>{stamp}</CreDtTm>"
        f"{totals}<InitgPty>{name}</InitgPty></GrpHdr>\n"
        f"<PmtInf><PmtInfId>{head.message_id}</PmtInfId><PmtMtd>TRF</PmtMtd>"
        f"<BtchBookg>true</BtchBookg>{totals}"
        "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>"
        f"<ReqdExctnDt><Dt>{head.execute_on}</Dt></ReqdExctnDt>"
        f"<Dbtr>{name}{_address(head.debtor_address)}</Dbtr>"
        f"<DbtrAcct>{_iban(head.debtor_iban)}<Ccy>EUR</Ccy></DbtrAcct>"
        f"<DbtrAgt>{_agent(head.debtor_bic) or _NOT_PROVIDED}</DbtrAgt>"
        "<ChrgBr>SLEV</ChrgBr>\n"
    )
    return f"{opening}{''.join(map(_transfer, payments))}</PmtInf></CstmrCdtTrfInitn></Document>\n"


def _transfer(payment: Payment) -> str:
    agent = f"<CdtrAgt>{_agent(payment.bic)}</CdtrAgt>" if payment.bic else ""
    remittance = _text("Ustrd", payment.text, _MAX_TEXT)
    return (
        f"<CdtTrfTxInf><PmtId><EndToEndId>{payment.end_to_end_id}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="EUR">{to_text(payment.amount_minor)}</InstdAmt></Amt>{agent}'
        f"<Cdtr>{_text('Nm', payment.creditor_name, _MAX_NAME)}{_address(payment.address)}</Cdtr>"
        f"<CdtrAcct>{_iban(payment.iban)}</CdtrAcct>"
        f"{f'<RmtInf>{remittance}</RmtInf>' if remittance else ''}</CdtTrfTxInf>\n"
    )


_NOT_PROVIDED = "<FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId>"


def _agent(bic: str | None) -> str:
    return f"<FinInstnId><BICFI>{_compact(bic)}</BICFI></FinInstnId>" if bic else ""


def _iban(iban: str) -> str:
    return f"<Id><IBAN>{_compact(iban)}</IBAN></Id>"


def _compact(code: str) -> str:
    return "".join(code.split()).upper()


def _address(address: Address | None) -> str:
    if address is None or not address.city or not address.country:
        return ""
    return (
        f"<PstlAdr>{_text('StrtNm', address.street or '', _MAX_NAME)}"
        f"{_text('PstCd', address.post_code or '', 16)}{_text('TwnNm', address.city, 35)}"
        f"<Ctry>{escaped(address.country)}</Ctry></PstlAdr>"
    )


def _text(name: str, text: str, size: int) -> str:
    """Names are cut to what the scheme carries (payees are told by their IBAN)."""
    plain = sepa_text(text)[:size].strip()
    return f"<{name}>{escaped(plain)}</{name}>" if plain else ""


@lru_cache(maxsize=1)
def _schema() -> Any:
    """The schema that ships in the sepaxml package, compiled once a process."""
    with as_file(files("sepaxml") / "schemas" / f"{MESSAGE}.xsd") as path:
        return xml.schema(str(path))
