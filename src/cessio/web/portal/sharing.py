"""Sharing: who may read the book, until when, what they opened; giving, prolonging, ending."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.identity import Permission, Signed
from cessio.kernel.calendar import add_months
from cessio.kernel.errors import CessioError
from cessio.kernel.paging import PageRequest
from cessio.sharing import (
    AccessView,
    Kind,
    Made,
    Part,
    ShareRole,
    ShareView,
    end_share,
    invite_again,
    prolong,
)
from cessio.sharing import queries as sharing
from cessio.sharing.queries import Standing
from cessio.sharing.rules import last_day
from cessio.web.actors import actors
from cessio.web.exports import Column, export
from cessio.web.forms import Form, day
from cessio.web.guards import client_user
from cessio.web.portal.scope import client_of, paging
from cessio.web.portal.share_form import Asked, read, share
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.rows import every_row
from cessio.web.words import label
from cessio.web.words.sharing import opened, shows

HOME = "/portal/sharing"
#: A form begins with so many months.
USUAL_MONTHS = 6
#: What the list of shares may be sorted by; one that was never opened comes first.
SORTS: dict[str, Callable[[ShareView], Any]] = {
    "reader": lambda one: one.name.casefold(), "kind": lambda one: one.kind.value,
    "seen": lambda one: one.last_seen or datetime.min.replace(tzinfo=UTC),
    "until": lambda one: one.until_on,
}  # fmt: skip
LATEST = 8
SEE, GIVE = client_user(Permission.OWN_SEE), client_user(Permission.OWN_SHARE)


@get(HOME, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_shares(request: AnyRequest, session: Db, signed: Who, on: On, at: At) -> Response[Any]:
    """Who reads what until when, and what was opened last."""
    client_id = client_of(signed)
    rows = _sorted(sharing.shares(session, client_id=client_id), request)
    if request.query_params.get("format"):
        return _export_shares(request, rows, on, at)
    latest = sharing.accesses(session, PageRequest(LATEST), client_id=client_id)
    return render(
        request, "portal/sharing/list_shares.html", on=on, latest=latest.rows, opened=opened,
        open_now=[one for one in rows if one.standing(on) is Standing.OPEN],
        past=[one for one in rows if one.standing(on) is not Standing.OPEN],
        may_share=signed.may(Permission.OWN_SHARE),
    )  # fmt: skip


def _sorted(rows: Sequence[ShareView], request: AnyRequest) -> list[ShareView]:
    """In the order of ``?sort=``; latest first by itself."""
    asked = request.query_params.get("sort", "")
    key = SORTS.get(asked.removeprefix("-"))
    return sorted(rows, key=key, reverse=asked.startswith("-")) if key else list(rows)


@get(f"{HOME}/log", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_accesses(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """Every page and file that was opened, latest first; ``?share=`` keeps one reader's."""
    client_id = client_of(signed)
    rows = sharing.shares(session, client_id=client_id)
    asked = request.query_params.get("share")
    share_id = next((one.id for one in rows if str(one.id) == asked), None)

    def fetch(page: PageRequest) -> Any:
        return sharing.accesses(session, page, client_id=client_id, share_id=share_id)

    if file_format := request.query_params.get("format"):
        return _export_accesses(request, list(every_row(fetch)), file_format, at)
    return render(
        request, "portal/sharing/list_accesses.html", page_of=fetch(paging(request)),
        opened=opened, readers=[(str(one.id), _reader(one)) for one in rows],
    )  # fmt: skip


