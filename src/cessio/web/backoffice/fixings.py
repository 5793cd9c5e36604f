"""Published reference rates: what is known, entered one by one or from a file."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.agreeing.deeds.house import RecordFixings
from cessio.contracts import queries
from cessio.contracts.formats.fixings import one_fixing
from cessio.contracts.rules import IndexName
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError
from cessio.web.actors import actors
from cessio.web.backoffice.lists import asked_choice, file_format
from cessio.web.backoffice.second import put
from cessio.web.exports import Column, export
from cessio.web.forms import Form, chosen, day, rate, text
from cessio.web.guards import proven, staff
from cessio.web.render import _, render
from cessio.web.requests import AnyRequest, At, Db, On, Sent, Who
from cessio.web.words import label

PATH = "/backoffice/settlement/fixings"
MAX_FILE_BYTES = 2_000_000
#: Days of history in the chart, values in the table.
DRAWN, SHOWN = timedelta(days=180), 40


@get(PATH, guards=[staff(Permission.SEE_LEDGER)], include_in_schema=False, sync_to_thread=True)
def list_fixings(request: AnyRequest, session: Db, signed: Who, at: At, on: On) -> Response[Any]:
    """The values of an index, latest first, and how it moved; a file has them all."""
    if wanted := file_format(request):
        index = _index(request)
        columns = [
            Column(_("Date"), "date"), Column(_("Rate"), "rate"), Column(_("Source")),
            Column(_("Recorded"), "datetime"),
        ]  # fmt: skip
        known = queries.fixings(session, index, from_on=date(1999, 1, 1), to_on=on)
        cells = ((one.fixed_on, one.rate, one.source, one.recorded_at) for one in reversed(known))
        return export(request, wanted, f"fixings-{index.value}", columns, cells, at=at,
                      title=label(index))  # fmt: skip
    return _page(request, session, signed, on, Form(index=_index(request), fixed_on=on), 200)


@post(PATH, guards=[staff(Permission.SETTLE), proven], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def enter_fixing(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:
    """Ask for one published value to be recorded."""
    form = Form(submitted)
    index = form.need("index", chosen(IndexName))
    fixed_on = form.need("fixed_on", day())
    value = form.need("rate", rate(minimum=-1))
    source = form.need("source", text(80))
    if form.valid():
        try:
            content = one_fixing(fixed_on, value)
            return put(session, RecordFixings(content, index, source), signed, at)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, form, 422)


@post(f"{PATH}/files", guards=[staff(Permission.SETTLE), proven], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def import_file(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:
    """Ask for every value of a CSV file, or be told each faulty line."""
    form = Form(submitted)
    upload = form.upload("file", max_bytes=MAX_FILE_BYTES)
    index = form.maybe("file_index", chosen(IndexName))
    source = form.maybe("file_source", text(80))
    if form.valid() and upload is not None:
        try:
            return put(session, RecordFixings(upload.content, index, source), signed, at)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, form, 422)


def _index(request: AnyRequest) -> IndexName:
    return asked_choice(request, "index", IndexName) or IndexName.EURIBOR_3M


def _page(
    request: AnyRequest, session: Session, signed: Signed, on: Any, form: Form, status: int
) -> Response[Any]:
    index = _index(request)
    rows = queries.fixings(session, index, from_on=on - DRAWN, to_on=on)
    return render(
        request, "backoffice/settlement/list_fixings.html", status=status, form=form,
        index=index, rows=rows[::-1][:SHOWN], drawn=rows,
        points=[int(one.rate * 10_000) for one in rows],
        indexes=[(one.value, label(one)) for one in IndexName],
        names=actors(session, {one.recorded_by for one in rows}),
        may_enter=signed.may(Permission.SETTLE),
    )  # fmt: skip


HANDLERS = [list_fixings, enter_fixing, import_file]
