"""What the pages of a remittance share: whose it is, its check, its job, its preview."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from litestar import Response
from sqlalchemy.orm import Session

from cessio.contracts import queries as contracts
from cessio.funding import queries as funding
from cessio.funding.rules import Availability
from cessio.identity import Signed
from cessio.receivables import operations, queries
from cessio.receivables.bulk.assigning import Charges
from cessio.receivables.jobs import AT_ONCE, CHECK
from cessio.receivables.queries import RemittanceView
from cessio.receivables.rules import HOLDING, Reason, RemittanceState, hold_reasons
from cessio.web import explaining, remittance_work
from cessio.web.explaining import Withheld
from cessio.web.portal.scope import client_of
from cessio.web.render import redirect

HOME = "/portal/remittances"


@dataclass(frozen=True, slots=True)
class Preview:
    """What confirming would do: charges, availability before and after, why it would wait."""

    charges: Charges
    before: Availability
    after: Availability
    waits_for: tuple[Reason, ...]

    @property
    def withheld(self) -> list[Withheld]:
        """What of the remittance could not be drawn, and why."""
        return explaining.grown(self.before, self.after)

    @property
    def gained_minor(self) -> int:
        """By how much the amount that can be drawn would change."""
        return self.after.payable_now_minor - self.before.payable_now_minor


def own(session: Session, signed: Signed, remittance_id: int) -> RemittanceView:
    """A remittance of the reader's own client. Raises ``RemittanceUnknown``."""
    return queries.remittance(session, remittance_id, client_id=client_of(signed))


def own_draft(session: Session, signed: Signed, remittance_id: int) -> RemittanceView:
    """The same while it may still be changed. Raises ``WrongState``."""
    view = own(session, signed, remittance_id)
    if view.remittance.state is not RemittanceState.DRAFT:
        raise operations.WrongState(
            "remittance_state", "remittance {number} is {state}",
            number=view.remittance.number, state=view.remittance.state,
        )  # fmt: skip
    return view


def address(remittance_id: int) -> str:
    """The page of a remittance."""
    return f"{HOME}/{remittance_id}"


def check_and_show(
    session: Session, signed: Signed, remittance_id: int, *, on: date, at: datetime
) -> Response[Any]:
    """Check a draft, by a job if it is large, and go to its page."""
    count = own(session, signed, remittance_id).remittance.line_count
    if count > AT_ONCE:
        return start(session, signed, CHECK, remittance_id, at=at)
    operations.check(session, remittance_id=remittance_id, on=on, by=signed.by, at=at)
    return redirect(address(remittance_id))


def start(
    session: Session, signed: Signed, kind: str, remittance_id: int, *, at: datetime
) -> Response[Any]:
    """Ask for a job on a remittance and go to its progress."""
    row = own(session, signed, remittance_id).remittance
    job_id = remittance_work.start(session, row, kind, by=signed.by, at=at)
    return redirect(f"{address(remittance_id)}/progress/{job_id}")


def preview(session: Session, view: RemittanceView, on: date) -> Preview:
    """What confirming a checked draft would do; the amounts are those that will be."""
    row = view.remittance
    found = operations.resulting(session, remittance_id=row.id, on=on)
    terms = contracts.terms_in_force(session, row.contract_id, on)
    waits = hold_reasons(
        holding_codes=[code for code, _, _ in view.reasons if code in HOLDING],
        invoices_minor=row.invoices_minor,
        credit_notes_minor=row.credit_notes_minor,
        auto_accept_max_minor=terms.auto_accept_max_minor,
        minimum_remittance_minor=terms.minimum_remittance_minor,
    )
    return Preview(
        found.charges,
        funding.availability(session, contract_id=row.contract_id, on=on),
        funding.planned_availability(
            session, contract_id=row.contract_id, documents=found.documents,
            charges=found.charges, on=on,
        ),
        tuple(Reason(code) for code in waits),
    )  # fmt: skip
