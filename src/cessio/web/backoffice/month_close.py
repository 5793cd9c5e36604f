"""The close of a month: what keeps it open, its books, and the two persons who close it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import approvals, closing
from cessio.closing import queries
from cessio.closing.formats.fec import fec_chunks
from cessio.closing.rules import Books, CheckKind, month_of, number_of
from cessio.correspondence.queries import factor_identity
from cessio.identity import Permission, Signed
from cessio.kernel.calendar import Period, month
from cessio.kernel.errors import CessioError
from cessio.statements import issue_invoices as issue
from cessio.web.actors import actors
from cessio.web.backoffice import second
from cessio.web.backoffice.lists import asked_number, file_format
from cessio.web.exports import Column, export, export_file
from cessio.web.forms import Form, text
from cessio.web.guards import proven, staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label
from cessio.web.words.closing import told

PATH = "/backoffice/settlement/close"
SEE = staff(Permission.SEE_LEDGER)
CLOSE = staff(Permission.CLOSE_PERIODS)
_DAY = timedelta(days=1)


@get(PATH, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_month_close(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On
) -> Response[Any]:
    """The month that closes next, or the one asked for; its balances as a file."""
    number = asked_number(request, "month")
    if number is None:
        number = number_of(queries.first_open_month(session, on).start)
    month_of(number)
    if wanted := file_format(request):
        return _file(request, session, wanted, number, at)
    return _page(request, session, signed, number, Form(), at, on, 200)


@get(f"{PATH}/{{number:int}}/fec", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def download_entries(request: AnyRequest, session: Db, number: Id) -> Response[Any]:
    """The factor's entries of a month whose days are closed, for its own accounting (FEC)."""
    period = month_of(number)
    factor = factor_identity(session)
    name = f"{factor.siren if factor else 'FACTOR'}FEC{period.end:%Y%m%d}.txt"
    chunks = fec_chunks(queries.entries_of_month(session, period), number)
    return export_file(request, chunks, name, "text/plain; charset=utf-8")


@post(
    f"{PATH}/{{number:int}}/request",
    guards=[CLOSE, proven],
    include_in_schema=False,
    sync_to_thread=True,
)
def ask_close(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    number: Id,
) -> Response[Any]:  # fmt: skip
    """Ask a colleague to close the month as it was seen."""
    form = Form(submitted)
    seen = form.need("seen", second.digest)
    note = form.maybe("note", text(500))
    if form.valid():
        try:
            with session.begin_nested():
                closing.ask_month_close(
                    session, month=number, seen=seen, note=note or "", by=signed.by, at=at
                )
            return redirect(_address(number), N_("A colleague is asked to close the month."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, number, form, at, on, 422)


@post(
    f"{PATH}/{{number:int}}/decision",
    guards=[CLOSE, proven],
    include_in_schema=False,
    sync_to_thread=True,
)
def decide_close(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    number: Id,
) -> Response[Any]:  # fmt: skip
    """The second person's yes, which closes the month, or no."""
    form = Form(submitted)
    said = second.answer(form)
    if form.valid():
        who: dict[str, Any] = {"seen": said.seen, "by": signed.by, "at": at}
        try:
            with session.begin_nested():
                if said.agrees:
                    closing.approve_month_close(session, month=number, **who)
                else:
                    closing.reject_month_close(session, month=number, reason=said.reason, **who)
            words = N_("The month is closed.") if said.agrees else N_("The month stays open.")
            return redirect(_address(number), words)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, number, form, at, on, 422)


@post(
    f"{PATH}/{{number:int}}/withdrawal",
    guards=[CLOSE],
    include_in_schema=False,
    sync_to_thread=True,
)
def withdraw_close(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    number: Id,
) -> Response[Any]:  # fmt: skip
    """Take the request back, to ask again on other figures."""
    form = Form(submitted)
    if form.valid():
        try:
            with session.begin_nested():
                closing.withdraw_month_close(session, month=number, by=signed.by, at=at)
            return redirect(_address(number), N_("The request is withdrawn."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, number, form, at, on, 422)


@post(f"{PATH}/{{number:int}}/invoices", guards=[staff(Permission.SETTLE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def issue_invoices(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    number: Id,
) -> Response[Any]:  # fmt: skip
    """Invoice what was charged up to the end of the month and is on no invoice."""
    form = Form(submitted)
    if form.valid():
        try:
            with session.begin_nested():
                issued = issue(session, month=month_of(number).start, by=signed.by, at=at)
            return redirect(_address(number), N_("{n} fee invoices issued."), n=len(issued))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, number, form, at, on, 422)


def _address(number: int) -> str:
    return f"{PATH}?month={number}"


def _page(
    request: AnyRequest, session: Session, signed: Signed, number: int, form: Form, at: datetime,
    on: date, status: int,
) -> Response[Any]:  # fmt: skip
    period = month_of(number)
    closed = queries.closed_months(session)
    kept, found = _books(session, period, at)
    asked = approvals.open_for(session, queries.SUBJECT, number)
    people = [one.asked_by for one in closed] + [one.closed_by for one in closed]
    seen = queries.books_hash(found)
    return render(
        request, "backoffice/settlement/show_month_close.html", status=status, form=form,
        number=number, period=period, found=found, checks=[told(one) for one in found.checks],
        kept=kept, closed=closed, asked=asked, seen=seen.hex(), number_of=number_of,
        stale=asked is not None and asked.subject_hash != seen,
        names=actors(session, [*people, *([asked.maker] if asked else [])]),
        currencies=sorted({one.currency for one in found.lines}), accrued=found.accrued(),
        is_own=asked is not None and asked.maker_id == signed.person_id,
        may_close=signed.may(Permission.CLOSE_PERIODS), may_settle=signed.may(Permission.SETTLE),
        to_invoice=any(one.kind is CheckKind.INVOICES and one.blocks for one in found.checks)
        and period.end < on,
        has_entries=(queries.last_closed(session) or date.min) >= period.end,
        before=month(period.start - _DAY), after=month(period.end + _DAY),
    )  # fmt: skip


def _books(
    session: Session, period: Period, at: datetime
) -> tuple[queries.ClosedMonthView | None, Books]:
    """A closed month and its books as they were agreed on; of an open one, as it would close."""
    kept = queries.closed_month(session, period.start)
    return kept, queries.books_closed(kept) if kept else queries.books(session, period, at=at)


def _file(
    request: AnyRequest, session: Session, wanted: str, number: int, at: datetime
) -> Response[Any]:
    period = month_of(number)
    _kept, found = _books(session, period, at)
    columns = [
        Column(_("Account")), Column(_("Currency")), Column(_("Booked"), "money"),
        Column(_("Added by the close"), "money"), Column(_("Debit"), "money"),
        Column(_("Credit"), "money"),
    ]  # fmt: skip
    cells = (
        (label(one.kind), one.currency, one.booked_minor, one.accrued_minor, max(0, one.minor),
         max(0, -one.minor)) for one in found.lines
    )  # fmt: skip
    return export(
        request, wanted, f"month-{number}", columns, cells, at=at,
        title=_("Trial balance of the month"),
    )  # fmt: skip


HANDLERS = [
    show_month_close,
    download_entries,
    ask_close,
    decide_close,
    withdraw_close,
    issue_invoices,
]
