"""Importing a bank statement: each movement once, the bank's ledger account equal to the bank.

The whole statement is one ledger transaction (BANK against SUSPENSE_CASH, money in and money out
apart); its lines are then applied one by one by the capabilities above.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from cessio import audit, documents, ledger
from cessio.banking import queries
from cessio.banking.formats.camt import read_camt
from cessio.banking.formats.statement import (
    ParsedDetail,
    ParsedEntry,
    ParsedFile,
    ParsedStatement,
    ReadWarning,
    StatementRefused,
)
from cessio.banking.models import BankStatement
from cessio.banking.queries import AccountView, LastStatement
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind
from cessio.plumbing.database import copy_rows


class StatementKnown(Conflict):
    """The file, the statement or some of its movements were imported before."""


@dataclass(frozen=True, slots=True)
class ImportedStatement:
    """A statement now in the books, and what was odd about it."""

    statement_id: int
    account_id: int
    account_name: str
    statement_ref: str
    from_on: date
    to_on: date
    line_count: int
    movements_minor: int
    warnings: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class _Movement:
    """One line to store."""

    entry: ParsedEntry
    detail: ParsedDetail
    amount_minor: int

    @property
    def party(self) -> tuple[str | None, str | None]:
        """Name and account of the other side."""
        other = self.detail.debtor if self.amount_minor > 0 else self.detail.creditor
        ultimate = (
            self.detail.ultimate_debtor if self.amount_minor > 0 else self.detail.ultimate_creditor
        )
        return other.name or ultimate, other.iban

    @property
    def text(self) -> str | None:
        """All the free text, as the payer wrote it."""
        structured = [part for block in self.detail.structured for part in block.info]
        parts = [*self.detail.remittance, *structured]
        return " ".join(parts) or self.detail.info or self.entry.info or None


def import_statement(
    session: Session, *, data: bytes, filename: str, by: str, at: datetime
) -> tuple[ImportedStatement, ...]:
    """Import every statement of a camt.053 file, or nothing of it.

    Raises what the reader refuses (``XmlRefused``, ``StatementRefused``), ``StatementRefused``
    for an account or currency that is not ours, ``StatementKnown`` for what was imported before.
    """
    sha256 = hashlib.sha256(data).digest()
    earlier = queries.file_imported(session, sha256=sha256)
    if earlier is not None:
        raise StatementKnown(
            "statement_file_known", "this very file was imported on {on} as {filename}",
            on=business_date(earlier.at), filename=earlier.filename,
        )  # fmt: skip
    parsed = read_camt(data)
    if not parsed.format.startswith("camt.053"):
        raise StatementRefused(
            "statement_not_final",
            "{format} announces movements; import the camt.053 that books them",
            format=parsed.format,
        )  # fmt: skip
    stored = documents.store(
        session, kind="bank_statement", subject_kind="bank", subject_id=0, filename=filename,
        media_type="application/xml", content=data, by=by, at=at,
    )  # fmt: skip
    return tuple(
        _import(session, parsed, statement, stored.id, by=by, at=at)
        for statement in parsed.statements
    )


def _import(
    session: Session, parsed: ParsedFile, statement: ParsedStatement, document_id: int, *,
    by: str, at: datetime,
) -> ImportedStatement:  # fmt: skip
    account = _account(session, statement)
    movements = list(_movements(statement))
    from_on, to_on = _period(statement, movements)
    reference = statement.statement_ref or f"{from_on:%Y%m%d}-{to_on:%Y%m%d}"
    _refuse_known(session, account, reference, from_on, to_on)
    previous = queries.last_statement(session, account_id=account.account_id, before=to_on)
    warnings = [
        *(_as_json(one) for one in (*parsed.warnings, *statement.warnings)),
        *_gaps(statement, previous, from_on),
    ]
    moved = sum(movement.amount_minor for movement in movements)
    row = BankStatement(
        account_id=account.account_id, document_id=document_id, format=parsed.format,
        statement_ref=reference,
        sequence=statement.electronic_sequence or statement.legal_sequence,
        from_on=from_on, to_on=to_on,
        balances_known=statement.opening is not None and statement.closing is not None,
        opening_minor=statement.opening.amount_minor if statement.opening else 0,
        movements_minor=moved,
        closing_minor=statement.closing.amount_minor if statement.closing else moved,
        line_count=len(movements), warnings=warnings, imported_at=at, imported_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _store_lines(session, row.id, account, movements)
    _post(session, row, account, movements, by=by, at=at)
    audit.record(
        session, verb="imported_statement", subject_kind="bank_statement", subject_id=row.id,
        after={"reference": reference, "lines": len(movements), "movements_minor": moved},
        by=by, at=at,
    )  # fmt: skip
    return ImportedStatement(
        row.id, account.account_id, account.name, reference, from_on, to_on, len(movements),
        moved, tuple(warnings),
    )  # fmt: skip


def _account(session: Session, statement: ParsedStatement) -> AccountView:
    number = statement.iban or statement.account or ""
    account = queries.account_by_iban(session, iban=number)
    if account is None:
        raise StatementRefused(
            "statement_account_unknown", "{account} is not one of the factor's accounts",
            account=number,
        )  # fmt: skip
    if account.currency != statement.currency:
        raise StatementRefused(
            "statement_currency", "the statement is in {found}, the account in {expected}",
            found=statement.currency, expected=account.currency,
        )  # fmt: skip
    return account


def _movements(statement: ParsedStatement) -> Iterator[_Movement]:
    """The booked movements; a batch whose details add up to it is told payment by payment."""
    for entry in statement.booked:
        if entry.is_split:
            for detail in entry.details:
                if detail.amount_minor:
                    yield _Movement(entry, detail, detail.amount_minor)
        elif entry.amount_minor:
            detail = entry.details[0] if len(entry.details) == 1 else ParsedDetail()
            yield _Movement(entry, detail, entry.amount_minor)


def _period(statement: ParsedStatement, movements: Sequence[_Movement]) -> tuple[date, date]:
    """The days a statement covers: as it says, else by its balances, else by its movements."""
    days = [movement.entry.booked_on for movement in movements]
    balances = [b.on for b in (statement.opening, statement.closing) if b is not None and b.on]
    known = [
        on for on in (statement.from_on, statement.to_on, *balances, statement.created_on)
        if on is not None
    ]  # fmt: skip
    if not (days or known):
        raise StatementRefused(
            "statement_undated", "the statement has no movement and says no date"
        )
    start = statement.from_on or min(days or known)
    end = statement.to_on or max(days or known)
    return min(start, *days, end) if days else min(start, end), max(start, end, *days)


def _refuse_known(
    session: Session, account: AccountView, reference: str, from_on: date, to_on: date
) -> None:
    known = queries.statement_known(
        session, account_id=account.account_id, reference=reference, from_on=from_on, to_on=to_on
    )
    if known is not None:
        raise StatementKnown(
            "statement_known", "statement {reference} of {account} was imported on {on}",
            reference=reference, account=account.name, on=business_date(known),
        )  # fmt: skip


def _gaps(
    statement: ParsedStatement, previous: LastStatement | None, from_on: date
) -> list[dict[str, Any]]:
    if previous is None:
        return []
    found: list[dict[str, Any]] = []
    opening = statement.opening
    if (
        opening is not None
        and previous.balances_known
        and (opening.amount_minor != previous.closing_minor)
    ):
        found.append(
            {"code": "statement_gap", "expected_minor": previous.closing_minor,
             "found_minor": opening.amount_minor, "previous": previous.statement_ref}
        )  # fmt: skip
    number = statement.electronic_sequence or statement.legal_sequence
    if number is not None and previous.sequence is not None and number > previous.sequence + 1:
        found.append({"code": "statement_missing", "from": previous.sequence + 1, "to": number - 1})
    if from_on < previous.to_on:
        found.append({"code": "statement_overlaps", "previous": previous.statement_ref})
    return found


_LINE_COLUMNS = (
    "statement_id", "account_id", "position", "fingerprint", "occurrence", "amount_minor",
    "booked_on", "value_date", "is_reversal", "bank_ref", "end_to_end_id", "transaction_code",
    "party_name", "party_iban", "remittance_text", "structured_references", "return_code",
)  # fmt: skip


def _store_lines(
    session: Session, statement_id: int, account: AccountView, movements: Sequence[_Movement]
) -> None:
    seen: Counter[bytes] = Counter()
    rows = []
    for position, movement in enumerate(movements, start=1):
        entry, detail = movement.entry, movement.detail
        name, iban = movement.party
        reference = detail.bank_ref or detail.transaction_id or entry.bank_ref
        facts = (
            entry.booked_on, entry.value_date, movement.amount_minor, reference,
            detail.end_to_end_id, name, iban, movement.text, detail.references,
        )  # fmt: skip
        fingerprint = hashlib.sha256(repr(facts).encode()).digest()
        seen[fingerprint] += 1
        rows.append(
            (
                statement_id, account.account_id, position, fingerprint, seen[fingerprint],
                movement.amount_minor, entry.booked_on, entry.value_date, entry.is_reversal,
                reference, detail.end_to_end_id, detail.code or entry.code, name, iban,
                movement.text, list(detail.references), detail.return_code,
            )
        )  # fmt: skip
    _refuse_repeated(session, account, [(row[3], row[4]) for row in rows])
    copy_rows(session, "bank_line", _LINE_COLUMNS, rows)


def _refuse_repeated(
    session: Session, account: AccountView, keys: Sequence[tuple[Any, Any]]
) -> None:
    known = queries.lines_known(
        session, account_id=account.account_id, fingerprints=[key[0] for key in keys]
    )
    repeated = [known[key] for key in keys if key in known]
    if repeated:
        raise StatementKnown(
            "statement_lines_known",
            "{count} of its movements were imported before, in statement {reference}",
            count=len(repeated), reference=repeated[0],
        )  # fmt: skip


def _post(
    session: Session, row: BankStatement, account: AccountView, movements: Sequence[_Movement], *,
    by: str, at: datetime,
) -> None:  # fmt: skip
    bank = AccountKey(AccountKind.BANK, account.currency, bank_id=account.account_id)
    suspense = AccountKey(AccountKind.SUSPENSE_CASH, account.currency, bank_id=account.account_id)
    money_in = sum(m.amount_minor for m in movements if m.amount_minor > 0)
    money_out = sum(m.amount_minor for m in movements if m.amount_minor < 0)
    lines = [
        Line(key, minor)
        for minor, key in (
            (money_in, bank), (-money_in, suspense), (money_out, bank), (-money_out, suspense),
        )
        if minor
    ]  # fmt: skip
    if lines:
        posting = Posting(
            kind=TransactionKind.BANK_STATEMENT, source_kind="bank_statement", source_id=row.id,
            effect="statement", value_date=row.to_on, memo=row.statement_ref, lines=tuple(lines),
        )  # fmt: skip
        ledger.post(session, posting, by=by, at=at)


def _as_json(warning: ReadWarning) -> dict[str, Any]:
    return {name: getattr(warning, name) for name in ("code", "where", "line", "count", "detail")}
