"""Words of the close of a month: what is looked at, what keeps it open, where to see to it."""

from __future__ import annotations

from dataclasses import dataclass

from cessio.closing.rules import CASH_DAYS, Check, CheckKind
from cessio.plumbing.i18n import Lazy, gettext, lazy, ngettext
from cessio.web.words.registry import labels

labels(
    CheckKind,
    {
        CheckKind.MONTH_OVER: lazy("The month is over"),
        CheckKind.MONTH_BEFORE: lazy("The month before is closed"),
        CheckKind.DAYS: lazy("Every day is closed"),
        CheckKind.SETTLEMENT: lazy("Every day is settled"),
        CheckKind.FIXINGS: lazy("Reference rates are known"),
        CheckKind.STATEMENTS: lazy("Bank statements are in"),
        CheckKind.DRAWDOWNS: lazy("The bank answered every payout"),
        CheckKind.INVOICES: lazy("Fee invoices are issued"),
        CheckKind.APPROVALS: lazy("Nothing waits for a second person"),
        CheckKind.BOOKS: lazy("Books and details agree to the cent"),
        CheckKind.CASH: lazy("Money in the bank has its invoices"),
        CheckKind.JOBS: lazy("No work of the close failed"),
    },
)

#: Where each is seen to.
PLACES = {
    CheckKind.DAYS: "/backoffice/settlement",
    CheckKind.SETTLEMENT: "/backoffice/settlement",
    CheckKind.FIXINGS: "/backoffice/settlement/fixings",
    CheckKind.STATEMENTS: "/backoffice/bank",
    CheckKind.DRAWDOWNS: "/backoffice/funding/drawdowns?state=ordered",
    CheckKind.APPROVALS: "/backoffice/approvals",
    CheckKind.BOOKS: "/backoffice/verify",
    CheckKind.CASH: "/backoffice/bank/matching",
    CheckKind.JOBS: "/backoffice/jobs?state=dead",
}


@dataclass(frozen=True, slots=True)
class Told:
    """A check as it is shown: ``said`` is empty when there is nothing to see to."""

    kind: CheckKind
    said: str
    place: str | None
    tone: str
    state: str


_DONE: Lazy = lazy("As it should be")
_BLOCKS: Lazy = lazy("Keeps it open")
_POINTED_OUT: Lazy = lazy("To be agreed")


def told(check: Check) -> Told:
    """The words of a check."""
    tone = "danger" if check.blocks else "attention" if check.is_open else "positive"
    state = _BLOCKS if check.blocks else _POINTED_OUT if check.is_open else _DONE
    return Told(
        check.kind, _said(check.kind, check.count) if check.is_open else "",
        PLACES.get(check.kind) if check.is_open else None, tone, str(state),
    )  # fmt: skip


def _said(kind: CheckKind, n: int) -> str:
    match kind:
        case CheckKind.MONTH_OVER:
            return gettext("It can be closed from the first day of the next month.")
        case CheckKind.MONTH_BEFORE:
            return gettext("Months close in order.")
        case CheckKind.DAYS:
            return ngettext("{n} day is not closed", "{n} days are not closed", n)
        case CheckKind.SETTLEMENT:
            return ngettext("{n} day was not settled", "{n} days were not settled", n)
        case CheckKind.FIXINGS:
            return ngettext("{n} index has no value of this month",
                            "{n} indexes have no value of this month", n)  # fmt: skip
        case CheckKind.STATEMENTS:
            return ngettext("{n} account has no statement up to the last day",
                            "{n} accounts have no statement up to the last day", n)  # fmt: skip
        case CheckKind.DRAWDOWNS:
            return ngettext("{n} payout sent has no answer", "{n} payouts sent have no answer", n)
        case CheckKind.INVOICES:
            return ngettext("{n} contract was charged what is on no invoice",
                            "{n} contracts were charged what is on no invoice", n)  # fmt: skip
        case CheckKind.APPROVALS:
            return ngettext("{n} request of the month is open",
                            "{n} requests of the month are open", n)  # fmt: skip
        case CheckKind.BOOKS:
            return ngettext("{n} difference", "{n} differences", n)
        case CheckKind.CASH:
            return ngettext("{n} receipt has waited for more than {days} days",
                            "{n} receipts have waited for more than {days} days", n,
                            days=CASH_DAYS)  # fmt: skip
        case CheckKind.JOBS:
            return ngettext("{n} failed for good", "{n} failed for good", n)
