"""Looking for signs, and saying what a look found."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Invalid, NotFound
from cessio.receivables import operations
from cessio.receivables import queries as receivables
from cessio.receivables.rules.verification import VerificationReason
from cessio.replies import Opening
from cessio.replies import queries as replies
from cessio.vigilance import queries, rules
from cessio.vigilance.bulk import behaviour, circles, details, documents
from cessio.vigilance.bulk.storing import store
from cessio.vigilance.rules import Level, Outcome, Sign, SignalKind


class LookedAt(Conflict):
    """Somebody said what the signal is before."""


def scan_remittance(session: Session, *, remittance_id: int, by: str, at: datetime) -> int:
    """Look at the invoices of a remittance, assigned or not; returns how many signs there are.

    Safe to run twice. Raises ``RemittanceUnknown``.
    """
    row = receivables.remittance(session, remittance_id).remittance
    facts = receivables.contract_facts(session, row.contract_id, on=business_date(at))
    documents.gather(session, remittance_id=remittance_id, lines=row.line_count)
    found = [
        sign
        for pair in documents.pairs(session, facts, remittance_id=remittance_id,
                                    lines=row.line_count)
        if (sign := rules.alike(pair, client_id=facts.client_id, contract_id=facts.contract_id,
                                remittance_id=remittance_id))
    ]  # fmt: skip
    lines = documents.columns(session, facts, remittance_id=remittance_id, at=at)
    documents.finish(session)
    patterns = (
        rules.round_amounts(lines), rules.off_days(lines), rules.new_debtors(lines),
        rules.just_below(lines, facts.terms.verification_min_minor),
        *rules.split_below(lines, facts.terms.verification_min_minor),
    )  # fmt: skip
    found += [sign for sign in patterns if sign is not None]
    count = store(session, found, by=by, at=at)
    own = set(lines.receivable_ids) & queries.high_documents(session, remittance_id=remittance_id)
    operations.mark_lines(session, remittance_id=remittance_id, receivable_ids=own)
    _verify(session, own, by, at)
    return count


def scan_book(session: Session, *, on: date, by: str, at: datetime) -> int:
    """Look at how the whole book behaved until a date; returns how many signs there are."""
    found = list(_behaviour(session, on=on, at=at))
    count = store(session, found, by=by, at=at)
    weighty = {one for sign in found if sign.level is Level.HIGH for one in sign.document_ids}
    _verify(session, weighty & queries.high_documents(session, documents=weighty), by, at)
    operations.drop_settled(session, by=by, at=at)
    return count


def _verify(session: Session, receivable_ids: set[int], by: str, at: datetime) -> None:
    """What an open high signal concerns is verified before it is funded."""
    operations.require_verification(session, receivable_ids=receivable_ids,
                                    reason=VerificationReason.SIGNAL, by=by, at=at)  # fmt: skip


def _behaviour(session: Session, *, on: date, at: datetime) -> Iterator[Sign]:
    for payer in behaviour.payers(session, at=at):
        sign = rules.odd_payer(payer)
        if sign is None:
            continue
        yield sign
        if sign.kind is SignalKind.PAID_BY_CLIENT:
            drawn = behaviour.advances(session, payer, days=rules.behaviour.RECYCLED_DAYS)
            yield from _some(rules.recycled_advance(one) for one in drawn)
    late = behaviour.late_notes(session, on=on, late_days=rules.behaviour.LATE_NOTE_DAYS)
    yield from _some(rules.late_credit_notes(one) for one in late)
    for dilution, turnover in behaviour.windows(session, on=on):
        yield from _some(
            iter((rules.dilution_rising(dilution), rules.turnover_without_cash(turnover)))
        )
    yield from _some(rules.rebilled_later(one) for one in behaviour.rebilled(session, on=on))
    yield from _some(rules.pushed_back(one) for one in behaviour.pushed(session, at=at))
    shares = behaviour.debtor_shares(session, on=on)
    yield from _some(rules.concentration_jump(one) for one in shares)
    yield from _some(rules.shared_details(one) for one in details.shared(session))
    yield from (rules.sold_in_a_circle(one) for one in circles.circles(session, on=on))


def _some(signs: Iterator[Sign | None]) -> Iterator[Sign]:
    return (sign for sign in signs if sign is not None)


def delivered(
    session: Session, *, receivable_id: int, delivered_on: date, by: str, at: datetime
) -> bool:
    """Compare the date of a delivery with its invoice's; whether it is a sign."""
    row = receivables.receivable(session, receivable_id).row
    sign = rules.before_delivery(
        receivable_id=receivable_id, number=row.number, issued_on=row.issue_date,
        delivered_on=delivered_on, client_id=row.client_id, contract_id=row.contract_id,
        debtor_id=row.debtor_id, amount_minor=row.amount_minor, currency=row.currency,
    )  # fmt: skip
    store(session, [sign] if sign else [], by=by, at=at)
    return sign is not None


def account_named(session: Session, opening: Opening, *, iban: str, by: str, at: datetime) -> None:
    """A debtor asks about, or says it paid to, an account that no letter of ours named.

    It withholds nothing by itself: the holder of a letter must not stop a client's funding.
    """
    owed = replies.sums(session, opening, on=business_date(at))
    sign = Sign(
        kind=SignalKind.OTHER_ACCOUNT, key=f"{opening.contract_id}:{opening.debtor_id}:{iban}",
        client_id=opening.client_id, contract_id=opening.contract_id,
        debtor_id=opening.debtor_id, amount_minor=max(0, owed.open_minor),
        currency=opening.currency, figures={"iban": iban, "letter": opening.letter},
    )  # fmt: skip
    store(session, [sign], by=by, at=at)


def look(
    session: Session, *, signal_id: int, outcome: Outcome, note: str, by: str, at: datetime
) -> None:
    """Say what a signal turned out to be, and why one thinks so.

    Raises ``NotFound``, ``LookedAt``, ``Invalid`` without a note.
    """
    row = queries.locked_signal(session, signal_id)
    if row is None:
        raise NotFound("signal_unknown", "there is no signal {id}", id=signal_id)
    if row.state != rules.SignalState.OPEN:
        raise LookedAt("signal_looked_at", "somebody looked at this signal before")
    if not note.strip():
        raise Invalid("note_missing", "say what you found", field="note")
    row.state, row.looked_at, row.looked_by, row.note = outcome.value, at, by, note.strip()
    session.flush()
    if row.level == Level.HIGH and outcome is not Outcome.CONFIRMED:
        cleared = set(row.document_ids)
        cleared -= queries.high_documents(session, documents=cleared)
        operations.signal_cleared(session, receivable_ids=cleared, by=by, at=at)
    audit.record(
        session, verb="signal.look", subject_kind="signal", subject_id=signal_id,
        after={"kind": row.kind, "key": row.key, "outcome": outcome}, why=row.note, by=by, at=at,
        client_id=row.client_id,
    )  # fmt: skip
