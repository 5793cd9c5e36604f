"""Is this document genuine? For whoever holds one with its verification code."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from litestar.response import Redirect
from sqlalchemy.orm import Session

from cessio.collections.queries import recovery
from cessio.kernel.codes import read_code
from cessio.plumbing.pdf import digests_of
from cessio.receivables import queries as receivables
from cessio.reporting.queries import loan_tape as reports
from cessio.statements import queries as statements
from cessio.statements.queries.invoices import fee_invoice_of_code
from cessio.web.forms import Form
from cessio.web.guards import public
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, Db, Sent

TEMPLATE = "public/verifying/show_verification.html"
#: Of a file: a whole body may be this long.
MOST_BYTES = 40_000_000
#: Groups of four in a verification code.
_GROUPS = 3


@get("/verify", guards=[public], include_in_schema=False, sync_to_thread=True)
def ask_code(request: AnyRequest) -> Response[Any]:
    """The form for a code typed from paper."""
    typed = request.query_params.get("code", "")
    code = read_code(typed, _GROUPS)
    if code is not None:
        return Redirect(f"/verify/{code}", status_code=303)
    return render(
        request, TEMPLATE, form=Form(code=typed[:40]), code=None, statement=None, receipt=None,
        report=None, account=None, invoice=None, unreadable=bool(typed.strip()), file=None,
    )  # fmt: skip


@get("/verify/{code:str}", guards=[public], include_in_schema=False, sync_to_thread=True)
def show_verification(request: AnyRequest, session: Db, code: FromPath[str]) -> Response[Any]:
    """What was issued under the code: the figures to compare with the paper, and no more."""
    written = read_code(code, _GROUPS)
    statement, receipt = _found(session, written) if written is not None else (None, None)
    report = reports.issued_report(session, code=written) if written is not None else None
    account = recovery.issued_account(session, code=written) if written is not None else None
    invoice = fee_invoice_of_code(session, code=written) if written is not None else None
    known = statement or receipt or report or account or invoice
    return render(
        request, TEMPLATE, status=200 if known else 404, form=Form(code=written or ""),
        code=written, statement=statement, receipt=receipt, report=report, account=account,
        invoice=invoice, unreadable=written is None, file=None,
    )  # fmt: skip


@post("/verify", guards=[public], include_in_schema=False, sync_to_thread=True)
def verify_file(request: AnyRequest, session: Db, submitted: Sent) -> Response[Any]:
    """A file of ours, byte for byte: also what has no place for a code, as a journal (FEC)."""
    form = Form(submitted)
    file = form.upload("file", max_bytes=MOST_BYTES)
    if file is None or not form.valid():
        return _unknown(request, form, chosen=False)
    digest = sha256(file.content).digest()
    code = statements.code_of_file(session, sha256=digest) or reports.code_of_file(
        session, sha256=digest
    )
    if code is None:
        return _unknown(request, form, chosen=True)
    return redirect(f"/verify/{code}", N_("This file is exactly as we issued it."))


def _unknown(request: AnyRequest, form: Form, *, chosen: bool) -> Response[Any]:
    return render(
        request, TEMPLATE, status=404 if chosen else 422, form=form, code=None, statement=None,
        receipt=None, report=None, account=None, invoice=None, unreadable=False,
        file="unknown" if chosen else "missing",
    )  # fmt: skip


def _found(
    session: Session, code: str
) -> tuple[statements.IssuedView | None, receivables.ReceiptProof | None]:
    statement = statements.issued(session, code=code)
    if statement is not None:
        return statement, None
    low, high = digests_of(code)
    return None, receivables.receipt_between(session, low=low, high=high)


HANDLERS = [ask_code, show_verification, verify_file]
