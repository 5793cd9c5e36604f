"""What changed since a day, with the movements and decisions behind it; what a limit would do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from litestar import Response, get
from sqlalchemy.orm import Session

from cessio import audit
from cessio.contracts import queries as contracts
from cessio.contracts.queries import ContractView
from cessio.funding import queries as funding
from cessio.funding.rules import Availability
from cessio.identity import Permission
from cessio.kernel.calendar import end_of_day
from cessio.kernel.errors import CessioError
from cessio.ledger import AccountKind, TransactionKind
from cessio.ledger import queries as ledger
from cessio.limits import LimitKind, NewLimit
from cessio.parties import debtor_names
from cessio.statements.formats.words import KINDS, remark
from cessio.web.actors import actors
from cessio.web.acts import act
from cessio.web.backoffice import lists
from cessio.web.comparing import compared
from cessio.web.forms import Form, Submitted, amount, chosen, integer
from cessio.web.guards import staff
from cessio.web.render import _, render
from cessio.web.requests import AnyRequest, Db, Id, On
from cessio.web.what_if import limit_effect
from cessio.web.words import label

SEE = Permission.SEE_CONTRACTS


@dataclass(frozen=True, slots=True)
class Moved:
    """A transaction since then: what it did to the outstanding and to the current account."""

    on: date
    kind: TransactionKind
    undoes: TransactionKind | None
    outstanding_minor: int
    current_minor: int
    memo: str
    href: str | None


@get("/backoffice/contracts/{contract_id:int}/changes", guards=[staff(SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def show_changes(request: AnyRequest, session: Db, on: On, contract_id: Id) -> Response[Any]:
    """The availability as known at the end of ``?since=`` (yesterday) and now."""
    contract = contracts.contract(session, contract_id)
    asked = lists.asked_day(request, "since") or on - timedelta(days=1)
    since = min(max(asked, contract.signed_on), on - timedelta(days=1))
    after = funding.availability(session, contract_id=contract_id, on=on)
    before = _known(session, contract, since, on)
    decisions = [
        event for event in audit.journal(session, client_id=contract.client_id,
                                        since=end_of_day(since), limit=100)
        if event.verb not in ("sign_in", "sign_out")
    ]  # fmt: skip
    return render(
        request, "backoffice/contracts/show_changes.html", contract=contract, since=since,
        before=before, after=after, moved=_moved(session, contract_id, since, on),
        changes=compared(before, after, lines_url=f"/backoffice/contracts/{contract_id}/withheld")
        if before else (),
        decisions=decisions, act=act, words=KINDS,
        names=actors(session, [event.by for event in decisions]),
    )  # fmt: skip


def _known(session: Session, contract: ContractView, since: date, on: date) -> Availability | None:
    """The availability at the end of that day; None before there was one."""
    try:
        return funding.availability(session, contract_id=contract.id, on=on, as_of=since)
    except CessioError:
        return None


def _moved(session: Session, contract_id: int, since: date, on: date) -> list[Moved]:
    first = since + timedelta(days=1)
    found: dict[int, Moved] = {}
    for account in (AccountKind.RECEIVABLE, AccountKind.CLIENT_CURRENT):
        _opening, rows = ledger.contract_movements(
            session, contract_id=contract_id, account=account, from_on=first, to_on=on
        )
        for row in rows:
            known = found.get(row.transaction_id) or Moved(
                row.booked_on, row.kind, row.reversed_kind, 0, 0,
                remark(row.memo or "", row.kind, row.reversed_kind),
                _source(row.source_kind, row.source_id),
            )  # fmt: skip
            found[row.transaction_id] = (
                replace(known, outstanding_minor=row.amount_minor)
                if account is AccountKind.RECEIVABLE
                else replace(known, current_minor=-row.amount_minor)
            )
    return [found[key] for key in sorted(found, reverse=True)]


def _source(kind: str, source_id: int) -> str | None:
    """The page of what a transaction came from, where it has one."""
    pages = {"remittance": "/backoffice/remittances", "drawdown": "/backoffice/funding"}
    return f"{pages[kind]}/{source_id}" if kind in pages else None


@get("/backoffice/contracts/{contract_id:int}/what-if", guards=[staff(SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def what_if(request: AnyRequest, session: Db, on: On, contract_id: Id) -> Response[Any]:
    """What another limit on a debtor would change; nothing is written."""
    contract = contracts.contract(session, contract_id)
    asked = Submitted(
        {key: (value,) for key, value in request.query_params.items()
         if key in ("debtor", "kind", "amount")}
    )  # fmt: skip
    form, effect = Form(asked, kind=LimitKind.COVER), None
    if asked.fields:
        debtor_id = form.need("debtor", integer())
        kind = form.need("kind", chosen(LimitKind))
        minor = form.need("amount", amount(contract.currency, minimum_minor=0))
        if form.valid():
            limit = NewLimit(
                contract_id=contract_id, debtor_id=debtor_id, kind=kind, amount_minor=minor
            )
            effect = limit_effect(session, limit, on)
    owed = funding.availability(session, contract_id=contract_id, on=on).debtors
    names = debtor_names(session, [debtor.debtor_id for debtor in owed])
    return render(
        request, "backoffice/contracts/what_if.html", contract=contract, form=form, effect=effect,
        debtors=sorted(names.items(), key=lambda item: item[1]),
        kinds=[(each.value, label(each)) for each in LimitKind],
        chosen=form.raw("debtor"), asked=form.raw("amount"), kind=form.raw("kind"),
        title=_("What if"),
    )  # fmt: skip


HANDLERS = [show_changes, what_if]
