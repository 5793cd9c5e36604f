"""Screening: names that resemble listed ones, the lists, a search by hand. Never a client's."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import documents, screening
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError
from cessio.parties import queries as parties
from cessio.screening import AlertState, ListSource, Settings, Verdict
from cessio.screening import queries as screened
from cessio.screening.formats import MAX_BYTES
from cessio.web.actors import actors
from cessio.web.backoffice import lists, work
from cessio.web.exports import Column, export, file_response
from cessio.web.forms import Form, chosen, day, integer, text
from cessio.web.guards import staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label

HOME = "/backoffice/screening"
LISTS = f"{HOME}/lists"
SEE = staff(Permission.SEE_SCREENING)
DECIDE = staff(Permission.DECIDE_SCREENING)


def about(session: Session, signed: Signed, company_id: int) -> dict[str, Any]:
    """What ``_about.html`` shows of a company, to who may see it."""
    if not signed.may(Permission.SEE_SCREENING):
        return {"screening_standing": None}
    return {
        "screening_standing": screening.standing(session, company_id),
        "screening_alerts": screened.alerts_of(session, company_id),
        "screening_home": f"{HOME}?state=any&company={company_id}",
    }


@get(HOME, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_alerts(request: AnyRequest, session: Db, at: At, on: On) -> Response[Any]:
    """Alerts, those to look at first; how old the lists are."""
    asked = request.query_params.get("state", AlertState.OPEN.value)
    wanted: dict[str, Any] = {
        "state": AlertState(asked) if asked in set(AlertState) else None,
        "company_id": lists.asked_number(request, "company"),
        "sort": lists.asked_sort(request),
    }
    if file := lists.file_format(request):
        rows = lists.every_row(lambda page: screening.alerts(session, page, **wanted))
        return _file(request, session, file, rows, at)
    found = screening.alerts(session, lists.asked_page(request), **wanted)
    return render(
        request, "backoffice/screening/list_alerts.html", found=found,
        counts=screened.counts(session), shown_states=list(AlertState)[:3],
        stale=screened.stale(session, on=on), has_lists=bool(screened.current_ids(session)),
        due=screened.due_count(session),
        states=[*((each.value, label(each)) for each in AlertState), ("any", _("All"))],
    )  # fmt: skip


@get(f"{HOME}/{{alert_id:int}}", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_alert(request: AnyRequest, session: Db, signed: Who, alert_id: Id) -> Response[Any]:
    """One alert: the name of ours and the listed one side by side, and what to say of it."""
    return _page(request, session, signed, alert_id, Form())


@post(f"{HOME}/{{alert_id:int}}/opinions", guards=[DECIDE], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def give_opinion(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, alert_id: Id
) -> Response[Any]:
    """One person's word; the next open alert follows."""
    form = Form(submitted)
    verdict, reason = form.need("verdict", chosen(Verdict)), form.need("reason", _reason)
    if form.valid():
        try:
            with session.begin_nested():
                state = screening.give_opinion(session, alert_id=alert_id, verdict=verdict,
                                               reason=reason, by=signed.by, at=at)  # fmt: skip
        except CessioError as error:
            form.refuse(error)
        else:
            said = {
                AlertState.OPEN: N_("Noted: a second person looks at it too."),
                AlertState.CLEARED: N_("Cleared: nothing is held back for it."),
                AlertState.HIT: N_("Noted: nothing is paid or assigned while it stands."),
            }
            return work.done(request, f"{HOME}/{alert_id}", said[state])
    return _page(request, session, signed, alert_id, form, status=422)


def _reason(raw: str) -> str:
    return text(1000, multiline=True)(raw)


