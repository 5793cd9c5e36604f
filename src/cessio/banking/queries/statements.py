"""Reading our accounts, the statements imported and their lines."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    LargeBinary,
    Select,
    and_,
    any_,
    bindparam,
    func,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from cessio.banking.models import BankLine, BankStatement, FactorAccount, WaitingLine
from cessio.banking.rules import Neighbour, StatementFacts
from cessio.documents.models import Document
from cessio.kernel.errors import NotFound
from cessio.kernel.paging import Page, PageRequest
from cessio.ledger import AccountKey, AccountKind
from cessio.ledger import queries as ledger
from cessio.plumbing.keyset import sorted_page


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
class FileSeen:
    """A bank file that was imported before."""

    at: datetime
    filename: str


@dataclass(frozen=True, slots=True)
class StatementSeen:
    """A statement that was imported before."""

    at: datetime
    reference: str


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
class GapView:
    """A statement whose opening balance is not the closing one of the statement before it."""

    statement_id: int
    account_id: int
    statement_ref: str
    from_on: date
    expected_minor: int
    found_minor: int
    currency: str


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
    references: tuple[str, ...] = ()


def accounts(session: Session) -> list[AccountView]:
    """The factor's accounts by name."""
    return [_account(row) for row in session.scalars(select(FactorAccount).order_by("name"))]


def account_by_iban(session: Session, *, iban: str) -> AccountView | None:
    """One of our accounts by its number."""
    row = session.scalar(select(FactorAccount).where(FactorAccount.iban == iban))
    return _account(row) if row else None


def lock_accounts(session: Session, *, ibans: Collection[str]) -> dict[str, AccountView]:
    """Our accounts by number, locked in id order against another import of theirs."""
    rows = session.scalars(
        select(FactorAccount)
        .where(FactorAccount.iban.in_(sorted(ibans)))
        .order_by(FactorAccount.id)
        .with_for_update(key_share=True)
    )
    return {row.iban: _account(row) for row in rows}


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
        last_on, closing = last_closing(session, account_id=view.account_id) or (None, None)
        bank = AccountKey(AccountKind.BANK, view.currency, bank_id=view.account_id)
        suspense = AccountKey(AccountKind.SUSPENSE_CASH, view.currency, bank_id=view.account_id)
        found.append(
            AccountPosition(
                view, ledger.balance(session, bank),
                closing, last_on, -ledger.balance(session, suspense),
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
    session: Session, *, account_id: int, facts: StatementFacts, from_on: date, to_on: date
) -> StatementSeen | None:
    """The same statement, if it was imported: by its reference, or under another by its figures.

    Same days, number, balances and movements are the same statement, unless nothing moved.
    """
    model = BankStatement
    same_figures = and_(
        model.sequence.is_not_distinct_from(facts.sequence),
        model.opening_minor == facts.opening_minor, model.closing_minor == facts.closing_minor,
        model.movements_minor == facts.movements_minor, model.line_count > 0,
    )  # fmt: skip
    row = session.execute(
        select(model.imported_at, model.statement_ref)
        .where(model.account_id == account_id, model.from_on == from_on, model.to_on == to_on)
        .where(or_(model.statement_ref == facts.reference, same_figures))
        .limit(1)
    ).first()
    return StatementSeen(row[0], row[1]) if row else None


def neighbours(
    session: Session, *, account_id: int, from_on: date, to_on: date, sequence: int | None
) -> tuple[Neighbour | None, Neighbour | None]:
    """The statements that end before these days and begin after them, nearest first.

    Statements of the same days are told apart by their numbers.
    """
    model = BankStatement
    number = func.coalesce(model.sequence, 0)
    here = sequence or 0
    same_days = and_(model.from_on == from_on, model.to_on == to_on)
    query = select(
        model.id, model.statement_ref, model.sequence, model.from_on, model.to_on,
        model.balances_known, model.opening_minor, model.closing_minor,
    ).where(model.account_id == account_id)  # fmt: skip
    earlier = or_(model.to_on < to_on, model.from_on < from_on)
    before = session.execute(
        query.where(model.to_on <= to_on, or_(earlier, and_(same_days, number <= here)))
        .order_by(model.to_on.desc(), number.desc(), model.id.desc())
        .limit(1)
    ).first()
    later = model.from_on > to_on
    after = session.execute(
        query.where(or_(later, and_(same_days, number > here)))
        .order_by(model.from_on, number, model.id)
        .limit(1)
    ).first()
    return (Neighbour(*before) if before else None), (Neighbour(*after) if after else None)


def gaps(session: Session) -> list[GapView]:
    """Breaks between consecutive statements with known balances, as they stand today."""
    model = BankStatement
    chain = (
        select(
            model.id, model.account_id, model.statement_ref, model.from_on,
            func.lag(model.closing_minor)
            .over(
                partition_by=model.account_id,
                order_by=(model.to_on, func.coalesce(model.sequence, 0), model.id),
            )
            .label("expected"),
            model.opening_minor,
        )
        .where(model.balances_known)
        .subquery()
    )  # fmt: skip
    rows = session.execute(
        select(
            chain.c.id, chain.c.account_id, chain.c.statement_ref, chain.c.from_on,
            chain.c.expected, chain.c.opening_minor, FactorAccount.currency,
        )
        .join(FactorAccount, FactorAccount.id == chain.c.account_id)
        .where(chain.c.expected != chain.c.opening_minor)
        .order_by(chain.c.account_id, chain.c.from_on, chain.c.id)
    )  # fmt: skip
    return [GapView(*row) for row in rows]


def last_closing(session: Session, *, account_id: int) -> tuple[date, int | None] | None:
    """The day of the last statement of an account, and its closing balance if it is known."""
    model = BankStatement
    row = session.execute(
        select(model.to_on, model.balances_known, model.closing_minor)
        .where(model.account_id == account_id)
        .order_by(model.to_on.desc(), func.coalesce(model.sequence, 0).desc(), model.id.desc())
        .limit(1)
    ).first()
    return (row[0], row[2] if row[1] else None) if row else None


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
    session: Session, request: PageRequest, *, account_id: int | None = None,
    sort: str | None = None,
) -> Page[StatementView]:  # fmt: skip
    """Imported statements, the latest first or by a column."""
    query = _statements()
    if account_id is not None:
        query = query.where(BankStatement.account_id == account_id)
    return sorted_page(
        session, query, request, sort=sort, default="-received", unique=BankStatement.id,
        sorts={"received": BankStatement.id, "period": BankStatement.from_on,
               "statement": BankStatement.statement_ref, "moved": BankStatement.movements_minor},
        read=_statement,
    )  # fmt: skip


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
            references=tuple(row.references),
        )
        for row in rows
    ]  # fmt: skip


def _statements() -> Any:
    waits = waits_by_statement().subquery()
    return (
        select(
            BankStatement,
            FactorAccount.name,
            FactorAccount.currency,
            func.coalesce(waits.c.count, 0),
            func.coalesce(waits.c.open_minor, 0),
        )
        .join(FactorAccount, FactorAccount.id == BankStatement.account_id)
        .outerjoin(waits, waits.c.statement_id == BankStatement.id)
    )


def waits_by_statement() -> Select[*tuple[Any, ...]]:
    """Lines that wait, by statement: what is applied is not read."""
    return (
        select(
            BankLine.statement_id, func.count().label("count"),
            func.sum(BankLine.amount_minor - BankLine.applied_minor).label("open_minor"),
        )
        .join(WaitingLine, WaitingLine.bank_line_id == BankLine.id)
        .group_by(BankLine.statement_id)
    )  # fmt: skip


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
