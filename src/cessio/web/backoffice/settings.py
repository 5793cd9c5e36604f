"""What the factor sets for itself: its bank accounts, and where the other settings are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import banking
from cessio.banking import queries
from cessio.cash import queries as cash
from cessio.correspondence import set_identity as set_factor_identity
from cessio.correspondence.queries import FactorView, factor_identity
from cessio.identity import Permission, Signed
from cessio.identity import queries as identity
from cessio.kernel.errors import CessioError
from cessio.web.forms import Form, bic, iban, one_of, siren, text
from cessio.web.guards import staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Sent, Who

PATH = "/backoffice/settings"
CURRENCIES = ("EUR", "USD", "GBP", "CHF")


@get(PATH, guards=[staff(Permission.MANAGE_SETTINGS, Permission.SETTLE, Permission.SEE_AUDIT)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_settings(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """Our bank accounts, and the ways to the other settings."""
    return _page(request, session, signed, at, Form(currency="EUR"), 200)


@post(f"{PATH}/accounts", guards=[staff(Permission.MANAGE_SETTINGS)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def open_account(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Register a bank account of the factor."""
    form = Form(submitted)
    given = {
        "name": form.need("name", text(80)), "iban": form.need("iban", iban()),
        "bic": form.need("bic", bic()), "holder": form.need("holder", text(70)),
        "currency": form.need("currency", one_of(CURRENCIES)),
    }  # fmt: skip
    is_payout = form.flag("is_payout")
    if form.valid():
        try:
            with session.begin_nested():
                banking.open_account(session, **given, is_payout=is_payout, by=signed.by, at=at)
            return redirect(PATH, N_("The account is registered."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, at, form, 422)


@post(f"{PATH}/identity", guards=[staff(Permission.MANAGE_SETTINGS)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def set_identity(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Say who the factor is: its documents carry it from now on."""
    form = Form(submitted)
    told = {
        "name": form.need("firm", text(80)), "legal": form.need("legal", text(120)),
        "siren": form.need("siren", siren()), "street": form.need("street", text(80)),
        "post_code": form.need("post_code", text(10)), "city": form.need("city", text(60)),
    }  # fmt: skip
    if form.valid():
        set_factor_identity(session, **told, by=signed.by, at=at)
        return redirect(PATH, N_("Documents carry this identity from now on."))
    return _page(request, session, signed, at, Form(currency="EUR"), 422, identity_form=form)


def _identity_form(known: FactorView | None) -> Form:
    if known is None:
        return Form()
    return Form(firm=known.name, legal=known.legal, siren=known.siren, street=known.street,
                post_code=known.post_code, city=known.city)  # fmt: skip


def _page(
    request: AnyRequest,
    session: Session,
    signed: Signed,
    at: datetime,
    form: Form,
    status: int,
    identity_form: Form | None = None,
) -> Response[Any]:
    return render(
        request, "backoffice/settings/show_settings.html", status=status, form=form,
        accounts=queries.accounts(session), matching=cash.matching_settings(session),
        currencies=[(one, one) for one in CURRENCIES],
        known=factor_identity(session),
        identity_form=identity_form or _identity_form(factor_identity(session)),
        keys=len(identity.open_tokens(session, at)),
        may_see_keys=signed.may(Permission.MANAGE_PEOPLE) or signed.may(Permission.SEE_AUDIT),
        may_set=signed.may(Permission.MANAGE_SETTINGS),
        may_people=signed.may(Permission.MANAGE_PEOPLE),
        may_settle=signed.may(Permission.SEE_LEDGER),
    )  # fmt: skip


HANDLERS = [show_settings, open_account, set_identity]
