"""Who is told of the answer to a limit request: who asked, who looks after the client or does it
while they are away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import identity
from cessio.contracts.queries import ContractView
from cessio.kernel.calendar import business_date
from cessio.limits.models import LimitRequest
from cessio.limits.rules import RequestAnswer
from cessio.notifications import notify
from cessio.parties import queries as parties


def tell_answer(
    session: Session, request: LimitRequest, contract: ContractView, answer: RequestAnswer, *,
    reason: str | None, by: str, at: datetime,
) -> None:  # fmt: skip
    """A line under their bells, but for the one who answered."""
    debtor = parties.debtor_names(session, [request.debtor_id]).get(request.debtor_id, "")
    told = {
        identity.person_behind(session, request.asked_by),
        *parties.in_charge(session, contract.client_id, on=business_date(at)),
    } - {identity.person_behind(session, by)}
    notify(
        session, person_ids=told, kind="limit_answered",
        values={"debtor": debtor, "client": contract.client_name, "answer": answer,
                "amount_minor": request.amount_minor, "currency": contract.currency,
                "why": reason or ""},
        href=f"/backoffice/debtors/{request.debtor_id}",
        client_href=f"/portal/debtors/{request.debtor_id}", at=at,
        key=f"limit-request/{request.id}",
    )  # fmt: skip
