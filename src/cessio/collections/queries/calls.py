"""Reading whom to call: late debtors over all clients, with what a collector must know first."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cessio.collections.models import Call, DunningLetter
from cessio.collections.queries import planned
from cessio.collections.queries.planned import (
    CHOICE_OF_DEBTOR,
    CHOICES_OF_CONTRACT,
    PLAN_OF,
    PLAN_OF_CONTRACT,
)
from cessio.collections.queries.promised import PromiseView, broken_promises
from cessio.collections.queries.recovery import at_law
from cessio.collections.rules.calls import CallOutcome, chance, weight
from cessio.collections.rules.plans import DunningChannel
from cessio.contracts.models import Contract
from cessio.parties.models import Company, Contact, Debtor
from cessio.parties.rules import Segment
from cessio.receivables.models import Dispute, Receivable

#: Debtors a day's list holds at the most: nobody calls more.
MOST = 200
#: A call asked for by a plan is on the list for so many days.
ASKED_DAYS = 10


@dataclass(frozen=True, slots=True)
class ToCall:
    """A debtor that is late, in one currency: how much, since when, and how pressing.

    ``asked`` is the plan's call or hand-over that waits; ``weight`` orders the list.
    """

    debtor_id: int
    debtor_name: str
    segment: Segment
    currency: str
    late_minor: int
    count: int
    clients: int
    days: int
    disputed: int
    asked: DunningChannel | None
    broken: PromiseView | None
    chance: int
    weight: int


@dataclass(frozen=True, slots=True)
class CallView:
    """A call that was made."""

    outcome: CallOutcome
    contact: str | None
    comment: str | None
    again_on: date | None
    called_at: datetime
    called_by: str


@dataclass(frozen=True, slots=True)
class NextLetter:
    """What a debtor is sent next, and when, if nothing is paid."""

    on: date
    channel: DunningChannel
    template: str | None


@dataclass(frozen=True, slots=True)
class Phone:
    """Somebody to call at a debtor."""

    name: str
    function: str | None
    phone: str


def to_call(session: Session, *, on: date) -> tuple[ToCall, ...]:
    """The debtors to call on a day, the weightiest first; those called today are left out.

    Insolvent ones are not called, nor those who asked to be called later; what was handed over
    for legal recovery is not called for.
    """
    disputed = select(Dispute.receivable_id).where(Dispute.ended_at.is_(None)).subquery()
    rows = session.execute(
        select(
            Receivable.debtor_id, Contract.currency, func.sum(Receivable.open_minor),
            func.count(), func.count(Receivable.client_id.distinct()),
            func.min(Receivable.due_date), func.count(disputed.c.receivable_id),
        )
        .join(Contract, Contract.id == Receivable.contract_id)
        .outerjoin(disputed, disputed.c.receivable_id == Receivable.id)
        .where(Receivable.closed_on.is_(None), Receivable.kind == "invoice",
               Receivable.due_date < on, ~at_law())
        .group_by(Receivable.debtor_id, Contract.currency)
        .order_by(func.sum(Receivable.open_minor).desc())
        .limit(5 * MOST)
    ).all()  # fmt: skip
    ids = {row[0] for row in rows}
    known, asked = _known(session, ids, on), _asked(session, ids, on)
    broken = {one.debtor_id: one for one in reversed(broken_promises(session, on=on))}
    found = []
    for debtor_id, currency, minor, count, clients, since, contested in rows:
        if debtor_id not in known:
            continue
        name, segment = known[debtor_id]
        odds = chance(segment, broke_promise=debtor_id in broken)
        days = (on - since).days
        found.append(ToCall(
            debtor_id, name, segment, currency, int(minor), count, clients, days, contested,
            asked.get(debtor_id), broken.get(debtor_id), odds, weight(int(minor), days, odds),
        ))  # fmt: skip
    return tuple(sorted(found, key=_pressing)[:MOST])


def _pressing(one: ToCall) -> tuple[bool, int, int]:
    """Calls the plan asks for come first."""
    return one.asked is None, -one.weight, one.debtor_id


def calls(session: Session, debtor_id: int, *, limit: int = 20) -> tuple[CallView, ...]:
    """The calls to a debtor, latest first."""
    rows = session.scalars(
        select(Call).where(Call.debtor_id == debtor_id).order_by(Call.id.desc()).limit(limit)
    )
    return tuple(
        CallView(CallOutcome(row.outcome), row.contact, row.comment, row.again_on, row.called_at,
                 row.called_by)
        for row in rows
    )  # fmt: skip


def made_on(session: Session, on: date) -> int:
    """How many calls were made on a day."""
    return session.scalar(select(func.count()).where(Call.called_on == on)) or 0


def phones(session: Session, debtor_id: int) -> tuple[Phone, ...]:
    """Whom to call at a debtor."""
    rows = session.execute(
        select(Contact.name, Contact.function, Contact.phone)
        .join(Debtor, Debtor.company_id == Contact.company_id)
        .where(Debtor.id == debtor_id, Contact.ended_at.is_(None), Contact.phone.is_not(None))
        .order_by(Contact.id)
    )
    return tuple(Phone(name, function, phone or "") for name, function, phone in rows)


def waiting_calls(session: Session, debtor_id: int) -> Sequence[DunningLetter]:
    """The plan's calls to a debtor that were not made, locked."""
    return session.scalars(
        select(DunningLetter)
        .where(DunningLetter.debtor_id == debtor_id, DunningLetter.written_at.is_(None),
               DunningLetter.channel == DunningChannel.CALL.value)
        .with_for_update()
    ).all()  # fmt: skip


