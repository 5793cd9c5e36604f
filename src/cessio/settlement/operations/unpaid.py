"""What becomes of a receivable its debtor does not pay: indemnity under guarantee, transfer back.

The covered part is our loss for the quotité and the client's for the rest; what is not covered
goes back to the client once the contract's days are over. Both settle the receivable.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit, ledger
from cessio.contracts import queries as contracts
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, NotFound
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind
from cessio.receivables.bulk.cover import recompute_cover
from cessio.receivables.operations.open_amounts import give_open_back, take_open
from cessio.settlement import queries
from cessio.settlement.models import UnpaidSettlement
from cessio.settlement.operations.telling import tell_settled


class NotUnpaid(Conflict):
    """Nothing may be indemnified or given back of the receivable on that day."""


class SettlementUndone(Conflict):
    """It was undone before."""


@dataclass(frozen=True, slots=True)
class UnpaidSettled:
    """What was taken from what was open, in minor units."""

    settlement_id: int
    receivable_id: int
    indemnity_minor: int
    own_share_minor: int
    transfer_back_minor: int


def settle_unpaid(
    session: Session, *, receivable_id: int, on: date, by: str, at: datetime
) -> UnpaidSettled:
    """Do with an unpaid receivable what its contract says on a day (not after today).

    Raises ``NotUnpaid``.
    """
    day = min(on, business_date(at))
    found = queries.unpaid(session, on=day, receivable_ids=[receivable_id])
    if not found:
        raise NotUnpaid("not_unpaid", "nothing is due of this receivable yet", id=receivable_id)
    return _settle_all(session, found, day, by=by, at=at)[0]


def settle_every_unpaid(
    session: Session, *, on: date, by: str, at: datetime, contract_id: int | None = None
) -> tuple[UnpaidSettled, ...]:
    """The same for every receivable of the book, or of a contract; safe to run twice."""
    day = min(on, business_date(at))
    found = queries.unpaid(session, on=day, contract_id=contract_id)
    return _settle_all(session, found, day, by=by, at=at)


def settle_chosen(
    session: Session, *, receivable_ids: Collection[int], on: date, by: str, at: datetime
) -> tuple[UnpaidSettled, ...]:
    """The same for some receivables; those of which nothing is due any more are left."""
    day = min(on, business_date(at))
    found = queries.unpaid(session, on=day, receivable_ids=receivable_ids)
    return _settle_all(session, found, day, by=by, at=at)


def undo_unpaid(
    session: Session, *, settlement_id: int, reason: str, by: str, at: datetime
) -> None:
    """Take it back: the receivable is open again and the entries are reversed.

    Raises ``NotFound``, ``SettlementUndone``.
    """
    made = queries.settlement_for_update(session, settlement_id)
    if made is None:
        raise NotFound("settlement_unknown", "there is no such settlement", id=settlement_id)
    if made.undone_at is not None:
        raise SettlementUndone("settlement_undone", "it was undone before", id=settlement_id)
    if queries.open_claim(session, settlement_id) is not None or queries.loss_movements(
        session, settlement_id, standing=True
    ):
        raise Conflict("loss_followed", "take back the claim on the insurer and the money booked"
                       " on this loss first")  # fmt: skip
    made.undone_at, made.undone_by = at, by
    for posted in (made.indemnity_transaction_id, made.transfer_transaction_id):
        if posted is not None:
            ledger.reverse(session, transaction_id=posted, by=by, at=at, memo=reason)
    amount = made.indemnity_minor + made.own_share_minor + made.transfer_back_minor
    moved = give_open_back(session, receivable_id=made.receivable_id, amount_minor=amount, at=at)
    _cover_again(session, moved.contract_id, moved.debtor_id, at)
    audit.record(
        session, verb="unpaid.undo", subject_kind="receivable", subject_id=made.receivable_id,
        after={"amount_minor": amount}, why=reason, by=by, at=at,
    )  # fmt: skip


def _settle_all(
    session: Session, found: Sequence[queries.UnpaidReceivable], on: date, *, by: str, at: datetime
) -> tuple[UnpaidSettled, ...]:
    done = tuple(_settle(session, one, on, by=by, at=at) for one in found)
    numbers = [one.settlement_id for one in done]
    tell_settled(session, zip(numbers, found, strict=True), at=at)
    return done


def _settle(
    session: Session, one: queries.UnpaidReceivable, on: date, *, by: str, at: datetime
) -> UnpaidSettled:
    due = one.outcome
    amount = due.indemnity_minor + due.own_share_minor + due.transfer_back_minor
    take_open(session, receivable_id=one.receivable_id, amount_minor=amount, at=at)
    made = UnpaidSettlement(
        receivable_id=one.receivable_id, contract_id=one.contract_id, on=on,
        indemnity_minor=due.indemnity_minor, own_share_minor=due.own_share_minor,
        transfer_back_minor=due.transfer_back_minor, cover_rate=one.cover_rate, settled_at=at,
        settled_by=by,
    )  # fmt: skip
    session.add(made)
    session.flush()
    _post(session, one, made, by=by, at=at)
    _cover_again(session, one.contract_id, one.debtor_id, at)
    audit.record(
        session, verb="unpaid.settle", subject_kind="receivable", subject_id=one.receivable_id,
        after={
            "indemnity_minor": due.indemnity_minor, "own_share_minor": due.own_share_minor,
            "transfer_back_minor": due.transfer_back_minor,
        },
        by=by, at=at, client_id=one.client_id,
    )  # fmt: skip
    return UnpaidSettled(
        made.id, one.receivable_id, due.indemnity_minor, due.own_share_minor,
        due.transfer_back_minor,
    )  # fmt: skip


def _post(
    session: Session, one: queries.UnpaidReceivable, made: UnpaidSettlement, *, by: str,
    at: datetime,
) -> None:  # fmt: skip
    """The entries of domain.md §4.1: indemnity and own share, transfer back."""
    currency = contracts.contract(session, one.contract_id).currency
    current = AccountKey(AccountKind.CLIENT_CURRENT, currency, one.contract_id)
    owed = AccountKey(AccountKind.RECEIVABLE, currency, one.contract_id, one.debtor_id)
    loss = AccountKey(AccountKind.IMPAIRMENT_EXPENSE, currency)

    def post(kind: TransactionKind, *debits: Line) -> int | None:
        debited = tuple(line for line in debits if line.amount_minor)
        if not debited:
            return None
        total = sum(line.amount_minor for line in debited)
        posting = Posting(
            kind=kind, source_kind="unpaid_settlement", source_id=made.id,
            effect=kind.value.lower(), value_date=made.on, contract_id=one.contract_id,
            memo=one.number, lines=(*debited, Line(owed, -total, one.receivable_id)),
        )  # fmt: skip
        return ledger.post(session, posting, by=by, at=at).transaction_id

    made.indemnity_transaction_id = post(
        TransactionKind.INDEMNITY, Line(loss, made.indemnity_minor),
        Line(current, made.own_share_minor),
    )  # fmt: skip
    made.transfer_transaction_id = post(
        TransactionKind.TRANSFER_BACK, Line(current, made.transfer_back_minor)
    )
    session.flush()


def _cover_again(session: Session, contract_id: int, debtor_id: int, at: datetime) -> None:
    recompute_cover(
        session, contract_id=contract_id, debtor_ids=[debtor_id], on=business_date(at), at=at
    )
