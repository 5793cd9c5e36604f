"""The payment run beside sealing: signatures under limits, orders given up, the limits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit, banking, identity, screening
from cessio.banking import queries as bank
from cessio.funding import queries
from cessio.funding.models import Drawdown, PayoutLimits
from cessio.funding.operations import drawdowns
from cessio.funding.rules import DrawdownStateName, Hold, Limits, holds, order_holds
from cessio.funding.rules.payees import digest
from cessio.funding.rules.payouts import HoldCode, PayoutFacts, above_person
from cessio.house import Counted
from cessio.house.queries import cut_offs
from cessio.kernel.calendar import business_date, start_of_day
from cessio.kernel.errors import Conflict, Invalid

State = DrawdownStateName


class PayoutHeld(Conflict):
    """A payout or an order is held; ``code`` is the hold's own."""


def refuse_held(session: Session, waiting: Sequence[Drawdown], *, by: str, at: datetime) -> None:
    """Refuse an order with a payout that is held, or past a limit. Raises ``PayoutHeld``."""
    queries.one_signature_at_a_time(session)
    limits = queries.limits_now(session)
    facts = screened_facts(session, [one.id for one in waiting], by=by, at=at)
    start = start_of_day(business_date(at))
    found: list[Hold] = [hold for one in facts for hold in holds(one, limits, at=at)]
    paid = queries.ordered_since(session, ibans={one.iban for one in facts}, since=start)
    person = identity.person_behind(session, by)
    currency = waiting[0].currency if waiting else "EUR"
    signed = bank.signed_since(session, person_id=person, since=start) if person else {}
    found += order_holds(
        facts, limits, paid_today=paid, signed_today_minor=signed.get(currency, 0)
    )  # fmt: skip
    if found:
        raise held(found[0])


def screened_facts(
    session: Session, drawdown_ids: Sequence[int], *, by: str, at: datetime
) -> list[PayoutFacts]:
    """What is known of payouts, their clients held against the lists first if that is due."""
    companies = queries.payee_companies(session, drawdown_ids)
    screening.screen_due(session, company_ids=companies, most=len(companies) or 1, by=by, at=at)
    return queries.payout_facts(session, drawdown_ids)


def refuse_unreleasable(session: Session, *, order_id: int, by: str, at: datetime) -> None:
    """Refuse to let an order leave that pays somebody who is being checked, or whom its bank does
    not recognise and nobody accepted. Raises ``PayoutHeld``."""
    ids = [one.id for one in queries.of_order_for_update(session, order_id=order_id)]
    for one in screened_facts(session, ids, by=by, at=at):
        if one.is_checked:
            raise held(Hold(HoldCode.BEING_CHECKED))
    for payee in queries.payees_of(session, ids):
        if payee.is_held:
            raise held(Hold(HoldCode.PAYEE_DOUBTED, {"name": payee.name}))


def release_order(session: Session, *, order_id: int, by: str, at: datetime) -> None:
    """Say that the sealed file was handed to the bank. Raises as ``record_order_sent`` does, and
    ``PayoutHeld``."""
    if bank.order(session, order_id=order_id).sent_at is None:
        refuse_unreleasable(session, order_id=order_id, by=by, at=at)
    banking.record_order_sent(session, order_id=order_id, by=by, at=at)


def sign_order(
    session: Session, *, order_id: int, seen: bytes, payees: bytes | None = None, by: str,
    at: datetime,
) -> None:  # fmt: skip
    """The second person's signature, within what one person may sign in a day.

    ``payees`` is the hash of what was shown of those who are paid: kept with the signature, and
    ``Conflict`` when more is known by now. Raises as ``banking.sign_payment_order``; ``PayoutHeld``
    when a payout is held by now.
    """
    queries.one_signature_at_a_time(session)
    found = bank.order(session, order_id=order_id)
    payouts = queries.of_order_for_update(session, order_id=order_id)
    limits = queries.limits_now(session)
    ids = [drawdown.id for drawdown in payouts]
    for one in screened_facts(session, ids, by=by, at=at):
        for hold in holds(one, limits, at=at):
            raise held(hold)
    person = identity.person_behind(session, by)
    if person is not None:
        start = start_of_day(business_date(at))
        signed = bank.signed_since(session, person_id=person, since=start)
        if above_person(limits, signed.get(found.currency, 0) + found.total_minor):
            most = limits.per_person_day_minor
            raise held(
                Hold(HoldCode.ABOVE_PERSON_DAY, {"most_minor": most, "currency": found.currency})
            )
    known = digest(queries.payees_of(session, ids))
    if payees is not None and payees != known:
        raise Conflict("payees_not_as_seen", "more is known of those who are paid: reload")
    banking.sign_payment_order(session, order_id=order_id, seen=seen, payees=known, by=by, at=at)


