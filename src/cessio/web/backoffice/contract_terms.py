"""The terms of a contract: signed, changed with their effect shown before, and their history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.agreeing.deeds.contracts import ChangeTerms, SignContract
from cessio.contracts import product_defaults
from cessio.contracts import queries as contracts
from cessio.contracts.queries import ContractView, OfferView
from cessio.contracts.rules import Product, Terms, term_changes, terms_problems
from cessio.funding import queries as funding
from cessio.funding.rules import Availability
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError, Problems
from cessio.kernel.money import MINOR_DIGITS
from cessio.parties import queries as parties
from cessio.plumbing.i18n import language
from cessio.web.actors import actors
from cessio.web.backoffice import lists, terms_form
from cessio.web.backoffice.second import put
from cessio.web.comparing import LineChange, compared
from cessio.web.forms import Form, chosen, day, integer, one_of, text
from cessio.web.guards import proven, staff
from cessio.web.render import render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label
from cessio.web.words.contracts import PRODUCTS

SEE = Permission.SEE_CONTRACTS
EDIT = Permission.EDIT_CONTRACTS


@dataclass(frozen=True, slots=True)
class Effect:
    """What new terms make of the availability, line by line."""

    before: Availability
    after: Availability
    changes: tuple[LineChange, ...]
    terms: list[tuple[str, str, str]]


@get("/backoffice/contracts/new", guards=[staff(EDIT), proven], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def new_contract(request: AnyRequest, session: Db, on: On) -> Response[Any]:
    """Choose the client and the product; then every parameter, as the product has it."""
    offer = _asked_offer(request, session)
    product = offer.kind if offer else lists.asked_choice(request, "product", Product)
    client_id = lists.asked_number(request, "client")
    if product is None or client_id is None:
        return render(
            request, "backoffice/contracts/choose_product.html", client_id=client_id,
            clients=_clients(session), form=Form(client=client_id, product=Product.FULL),
            products=[*_offered(session, on),
                      *((each.value, label(each), str(PRODUCTS[each])) for each in Product)],
        )  # fmt: skip
    held = offer.on(on) if offer else None
    form = terms_form.initial(
        held.terms if held else product_defaults(product), "EUR", client=client_id,
        product=product.value, currency="EUR", language="fr", signed_on=on.isoformat(),
        starts_on=on.isoformat(), reference="", offer=offer.id if offer else "",
        fee_grid=(held.fee_grid_id if held else None) or "",
    )  # fmt: skip
    return _sign_form(request, session, form, client_id, product)


@post("/backoffice/contracts", guards=[staff(EDIT), proven], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def sign(request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent) -> Response[Any]:
    """Ask for a contract: every fault beside its field, or what waits for a second person."""
    form = Form(submitted)
    client_id = form.need("client", integer())
    product = form.need("product", chosen(Product))
    currency = form.need("currency", one_of(tuple(MINOR_DIGITS)))
    facts: dict[str, Any] = {
        "language": form.need("language", one_of(("fr", "en"))),
        "signed_on": form.need("signed_on", day()),
        "starts_on": form.maybe("starts_on", day()),
        "reference": form.maybe("reference", text(40)),
        "offer_id": form.maybe("offer", integer()),
        "fee_grid_id": form.maybe("fee_grid", integer()),
    }
    terms = terms_form.read(form, currency or "EUR")
    if form.valid() and terms is not None:
        try:
            asked = SignContract(client_id=client_id, product=product, terms=terms,
                                 currency=currency, **facts)  # fmt: skip
            return put(session, asked, signed, at)
        except CessioError as error:
            form.refuse(error)
    return _sign_form(request, session, form, client_id, product or Product.FULL, status=422)


@get("/backoffice/contracts/{contract_id:int}/terms", guards=[staff(SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_terms(request: AnyRequest, session: Db, signed: Who, on: On, contract_id: Id
) -> Response[Any]:  # fmt: skip
    """The terms in force, every one, and the versions before and to come."""
    contract = contracts.contract(session, contract_id)
    history = contracts.term_history(session, contract_id)
    terms = contracts.terms_in_force(session, contract_id, max(on, contract.signed_on))
    shown = [
        (title, [(field.words, terms_form.shown_term(field.name, getattr(terms, field.name),
                                                     contract.currency), field.term)
                 for field in names])
        for title, names in terms_form.groups()
    ]  # fmt: skip
    versions = [
        (version, terms_form.shown_changes(version.changes, contract.currency))
        for version in history
    ]
    return render(
        request, "backoffice/contracts/show_terms.html", contract=contract, shown=shown,
        versions=versions, on=on, grid=_grid(session, contract, on),
        offer_name=_offer_name(session, str(contract.offer_id or "")),
        may_edit=signed.may(EDIT) and contract.ended_on is None,
        names=actors(session, [version.decided_by for version in history]),
    )  # fmt: skip


@get("/backoffice/contracts/{contract_id:int}/terms/edit", guards=[staff(EDIT), proven],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def edit_terms(request: AnyRequest, session: Db, on: On, contract_id: Id) -> Response[Any]:
    """Every parameter as it is, to be changed from a date on."""
    contract = contracts.contract(session, contract_id)
    held = contracts.terms_in_force(session, contract_id, max(on, contract.signed_on))
    form = terms_form.initial(held, contract.currency, effective_from=on.isoformat(), reason="")
    return _terms_form(request, contract, form)


@post("/backoffice/contracts/{contract_id:int}/terms", guards=[staff(EDIT), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def change(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    contract_id: Id,
) -> Response[Any]:  # fmt: skip
    """First the effect on the availability, then, confirmed, what waits for a second person."""
    contract = contracts.contract(session, contract_id)
    form = Form(submitted)
    effective_from = form.need("effective_from", day())
    reason = form.maybe("reason", text(500))
    confirmed, again = form.flag("confirmed"), form.flag("again")
    terms = terms_form.read(form, contract.currency)
    if not form.valid() or terms is None or again:
        return _terms_form(request, contract, form, status=200 if again else 422)
    if faults := terms_problems(terms):
        form.refuse(Problems([*faults]))
        return _terms_form(request, contract, form, status=422)
    if not confirmed:
        return _preview(request, session, contract, form, terms, on)
    return _change(request, session, signed, at, contract, form, terms, effective_from, reason)


def _change(
    request: AnyRequest, session: Session, signed: Signed, at: datetime, contract: ContractView,
    form: Form, terms: Terms, effective_from: date, reason: str | None,
) -> Response[Any]:  # fmt: skip
    try:
        return put(session, ChangeTerms(contract.id, terms, effective_from, reason), signed, at)
    except CessioError as error:
        form.refuse(error)
        return _terms_form(request, contract, form, status=422)


def _preview(
    request: AnyRequest, session: Session, contract: ContractView, form: Form, terms: Terms,
    on: date,
) -> Response[Any]:  # fmt: skip
    """The availability of today under the old and the new terms."""
    held = contracts.terms_in_force(session, contract.id, max(on, contract.signed_on))
    before = funding.availability(session, contract_id=contract.id, on=on, terms=held)
    after = funding.availability(session, contract_id=contract.id, on=on, terms=terms)
    changed = terms_form.shown_changes(term_changes(held, terms), contract.currency)
    effect = Effect(before, after, compared(before, after), changed)
    fields = [(name, value) for name, values in form.submitted.fields.items()
              for value in values if name not in ("csrf_token", "confirmed")]  # fmt: skip
    return render(
        request, "backoffice/contracts/preview_terms.html", contract=contract, effect=effect,
        fields=fields, effective_from=form.raw("effective_from"),
    )  # fmt: skip


def _terms_form(
    request: AnyRequest, contract: ContractView, form: Form, *, status: int = 200
) -> Response[Any]:
    return render(
        request, "backoffice/contracts/edit_terms.html", status=status, contract=contract,
        form=form, groups=terms_form.groups(), picked=_picked(form), labels=_labels(),
    )  # fmt: skip


def _sign_form(
    request: AnyRequest, session: Session, form: Form, client_id: int | None, product: Product,
    *, status: int = 200,
) -> Response[Any]:  # fmt: skip
    return render(
        request, "backoffice/contracts/new_contract.html", status=status, form=form,
        product=product, groups=terms_form.groups(), picked=_picked(form), labels=_labels(),
        client_name=parties.client_names(session, [client_id or 0]).get(client_id or 0),
        currencies=[(code, code) for code in MINOR_DIGITS],
        grids=[(one.id, one.name(language())) for one in contracts.fee_grids(session)
               if one.retired_at is None],
        offer_name=_offer_name(session, form.raw("offer")),
    )  # fmt: skip


def _grid(session: Session, contract: ContractView, on: date) -> tuple[str, Any] | None:
    """The name of the contract's fee grid, and the version that holds."""
    if contract.fee_grid_id is None:
        return None
    found = contracts.fee_grid(session, contract.fee_grid_id)
    return found.name(language()), found.on(on) or found.versions[-1]


