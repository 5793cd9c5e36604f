"""Clients and debtors: lists, new ones, and the file of one with everything it has."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.cash import queries as cash
from cessio.collections.queries.reach import reach
from cessio.identity import Audience, Permission, Role, Signed
from cessio.identity import queries as identity
from cessio.kernel.errors import CessioError, Problems
from cessio.kernel.paging import PageRequest
from cessio.parties import Segment, register_client, register_debtor
from cessio.parties import queries as parties
from cessio.parties.operations import change_client, change_debtor
from cessio.replies import ReplyFilter
from cessio.replies import queries as replies
from cessio.reporting.queries import owing
from cessio.vigilance import SignalFilter
from cessio.web.actors import actors
from cessio.web.acts import act, shown_changes
from cessio.web.backoffice import lists, payees
from cessio.web.backoffice.companies import company_fields, labels, read_company
from cessio.web.backoffice.debtor_file import cover_file, debtor_facts
from cessio.web.backoffice.screening import about as screened
from cessio.web.backoffice.signals import about
from cessio.web.exports import Column, export
from cessio.web.forms import Form, chosen, integer, one_of, text
from cessio.web.guards import staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label

SEE = Permission.SEE_PARTIES
EDIT = Permission.EDIT_PARTIES
LANGUAGES = ("fr", "en")


@get("/backoffice/clients", guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def list_clients(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """Clients by name; ``?q=`` is a name, a code, a SIREN or an IBAN."""
    manager = signed.person_id if request.query_params.get("mine") == "1" else None
    words = lists.asked_text(request, "q")

    def fetch(page: PageRequest) -> Any:
        return parties.clients(session, page=page, text=words, account_manager_id=manager,
                               sort=lists.asked_sort(request),
                               sorts={"outstanding": owing.OF_CLIENT})  # fmt: skip

    if wanted := lists.file_format(request):
        columns = [Column(_("Name")), Column(_("Code")), Column(_("SIREN")), Column(_("Town")),
                   Column(_("Country")), Column(_("Account manager")),
                   Column(_("Created on"), "datetime"), Column(_("Currency")),
                   Column(_("Outstanding"), "money")]  # fmt: skip
        kept = list(lists.every_row(fetch))
        sums = owing.outstanding_with(session, [row.id for row in kept])
        rows = ((row.name, row.code, row.siren, row.city, row.country, row.account_manager,
                 row.created_at, *one) for row in kept for one in _each(sums, row.id))  # fmt: skip
        return export(request, wanted, "clients", columns, rows, at=at, title=_("Clients"))
    found = fetch(lists.asked_page(request))
    return render(
        request, "backoffice/parties/list_clients.html", found=found, may_edit=signed.may(EDIT),
        sums=owing.outstanding_with(session, [row.id for row in found.rows]),
        totals=owing.all_clients(session, parties.clients_found(words, manager)),
    )  # fmt: skip


@get("/backoffice/debtors", guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def list_debtors(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """Debtors by name; ``?q=`` is a name, a SIREN or an IBAN."""
    words, segment = lists.asked_text(request, "q"), lists.asked_choice(request, "segment", Segment)
    insolvent = {"yes": True, "no": False}.get(request.query_params.get("insolvent", ""))

    def fetch(page: PageRequest) -> Any:
        return parties.debtors(session, page=page, text=words, segment=segment,
                               insolvent=insolvent, sort=lists.asked_sort(request),
                               sorts={"owed": owing.OF_DEBTOR})  # fmt: skip

    if wanted := lists.file_format(request):
        columns = [Column(_("Name")), Column(_("SIREN")), Column(_("VAT number")),
                   Column(_("Town")), Column(_("Country")), Column(_("Segment")),
                   Column(_("Insolvent since"), "date"), Column(_("Currency")),
                   Column(_("Owed"), "money")]  # fmt: skip
        kept = list(lists.every_row(fetch))
        sums = owing.owed_by(session, [row.id for row in kept])
        rows = (
            (
                row.name,
                row.siren,
                row.vat_number,
                row.city,
                row.country,
                label(row.segment),
                row.insolvent_on,
                *one,
            )
            for row in kept
            for one in _each(sums, row.id)
        )
        return export(request, wanted, "debtors", columns, rows, at=at, title=_("Debtors"))
    found = fetch(lists.asked_page(request))
    return render(
        request, "backoffice/parties/list_debtors.html", may_edit=signed.may(EDIT), found=found,
        segments=_segments(), sums=owing.owed_by(session, [row.id for row in found.rows]),
        totals=owing.all_debtors(session, parties.debtors_found(words, segment, insolvent)),
    )  # fmt: skip


def _each(sums: dict[int, dict[str, int]], number: int) -> list[tuple[str | None, int | None]]:
    """Currency and amount of the lines of a file about one company: one line if there is none."""
    return [*sums.get(number, {}).items()] or [(None, None)]


@get("/backoffice/clients/new", guards=[staff(EDIT)], include_in_schema=False, sync_to_thread=True)
def new_client(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """Open the file of a client."""
    form = Form(country="FR", account_manager=signed.person_id)
    return _client_form(request, session, form)


@post("/backoffice/clients", guards=[staff(EDIT)], include_in_schema=False, sync_to_thread=True)
def create_client(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Every fault beside its field, or the new file."""
    form = Form(submitted)
    details = read_company(form)
    code = form.maybe("code", text(20))
    manager = form.maybe("account_manager", integer())
    collector = form.maybe("collector", integer())
    analyst = form.maybe("credit_analyst", integer())
    if form.valid() and details is not None:
        try:
            with session.begin_nested():
                done = register_client(
                    session, details=details, code=code, account_manager_id=manager,
                    collector_id=collector, credit_analyst_id=analyst, by=signed.by, at=at,
                )  # fmt: skip
            return redirect(f"/backoffice/clients/{done.id}", N_("Client registered."))
        except CessioError as error:
            form.refuse(error)
    return _client_form(request, session, form, status=422)


