"""Money of a bank line that pays no invoice: it leaves suspense for the accounts it belongs to.

Nothing is moved here: the bank did, and its statement says so. The books follow at the line's
value date.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import banking, ledger
from cessio.cash import bulk, queries
from cessio.cash.models import CashApplication
from cessio.cash.operations.applying import LineApplied
from cessio.cash.rules import MatchReason, ReasonCode
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Invalid, NotFound
from cessio.ledger import AccountKey, AccountKind, Line, Posting, TransactionKind


@dataclass(frozen=True, slots=True)
class OpenLine:
    """The bank line that is booked."""

    id: int
    currency: str
    value_date: date


@dataclass(frozen=True, slots=True)
class Booked:
    """What was booked of a line, money in positive."""

    application_id: int
    amount_minor: int
    currency: str
    value_date: date


def book(
    session: Session, *, line_id: int, kind: str, transaction: TransactionKind, reference: str,
    amount_minor: int | None, lines: Callable[[OpenLine, int], tuple[Line, ...]],
    contract_id: int | None = None, by: str, at: datetime,
) -> Booked:  # fmt: skip
    """Book a line, or a part of it (``amount_minor``, without a sign), against other accounts.

    ``lines`` tells those of the other side for an amount, money in positive. Raises ``NotFound``,
    ``LineApplied``, ``Invalid``.
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
        bank_line_id=line_id, kind=kind, amount_minor=amount, applied_on=business_date(at),
        at=at, by=by, reasons=[MatchReason(ReasonCode.OWN_MEANS,
                                           {"reference": reference}).as_json()],
    )  # fmt: skip
    session.add(application)
    session.flush()
    suspense = AccountKey(AccountKind.SUSPENSE_CASH, line.currency, bank_id=line.bank_account_id)
    others = lines(OpenLine(line_id, line.currency, line.value_date), amount)
    posting = Posting(
        kind=transaction, source_kind="cash_application", source_id=application.id, effect=kind,
        value_date=line.value_date, memo=reference, contract_id=contract_id,
        lines=(Line(suspense, amount), *others),
    )  # fmt: skip
    ledger.post(session, posting, by=by, at=at)
    banking.use_line(session, line_id=line_id, amount_minor=amount)
    bulk.forget_proposals(session, [line_id])
    queries.end_parking(session, line_id=line_id, by=by, at=at)
    return Booked(application.id, amount, line.currency, line.value_date)
