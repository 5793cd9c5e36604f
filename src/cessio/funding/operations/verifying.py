"""Writing down what a bank says of a payee, and taking a doubtful one on oneself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit, identity
from cessio.banking.formats.sepa_text import sepa_text
from cessio.funding import queries
from cessio.funding.formats.payee_answers import PayeeAnswer
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


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a bank's answers: kept, said before, and about nobody we pay."""

    kept: int = 0
    known: int = 0
    strangers: int = 0


def take_answers(
    session: Session, answers: Sequence[PayeeAnswer], *, source: PayeeSource, by: str,
    at: datetime,
) -> Taken:  # fmt: skip
    """Keep a bank's answers about those we pay; one that says what the latest says is left.

    Banks give a name back as the payment file had it: without accents, perhaps in capitals.
    """
    ours = {_spelling(one.name, one.iban): one for one in queries.all_payees(session)}
    said = {_spelling(one.name, one.iban): one for one in answers}
    kept = known = 0
    for key, answer in said.items():
        payee = ours.get(key)
        if payee is None:
            continue
        if (payee.outcome, payee.returned_name) == (answer.outcome, answer.returned_name):
            known += 1
            continue
        record_payee(session, name=payee.name, iban=payee.iban, outcome=answer.outcome,
                     returned_name=answer.returned_name, source=source, by=by, at=at)  # fmt: skip
        kept += 1
    return Taken(kept, known, len(said.keys() - ours.keys()))


def _spelling(name: str, iban: str) -> tuple[str, str]:
    return sepa_text(name).casefold(), iban


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
