"""A debtor's insolvency: what declaring it does, shown before; its claims and their last day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import documents
from cessio.collections.operations import insolvency as operations
from cessio.collections.operations.insolvency import claimed
from cessio.collections.queries import insolvencies as queries
from cessio.collections.queries.insolvencies import InsolvencyView
from cessio.collections.queries.owed import owed, owed_sums
from cessio.collections.rules.insolvency import InsolvencyEnd, Judgment, Procedure
from cessio.contracts import queries as contracts
from cessio.contracts.rules import CoverReductionMode, RecourseMode
from cessio.identity import Permission, Signed
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError, NotFound
from cessio.parties import queries as parties
from cessio.receivables.queries import cover
from cessio.web.actors import actors
from cessio.web.backoffice import lists
from cessio.web.exports import file_response
from cessio.web.forms import Form, chosen, day, text
from cessio.web.guards import staff
from cessio.web.render import N_, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.words import label

LIST = "/backoffice/collections/insolvencies"
PAGE = "/backoffice/debtors/{debtor_id:int}/insolvency"
SEE = staff(Permission.SEE_RECEIVABLES)
ACT = staff(Permission.EDIT_PARTIES)


@get(LIST, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def list_insolvencies(request: AnyRequest, session: Db, on: On) -> Response[Any]:
    """Open proceedings: whose claims are still to be declared, and until when."""
    found = queries.open_insolvencies(session, lists.asked_page(request))
    return render(request, "backoffice/collections/list_insolvencies.html", found=found, on=on,
                  total=queries.open_insolvency_count(session))  # fmt: skip


@get(PAGE, guards=[SEE], include_in_schema=False, sync_to_thread=True)
def show_insolvency(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, debtor_id: Id
) -> Response[Any]:
    """The proceedings of a debtor, or the form to declare them with what that does."""
    return _page(request, session, signed, Form(judged_on=on), at, debtor_id, 200)


@post(PAGE, guards=[ACT], include_in_schema=False, sync_to_thread=True)
def declare(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, debtor_id: Id
) -> Response[Any]:
    """Declare them, or say more of those that are open."""
    form = Form(submitted)
    lines = (form.maybe("address", text(400, multiline=True)) or "").splitlines()
    judgment = Judgment(
        form.need("procedure", chosen(Procedure)), form.need("judged_on", day()),
        form.maybe("published_on", day()), form.maybe("court", text(160)),
        form.maybe("representative", text(160)),
        tuple(line.strip() for line in lines if line.strip()),
    )  # fmt: skip
    why = form.maybe("why", text(500))
    again = form.flag("again")

    def act() -> None:
        if again:
            operations.complete_insolvency(session, debtor_id=debtor_id, judgment=judgment,
                                           by=signed.by, at=at)  # fmt: skip
        else:
            operations.declare_insolvency(session, debtor_id=debtor_id, judgment=judgment,
                                          why=why, by=signed.by, at=at)  # fmt: skip

    said = N_("Saved.") if again else N_("Declared: reminders, funding and limits follow.")
    return _acted(request, session, signed, form, at, debtor_id, act, said)


@post(f"{PAGE}/claim", guards=[ACT], include_in_schema=False, sync_to_thread=True)
def write_claim(
    request: AnyRequest, session: Db, signed: Who, at: At, debtor_id: Id
) -> Response[Any]:
    """Write the declaration of claims."""

    def act() -> None:
        operations.write_claim(session, debtor_id=debtor_id, by=signed.by, at=at)

    return _acted(request, session, signed, Form(), at, debtor_id, act,
                  N_("The declaration is written: send it with the documents."))  # fmt: skip


@post(f"{PAGE}/claimed", guards=[ACT], include_in_schema=False, sync_to_thread=True)
def note_claimed(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, debtor_id: Id
) -> Response[Any]:
    """The claims were declared."""
    form = Form(submitted)
    on = form.need("on", day())

    def act() -> None:
        operations.note_claimed(session, debtor_id=debtor_id, on=on, by=signed.by, at=at)

    return _acted(request, session, signed, form, at, debtor_id, act,
                  N_("Noted: the claims are declared."))  # fmt: skip


@post(f"{PAGE}/end", guards=[ACT], include_in_schema=False, sync_to_thread=True)
def end(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, debtor_id: Id
) -> Response[Any]:
    """They are over for us."""
    form = Form(submitted)
    reason, why = form.need("reason", chosen(InsolvencyEnd)), form.need("why", text(500))

    def act() -> None:
        operations.end_insolvency(session, debtor_id=debtor_id, reason=reason, why=why,
                                  by=signed.by, at=at)  # fmt: skip

    return _acted(request, session, signed, form, at, debtor_id, act,
                  N_("Ended. Limits stay as they are until somebody decides."))  # fmt: skip


@get(f"{PAGE}/claim.pdf", guards=[SEE], include_in_schema=False, sync_to_thread=True)
def give_claim(session: Db, debtor_id: Id) -> Response[bytes]:
    """The declaration as it was written last."""
    found = queries.insolvencies_of(session, debtor_id)
    if not found or found[0].document_id is None:
        raise NotFound("claim_unwritten", "no declaration of claims was written")
    kept = documents.read(session, found[0].document_id)
    return file_response(kept.content, kept.filename, kept.media_type)


def _acted(
    request: AnyRequest, session: Session, signed: Signed, form: Form, at: datetime,
    debtor_id: int, act: Any, said: str,
) -> Response[Any]:  # fmt: skip
    if form.valid():
        try:
            with session.begin_nested():
                act()
            return redirect(f"/backoffice/debtors/{debtor_id}/insolvency", said)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, form, at, debtor_id, 422)


def _page(
    request: AnyRequest, session: Session, signed: Signed, form: Form, at: datetime,
    debtor_id: int, status: int,
) -> Response[Any]:  # fmt: skip
    debtor, on = parties.debtor_file(session, debtor_id), business_date(at)
    history = queries.insolvencies_of(session, debtor_id)
    now = history[0] if history and history[0].ended_at is None else None
    rows = (claimed(session, debtor_id=debtor_id, judged_on=now.judged_on) if now
            else owed(session, debtor_id=debtor_id, on=on))  # fmt: skip
    if now is not None and status == 200:
        form = Form(procedure=now.procedure, judged_on=now.judged_on,
                    published_on=now.published_on, court=now.court, on=on,
                    representative=now.representative, address="\n".join(now.address))  # fmt: skip
    return render(
        request, "backoffice/parties/show_insolvency.html", status=status, form=form, now=now,
        debtor=debtor, on=on, history=[one for one in history if one is not now],
        count=len(rows), sums=owed_sums(rows, now.judged_on if now else on),
        follows=[] if now else _follows(session, debtor_id, on),
        promises=[] if now else queries.open_promise_ids(session, debtor_id),
        procedures=[(one.value, label(one)) for one in Procedure],
        ends=[(one.value, label(one)) for one in InsolvencyEnd],
        may_act=signed.may(Permission.EDIT_PARTIES), lowered=_lowered(session, now),
        names=actors(session, [who for one in history
                               for who in (one.declared_by, one.claimed_by, one.ended_by)]),
    )  # fmt: skip


def _lowered(session: Session, now: InsolvencyView | None) -> list[dict[str, Any]]:
    """The limits that proceedings brought down, each in the currency of its contract."""
    if now is None:
        return []
    known = {one.id: one for one in contracts.contracts(
        session, ids={one["contract_id"] for one in now.limits})}  # fmt: skip
    return [
        {**one, "reference": known[one["contract_id"]].reference,
         "currency": known[one["contract_id"]].currency}
        for one in now.limits
    ]  # fmt: skip


def _follows(session: Session, debtor_id: int, on: date) -> list[dict[str, Any]]:
    """By contract: the limit now and after, and what of it the guarantee makes due at once."""
    pairs = cover.pair_covers(session, debtor_id=debtor_id)
    terms = contracts.terms_of_all(session, on, contract_ids=[one.contract_id for one in pairs])
    return [
        {
            "client": one.client_name, "reference": one.contract_reference,
            "currency": one.currency, "before": one.limit_minor, "covered": one.covered_minor,
            "after": one.covered_minor
            if its.cover_reduction_mode is CoverReductionMode.IMMEDIATE else 0,
            "guaranteed": its.recourse_mode is RecourseMode.WITHOUT_RECOURSE,
        }
        for one in pairs if (its := terms.get(one.contract_id)) is not None
    ]  # fmt: skip


HANDLERS = [list_insolvencies, show_insolvency, declare, write_claim, note_claimed, end, give_claim]
