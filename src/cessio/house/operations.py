"""Changing what the house decides for itself, and asking whether somebody may decide."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from cessio import audit, identity
from cessio.house import queries, rules
from cessio.house.models import HouseAuthority, HouseCutOff, HouseDay, HouseReason
from cessio.house.queries import SECOND
from cessio.house.rules import FIXED_LISTS, WITH_SECOND, Act, Counted, CutOff, ReasonList
from cessio.identity import Role
from cessio.identity import queries as people
from cessio.kernel import calendar
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import CessioError, Conflict, Invalid, NotFound, Problems
from cessio.kernel.money import MAX_MINOR

#: What the acts on a page are about in the audit trail: pages have one history each.
CALENDAR, AUTHORITY = ("house_calendar", 0), ("house_authority", 0)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")
MAX_LABEL = 80


@dataclass(frozen=True, slots=True)
class NamedReason:
    """A reason as the house wants it called and offered."""

    list: ReasonList
    code: str
    label_fr: str
    label_en: str
    position: int = 0
    is_offered: bool = True


def close_day(session: Session, *, day: date, label: str, by: str, at: datetime) -> int:
    """Do not work on a day to come; returns the row's id. Raises ``Problems``, ``Conflict``."""
    faults: list[CessioError] = []
    if problem := rules.day_problem(day, today=business_date(at)):
        faults.append(problem)
    if not 1 <= len(label.strip()) <= MAX_LABEL:
        faults.append(Invalid("label_missing", "say why the house is closed", field="label"))
    if faults:
        raise Problems(faults)
    if queries.open_day(session, day) is not None:
        raise Conflict("day_known", "{day} is closed already", field="day", day=day.isoformat())
    row = HouseDay(day=day, label=label.strip(), set_at=at, set_by=by)
    session.add(row)
    session.flush()
    audit.record(session, verb="close_house_day", subject_kind=CALENDAR[0],
                 subject_id=CALENDAR[1], after={"day": day, "label": label.strip()}, by=by,
                 at=at)  # fmt: skip
    return row.id


def open_day(session: Session, *, day: date, by: str, at: datetime) -> None:
    """Work on a day to come after all. Raises ``NotFound``, ``Forbidden`` for a day gone by."""
    row = queries.open_day(session, day)
    if row is None:
        raise NotFound("day_unknown", "the house is not closed on {day}", day=day.isoformat())
    if day <= business_date(at):
        raise Invalid("day_past", "only days to come are opened or closed", field="day")
    row.ended_at, row.ended_by = at, by
    session.flush()
    audit.record(session, verb="open_house_day", subject_kind=CALENDAR[0],
                 subject_id=CALENDAR[1], before={"day": day, "label": row.label},
                 after={"day": None}, by=by, at=at)  # fmt: skip


def set_cut_off(
    session: Session, *, what: Counted, cut_off: CutOff | None, by: str, at: datetime
) -> None:
    """Count what comes later in the day for the next business day; None: what holds by itself.

    Raises ``Conflict`` when nothing changes.
    """
    held = queries.cut_offs(session).get(what)
    row = queries.open_cut_off(session, what)
    if cut_off == held or (cut_off is None and row is None):
        raise Conflict("cut_off_unchanged", "nothing changes")
    if row is not None:
        row.ended_at, row.ended_by = at, by
        session.flush()
    if cut_off is not None:
        session.add(HouseCutOff(what=what.value, local=cut_off.local, place=cut_off.place.value,
                                set_at=at, set_by=by))  # fmt: skip
        session.flush()
    audit.record(session, verb="set_cut_off", subject_kind=CALENDAR[0], subject_id=CALENDAR[1],
                 before={"counted": what, **_told(held)},
                 after={"counted": what, **_told(queries.cut_offs(session).get(what))},
                 by=by, at=at)  # fmt: skip


def counted_on(session: Session, *, what: Counted, at: datetime) -> date:
    """The day for which something done now counts."""
    return rules.counted_on(at, queries.cut_offs(session).get(what))


def _told(cut_off: CutOff | None) -> dict[str, object]:
    if cut_off is None:
        return {"cut_off": None, "place": None}
    return {"cut_off": cut_off.local.isoformat("minutes"), "place": cut_off.place}


def tell_process(session: Session) -> None:
    """Let this process count the house's own days as closed: at its start, and now and then."""
    calendar.close_days(one.day for one in queries.own_days(session))


def name_reason(
    session: Session, *, reason: NamedReason, fixed: frozenset[str] = frozenset(), by: str,
    at: datetime,
) -> None:  # fmt: skip
    """Call a reason so from now on, put it at a place of its list, offer it or not.

    ``fixed`` are the codes of a list whose codes are the program's; no other can be added there.
    Raises ``Problems``, ``Conflict`` when nothing changes.
    """
    if faults := _reason_faults(reason, fixed):
        raise Problems(faults)
    told = {
        "label_fr": reason.label_fr.strip(), "label_en": reason.label_en.strip(),
        "position": reason.position, "is_offered": reason.is_offered,
    }  # fmt: skip
    held = queries.open_reason(session, reason.list, reason.code)
    before = {name: getattr(held, name) for name in told} if held else {}
    if before == told:
        raise Conflict("reason_unchanged", "nothing changes")
    if held is not None:
        held.ended_at, held.ended_by = at, by
        session.flush()
    session.add(HouseReason(list=reason.list.value, code=reason.code, **told, set_at=at, set_by=by))
    session.flush()
    old, new = audit.narrowed(before, told)
    audit.record(
        session, verb="name_reason", subject_kind="house_reason",
        subject_id=list(ReasonList).index(reason.list),
        before={"reason": reason.code, **old} if held else None,
        after={"reason": reason.code, **new}, by=by, at=at,
    )  # fmt: skip


