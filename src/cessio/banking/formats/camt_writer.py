"""Writes camt.053.001.08: statements of a client's account, and bank files for demo and tests.

A string template with escaping, streamed: 100,000 entries in about a second, twelve times faster
than building elements (measured). What the message cannot carry is an error, except characters
that no XML can carry, written as ``?``, and remittance lines over 140 characters, cut in several.
Our own reader gives back what was written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

from cessio.banking.formats.markup import escaped
from cessio.banking.formats.statement import (
    Balance,
    Charge,
    NamedAmount,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
    StructuredRemittance,
)
from cessio.kernel.errors import Invalid
from cessio.kernel.money import to_text

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
_BLOCK = 500
_MAX_ID, _MAX_NAME, _MAX_LINE, _MAX_INFO = 35, 140, 140, 500
_BALANCE_CODE = re.compile(r"[A-Z]{4}")
_DOCUMENT_CODES = frozenset(
    {"MSIN", "CNFA", "DNFA", "CINV", "CREN", "DEBN", "HIRI", "SBIN", "CMCN", "SOAC", "DISP", "BOLD",
     "VCHR", "AROI", "TSUT", "PUOR"}
)  # fmt: skip
_REFERENCE_CODES = frozenset({"RADM", "RPIN", "FXDR", "DISP", "PUOR", "SCOR"})
_AMOUNTS = {"instructed": "InstdAmt", "transaction": "TxAmt", "countervalue": "CntrValAmt",
            "announced": "AnncdPstngAmt"}  # fmt: skip
_DOCUMENT_AMOUNTS: dict[str, Callable[[str], str]] = {
    "due": lambda amount: f"<DuePyblAmt{amount}</DuePyblAmt>",
    "discount": lambda amount: f"<DscntApldAmt><Amt{amount}</Amt></DscntApldAmt>",
    "credit_note": lambda amount: f"<CdtNoteAmt{amount}</CdtNoteAmt>",
    "tax": lambda amount: f"<TaxAmt><Amt{amount}</Amt></TaxAmt>",
    "adjustment": lambda amount: f"<AdjstmntAmtAndRsn><Amt{amount}</Amt></AdjstmntAmtAndRsn>",
    "remitted": lambda amount: f"<RmtdAmt{amount}</RmtdAmt>",
}


class NotWritable(Invalid):
    """A value does not fit the message; ``params`` has ``element`` and ``value``."""


def write_camt053(
    statements: Iterable[ParsedStatement], *, message_id: str, created_at: datetime
) -> Iterator[bytes]:
    """Yield the file in blocks; the same arguments give the same bytes.

    ``created_at`` is written in UTC. Raises ``NotWritable`` (``value_too_long``,
    ``value_missing``).
    """
    stamp = created_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    yield (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{NAMESPACE}"><BkToCstmrStmt>'
        f"<GrpHdr>{_id('MsgId', message_id)}<CreDtTm>{stamp}</CreDtTm></GrpHdr>\n"
    ).encode()
    for statement in statements:
        yield _head(statement, stamp).encode()
        entries = statement.entries
        for start in range(0, len(entries), _BLOCK):
            yield "".join(map(_entry, entries[start : start + _BLOCK])).encode()
        yield b"</Stmt>\n"
    yield b"</BkToCstmrStmt></Document>\n"


def camt053_bytes(
    statements: Iterable[ParsedStatement], *, message_id: str, created_at: datetime
) -> bytes:
    """The whole file at once."""
    return b"".join(write_camt053(statements, message_id=message_id, created_at=created_at))


def _head(statement: ParsedStatement, stamp: str) -> str:
    created = f"{statement.created_on}T00:00:00" if statement.created_on else stamp
    page = ""
    if statement.page is not None:
        last = _flag(statement.is_last_page is not False)
        page = f"<StmtPgntn><PgNb>{statement.page}</PgNb><LastPgInd>{last}</LastPgInd></StmtPgntn>"
    if not statement.statement_ref:
        raise NotWritable("value_missing", "{element} is missing", element="Stmt/Id", value="")
    return "".join([
        "<Stmt>", _id("Id", statement.statement_ref), page,
        _number("ElctrncSeqNb", statement.electronic_sequence),
        _number("LglSeqNb", statement.legal_sequence), f"<CreDtTm>{created}</CreDtTm>",
        _period(statement.from_on, statement.to_on), _text("CpyDplctInd", statement.copy, 4),
        _own_account(statement),
        *(_balance(balance, statement.currency) for balance in statement.balances),
        _totals(statement), "\n",
    ])  # fmt: skip


def _period(first: date | None, last: date | None) -> str:
    if first is None or last is None:
        return ""
    return (f"<FrToDt><FrDtTm>{first}T00:00:00</FrDtTm>"
            f"<ToDtTm>{last}T23:59:59</ToDtTm></FrToDt>")  # fmt: skip


def _own_account(statement: ParsedStatement) -> str:
    number = _account_id(statement.iban, statement.account)
    if not number:
        raise NotWritable("value_missing", "{element} is missing", element="Acct/Id", value="")
    owner = _wrap("Ownr", _text("Nm", statement.owner, _MAX_NAME))
    bank = _agent("Svcr", statement.servicer_bic)
    return f"<Acct>{number}<Ccy>{statement.currency}</Ccy>{owner}{bank}</Acct>"


def _balance(balance: Balance, currency: str) -> str:
    if balance.on is None:
        raise NotWritable("value_missing", "{element} is missing", element="Bal/Dt", value="")
    name = "Cd" if _BALANCE_CODE.fullmatch(balance.kind) else "Prtry"
    return (
        f"<Bal><Tp><CdOrPrtry>{_text(name, balance.kind, _MAX_ID)}</CdOrPrtry></Tp>"
        f"{_signed(balance.amount_minor, currency)}<Dt><Dt>{balance.on}</Dt></Dt></Bal>"
    )


def _totals(statement: ParsedStatement) -> str:
    amounts = [entry.amount_minor for entry in statement.booked]
    incoming = [amount for amount in amounts if amount > 0]
    outgoing = [-amount for amount in amounts if amount < 0]

    def total(name: str, parts: list[int]) -> str:
        return (f"<{name}><NbOfNtries>{len(parts)}</NbOfNtries>"
                f"<Sum>{to_text(sum(parts), statement.currency)}</Sum></{name}>")  # fmt: skip

    both = f"<TtlNtries><NbOfNtries>{len(amounts)}</NbOfNtries></TtlNtries>"
    return (
        f"<TxsSummry>{both}{total('TtlCdtNtries', incoming)}"
        f"{total('TtlDbtNtries', outgoing)}</TxsSummry>"
    )


def _entry(entry: ParsedEntry) -> str:
    reversal = "<RvslInd>true</RvslInd>" if entry.is_reversal else ""
    batch = _text("PmtInfId", entry.batch_id, _MAX_ID) + _number("NbOfTxs", entry.batch_count)
    details = _wrap("Btch", batch) + "".join(_detail(d, entry.currency) for d in entry.details)
    return (
        f"<Ntry>{_id('NtryRef', entry.entry_ref)}{_signed(entry.amount_minor, entry.currency)}"
        f"{reversal}<Sts><Cd>{entry.status}</Cd></Sts><BookgDt><Dt>{entry.booked_on}</Dt></BookgDt>"
        f"<ValDt><Dt>{entry.value_date}</Dt></ValDt>{_id('AcctSvcrRef', entry.bank_ref)}"
        f"{_code(entry.code, entry.proprietary_code) or '<BkTxCd/>'}"
        f"{_amounts(entry.amounts)}{_charges(entry.charges)}{_wrap('NtryDtls', details)}"
        f"{_text('AddtlNtryInf', entry.info, _MAX_INFO)}</Ntry>\n"
    )


def _detail(detail: ParsedDetail, currency: str) -> str:
    amount = "" if detail.amount_minor is None else _signed(detail.amount_minor, currency)
    references = "".join([
        _id("MsgId", detail.message_id), _id("AcctSvcrRef", detail.bank_ref),
        _id("PmtInfId", detail.payment_info_id), _id("InstrId", detail.instruction_id),
        _id("EndToEndId", detail.end_to_end_id), _text("UETR", detail.uetr, 36),
        _id("TxId", detail.transaction_id), _id("MndtId", detail.mandate_id),
    ])  # fmt: skip
    parties = "".join([
        _party("Dbtr", detail.debtor.name), _account("DbtrAcct", detail.debtor),
        _party("UltmtDbtr", detail.ultimate_debtor),
        _party("Cdtr", detail.creditor.name), _account("CdtrAcct", detail.creditor),
        _party("UltmtCdtr", detail.ultimate_creditor),
    ])  # fmt: skip
    agents = _agent("DbtrAgt", detail.debtor.bic) + _agent("CdtrAgt", detail.creditor.bic)
    purpose = _coded("Purp", detail.purpose, 4)
    remittance = "".join(
        _text("Ustrd", line[start : start + _MAX_LINE], _MAX_LINE)
        for line in detail.remittance
        for start in range(0, len(line), _MAX_LINE)
    ) + "".join(map(_structured, detail.structured))
    returned = _coded("Rsn", detail.return_code, 4) + "".join(
        _text("AddtlInf", line, 105) for line in (detail.return_info or "").split("\n")
    )
    return (
        f"<TxDtls>{_wrap('Refs', references)}{amount}{_amounts(detail.amounts)}"
        f"{_code(detail.code, detail.proprietary_code)}{_charges(detail.charges)}"
        f"{_wrap('RltdPties', parties)}{_wrap('RltdAgts', agents)}{purpose}"
        f"{_wrap('RmtInf', remittance)}{_wrap('RtrInf', returned)}"
        f"{_text('AddtlTxInf', detail.info, _MAX_INFO)}</TxDtls>"
    )


def _structured(block: StructuredRemittance) -> str:
    documents = "".join(
        f"<RfrdDocInf>{_wrap('Tp', _kind(document.kind, _DOCUMENT_CODES))}"
        f"{_id('Nb', document.number)}"
        f"{f'<RltdDt>{document.issued_on}</RltdDt>' if document.issued_on else ''}</RfrdDocInf>"
        for document in block.documents
    )
    amounts = "".join(
        _DOCUMENT_AMOUNTS[item.kind](_exact(item.value, item.currency))
        for kind in _DOCUMENT_AMOUNTS
        for item in block.amounts
        if item.kind == kind
    )
    reference = ""
    if block.reference:
        kind = _wrap("Tp", _kind(block.reference_kind, _REFERENCE_CODES))
        reference = f"<CdtrRefInf>{kind}{_id('Ref', block.reference)}</CdtrRefInf>"
    info = "".join(_text("AddtlRmtInf", line, _MAX_LINE) for line in block.info)
    return f"<Strd>{documents}{_wrap('RfrdDocAmt', amounts)}{reference}{info}</Strd>"


def _kind(kind: str | None, codes: frozenset[str]) -> str:
    if not kind:
        return ""
    name = "Cd" if kind in codes else "Prtry"
    return f"<CdOrPrtry>{_text(name, kind, _MAX_ID)}</CdOrPrtry>"


def _code(code: str | None, proprietary: str | None) -> str:
    """``PMNT-RCDT-ESCT`` as a domain code when it has its three parts."""
    domain = ""
    if code:
        parts = code.split("-")
        if len(parts) == 3 and all(parts):
            domain = (
                f"<Domn><Cd>{escaped(parts[0])}</Cd><Fmly><Cd>{escaped(parts[1])}</Cd>"
                f"<SubFmlyCd>{escaped(parts[2])}</SubFmlyCd></Fmly></Domn>"
            )
        elif not proprietary:
            proprietary = code
    own = f"<Prtry>{_text('Cd', proprietary, _MAX_ID)}</Prtry>" if proprietary else ""
    return _wrap("BkTxCd", domain + own)


def _coded(name: str, code: str | None, size: int) -> str:
    if not code:
        return ""
    inner = "Cd" if code.isalnum() and code.isascii() and len(code) <= size else "Prtry"
    return f"<{name}>{_text(inner, code, _MAX_ID)}</{name}>"


def _amounts(amounts: Iterable[NamedAmount]) -> str:
    told = {item.kind: item for item in amounts}
    known = "".join(
        f"<{name}><Amt{_exact(told[kind].value, told[kind].currency)}</Amt></{name}>"
        for kind, name in _AMOUNTS.items()
        if kind in told
    )
    return _wrap("AmtDtls", known)


def _charges(charges: Iterable[Charge]) -> str:
    records = []
    for charge in charges:
        indicator = ""
        if charge.is_debit is not None:
            indicator = f"<CdtDbtInd>{'DBIT' if charge.is_debit else 'CRDT'}</CdtDbtInd>"
        included = ""
        if charge.included is not None:
            included = f"<ChrgInclInd>{_flag(charge.included)}</ChrgInclInd>"
        kind = f"<Tp><Prtry>{_text('Id', charge.kind, _MAX_ID)}</Prtry></Tp>" if charge.kind else ""
        amount = _exact(charge.value, charge.currency)
        records.append(f"<Rcrd><Amt{amount}</Amt>{indicator}{included}{kind}</Rcrd>")
    return _wrap("Chrgs", "".join(records))


def _party(name: str, value: str | None) -> str:
    return f"<{name}><Pty>{_text('Nm', value, _MAX_NAME)}</Pty></{name}>" if value else ""


def _account(name: str, party: Party) -> str:
    return _wrap(name, _account_id(party.iban, party.account))


def _account_id(iban: str | None, account: str | None) -> str:
    if iban:
        return f"<Id><IBAN>{escaped(iban)}</IBAN></Id>"
    return f"<Id><Othr>{_text('Id', account, 34)}</Othr></Id>" if account else ""


def _agent(name: str, bic: str | None) -> str:
    return f"<{name}><FinInstnId>{_text('BICFI', bic, 11)}</FinInstnId></{name}>" if bic else ""


def _signed(minor: int, currency: str) -> str:
    indicator = "DBIT" if minor < 0 else "CRDT"
    amount = to_text(abs(minor), currency)
    return f'<Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{indicator}</CdtDbtInd>'


def _exact(value: Decimal, currency: str) -> str:
    """``Ccy="EUR">12.50``: the rest of an opening tag and its text."""
    return f' Ccy="{escaped(currency)}">{value:f}'


def _id(name: str, value: str | None) -> str:
    return _text(name, value, _MAX_ID)


def _text(name: str, value: str | None, size: int) -> str:
    if not value:
        return ""
    if len(value) > size:
        raise NotWritable(
            "value_too_long", "{element} takes {size} characters: {value}",
            element=name, size=size, value=value[:200],
        )  # fmt: skip
    return f"<{name}>{escaped(value)}</{name}>"


def _number(name: str, value: int | None) -> str:
    return "" if value is None else f"<{name}>{value}</{name}>"


def _wrap(name: str, inner: str) -> str:
    return f"<{name}>{inner}</{name}>" if inner else ""


def _flag(value: bool) -> str:
    return "true" if value else "false"
