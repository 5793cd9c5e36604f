"""Everything that waits for a second person, in one list; what two people do is decided here."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import agreeing
from cessio import approvals as deciding
from cessio.agreeing import DEEDS
from cessio.approvals import ApprovalView
from cessio.approvals import queries as approvals
from cessio.contracts import Product
from cessio.house import Act
from cessio.identity import Permission, Signed
from cessio.identity.queries import person
from cessio.kernel.errors import CessioError
from cessio.kernel.paging import PageRequest
from cessio.parties import queries as parties
from cessio.plumbing import formats
from cessio.receivables import queries as receivables
from cessio.receivables.rules import RemittanceState
from cessio.web.actors import actors
from cessio.web.backoffice import deeds, second, work
from cessio.web.backoffice.work_words import APPROVAL_PAGES
from cessio.web.forms import Form
from cessio.web.guards import proven, staff
from cessio.web.render import N_, _, redirect, render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who
from cessio.web.said import why_it_waits
from cessio.web.words import label
from cessio.web.words.agreeing import CHANGE_NAMES, DEED_WHY
from cessio.web.words.notifications import subject_name
from cessio.web.words.registry import shown

#: Facts that are kept as codes.
_CODES: dict[str, type[StrEnum]] = {"act": Act, "product": Product}
#: Names that are not words.
_NAMES = {name: CHANGE_NAMES[name] for name in ("iban", "bic", "siren")}
HOME = "/backoffice/approvals"
ONE = HOME + "/{approval_id:int}"


@get(HOME, guards=[staff()], include_in_schema=False, sync_to_thread=True)
def list_approvals(request: AnyRequest, session: Db, signed: Who) -> Response[Any]:
    """What was asked of a second person, accounts to confirm, remittances to examine."""
    asked = approvals.pending(session)
    accounts = parties.accounts_to_confirm(session)
    waiting = receivables.remittances(
        session, PageRequest(100), states=[RemittanceState.SUBMITTED]
    ).rows
    by = [*(one.maker for one in asked), *(one.added_by for one, _company in accounts)]
    return render(
        request, "backoffice/approvals/list_approvals.html", asked=asked, accounts=accounts,
        waiting=waiting, names=actors(session, by), me=signed.by, href=_href,
        why_it_waits=why_it_waits, my_id=signed.person_id, subject=subject_name,
        decides={kind: signed.may(needed) for kind, needed in work.SUBJECTS.items()},
        may_confirm=signed.may(Permission.CONFIRM_ACCOUNTS),
    )  # fmt: skip


@get(ONE, guards=[staff()], include_in_schema=False, sync_to_thread=True)
def show_approval(
    request: AnyRequest, session: Db, signed: Who, on: On, approval_id: Id
) -> Response[Any]:
    """One request as it was shown to the second person, and how it ended."""
    return _page(request, session, signed, on, approval_id, Form(), 200)


@post(f"{ONE}/decision", guards=[staff(), proven], include_in_schema=False, sync_to_thread=True)
def decide(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent, approval_id: Id
) -> Response[Any]:
    """The second person's yes, upon which it is done, or no, to exactly what was shown."""
    form = Form(submitted)
    said = second.answer(form)
    if form.valid():
        who: dict[str, Any] = {"approval_id": approval_id, "seen": said.seen, "by": signed.by,
                               "at": at}  # fmt: skip
        try:
            with session.begin_nested():
                if said.agrees:
                    agreeing.agree(session, **who)
                else:
                    agreeing.decline(session, reason=said.reason, **who)
            done = N_("Agreed: it is done.") if said.agrees else N_("Declined: nothing changes.")
            return work.done(request, HOME, done)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, on, approval_id, form, 422)


@post(f"{ONE}/withdrawal", guards=[staff()], include_in_schema=False, sync_to_thread=True)
def take_back(session: Db, signed: Who, at: At, approval_id: Id) -> Response[Any]:
    """Who asked no longer wants it."""
    agreeing.withdraw(session, approval_id=approval_id, by=signed.by, at=at)
    return redirect(HOME, N_("Withdrawn: nobody is asked any more."))


def _page(
    request: AnyRequest, session: Session, signed: Signed, on: date, approval_id: int, form: Form,
    status: int,
) -> Response[Any]:  # fmt: skip
    one = approvals.approval(session, approval_id)
    deciders = deciding.who_may_decide(session, one, on)
    kind = DEEDS.get(one.subject_kind)
    is_deed = kind is not None and "args" in one.summary
    return render(
        request, "backoffice/approvals/show_approval.html", status=status, one=one,
        href=None if is_deed else _href(one), facts=_facts(one), form=form, is_deed=is_deed,
        changes=deeds.changes(one) if is_deed else [], why=DEED_WHY.get(one.subject_kind),
        stale=is_deed and agreeing.is_stale(session, one),
        who_may=[_decider(each) for each in deciders],
        may_agree=signed.person_id in {each.person_id for each in deciders},
        names=actors(session, [one.maker, one.checker]),
        lender=None if one.for_id is None else person(session, one.for_id).name,
        mine=one.maker_id == signed.person_id, subject=subject_name(one.subject_kind),
    )  # fmt: skip


def _decider(one: deciding.Decider) -> str:
    """Who may decide, and in whose place."""
    if one.lender is None:
        return one.name
    return _("{name} for {lender}", name=one.name, lender=one.lender)


def _facts(one: ApprovalView) -> list[tuple[str, str]]:
    """What was shown, in words: amounts, dates and rates the reader's way."""
    return [
        (str(_NAMES.get(name) or label(name.removesuffix("_minor"))), _said(name, value, one))
        for name, value in one.summary.items()
        if name != "currency" and value not in (None, "") and not isinstance(value, dict | list)
    ]


def _said(name: str, value: Any, one: ApprovalView) -> str:
    """A fact in words; what is kept as a code is called by its name."""
    if name == "iban":
        return formats.iban(value)
    if name in _CODES and value in set(_CODES[name]):
        return label(_CODES[name](value))
    return str(shown(name, value, one.summary))


def _href(one: ApprovalView) -> str | None:
    if "args" in one.summary:
        return f"{HOME}/{one.id}"
    page = APPROVAL_PAGES.get(one.subject_kind)
    return page.format(id=one.subject_id) if page else None


HANDLERS = [list_approvals, show_approval, decide, take_back]
