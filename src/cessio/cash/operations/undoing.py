"""Undoing an application: the state before it is back exactly, and both stay on record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit, banking, ledger
from cessio.cash import queries
from cessio.cash.operations.aliases import forget_learned
from cessio.cash.rules import APART, AllocationKind, OwnMeans
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, NotFound
from cessio.ledger import queries as ledger_queries
from cessio.receivables.bulk.cover import recompute_cover, use_kept_cover
from cessio.receivables.operations.open_amounts import end_on_account, give_open_back


class CannotUndo(Conflict):
    """The application was undone before, or what it made was used since."""


def take_back(session: Session, *, application_id: int, by: str, at: datetime) -> None:
    """Undo what one applied oneself the same day, without a word; as ``undo_application``.

    Raises ``CannotUndo`` for what somebody else or another day applied: that needs a reason.
    """
    found = queries.application(session, application_id=application_id)
    if found.by != by or found.applied_on != business_date(at):
        raise CannotUndo(
            "take_back_not_own", "only what you applied today is taken back without a reason"
        )
    undo_application(
        session, application_id=application_id, reason="taken back at once", by=by, at=at
    )


def undo_application(
    session: Session, *, application_id: int, reason: str, by: str, at: datetime
) -> None:
    """Take an application back: ledger, receivables, bank line, cover and what was learned.

    The line waits in the workbench again; it is not matched by itself until a person asks for it,
    or it would be applied the same way at once. Raises ``NotFound``,
    ``CannotUndo``, ``DoesNotFit`` when a credit it held on account was used since. The house's own
    means are the treasury's: ``undo_own_means``.
    """
    found = queries.application(session, application_id=application_id)
    if found.kind in {one.value for one in OwnMeans}:
        raise CannotUndo(
            "own_means_apart", "the house's own means are taken back on their own page"
        )
    if found.kind in APART:
        raise CannotUndo("loss_apart", "money about a loss is taken back on the page of the loss")
    give_back(session, application_id=application_id, reason=reason, by=by, at=at)


def give_back(session: Session, *, application_id: int, reason: str, by: str, at: datetime) -> None:
    """Reverse an application of whatever kind; see ``undo_application``."""
    application = queries.application_for_update(session, application_id=application_id)
    if application is None:
        raise NotFound("application_unknown", "there is no such application")
    if application.undone_at is not None:
        raise CannotUndo("application_undone", "this application was undone before")
    debtor_ids = _reopen(session, application_id, at=at)
    for transaction_id in ledger_queries.transactions_of(
        session, source_kind="cash_application", source_id=application_id
    ):
        ledger.reverse(session, transaction_id=transaction_id, by=by, at=at, memo=reason)
    application.undone_at, application.undone_by, application.undone_reason = at, by, reason
    session.flush()
    line_id = application.bank_line_id
    if line_id is not None:
        banking.use_line(session, line_id=line_id, amount_minor=-application.amount_minor)
    forget_learned(session, application_id=application_id, by=by, at=at)
    recompute_cover(session, debtor_ids=debtor_ids, on=business_date(at), at=at)
    audit.record(
        session, verb="undid_cash", subject_kind="bank_line", subject_id=line_id or 0,
        before={"application_id": application_id}, why=reason, by=by, at=at,
    )  # fmt: skip


def _reopen(session: Session, application_id: int, *, at: datetime) -> set[int]:
    """Reopen the receivables by what they were given, with the cover they kept; end the credits."""
    debtor_ids: set[int] = set()
    kept: dict[int, int] = {}
    for allocation in queries.allocations_of(session, application_id=application_id):
        if allocation.kind is AllocationKind.ON_ACCOUNT:
            moved = end_on_account(session, receivable_id=allocation.receivable_id, at=at)
        else:
            moved = give_open_back(
                session, receivable_id=allocation.receivable_id,
                amount_minor=allocation.amount_minor, at=at,
            )  # fmt: skip
        debtor_ids.add(moved.debtor_id)
        if allocation.kept_minor:
            kept[allocation.receivable_id] = -allocation.kept_minor
    use_kept_cover(session, paid=kept)
    return debtor_ids
