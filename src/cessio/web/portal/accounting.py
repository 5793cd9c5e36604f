"""For the accountant: the period's journal, the accounts it is posted on, and what to declare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.identity import Permission
from cessio.kernel.errors import CessioError
from cessio.plumbing.i18n import gettext as _
from cessio.statements import queries as statements
from cessio.statements import set_client_chart
from cessio.statements.formats.fec import ACCOUNTS, label_of, piece_of
from cessio.statements.formats.words import described
from cessio.statements.rules import Chart, ChartAccount, Collected, JournalLine
from cessio.web.exports import Column, export
from cessio.web.forms import Form, text
from cessio.web.guards import client_user
from cessio.web.periods import asked_period, period_query, usual_periods
from cessio.web.portal.scope import Scope, client_of, scope_of
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, On, Sent, Who
from cessio.web.words import label

#: Lines on the screen; the files have them all.
SHOWN = 100
CHART = "/portal/statements/chart"


@get("/portal/statements/journal", guards=[client_user(Permission.OWN_SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_journal(request: AnyRequest, session: Db, signed: Who, on: On, at: At) -> Response[Any]:
    """The account of a period as it is posted: every transaction on the client's own accounts."""
    return journal_page(
        request, session, scope_of(request, session, signed), on=on, at=at,
        may_export=signed.may(Permission.OWN_EXPORT), may_set=signed.may(Permission.OWN_PREPARE),
    )  # fmt: skip


def journal_page(
    request: AnyRequest, session: Session, scope: Scope, *, on: date, at: datetime,
    may_export: bool, may_set: bool,
) -> Response[Any]:  # fmt: skip
    """The same page for whoever may read it."""
    form, start, end = asked_period(request, on)
    lines: tuple[JournalLine, ...] | None = None
    if form.valid():
        try:
            lines = statements.client_journal(
                session, contract_id=scope.contract.id, from_on=start, to_on=end
            )
        except CessioError as error:
            form.refuse(error)
    chart = statements.client_chart(session, client_id=scope.client_id)
    if lines is not None and (wanted := request.query_params.get("format")):
        return _journal_file(request, lines, chart, wanted, at)
    return render(
        request, "portal/statements/show_journal.html", status=422 if lines is None else 200,
        scope=scope, form=form, lines=(lines or ())[:SHOWN], count=len(lines or ()),
        sums=_sums(lines or (), chart), chart=chart, accounts=ACCOUNTS, described=described,
        piece_of=piece_of, shortcuts=usual_periods(on),
        may_export=may_export, may_set=may_set,
        query=period_query(request, start, end) if lines is not None else "",
    )  # fmt: skip


