"""By how many days in all one person lets an invoice be due later."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError
from cessio.receivables.operations.due_dates import MOST_ALONE_DAYS, POLICY, set_due_date_policy
from cessio.receivables.queries.due_dates import due_date_policy
from cessio.web.backoffice.settings.common import PATH, SEE, SET, told
from cessio.web.forms import Form, integer
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Sent, Who

HOME = f"{PATH}/due-dates"


@get(HOME, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_due_dates(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """The rule in force and who changed it when."""
    held = due_date_policy(session)
    return _page(request, session, signed, Form(alone_days=str(held.alone_days)))


@post(HOME, guards=[SET], include_in_schema=False, sync_to_thread=True)
def set_due_dates(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Another number of days, for changes asked from now on."""
    form = Form(submitted)
    alone_days = form.need("alone_days", integer(0, MOST_ALONE_DAYS))
    if form.valid():
        try:
            set_due_date_policy(session, alone_days=alone_days, by=signed.by, at=at)
            return redirect(HOME, N_("Saved."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, form, status=422)


def _page(
    request: AnyRequest, session: Session, signed: Signed, form: Form, *, status: int = 200
) -> Response[Any]:
    return render(
        request, "backoffice/settings/show_due_dates.html", status=status, form=form,
        policy=due_date_policy(session), may_set=signed.may(Permission.MANAGE_SETTINGS),
        told=told(session, *POLICY),
    )  # fmt: skip


HANDLERS = [show_due_dates, set_due_dates]
