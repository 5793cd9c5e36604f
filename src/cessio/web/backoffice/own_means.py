"""The house's own means: capital, refinancing drawn and repaid, what it costs, by bank line."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.agreeing.deeds.book import BookMeans
from cessio.cash import operations as cash
from cessio.cash import queries
from cessio.cash.queries import LineFilter, LineOrder, LineRow, LineState, MeansMovement
from cessio.cash.rules import OwnMeans
from cessio.identity import Permission, Signed
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError
from cessio.kernel.paging import PageRequest
from cessio.web.actors import actors
from cessio.web.backoffice import lists
from cessio.web.backoffice.second import put
from cessio.web.exports import Column, export
from cessio.web.forms import Form, amount, chosen, integer, text
from cessio.web.guards import proven, staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who
from cessio.web.words import label

PATH = "/backoffice/funding/means"
BOOK = staff(Permission.BOOK_OWN_MEANS)
ROWS = 50
#: Lines offered to be booked: the largest of each direction.
OFFERED = 10


@get(PATH, guards=[staff(Permission.SEE_FUNDING)], include_in_schema=False, sync_to_thread=True)
def show_means(request: AnyRequest, session: Db, signed: Who, at: At) -> Response[Any]:
    """What the house works with, how it came and went, and what of the bank waits to be booked."""
    if wanted := lists.file_format(request):
        return _file(request, session, wanted, at)
    line_id = lists.asked_number(request, "line")
    return _page(request, session, signed, Form(line=str(line_id or "")), at, 200)


@post(PATH, guards=[BOOK, proven], include_in_schema=False, sync_to_thread=True)
def book_means(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Ask for a bank line, or a part of it, to be booked as capital, refinancing or its cost."""
    form = Form(submitted)
    line_id, means = form.need("line", integer()), form.need("means", chosen(OwnMeans))
    reference, minor = form.need("reference", text(140)), form.maybe("amount", amount())
    if form.valid():
        try:
            return put(session, BookMeans(line_id, means, reference, minor), signed, at)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, form, at, 422)


@post(f"{PATH}/{{application_id:int}}/undo", guards=[BOOK, proven], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def undo_means(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, application_id: Id
) -> Response[Any]:
    """Take a booking back; its line waits again."""
    form = Form(submitted)
    reason = form.need("reason", text(300))
    if form.valid():
        try:
            with session.begin_nested():
                cash.undo_own_means(
                    session, application_id=application_id, reason=reason, by=signed.by, at=at
                )
            return redirect(PATH, N_("Undone: all is as before."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, form, at, 422)


def _page(
    request: AnyRequest, session: Session, signed: Signed, form: Form, at: datetime, status: int
) -> Response[Any]:
    rows = queries.means_movements(
        session, means=_asked(request), before_id=lists.asked_number(request, "after"),
        limit=ROWS + 1,
    )  # fmt: skip
    may_book = signed.may(Permission.BOOK_OWN_MEANS)
    number = str(form.raw("line"))
    line = (
        queries.workbench_line(session, line_id=int(number))
        if number.isdecimal() and len(number) < 19
        else None
    )
    balances = queries.means_balances(session)
    return render(
        request, "backoffice/funding/show_means.html", status=status, form=form, rows=rows[:ROWS],
        more=rows[ROWS - 1].entry_id if len(rows) > ROWS else None, may_book=may_book,
        line=line if line and line.open_minor else None,
        names=actors(session, [one.by for one in rows]),
        balances={one: {currency: minor for (means, currency), minor in balances.items()
                        if means is one} for one in OwnMeans},
        asked=_asked(request), kinds=[(one.value, label(one)) for one in OwnMeans],
        waiting=_offered(session, business_date(at), lists.asked_text(request, "payer"))
        if may_book else [],
    )  # fmt: skip


def _asked(request: AnyRequest) -> Collection[OwnMeans]:
    one = lists.asked_choice(request, "means", OwnMeans)
    return [one] if one else list(OwnMeans)


def _offered(session: Session, on: date, payer: str | None) -> list[LineRow]:
    """Lines nobody has applied, the largest in and the largest out: own means are large."""
    found: dict[int, LineRow] = {}
    for order in (LineOrder.LARGEST, LineOrder.SMALLEST):
        wanted = LineFilter(on=on, state=LineState.OPEN, order=order, payer=payer)
        page = queries.lines(session, PageRequest(OFFERED), wanted)
        found |= {one.line_id: one for one in page.rows}
    return sorted(found.values(), key=lambda one: -one.open_minor)


def _file(request: AnyRequest, session: Session, wanted: str, at: datetime) -> Response[Any]:
    def fetch(before: int | None, limit: int) -> list[MeansMovement]:
        return queries.means_movements(
            session, means=_asked(request), before_id=before, limit=limit
        )

    columns = [
        Column(_("Value date"), "date"), Column(_("What")), Column(_("Reference")),
        Column(_("Payer or payee")), Column(_("Account")), Column(_("Currency")),
        Column(_("Amount"), "money"), Column(_("Balance"), "money"), Column(_("Who")),
        Column(_("When"), "datetime"),
    ]  # fmt: skip
    rows = lists.rows_before(fetch, lambda one: one.entry_id)
    cells = lists.together(rows, lambda held: _cells(session, held))
    return export(request, wanted, "own-means", columns, cells, at=at,
                  title=_("Capital and refinancing"))  # fmt: skip


def _cells(session: Session, rows: Sequence[MeansMovement]) -> list[tuple[Any, ...]]:
    names = actors(session, [one.by for one in rows])
    return [
        (one.value_date, label(one.means), one.reference, one.party_name, one.account_name,
         one.currency, one.amount_minor, one.balance_minor, names[one.by], one.at)
        for one in rows
    ]  # fmt: skip


HANDLERS = [show_means, book_means, undo_means]
