"""The file of a client: its business with us today, how it moved, its papers, what we noted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import audit
from cessio.contracts.queries import ContractView
from cessio.documents import queries as papers
from cessio.funding import queries as funding
from cessio.funding.rules import Availability
from cessio.identity import Permission
from cessio.kernel.errors import CessioError, Problems
from cessio.kernel.paging import PageRequest
from cessio.ledger import AccountKind
from cessio.ledger import queries as ledger
from cessio.parties import queries as parties
from cessio.receivables import queries as receivables
from cessio.web import explaining
from cessio.web.backoffice import lists
from cessio.web.charts import Step
from cessio.web.exports import file_response
from cessio.web.forms import Form, text
from cessio.web.guards import staff
from cessio.web.render import N_, redirect
from cessio.web.requests import AnyRequest, At, Db, Id, Sent, Who

SEE = Permission.SEE_PARTIES
NOTE = "client.note"
_SHOWN = 5
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class Evolution:
    """Month by month, in minor units: what debtors owed and what the client had had of it."""

    labels: list[str]
    outstanding: list[int]
    funds_in_use: list[int]


@dataclass(frozen=True, slots=True)
class Focus:
    """The contract looked at: its availability, what withholds, how it moved."""

    contract: ContractView
    found: Availability
    yesterday: Availability | None
    steps: list[Step]
    evolution: Evolution

    @property
    def moved_minor(self) -> int | None:
        """What can be drawn now against the end of yesterday; None when nothing was known then."""
        if self.yesterday is None:
            return None
        return self.found.payable_now_minor - self.yesterday.payable_now_minor


def client_facts(
    request: AnyRequest, session: Session, client_id: int,
    agreements: Sequence[ContractView], book: dict[int, Availability], on: date,
) -> dict[str, Any]:  # fmt: skip
    """What the file shows beside identity; ``?contract=`` chooses the contract in focus."""
    live = [one for one in agreements if one.id in book]
    asked = lists.asked_number(request, "contract")
    chosen = next((one for one in live if one.id == asked), live[0] if live else None)
    return {
        "focus": _focus(session, chosen, book[chosen.id], on) if chosen else None,
        "remittances": receivables.remittances(
            session, PageRequest(_SHOWN), client_id=client_id).rows,
        "payouts": funding.drawdowns(session, client_id=client_id, limit=_SHOWN),
        "disputes": receivables.disputes(session, PageRequest(_SHOWN), client_id=client_id).rows,
        "papers": papers.of_client(session, client_id, limit=_SHOWN),
    }  # fmt: skip


@post("/backoffice/clients/{client_id:int}/notes", guards=[staff(SEE)], include_in_schema=False,
      sync_to_thread=True)  # fmt: skip
def add_note(session: Db, signed: Who, at: At, submitted: Sent, client_id: Id) -> Response[Any]:
    """Keep what was said or seen; it is never changed, and the client does not read it."""
    form = Form(submitted)
    note = form.need("note", text(2000, multiline=True))
    if not form.valid():
        raise Problems(form.faults)
    parties.client_file(session, client_id)
    audit.record(session, verb=NOTE, subject_kind="client", subject_id=client_id, why=note,
                 by=signed.by, at=at)  # fmt: skip
    return redirect(f"/backoffice/clients/{client_id}#notes", N_("Note kept."))


@get("/backoffice/clients/{client_id:int}/documents/{document_id:int}", guards=[staff(SEE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def read_document(session: Db, client_id: Id, document_id: Id) -> Response[bytes]:
    """A paper of the client, its fingerprint checked."""
    found = papers.read(session, document_id, client_id=client_id)
    return file_response(bytes(found.content), found.filename, found.media_type)


def _focus(session: Session, contract: ContractView, found: Availability, on: date) -> Focus:
    return Focus(
        contract, found, _known(session, contract, on),
        explaining.steps(found, lines_url=f"/backoffice/contracts/{contract.id}/withheld"),
        _evolution(session, contract.id, on),
    )  # fmt: skip


def _known(session: Session, contract: ContractView, on: date) -> Availability | None:
    try:
        return funding.availability(
            session, contract_id=contract.id, on=on, as_of=on - timedelta(days=1)
        )
    except CessioError:
        return None


def _evolution(session: Session, contract_id: int, on: date) -> Evolution:
    since = (on.replace(day=1) - timedelta(days=31 * (_MONTHS - 1))).replace(day=1)
    owed, current = (
        ledger.monthly_balances(session, contract_id=contract_id, account=kind, since=since)
        for kind in (AccountKind.RECEIVABLE, AccountKind.CLIENT_CURRENT)
    )
    labels, outstanding, in_use, month = [], [], [], since
    while month <= on:
        due, held = _at(owed, month), _at(current, month)
        labels.append(f"{month:%m/%y}")
        outstanding.append(due)
        in_use.append(due + held)  # the client's account is negative when we owe it
        month = (month + timedelta(days=32)).replace(day=1)
    return Evolution(labels, outstanding, in_use)


def _at(balances: dict[date, int], month: date) -> int:
    """The balance at the end of a month: that of the last month that moved."""
    return next((balances[one] for one in sorted(balances, reverse=True) if one <= month), 0)


HANDLERS = [add_note, read_document]
