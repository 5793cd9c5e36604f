"""The rows of a seal: which there are, read by one COPY a table and hashed as they come.

What only grows is sealed: the books, the trail, what contracts, prices, rates and limits say, whom
we pay and how that was proved, what a second person was asked, documents and payment files by their
hashes, bank lines as received. Ledger rows belong to a seal by the day they were booked on,
which takes no more once it is closed; all others by their id.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from psycopg import sql
from sqlalchemy import inspect, text
from sqlalchemy.orm import DeclarativeBase, Session

from cessio.approvals.models import Approval
from cessio.audit.models import AuditEvent
from cessio.banking.models import BankLine, BankStatement, OrderSignature, PaymentOrder
from cessio.closing.formats.seals import Sealed, Stream, Tally
from cessio.contracts.models import ContractTerms, FeeGridVersion, IndexFixing, OfferVersion
from cessio.documents.models import Document
from cessio.funding.models import DrawdownState, PayeeAcceptance, PayeeCheck, PayoutLimits
from cessio.kernel.errors import Conflict
from cessio.ledger.models import LedgerAccount, LedgerEntry, LedgerTransaction
from cessio.limits.models import CreditLimit
from cessio.parties.models import AccountCallback, PartyAccount
from cessio.receivables.models import RemittanceState, SubrogationReceipt
from cessio.settlement.models import FeeInvoice

BY_DAY = ("booked_on",)
#: Each table, the columns that change later and are no part of it, what places a row, what adds up.
_TABLES: tuple[tuple[type[DeclarativeBase], frozenset[str], tuple[str, ...], str | None], ...] = (
    (LedgerAccount, frozenset({"balance_minor", "version", "charged_minor"}), ("id",), None),
    (LedgerTransaction, frozenset(), BY_DAY, None),
    (LedgerEntry, frozenset(), ("transaction_id", "ledger_transaction", "booked_on"),
     "amount_minor"),
    (AuditEvent, frozenset(), ("id",), None),
    (ContractTerms, frozenset(), ("id",), None),
    (Document, frozenset(), ("id",), None),
    (PaymentOrder, frozenset({"sent_at", "sent_by", "cancelled_at", "cancelled_by",
                              "cancelled_reason"}), ("id",), "total_minor"),
    (OrderSignature, frozenset(), ("id",), None),
    (BankStatement, frozenset(), ("id",), None),
    (BankLine, frozenset({"applied_minor"}), ("id",), "amount_minor"),
    (FeeInvoice, frozenset(), ("id",), "net_minor"),
    (Approval, frozenset({"checker", "checker_id", "for_id", "decision", "decided_at",
                          "reason"}), ("id",), None),
    (CreditLimit, frozenset({"ended_at", "ended_on", "ended_by", "end_reason"}), ("id",), None),
    (IndexFixing, frozenset(), ("id",), None),
    (FeeGridVersion, frozenset(), ("id",), None),
    (OfferVersion, frozenset(), ("id",), None),
    (PayoutLimits, frozenset({"cut_off"}), ("id",), None),
    (PartyAccount, frozenset({"confirmed_at", "confirmed_by", "ended_at", "ended_by"}), ("id",),
     None),
    (AccountCallback, frozenset(), ("id",), None),
    (PayeeCheck, frozenset(), ("id",), None),
    (PayeeAcceptance, frozenset(), ("id",), None),
    (DrawdownState, frozenset(), ("id",), None),
    (RemittanceState, frozenset(), ("id",), None),
    (SubrogationReceipt, frozenset(), ("id",), None),
)  # fmt: skip
_KINDS = {
    "big_integer": "i", "integer": "i", "text": "t", "numeric": "n", "boolean": "b", "date": "d",
    "TIMESTAMP": "m", "large_binary": "h", "JSONB": "j", "ARRAY": "a",
}  # fmt: skip
#: How a column of each type is asked for, so that no setting of a session changes its form.
_FORMS = {
    "i": "{}", "t": "{}", "n": "{}::text", "b": "{}::int", "d": "to_char({}, 'YYYY-MM-DD')",
    "m": "(extract(epoch FROM {}) * 1000000)::bigint", "h": "encode({}, 'hex')", "j": "{}::text",
    "a": "{}::text", "s": "encode(sha256({}), 'hex')",
}  # fmt: skip
#: Bytes of files are in a seal by their hash.
_OPENED = {("document", "content"), ("subrogation_receipt", "content")}
_WAIT_SECONDS, _TURN_SECONDS = 60.0, 0.05

_WRITERS = text("""
    SELECT DISTINCT held.virtualtransaction FROM pg_locks AS held
     WHERE held.locktype = 'relation' AND held.mode = 'RowExclusiveLock'
       AND held.pid <> pg_backend_pid()
       AND held.relation = ANY(CAST(:tables AS regclass[]))
       AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")
