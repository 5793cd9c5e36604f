"""Reading our accounts, the statements imported and their lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BindParameter, LargeBinary, any_, bindparam, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from cessio.banking.models import BankLine, BankStatement, FactorAccount
from cessio.documents.models import Document
from cessio.kernel.errors import NotFound
from cessio.ledger import AccountKey, AccountKind
from cessio.ledger import queries as ledger


@dataclass(frozen=True, slots=True)
class AccountView:
    """One of the factor's bank accounts."""

    account_id: int
    name: str
    iban: str
    bic: str
    holder: str
    currency: str
    is_payout: bool


@dataclass(frozen=True, slots=True)
class AccountPosition:
    """What an account holds by our books, by its last statement, and what is not allocated."""

    account: AccountView
    books_minor: int
    bank_minor: int | None
    bank_on: date | None
    unallocated_minor: int


@dataclass(frozen=True, slots=True)
class LastStatement:
    """The statement before another, for continuity."""

    statement_ref: str
    sequence: int | None
    to_on: date
    balances_known: bool
    closing_minor: int


@dataclass(frozen=True, slots=True)
class FileSeen:
    """A bank file that was imported before."""

    at: datetime
    filename: str


@dataclass(frozen=True, slots=True)
class StatementView:
    """An imported statement, with how much of it is still to be applied."""

    statement_id: int
    account_id: int
    account_name: str
    currency: str
    format: str
    statement_ref: str
    sequence: int | None
    from_on: date
    to_on: date
    balances_known: bool
    opening_minor: int
    movements_minor: int
    closing_minor: int
    line_count: int
    open_count: int
    open_minor: int
    warnings: tuple[dict[str, Any], ...]
    imported_at: datetime
    imported_by: str
    document_id: int


@dataclass(frozen=True, slots=True)
class LineView:
    """A movement of a statement; ``open_minor`` is what of it is not applied yet."""

    line_id: int
    position: int
    amount_minor: int
    open_minor: int
    booked_on: date
    value_date: date
    party_name: str | None
    party_iban: str | None
    text: str | None
    end_to_end_id: str | None
    bank_ref: str | None
    is_reversal: bool
    return_code: str | None


def accounts(session: Session) -> list[AccountView]:
    """The factor's accounts by name."""
    return [_account(row) for row in session.scalars(select(FactorAccount).order_by("name"))]


def account_by_iban(session: Session, *, iban: str) -> AccountView | None:
    """One of our accounts by its number."""
    row = session.scalar(select(FactorAccount).where(FactorAccount.iban == iban))
    return _account(row) if row else None


def account(session: Session, *, account_id: int) -> AccountView:
    """One of our accounts. Raises ``NotFound``."""
    row = session.get(FactorAccount, account_id)
    if row is None:
        raise NotFound("account_unknown", "there is no such account of the factor")
    return _account(row)


def positions(session: Session) -> list[AccountPosition]:
    """Every account with its balance by our books and by the bank."""
    found = []
    for view in accounts(session):
        last = last_statement(session, account_id=view.account_id, before=None)
        known = last is not None and last.balances_known
        bank = AccountKey(AccountKind.BANK, view.currency, bank_id=view.account_id)
        suspense = AccountKey(AccountKind.SUSPENSE_CASH, view.currency, bank_id=view.account_id)
        found.append(
            AccountPosition(
                view, ledger.balance(session, bank),
                last.closing_minor if last and known else None, last.to_on if last else None,
                -ledger.balance(session, suspense),
            )
        )  # fmt: skip
    return found


def file_imported(session: Session, *, sha256: bytes) -> FileSeen | None:
    """When these very bytes were imported as a bank statement, if they were."""
    row = session.execute(
        select(Document.at, Document.filename)
        .where(Document.sha256 == sha256, Document.kind == "bank_statement")
        .limit(1)
    ).first()
    return FileSeen(row[0], row[1]) if row else None


def statement_known(
    session: Session, *, account_id: int, reference: str, from_on: date, to_on: date
) -> datetime | None:
    """When the same statement was imported, if it was."""
    model = BankStatement
    return session.scalar(
        select(model.imported_at).where(
            model.account_id == account_id, model.statement_ref == reference,
            model.from_on == from_on, model.to_on == to_on,
        )
    )  # fmt: skip


def last_statement(
    session: Session, *, account_id: int, before: date | None
) -> LastStatement | None:
    """The latest statement of an account that ends before a day (or at all)."""
    model = BankStatement
    query = (
        select(model.statement_ref, model.sequence, model.to_on, model.balances_known,
               model.closing_minor)
        .where(model.account_id == account_id)
        .order_by(model.to_on.desc(), model.id.desc())
        .limit(1)
    )  # fmt: skip
    if before is not None:
        query = query.where(model.to_on <= before)
    row = session.execute(query).first()
    return LastStatement(*row) if row else None


