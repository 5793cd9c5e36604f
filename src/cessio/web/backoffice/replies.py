"""What debtors said by the code of a letter: the desk's list, one of them, accept or refuse."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import documents, replies
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError, Forbidden
from cessio.parties import debtor_names
from cessio.replies import ReplyFilter, ReplyKind, ReplyState, ReplyView, queries
from cessio.web.actors import actors
from cessio.web.backoffice import lists, work
from cessio.web.exports import Column, export
from cessio.web.forms import Form, text
from cessio.web.guards import staff
from cessio.web.render import N_, _, render
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who
from cessio.web.words import label

SEE = Permission.SEE_RECEIVABLES
#: Who decides on which: cash finds a payment, who handles disputes takes one up.
DECIDE = {
    ReplyKind.PAID: (Permission.APPLY_CASH, Permission.COLLECT, Permission.HANDLE_DISPUTES),
    ReplyKind.DISPUTED: (Permission.HANDLE_DISPUTES,),
}
HOME = "/backoffice/replies"


@get("/backoffice/replies", guards=[staff(SEE)], include_in_schema=False, sync_to_thread=True)
def list_replies(request: AnyRequest, session: Db, at: At) -> Response[Any]:
    """What waits, oldest first; decided ones by their state."""
    wanted = _filter(request)

    def fetch(page: Any) -> Any:
        return queries.replies(session, page, wanted, sort=lists.asked_sort(request))

    if wanted_file := lists.file_format(request):
        return _file(request, wanted_file, lists.every_row(fetch), at)
    about = debtor_names(session, [wanted.debtor_id]) if wanted.debtor_id else {}
    return render(
        request, "backoffice/replies/list_replies.html", found=fetch(lists.asked_page(request)),
        totals=queries.reply_totals(session, wanted), about=next(iter(about.values()), None),
        states=[*((each.value, label(each)) for each in ReplyState), ("any", _("All"))],
        kinds=[(each.value, label(each)) for each in ReplyKind],
    )  # fmt: skip


@get("/backoffice/replies/{reply_id:int}", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_reply(request: AnyRequest, session: Db, signed: Who, reply_id: Id) -> Response[Any]:
    """One of them: what is said, of which invoices, and what to answer."""
    return _page(request, session, signed, reply_id, Form())


@post("/backoffice/replies/{reply_id:int}/accept",
      guards=[staff(*DECIDE[ReplyKind.PAID])], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def accept(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, reply_id: Id
) -> Response[Any]:
    """It is so: a contested invoice is now disputed, a payment is found."""
    return _decide(request, session, signed, submitted, reply_id, at, accepted=True)


@post("/backoffice/replies/{reply_id:int}/refuse",
      guards=[staff(*DECIDE[ReplyKind.PAID])], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def refuse(
    request: AnyRequest, session: Db, signed: Who, at: At, submitted: Sent, reply_id: Id
) -> Response[Any]:
    """It is not so; the debtor reads why."""
    return _decide(request, session, signed, submitted, reply_id, at, accepted=False)


def may_decide(signed: Signed, kind: ReplyKind) -> bool:
    """Whether a person decides on replies of a kind."""
    return any(signed.may(one) for one in DECIDE[kind])


def _decide(
    request: AnyRequest, session: Session, signed: Signed, submitted: Any, reply_id: int,
    at: datetime, *, accepted: bool,
) -> Response[Any]:  # fmt: skip
    if not may_decide(signed, queries.reply(session, reply_id).kind):
        raise Forbidden("not_permitted", "Your role does not include this")
    form = Form(submitted)
    answer = form.maybe("answer", text(1000, multiline=True))
    if form.valid():
        try:
            with session.begin_nested():
                if accepted:
                    replies.accept_reply(session, reply_id=reply_id, answer=answer, by=signed.by,
                                         at=at)  # fmt: skip
                else:
                    replies.refuse_reply(session, reply_id=reply_id, answer=answer or "",
                                         by=signed.by, at=at)  # fmt: skip
            following = queries.next_open(session, after_id=reply_id)
            target = HOME if following is None else f"{HOME}/{following}"
            return work.done(request, target, N_("Answered: the debtor reads it on its page."))
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, reply_id, form, status=422)


def _page(
    request: AnyRequest, session: Session, signed: Signed, reply_id: int, form: Form, *,
    status: int = 200,
) -> Response[Any]:  # fmt: skip
    view = queries.reply(session, reply_id)
    papers = [
        one for each in view.invoices
        for one in documents.of_subject(session, "receivable", each.receivable_id,
                                        kind="debtor_letter")
        if one.by == f"debtor:{view.debtor_id}" and one.at == view.said_at
    ]  # fmt: skip
    return render(
        request, "backoffice/replies/show_reply.html", status=status, one=view, form=form,
        papers=papers, letter=queries.letter(session, view.code_id),
        may_decide=view.state is ReplyState.OPEN and may_decide(signed, view.kind),
        names=actors(session, [view.decided_by]),
    )  # fmt: skip


def _filter(request: AnyRequest) -> ReplyFilter:
    asked = request.query_params.get("state", ReplyState.OPEN.value)
    return ReplyFilter(
        state=ReplyState(asked) if asked in set(ReplyState) else None,
        kind=lists.asked_choice(request, "kind", ReplyKind),
        client_id=lists.asked_number(request, "client"),
        debtor_id=lists.asked_number(request, "debtor"),
        contract_id=lists.asked_number(request, "contract"),
        receivable_id=lists.asked_number(request, "receivable"),
    )  # fmt: skip


def _file(
    request: AnyRequest, wanted: str, rows: Iterable[ReplyView], at: datetime
) -> Response[Any]:
    heads = [Column(_("Said on"), "datetime"), Column(_("Debtor")), Column(_("Client")),
             Column(_("What is said")), Column(_("Invoices")), Column(_("Paid on"), "date"),
             Column(_("Reason")), Column(_("Currency")), Column(_("Amount"), "money"),
             Column(_("State"))]  # fmt: skip
    cells = ((one.said_at, one.debtor_name, one.client_name, label(one.kind),
              ", ".join(each.number for each in one.invoices), one.paid_on,
              label(one.reason) if one.reason else None, one.currency, one.amount_minor,
              label(one.state)) for one in rows)  # fmt: skip
    return export(request, wanted, "replies", heads, cells, at=at, title=_("Debtors’ replies"))


HANDLERS = [list_replies, show_reply, accept, refuse]