_NEXT = text(f"""
    WITH used AS (SELECT * FROM unnest(CAST(:plans AS bigint[]), CAST(:versions AS bigint[]))
                             AS used (plan_id, version_id))
    SELECT DISTINCT ON (receivable.debtor_id) receivable.debtor_id,
           receivable.due_date + CAST(step.days AS int), step.channel, step.template
      FROM receivable
      JOIN contract ON contract.id = receivable.contract_id
{CHOICE_OF_DEBTOR}{CHOICES_OF_CONTRACT}
      JOIN used ON used.plan_id = {PLAN_OF.format(of_contract=PLAN_OF_CONTRACT)}
      JOIN dunning_step AS step ON step.version_id = used.version_id AND step.track = 'written'
       AND receivable.due_date + CAST(step.days AS int) > :on
     WHERE receivable.closed_on IS NULL AND receivable.kind = 'invoice'
       AND receivable.debtor_id = ANY (CAST(:debtors AS bigint[])) AND receivable.due_date < :on
     ORDER BY receivable.debtor_id, 2, step.days DESC
""")  # noqa: S608


def next_letters(
    session: Session, debtor_ids: Collection[int], *, on: date
) -> dict[int, NextLetter]:
    """By debtor the next letter about what is late, by the plans in use."""
    versions = planned.versions_in_force(session, on)
    facts = {"plans": list(versions), "versions": list(versions.values()), "on": on,
             "house": planned.house_plan(session), "debtors": list(debtor_ids)}  # fmt: skip
    return {
        debtor_id: NextLetter(day, DunningChannel(channel), template)
        for debtor_id, day, channel, template in session.execute(_NEXT, facts)
    }


def _known(session: Session, ids: Collection[int], on: date) -> dict[int, tuple[str, Segment]]:
    silent = select(Call.debtor_id).where(
        (Call.called_on == on) | (Call.again_on > on), Call.debtor_id.in_(ids)
    )
    rows = session.execute(
        select(Debtor.id, Company.name, Debtor.segment)
        .join(Company, Company.id == Debtor.company_id)
        .where(Debtor.id.in_(ids), Debtor.insolvent_on.is_(None), Debtor.id.not_in(silent))
    )
    return {debtor_id: (name, Segment(segment)) for debtor_id, name, segment in rows}


def _asked(session: Session, ids: Collection[int], on: date) -> dict[int, DunningChannel]:
    rows = session.execute(
        select(DunningLetter.debtor_id, DunningLetter.channel)
        .where(DunningLetter.debtor_id.in_(ids), DunningLetter.written_at.is_(None),
               DunningLetter.channel.in_([DunningChannel.CALL, DunningChannel.LEGAL]),
               DunningLetter.day > on - timedelta(days=ASKED_DAYS))
        .order_by(DunningLetter.id)
    )  # fmt: skip
    return {debtor_id: DunningChannel(channel) for debtor_id, channel in rows}
