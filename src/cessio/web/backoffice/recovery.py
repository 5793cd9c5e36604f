"""Handing a debtor's invoices over for legal recovery, and the file that goes with them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import documents
from cessio.collections.operations.recovery import end_recovery, hand_over
from cessio.collections.queries import recovery as queries
from cessio.collections.queries.owed import owed, owed_sums
from cessio.collections.rules.recovery import RecoveryEnd
from cessio.identity import Permission, Signed
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError, Problems
from cessio.parties import queries as parties
from cessio.web.actors import actors
from cessio.web.exports import file_response
from cessio.web.forms import Form, chosen, integer, text
from cessio.web.guards import staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who
from cessio.web.words import label

PAGE = "/backoffice/debtors/{debtor_id:int}/recovery"
SEE = staff(Permission.SEE_RECEIVABLES)
ACT = staff(Permission.COLLECT)
#: Invoices offered one by one; all late ones go when none is ticked.
OFFERED = 200


@get(PAGE, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_recovery(
    request: AnyRequest, session: Db, signed: Who, at: At, debtor_id: Id
) -> Response[Any]:
    """What could be handed over, and the files that were."""
    return _page(request, session, signed, Form(), at, debtor_id, 200)


@post(PAGE, guards=[ACT], include_in_schema=False, sync_to_thread=True)
def hand_over_now(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, debtor_id: Id
) -> Response[Any]:
    """Hand the ticked invoices over, or every late one."""
    form = Form(submitted)
    ids = form.many("invoice", integer())
    told: dict[str, Any] = {"given_to": form.need("given_to", text(160)),
                            "reference": form.maybe("reference", text(120)),
                            "note": form.maybe("note", text(500))}  # fmt: skip
    if form.valid():
        try:
            with session.begin_nested():
                hand_over(session, debtor_id=debtor_id, receivable_ids=ids or None, by=signed.by,
                          at=at, **told)  # fmt: skip
            said = N_("Handed over: reminders stop, and the file is being made.")
            return redirect(f"/backoffice/debtors/{debtor_id}/recovery", said)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, form, at, debtor_id, 422)


@post(f"{PAGE}/{{file_id:int}}/end", guards=[ACT], include_in_schema=False, sync_to_thread=True)
def end_file(
    session: Db, signed: Who, at: At, submitted: Sent, debtor_id: Id, file_id: Id
) -> Response[Any]:
    """Whoever recovers has it no more."""
    form = Form(submitted)
    reason, why = form.need("reason", chosen(RecoveryEnd)), form.maybe("why", text(500))
    if not form.valid():
        raise Problems(form.faults)
    end_recovery(session, file_id=file_id, reason=reason, why=why, by=signed.by, at=at)
    return redirect(f"/backoffice/debtors/{debtor_id}/recovery", N_("The file is ended."))


@get(f"{PAGE}/{{file_id:int}}/parts/{{document_id:int}}", guards=[ACT], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def give_part(session: Db, debtor_id: Id, file_id: Id, document_id: Id) -> Response[bytes]:
    """One archive of a file, as it was given; it holds what the debtor's letters hold."""
    kept = documents.read(session, document_id, kind="recovery_file",
                          about=("recovery_file", file_id))  # fmt: skip
    return file_response(kept.content, kept.filename, kept.media_type)


def _page(
    request: AnyRequest, session: Session, signed: Signed, form: Form, at: datetime,
    debtor_id: int, status: int,
) -> Response[Any]:  # fmt: skip
    debtor, on = parties.debtor_file(session, debtor_id), business_date(at)
    found = owed(session, debtor_id=debtor_id, on=on)
    gone = queries.handed_over(session, [one.receivable_id for one in found])
    left = [one for one in found if one.receivable_id not in gone]
    late = [one for one in left if one.due_date < on]
    files = queries.files_of(session, debtor_id)
    return render(
        request, "backoffice/parties/show_recovery.html", status=status, form=form, on=on,
        debtor=debtor, rows=left[:OFFERED], count=len(left), late=owed_sums(late, on),
        files=files, may_act=signed.may(Permission.COLLECT),
        ends=[(one.value, label(one)) for one in RecoveryEnd],
        names=actors(session, [who for one in files for who in (one.handed_by, one.ended_by)]),
    )  # fmt: skip


HANDLERS = [show_recovery, hand_over_now, end_file, give_part]
