"""Who the factor is and the bank accounts it has."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.agreeing.deeds.house import OpenAccount, SetIdentity
from cessio.banking import queries
from cessio.correspondence.queries import FactorView, factor_identity
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError
from cessio.web.actors import actors
from cessio.web.backoffice.second import put
from cessio.web.backoffice.settings.common import PATH, SEE
from cessio.web.forms import Form, bic, iban, one_of, siren, text
from cessio.web.guards import proven, staff
from cessio.web.render import render
from cessio.web.requests import AnyRequest, At, Db, Sent, Who

PAGE = f"{PATH}/factor"
CURRENCIES = ("EUR", "USD", "GBP", "CHF")


@get(PAGE, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_factor(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """Our identity and our bank accounts."""
    return _page(request, session, signed, Form(currency="EUR"), 200)


@post(f"{PATH}/accounts", guards=[staff(Permission.MANAGE_SETTINGS), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def open_account(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Ask for a bank account of the factor to be registered."""
    form = Form(submitted)
    given = {
        "name": form.need("name", text(80)), "iban": form.need("iban", iban()),
        "bic": form.need("bic", bic()), "holder": form.need("holder", text(70)),
        "currency": form.need("currency", one_of(CURRENCIES)),
    }  # fmt: skip
    is_payout = form.flag("is_payout")
    if form.valid():
        try:
            return put(session, OpenAccount(**given, is_payout=is_payout), signed, at)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, form, 422)


@post(f"{PATH}/identity", guards=[staff(Permission.MANAGE_SETTINGS), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def set_identity(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Ask for another identity: documents carry it once a second person agrees."""
    form = Form(submitted)
    told = {
        "name": form.need("firm", text(80)), "legal": form.need("legal", text(120)),
        "siren": form.need("siren", siren()), "street": form.need("street", text(80)),
        "post_code": form.need("post_code", text(10)), "city": form.need("city", text(60)),
    }  # fmt: skip
    if form.valid():
        try:
            return put(session, SetIdentity(**told), signed, at)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, Form(currency="EUR"), 422, identity_form=form)


def _identity_form(known: FactorView | None) -> Form:
    if known is None:
        return Form()
    return Form(firm=known.name, legal=known.legal, siren=known.siren, street=known.street,
                post_code=known.post_code, city=known.city)  # fmt: skip


def _page(
    request: AnyRequest,
    session: Session,
    signed: Signed,
    form: Form,
    status: int,
    identity_form: Form | None = None,
) -> Response[Any]:
    known = factor_identity(session)
    return render(
        request, "backoffice/settings/show_factor.html", status=status, form=form,
        accounts=queries.accounts(session), currencies=[(one, one) for one in CURRENCIES],
        known=known, identity_form=identity_form or _identity_form(known),
        names=actors(session, [known.set_by] if known else []),
        may_set=signed.may(Permission.MANAGE_SETTINGS),
    )  # fmt: skip


HANDLERS = [show_factor, open_account, set_identity]
