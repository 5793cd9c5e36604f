"""Contracts: the list, one with its availability on any day, and what is withheld from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import contracts as writes
from cessio.agreeing.deeds.contracts import EndContract
from cessio.contracts import queries as contracts
from cessio.contracts.queries import ContractView
from cessio.contracts.rules import IneligibleReason, Product, ReserveKind, Terms
from cessio.funding import queries as funding
from cessio.funding.rules import Availability, LineKind
from cessio.identity import Permission, Signed
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError, NotFound
from cessio.parties import find_by_siren
from cessio.reporting.queries import outstanding_of
from cessio.web import explaining
from cessio.web.actors import actors
from cessio.web.backoffice import lists, sources
from cessio.web.backoffice.second import put
from cessio.web.backoffice.terms_form import shown_term, term_name
from cessio.web.cockpit import LIVE_MOST, SHOWN
from cessio.web.exports import Column, export
from cessio.web.forms import Form, amount, chosen, day, integer, siren, text
from cessio.web.guards import proven, staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, CountsOn, Db, Id, On, Sent, Who
from cessio.web.rows import page_after
from cessio.web.standing import said_in_words
from cessio.web.words import label

SEE = Permission.SEE_CONTRACTS
EDIT = Permission.EDIT_CONTRACTS


@dataclass(frozen=True, slots=True)
class ContractRow:
    """A contract in the list with its figures; no figures before its terms hold."""

    contract: ContractView
    facility_minor: int = 0
    outstanding_minor: int | None = None
    payable_minor: int | None = None


@get("/backoffice/contracts", guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def list_contracts(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, counts_on: CountsOn
) -> Response[Any]:
    """Every contract by client; ``?q=`` keeps names and references, ``?state=`` live or ended.

    More than ``LIVE_MOST`` are ordered and summed by the figures kept at the end of the last day,
    but for the outstanding, which is the ledger's; the rows of the page are those of now.
    """
    fits = _fits(request, on)
    kept = [one for one in contracts.contracts(session) if fits(one)]
    wanted = lists.file_format(request)
    is_long = len(kept) > LIVE_MOST and wanted is None
    before = funding.last_kept(session, before=on) if is_long else None
    rows = _ordered(
        request, _as_kept(session, kept, before) if before else _now(session, kept, on, counts_on)
    )
    if wanted:
        return export(request, wanted, "contracts", _columns(), [_cells(row) for row in rows],
                      at=at, title=_("Contracts"))  # fmt: skip
    shown, following = page_after(rows, lambda row: row.contract.id,
                                  lists.asked_number(request, "after"), most=SHOWN)  # fmt: skip
    return render(
        request, "backoffice/contracts/list_contracts.html", on=on, kept_on=before, count=len(rows),
        rows=_now(session, [row.contract for row in shown], on, counts_on) if before else shown,
        totals=_totals(session, rows, is_kept=before is not None), following=following,
        products=[(each.value, label(each)) for each in Product], may_sign=signed.may(EDIT),
    )  # fmt: skip


def _fits(request: AnyRequest, on: date) -> Callable[[ContractView], bool]:
    """What the filters of the list keep."""
    words = (lists.asked_text(request, "q") or "").casefold()
    product = lists.asked_choice(request, "product", Product)
    state = request.query_params.get("state", "")
    return lambda one: (
        words in f"{one.client_name} {one.reference}".casefold()
        and product in (None, one.product)
        and (not state or one.is_live(on) == (state == "live"))
    )


def _now(
    session: Session, kept: Sequence[ContractView], on: date, counts_on: date
) -> list[ContractRow]:
    ids = [one.id for one in kept]
    terms = contracts.terms_of_all(session, on, contract_ids=ids)
    book = funding.book_availability(
        session, on=on, counts_on=counts_on, terms=terms
    ) if ids else {}  # fmt: skip
    return [
        ContractRow(
            one, terms[one.id].facility_limit_minor, book[one.id].outstanding_minor,
            book[one.id].payable_now_minor,
        ) if one.id in book else ContractRow(one)
        for one in kept
    ]  # fmt: skip


def _as_kept(session: Session, kept: Sequence[ContractView], before: date) -> list[ContractRow]:
    days = funding.kept_on(session, on=before)
    return [
        ContractRow(one, known.facility_minor, known.outstanding_minor, known.payable_minor)
        if (known := days.get(one.id)) is not None else ContractRow(one)
        for one in kept
    ]  # fmt: skip


def _ordered(request: AnyRequest, rows: list[ContractRow]) -> list[ContractRow]:
    sort = request.query_params.get("sort", "client")
    order = _ORDERS.get(sort.removeprefix("-"), _ORDERS["client"])
    return sorted(rows, key=order, reverse=sort.startswith("-"))


_ORDERS: dict[str, Any] = {
    "client": lambda row: (row.contract.client_name.casefold(), row.contract.id),
    "reference": lambda row: row.contract.reference,
    "since": lambda row: row.contract.starts_on,
    "outstanding": lambda row: row.outstanding_minor or 0,
    "available": lambda row: row.payable_minor or 0,
}


def _totals(
    session: Session, rows: Sequence[ContractRow], *, is_kept: bool
) -> dict[str, tuple[int, int, int]]:
    """Outstanding, facility limits and what is available, by currency."""
    totals: dict[str, tuple[int, int, int]] = {}
    for row in rows:
        if row.outstanding_minor is None or row.payable_minor is None:
            continue
        owed, facility, payable = totals.get(row.contract.currency, (0, 0, 0))
        totals[row.contract.currency] = (
            owed + row.outstanding_minor, facility + row.facility_minor,
            payable + row.payable_minor,
        )  # fmt: skip
    if not is_kept:
        return totals
    owed_now = outstanding_of(session, [row.contract.id for row in rows])
    return {key: (owed_now.get(key, 0), *sums[1:]) for key, sums in totals.items()}


def _columns() -> list[Column]:
    return [
        Column(_("Client")), Column(_("Reference")), Column(_("Product")),
        Column(_("Starts on"), "date"), Column(_("Ended on"), "date"), Column(_("Currency")),
        Column(_("Outstanding"), "money"), Column(_("Facility limit"), "money"),
        Column(_("Available"), "money"),
    ]  # fmt: skip


def _cells(row: ContractRow) -> tuple[Any, ...]:
    one = row.contract
    return (
        one.client_name, one.reference, label(one.product), one.starts_on, one.ended_on,
        one.currency, row.outstanding_minor, row.facility_minor, row.payable_minor,
    )  # fmt: skip


@get("/backoffice/contracts/{contract_id:int}", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_contract(
    request: AnyRequest, session: Db, signed: Who, on: On, counts_on: CountsOn, contract_id: Id
) -> Response[Any]:
    """The availability and why, today or as it was known on ``?on=``."""
    return _page(request, session, signed, (on, counts_on), contract_id, Form(), Form())


@get("/backoffice/contracts/{contract_id:int}/withheld", guards=[staff(SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_withheld(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, contract_id: Id
) -> Response[Any]:
    """The invoices behind a line of the availability: they add up to it.

    Of those beyond limits, who decides limits is led to the debtor with the most of them.
    """
    kind = lists.asked_choice(request, "line", LineKind)
    reason = lists.asked_choice(request, "reason", IneligibleReason)
    if kind is None:
        raise NotFound("line_unknown_kind", "there are no invoices behind this line")
    contract = contracts.contract(session, contract_id)
    found = funding.withheld(session, contract_id=contract_id, kind=kind, reason=reason, on=on)
    if wanted := lists.file_format(request):
        return _withheld_file(request, wanted, found, at)
    return render(
        request, "backoffice/contracts/show_withheld.html", contract=contract, found=found,
        words=explaining.words(found.line), on=on,
        decides=_limit_to_decide(signed, contract_id, kind, found.receivables),
    )  # fmt: skip


def _limit_to_decide(
    signed: Signed, contract_id: int, kind: LineKind, shown: Sequence[Any]
) -> str | None:
    if kind is not LineKind.OVER_LIMIT or not shown or not signed.may(Permission.DECIDE_LIMITS):
        return None
    beyond: dict[int, int] = {}
    for one in shown:
        beyond[one.row.debtor_id] = beyond.get(one.row.debtor_id, 0) + one.amount_minor
    debtor_id = max(beyond, key=lambda each: abs(beyond[each]))
    return f"/backoffice/limits/decide?contract={contract_id}&debtor={debtor_id}"


def _withheld_file(request: AnyRequest, wanted: str, found: Any, at: Any) -> Response[Any]:
    columns = [
        Column(_("Debtor")), Column(_("Invoice number")), Column(_("Issued on"), "date"),
        Column(_("Due date"), "date"), Column(_("Open amount"), "money", found.currency),
        Column(_("Withheld"), "money", found.currency),
    ]  # fmt: skip
    rows = [
        (one.row.debtor_name, one.row.number, one.row.issue_date, one.row.due_date,
         one.row.open_minor, one.amount_minor)
        for one in found.receivables
    ]  # fmt: skip
    return export(request, wanted, "withheld", columns, rows, at=at,
                  title=explaining.words(found.line))  # fmt: skip


@post("/backoffice/contracts/{contract_id:int}/reserves", guards=[staff(EDIT)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def set_reserve(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, counts_on: CountsOn,
    submitted: Sent, contract_id: Id,
) -> Response[Any]:  # fmt: skip
    """Withhold an amount from the contract as a whole."""
    contract = contracts.contract(session, contract_id)
    form = Form(submitted)
    kind = form.need("kind", chosen(ReserveKind))
    minor = form.need("amount", amount(contract.currency))
    reason = form.need("reason", text(500))
    if form.valid():
        try:
            writes.set_reserve(
                session, contract_id=contract_id, kind=kind, amount_minor=minor, reason=reason,
                by=signed.by, at=at,
            )  # fmt: skip
            return redirect(f"/backoffice/contracts/{contract_id}#reserves", N_("Reserve set."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, (on, counts_on), contract_id, form, Form(), status=422)


@post("/backoffice/contracts/{contract_id:int}/reserves/{reserve_id:int}/end",
      guards=[staff(EDIT)], include_in_schema=False, sync_to_thread=True)  # fmt: skip
def end_reserve(
    session: Db, signed: Who, at: At, submitted: Sent, contract_id: Id, reserve_id: Id
) -> Response[Any]:
    """Give a reserve back to the availability."""
    form = Form(submitted)
    reason = form.maybe("reason", text(500)) or _("No longer needed")
    if reserve_id not in {one.id for one in contracts.reserves(session, contract_id)}:
        raise NotFound("reserve_unknown", "reserve {id} is not withheld", id=reserve_id)
    writes.end_reserve(session, reserve_id=reserve_id, reason=reason, by=signed.by, at=at)
    return redirect(f"/backoffice/contracts/{contract_id}#reserves", N_("Reserve given back."))


@post("/backoffice/contracts/{contract_id:int}/exclusions", guards=[staff(EDIT)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def exclude_debtor(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, counts_on: CountsOn,
    submitted: Sent, contract_id: Id,
) -> Response[Any]:  # fmt: skip
    """Buy a debtor's invoices without funding them; the debtor is named by its SIREN."""
    form = Form(submitted)
    number = form.need("siren", siren())
    reason = form.need("why", text(500))
    hit = find_by_siren(session, number) if number else None
    if form.valid() and (hit is None or hit.debtor_id is None):
        form.refuse(NotFound("debtor_not_found", "There is no such debtor", field="siren"))
    if form.valid() and hit is not None and hit.debtor_id is not None:
        try:
            writes.exclude_debtor(session, contract_id=contract_id, debtor_id=hit.debtor_id,
                                  reason=reason, by=signed.by, at=at)  # fmt: skip
            return redirect(f"/backoffice/contracts/{contract_id}#exclusions",
                            N_("{debtor} is no longer funded."), debtor=hit.name)  # fmt: skip
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, (on, counts_on), contract_id, Form(), form, status=422)


