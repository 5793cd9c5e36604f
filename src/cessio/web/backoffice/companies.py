"""The company behind a client or a debtor: its identity, bank accounts, contacts and group."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import documents
from cessio.correspondence import messages_about
from cessio.identity import Permission
from cessio.kernel.errors import CessioError
from cessio.parties import CompanyDetails, ContactDetails, add_account, confirm_account
from cessio.parties import queries as parties
from cessio.parties.operations import (
    CERTIFICATE,
    SUBJECT,
    add_contact,
    change_company,
    end_account,
    end_contact,
    join_group,
    leave_group,
)
from cessio.web.backoffice import lists, work
from cessio.web.exports import file_response
from cessio.web.forms import Form, amount, bic, day, iban, integer, one_of, text
from cessio.web.guards import proven, staff
from cessio.web.payees import payouts_again
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who

EDIT = Permission.EDIT_PARTIES
CONFIRM = Permission.CONFIRM_ACCOUNTS


def company_fields() -> list[tuple[str, list[tuple[str, str, str, bool]]]]:
    """The form of a company: groups of (field, words, kind, required)."""
    return [
        (_("Identity"), [
            ("name", _("Legal name"), "text", True),
            ("trade_name", _("Trade name"), "text", False),
            ("siren", _("SIREN"), "siren", False),
            ("siret", _("SIRET"), "text", False),
            ("vat_number", _("VAT number"), "text", False),
            ("registration_number", _("Registration number abroad"), "text", False),
            ("legal_form", _("Legal form"), "text", False),
            ("rcs_city", _("Trade register (town)"), "text", False),
            ("activity_code", _("Activity code (NAF)"), "text", False),
            ("founded_on", _("Founded on"), "date", False),
            ("share_capital", _("Share capital"), "amount", False),
        ]),
        (_("Address"), [
            ("street", _("Street"), "text", False),
            ("post_code", _("Post code"), "text", False),
            ("city", _("Town"), "text", False),
            ("country", _("Country (two letters)"), "text", True),
        ]),
    ]  # fmt: skip


def labels() -> dict[str, str]:
    """Words of each field, for the list of faults."""
    return {name: words for _title, names in company_fields() for name, words, _k, _r in names}


def read_company(form: Form) -> CompanyDetails | None:
    """The details that were typed; ``parties`` judges their numbers. None when one is at fault."""
    details: dict[str, Any] = {
        name: form.maybe(name, text(200))
        for name in ("trade_name", "siren", "siret", "vat_number", "registration_number",
                     "legal_form", "rcs_city", "activity_code", "street", "post_code", "city")
    }  # fmt: skip
    details["name"] = form.need("name", text(200))
    details["country"] = (form.need("country", text(2)) or "").upper()
    details["founded_on"] = form.maybe("founded_on", day())
    details["share_capital_minor"] = form.maybe("share_capital", amount(minimum_minor=0))
    return CompanyDetails(**details) if not form.faults else None


@get("/backoffice/companies/{company_id:int}/edit", guards=[staff(EDIT)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def edit_company(request: AnyRequest, session: Db, company_id: Id) -> Response[Any]:
    """Change the legal identity."""
    known = parties.company(session, company_id)
    shown: dict[str, object] = {
        f.name: getattr(known, f.name)
        for f in fields(CompanyDetails) if f.name != "share_capital_minor"
    }  # fmt: skip
    capital = known.share_capital_minor
    shown["share_capital"] = None if capital is None else lists.typed_amount(capital)
    form = Form(**shown, version=known.version)
    return _company_form(request, session, company_id, form)


@post("/backoffice/companies/{company_id:int}", guards=[staff(EDIT)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def save_company(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, company_id: Id
) -> Response[Any]:
    """Keep the new identity with its history; somebody else's change is not overwritten."""
    form = Form(submitted)
    details = read_company(form)
    version = form.need("version", integer())
    why = form.maybe("why", text(500))
    if form.valid() and details is not None:
        try:
            change_company(session, company_id=company_id, details=details, version=version,
                           why=why, by=signed.by, at=at)  # fmt: skip
            return redirect(home(session, company_id), N_("Saved."))
        except CessioError as error:
            form.refuse(error)
    return _company_form(request, session, company_id, form, status=422)


