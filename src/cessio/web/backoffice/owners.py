"""Who owns or controls a client in the end, on its file."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.identity import Permission
from cessio.kernel.errors import CessioError, Invalid
from cessio.parties import queries as parties
from cessio.parties.operations.owners import add_owner, end_owner
from cessio.parties.rules.owners import WHOLE_BP, OwnerDetails
from cessio.web.backoffice.companies import home
from cessio.web.forms import Form, day, rate, text
from cessio.web.guards import staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who

PATH = "/backoffice/companies/{company_id:int}/owners"
OPEN: dict[str, Any] = {
    "guards": [staff(Permission.EDIT_PARTIES)], "include_in_schema": False, "sync_to_thread": True,
}  # fmt: skip


@get(f"{PATH}/new", **OPEN)
def new_owner(request: AnyRequest, session: Db, company_id: Id) -> Response[Any]:
    """A person to record."""
    return _form(request, session, company_id, Form())


@post(PATH, **OPEN)
def create_owner(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent, company_id: Id
) -> Response[Any]:
    """Record a person; the name is held against the lists at once."""
    form = Form(submitted)
    name, born_on = form.need("name", text(120)), form.need("born_on", day())
    share, since_on = form.maybe("share", rate()), form.need("since_on", day())
    if form.valid():
        try:
            with session.begin_nested():
                add_owner(session, company_id=company_id, on=on, by=signed.by, at=at,
                          owner=OwnerDetails(name, born_on, _points(share), since_on))  # fmt: skip
            return redirect(home(session, company_id) + "#owners", N_("Owner recorded."))
        except CessioError as error:
            form.refuse(error)
    return _form(request, session, company_id, form, status=422)


@post(f"{PATH}/{{owner_id:int}}/end", **OPEN)
def close_owner(
    session: Db, signed: Who, at: At, on: On, company_id: Id, owner_id: Id
) -> Response[Any]:
    """The person is one no more, from today."""
    end_owner(session, company_id=company_id, owner_id=owner_id, until_on=on, on=on,
              by=signed.by, at=at)  # fmt: skip
    return redirect(home(session, company_id) + "#owners", N_("Owner ended."))


def _points(share: Decimal | None) -> int | None:
    if share is None:
        return None
    points = share * WHOLE_BP
    if points != points.to_integral_value():
        raise Invalid("owner_share_exact", "Two decimals at most", field="share")
    return int(points)


def _form(
    request: AnyRequest, session: Session, company_id: int, form: Form, *, status: int = 200
) -> Response[Any]:
    return render(
        request, "backoffice/parties/new_owner.html", status=status, form=form,
        company=parties.company(session, company_id), home=home(session, company_id),
    )  # fmt: skip


HANDLERS = [new_owner, create_owner, close_owner]
