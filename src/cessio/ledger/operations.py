"""Posting: the only way money moves in the books, line by line or set by set (``bulk``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import insert, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import Session

from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, NotFound
from cessio.ledger import bulk, queries
from cessio.ledger.models import LedgerAccount, LedgerTransaction
from cessio.ledger.rules import AccountKey, Posting, TransactionKind


class AlreadyReversed(Conflict):
    """The transaction was reversed before; a correction is corrected by a new transaction."""


class KeyReused(Conflict):
    """The same source and effect were posted before with other lines."""


@dataclass(frozen=True, slots=True)
class Posted:
    """A posted transaction; ``replayed`` when the very same posting had been made before."""

    transaction_id: int
    replayed: bool = False


@dataclass(slots=True)
class _Standing:
    """A locked account while lines are laid on it."""

    id: int
    balance_minor: int
    version: int


def post(session: Session, posting: Posting, *, by: str, at: datetime) -> Posted:
    """Post one transaction, once. See ``post_many``."""
    return post_many(session, [posting], by=by, at=at)[0]


def post_many(
    session: Session, postings: Sequence[Posting], *, by: str, at: datetime
) -> list[Posted]:
    """Post transactions in order, in one set of statements; accounts are locked in id order.

    A posting whose (source, effect) exists is a replay: the same lines answer the first
    transaction, other lines raise ``KeyReused``. Raises ``PostingError`` on a posting that does
    not balance.
    """
    for posting in postings:
        posting.check()
    known = queries.posted_before(session, postings)
    fresh = [posting for posting in postings if _identity(posting) not in known]
    for posting in postings:
        _refuse_reuse(posting, known.get(_identity(posting)))
    created = _insert_transactions(session, fresh, by=by, at=at)
    _insert_entries(session, [(created[_identity(posting)], posting) for posting in fresh])
    return [
        Posted(known[key][0], replayed=True) if (key := _identity(posting)) in known
        else Posted(created[key])
        for posting in postings
    ]  # fmt: skip


def reverse(
    session: Session, *, transaction_id: int, by: str, at: datetime, memo: str | None = None,
    value_date: date | None = None,
) -> Posted:  # fmt: skip
    """Post the exact opposite of a transaction, linked to it, with its value date or another.

    Raises ``NotFound``; ``AlreadyReversed`` when it was. A reversal can not be reversed.
    """
    original = queries.transaction_to_reverse(session, transaction_id)
    if original is None:
        raise NotFound(
            "transaction_unknown", "there is no ledger transaction {id}", id=transaction_id
        )
    if original.reversed_by is not None or original.kind is TransactionKind.REVERSAL:
        raise AlreadyReversed(
            "already_reversed", "ledger transaction {id} was reversed before", id=transaction_id
        )
    lines = original.posting.lines
    posting = replace(
        original.posting,
        kind=TransactionKind.REVERSAL,
        effect=f"reverse:{original.posting.effect}",
        lines=tuple(replace(line, amount_minor=-line.amount_minor) for line in lines),
        memo=memo, value_date=value_date or original.posting.value_date,
    )  # fmt: skip
    created = _insert_transactions(session, [posting], by=by, at=at, reverses_id=transaction_id)
    _insert_entries(session, [(created[_identity(posting)], posting)])
    return Posted(created[_identity(posting)])


def _identity(posting: Posting) -> tuple[str, int, str]:
    return posting.source_kind, posting.source_id, posting.effect


def _refuse_reuse(posting: Posting, known: tuple[int, bytes | None] | None) -> None:
    if known is not None and known[1] != posting.input_hash:
        raise KeyReused(
            "posting_key_reused",
            "{effect} of {source_kind} {source_id} was posted before with other lines",
            effect=posting.effect, source_kind=posting.source_kind, source_id=posting.source_id,
        )  # fmt: skip


def _insert_transactions(
    session: Session, postings: Sequence[Posting], *, by: str, at: datetime,
    reverses_id: int | None = None,
) -> dict[tuple[str, int, str], int]:  # fmt: skip
    if not postings:
        return {}
    booked_on: date = business_date(at)
    rows = [
        {
            "kind": posting.kind, "source_kind": posting.source_kind,
            "source_id": posting.source_id, "effect": posting.effect,
            "contract_id": posting.contract_id, "value_date": posting.value_date,
            "booked_on": booked_on, "recorded_at": at, "recorded_by": by,
            "reverses_id": reverses_id, "memo": posting.memo, "input_hash": posting.input_hash,
        }
        for posting in postings
    ]  # fmt: skip
    model = LedgerTransaction
    returned = session.execute(
        insert(model).returning(model.id, model.source_kind, model.source_id, model.effect), rows
    )
    return {(row.source_kind, row.source_id, row.effect): row.id for row in returned}


def _insert_entries(session: Session, posted: Sequence[tuple[int, Posting]]) -> None:
    if not posted:
        return
    standing = _lock_accounts(session, {line.account for _, p in posted for line in p.lines})
    rows: list[bulk.EntryRow] = []
    for transaction_id, posting in posted:
        for line in posting.lines:
            account = standing[line.account]
            account.balance_minor += line.amount_minor
            account.version += 1
            rows.append(
                (transaction_id, account.id, line.amount_minor, account.balance_minor,
                 account.version, line.receivable_id)
            )  # fmt: skip
    bulk.insert_entries(session, rows)
    session.execute(
        update(LedgerAccount),
        [
            {"id": s.id, "balance_minor": s.balance_minor, "version": s.version}
            for s in standing.values()
        ],
    )


def _lock_accounts(session: Session, keys: set[AccountKey]) -> dict[AccountKey, _Standing]:
    """Lock the accounts of the keys in id order, creating those that are not there yet."""
    found = queries.lock_accounts(session, keys)
    missing = sorted((key for key in keys if key not in found), key=lambda key: key.order)
    if missing:
        session.execute(
            upsert(LedgerAccount)
            .values(
                [
                    {"kind": key.kind, "currency": key.currency, "contract_id": key.contract_id,
                     "debtor_id": key.debtor_id, "bank_id": key.bank_id}
                    for key in missing
                ]
            )
            .on_conflict_do_nothing(constraint="uq_ledger_account_identity")
        )  # fmt: skip
        found = queries.lock_accounts(session, keys)
    return {key: _Standing(*row) for key, row in found.items()}