def lines_known(
    session: Session, *, account_id: int, fingerprints: Sequence[bytes]
) -> dict[tuple[bytes, int], str]:
    """Movements imported before, by (fingerprint, occurrence), with their statement."""
    rows = session.execute(
        select(BankLine.fingerprint, BankLine.occurrence, BankStatement.statement_ref)
        .join(BankStatement, BankStatement.id == BankLine.statement_id)
        .where(BankLine.account_id == account_id)
        .where(BankLine.fingerprint == any_(_hashes(fingerprints)))
    )
    return {(row[0], row[1]): row[2] for row in rows}


def statements(
    session: Session, *, account_id: int | None = None, before_id: int | None = None,
    limit: int = 50,
) -> list[StatementView]:  # fmt: skip
    """Imported statements, latest first (keyset by id)."""
    query = _statements().order_by(BankStatement.id.desc()).limit(limit)
    if account_id is not None:
        query = query.where(BankStatement.account_id == account_id)
    if before_id is not None:
        query = query.where(BankStatement.id < before_id)
    return [_statement(row) for row in session.execute(query)]


def statement(session: Session, *, statement_id: int) -> StatementView:
    """One imported statement. Raises ``NotFound``."""
    row = session.execute(_statements().where(BankStatement.id == statement_id)).one_or_none()
    if row is None:
        raise NotFound("statement_unknown", "there is no such bank statement")
    return _statement(row)


def lines(
    session: Session, *, statement_id: int, after: int = 0, limit: int = 200
) -> list[LineView]:
    """The movements of a statement in its order (keyset by position)."""
    model = BankLine
    rows = session.scalars(
        select(model)
        .where(model.statement_id == statement_id, model.position > after)
        .order_by(model.position)
        .limit(limit)
    )
    return [
        LineView(
            line_id=row.id, position=row.position, amount_minor=row.amount_minor,
            open_minor=row.amount_minor - row.applied_minor, booked_on=row.booked_on,
            value_date=row.value_date, party_name=row.party_name, party_iban=row.party_iban,
            text=row.remittance_text, end_to_end_id=row.end_to_end_id, bank_ref=row.bank_ref,
            is_reversal=row.is_reversal, return_code=row.return_code,
        )
        for row in rows
    ]  # fmt: skip


def suspense_differences(session: Session) -> list[tuple[str, int, int]]:
    """Accounts whose suspense balance is not the sum of their unapplied lines (proof)."""
    open_minor = func.coalesce(func.sum(BankLine.amount_minor - BankLine.applied_minor), 0)
    found = []
    for view in accounts(session):
        by_lines = session.scalar(select(open_minor).where(BankLine.account_id == view.account_id))
        key = AccountKey(AccountKind.SUSPENSE_CASH, view.currency, bank_id=view.account_id)
        by_books = -ledger.balance(session, key)
        if int(by_lines or 0) != by_books:
            found.append((view.name, int(by_lines or 0), by_books))
    return found


def _statements() -> Any:
    open_count = (
        select(func.count())
        .where(BankLine.statement_id == BankStatement.id)
        .where(BankLine.applied_minor != BankLine.amount_minor)
        .correlate(BankStatement)
        .scalar_subquery()
    )
    open_minor = (
        select(func.coalesce(func.sum(BankLine.amount_minor - BankLine.applied_minor), 0))
        .where(BankLine.statement_id == BankStatement.id)
        .correlate(BankStatement)
        .scalar_subquery()
    )
    return select(
        BankStatement, FactorAccount.name, FactorAccount.currency, open_count, open_minor
    ).join(FactorAccount, FactorAccount.id == BankStatement.account_id)


def _statement(row: Any) -> StatementView:
    one, name, currency, open_count, open_minor = row
    return StatementView(
        statement_id=one.id, account_id=one.account_id, account_name=name, currency=currency,
        format=one.format, statement_ref=one.statement_ref, sequence=one.sequence,
        from_on=one.from_on, to_on=one.to_on, balances_known=one.balances_known,
        opening_minor=one.opening_minor, movements_minor=one.movements_minor,
        closing_minor=one.closing_minor, line_count=one.line_count, open_count=open_count,
        open_minor=int(open_minor), warnings=tuple(one.warnings), imported_at=one.imported_at,
        imported_by=one.imported_by, document_id=one.document_id,
    )  # fmt: skip


def _account(row: FactorAccount) -> AccountView:
    return AccountView(row.id, row.name, row.iban, row.bic, row.holder, row.currency, row.is_payout)


def _hashes(values: Sequence[bytes]) -> BindParameter[Any]:
    """Many hashes as one bound array: a statement binds 65,535 values at the most."""
    return bindparam("hashes", list(values), type_=ARRAY(LargeBinary))
