"""Keeping a list as it is filtered: save, rename, share, open with it, drop."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from litestar import Response, post
from sqlalchemy.orm import Session

from cessio.identity import Signed
from cessio.kernel.errors import CessioError, Invalid
from cessio.preferences import change_view, drop_view, open_with, save_view, views
from cessio.web import saved_views
from cessio.web.forms import Form, Submitted, one_of, text
from cessio.web.guards import staff
from cessio.web.render import N_, redirect
from cessio.web.requests import At, Db, Id, Sent, Who
from cessio.web.words import sentence

PATH = "/backoffice/views"


@post(PATH, guards=[staff()], include_in_schema=False, sync_to_thread=True)
def save(session: Db, signed: Who, submitted: Sent, at: At) -> Response[Any]:
    """Keep the list as it is shown now, under a name."""
    form, page, query = _read(submitted)
    name, shared = form.need("name", text(60)), form.flag("shared")
    starts = form.flag("default")
    if not form.valid():
        return _back(page, query, form.faults[0])
    try:
        with session.begin_nested():
            view_id = save_view(
                session, person_id=signed.person_id, page=page, name=name, query=query,
                shared=shared, at=at,
            )  # fmt: skip
    except CessioError as error:
        return _back(page, query, error)
    if starts:
        open_with(session, person_id=signed.person_id, page=page, view_id=view_id)
    return _shown(session, signed, page, view_id, N_("View saved."))


@post(f"{PATH}/{{view_id:int}}", guards=[staff()], include_in_schema=False, sync_to_thread=True)
def change(session: Db, signed: Who, submitted: Sent, at: At, view_id: Id) -> Response[Any]:
    """Rename or share a view of one's own; or keep under it what is shown now."""
    form, page, query = _read(submitted)
    name, shared = form.need("name", text(60)), form.flag("shared")
    replaces, starts = form.flag("replace"), form.flag("default")
    if not form.valid():
        return _back(page, query, form.faults[0])
    try:
        with session.begin_nested():
            change_view(
                session, view_id=view_id, person_id=signed.person_id, name=name, shared=shared,
                query=query if replaces else None, at=at,
            )  # fmt: skip
    except CessioError as error:
        return _back(page, query, error)
    _start_with(session, signed, page, view_id, starts)
    return _shown(session, signed, page, view_id, N_("View saved."))


@post(f"{PATH}/{{view_id:int}}/default", guards=[staff()], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def choose_default(session: Db, signed: Who, submitted: Sent, view_id: Id) -> Response[Any]:
    """Open the list with this view from now on, or no longer."""
    form, page, query = _read(submitted)
    starts = form.flag("default")
    if not form.valid():
        return _back(page, query, form.faults[0])
    _start_with(session, signed, page, view_id, starts)
    return _shown(session, signed, page, view_id, N_("Your choices are kept."))


@post(f"{PATH}/{{view_id:int}}/drop", guards=[staff()], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def drop(session: Db, signed: Who, submitted: Sent, view_id: Id) -> Response[Any]:
    """Drop a view of one's own; those it was shared with lose it too."""
    form, page, query = _read(submitted)
    if not form.valid():
        return _back(page, query, form.faults[0])
    drop_view(session, view_id=view_id, person_id=signed.person_id)
    return redirect(f"{page}?{saved_views.VIEW}={saved_views.EVERYTHING}", N_("View dropped."))


def _read(submitted: Submitted) -> tuple[Form, str, str]:
    """The form, its list, and what of the list's address is kept. Raises ``Invalid``."""
    form = Form(submitted)
    page = form.need("page", one_of(saved_views.LISTS))
    query = form.maybe("query", text(4000))
    if form.errors:
        raise Invalid("view_page", "The filters of this page cannot be kept")
    return form, page, saved_views.kept(page, parse_qsl(query or "", max_num_fields=60))


def _start_with(session: Session, signed: Signed, page: str, view_id: int, starts: bool) -> None:
    known = views(session, person_id=signed.person_id, page=page)
    was = any(view.id == view_id and view.is_default for view in known)
    if starts != was:
        open_with(
            session, person_id=signed.person_id, page=page, view_id=view_id if starts else None
        )


def _shown(session: Session, signed: Signed, page: str, view_id: int, said: str) -> Response[Any]:
    known = views(session, person_id=signed.person_id, page=page)
    target = next((saved_views.address(page, view) for view in known if view.id == view_id), page)
    return redirect(target, said)


def _back(page: str, query: str, error: CessioError) -> Response[Any]:
    target = f"{page}?{query}" if query else f"{page}?{saved_views.VIEW}={saved_views.EVERYTHING}"
    return redirect(target, N_("The view is not saved: {why}"), tone="danger", why=sentence(error))


HANDLERS = [save, change, choose_default, drop]
