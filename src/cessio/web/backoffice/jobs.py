"""Background work: what runs, what waits, what failed and why, and when it is due."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from litestar.datastructures import State
from litestar.params import FromPath
from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.identity import Permission, Signed
from cessio.kernel.paging import Page, PageRequest
from cessio.plumbing import formats, jobs, mail, schedule, sms
from cessio.plumbing.jobs import JobState, JobView
from cessio.plumbing.jobs.queries import schedule_view
from cessio.plumbing.mail_stops import masked
from cessio.web.actors import actors
from cessio.web.backoffice import work
from cessio.web.backoffice.lists import (
    asked_choice,
    asked_page,
    asked_sort,
    asked_text,
    every_row,
    file_format,
)
from cessio.web.exports import Column, export
from cessio.web.forms import Form, one_of
from cessio.web.guards import staff
from cessio.web.render import N_, _, page_or_block, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who
from cessio.web.rows import together
from cessio.web.words import label
from cessio.web.words.jobs import JOBS, day_of, job_name, link_of, said, times

PATH = "/backoffice/jobs"
SEE = staff(Permission.SEE_LEDGER, Permission.SEE_AUDIT, Permission.MANAGE_SETTINGS)
#: Who may set work going again.
ACT = staff(Permission.SETTLE, Permission.MANAGE_SETTINGS)


@get(PATH, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_jobs(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """Jobs, latest first, and the schedule."""
    kind, state = asked_text(request, "kind"), asked_choice(request, "state", JobState)

    def fetch(page: PageRequest) -> Page[JobView]:
        return jobs.job_page(session, page, kind=kind, state=state, sort=asked_sort(request))

    if (wanted := file_format(request)) and request.query_params.get("table", "1") == "1":
        return _file(request, session, wanted, every_row(fetch), at)
    found = fetch(asked_page(request))
    planned = schedule_view(session)
    return render(
        request, "backoffice/jobs/list_jobs.html", found=found, planned=planned,
        health=jobs.queue_health(session, at=at), job_name=job_name, dead=JobState.DEAD,
        said=said, times=times, day_of=day_of, about=_about(session, found.rows),
        names=actors(session, [*(one.created_by for one in found.rows),
                               *(one.changed_by for one in planned)]),
        states=[(one.value, label(one)) for one in JobState],
        kinds=sorted(((kind, str(name)) for kind, name in JOBS.items()), key=lambda one: one[1]),
        may_act=_may_act(signed),
    )  # fmt: skip


@get(f"{PATH}/{{job_id:int}}", guards=[staff()], include_in_schema=False, sync_to_thread=True)
def show_job(request: AnyRequest, session: Db, signed: Who, job_id: Id) -> Response[Any]:
    """One job: its progress while it runs, then what it did or why it failed."""
    found = jobs.job_view(session, job_id)
    by = [found.created_by, found.requeued_by]
    return page_or_block(
        request, "backoffice/jobs/show_job.html", "progress", job=found,
        title=job_name(found.kind), about=_about(session, [found]).get(job_id),
        names=actors(session, by), cause=said(found),
        done=JobState.DONE, href=link_of(found), facts=_facts(found), may_act=_may_act(signed),
        stopped=found.state in (JobState.DEAD, JobState.FAILED),
    )  # fmt: skip


@post(f"{PATH}/{{job_id:int}}/again", guards=[ACT], include_in_schema=False, sync_to_thread=True)
def run_again(request: AnyRequest, session: Db, signed: Who, at: At, job_id: Id) -> Response[Any]:
    """Give a job that failed or was given up a new set of attempts."""
    jobs.run_again(session, job_id, by=signed.by, at=at)
    return work.done(request, f"{PATH}/{job_id}", N_("The job starts again."))


@post(f"{PATH}/schedule/{{name:str}}", guards=[ACT], include_in_schema=False, sync_to_thread=True)
def switch(
    session: Db, signed: Who, at: At, submitted: Sent, name: FromPath[str], state: State
) -> Response[Any]:
    """Switch a line of the schedule on or off."""
    form = Form(submitted)
    wanted = form.need("enabled", one_of(("yes", "no")))
    if not form.valid():
        raise form.faults[0]
    lines: Sequence[schedule.Scheduled] = state.schedule
    schedule.switch(session, lines, name, enabled=wanted == "yes", by=signed.by, at=at)
    return redirect(f"{PATH}#schedule", N_("The schedule is changed."))


def _file(
    request: AnyRequest, session: Session, wanted: str, found: Iterable[JobView], at: datetime
) -> Response[Any]:
    """Every job of the filter, not only those of a page."""
    columns = [
        Column(_("Number"), "number"), Column(_("What")), Column(_("State")), Column(_("Attempts"),
        "number"), Column(_("Asked"), "datetime"), Column(_("Asked by")),
        Column(_("Started"), "datetime"), Column(_("Ended"), "datetime"), Column(_("Why")),
    ]  # fmt: skip

    def cells(rows: Sequence[JobView]) -> list[tuple[Any, ...]]:
        names = actors(session, [one.created_by for one in rows])
        return [
            (one.id, job_name(one.kind), label(one.state), one.attempts, one.created_at,
             names[one.created_by], one.started_at, one.finished_at,
             said(one) if one.error else None)
            for one in rows
        ]  # fmt: skip

    return export(request, wanted, "jobs", columns, together(found, cells), at=at,
                  title=_("Background work"))  # fmt: skip


def _about(session: Session, rows: Sequence[JobView]) -> dict[int, str]:
    """Of a mail or an SMS to whom it goes, of a statement of which contract and period.

    Who looks after the machine need not know a debtor's address: its end is enough to tell it.
    """
    mails = {one.id: one.payload.get("mail_id") for one in rows if one.kind == "mail.send"}
    texts = {one.id: one.payload.get("sms_id") for one in rows if one.kind == "sms.send"}
    to = mail.recipients(session, [one for one in mails.values() if isinstance(one, int)])
    numbers = sms.numbers(session, [one for one in texts.values() if isinstance(one, int)])
    found = {job: masked(to[one]) for job, one in mails.items() if one in to}
    found |= {job: masked(numbers[one]) for job, one in texts.items() if one in numbers}
    told = {one.id: one.payload for one in rows if isinstance(one.payload.get("contract_id"), int)}
    held = {one.id: one.reference for one in contracts.contracts(
        session, ids={payload["contract_id"] for payload in told.values()})}  # fmt: skip
    for job, payload in told.items():
        days = [formats.date(date.fromisoformat(str(payload[name])))
                for name in ("from_on", "to_on") if payload.get(name)]  # fmt: skip
        parts = (held.get(payload["contract_id"]), " – ".join(days))
        found[job] = " · ".join(one for one in parts if one)
    return found


def _may_act(signed: Signed) -> bool:
    return signed.may(Permission.SETTLE) or signed.may(Permission.MANAGE_SETTINGS)


def _facts(job: JobView) -> list[tuple[str, str]]:
    """The counts of a result, by name; lists and objects have pages of their own."""
    if not isinstance(job.result, dict):
        return []
    return [
        (label(str(name)), str(value)) for name, value in job.result.items()
        if isinstance(value, int | str)
    ]  # fmt: skip


HANDLERS = [list_jobs, show_job, run_again, switch]
