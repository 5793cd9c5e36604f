"""The file of a client: a part at a time, each with what it needs and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

from litestar import Response, get
from sqlalchemy.orm import Session

from cessio import audit
from cessio.contracts import queries as contracts
from cessio.contracts.queries import ContractView
from cessio.documents import queries as papers
from cessio.funding import queries as funding
from cessio.funding.rules import Availability
from cessio.identity import Audience, Permission, Role, Signed
from cessio.identity import queries as identity
from cessio.kernel.calendar import add_months, end_of_day
from cessio.kernel.errors import CessioError
from cessio.kernel.paging import PageRequest
from cessio.parties import queries as parties
from cessio.receivables import queries as receivables
from cessio.reporting.queries import client_counts, concentration, moved_by_kind
from cessio.sharing import queries as sharing
from cessio.statements.queries import monthly_costs
from cessio.vigilance import SignalFilter
from cessio.web import explaining
from cessio.web.actors import actors
from cessio.web.acts import act, shown_changes
from cessio.web.backoffice import lists, payees
from cessio.web.backoffice.audit import href_of, things_of
from cessio.web.backoffice.causes import Difference, difference
from cessio.web.backoffice.screening import about as screened
from cessio.web.backoffice.signals import about
from cessio.web.backoffice.sources import pages_of
from cessio.web.charts import Step
from cessio.web.evolution import SPANS, Evolution, evolution
from cessio.web.exports import file_response
from cessio.web.forms import Form
from cessio.web.guards import staff
from cessio.web.render import render
from cessio.web.requests import AnyRequest, CountsOn, Db, Id, On, Who
from cessio.worklist import Subject
from cessio.worklist import queries as worklist

SEE = Permission.SEE_PARTIES
_SHOWN = 5
_LISTED = 50
_HISTORY = 60
#: Acts that say nothing about a client's business.
_QUIET = ("sign_in", "sign_out")


@dataclass(frozen=True, slots=True)
class Asked:
    """One look at a file: the client, the contract in focus if there is one, the day,
    and the day for which a drawdown asked for now counts."""

    request: AnyRequest
    session: Session
    signed: Signed
    client_id: int
    agreements: Sequence[ContractView]
    contract: ContractView | None
    on: date
    counts_on: date


@dataclass(frozen=True, slots=True)
class Focus:
    """The contract looked at: its availability, what withholds, and why it moved since a day."""

    contract: ContractView
    found: Availability
    steps: list[Step]
    since: date
    changed: Difference | None


@get("/backoffice/clients/{client_id:int}", guards=[staff(SEE)], include_in_schema=False,
     sync_to_thread=True)  # fmt: skip
def show_client(
    request: AnyRequest, session: Db, signed: Who, on: On, counts_on: CountsOn, client_id: Id
) -> Response[Any]:
    """The file of a client; ``?tab=`` is the part of it, ``?contract=`` the contract in focus."""
    found = parties.client_file(session, client_id)
    agreements = contracts.contracts(session, client_id=client_id)
    live = [one for one in agreements if one.is_live(on)] or list(agreements)
    number = lists.asked_number(request, "contract")
    chosen = next((one for one in agreements if one.id == number), live[0] if live else None)
    asked = Asked(request, session, signed, client_id, agreements, chosen, on, counts_on)
    tab = request.query_params.get("tab", "")
    tab = tab if tab in TABS else "overview"
    return render(
        request, "backoffice/parties/show_client.html", found=found, on=on, tab=tab,
        agreements=agreements, contract=chosen, counts=client_counts(session, client_id=client_id),
        may_edit=signed.may(Permission.EDIT_PARTIES),
        may_sign=signed.may(Permission.EDIT_CONTRACTS), **TABS[tab](asked, found),
    )  # fmt: skip


@get("/backoffice/clients/{client_id:int}/documents/{document_id:int}", guards=[staff(SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def read_document(session: Db, client_id: Id, document_id: Id) -> Response[bytes]:
    """A paper of the client, its fingerprint checked."""
    found = papers.read(session, document_id, client_id=client_id)
    return file_response(bytes(found.content), found.filename, found.media_type)


def _overview(asked: Asked, found: Any) -> dict[str, Any]:
    session, client_id = asked.session, asked.client_id
    ids = [one.id for one in asked.agreements]
    book = funding.book_availability(
        session, on=asked.on, contract_ids=ids, counts_on=asked.counts_on
    ) if ids else {}  # fmt: skip
    noted = worklist.notes(session, subject=Subject.CLIENT, subject_id=client_id, limit=_SHOWN)
    return {
        "focus": _focus(asked, book, asked.on - timedelta(days=1)),
        "chart": _evolution(asked, book, 3),
        "contracts": [(one, book.get(one.id)) for one in asked.agreements],
        "remittances": receivables.remittances(
            session, PageRequest(_SHOWN), client_id=client_id).rows,
        "payouts": funding.drawdowns(session, client_id=client_id, limit=_SHOWN),
        "disputes": receivables.disputes(session, PageRequest(_SHOWN), client_id=client_id).rows,
        "notes": [one for one in noted if one.pinned_at] or noted[:1],
        "todos": worklist.todos_of(
            session, subject=Subject.CLIENT, subject_id=client_id, limit=_SHOWN),
        "names": actors(session, [one.written_by for one in noted]),
        **about(session, SignalFilter(client_id=client_id)),
        **screened(session, asked.signed, parties.company_of_client(session, client_id)),
    }  # fmt: skip


def _over_time(asked: Asked, found: Any) -> dict[str, Any]:
    wanted = lists.asked_number(asked.request, "months")
    months = wanted if wanted in SPANS else 3
    return {"chart": _evolution(asked, _book(asked), months), "months": months, "spans": SPANS}


def _changes(asked: Asked, found: Any) -> dict[str, Any]:
    since = lists.asked_day(asked.request, "since") or asked.on - timedelta(days=1)
    since = min(since, asked.on - timedelta(days=1))
    focus = _focus(asked, _book(asked), since)
    decisions = [
        event for event in audit.journal(asked.session, client_id=asked.client_id,
                                        since=end_of_day(since), limit=_LISTED)
        if event.verb not in _QUIET
    ]  # fmt: skip
    return {
        "focus": focus, "since": since, "decisions": decisions, "act": act,
        "names": actors(asked.session, [event.by for event in decisions]),
    }  # fmt: skip


def _debtors(asked: Asked, found: Any) -> dict[str, Any]:
    currency = asked.contract.currency if asked.contract else "EUR"
    ids = [one.id for one in asked.agreements if one.currency == currency]
    weights = concentration(asked.session, contract_ids=ids)
    total = sum(one.open_minor for one in weights)
    return {
        "weights": weights[:_LISTED], "rest": weights[_LISTED:], "currency": currency,
        "total_minor": total, "part_of": lambda minor: Decimal(minor) / total,
    }  # fmt: skip


def _activity(asked: Asked, found: Any) -> dict[str, Any]:
    session, client_id = asked.session, asked.client_id
    page = PageRequest(20)
    return {
        "remittances": receivables.remittances(session, page, client_id=client_id).rows,
        "payouts": funding.drawdowns(session, client_id=client_id, limit=20),
        "disputes": receivables.disputes(session, page, client_id=client_id).rows,
    }


def _costs(asked: Asked, found: Any) -> dict[str, Any]:
    if asked.contract is None:
        return {"months": ()}
    first = add_months(asked.on.replace(day=1), -11)
    months = monthly_costs(
        asked.session, contract_id=asked.contract.id, from_on=first, to_on=asked.on
    )
    return {"months": tuple(reversed(months)),
            "bars": [(f"{one.first:%m/%y}", one.total_minor) for one in months]}  # fmt: skip


def _notes(asked: Asked, found: Any) -> dict[str, Any]:
    facts = note_facts(asked.session, asked.signed, Subject.CLIENT, asked.client_id, asked.on)
    return {**facts, "folder": "clients", "subject_id": asked.client_id}


def note_facts(
    session: Session, signed: Signed, subject: Subject, subject_id: int, on: date
) -> dict[str, Any]:
    """What the notes of a file show and ask; the file of a debtor may show them too."""
    noted = worklist.notes(session, subject=subject, subject_id=subject_id)
    todos = worklist.todos_of(session, subject=subject, subject_id=subject_id)
    people = identity.people(session, audience=Audience.STAFF)
    by = [*(one.written_by for one in noted), *(one.asked_by for one in todos)]
    return {
        "notes": noted, "todos": todos, "names": actors(session, by),
        "people": {one.id: one.name for one in people}, "note_form": Form(),
        "todo_form": Form(owner=signed.person_id, due_on=on.isoformat()), "me": signed.person_id,
        "colleagues": [(one.id, one.name) for one in people],
    }  # fmt: skip


def _documents(asked: Asked, found: Any) -> dict[str, Any]:
    before = lists.asked_number(asked.request, "after")
    rows = papers.of_client(asked.session, asked.client_id, before_id=before, limit=_LISTED + 1)
    more = rows[_LISTED - 1].id if len(rows) > _LISTED else None
    return {"papers": rows[:_LISTED], "more": more}


def _identity(asked: Asked, found: Any) -> dict[str, Any]:
    session, group = asked.session, found.company.group_id
    by = [one.added_by for one in found.accounts]
    by += [one.confirmed_by for one in found.accounts if one.confirmed_by]
    verified = payees.of_accounts(session, found.accounts)
    owners = parties.owners(session, found.company.id, ended=True)
    by += [one.added_by for one in owners]
    by += [one.payee.checked_by for one in verified.values() if one.payee.checked_by]
    return {
        "verified": verified, "owners": owners,
        "users": identity.people(session, client_id=asked.client_id, disabled=None),
        "shares": sharing.shares(session, client_id=asked.client_id),
        "members": parties.group_members(session, group) if group is not None else (),
        "form": Form(account_manager=found.account_manager_id, collector=found.collector_id,
                     credit_analyst=found.credit_analyst_id,
                     segment=found.segment or ""),
        "managers": _staff(session, Role.ACCOUNT_MANAGER),
        "collectors": _staff(session, Role.COLLECTOR),
        "analysts": _staff(session, Role.CREDIT_ANALYST), "names": actors(session, by),
        "may_confirm": asked.signed.may(Permission.CONFIRM_ACCOUNTS), "me": asked.signed.by,
        "act": act,
    }  # fmt: skip


def _history(asked: Asked, found: Any) -> dict[str, Any]:
    before = lists.asked_number(asked.request, "after")
    events = audit.journal(
        asked.session, client_id=asked.client_id, beyond_id=before, limit=_HISTORY + 1
    )
    more = events[_HISTORY - 1].id if len(events) > _HISTORY else None
    shown = [event for event in events[:_HISTORY] if event.verb not in _QUIET]
    if before is None:
        known = {event.id for event in events}
        own = [event for event in found.history if event.id not in known]
        last = events[-1].id if more else 0
        shown = sorted([*shown, *(event for event in own if event.id > last)],
                       key=lambda event: -event.id)  # fmt: skip
    things = things_of(asked.session, shown)
    return {
        "events": shown, "more": more, "act": act, "shown_changes": shown_changes,
        "things": things, "href": partial(href_of, things),
        "names": actors(asked.session, {one.by for one in shown}),
    }  # fmt: skip


TABS: dict[str, Callable[[Asked, Any], dict[str, Any]]] = {
    "overview": _overview, "evolution": _over_time, "changes": _changes, "debtors": _debtors,
    "activity": _activity, "costs": _costs, "notes": _notes, "documents": _documents,
    "identity": _identity, "history": _history,
}  # fmt: skip


def _book(asked: Asked) -> dict[int, Availability]:
    if asked.contract is None:
        return {}
    return funding.book_availability(
        asked.session, on=asked.on, contract_ids=[asked.contract.id], counts_on=asked.counts_on
    )  # fmt: skip


def _focus(asked: Asked, book: dict[int, Availability], since: date) -> Focus | None:
    contract = asked.contract
    if contract is None or contract.id not in book:
        return None
    found, before = book[contract.id], _known(asked, contract, since)
    page = f"/backoffice/contracts/{contract.id}"
    changed = None
    if before is not None:
        moved = moved_by_kind(
            asked.session, contract_id=contract.id, since=end_of_day(since)
        )  # fmt: skip
        changed = difference(before, found, moved, page=f"{page}/changes?since={since}",
                             lines_url=f"{page}/withheld")  # fmt: skip
    pages = pages_of(contract.id, sees_ledger=asked.signed.may(Permission.SEE_LEDGER))
    steps = explaining.steps(found, lines_url=f"{page}/withheld", pages=pages)
    return Focus(contract, found, steps, since, changed)


def _known(asked: Asked, contract: ContractView, since: date) -> Availability | None:
    """The availability at the end of that day; None before there was one."""
    try:
        return funding.availability(
            asked.session, contract_id=contract.id, on=asked.on, as_of=since
        )
    except CessioError:
        return None


def _evolution(asked: Asked, book: dict[int, Availability], months: int) -> Evolution | None:
    contract = asked.contract
    if contract is None or contract.id not in book:
        return None
    days = funding.kept_days(
        asked.session, contract_ids=[contract.id], since=add_months(asked.on, -months)
    )  # fmt: skip
    return evolution(
        days.get(contract.id, ()), book[contract.id], on=asked.on, currency=contract.currency,
        opens=f"/backoffice/contracts/{contract.id}",
    )  # fmt: skip


def _staff(session: Session, role: Role) -> list[tuple[int, str]]:
    found = identity.people(session, audience=Audience.STAFF, role=role)
    return [(person.id, person.name) for person in found]


HANDLERS = [show_client, read_document]
