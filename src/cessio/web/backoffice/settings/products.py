"""The products as the house names them: what a contract of each starts from."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.agreeing.deeds.contracts import AddOffer, ChangeOffer
from cessio.contracts import operations, product_defaults, queries
from cessio.contracts.operations import Named
from cessio.contracts.queries import OfferView
from cessio.contracts.rules import Product, term_changes
from cessio.identity import Permission
from cessio.kernel.errors import CessioError
from cessio.plumbing.i18n import language
from cessio.web.backoffice import lists, terms_form
from cessio.web.backoffice.second import put
from cessio.web.backoffice.settings.common import PATH, SEE, SET, told
from cessio.web.forms import Form, chosen, day, integer, text
from cessio.web.guards import proven
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label
from cessio.web.words.contracts import PRODUCTS

HOME = f"{PATH}/products"
CURRENCY = "EUR"


@get(HOME, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_products(request: AnyRequest, session: Db, signed: Who, on: On) -> Response[Any]:
    """Every product of ours, and the kinds to make another from."""
    return render(
        request, "backoffice/settings/list_products.html", rows=queries.offers(session), on=on,
        language=language(), may_set=signed.may(Permission.MANAGE_SETTINGS),
        kinds=[(one.value, label(one), str(PRODUCTS[one])) for one in Product],
    )  # fmt: skip


@get(f"{HOME}/new", guards=[SET, proven], include_in_schema=False, sync_to_thread=True)
def new_product(request: AnyRequest, session: Db, on: On) -> Response[Any]:
    """Another product, from the usual terms of a kind."""
    kind = lists.asked_choice(request, "kind", Product) or Product.FULL
    form = terms_form.initial(
        product_defaults(kind), CURRENCY, kind=kind.value, code="", name_fr="", name_en="",
        effective_from=on.isoformat(), fee_grid="",
    )  # fmt: skip
    return _form(request, session, form, kind)


@post(HOME, guards=[SET, proven], include_in_schema=False, sync_to_thread=True)
def add_product(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Ask to sell under this name."""
    form = Form(submitted)
    kind = form.need("kind", chosen(Product))
    named = Named(form.need("code", text(20)) or "", form.need("name_fr", text(80)) or "",
                  form.need("name_en", text(80)) or "")  # fmt: skip
    effective_from = form.need("effective_from", day())
    grid = form.maybe("fee_grid", integer())
    terms = terms_form.read(form, CURRENCY)
    if form.valid() and terms is not None:
        try:
            return put(session, AddOffer(named, kind, terms, effective_from, grid), signed, at)
        except CessioError as error:
            form.refuse(error)
    return _form(request, session, form, kind or Product.FULL, status=422)


@get(f"{HOME}/{{offer_id:int}}", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_product(
    request: AnyRequest, session: Db, signed: Who, on: On, offer_id: Id
) -> Response[Any]:
    """What makes it differ from its kind, its versions, its fees, where it is used."""
    offer = queries.offer(session, offer_id)
    versions = []
    for place, one in enumerate(offer.versions):
        earlier = offer.versions[place + 1] if place + 1 < len(offer.versions) else None
        base = earlier.terms if earlier else product_defaults(offer.kind)
        changes = terms_form.shown_changes(term_changes(base, one.terms), CURRENCY)
        versions.append((one, changes))
    held = offer.on(on) or offer.versions[-1]
    usual = terms_form.shown_changes(
        term_changes(product_defaults(offer.kind), held.terms), CURRENCY
    )
    signed_on = set(_contracts_of(session, offer))
    return render(
        request, "backoffice/settings/show_product.html", offer=offer, held=held, usual=usual,
        versions=versions, language=language(),
        grids={one.id: one.name(language()) for one in queries.fee_grids(session)},
        contracts=[one for one in queries.contracts(session) if one.id in signed_on],
        told=told(session, "offer", offer_id), may_set=signed.may(Permission.MANAGE_SETTINGS),
    )  # fmt: skip


@get(
    f"{HOME}/{{offer_id:int}}/edit",
    guards=[SET, proven],
    include_in_schema=False,
    sync_to_thread=True,
)
def edit_product(request: AnyRequest, session: Db, on: On, offer_id: Id) -> Response[Any]:
    """Other terms for contracts to come."""
    offer = queries.offer(session, offer_id)
    held = offer.on(on) or offer.versions[-1]
    form = terms_form.initial(held.terms, CURRENCY, effective_from=on.isoformat(), note="",
                              fee_grid=held.fee_grid_id or "")  # fmt: skip
    return _form(request, session, form, offer.kind, offer)


@post(f"{HOME}/{{offer_id:int}}", guards=[SET, proven], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def change_product(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, offer_id: Id
) -> Response[Any]:
    """Ask for a version: contracts signed before keep their own terms."""
    offer = queries.offer(session, offer_id)
    form = Form(submitted)
    effective_from = form.need("effective_from", day())
    grid = form.maybe("fee_grid", integer())
    note = form.maybe("note", text(200))
    terms = terms_form.read(form, CURRENCY)
    if form.valid() and terms is not None:
        try:
            asked = ChangeOffer(offer_id, terms, effective_from, grid, note)
            return put(session, asked, signed, at)
        except CessioError as error:
            form.refuse(error)
    return _form(request, session, form, offer.kind, offer, status=422)


@post(f"{HOME}/{{offer_id:int}}/retired", guards=[SET], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def retire_product(session: Db, signed: Who, at: At, submitted: Sent, offer_id: Id
) -> Response[Any]:  # fmt: skip
    """No longer sign contracts of it, or sign them again."""
    retired = Form(submitted).flag("retire")
    operations.retire_offer(session, offer_id=offer_id, retired=retired, by=signed.by, at=at)
    said = N_("No contract is signed on it any more.") if retired else N_(
        "Contracts can be signed on this product."
    )  # fmt: skip
    return redirect(f"{HOME}/{offer_id}", said)


def _form(
    request: AnyRequest, session: Session, form: Form, kind: Product,
    offer: OfferView | None = None, *, status: int = 200,
) -> Response[Any]:  # fmt: skip
    grids = [one for one in queries.fee_grids(session) if one.retired_at is None]
    sent = form.submitted.fields.get("ineligible_reasons")
    picked = set(sent) if sent is not None else set(form.raw("ineligible_reasons").split(","))
    return render(
        request, "backoffice/settings/edit_product.html", status=status, form=form, kind=kind,
        offer=offer, groups=terms_form.groups(), picked=picked, language=language(),
        grids=[(one.id, one.name(language())) for one in grids],
        labels={field.name: field.words for _title, names in terms_form.groups()
                for field in names},
    )  # fmt: skip


def _contracts_of(session: Session, offer: OfferView) -> list[int]:
    return queries.contracts_signed_on(session, offer.id) if offer.contracts else []


HANDLERS = [
    list_products, new_product, add_product, show_product, edit_product, change_product,
    retire_product,
]  # fmt: skip