@get("/portal/statements/collections", guards=[client_user(Permission.OWN_SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_collections(
    request: AnyRequest, session: Db, signed: Who, on: On, at: At
) -> Response[Any]:
    """What debtors paid in a period, invoice by invoice, with the VAT that falls due by it."""
    return collections_page(
        request, session, scope_of(request, session, signed), on=on, at=at,
        may_export=signed.may(Permission.OWN_EXPORT),
    )  # fmt: skip


def collections_page(
    request: AnyRequest, session: Session, scope: Scope, *, on: date, at: datetime,
    may_export: bool,
) -> Response[Any]:  # fmt: skip
    """The same page for whoever may read it."""
    form, start, end = asked_period(request, on)
    paid: tuple[Collected, ...] | None = None
    if form.valid():
        try:
            paid = statements.collections_to_declare(
                session, contract_id=scope.contract.id, from_on=start, to_on=end
            )
        except CessioError as error:
            form.refuse(error)
    if paid is not None and (wanted := request.query_params.get("format")):
        return _collections_file(request, scope, paid, wanted, at)
    return render(
        request, "portal/statements/show_collections.html", status=422 if paid is None else 200,
        scope=scope, form=form, paid=(paid or ())[:SHOWN], count=len(paid or ()),
        by_rate=_by_rate(paid or ()), shortcuts=usual_periods(on), may_export=may_export,
        query=period_query(request, start, end) if paid is not None else "",
    )  # fmt: skip


@get(CHART, guards=[client_user(Permission.OWN_PREPARE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def edit_chart(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """The numbers of the client's accounts."""
    chart = statements.client_chart(session, client_id=client_of(signed))
    numbers = {one.value: number for one, number in chart.accounts.items()}
    form = Form(journal=chart.journal, **numbers)
    return render(request, "portal/statements/edit_chart.html", form=form, accounts=ACCOUNTS)


@post(CHART, guards=[client_user(Permission.OWN_PREPARE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def save_chart(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Post on these accounts from now on."""
    form = Form(submitted)
    journal = form.need("journal", text(5))
    numbers = {one: form.need(one.value, text(12)) for one in ChartAccount}
    if form.valid():
        try:
            chart = Chart(journal.upper(), {one: number.upper() for one, number in numbers.items()})
            set_client_chart(session, client_id=client_of(signed), chart=chart, by=signed.by, at=at)
            return redirect("/portal/statements/journal", N_("Your account numbers are saved."))
        except CessioError as error:
            form.refuse(error)
    return render(
        request, "portal/statements/edit_chart.html", status=422, form=form, accounts=ACCOUNTS
    )


@dataclass(frozen=True, slots=True)
class AccountSum:
    """What a period puts on one account, both columns."""

    account: ChartAccount
    number: str
    debit_minor: int
    credit_minor: int


def _sums(lines: Iterable[JournalLine], chart: Chart) -> list[AccountSum]:
    """The journal by account, in the order of their numbers."""
    found = [
        AccountSum(
            account, number, sum(one.debit_minor for one in mine),
            sum(one.credit_minor for one in mine),
        )
        for account, number in chart.accounts.items()
        if (mine := [one for one in lines if one.account is account])
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.number)


@dataclass(frozen=True, slots=True)
class RateSum:
    """Collections that bear one rate of VAT; ``vat_minor`` unknown where theirs is."""

    rate: Decimal | None
    is_known: bool
    amount_minor: int
    vat_minor: int


def _by_rate(paid: Iterable[Collected]) -> list[RateSum]:
    """Collections by rate, the highest first; those of several rates and of none known last."""

    def key(one: Collected) -> tuple[bool, bool, Decimal]:
        return one.vat_minor is None, one.rate is None, -(one.rate or Decimal(0))

    return [
        RateSum(mine[0].rate, not unknown, sum(one.amount_minor for one in mine),
                sum(one.vat_minor or 0 for one in mine))
        for (unknown, _several, _rate), group in groupby(sorted(paid, key=key), key=key)
        if (mine := list(group))
    ]  # fmt: skip


def _journal_file(
    request: AnyRequest, lines: tuple[JournalLine, ...], chart: Chart, wanted: str, at: datetime
) -> Response[bytes]:
    columns = [
        Column(_("Date"), "date"), Column(_("Entry")), Column(_("Account")),
        Column(_("Account name")), Column(_("Debtor")), Column(_("Document")),
        Column(_("Description")), Column(_("Debit"), "money"), Column(_("Credit"), "money"),
    ]  # fmt: skip
    rows = [
        (
            one.entry.booked_on, f"T{one.entry.transaction_id}", chart.accounts[one.account],
            str(ACCOUNTS[one.account]), one.entry.debtor_name, piece_of(one), label_of(one),
            one.debit_minor or None, one.credit_minor or None,
        )
        for one in lines
    ]  # fmt: skip
    totals = (None,) * 7 + (sum(one.debit_minor for one in lines),
                            sum(one.credit_minor for one in lines))  # fmt: skip
    return export(
        request, wanted, "journal", columns, rows, at=at, title=_("Journal"), totals=totals
    )


def _collections_file(
    request: AnyRequest, scope: Scope, paid: tuple[Collected, ...], wanted: str, at: datetime
) -> Response[bytes]:
    currency = scope.currency
    columns = [
        Column(_("Received on"), "date"), Column(_("Recorded on"), "date"), Column(_("Invoice")),
        Column(_("Issued on"), "date"), Column(_("Debtor")), Column(_("SIREN")),
        Column(_("How it was paid")), Column(_("Amount"), "money", currency),
        Column(_("of which VAT"), "money", currency), Column(_("Rate of VAT"), "rate"),
    ]  # fmt: skip
    rows = [
        (
            one.collected_on, one.booked_on, one.number, one.issued_on, one.debtor_name,
            one.debtor_siren, label(one.how), one.amount_minor, one.vat_minor, one.rate,
        )
        for one in paid
    ]  # fmt: skip
    return export(
        request, wanted, "collections", columns, rows, at=at, title=_("Collections and VAT")
    )


HANDLERS = [show_journal, show_collections, edit_chart, save_chart]