def set_authority(
    session: Session, *, act: Act, up_to_minor: Mapping[str, int | None],
    second_from_minor: int | None = None, by: str, at: datetime,
) -> None:  # fmt: skip
    """Say up to which amount each role decides an act (None: without limit).

    Raises ``Problems``, ``Conflict`` when nothing changes.
    """
    wanted = {role: amount for role, amount in up_to_minor.items() if amount is not None}
    if second_from_minor is not None:
        if act not in WITH_SECOND:
            raise Invalid("no_second", "this is decided by one person", field="second")
        wanted[SECOND] = second_from_minor
    faults: list[CessioError] = [
        Invalid("amount_out_of_range", "an amount is zero or more", field=f"role_{role}")
        for role, amount in wanted.items() if not 0 <= amount <= MAX_MINOR
    ]  # fmt: skip
    if faults:
        raise Problems(faults)
    held = queries.open_authorities(session, act)
    before = {role: row.amount_minor for role, row in held.items()}
    if before == wanted:
        raise Conflict("authority_unchanged", "nothing changes")
    for role, row in held.items():
        if wanted.get(role) != row.amount_minor:
            row.ended_at, row.ended_by = at, by
    session.flush()
    session.add_all(
        HouseAuthority(act=act.value, role=role, amount_minor=amount, set_at=at, set_by=by)
        for role, amount in wanted.items() if before.get(role) != amount
    )  # fmt: skip
    session.flush()
    audit.record(
        session, verb="set_authority", subject_kind=AUTHORITY[0], subject_id=AUTHORITY[1],
        before={"act": act, **_named(before)}, after={"act": act, **_named(wanted, before)},
        by=by, at=at,
    )  # fmt: skip


def check_authority(
    session: Session, *, act: Act, amount_minor: int, by: str, at: datetime, currency: str = "EUR"
) -> None:
    """Raise ``BeyondAuthority`` when the person behind ``by`` decides less than this amount.

    A deputy whose own role does not decide such a thing decides up to what a lender does. Jobs
    decide by rules of their own, and a client's people are not asked.
    """
    person_id = identity.person_behind(session, by)
    if person_id is None:
        return
    held = queries.authority(session)
    lent = people.lent_to(session, person_id, business_date(at))
    if not lent and not any(one is act for one, _role in held.up_to_minor):
        return
    role = people.person(session, person_id).role
    loans = [] if _decides(role, act) else [one for one in lent if _decides(one.lender_role, act)]
    refusals = [
        rules.authority_refusal(held, act, one.lender_role.value, amount_minor, currency)
        or rules.lent_refusal(one.up_to_minor, amount_minor, currency)
        for one in loans
    ] or [rules.authority_refusal(held, act, role.value, amount_minor, currency)]
    if refusals[0] is not None and None not in refusals:
        raise refusals[0]


def _decides(role: Role, act: Act) -> bool:
    return any(identity.rules.may(role, one) for one in rules.NEEDS[act])


def most_alone(session: Session, *, act: Act, by: str) -> int | None:
    """The most the person behind ``by`` decides without a second one; None without limit.

    It is what their role decides, and less than what the house wants a second person from. Jobs
    decide by rules of their own.
    """
    person_id = identity.person_behind(session, by)
    if person_id is None:
        return None
    held = queries.authority(session)
    start = held.second_from_minor.get(act)
    most = held.limit(act, people.person(session, person_id).role.value)
    known = [one for one in (most, None if start is None else start - 1) if one is not None]
    return min(known, default=None)


def needs_second(session: Session, *, act: Act, amount_minor: int) -> bool:
    """Whether the house wants a second person for such an amount, whatever a contract says."""
    start = queries.authority(session).second_from_minor.get(act)
    return start is not None and amount_minor >= start


def _named(
    amounts: Mapping[str, int], beside: Mapping[str, int] | None = None
) -> dict[str, object]:
    """Amounts by the name of an audited field; those of ``beside`` that are gone are None."""
    names = [*amounts, *(role for role in beside or {} if role not in amounts)]
    return {
        ("second_person_from" if role == SECOND else role) + "_minor": amounts.get(role)
        for role in names
    }


def _reason_faults(reason: NamedReason, fixed: frozenset[str]) -> list[CessioError]:
    faults: list[CessioError] = []
    if reason.list in FIXED_LISTS:
        if reason.code not in fixed:
            faults.append(Invalid("reason_unknown", "this list has no reason {name}",
                                  field="code", name=reason.code[:40]))  # fmt: skip
    elif not _CODE.fullmatch(reason.code):
        faults.append(Invalid("reason_code", "a code is small letters, digits and underscores",
                              field="code"))  # fmt: skip
    faults.extend(
        Invalid("reason_label", "say it in both languages", field=name)
        for name in ("label_fr", "label_en")
        if not 1 <= len(getattr(reason, name).strip()) <= MAX_LABEL
    )
    if not 0 <= reason.position <= 999:
        faults.append(Invalid("reason_position", "a place is between 0 and 999",
                              field="position"))  # fmt: skip
    return faults