_STILL = text("""
    SELECT count(*) FROM pg_locks WHERE virtualtransaction = ANY(:writers)
       AND locktype = 'virtualxid' AND mode = 'ExclusiveLock'
""")


class WritersBusy(Conflict):
    """Somebody has been writing for long: the seal is made later."""


def streams() -> tuple[Stream, ...]:
    """What a seal of this release covers, without bounds."""
    return tuple(
        Stream(model.__tablename__, tuple(_columns(model, left_out)), place, total)
        for model, left_out, place, total in _TABLES
    )


def ended_writers(session: Session, wanted: Sequence[Stream], on: date) -> tuple[Stream, ...]:
    """The streams with their upper bounds, once nobody can add a row below them any more.

    Nobody is locked out meanwhile: who was writing when the bounds were read is waited for. Raises
    ``WritersBusy``.
    """
    bounded = tuple(_bounded(session, one, on) for one in wanted)
    by_id = [one.table for one in wanted if one.place == ("id",)]
    writers = list(session.scalars(_WRITERS, {"tables": by_id}))
    give_up = time.monotonic() + _WAIT_SECONDS
    while writers and session.scalar(_STILL, {"writers": writers}):
        if time.monotonic() > give_up:
            raise WritersBusy("writers_busy", "somebody is still writing: the seal is made later")
        time.sleep(_TURN_SECONDS)
    return bounded


def hashed(
    session: Session, wanted: Sequence[Stream], note: Callable[[bytes], object]
) -> Iterator[Sealed]:
    """What each stream amounts to; ``note`` takes the mark of every row, in order."""
    connection: Any = session.connection().connection.driver_connection
    for stream in wanted:
        tally = Tally(stream, note)
        with connection.cursor() as cursor, cursor.copy(_copy(stream)) as rows:
            for line in rows:
                tally.take(bytes(line))
        yield tally.sealed()


def _columns(model: type[DeclarativeBase], left_out: frozenset[str]) -> Iterator[tuple[str, str]]:
    for column in inspect(model).local_table.columns:
        if column.name not in left_out:
            opened = (model.__tablename__, column.name) in _OPENED
            yield column.name, "s" if opened else _KINDS[column.type.__visit_name__]


def _bounded(session: Session, stream: Stream, on: date) -> Stream:
    if stream.place != ("id",):
        return replace(stream, upto=on.isoformat())
    last = session.scalar(
        text("SELECT pg_sequence_last_value(pg_get_serial_sequence(:table, 'id')::regclass)"),
        {"table": stream.table},
    )
    return replace(stream, upto=last or 0)


def _copy(stream: Stream) -> sql.Composed:
    """The COPY of a stream's rows, ordered by id."""
    table = sql.Identifier(stream.table)
    columns = sql.SQL(", ").join(
        sql.SQL(_FORMS[kind]).format(sql.SQL("{}.{}").format(table, sql.Identifier(name)))
        for name, kind in stream.columns
    )
    source: sql.Composable = table
    place = sql.Identifier(stream.table, stream.place[0])
    if len(stream.place) == 3:
        by, other, column = stream.place
        source = sql.SQL("{} JOIN {} ON {} = {}").format(
            table, sql.Identifier(other), sql.Identifier(other, "id"),
            sql.Identifier(stream.table, by),
        )  # fmt: skip
        place = sql.Identifier(other, column)
    conditions = [sql.SQL("{} <= {}").format(place, sql.Literal(stream.upto))]
    if stream.after is not None:
        conditions.append(sql.SQL("{} > {}").format(place, sql.Literal(stream.after)))
    return sql.SQL("COPY (SELECT {} FROM {} WHERE {} ORDER BY {}) TO STDOUT").format(
        columns, source, sql.SQL(" AND ").join(conditions), sql.Identifier(stream.table, "id")
    )
