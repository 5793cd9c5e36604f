"""A book put back from an older copy: what to compare, what was found, and who let work go on."""

from __future__ import annotations

from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import approvals
from cessio.agreeing.deeds.restoring import ResumeWork
from cessio.banking import queries as bank
from cessio.closing import queries as closing
from cessio.funding.queries.reconciling import lost_debits, unknown_payouts
from cessio.identity import Permission, Signed
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError
from cessio.plumbing import keeper as keeping
from cessio.plumbing import restored
from cessio.web.actors import actors
from cessio.web.backoffice.seals import last_verification
from cessio.web.backoffice.second import put
from cessio.web.forms import Form, text
from cessio.web.guards import proven, staff
from cessio.web.render import render
from cessio.web.requests import AnyRequest, At, Db, Sent, Who

PATH = "/backoffice/settlement/restores"
NOTES = ("bank", "seals", "papers")


@get(PATH, guards=[staff(Permission.SEE_LEDGER, Permission.RELEASE_PAYMENTS)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_restores(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """Every restore; of one that holds the book, what is to be compared first."""
    return _show(request, session, signed, Form(), 200)


@post(PATH, guards=[staff(Permission.RELEASE_PAYMENTS), proven], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def resume_work(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent
) -> Response[Any]:
    """Say what was found, for a second person who compared the same."""
    form = Form(submitted)
    found = {name: form.need(name, text(1000)) for name in NOTES}
    held = restored.held(session)
    if form.valid() and held is not None:
        try:
            return put(session, ResumeWork(held.id, **found), signed, at)
        except CessioError as error:
            form.refuse(error)
    return _show(request, session, signed, form, 422)


def _show(
    request: AnyRequest, session: Session, signed: Signed, form: Form, status: int
) -> Response[Any]:
    rows, held = restored.restorations(session), restored.held(session)
    facts = _to_compare(session, held) if held is not None else {}
    return render(
        request, "backoffice/settlement/show_restores.html", status=status, form=form, rows=rows,
        held=held, may_resume=signed.may(Permission.RELEASE_PAYMENTS),
        asked=approvals.open_for(session, ResumeWork.kind, held.id) if held else None,
        names=actors(session, [by for one in rows for by in (one.held_by, one.resumed_by)]),
        **facts,
    )  # fmt: skip


def _to_compare(session: Session, held: restored.RestorationView) -> dict[str, Any]:
    """What this book says where the bank, the seals and the papers say something too."""
    seals, known = _kept_seals(), closing.last_seal(session)
    proved = last_verification(session)
    return {
        "unknown": unknown_payouts(session), "lost": lost_debits(session),
        "positions": bank.positions(session), "gaps": bank.gaps(session),
        "since": business_date(held.as_of), "kept": seals, "known": known.number if known else 0,
        "proved": proved if proved and proved.created_at >= held.held_at else None,
    }  # fmt: skip


def _kept_seals() -> int | None:
    """The number of the last seal that is kept outside; None where nobody keeps any."""
    keeper = keeping.current()
    names = keeper.names("seal-*.txt") if keeper is not None else []
    return int(names[-1].split("-")[1]) if names else None


HANDLERS = [show_restores, resume_work]
