"""The people of the tests are there, are distinct and stand where the story says."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from cessio import parties
from tests import people


def test_everybody_settles_in_through_the_real_operations(session: Session, now: datetime) -> None:
    there = people.settle_in(session, at=now)
    assert len({each.id for each in there.staff}) == 8
    assert parties.payout_account(session, there.alpha.id).iban == people.ALPHA.iban  # type: ignore[union-attr]
    assert parties.find_by_siren(session, people.DURAND.siren).debtor_id == there.durand.id  # type: ignore[union-attr]
    assert parties.debtor_names(session, [there.nordbau.id]) == {there.nordbau.id: "Nordbau GmbH"}


def test_a_debtor_settled_twice_is_one_debtor(session: Session, now: datetime) -> None:
    first = people.debtor(session, people.LEROY, at=now)
    assert people.debtor(session, people.LEROY, at=now) == first