def _asked_offer(request: AnyRequest, session: Session) -> OfferView | None:
    """The product of ours that was chosen, while it may be signed."""
    asked = request.query_params.get("product", "").removeprefix("offer-")
    if not asked.isdecimal() or len(asked) > 18:
        return None
    found = contracts.offer(session, int(asked))
    return found if found.retired_at is None else None


def _offered(session: Session, on: date) -> list[tuple[str, str, str]]:
    """Products of ours that hold terms on that day, before the kinds they are made of."""
    return [
        (f"offer-{one.id}", one.name(language()), f"{label(one.kind)} · {one.code}")
        for one in contracts.offers(session) if one.retired_at is None and one.on(on) is not None
    ]  # fmt: skip


def _offer_name(session: Session, offer_id: str) -> str | None:
    return (
        contracts.offer(session, int(offer_id)).name(language())
        if offer_id.isdecimal() and len(offer_id) < 19
        else None
    )


def _picked(form: Form) -> set[str]:
    """The reasons that are ticked: those sent, else those of the terms shown."""
    sent = form.submitted.fields.get("ineligible_reasons")
    return set(sent) if sent is not None else set(form.raw("ineligible_reasons").split(","))


def _labels() -> dict[str, str]:
    return {field.name: field.words for _title, names in terms_form.groups() for field in names}


def _clients(session: Session) -> list[tuple[int, str]]:
    rows = lists.every_row(lambda page: parties.clients(session, page=page), most=5_000)
    return [(row.id, f"{row.name} ({row.code})") for row in rows]


HANDLERS = [new_contract, sign, show_terms, edit_terms, change]