@post("/backoffice/contracts/{contract_id:int}/exclusions/end", guards=[staff(EDIT)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def end_exclusion(
    session: Db, signed: Who, at: At, submitted: Sent, contract_id: Id
) -> Response[Any]:
    """Fund a debtor's invoices again."""
    form = Form(submitted)
    debtor_id = form.need("debtor_id", integer())
    reason = form.maybe("reason", text(500)) or _("No longer needed")
    writes.end_exclusion(session, contract_id=contract_id, debtor_id=debtor_id, reason=reason,
                         by=signed.by, at=at)  # fmt: skip
    return redirect(f"/backoffice/contracts/{contract_id}#exclusions",
                    N_("The debtor is funded again."))  # fmt: skip


@post("/backoffice/contracts/{contract_id:int}/end", guards=[staff(EDIT), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def end(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, counts_on: CountsOn,
    submitted: Sent, contract_id: Id,
) -> Response[Any]:  # fmt: skip
    """Ask for its end: from then on nothing new is assigned under it, what is open goes on."""
    form = Form(submitted)
    ended_on = form.need("ended_on", day())
    reason = form.need("end_reason", text(500))
    if form.valid():
        try:
            return put(session, EndContract(contract_id, ended_on, reason), signed, at)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, (on, counts_on), contract_id, Form(), Form(),
                 end_form=form, status=422)  # fmt: skip


def _page(
    request: AnyRequest, session: Session, signed: Signed, days: tuple[date, date],
    contract_id: int, reserve_form: Form, exclusion_form: Form, *, end_form: Form | None = None,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    (on, counts_on), contract = days, contracts.contract(session, contract_id)
    as_of = lists.asked_day(request, "on")
    known_from = max(contract.signed_on, business_date(contract.created_at))
    as_of = as_of if as_of is not None and known_from <= as_of < on else None
    found = funding.availability(session, contract_id=contract_id, on=on, as_of=as_of,
                                 counts_on=counts_on)  # fmt: skip
    terms = contracts.terms_in_force(session, contract_id, as_of or on)
    reserves = contracts.reserves(session, contract_id)
    exclusions = contracts.excluded_debtors(session, contract_id)
    lines = f"/backoffice/contracts/{contract_id}/withheld" if as_of is None else ""
    return render(
        request, "backoffice/contracts/show_contract.html", status=status, contract=contract,
        found=found, terms=terms, on=on, as_of=as_of, steps=_steps(found, lines, sources.pages_of(
            contract_id, sees_ledger=signed.may(Permission.SEE_LEDGER))),
        reserves=reserves, exclusions=exclusions, reserve_form=reserve_form,
        exclusion_form=exclusion_form, end_form=end_form or Form(ended_on=on.isoformat()),
        kinds=[(each.value, label(each)) for each in ReserveKind],
        main_terms=_main_terms(terms, contract.currency),
        standing=said_in_words(
            funding.standing_on(session, contract_id=contract_id, on=as_of or on).said,
            contract.currency,
        ),
        may_edit=signed.may(EDIT),
        may_see_parties=signed.may(Permission.SEE_PARTIES),
        names=actors(session, [*(r.set_by for r in reserves),
                                    *(e.since_by for e in exclusions)]),
    )  # fmt: skip


def _steps(found: Availability, lines: str, pages: dict[LineKind, str]) -> list[Any]:
    """The waterfall; on a past day its lines open nothing, as invoices are those of today."""
    steps = explaining.steps(found, lines_url=lines or "/", pages=pages)
    if lines:
        return steps
    return [replace(step, href=None) for step in steps]


def _main_terms(terms: Terms, currency: str) -> list[tuple[str, str]]:
    """The parameters one asks for by telephone."""
    names = ("facility_limit_minor", "advance_mode", "advance_rate", "retention_rate",
             "concentration_rate", "funding_limit_rule", "recourse_mode", "commission_rate",
             "interest_index", "interest_margin")  # fmt: skip
    return [(term_name(name), shown_term(name, getattr(terms, name), currency)) for name in names]


HANDLERS = [
    list_contracts, show_contract, show_withheld, set_reserve, end_reserve, exclude_debtor,
    end_exclusion, end,
]  # fmt: skip
