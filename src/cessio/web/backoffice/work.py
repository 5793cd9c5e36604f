"""What waits for the person signed in, most pressing first; the way from one to the next."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from litestar import Response
from sqlalchemy.orm import Session

from cessio.approvals import queries as approvals
from cessio.approvals.queries import ApprovalView
from cessio.cash import queries as cash
from cessio.contracts.queries import ContractView
from cessio.contracts.rules import Terms
from cessio.funding.rules import Availability
from cessio.identity import Permission, Signed
from cessio.kernel.calendar import business_date
from cessio.kernel.paging import PageRequest
from cessio.limits import queries as limits
from cessio.parties import queries as parties
from cessio.plumbing.i18n import Lazy, lazy
from cessio.plumbing.jobs import JobView, dead_jobs
from cessio.receivables import queries as receivables
from cessio.receivables.rules import RemittanceState
from cessio.web.backoffice import lists
from cessio.web.render import _, ngettext, redirect
from cessio.web.requests import AnyRequest
from cessio.web.said import why_it_waits
from cessio.web.words import label
from cessio.web.words.jobs import job_name, said

#: A dispute comes into the queue so many days before its funding is stopped.
DISPUTE_DAYS = 7
#: A limit comes into the queue so many days before it ends.
ENDING_DAYS = 7
_MOST = 200

KINDS: dict[str, tuple[Lazy, str]] = {
    "remittance": (lazy("Remittance to examine"), "attention"),
    "approval": (lazy("To approve"), "info"),
    "account": (lazy("Account to confirm"), "info"),
    "request": (lazy("Limit request"), "info"),
    "ending": (lazy("Limit that ends"), "attention"),
    "dispute": (lazy("Dispute"), "danger"),
    "overdrawn": (lazy("Overdrawn contract"), "danger"),
    "cash": (lazy("Unallocated receipts"), "attention"),
    "job": (lazy("Failed job"), "danger"),
}


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to decide. ``due_on`` is the day it was promised for, or becomes a loss."""

    kind: str
    title: str
    detail: str
    why: tuple[str, ...]
    href: str
    since: date
    client_id: int | None = None
    due_on: date | None = None
    amount_minor: int | None = None
    currency: str = "EUR"
    follows: bool = True

    @property
    def words(self) -> str:
        """What kind of thing it is."""
        return str(KINDS[self.kind][0])

    @property
    def tone(self) -> str:
        """The colour of its kind."""
        return KINDS[self.kind][1]


@dataclass(frozen=True, slots=True)
class Book:
    """What the queue is read from, gathered once for the whole page."""

    on: date
    contracts: tuple[ContractView, ...]
    terms: dict[int, Terms]
    availability: dict[int, Availability]


def tasks(session: Session, signed: Signed, book: Book) -> list[Task]:
    """Everything this person may decide: what is late first, then by day due, then by amount."""
    found = list(_tasks(session, signed, book))
    far = book.on + timedelta(days=365)

    def pressing(task: Task) -> tuple[bool, date, int, date]:
        late = task.due_on is not None and task.due_on <= book.on
        return not late, task.due_on or far, -(task.amount_minor or 0), task.since

    return sorted(found, key=pressing)


def _tasks(session: Session, signed: Signed, book: Book) -> Iterator[Task]:
    if signed.may(Permission.DECIDE_REMITTANCES):
        yield from _remittances(session)
    if signed.may(Permission.APPROVE_DRAWDOWNS):
        asked = approvals.pending(session, not_by=signed.person_id)
        yield from map(_approval, asked)
    if signed.may(Permission.CONFIRM_ACCOUNTS):
        yield from _accounts(session, signed)
    if signed.may(Permission.DECIDE_LIMITS):
        yield from _requests(session)
        yield from _ending(session, book.on)
    if signed.may(Permission.HANDLE_DISPUTES):
        yield from _disputes(session, book)
    if signed.may(Permission.DECIDE_DRAWDOWNS):
        yield from _overdrawn(book)
    if signed.may(Permission.APPLY_CASH):
        yield from _cash(session, book.on)
    if signed.may(Permission.SETTLE) or signed.may(Permission.MANAGE_SETTINGS):
        yield from map(_job, dead_jobs(session))


def _remittances(session: Session) -> Iterator[Task]:
    found = receivables.remittances(
        session, PageRequest(_MOST), states=[RemittanceState.SUBMITTED]
    )  # fmt: skip
    for row in found.rows:
        yield Task(
            "remittance", row.client_name,
            f"{row.reference} · " + ngettext("{n} document", "{n} documents", row.line_count),
            tuple(why_it_waits(code) for code in row.hold_reasons),
            f"/backoffice/remittances/{row.id}", business_date(row.created_at), row.client_id,
            amount_minor=row.total_minor, currency=row.currency,
        )  # fmt: skip


