"""The books as a whole: the trial balance, and the proof that nothing in them is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from litestar import Response, get, post

from cessio.closing.jobs import VERIFY
from cessio.identity import Permission
from cessio.ledger import AccountKind
from cessio.ledger import queries as ledger
from cessio.plumbing import jobs
from cessio.plumbing.jobs import JobState
from cessio.web.actors import actors
from cessio.web.backoffice.lists import file_format
from cessio.web.exports import Column, export
from cessio.web.guards import staff
from cessio.web.render import _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Who
from cessio.web.words import label
from cessio.web.words.settlement import proof_name

PATH = "/backoffice/settlement/ledger"
VERIFICATION = "/backoffice/verify"
SEE = staff(Permission.SEE_LEDGER)
#: Where the lines of an account can be read.
OPENS = {
    AccountKind.BANK.value: "/backoffice/bank",
    AccountKind.SUSPENSE_CASH.value: "/backoffice/bank/matching",
    AccountKind.PAYOUT_CLEARING.value: "/backoffice/funding",
    AccountKind.RECEIVABLE.value: "/backoffice/receivables",
    AccountKind.CLIENT_CURRENT.value: "/backoffice/contracts",
    AccountKind.RETENTION_FUND.value: "/backoffice/settlement/funds",
    AccountKind.INTEREST_INCOME.value: "/backoffice/settlement/financing",
    AccountKind.OWN_CAPITAL.value: "/backoffice/funding/means?means=capital",
    AccountKind.REFINANCING.value: "/backoffice/funding/means?means=refinancing",
    AccountKind.REFINANCING_COST.value: "/backoffice/funding/means?means=cost",
    AccountKind.INTERNAL_TRANSFER.value: "/backoffice/funding/means?means=transfer",
}


@dataclass(frozen=True, slots=True)
class BalanceRow:
    """One kind of account in one currency: its balance as a debit or as a credit."""

    kind: AccountKind
    currency: str
    minor: int

    @property
    def debit_minor(self) -> int:
        return max(0, self.minor)

    @property
    def credit_minor(self) -> int:
        return max(0, -self.minor)


@get(PATH, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_trial_balance(request: AnyRequest, session: Db, at: At) -> Response[Any]:
    """Every kind of account with its balance; debits equal credits in each currency."""
    rows = [BalanceRow(kind, currency, minor)
            for (kind, currency), minor in ledger.trial_balance(session).items()]  # fmt: skip
    if wanted := file_format(request):
        columns = [Column(_("Account")), Column(_("Currency")), Column(_("Debit"), "money"),
                   Column(_("Credit"), "money")]  # fmt: skip
        cells = ((label(row.kind), row.currency, row.debit_minor, row.credit_minor)
                 for row in rows)  # fmt: skip
        return export(
            request, wanted, "trial-balance", columns, cells, at=at, title=_("Trial balance")
        )
    currencies = sorted({row.currency for row in rows})
    return render(
        request, "backoffice/settlement/show_trial_balance.html", at=at, opens=OPENS,
        books=[(one, [row for row in rows if row.currency == one]) for one in currencies],
    )  # fmt: skip


@get(VERIFICATION, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_verification(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """What the last verification found, and those before it."""
    runs = jobs.recent_jobs(session, kind=VERIFY, limit=12)
    last = next((one for one in runs if one.state == JobState.DONE), None)
    return render(
        request, "backoffice/settlement/show_verification.html", runs=runs, last=last,
        proofs=last.result["proofs"] if last else [], proof_name=proof_name,
        names=actors(session, [one.created_by for one in runs]),
        running=next((one for one in runs if not one.is_over), None),
    )  # fmt: skip


@post(VERIFICATION, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def verify(session: Db, signed: Who, at: At) -> Response[Any]:
    """Ask for the proof of the whole book; a run that waits or runs is not asked for twice."""
    waiting = [one for one in jobs.recent_jobs(session, kind=VERIFY, limit=5) if not one.is_over]
    if waiting:
        return redirect(f"/backoffice/jobs/{waiting[0].id}")
    job_id = jobs.enqueue(
        session, kind=VERIFY, key=at.isoformat(), payload={}, by=signed.by, at=at
    )  # fmt: skip
    return redirect(f"/backoffice/jobs/{job_id}")


HANDLERS = [show_trial_balance, show_verification, verify]
