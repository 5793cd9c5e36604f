"""The house's own means: capital paid in, refinancing drawn and repaid, what it costs.

Nothing is moved here: the bank did, and its statement says so. What is left of a line leaves
suspense for the account it belongs to, at the line's value date.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit, banking, ledger
from cessio.cash import bulk, queries
from cessio.cash.models import CashApplication
from cessio.cash.operations.applying import LineApplied
from cessio.cash.operations.undoing import CannotUndo, give_back
from cessio.cash.rules import MatchReason, OwnMeans, ReasonCode
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Invalid, NotFound
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind
from cessio.ledger import queries as ledger_queries


class MoreThanHeld(Conflict):
    """More would be given back than was ever had."""


def book_own_means(
    session: Session, *, line_id: int, means: OwnMeans, reference: str,
    amount_minor: int | None = None, by: str, at: datetime,
) -> int:  # fmt: skip
    """Book a line, or a part of it, as the house's own means; returns the application's id.

    Money in is paid in or drawn, money out given back (of a cost the other way round).
    ``amount_minor`` is without a sign; all that is left unless given. Raises ``NotFound``,
    ``LineApplied``, ``Invalid``, and ``MoreThanHeld`` where more is given back than was had.
    """
    queries.lock_line(session, line_id=line_id)
    line = queries.workbench_line(session, line_id=line_id)
    if line is None:
        raise NotFound("line_unknown", "there is no such bank line")
    if not line.open_minor:
        raise LineApplied("line_applied", "nothing of this bank line is left to apply")
    reference = reference.strip()
    if not reference:
        raise Invalid("reference_missing", "say which agreement or decision", field="reference")
    left = abs(line.open_minor)
    wanted = left if amount_minor is None else amount_minor
    if not 0 < wanted <= left:
        raise Invalid("amount_above_line", "the line has {open_minor} left", field="amount",
                      open_minor=left, currency=line.currency)  # fmt: skip
    amount = wanted if line.open_minor > 0 else -wanted
    application = CashApplication(
        bank_line_id=line_id, kind=means.value, amount_minor=amount, applied_on=business_date(at),
        at=at, by=by, reasons=[MatchReason(ReasonCode.OWN_MEANS,
                                           {"reference": reference}).as_json()],
    )  # fmt: skip
    session.add(application)
    session.flush()
    account = AccountKey(queries.MEANS_ACCOUNTS[means], line.currency)
    suspense = AccountKey(AccountKind.SUSPENSE_CASH, line.currency, bank_id=line.bank_account_id)
    posting = Posting(
        kind=TransactionKind.OWN_MEANS, source_kind="cash_application", source_id=application.id,
        effect=means.value, value_date=line.value_date, memo=reference,
        lines=(Line(suspense, amount), Line(account, -amount)),
    )  # fmt: skip
    ledger.post(session, posting, by=by, at=at)
    _refuse_more_than_held(session, means, account)
    banking.use_line(session, line_id=line_id, amount_minor=amount)
    bulk.forget_proposals(session, [line_id])
    queries.end_parking(session, line_id=line_id, by=by, at=at)
    audit.record(
        session, verb="booked_own_means", subject_kind="bank_line", subject_id=line_id, by=by,
        at=at, after={"application_id": application.id, "means": means.value,
                      "amount_minor": amount, "reference": reference},
    )  # fmt: skip
    return application.id


def undo_own_means(
    session: Session, *, application_id: int, reason: str, by: str, at: datetime
) -> None:
    """Take a booking back; the line waits again. As ``undo_application``.

    Raises ``CannotUndo`` for any other application, ``MoreThanHeld`` for means given back since.
    """
    found = queries.application(session, application_id=application_id)
    if found.kind not in {one.value for one in OwnMeans}:
        raise CannotUndo("not_own_means", "this is no booking of the house's own means")
    give_back(session, application_id=application_id, reason=reason, by=by, at=at)
    means = OwnMeans(found.kind)
    account = AccountKey(queries.MEANS_ACCOUNTS[means], found.currency)
    _refuse_more_than_held(session, means, account)


def _refuse_more_than_held(session: Session, means: OwnMeans, account: AccountKey) -> None:
    """Capital and loans are credits: the account, locked by its posting, may not turn."""
    balance = ledger_queries.balance(session, account)
    if means in (OwnMeans.CAPITAL, OwnMeans.REFINANCING) and balance > 0:
        raise MoreThanHeld(
            "more_than_held", "{missing_minor} more would be given back than was had",
            missing_minor=balance, currency=account.currency,
        )  # fmt: skip