@get(f"{HOME}/new", guards=[GIVE], include_in_schema=False, sync_to_thread=True)
def new_share(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """The form: whom, what, until when; ``?kind=link`` for an address without account."""
    is_link = request.query_params.get("kind") == Kind.LINK
    form = Form(
        kind=(Kind.LINK if is_link else Kind.GUEST).value, role=ShareRole.ACCOUNTANT.value,
        language=signed.language, until_on=add_months(on, USUAL_MONTHS).isoformat(), every="yes",
    )  # fmt: skip
    return _form(request, session, signed, form, on, {Part.STATEMENTS, Part.COSTS})


@post(f"{HOME}/check", guards=[GIVE], include_in_schema=False, sync_to_thread=True)
def check_share(
    request: AnyRequest, session: Db, signed: Who, on: On, submitted: Sent
) -> Response[Any]:
    """Say in plain words what that person will be able to see, before anything is given."""
    form = Form(submitted)
    asked = read(form, session, client_of(signed), on)
    if asked is None:
        return _form(request, session, signed, form, on, status=422)
    return render(
        request, "portal/sharing/check_share.html", asked=asked, fields=asked.fields,
        back=f"{HOME}/new?kind={asked.kind.value}", shows=shows,
    )  # fmt: skip


@post(HOME, guards=[GIVE], include_in_schema=False, sync_to_thread=True)
def give_share(
    request: AnyRequest, session: Db, signed: Who, on: On, at: At, submitted: Sent
) -> Response[Any]:
    """Invite the guest, or make the link and show its address this once."""
    form = Form(submitted)
    asked = read(form, session, client_of(signed), on)
    if asked is not None:
        try:
            with session.begin_nested():
                made = share(session, client_of(signed), asked, by=signed.by, at=at)
        except CessioError as error:
            form.refuse(error)
        else:
            if isinstance(made, Made):
                return _show(request, session, signed, made.share_id, on, token=made.token)
            return redirect(
                f"{HOME}/{made.share_id}", N_("{name} is invited by mail."), name=asked.name
            )
    return _form(request, session, signed, form, on, status=422)


@get(f"{HOME}/{{share_id:int}}", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_share(
    request: AnyRequest, session: Db, signed: Who, share_id: Id, on: On
) -> Response[Any]:
    """One share: what it shows, until when, and what was opened by it."""
    return _show(request, session, signed, share_id, on)


@post(f"{HOME}/{{share_id:int}}/prolong", guards=[GIVE], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def prolong_share(
    request: AnyRequest, session: Db, signed: Who, share_id: Id, on: On, at: At, submitted: Sent
) -> Response[Any]:
    """Another last day."""
    view = sharing.share(session, share_id, client_id=client_of(signed))
    form = Form(submitted)
    until_on = form.need("until_on", day())
    if form.valid():
        try:
            with session.begin_nested():
                prolong(session, share_id=share_id, client_id=view.client_id, until_on=until_on,
                        by=signed.by, at=at)  # fmt: skip
            return redirect(f"{HOME}/{share_id}", N_("The last day is changed."))
        except CessioError as error:
            form.refuse(error)
    return _show(request, session, signed, share_id, on, form=form, status=422)


@post(f"{HOME}/{{share_id:int}}/end", guards=[GIVE], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def stop_share(session: Db, signed: Who, share_id: Id, at: At) -> Response[Any]:
    """Close it at once."""
    end_share(session, share_id=share_id, client_id=client_of(signed), by=signed.by, at=at)
    return redirect(HOME, N_("The share is ended: it opens nothing any more."))


@post(f"{HOME}/{{share_id:int}}/invite", guards=[GIVE], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def remind(session: Db, signed: Who, share_id: Id, at: At) -> Response[Any]:
    """Send the invitation once more."""
    invite_again(session, share_id=share_id, client_id=client_of(signed), by=signed.by, at=at)
    return redirect(f"{HOME}/{share_id}", N_("The invitation is sent again."))


def _form(
    request: AnyRequest, session: Session, signed: Signed, form: Form, on: date,
    parts: set[Part] | None = None, *, status: int = 200,
) -> Response[Any]:  # fmt: skip
    chosen_parts = form.submitted.fields.get("part", ()) if parts is None else tuple(parts)
    return render(
        request, "portal/sharing/new_share.html", status=status, form=form,
        is_link=form.raw("kind") == Kind.LINK, parts=list(Part), chosen_parts=set(chosen_parts),
        contracts=Asked.own(session, client_of(signed)),
        chosen_contracts=set(form.submitted.fields.get("contract", ())),
        roles=[(one.value, label(one)) for one in ShareRole], latest=last_day(on), shows=shows,
    )  # fmt: skip


def _show(
    request: AnyRequest, session: Session, signed: Signed, share_id: int, on: date, *,
    token: str | None = None, form: Form | None = None, status: int = 200,
) -> Response[Any]:  # fmt: skip
    view = sharing.share(session, share_id, client_id=client_of(signed))
    page = sharing.accesses(session, PageRequest(LATEST), client_id=view.client_id,
                            share_id=share_id)  # fmt: skip
    address = f"{request.app.state.settings.public_url.rstrip('/')}/shared/{token}"
    return render(
        request, "portal/sharing/show_share.html", status=status, share=view, on=on,
        standing=view.standing(on), contracts=sharing.contracts_of(session, view),
        latest=page.rows, opened=opened, shows=shows, may_share=signed.may(Permission.OWN_SHARE),
        names=actors(session, (view.created_by, view.ended_by)),
        address=address if token else None, last_day=last_day(on),
        form=form or Form(until_on=max(view.until_on, add_months(on, USUAL_MONTHS)).isoformat()),
    )  # fmt: skip


def _reader(one: ShareView) -> str:
    return ", ".join(filter(None, (one.name, one.firm)))


def _export_shares(
    request: AnyRequest, rows: Sequence[ShareView], on: date, at: datetime
) -> Response[bytes]:
    columns = [
        Column(_("Reader")), Column(_("Firm")), Column(_("E-mail")), Column(_("Comes in by")),
        Column(_("Reads")), Column(_("From"), "date"), Column(_("Until"), "date"),
        Column(_("State")), Column(_("Last look"), "datetime"),
    ]  # fmt: skip
    lines = [
        (one.name, one.firm, one.email or "", label(one.kind),
         ", ".join(label(part) for part in one.parts), one.from_on, one.until_on,
         label(one.standing(on)), one.last_seen)
        for one in rows
    ]  # fmt: skip
    return export(request, request.query_params["format"], "shares", columns, lines, at=at,
                  title=_("Sharing"))  # fmt: skip


def _export_accesses(
    request: AnyRequest, rows: Sequence[AccessView], file_format: str, at: datetime
) -> Response[bytes]:
    columns = [
        Column(_("When"), "datetime"), Column(_("Reader")), Column(_("Firm")),
        Column(_("Comes in by")), Column(_("What was opened")), Column(_("File")),
        Column(_("Contract")), Column(_("From"), "date"), Column(_("To"), "date"),
        Column(_("Network")),
    ]  # fmt: skip
    lines = [
        (one.at, one.name, one.firm, label(one.kind), opened(one), (one.format or "").upper(),
         one.contract or "", one.from_on, one.to_on, one.network)
        for one in rows
    ]  # fmt: skip
    return export(request, file_format, "opened", columns, lines, at=at,
                  title=_("What was opened"))  # fmt: skip


HANDLERS = [
    list_shares, list_accesses, new_share, check_share, give_share, show_share, prolong_share,
    stop_share, remind,
]  # fmt: skip
