"""Words of background work: what each kind of job does, and where it stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from cessio.plumbing.i18n import Lazy, gettext, lazy
from cessio.plumbing.jobs import JobView
from cessio.plumbing.jobs.running import TEMPLATE
from cessio.plumbing.models import JobState
from cessio.web.words.registry import label, labels, sentence, tones

labels(
    JobState,
    {
        JobState.QUEUED: lazy("Waits its turn"),
        JobState.RUNNING: lazy("Running"),
        JobState.DONE: lazy("Done"),
        JobState.FAILED: lazy("Will be tried again"),
        JobState.DEAD: lazy("Given up"),
    },
)
tones(
    JobState,
    {
        "muted": [JobState.QUEUED],
        "info": [JobState.RUNNING],
        "positive": [JobState.DONE],
        "attention": [JobState.FAILED],
        "danger": [JobState.DEAD],
    },
)

#: What each kind of job does.
JOBS: dict[str, Lazy] = {
    "closing.day_end": lazy("Settlement and close of a day"),
    "closing.back_fill": lazy("Figures of past days"),
    "closing.daily": lazy("Close of the day"),
    "closing.seal": lazy("Daily seal"),
    "closing.verify": lazy("Verification of the books"),
    "screening.due": lazy("Names held against the sanctions lists"),
    "limits.day": lazy("Limits, once a day"),
    "disputes.day": lazy("Disputes, once a day"),
    "cash.match": lazy("Matching of receipts"),
    "funding.automatic": lazy("Automatic drawdown"),
    "funding.plan_standing": lazy("Hour of the automatic drawdowns"),
    "funding.settle_payouts": lazy("Payouts confirmed by the bank"),
    "identity.forget": lazy("Old sessions forgotten"),
    "access.reset": lazy("Mail for a forgotten password"),
    "limits.expire": lazy("Limits that run out"),
    "collections.dunning": lazy("Reminders of a day"),
    "delivery.put": lazy("File put into a folder"),
    "reporting.day": lazy("Reports to banks of a day"),
    "reporting.report": lazy("Report to a bank"),
    "statements.day": lazy("Statements of a day"),
    "statements.period": lazy("Statement of a contract"),
    "statements.fee_invoices": lazy("Papers of fee invoices"),
    "collections.recovery_file": lazy("File for legal recovery"),
    "collections.results": lazy("Results of collection of a day"),
    "mail.send": lazy("Mail"),
    "sms.send": lazy("SMS"),
    "funding.ask_payees": lazy("Payees verified with the bank"),
    "notifications.mail": lazy("Mail of a notification"),
    "notifications.digest": lazy("Daily mail of notifications"),
    "remittance.accept": lazy("Assignment of a remittance"),
    "remittance.check": lazy("Check of a remittance"),
    "remittance.submit": lazy("Confirmation of a remittance"),
    "settlement.daily": lazy("Daily settlement"),
    "vigilance.day": lazy("Signals in the book, once a day"),
    "vigilance.remittance": lazy("Signals in a remittance"),
}


def times(cron: str) -> str:
    """When a line of the schedule runs, in words; an unusual one as it is written."""
    minute, hour, *days = cron.split()
    if days != ["*", "*", "*"] or not minute.isdecimal():
        return cron
    if hour.isdecimal():
        return gettext("every day at {time}").format(time=f"{int(hour):02d}:{int(minute):02d}")
    return gettext("every hour at minute {n}").format(n=minute) if hour == "*" else cron


def job_name(kind: str) -> str:
    """What a kind of job does; an unknown one is its own name."""
    return str(JOBS[kind]) if kind in JOBS else label(kind.replace(".", " "))


def day_of(job: JobView) -> date | None:
    """The business day that a job of the schedule is for."""
    on = job.payload.get("on")
    return date.fromisoformat(on) if isinstance(on, str) else None


@dataclass(frozen=True, slots=True)
class _Cause:
    """A stored error, as ``sentence`` reads one."""

    code: str
    params: Mapping[str, Any]
    template: str | None = None


def said(job: JobView) -> str | None:
    """Why a job failed, in words: the business's own sentence, else what the machine said."""
    return cause(job.error, job.error_code, job.error_params)


def cause(error: str | None, code: str | None, params: Mapping[str, Any] | None) -> str | None:
    """The same of a failure as it is kept."""
    if error is None or code is None:
        return error
    told = sentence(_Cause(code, params or {}, (params or {}).get(TEMPLATE)))
    return error if told == label(code) else told


#: Where the result of a job is to be seen: its page and the field of the payload that names it.
_PAGES = {
    "cash.match": ("/backoffice/bank/statements", "statement_id"),
    "funding.settle_payouts": ("/backoffice/bank/statements", "statement_id"),
    "remittance.accept": ("/backoffice/remittances", "remittance_id"),
    "remittance.check": ("/backoffice/remittances", "remittance_id"),
    "remittance.submit": ("/backoffice/remittances", "remittance_id"),
}


def link_of(job: JobView) -> str | None:
    """The page of what a job worked on, if there is one."""
    if job.kind == "closing.verify":
        return "/backoffice/verify"
    if job.kind == "closing.day_end":
        return "/backoffice/settlement"
    if job.kind == "collections.dunning":
        return f"/backoffice/collections/letters?day={job.payload.get('on')}"
    base, field = _PAGES.get(job.kind, ("", ""))
    number = job.payload.get(field)
    return f"{base}/{number}" if base and isinstance(number, int) else None
