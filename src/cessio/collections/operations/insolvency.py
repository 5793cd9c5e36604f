"""A debtor's insolvency: declared with all that follows from it, its claims, its end.

Declaring stops the reminders, withholds funding, makes the guarantee due, brings every limit on
the debtor down and ends the promises waited for. Nobody loses the cover it has: where the
contract drops cover with the limit, the limit stays at what is covered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from cessio import audit
from cessio.collections.models import Insolvency
from cessio.collections.operations.promises import end_promise
from cessio.collections.operations.telling import tell_insolvent
from cessio.collections.queries import insolvencies as queries
from cessio.collections.queries.owed import Owed, OwedSum, owed, owed_sums
from cessio.collections.rules import PromiseEnd
from cessio.collections.rules.insolvency import (
    InsolvencyEnd,
    Judgment,
    Procedure,
    claims_due_on,
    judgment_faults,
)
from cessio.collections.texts import CLAIM_DECLARATION
from cessio.contracts import queries as contracts
from cessio.contracts.rules import CoverReductionMode
from cessio.correspondence import Addressee, print_letter
from cessio.kernel.calendar import business_date
from cessio.kernel.errors import Conflict, Invalid, NotFound, Problems
from cessio.limits import NewLimit, end_limit, record_limit
from cessio.limits import queries as limits
from cessio.limits.queries import LimitRow
from cessio.limits.rules import LimitKind
from cessio.parties import queries as parties
from cessio.parties.operations import change_debtor
from cessio.plumbing import formats
from cessio.plumbing.i18n import gettext, use_language
from cessio.receivables.bulk.cover import recompute_cover
from cessio.receivables.queries import cover

#: The largest letter; beyond it the list of the invoices goes with it as a file.
LINES = 400


class NotInsolvent(NotFound):
    """No proceedings are open against the debtor."""


def declare_insolvency(
    session: Session, *, debtor_id: int, judgment: Judgment, why: str | None = None, by: str,
    at: datetime,
) -> int:  # fmt: skip
    """Note that proceedings were opened, and do what follows; returns their id.

    Raises ``NotFound``, ``Problems``, ``Conflict`` while others are open.
    """
    on = business_date(at)
    found = parties.debtor_file(session, debtor_id)
    if faults := judgment_faults(judgment, on):
        raise Problems([*faults])
    if queries.locked_insolvency(session, debtor_id) is not None:
        raise Conflict("insolvency_declared", "proceedings are open against this debtor already")
    change_debtor(
        session, debtor_id=debtor_id, segment=found.segment, language=found.language,
        payment_terms_days=found.payment_terms_days, insolvent_on=judgment.judged_on, why=why,
        by=by, at=at,
    )  # fmt: skip
    brought_down = _bring_limits_down(session, debtor_id, on, by, at)
    for promise_id in queries.open_promise_ids(session, debtor_id):
        end_promise(session, promise_id=promise_id, reason=PromiseEnd.WITHDRAWN, by=by, at=at)
    row = Insolvency(
        debtor_id=debtor_id, procedure=judgment.procedure.value, judged_on=judgment.judged_on,
        published_on=judgment.published_on, court=judgment.court,
        representative=judgment.representative, address=list(judgment.address),
        limits=brought_down, declared_on=on, declared_at=at, declared_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    _record(session, "insolvency.declare", row, by, at, why=why, after={
        "procedure": judgment.procedure, "judged_on": judgment.judged_on,
        "published_on": judgment.published_on, "limits": len(brought_down),
    })  # fmt: skip
    tell_insolvent(session, owed(session, debtor_id=debtor_id, on=on), debtor_id=debtor_id,
                   insolvency_id=row.id, at=at)  # fmt: skip
    return row.id


def complete_insolvency(
    session: Session, *, debtor_id: int, judgment: Judgment, by: str, at: datetime
) -> None:
    """Say more of open proceedings: the publication, the court, who represents the creditors.

    The day of the judgment stays: end the proceedings noted by mistake and declare them again.
    Another procedure is a conversion. Raises ``NotInsolvent``, ``Problems``.
    """
    row = _open(session, debtor_id)
    told = replace(judgment, judged_on=row.judged_on)
    if faults := judgment_faults(told, business_date(at)):
        raise Problems([*faults])
    after: dict[str, Any] = {
        "procedure": told.procedure.value, "published_on": told.published_on, "court": told.court,
        "representative": told.representative, "address": list(told.address),
    }  # fmt: skip
    old, new = audit.narrowed({name: getattr(row, name) for name in after}, after)
    for name, value in after.items():
        setattr(row, name, value)
    session.flush()
    if new:
        _record(session, "insolvency.change", row, by, at, before=old, after=new)


def write_claim(session: Session, *, debtor_id: int, by: str, at: datetime) -> int:
    """Write the declaration of claims to who represents the creditors; returns its message.

    Written again, the later letter takes the place of the one before. Raises ``NotInsolvent``,
    ``Invalid`` without a name and an address, ``Conflict`` when nothing is owed.
    """
    row = _open(session, debtor_id)
    if not row.representative or not row.address:
        raise Invalid("representative_missing",
                      "say first who represents the creditors, and at which address",
                      field="representative")  # fmt: skip
    rows = claimed(session, debtor_id=debtor_id, judged_on=row.judged_on)
    if not rows:
        raise Conflict("nothing_to_claim", "nothing is owed from before the judgment")
    company = parties.debtor_file(session, debtor_id).company
    with use_language("fr"):
        values: dict[str, Any] = {
            "debtor": company.name,
            "siren": formats.siren(company.siren) if company.siren else None,
            "procedure": procedure_name(Procedure(row.procedure)), "court": row.court,
            "judged_on": row.judged_on, "published_on": row.published_on,
            "clients": ", ".join(dict.fromkeys(one.client_name for one in rows)),
            "invoices": _listed(rows), "sums": _summed(rows, row.judged_on),
        }  # fmt: skip
    row.message_id = print_letter(
        session, template=CLAIM_DECLARATION, subject_kind="debtor", subject_id=debtor_id,
        to=Addressee(row.representative, tuple(row.address), "fr"), values=values, client_id=None,
        key=f"claim/{row.id}/{at.isoformat()}", by=by, at=at,
    )  # fmt: skip
    session.flush()
    _record(session, "insolvency.claim_written", row, by, at, after={"invoices": len(rows)})
    return row.message_id


def note_claimed(session: Session, *, debtor_id: int, on: date, by: str, at: datetime) -> None:
    """The claims were declared on a day; nobody is asked for them any more.

    Raises ``NotInsolvent``, ``Invalid``, ``Conflict`` the second time.
    """
    row = _open(session, debtor_id)
    if row.claimed_at is not None:
        raise Conflict("claimed_before", "these claims were declared before")
    if not row.judged_on <= on <= business_date(at):
        raise Invalid("claimed_out_of_order",
                      "claims are declared after the judgment, and not later than today",
                      field="on")  # fmt: skip
    row.claimed_on, row.claimed_at, row.claimed_by = on, at, by
    session.flush()
    due = claims_due_on(row.published_on)
    _record(session, "insolvency.claimed", row, by, at,
            after={"claimed_on": on, "late": due is not None and on > due})  # fmt: skip


def end_insolvency(
    session: Session, *, debtor_id: int, reason: InsolvencyEnd, why: str, by: str, at: datetime
) -> None:
    """The proceedings are over for us. Limits stay down: giving new ones is a decision of its own.

    Raises ``NotInsolvent``.
    """
    row = _open(session, debtor_id)
    found = parties.debtor_file(session, debtor_id)
    row.ended_at, row.ended_by, row.end_reason = at, by, reason.value
    session.flush()
    if reason is not InsolvencyEnd.CLOSED:  # closed for lack of assets: it stays what it is
        change_debtor(
            session, debtor_id=debtor_id, segment=found.segment, language=found.language,
            payment_terms_days=found.payment_terms_days, insolvent_on=None, why=why, by=by, at=at,
        )  # fmt: skip
    _record(session, "insolvency.end", row, by, at, why=why, after={"reason": reason})


def claimed(session: Session, *, debtor_id: int, judged_on: date) -> tuple[Owed, ...]:
    """What is declared: the open invoices from before the judgment, penalties up to its day."""
    return owed(session, debtor_id=debtor_id, on=judged_on, issued_before=judged_on)


def procedure_name(procedure: Procedure) -> str:
    """The proceedings as a letter calls them, in the current language."""
    return {
        Procedure.SAFEGUARD: gettext("safeguard proceedings"),
        Procedure.RECEIVERSHIP: gettext("judicial reorganisation"),
        Procedure.LIQUIDATION: gettext("judicial liquidation"),
    }[procedure]


def _open(session: Session, debtor_id: int) -> Insolvency:
    row = queries.locked_insolvency(session, debtor_id)
    if row is None:
        raise NotInsolvent("not_insolvent", "no proceedings are open against this debtor")
    return row


def _bring_limits_down(
    session: Session, debtor_id: int, on: date, by: str, at: datetime
) -> list[dict[str, int]]:
    """Every limit to nothing, or to what is covered where cover would go with it."""
    decided = limits.open_limits(session, debtor_id=debtor_id)
    pairs = {one.contract_id: one for one in cover.pair_covers(session, debtor_id=debtor_id)}
    concerned = sorted({*pairs, *(row.contract_id for row in decided)})
    terms = contracts.terms_of_all(session, on, contract_ids=concerned)
    done: list[dict[str, int]] = []
    for contract_id in concerned:
        if contract_id not in terms:
            continue
        pair = pairs.get(contract_id)
        drops = terms[contract_id].cover_reduction_mode is CoverReductionMode.IMMEDIATE
        least = pair.covered_minor if pair is not None and drops else 0
        before = pair.limit_minor if pair is not None else 0
        own = [row for row in decided if row.contract_id == contract_id]
        for row in own if least else ():
            if row.is_temporary:
                end_limit(session, limit_id=row.id, reason="debtor_insolvent", by=by, at=at)
        done += _down(session, contract_id, debtor_id, own, before, least, on, by, at)
    if concerned:
        recompute_cover(session, debtor_ids=[debtor_id], on=on, at=at)
    return done


def _down(
    session: Session, contract_id: int, debtor_id: int, own: Sequence[LimitRow], cover_minor: int,
    least_minor: int, on: date, by: str, at: datetime,
) -> list[dict[str, int]]:  # fmt: skip
    """Bring the cover of one pair down, and its own funding limit if there is one."""
    done = []
    named = next((row for row in own if row.kind is LimitKind.COVER and not row.is_temporary), None)
    funding = next((row for row in own if row.kind is LimitKind.FUNDING), None)
    for kind, before, after in (
        (LimitKind.COVER, max(cover_minor, named.amount_minor if named else 0), least_minor),
        (LimitKind.FUNDING, funding.amount_minor if funding else 0, 0),
    ):
        if before <= after:
            continue
        record_limit(session, by=by, at=at, limit=NewLimit(
            contract_id=contract_id, debtor_id=debtor_id, kind=kind, amount_minor=after,
            cover_rate=named.cover_rate if named and kind is LimitKind.COVER else None,
            insurer=named.insurer if named and kind is LimitKind.COVER else None,
            insurer_reference=named.insurer_reference
            if named and kind is LimitKind.COVER else None,
            valid_from=on, reason="debtor_insolvent",
        ))  # fmt: skip
        done.append({"contract_id": contract_id, "before_minor": before, "after_minor": after,
                     "is_cover": int(kind is LimitKind.COVER)})  # fmt: skip
    return done


def _listed(rows: Sequence[Owed]) -> tuple[str, ...]:
    lines = [
        gettext(
            "{number} of {issued}, due on {due}: {amount}", number=one.number,
            issued=formats.date(one.issue_date), due=formats.date(one.due_date),
            amount=formats.money(one.open_minor, one.currency),
        )
        for one in rows[:LINES]
    ]  # fmt: skip
    if len(rows) > LINES:
        lines.append(gettext("and {n} more, listed in the file that goes with this letter",
                             n=formats.number(len(rows) - LINES)))  # fmt: skip
    return tuple(f"- {line}" for line in lines)


def _summed(rows: Sequence[Owed], judged_on: date) -> tuple[str, ...]:
    lines = []
    for one in owed_sums(rows, judged_on):
        lines += [_part(one, words, minor) for words, minor in (
            (gettext("principal due before the judgment"), one.late_minor),
            (gettext("principal to fall due"), one.open_minor - one.late_minor),
            (gettext("late-payment penalties"), one.penalty_minor),
            (gettext("recovery indemnities"), one.indemnity_minor),
            (gettext("total claimed"), one.total_minor),
        ) if minor]  # fmt: skip
    return tuple(lines)


def _part(one: OwedSum, words: str, minor: int) -> str:
    return "- " + gettext("{what}: {amount}", what=words, amount=formats.money(minor, one.currency))


def _record(
    session: Session, verb: str, row: Insolvency, by: str, at: datetime, **told: Any
) -> None:
    audit.record(session, verb=verb, subject_kind="debtor", subject_id=row.debtor_id, by=by,
                 at=at, **told)  # fmt: skip