@get(f"{HOME}/search", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def search_lists(request: AnyRequest, session: Db) -> Response[Any]:
    """A name or a number held against the lists by hand."""
    asked = request.query_params.get("q", "").strip()[:200]
    return render(
        request, "backoffice/screening/search_lists.html", asked=asked,
        found=screening.search(session, asked) if asked else (),
        has_lists=bool(screened.current_ids(session)),
        threshold=screened.settings(session).threshold,
    )  # fmt: skip


@get(LISTS, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_versions(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """The lists as they were loaded, the one that holds of each; loading another."""
    return _lists(request, session, signed, on, Form(), Form())


@post(LISTS, guards=[DECIDE], include_in_schema=False, sync_to_thread=True)
def load_list(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:
    """Load a file; every name of the base is held against it by a job."""
    form = Form(submitted)
    source, dated_on = form.need("source", chosen(ListSource)), form.maybe("dated_on", day())
    confirmed, upload = form.flag("confirmed"), form.upload("file", max_bytes=MAX_BYTES)
    if form.valid() and upload is not None:
        try:
            with session.begin_nested():
                done = screening.load_list(
                    session, source=source, data=upload.content, filename=upload.name,
                    dated_on=dated_on, confirmed=confirmed, by=signed.by, at=at,
                )  # fmt: skip
        except CessioError as error:
            form.refuse(error)
        else:
            return redirect(
                LISTS, N_("Loaded: {entries} entries, {fresh} new, {gone} gone. Every name is held"
                          " against them now."),
                entries=done.entry_count, fresh=done.new_count, gone=done.gone_count,
            )  # fmt: skip
    return _lists(request, session, signed, on, form, Form(), status=422)


@get(f"{LISTS}/{{version_id:int}}/file", guards=[SEE], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def download_list(session: Db, version_id: Id) -> Response[bytes]:
    """The file as it was loaded."""
    content = documents.read(session, screened.version_document(session, version_id))
    return file_response(content.content, content.filename, content.media_type)


@post(f"{HOME}/settings", guards=[staff(Permission.MANAGE_SETTINGS)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def set_settings(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:
    """From which score a resemblance is an alert; when a list is old."""
    form = Form(submitted)
    threshold, days = form.need("threshold", integer()), form.need("stale_days", integer())
    if form.valid():
        try:
            screening.set_settings(session, wanted=Settings(threshold, days), by=signed.by, at=at)
        except CessioError as error:
            form.refuse(error)
        else:
            return redirect(LISTS, N_("Set."))
    return _lists(request, session, signed, on, Form(), form, status=422)


def _page(
    request: AnyRequest, session: Session, signed: Signed, alert_id: int, form: Form, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    one = screening.alert(session, alert_id)
    opinions = screened.opinions(session, alert_id)
    return render(
        request, "backoffice/screening/show_alert.html", status=status, one=one, form=form,
        opinions=opinions, names=actors(session, [said.given_by for said in opinions]),
        numbers=parties.company(session, one.company_id),
        verdicts=[(each.value, label(each), "") for each in Verdict],
        may_decide=signed.may(Permission.DECIDE_SCREENING)
        and one.state in (AlertState.OPEN, AlertState.HIT),
        following=screened.next_open(session, after_id=alert_id),
    )  # fmt: skip


def _lists(
    request: AnyRequest, session: Session, signed: Signed, on: Any, form: Form, settings: Form, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    held = screened.settings(session)
    versions = screened.versions(session)
    return render(
        request, "backoffice/screening/list_versions.html", status=status, form=form,
        settings=settings if settings.raw("threshold") else Form(
            threshold=held.threshold, stale_days=held.stale_days),
        versions=versions, names=actors(session, [one.loaded_by for one in versions]),
        stale={one.id for one in screened.stale(session, on=on)}, held=held,
        sources=[(each.value, label(each)) for each in ListSource],
        may_load=signed.may(Permission.DECIDE_SCREENING),
        may_set=signed.may(Permission.MANAGE_SETTINGS), due=screened.due_count(session),
    )  # fmt: skip


def _file(
    request: AnyRequest, session: Session, wanted: str, rows: Any, at: datetime
) -> Response[Any]:
    heads = [Column(_("Found on"), "datetime"), Column(_("Name")), Column(_("Whose it is")),
             Column(_("Company")), Column(_("Listed name")), Column(_("List")),
             Column(_("Reference")), Column(_("List of"), "date"), Column(_("Score"), "number"),
             Column(_("State"))]  # fmt: skip
    cells = ((one.found_at, one.name, label(one.subject_kind), one.company_name, one.alias,
              label(one.source), one.listed.reference, one.dated_on, one.score, label(one.state))
             for one in rows)  # fmt: skip
    return export(request, wanted, "screening", heads, cells, at=at, title=_("Screening"))


HANDLERS = [
    list_alerts, show_alert, give_opinion, search_lists, list_versions, load_list, download_list,
    set_settings,
]  # fmt: skip
