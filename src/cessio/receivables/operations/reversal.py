"""Reversing an assigned remittance: every effect taken back, as if it had never been."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict
from cessio.ledger import AccountKind
from cessio.ledger import bulk as ledger_bulk
from cessio.plumbing import outbox
from cessio.receivables import queries
from cessio.receivables.bulk import reversing
from cessio.receivables.bulk.cover import recompute_cover
from cessio.receivables.bulk.reversing import Blocker
from cessio.receivables.operations.drafts import enter, require
from cessio.receivables.rules import RemittanceState


class NotReversible(Conflict):
    """Something else happened since: ``blockers`` names the documents and what happened."""

    def __init__(self, number: int, blockers: tuple[Blocker, ...]) -> None:
        self.blockers = blockers
        named = ", ".join(dict.fromkeys(blocker.number for blocker in blockers[:10]))
        super().__init__(
            "remittance_not_reversible",
            "remittance {number} can not be reversed: something else happened to {documents}",
            number=number, documents=named,
        )  # fmt: skip


class RetentionReleased(Conflict):
    """The retention fund no longer holds what the assignment put in it."""


@dataclass(frozen=True, slots=True)
class Reversed:
    """The ledger transactions that were reversed."""

    remittance_id: int
    transaction_ids: tuple[int, ...]


def reverse(
    session: Session, *, remittance_id: int, reason: str, by: str, at: datetime
) -> Reversed:
    """Give back the previous state exactly: ledger, open amounts, set-offs, cover, fingerprints.

    Only while nothing else happened to its documents (what was undone counts as not happened):
    raises ``NotReversible`` naming them, ``RetentionReleased``, ``WrongState``. Open disputes and
    holds of its documents are ended.
    """
    remittance = queries.locked_remittance(session, remittance_id)
    require(remittance, RemittanceState.ASSIGNED)
    on = business_date(at)
    facts = queries.contract_facts(session, remittance.contract_id, on=on)
    queries.lock_contract(session, facts.contract_id)
    reversing.lock(session, remittance_id)
    if blockers := reversing.blockers(session, remittance_id):
        raise NotReversible(remittance.number, tuple(blockers))
    own = reversing.own_transactions(session, remittance_id)
    ledger_bulk.stage(session)
    ledger_bulk.stage_reversals(session, own, memo=reason)
    ledger_bulk.post_staged(session, by=by, at=at)
    _refuse_overdrawn_fund(session, facts.contract_id, remittance.number)
    debtor_ids = reversing.take_back(session, remittance_id=remittance_id, on=on, by=by, at=at)
    enter(session, remittance, RemittanceState.REVERSED, client_id=facts.client_id, by=by, at=at,
          reason=reason, after={"transactions": own})  # fmt: skip
    session.flush()
    recompute_cover(session, contract_id=facts.contract_id, debtor_ids=debtor_ids, on=on, at=at)
    outbox.publish(
        session, "remittance.reversed",
        {"remittance_id": remittance_id, "contract_id": facts.contract_id, "on": on.isoformat()},
        by=by, at=at, client_id=facts.client_id,
    )  # fmt: skip
    return Reversed(remittance_id, tuple(own))


def _refuse_overdrawn_fund(session: Session, contract_id: int, number: int) -> None:
    fund = -queries.contract_balances(session, contract_id).get(AccountKind.RETENTION_FUND, 0)
    if fund < 0:
        raise RetentionReleased(
            "retention_released",
            "remittance {number} can not be reversed: its retention was released since",
            number=number,
        )  # fmt: skip