def _approval(one: ApprovalView) -> Task:
    pages = {"drawdown": "/backoffice/funding"}
    base = pages.get(one.subject_kind)
    return Task(
        "approval", str(one.summary.get("client") or label(one.subject_kind)),
        f"{label(one.subject_kind)} · {one.summary.get('contract', '')}",
        (_("above what one person may grant"),),
        f"{base}/{one.subject_id}" if base else "/backoffice/approvals",
        business_date(one.asked_at), one.client_id, due_on=business_date(one.asked_at),
        amount_minor=one.summary.get("amount_minor"),
        currency=str(one.summary.get("currency", "EUR")), follows=False,
    )  # fmt: skip


def _accounts(session: Session, signed: Signed) -> Iterator[Task]:
    for account, company in parties.accounts_to_confirm(session):
        if account.added_by != signed.by:
            yield Task(
                "account", company, account.iban, (_("payouts wait for it"),),
                f"/backoffice/accounts/{account.id}/confirmation",
                business_date(account.added_at), follows=False,
            )  # fmt: skip


def _requests(session: Session) -> Iterator[Task]:
    for row in limits.requests(session, open_only=True):
        yield Task(
            "request", row.debtor_name, row.contract_reference,
            (row.comment,) if row.comment else (),
            f"/backoffice/limits/decide?request={row.id}", business_date(row.asked_at),
            row.client_id, row.answer_due_on, row.amount_minor, row.currency,
        )  # fmt: skip


def _ending(session: Session, on: date) -> Iterator[Task]:
    for row in limits.expiring_limits(session, on=on, within_days=ENDING_DAYS):
        yield Task(
            "ending", row.debtor_name, f"{row.contract_reference} · {label(row.kind)}",
            (row.insurer,) if row.insurer else (),
            f"/backoffice/limits/decide?contract={row.contract_id}&debtor={row.debtor_id}",
            row.valid_from, row.client_id, row.valid_to, row.amount_minor, row.currency,
        )  # fmt: skip


def _disputes(session: Session, book: Book) -> Iterator[Task]:
    clients = {one.id: one.client_id for one in book.contracts}
    for row in receivables.disputes(session, PageRequest(_MOST)).rows:
        terms = book.terms.get(row.contract_id, Terms())
        ends = row.opened_on + timedelta(days=terms.dispute_days_before_defunding)
        if ends - timedelta(days=DISPUTE_DAYS) <= book.on:
            yield Task(
                "dispute", row.debtor_name, f"{row.number} · {row.client_name}",
                tuple(said for said in (str(label(row.reason)), row.comment) if said),
                f"/backoffice/receivables/{row.receivable_id}", row.opened_on,
                clients.get(row.contract_id), ends, row.amount_minor, row.currency,
            )  # fmt: skip


def _overdrawn(book: Book) -> Iterator[Task]:
    for one in book.contracts:
        found = book.availability.get(one.id)
        if found is not None and found.available_minor < 0:
            yield Task(
                "overdrawn", one.client_name, one.reference,
                (_("nothing is paid out until it is made up"),),
                f"/backoffice/contracts/{one.id}", book.on, one.client_id,
                amount_minor=-found.available_minor, currency=one.currency, follows=False,
            )  # fmt: skip


def _cash(session: Session, on: date) -> Iterator[Task]:
    count, minor, since = cash.unallocated(session)
    if count:
        yield Task(
            "cash", ngettext("{n} receipt", "{n} receipts", count), "", (),
            "/backoffice/matching", since or on, due_on=since, amount_minor=minor, follows=False,
        )  # fmt: skip


def _job(job: JobView) -> Task:
    day = business_date(job.finished_at or job.created_at)
    return Task(
        "job", job_name(job.kind), str(job.id), tuple(word for word in (said(job),) if word),
        f"/backoffice/jobs/{job.id}", day, job.client_id, day, follows=False,
    )  # fmt: skip


def at_place(href: str, place: int) -> str:
    """The address of a task's page, which knows its place in the queue."""
    return f"{href}{'&' if '?' in href else '?'}queue={place}"


def done(request: AnyRequest, default: str, words: str, **params: Any) -> Response[Any]:
    """Where a decision leads: the next of the queue if it was opened from there, else its page."""
    place = lists.asked_number(request, "queue")
    target = default if place is None else f"/backoffice/next?queue={place}"
    return redirect(target, words, **params)