def dissolve_order(session: Session, *, order_id: int, reason: str, by: str, at: datetime) -> int:
    """Give up a sealed order that did not leave: its payouts wait for the next run again.

    Its signatures are worth nothing from then on. Returns how many payouts came back.
    """
    if not reason.strip():
        raise Invalid("reason_missing", "say why the order is given up", field="reason")
    payouts = queries.of_order_for_update(session, order_id=order_id)
    banking.give_up_order(session, order_id=order_id, reason=reason.strip(), by=by, at=at)
    for drawdown in payouts:
        drawdown.order_id = None
        drawdowns.enter(session, drawdown, State.GRANTED, by=by, at=at, reason=reason.strip())
    return len(payouts)


def set_payout_limits(
    session: Session, *, per_payout_minor: int | None, per_payee_day_minor: int | None,
    per_person_day_minor: int | None, per_order_minor: int | None,
    cooling_hours: int, by: str, at: datetime,
) -> int:  # fmt: skip
    """Set the house's limits; what was signed under the former ones and did not leave is given up.

    Returns how many orders were. Raises ``Invalid``.
    """
    if not 0 <= cooling_hours <= 720:
        raise Invalid(
            "cooling_range", "between 0 and 720 hours", field="cooling_hours"
        )  # fmt: skip
    before = queries.limits_now(session)
    row = PayoutLimits(
        per_payout_minor=per_payout_minor, per_payee_day_minor=per_payee_day_minor,
        per_person_day_minor=per_person_day_minor, per_order_minor=per_order_minor,
        cut_off=cut_offs(session)[Counted.PAYOUT].local, cooling_hours=cooling_hours, set_at=at,
        set_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, verb="set_payout_limits", subject_kind="payout_limits", subject_id=row.id,
        before=_told(before), after=_told(queries.limits_now(session)), by=by, at=at,
    )  # fmt: skip
    unsent = bank.unsent_orders(session, queries.ordered_ids(session))
    for order_id in unsent:
        dissolve_order(session, order_id=order_id, reason="limits changed", by=by, at=at)
    return len(unsent)


def _told(limits: Limits) -> dict[str, int | str | None]:
    return {
        "per_payout_minor": limits.per_payout_minor,
        "per_payee_day_minor": limits.per_payee_day_minor,
        "per_person_day_minor": limits.per_person_day_minor,
        "per_order_minor": limits.per_order_minor, "cooling_hours": limits.cooling_hours,
    }  # fmt: skip


_SAID = {
    HoldCode.PAYEE_DOUBTED: "the bank does not recognise {name}: a second person says why it may"
    " be paid",
    HoldCode.BEING_CHECKED: "this payout is being checked: nothing leaves until that is over",
    HoldCode.ACCOUNT_CHANGED: "this account is no longer the client's: approve the payout again",
    HoldCode.CHANGE_ASKED: "another account was asked for since: approve the payout again",
    HoldCode.COOLING_OFF: "the account changed lately: it is paid to from {until}",
    HoldCode.ABOVE_PAYOUT: "one payout is at most {most_minor}",
    HoldCode.ABOVE_PAYEE_DAY: "one account is paid at most {most_minor} in a day",
    HoldCode.ABOVE_PERSON_DAY: "one person signs at most {most_minor} in a day",
    HoldCode.ABOVE_ORDER: "one order is at most {most_minor}",
}


def held(hold: Hold) -> PayoutHeld:
    """A hold as a refusal, with its sentence."""
    return PayoutHeld(hold.code.value, _SAID[hold.code], **hold.params)