@get("/backoffice/companies/{company_id:int}/accounts/new", guards=[staff(EDIT)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def new_account(request: AnyRequest, session: Db, company_id: Id) -> Response[Any]:
    """A bank account to add."""
    return _account_form(request, session, company_id, Form())


@post("/backoffice/companies/{company_id:int}/accounts", guards=[staff(EDIT)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def create_account(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, company_id: Id
) -> Response[Any]:
    """Add it; a payout account then waits for a second person."""
    form = Form(submitted)
    facts: dict[str, Any] = {
        "iban": form.need("iban", iban()),
        "bic": form.maybe("bic", bic()),
        "holder": form.maybe("holder", text(140)),
        "is_payout": form.flag("is_payout"),
        "why": form.maybe("why", text(500)),
    }
    if form.valid():
        try:
            with session.begin_nested():
                added = add_account(session, company_id=company_id, by=signed.by, at=at, **facts)
                payouts_again(session, parties.account(session, added), by=signed.by, at=at)
            return redirect(
                home(session, company_id) + "#accounts",
                N_("Account added; a second person confirms it before anything is paid to it."),
            )
        except CessioError as error:
            form.refuse(error)
    return _account_form(request, session, company_id, form, status=422)


@get("/backoffice/accounts/{account_id:int}/confirmation", guards=[staff(CONFIRM)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def check_account(request: AnyRequest, session: Db, account_id: Id) -> Response[Any]:
    """How to check an account, and with whom."""
    account = parties.account(session, account_id)
    return _confirm_form(request, session, account, Form())


@post("/backoffice/accounts/{account_id:int}/confirmation", guards=[staff(CONFIRM), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def confirm(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, account_id: Id
) -> Response[Any]:
    """A second person vouches for the account and says how it was checked."""
    account = parties.account(session, account_id)
    form = Form(submitted)
    why = form.need("why", text(500))
    contact_id = form.maybe("contact", integer())
    if form.valid():
        try:
            with session.begin_nested():
                confirm_account(session, account_id=account_id, why=why, contact_id=contact_id,
                                by=signed.by, at=at)  # fmt: skip
                payouts_again(session, account, by=signed.by, at=at)
            return work.done(request, home(session, account.company_id) + "#accounts",
                             N_("Account confirmed."))  # fmt: skip
        except CessioError as error:
            form.refuse(error)
    return _confirm_form(request, session, account, form, status=422)


@get("/backoffice/accounts/{account_id:int}/certificate/{document_id:int}",
     guards=[staff(CONFIRM)], include_in_schema=False, sync_to_thread=True)  # fmt: skip
def read_certificate(session: Db, account_id: Id, document_id: Id) -> Response[bytes]:
    """What the bank writes about the account, as the client gave it. Raises ``NotFound``."""
    file = documents.read(session, document_id, kind=CERTIFICATE, about=(SUBJECT, account_id))
    return file_response(file.content, file.filename, file.media_type)


@post("/backoffice/accounts/{account_id:int}/end", guards=[staff(EDIT)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def close_account(session: Db, signed: Who, at: At, submitted: Sent, account_id: Id
) -> Response[Any]:  # fmt: skip
    """The account is no longer theirs."""
    why = Form(submitted).maybe("why", text(500))
    account = parties.account(session, account_id)
    end_account(session, account_id=account_id, why=why, by=signed.by, at=at)
    payouts_again(session, account, by=signed.by, at=at)
    return redirect(home(session, account.company_id) + "#accounts", N_("Account ended."))


@get("/backoffice/companies/{company_id:int}/contacts/new", guards=[staff(EDIT)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def new_contact(request: AnyRequest, session: Db, company_id: Id) -> Response[Any]:
    """Somebody to write to or call."""
    return _contact_form(request, session, company_id, Form(language="fr"))


@post("/backoffice/companies/{company_id:int}/contacts", guards=[staff(EDIT)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def create_contact(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, company_id: Id
) -> Response[Any]:
    """Keep a contact."""
    form = Form(submitted)
    facts: dict[str, Any] = {
        "name": form.need("name", text(120)),
        "function": form.maybe("function", text(80)),
        "email": form.maybe("email", text(254)),
        "phone": form.maybe("phone", text(40)),
        "language": form.need("language", one_of(("fr", "en"))),
    }
    if form.valid():
        try:
            add_contact(session, company_id=company_id, contact=ContactDetails(**facts),
                        by=signed.by, at=at)  # fmt: skip
            return redirect(home(session, company_id) + "#contacts", N_("Contact added."))
        except CessioError as error:
            form.refuse(error)
    return _contact_form(request, session, company_id, form, status=422)


@post("/backoffice/companies/{company_id:int}/contacts/{contact_id:int}/end",
      guards=[staff(EDIT)], include_in_schema=False, sync_to_thread=True)  # fmt: skip
def close_contact(session: Db, signed: Who, at: At, company_id: Id, contact_id: Id
) -> Response[Any]:  # fmt: skip
    """The contact is no longer to be used."""
    end_contact(session, contact_id=contact_id, by=signed.by, at=at)
    return redirect(home(session, company_id) + "#contacts", N_("Contact ended."))


@post("/backoffice/companies/{company_id:int}/group", guards=[staff(EDIT)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def set_group(session: Db, signed: Who, at: At, submitted: Sent, company_id: Id
) -> Response[Any]:  # fmt: skip
    """Put the company under a group by its name, or, left empty, out of any."""
    name = Form(submitted).maybe("group", text(120))
    if name:
        join_group(session, company_ids=[company_id], name=name, by=signed.by, at=at)
    else:
        leave_group(session, company_id=company_id, by=signed.by, at=at)
    return redirect(home(session, company_id), N_("Saved."))


def home(session: Session, company_id: int) -> str:
    """The file that shows a company: the client's if it is one, else the debtor's."""
    client_id = parties.client_of_company(session, company_id)
    if client_id is not None:
        return f"/backoffice/clients/{client_id}?tab=identity"
    debtor_id = parties.debtor_of_company(session, company_id)
    return f"/backoffice/debtors/{debtor_id}" if debtor_id is not None else "/backoffice/clients"


def _company_form(
    request: AnyRequest, session: Session, company_id: int, form: Form, *, status: int = 200
) -> Response[Any]:
    return render(
        request, "backoffice/parties/edit_company.html", status=status, form=form,
        company=parties.company(session, company_id), fields=company_fields(), labels=labels(),
        home=home(session, company_id),
    )  # fmt: skip


def _account_form(
    request: AnyRequest, session: Session, company_id: int, form: Form, *, status: int = 200
) -> Response[Any]:
    return render(
        request, "backoffice/parties/new_account.html", status=status, form=form,
        company=parties.company(session, company_id), home=home(session, company_id),
        is_client=parties.client_of_company(session, company_id) is not None,
    )  # fmt: skip


def _confirm_form(
    request: AnyRequest, session: Session, account: parties.AccountView, form: Form, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    company_id = account.company_id
    shared = [other for other in parties.companies_with_iban(session, account.iban)
              if other != company_id]  # fmt: skip
    return render(
        request, "backoffice/parties/check_account.html", status=status, form=form,
        account=account, company=parties.company(session, company_id),
        contacts=parties.contacts(session, company_id), home=home(session, company_id),
        replaces=account.is_payout
        and parties.had_payout_account(session, company_id, but=account.id),
        known=[
            (str(one.id), " · ".join(filter(None, (one.name, one.function, one.phone))))
            for one in parties.contacts(session, company_id) if one.added_at < account.added_at
        ],
        waits_for=[one.name for one in parties.who_agrees(session, account)],
        agreed=parties.agreement(session, account.id),
        others=[parties.company(session, other).name for other in shared[:5]],
        told=messages_about(session, kind="party_account", id=account.id),
        certificates=documents.of_subject(session, SUBJECT, account.id, kind=CERTIFICATE),
    )  # fmt: skip


def _contact_form(
    request: AnyRequest, session: Session, company_id: int, form: Form, *, status: int = 200
) -> Response[Any]:
    return render(
        request, "backoffice/parties/new_contact.html", status=status, form=form,
        company=parties.company(session, company_id), home=home(session, company_id),
    )  # fmt: skip


HANDLERS = [
    edit_company, save_company, new_account, create_account, check_account, confirm,
    read_certificate, close_account, new_contact, create_contact, close_contact, set_group,
]  # fmt: skip