@get("/backoffice/debtors/new", guards=[staff(EDIT)], include_in_schema=False, sync_to_thread=True)
def new_debtor(request: AnyRequest) -> Response[Any]:
    """Record a debtor, once for all clients."""
    return _debtor_form(request, Form(country="FR", segment=Segment.NEW, language="fr"))


@post("/backoffice/debtors", guards=[staff(EDIT)], include_in_schema=False, sync_to_thread=True)
def create_debtor(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """The one record of the company: the existing one, or a new one."""
    form = Form(submitted)
    details = read_company(form)
    segment = form.need("segment", chosen(Segment))
    days = form.maybe("payment_terms_days", integer(0, 365))
    language = form.need("language", one_of(LANGUAGES))
    if form.valid() and details is not None:
        try:
            with session.begin_nested():
                done = register_debtor(
                    session, details=details, segment=segment, payment_terms_days=days,
                    language=language, by=signed.by, at=at,
                )  # fmt: skip
            said = N_("Debtor registered.") if done.created else N_(
                "This company is a debtor already: here is its file."
            )  # fmt: skip
            return redirect(f"/backoffice/debtors/{done.id}", said)
        except CessioError as error:
            form.refuse(error)
    return _debtor_form(request, form, status=422)


@post("/backoffice/clients/{client_id:int}", guards=[staff(EDIT)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def save_client(session: Db, signed: Who, at: At, submitted: Sent, client_id: Id
) -> Response[Any]:  # fmt: skip
    """Say who looks after the client."""
    form = Form(submitted)
    manager, collector = (
        form.maybe("account_manager", integer()), form.maybe("collector", integer())
    )  # fmt: skip
    analyst, segment = form.maybe("credit_analyst", integer()), form.maybe("segment", text(40))
    change_client(session, client_id=client_id, account_manager_id=manager, collector_id=collector,
                  credit_analyst_id=analyst, segment=segment, by=signed.by, at=at)  # fmt: skip
    return redirect(f"/backoffice/clients/{client_id}?tab=identity", N_("Saved."))


@get("/backoffice/debtors/{debtor_id:int}", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_debtor(
    request: AnyRequest, session: Db, signed: Who, on: On, at: At, debtor_id: Id
) -> Response[Any]:
    """One legal entity across all clients: exposure, limits, cover in order, how it pays."""
    found = parties.debtor_file(session, debtor_id)
    if wanted := lists.file_format(request):
        return cover_file(request, session, wanted, debtor_id, found.company.name, on=on, at=at)
    return render(
        request, "backoffice/parties/show_debtor.html", found=found, on=on,
        aliases=cash.aliases(session, debtor_id=debtor_id),
        may_decide=signed.may(Permission.DECIDE_LIMITS), segments=_segments(),
        form=Form(segment=found.segment, payment_terms_days=found.payment_terms_days,
                  language=found.language),
        **debtor_facts(request, session, debtor_id, on),
        **about(session, SignalFilter(debtor_id=debtor_id)),
        **screened(session, signed, found.company.id),
        reach=reach(session, debtor_id), may_lift=signed.may(Permission.COLLECT),
        said=replies.replies(session, PageRequest(5), ReplyFilter(debtor_id=debtor_id)).rows,
        **_shared(session, signed, found),
    )  # fmt: skip


@post("/backoffice/debtors/{debtor_id:int}", guards=[staff(EDIT)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def save_debtor(session: Db, signed: Who, at: At, submitted: Sent, debtor_id: Id
) -> Response[Any]:  # fmt: skip
    """Segment, terms and language; an insolvency is declared on its own page."""
    form = Form(submitted)
    facts: dict[str, Any] = {
        "segment": form.need("segment", chosen(Segment)),
        "payment_terms_days": form.maybe("payment_terms_days", integer(0, 365)),
        "language": form.need("language", one_of(LANGUAGES)),
        "why": form.maybe("why", text(500)),
    }
    if not form.valid():
        raise Problems(form.faults)
    since = parties.debtor_file(session, debtor_id).insolvent_on
    change_debtor(session, debtor_id=debtor_id, insolvent_on=since, by=signed.by, at=at, **facts)
    return redirect(f"/backoffice/debtors/{debtor_id}", N_("Saved."))


def _shared(session: Session, signed: Signed, found: Any) -> dict[str, Any]:
    """What both files show: company, accounts, contacts, group, history."""
    group = found.company.group_id
    accounts = [account.added_by for account in found.accounts]
    accounts += [one.confirmed_by for one in found.accounts if one.confirmed_by]
    verified = payees.of_accounts(session, found.accounts)
    accounts += [one.payee.checked_by for one in verified.values() if one.payee.checked_by]
    return {
        "verified": verified,
        "members": parties.group_members(session, group) if group is not None else (),
        "names": actors(session, [*(event.by for event in found.history), *accounts]),
        "act": act, "shown_changes": shown_changes, "may_edit": signed.may(EDIT),
        "may_confirm": signed.may(Permission.CONFIRM_ACCOUNTS), "me": signed.by,
    }  # fmt: skip


def _client_form(
    request: AnyRequest, session: Session, form: Form, *, status: int = 200
) -> Response[Any]:
    return render(
        request, "backoffice/parties/new_client.html", status=status, form=form,
        fields=company_fields(), labels=labels(),
        managers=_staff(session, Role.ACCOUNT_MANAGER), collectors=_staff(session, Role.COLLECTOR),
        analysts=_staff(session, Role.CREDIT_ANALYST),
    )  # fmt: skip


def _debtor_form(request: AnyRequest, form: Form, *, status: int = 200) -> Response[Any]:
    return render(request, "backoffice/parties/new_debtor.html", status=status, form=form,
                  fields=company_fields(), labels=labels(), segments=_segments())  # fmt: skip


def _staff(session: Session, role: Role) -> list[tuple[int, str]]:
    found = identity.people(session, audience=Audience.STAFF, role=role)
    return [(person.id, person.name) for person in found]


def _segments() -> list[tuple[str, str]]:
    return [(each.value, label(each)) for each in Segment]


HANDLERS = [
    list_clients, list_debtors, new_client, create_client, new_debtor, create_debtor,
    save_client, show_debtor, save_debtor,
]  # fmt: skip
