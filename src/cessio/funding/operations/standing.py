"""Standing instructions: given by the client, carried out once each business day.

A run draws through ``request_drawdown``, as a person would: same decision, second person and
cut-off. It and the row that says it ran are one transaction under the contract's lock, so that a
day runs once whoever runs it, and whenever it is killed.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit, house
from cessio.contracts import queries as contracts
from cessio.contracts.queries import ContractView
from cessio.funding import queries
from cessio.funding.models import StandingInstruction, StandingRun
from cessio.funding.operations.drawdowns import DrawdownAnswer, request_drawdown
from cessio.funding.rules import DrawdownStateName, Due, Instruction
from cessio.funding.rules.standing import due, problems
from cessio.identity import Permission
from cessio.identity.queries import users_who_may
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Problems
from cessio.notifications import notify


@dataclass(frozen=True, slots=True)
class Ran:
    """What a day's run did for a contract."""

    due: Due
    answer: DrawdownAnswer | None = None


def instruct(
    session: Session, *, contract_id: int, said: Instruction, by: str, at: datetime
) -> date:
    """Have money drawn by itself from the next run on; returns that run's business day.

    What was said before is kept. Raises ``ContractUnknown``, ``Problems``, ``Conflict`` when the
    contract has ended or nothing changes.
    """
    contract = contracts.contract(session, contract_id)
    if faults := list(problems(said, on=business_date(at))):
        raise Problems(faults)
    queries.lock_contract(session, contract_id=contract_id, currency=contract.currency)
    day = queries.next_run_day(session, at)
    if contract.ended_on is not None and contract.ended_on <= day:
        raise Conflict("standing_contract_ended", "this contract has ended: nothing is drawn on it")
    before = queries.standing_on(session, contract_id=contract_id, on=day)
    if before.said == said:
        raise Conflict("standing_unchanged", "this is what you told us already: nothing changes")
    session.add(
        StandingInstruction(
            contract_id=contract_id, effective_from=day, set_at=at, set_by=by,
            **{**asdict(said), "mode": said.mode.value, "weekdays": list(said.weekdays)},
        )
    )  # fmt: skip
    session.flush()
    audit.record(
        session, verb="instruct", subject_kind="contract", subject_id=contract_id,
        before=_told(before.said), after=_told(said) | {"effective_from": day}, by=by, at=at,
        client_id=contract.client_id,
    )  # fmt: skip
    return day


def run_standing(
    session: Session, *, contract_id: int, on: date, by: str, at: datetime
) -> Ran | None:
    """Carry out a contract's instruction for a business day; None when that was done.

    Nobody may draw on it meanwhile. Raises ``ContractUnknown``, ``TermsMissing``,
    ``FixingMissing``: nothing is done then, and it may run again.
    """
    contract = contracts.contract(session, contract_id)
    queries.lock_contract(session, contract_id=contract_id, currency=contract.currency)
    if queries.has_run(session, contract_id=contract_id, on=on):
        return None
    said = queries.standing_on(session, contract_id=contract_id, on=on).said
    terms = contracts.terms_in_force(session, contract_id, on)
    found = queries.availability(
        session, contract_id=contract_id, on=business_date(at),
        counts_on=house.counted_on(session, what=house.Counted.PAYOUT, at=at),
    )  # fmt: skip
    asked = due(said, on=on, payable_minor=found.payable_now_minor,
                least_minor=terms.minimum_drawdown_minor)  # fmt: skip
    answer = None
    if asked.amount_minor:
        answer = request_drawdown(
            session, contract_id=contract_id, amount_minor=asked.amount_minor, by=by, at=at
        )
        if answer.state is DrawdownStateName.REFUSED:
            _tell_refusal(session, contract, answer, asked.amount_minor, at=at)
    session.add(
        StandingRun(
            contract_id=contract_id, on=on, payable_minor=found.payable_now_minor,
            amount_minor=asked.amount_minor, quiet=asked.quiet and asked.quiet.value,
            drawdown_id=answer and answer.drawdown_id, at=at,
        )
    )  # fmt: skip
    session.flush()
    return Ran(asked, answer)


def _tell_refusal(
    session: Session, contract: ContractView, answer: DrawdownAnswer, amount_minor: int, *,
    at: datetime,
) -> None:  # fmt: skip
    """Whoever may draw for the client hears why nothing came; the drawdown has every reason."""
    told = users_who_may(session, client_id=contract.client_id, permission=Permission.OWN_DRAW)
    notify(
        session, person_ids=told, kind="standing_refused",
        values={
            "contract": contract.reference, "amount_minor": amount_minor,
            "currency": contract.currency,
            "reasons": [reason.as_json() for reason in answer.reasons],
        },
        href=f"/portal/funding/{answer.drawdown_id}", at=at,
        key=f"drawdown/{answer.drawdown_id}/standing",
    )  # fmt: skip


def _told(said: Instruction) -> dict[str, object]:
    """What an instruction says, in the fields of its history."""
    told = asdict(said)
    told["weekdays"] = list(said.weekdays)
    return told
