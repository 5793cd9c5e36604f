"""A statement as banks report accounts: camt.053, MT940 and CFONB 120, of the same entries."""

from __future__ import annotations

import re
from datetime import datetime

from msgspec.structs import replace

from cessio.banking.formats.camt_writer import camt053_bytes
from cessio.banking.formats.cfonb120_writer import cfonb120_bytes
from cessio.banking.formats.mt940_writer import mt940_bytes
from cessio.banking.formats.statement import (
    Balance,
    ParsedDetail,
    ParsedEntry,
    ParsedStatement,
    Party,
)
from cessio.ledger import TransactionKind
from cessio.statements.formats.words import describe, noted
from cessio.statements.rules import Section, SectionKind, Statement, StatementLine

#: An end-to-end reference is no longer.
MAX_REFERENCE = 35

#: What MT940 calls our movements (field 61); others are miscellaneous.
_TYPES = {
    TransactionKind.COMMISSION.value: "COM",
    TransactionKind.ANNUAL_MINIMUM.value: "COM",
    TransactionKind.SERVICE_FEE.value: "CHG",
    TransactionKind.FINANCING_COMMISSION.value: "INT",
    TransactionKind.DRAWDOWN.value: "TRF",
    TransactionKind.CASH_FROM_CLIENT.value: "TRF",
    TransactionKind.CASH_REFUND.value: "TRF",
}
#: The interbank code of what we charge; the list of the others is not public: theirs stay open.
_OPERATIONS = {
    TransactionKind.COMMISSION.value: "62",
    TransactionKind.ANNUAL_MINIMUM.value: "62",
    TransactionKind.SERVICE_FEE.value: "62",
}


def camt_file(
    statement: Statement, *, owner: str, bic: str | None, code: str, at: datetime
) -> bytes:
    """The current account, and the fund as a second statement."""
    return camt053_bytes(_accounts(statement, owner, bic), message_id=code, created_at=at)


def mt940_file(statement: Statement, *, owner: str, code: str) -> bytes:
    """The same accounts in MT940; the verification code is the reference of both."""
    return mt940_bytes(_accounts(statement, owner, None), reference=code, types=_TYPES)


def cfonb_file(statement: Statement, *, owner: str, code: str) -> bytes:
    """The same accounts in CFONB 120, whose numbers have eleven characters."""
    named = [
        replace(one, account=_short(statement, section))
        for one, section in zip(
            _accounts(statement, owner, None), (statement.current, statement.retention),
            strict=True,
        )
    ]  # fmt: skip
    return cfonb120_bytes(named, reference=code, operations=_OPERATIONS)


def _accounts(statement: Statement, owner: str, bic: str | None) -> list[ParsedStatement]:
    return [
        _account(statement, section, owner, bic)
        for section in (statement.current, statement.retention)
    ]


def _short(statement: Statement, section: Section) -> str:
    """The contract's reference where it fits, its number where it does not."""
    plain = re.sub("[^A-Z0-9]", "", statement.reference.upper())
    if not plain or len(plain) > 9:
        plain = f"{statement.contract_id:09d}"
    return plain + ("CC" if section.kind is SectionKind.CURRENT else "FG")


def _account(
    statement: Statement, section: Section, owner: str, bic: str | None
) -> ParsedStatement:
    suffix = "" if section.kind is SectionKind.CURRENT else "-FG"
    opening = Balance("OPBD", section.opening_minor, statement.from_on)
    closing = Balance("CLBD", section.closing_minor, statement.to_on)
    return ParsedStatement(
        kind="camt.053",
        statement_ref=f"{statement.reference}{suffix}-{statement.to_on:%Y%m%d}",
        currency=statement.currency, account=f"{statement.reference}{suffix}",
        owner=owner, servicer_bic=bic,
        created_on=statement.to_on, from_on=statement.from_on, to_on=statement.to_on,
        opening=opening, closing=closing, balances=(opening, closing),
        entries=tuple(
            ParsedEntry(
                amount_minor=line.amount_minor, currency=statement.currency,
                booked_on=line.booked_on, value_date=line.value_date,
                bank_ref=f"T{line.transaction_id}", is_reversal=line.reversed_kind is not None,
                proprietary_code=line.reversed_kind or line.kind,
                details=(_detail(line),),
            )
            for line in section.lines
        ),
    )  # fmt: skip


def _detail(line: StatementLine) -> ParsedDetail:
    """The movement's words and reference; a code of ours is no reference, its words are told."""
    said = noted(line)
    named = said if said == line.memo and len(said) <= MAX_REFERENCE else None
    told = describe(line) if named or not said else f"{describe(line)} : {said}"
    return ParsedDetail(end_to_end_id=named, creditor=Party(), remittance=(told[:140],))
