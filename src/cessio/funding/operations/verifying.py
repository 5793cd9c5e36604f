"""Writing down what a bank says of a payee, and taking a doubtful one on oneself."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit, identity
from cessio.funding import queries
from cessio.funding.models import PayeeAcceptance, PayeeCheck
from cessio.funding.queries.payees import latest_check
from cessio.funding.rules.payees import DOUBTFUL, PayeeOutcome, PayeeSource
from cessio.kernel.errors import Conflict, Forbidden, Invalid

MOST_LETTERS = 140


class PayeeChecked(Conflict):
    """The check was accepted, or another took its place, or it needs nobody to accept it."""


def record_payee(
    session: Session, *, name: str, iban: str, outcome: PayeeOutcome,
    returned_name: str | None = None, source: PayeeSource = PayeeSource.PORTAL, by: str,
    at: datetime,
) -> int:  # fmt: skip
    """Keep what the bank says of a name and an account together; returns the check's id.

    It says nothing of another name, nor of another account. Raises ``Invalid``: a close match
    tells the name the bank has.
    """
    told = " ".join((returned_name or "").split()) or None
    if outcome is PayeeOutcome.CLOSE and told is None:
        raise Invalid("returned_name_missing", "write the name the bank gives back",
                      field="returned_name")  # fmt: skip
    if told is not None and (outcome is not PayeeOutcome.CLOSE or len(told) > MOST_LETTERS):
        raise Invalid("returned_name_odd", "only a close match gives a name back",
                      field="returned_name")  # fmt: skip
    row = PayeeCheck(
        name=name, iban=iban, outcome=outcome.value, returned_name=told, source=source.value,
        checked_at=at, checked_by=by, person_id=identity.person_behind(session, by),
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, verb="verify_payee", subject_kind="payee_check", subject_id=row.id,
        after={"name": name, "iban": iban, "outcome": outcome, "returned_name": told,
               "source": source},
        by=by, at=at,
    )  # fmt: skip
    return row.id


def accept_payee(session: Session, *, check_id: int, reason: str, by: str, at: datetime) -> None:
    """A second person lets a payee be paid whom its bank does not recognise, and says why.

    Raises ``PayeeChecked``; ``Forbidden`` for jobs and for who wrote the answer down; ``Invalid``
    without a reason.
    """
    row = latest_check(session, check_id)
    if row is None or PayeeOutcome(row.outcome) not in DOUBTFUL:
        raise PayeeChecked("payee_checked", "the answer is no longer the latest: reload")
    [now] = queries.payees(session, [(row.name, row.iban)])
    if now.accepted_by is not None:
        raise PayeeChecked("payee_accepted", "somebody accepted it before: reload")
    person = identity.person_behind(session, by)
    if person is None:
        raise Forbidden("person_needed", "Only a person accepts a payee")
    if person == row.person_id:
        raise Forbidden("own_payee", "another person than who wrote the answer down accepts it")
    if not reason.strip():
        raise Invalid("reason_missing", "say why it may be paid all the same", field="reason")
    session.add(PayeeAcceptance(check_id=check_id, reason=reason.strip(), person_id=person,
                                accepted_at=at, accepted_by=by))  # fmt: skip
    session.flush()
    audit.record(
        session, verb="accept_payee", subject_kind="payee_check", subject_id=check_id,
        after={"name": row.name, "iban": row.iban, "outcome": row.outcome}, why=reason.strip(),
        by=by, at=at,
    )  # fmt: skip
