"""Giving invoices to a person to follow, and taking them back."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from cessio import audit
from cessio.audit import Fact
from cessio.identity import queries as identity
from cessio.identity.rules import Audience
from cessio.kernel.errors import Invalid
from cessio.receivables.models import Follow, Receivable
from cessio.receivables.operations.marking import Marked
from cessio.receivables.queries import locks, marked


class NotOfStaff(Invalid):
    """Invoices are given to people of the factor who may still sign in."""


def give(
    session: Session, *, receivable_ids: Collection[int], person_id: int | None,
    comment: str | None = None, by: str, at: datetime,
) -> Marked:  # fmt: skip
    """Let a person follow these invoices from now on; None: nobody does.

    Who followed them before is ended. Those it follows already, and what is settled, are left.
    Raises ``NotOfStaff``.
    """
    if person_id is not None:
        _check(session, person_id)
    found = locks.locked_receivables(session, receivable_ids)
    held = {one.receivable_id: one for one in marked.open_follows(session, found)}
    chosen = [
        one for one in found.values()
        if one.closed_on is None and _person(held.get(one.id)) != person_id
    ]  # fmt: skip
    _hand_over(session, [(one, person_id) for one in chosen], held, comment, by, at)
    done = {one.id for one in chosen}
    return Marked(tuple(sorted(done)), tuple(one for one in found if one not in done))


def take_back_follows(
    session: Session, *, follow_ids: Collection[int], by: str, at: datetime
) -> int:
    """Give back what was given to whoever followed it before; returns how many."""
    follows = marked.follows(session, follow_ids)
    found = locks.locked_receivables(session, {one.receivable_id for one in follows})
    held = {one.receivable_id: one for one in marked.open_follows(session, found)}
    standing = [one for one in follows if held.get(one.receivable_id) is one]
    before = marked.followers_before(session, standing)
    pairs = [(found[one.receivable_id], before.get(one.receivable_id)) for one in standing]
    _hand_over(session, pairs, held, None, by, at)
    return len(pairs)


def give_back_follows(
    session: Session, *, follow_ids: Collection[int], by: str, at: datetime
) -> int:
    """Let whoever followed these invoices follow them again; returns how many.

    What is settled, or somebody follows meanwhile, is left.
    """
    ended = marked.follows(session, follow_ids)
    found = locks.locked_receivables(session, {one.receivable_id for one in ended})
    held = {one.receivable_id for one in marked.open_follows(session, found)}
    pairs = [
        (found[one.receivable_id], one.person_id) for one in ended
        if one.receivable_id not in held and found[one.receivable_id].closed_on is None
    ]  # fmt: skip
    _hand_over(session, pairs, {}, None, by, at)
    return len(pairs)


def _check(session: Session, person_id: int) -> None:
    staff = {one.id for one in identity.people(session, audience=Audience.STAFF)}
    if person_id not in staff:
        raise NotOfStaff("not_of_staff", "invoices are given to people of the factor",
                         field="person_id")  # fmt: skip


def _person(follow: Follow | None) -> int | None:
    return follow.person_id if follow is not None else None


def _hand_over(
    session: Session, pairs: Sequence[tuple[Receivable, int | None]], held: dict[int, Follow],
    comment: str | None, by: str, at: datetime,
) -> None:  # fmt: skip
    """End who follows each invoice now, then say who does from now on."""
    facts = []
    for one, person_id in pairs:
        if one.id in held:
            held[one.id].ended_at, held[one.id].ended_by = at, by
        before = {"person_id": _person(held.get(one.id))}
        facts.append(
            Fact("receivable.give", "receivable", one.id, before=before, why=comment,
                 after={"number": one.number, "person_id": person_id})
        )  # fmt: skip
    session.flush()
    session.add_all(
        Follow(receivable_id=one.id, person_id=person_id, comment=comment, given_at=at,
               given_by=by)
        for one, person_id in pairs if person_id is not None
    )  # fmt: skip
    session.flush()
    audit.record_all(session, facts=facts, by=by, at=at)
