"""The house's own means: capital paid in, refinancing drawn and repaid, what it costs.

Nothing is moved here: the bank did, and its statement says so. What is left of a line leaves
suspense for the account it belongs to, at the line's value date.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.cash import queries
from cessio.cash.operations import apart
from cessio.cash.operations.undoing import CannotUndo, give_back
from cessio.cash.rules import OwnMeans
from cessio.kernel.errors import Conflict
from cessio.ledger import AccountKey, Line, TransactionKind
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

    def lines(line: apart.OpenLine, minor: int) -> tuple[Line, ...]:
        return (Line(AccountKey(queries.MEANS_ACCOUNTS[means], line.currency), -minor),)

    made = apart.book(
        session, line_id=line_id, kind=means.value, transaction=TransactionKind.OWN_MEANS,
        reference=reference, amount_minor=amount_minor, lines=lines, by=by, at=at,
    )  # fmt: skip
    account = AccountKey(queries.MEANS_ACCOUNTS[means], made.currency)
    _refuse_more_than_held(session, means, account)
    audit.record(
        session, verb="booked_own_means", subject_kind="bank_line", subject_id=line_id, by=by,
        at=at, after={"application_id": made.application_id, "means": means.value,
                      "amount_minor": made.amount_minor, "reference": reference.strip()},
    )  # fmt: skip
    return made.application_id


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
