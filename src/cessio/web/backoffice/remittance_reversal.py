"""Reversing an assigned remittance: what it gives back is shown first, or what is in its way."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from litestar import Response, get, post
from sqlalchemy.orm import Session

from cessio import contracts
from cessio.agreeing.deeds.book import ReverseRemittance
from cessio.agreeing.operations import TRIAL
from cessio.funding import queries as funding
from cessio.funding.rules import Availability
from cessio.identity import Permission, Signed
from cessio.kernel.errors import CessioError
from cessio.receivables import operations, queries
from cessio.receivables.bulk.reversing import Blocker
from cessio.statements.formats.words import KINDS
from cessio.web.backoffice.second import put
from cessio.web.comparing import LineChange, compared
from cessio.web.forms import Form, text
from cessio.web.guards import proven, staff
from cessio.web.render import render
from cessio.web.requests import AnyRequest, At, Db, Id, On, Sent, Who

DECIDE = Permission.DECIDE_REMITTANCES
HOME = "/backoffice/remittances"


class _TakenBack(Exception):
    """Ends the savepoint of a trial."""


@dataclass(frozen=True, slots=True)
class ReversalEffect:
    """The availability before and after, or why it cannot be done and by what."""

    before: Availability
    after: Availability | None = None
    refused: CessioError | None = None
    blockers: tuple[Blocker, ...] = ()

    @property
    def changes(self) -> tuple[LineChange, ...]:
        """What moves, line by line."""
        return compared(self.before, self.after) if self.after is not None else ()


@get("/backoffice/remittances/{remittance_id:int}/reversal", guards=[staff(DECIDE)],
     include_in_schema=False, sync_to_thread=True)  # fmt: skip
def preview_reversal(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, remittance_id: Id
) -> Response[Any]:
    """What reversing would give back; it is tried and taken back, so what is told is exact."""
    return _page(request, session, signed, at, on, remittance_id, Form())


@post("/backoffice/remittances/{remittance_id:int}/reversal", guards=[staff(DECIDE), proven],
      include_in_schema=False, sync_to_thread=True)  # fmt: skip
def reverse(
    request: AnyRequest, session: Db, signed: Who, at: At, on: On, submitted: Sent,
    remittance_id: Id,
) -> Response[Any]:  # fmt: skip
    """Ask to give back the state before the assignment; refused once anything else happened."""
    form = Form(submitted)
    reason = form.need("reversal", text(500))
    if form.valid():
        try:
            return put(session, ReverseRemittance(remittance_id, reason), signed, at)
        except CessioError as error:
            form.refuse(error)
    return _page(request, session, signed, at, on, remittance_id, form, status=422)


def _page(
    request: AnyRequest, session: Session, signed: Signed, at: datetime, on: date,
    remittance_id: int, form: Form, *, status: int = 200,
) -> Response[Any]:  # fmt: skip
    view = queries.remittance(session, remittance_id)
    return render(
        request, "backoffice/remittances/preview_reversal.html", status=status, view=view,
        row=view.remittance, form=form, kinds=KINDS,
        effect=_tried(session, signed, view.remittance.contract_id, remittance_id, on, at),
    )  # fmt: skip


def _tried(
    session: Session, signed: Signed, contract_id: int, remittance_id: int, on: date, at: datetime
) -> ReversalEffect:
    terms = contracts.terms_in_force(session, contract_id, on)
    before = funding.availability(session, contract_id=contract_id, on=on, terms=terms)
    after: list[Availability] = []
    try:
        with suppress(_TakenBack), session.begin_nested():
            operations.reverse(session, remittance_id=remittance_id, reason="preview",
                               by=TRIAL, at=at)  # fmt: skip
            after.append(funding.availability(session, contract_id=contract_id, on=on, terms=terms))
            raise _TakenBack
    except operations.NotReversible as error:
        return ReversalEffect(before, refused=error, blockers=error.blockers)
    except CessioError as error:
        return ReversalEffect(before, refused=error)
    return ReversalEffect(before, after[0])


HANDLERS = [preview_reversal, reverse]
