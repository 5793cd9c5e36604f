"""A client's file sent by staff: read, its columns told once, checked, its progress followed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError
from cessio.plumbing.jobs import JobState
from cessio.receivables import operations, queries
from cessio.receivables.jobs import AT_ONCE, CHECK
from cessio.receivables.queries import RemittanceRow
from cessio.receivables.rules import RemittanceState, Source
from cessio.web import columns, remittance_work
from cessio.web.backoffice import lists
from cessio.web.forms import Form, integer, one_of
from cessio.web.guards import staff
from cessio.web.portal.remittances.document import document_of, known_debtors
from cessio.web.render import page_or_block, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.said import why_it_waits
from cessio.web.words import sentence
from cessio.web.words.jobs import said

SEE = Permission.SEE_RECEIVABLES
DECIDE = Permission.DECIDE_REMITTANCES
HOME = "/backoffice/remittances"
MAX_BYTES = 30_000_000


@get("/backoffice/remittances/new", guards=[staff(DECIDE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def new_remittance(request: AnyRequest, session: Db, on: On) -> Response[Any]:
    """Send a client's file for it, or type."""
    return _new(request, session, on, Form(contract=lists.asked_number(request, "contract")))


@post("/backoffice/remittances", guards=[staff(DECIDE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def upload(request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:  # fmt: skip
    """Read the file into a draft and check it; ask for its columns where they are not sure."""
    form = Form(submitted)
    contract_id = form.need("contract", integer())
    sent = form.upload("file", max_bytes=MAX_BYTES)
    if not form.valid() or sent is None:
        return _new(request, session, on, form, status=422)
    try:
        with session.begin_nested():
            made = operations.draft_from_file(
                session, contract_id=contract_id, data=sent.content, filename=sent.name,
                by=signed.by, at=at,
            )  # fmt: skip
    except CessioError as error:
        form.refuse(error, "file")
        return _new(request, session, on, form, status=422)
    if made.mapping_needed:
        return redirect(f"{HOME}/{made.remittance_id}/columns")
    return checked(session, signed, made.remittance_id, on=on, at=at)


@get("/backoffice/remittances/typed", guards=[staff(DECIDE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def type_remittance(request: AnyRequest, session: Db, on: On) -> Response[Any]:
    """The form of the first invoice of a remittance that has no file."""
    form = Form(kind="invoice", contract=lists.asked_number(request, "contract"))
    return _typed(request, session, on, form)


@post("/backoffice/remittances/typed", guards=[staff(DECIDE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def type_first_line(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent
) -> Response[Any]:
    """A draft of one typed invoice; the others are added on its page."""
    form = Form(submitted)
    contract_id = form.need("contract", integer())
    document = document_of(form, _currency(session, form))
    if document is None:
        return _typed(request, session, on, form, status=422)
    try:
        with session.begin_nested():
            remittance_id = operations.draft_from_rows(
                session, contract_id=contract_id, rows=[document], source=Source.TYPED,
                by=signed.by, at=at,
            )  # fmt: skip
    except CessioError as error:
        form.refuse(error)
        return _typed(request, session, on, form, status=422)
    return checked(session, signed, remittance_id, on=on, at=at)


@get("/backoffice/remittances/{remittance_id:int}/columns", guards=[staff(DECIDE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_columns(request: AnyRequest, session: Db, remittance_id: Id) -> Response[Any]:
    """What each column of the file is, as found or as told last time; samples beside it."""
    row = own_draft(session, remittance_id)
    return _columns(request, row, Form(**columns.initial(row)))


@post("/backoffice/remittances/{remittance_id:int}/columns", guards=[staff(DECIDE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def tell_columns(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    remittance_id: Id,
) -> Response[Any]:  # fmt: skip
    """Read the file with the columns that were told; the client's next file is read so too."""
    row = own_draft(session, remittance_id)
    form = Form(submitted)
    mapping = columns.told(form, row, headings=True)
    wanted = form.maybe("act", one_of({"preview", "read"}))
    if form.valid():
        try:
            if wanted == "preview":
                seen = operations.preview_mapping(session, remittance_id=remittance_id,
                                                  mapping=mapping, at=at)  # fmt: skip
                return _columns(request, row, form, seen=seen)
            with session.begin_nested():
                operations.apply_mapping(session, remittance_id=remittance_id, mapping=mapping,
                                         by=signed.by, at=at)  # fmt: skip
            return checked(session, signed, remittance_id, on=on, at=at)
        except CessioError as error:
            form.refuse(error)
    return _columns(request, row, form, status=422)


@post("/backoffice/remittances/{remittance_id:int}/check", guards=[staff(DECIDE)],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def check(session: Db, signed: Who, at: At, on: On, remittance_id: Id) -> Response[Any]:
    """Check a draft again, as of today."""
    own_draft(session, remittance_id)
    return checked(session, signed, remittance_id, on=on, at=at)


@get("/backoffice/remittances/{remittance_id:int}/progress/{job_id:int}", guards=[staff(SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_progress(
    request: AnyRequest, session: Db, at: At, remittance_id: Id, job_id: Id
) -> Response[Any]:
    """How far the check or the assignment of a large remittance is, then what came of it."""
    row = queries.remittance(session, remittance_id).remittance
    job = remittance_work.job_of(session, row, job_id)
    return page_or_block(
        request, "backoffice/remittances/show_progress.html", "progress", row=row, job=job,
        is_assigning=job.kind != CHECK, remaining=remittance_work.remaining(job, at),
        failed=job.state is JobState.DEAD, cause=said(job),
    )  # fmt: skip


def own_draft(session: Session, remittance_id: int) -> RemittanceRow:
    """A remittance that may still be changed. Raises ``WrongState``."""
    row = queries.remittance(session, remittance_id).remittance
    if row.state is not RemittanceState.DRAFT:
        raise operations.WrongState(
            "remittance_state", "remittance {number} is {state}", number=row.number,
            state=row.state,
        )  # fmt: skip
    return row


def checked(
    session: Session, signed: Signed, remittance_id: int, *, on: date, at: datetime
) -> Response[Any]:
    """Check a draft, by a job if it is large, and go to its page."""
    row = queries.remittance(session, remittance_id).remittance
    if row.line_count > AT_ONCE:
        job_id = remittance_work.start(session, row, CHECK, by=signed.by, at=at)
        return redirect(f"{HOME}/{remittance_id}/progress/{job_id}")
    operations.check(session, remittance_id=remittance_id, on=on, by=signed.by, at=at)
    return redirect(f"{HOME}/{remittance_id}")


def _columns(
    request: AnyRequest, row: RemittanceRow, form: Form, *,
    seen: operations.Previewed | None = None, status: int = 200,
) -> Response[Any]:  # fmt: skip
    return render(
        request, "backoffice/remittances/show_columns.html", status=status, seen=seen,
        why=why_it_waits, sentence=sentence, **columns.choices(row, form),
    )  # fmt: skip


def _new(
    request: AnyRequest, session: Session, on: date, form: Form, *, status: int = 200
) -> Response[Any]:
    return render(request, "backoffice/remittances/new_remittance.html", status=status, form=form,
                  contracts=_contracts(session, on))  # fmt: skip


def _typed(
    request: AnyRequest, session: Session, on: date, form: Form, *, status: int = 200
) -> Response[Any]:
    typed = form.raw("contract")
    return render(
        request, "backoffice/remittances/type_remittance.html", status=status, form=form,
        contracts=_contracts(session, on), currency=_currency(session, form),
        debtors=known_debtors(session, int(typed)) if typed.isdecimal() and len(typed) < 19 else (),
    )  # fmt: skip


def _contracts(session: Session, on: date) -> list[tuple[int, str]]:
    live = contracts.contracts(session, live_on=on)
    return [(one.id, f"{one.client_name} · {one.reference}") for one in live]


def _currency(session: Session, form: Form) -> str:
    typed = form.raw("contract")
    found = {str(one.id): one.currency for one in contracts.contracts(session)}
    return found.get(typed, "EUR")


HANDLERS = [
    new_remittance, upload, type_remittance, type_first_line, show_columns, tell_columns, check,
    show_progress,
]  # fmt: skip
