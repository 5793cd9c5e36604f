"""The list of remittances, one of them, and the progress of what is done to it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from litestar import Response, get
from sqlalchemy.orm import Session

from cessio.house import Counted, counted_on
from cessio.house import queries as house
from cessio.identity import Permission, Signed
from cessio.kernel.paging import PageRequest
from cessio.plumbing.jobs import JobState
from cessio.receivables import queries
from cessio.receivables.jobs import CHECK
from cessio.receivables.queries import LineView, RemittanceView
from cessio.receivables.rules import Reason, RemittanceState, Verdict
from cessio.web import columns, remittance_work
from cessio.web.exports import Column, export
from cessio.web.guards import client_user
from cessio.web.portal.remittances.common import address, own, preview
from cessio.web.portal.scope import paging, scope_of
from cessio.web.render import _, page_or_block, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Who
from cessio.web.said import why_it_waits
from cessio.web.words import label, sentence

STATES = tuple(RemittanceState)
DRAFT = "portal/remittances/show_draft.html"
DECIDED = "portal/remittances/show_remittance.html"
#: Lines of one file.
EXPORT_MOST = 100_000


@get("/portal/remittances", guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def list_remittances(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """What was sent, latest first."""
    scope = scope_of(request, session, signed)
    asked = request.query_params.get("state")
    states = [state for state in STATES if state == asked] or None
    page = queries.remittances(
        session, paging(request), client_id=scope.client_id, contract_id=scope.contract.id,
        states=states,
    )  # fmt: skip
    return render(
        request, "portal/remittances/list_remittances.html", scope=scope, page_of=page,
        states=[(state.value, label(state)) for state in STATES],
        may_prepare=signed.may(Permission.OWN_PREPARE),
    )  # fmt: skip


@get("/portal/remittances/{remittance_id:int}", guards=[client_user(Permission.OWN_SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_remittance(
    request: AnyRequest, session: Db, signed: Who, remittance_id: Id, on: On, at: At
) -> Response[Any]:
    """A draft with its verdicts and what confirming brings; else what became of it."""
    view = own(session, signed, remittance_id)
    job = remittance_work.under_way(session, view.remittance)
    if job is not None:
        return redirect(f"{address(remittance_id)}/progress/{job.id}")
    row = view.remittance
    if columns.waits_for_columns(row):
        return redirect(f"{address(remittance_id)}/columns")
    asked = request.query_params
    verdict = next((one for one in Verdict if one == asked.get("verdict")), None)
    reason = next((code for code, _, _ in view.reasons if code == asked.get("reason")), None)
    if asked.get("format"):
        found = queries.lines(
            session, row.id, PageRequest(EXPORT_MOST), verdict=verdict, reason=reason
        )
        return _export(request, view, found.rows, asked["format"], at)
    page = queries.lines(session, row.id, paging(request), verdict=verdict, reason=reason)
    return _page(request, session, signed, view, page, on, at)


@get("/portal/remittances/{remittance_id:int}/progress/{job_id:int}",
     guards=[client_user(Permission.OWN_SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_progress(
    request: AnyRequest,
    session: Db,
    signed: Who,
    remittance_id: Id,
    job_id: Id,
    at: At,
) -> Response[Any]:
    """How far the check or the assignment of a large remittance is."""
    view = own(session, signed, remittance_id)
    job = remittance_work.job_of(session, view.remittance, job_id)
    return page_or_block(
        request, "portal/remittances/show_progress.html", "progress", row=view.remittance,
        job=job, is_assigning=job.kind != CHECK, remaining=remittance_work.remaining(job, at),
        failed=job.state is JobState.DEAD, address=address(remittance_id),
    )  # fmt: skip


def _page(
    request: AnyRequest, session: Session, signed: Signed, view: RemittanceView, page: Any,
    on: date, at: datetime,
) -> Response[Any]:  # fmt: skip
    row = view.remittance
    is_draft = row.state is RemittanceState.DRAFT
    sendable = row.accepted_count + row.warning_count
    checked = row.checked_at is not None
    template = DRAFT if is_draft else DECIDED
    return render(
        request, template, view=view, row=row, page_of=page,
        notes=_notes(row.mapping), from_file=row.document_id is not None,
        found=preview(session, view, on) if is_draft and checked and sendable else None,
        may_prepare=signed.may(Permission.OWN_PREPARE),
        may_assign=signed.may(Permission.OWN_ASSIGN), sendable=sendable,
        verdicts=_verdicts(view), waits=[Reason(code) for code in row.hold_reasons],
        states=RemittanceState, refused=Verdict.REFUSED, checked=checked,
        why_it_waits=why_it_waits, cut_off=house.cut_offs(session).get(Counted.REMITTANCE),
        counts_on=counted_on(session, what=Counted.REMITTANCE, at=at),
    )  # fmt: skip


def _verdicts(view: RemittanceView) -> list[tuple[str, str]]:
    """The choices of the verdict filter, with how many lines each has."""
    row = view.remittance
    shown = [
        (Verdict.ACCEPTED, row.accepted_count, _("Accepted ({n})", n=row.accepted_count)),
        (Verdict.WARNING, row.warning_count, _("With a remark ({n})", n=row.warning_count)),
        (Verdict.REFUSED, row.refused_count, _("Refused ({n})", n=row.refused_count)),
    ]
    every = ("", _("All ({n})", n=row.line_count))
    return [every, *((one.value, words) for one, count, words in shown if count)]


def _notes(stored: dict[str, Any] | None) -> list[Reason]:
    """What is to be known of the file as a whole."""
    notes = (stored or {}).get("notes", [])
    return [
        Reason(note["code"], {key: note[key] for key in note if key != "code"}) for note in notes
    ]


def _export(
    request: AnyRequest, view: RemittanceView, rows: tuple[LineView, ...], file_format: str,
    at: datetime,
) -> Response[bytes]:  # fmt: skip
    row = view.remittance
    heads = [
        Column(_("Line"), "number"), Column(_("Invoice number")), Column(_("Type")),
        Column(_("Debtor")), Column(_("SIREN")), Column(_("Issued on"), "date"),
        Column(_("Due date"), "date"), Column(_("Amount"), "money", row.currency),
        Column(_("Verdict")), Column(_("Reasons")),
    ]  # fmt: skip
    lines = [
        (
            one.line, one.number, label(one.kind), one.debtor_name, one.debtor_siren,
            one.issue_date, one.due_date, one.amount_minor, label(one.verdict),
            " ".join(sentence(reason) for reason in one.reasons),
        )
        for one in rows
    ]  # fmt: skip
    return export(request, file_format, row.reference, heads, lines, at=at, title=row.reference)


HANDLERS = [list_remittances, show_remittance, show_progress]
