"""Importing a bank statement: each movement once, the bank's ledger account equal to the bank.

The ledger moves by one transaction a value date (BANK against SUSPENSE_CASH, money in and money
out apart); the lines are then applied one by one by the capabilities above.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session

from cessio import audit, documents, ledger
from cessio.banking import bulk, queries, rules
from cessio.banking.formats import others
from cessio.banking.formats.camt import read_camt
from cessio.banking.formats.statement import ParsedFile, ParsedStatement, StatementRefused
from cessio.banking.models import BankStatement
from cessio.banking.queries import AccountView
from cessio.banking.rules import StatementFacts, StatementLine
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind
from cessio.plumbing import confined, outbox


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
    currency: str
    warnings: tuple[dict[str, Any], ...]


def import_statement(
    session: Session, *, data: bytes, filename: str, by: str, at: datetime,
    on: date | None = None,
) -> tuple[ImportedStatement, ...]:  # fmt: skip
    """Import every statement of a camt.053 file, or nothing of it.

    ``on`` is the business date (that of ``at``): a later statement is refused. Raises what the
    reader refuses (``XmlRefused``, ``StatementRefused``), ``StatementRefused`` for an account or
    a currency that is not ours, ``StatementKnown`` for what was imported before.
    """
    _refuse_known_file(session, data)
    _refuse_other_format(data)
    parsed = confined.read(read_camt, data)
    if not parsed.format.startswith("camt.053"):
        raise StatementRefused(
            "statement_not_final",
            "{format} announces movements; import the camt.053 that books them",
            format=parsed.format,
        )  # fmt: skip
    accounts = _accounts(session, parsed.statements)
    stored = documents.store(
        session, kind="bank_statement", subject_kind="factor_account",
        subject_id=accounts[0].account_id, filename=filename, media_type="application/xml",
        content=data, by=by, at=at,
    )  # fmt: skip
    today = on or business_date(at)
    return tuple(
        _Import(session, parsed, account, stored.id, by, at).run(statement, today)
        for account, statement in zip(accounts, parsed.statements, strict=True)
    )


@dataclass(frozen=True, slots=True)
class _Import:
    """One statement on its way in."""

    session: Session
    parsed: ParsedFile
    account: AccountView
    document_id: int
    by: str
    at: datetime

    def run(self, statement: ParsedStatement, today: date) -> ImportedStatement:
        session, account = self.session, self.account
        facts = rules.statement_facts(statement)
        from_on, to_on = _period(facts, today)
        _refuse_known_statement(session, account, facts, from_on, to_on)
        lines = rules.lines_of(statement)
        before, after = queries.neighbours(
            session, account_id=account.account_id, from_on=from_on, to_on=to_on,
            sequence=facts.sequence,
        )  # fmt: skip
        warnings = [
            *rules.notices(statement, self.parsed.warnings),
            *rules.gaps(facts, before, after),
        ]
        row = self._insert(facts, from_on, to_on, len(lines), warnings)
        if not bulk.insert_lines(session, row.id, account.account_id, lines):
            raise _lines_known(session, account, lines)
        postings = list(_postings(row.id, facts.reference, account, lines))
        ledger.post_many(session, postings, by=self.by, at=self.at)
        self._tell(row)
        return ImportedStatement(
            row.id, account.account_id, account.name, facts.reference, from_on, to_on, len(lines),
            facts.movements_minor, account.currency, tuple(warnings),
        )  # fmt: skip

    def _insert(
        self, facts: StatementFacts, from_on: date, to_on: date, line_count: int,
        warnings: list[dict[str, Any]],
    ) -> BankStatement:  # fmt: skip
        row = BankStatement(
            account_id=self.account.account_id, document_id=self.document_id,
            format=self.parsed.format, statement_ref=facts.reference, sequence=facts.sequence,
            from_on=from_on, to_on=to_on, balances_known=facts.balances_known,
            opening_minor=facts.opening_minor, movements_minor=facts.movements_minor,
            closing_minor=facts.closing_minor, line_count=line_count, warnings=warnings,
            imported_at=self.at, imported_by=self.by,
        )  # fmt: skip
        self.session.add(row)
        self.session.flush()
        return row

    def _tell(self, row: BankStatement) -> None:
        audit.record(
            self.session, verb="imported_statement", subject_kind="bank_statement",
            subject_id=row.id, by=self.by, at=self.at,
            after={"reference": row.statement_ref, "lines": row.line_count,
                   "movements_minor": row.movements_minor},
        )  # fmt: skip
        outbox.publish(
            self.session, "statement.imported",
            {"statement_id": row.id, "account_id": row.account_id, "lines": row.line_count},
            by=self.by, at=self.at,
        )  # fmt: skip


def _refuse_known_file(session: Session, data: bytes) -> None:
    digest = hashlib.sha256(data).digest()
    earlier = queries.file_imported(session, sha256=digest)
    if earlier is not None:
        raise StatementKnown(
            "statement_file_known", "this very file was imported on {on} as {filename}",
            on=business_date(earlier.at), filename=earlier.filename,
        )  # fmt: skip


def _refuse_other_format(data: bytes) -> None:
    name = others.name_of(data)
    if name == "pain.002":
        raise StatementRefused(
            "statement_is_an_answer",
            "the file is the bank's answer to a payment order (pain.002): give it on that order's"
            " page",
        )  # fmt: skip
    if name is not None:
        raise StatementRefused(
            "statement_other_format",
            "the file is {format}: ask the bank for the camt.053 of the same movements",
            format=name,
        )  # fmt: skip


def _accounts(session: Session, statements: Iterable[ParsedStatement]) -> list[AccountView]:
    """Our account of each statement; all are locked, so that two imports take turns."""
    wanted = [statement.iban or statement.account or "" for statement in statements]
    ours = queries.lock_accounts(session, ibans=set(wanted))
    for number, statement in zip(wanted, statements, strict=True):
        account = ours.get(number)
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
    return [ours[number] for number in wanted]


def _period(facts: StatementFacts, today: date) -> tuple[date, date]:
    if facts.from_on is None or facts.to_on is None:
        raise StatementRefused(
            "statement_undated", "the statement has no movement and says no date"
        )
    if facts.to_on > today:
        raise StatementRefused(
            "statement_in_future", "the statement ends on {to_on}, after today", to_on=facts.to_on
        )
    return facts.from_on, facts.to_on


def _refuse_known_statement(
    session: Session, account: AccountView, facts: StatementFacts, from_on: date, to_on: date
) -> None:
    known = queries.statement_known(
        session, account_id=account.account_id, facts=facts, from_on=from_on, to_on=to_on
    )
    if known is not None:
        raise StatementKnown(
            "statement_known", "statement {reference} of {account} was imported on {on}",
            reference=known.reference, account=account.name, on=business_date(known.at),
        )  # fmt: skip


def _lines_known(
    session: Session, account: AccountView, lines: Sequence[StatementLine]
) -> StatementKnown:
    known = queries.lines_known(
        session, account_id=account.account_id, fingerprints=[line.fingerprint for line in lines]
    )
    repeated = [line for line in lines if (line.fingerprint, line.occurrence) in known]
    first = repeated[0]
    return StatementKnown(
        "statement_lines_known",
        "{count} of its movements were imported before, in statement {reference}",
        count=len(repeated), reference=known[first.fingerprint, first.occurrence],
    )  # fmt: skip


def _postings(
    statement_id: int, reference: str, account: AccountView, lines: Sequence[StatementLine]
) -> Iterator[Posting]:
    """One posting a value date, money in and money out apart."""
    bank = AccountKey(AccountKind.BANK, account.currency, bank_id=account.account_id)
    suspense = AccountKey(AccountKind.SUSPENSE_CASH, account.currency, bank_id=account.account_id)
    dated = sorted(lines, key=lambda line: line.value_date)
    for value_date, group in groupby(dated, key=lambda line: line.value_date):
        amounts = [line.amount_minor for line in group]
        sides = (sum(a for a in amounts if a > 0), sum(a for a in amounts if a < 0))
        yield Posting(
            kind=TransactionKind.BANK_STATEMENT, source_kind="bank_statement",
            source_id=statement_id, effect=f"value:{value_date}", value_date=value_date,
            memo=reference,
            lines=tuple(
                line
                for side in sides if side
                for line in (Line(bank, side), Line(suspense, -side))
            ),
        )  # fmt: skip
