"""A token does what its person may, within its scopes, until it ends."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session
from tests import people
from tests.people import People

from cessio import identity
from cessio.identity import Scope, queries
from cessio.identity.operations import (
    IssuedToken,
    disable_person,
    end_token,
    issue_token,
    use_token,
)
from cessio.kernel.errors import Forbidden, NotFound, Problems


@pytest.fixture
def there(session: Session, now: datetime) -> People:
    return people.settle_in(session, at=now)


def _issue(session: Session, who: people.Named, at: datetime, **changes: Any) -> IssuedToken:
    wanted: dict[str, Any] = {
        "person_id": who.id, "name": "Accounting", "scopes": [Scope.RECEIVABLES_READ],
        "expires_at": at + timedelta(days=90), "by": who.by, "at": at,
    }  # fmt: skip
    return issue_token(session, **(wanted | changes))


def test_a_token_acts_for_its_person_within_its_scopes(
    session: Session, there: People, now: datetime
) -> None:
    issued = _issue(session, there.fanny, now)
    assert issued.secret.startswith("cs_")
    assert len(issued.secret) == 46
    signed = use_token(session, secret=issued.secret, at=now)
    assert signed is not None
    assert (signed.by, signed.client_id) == (f"token:{issued.id}", there.alpha.id)
    assert signed.may_use(Scope.RECEIVABLES_READ)
    assert not signed.may_use(Scope.FUNDING_WRITE)
    assert identity.person_behind(session, signed.by) == there.fanny.id
    names = identity.actor_names(session, [signed.by])
    assert names == {signed.by: "Fanny Dubois (Accounting)"}


def test_a_browser_has_no_scope(session: Session, there: People, now: datetime) -> None:
    token = people.let_in(session, there.fanny, at=now).token
    signed = identity.resume(session, token=token, at=now)
    assert signed is not None
    assert not signed.may_use(Scope.RECEIVABLES_READ)


def test_a_token_never_exceeds_its_person(session: Session, there: People, now: datetime) -> None:
    with pytest.raises(Problems) as refused:
        _issue(session, there.gilles, now, name="", scopes=[Scope.FUNDING_WRITE],
               expires_at=now + timedelta(days=400))  # fmt: skip
    fields = [problem.field for problem in refused.value.problems]
    assert fields == ["name", "scopes", "expires_at"]
    with pytest.raises(Problems):
        _issue(session, there.gilles, now, scopes=[])
    with pytest.raises(Forbidden):
        _issue(session, there.gilles, now, by=there.fanny.by)


def test_an_ended_expired_or_orphaned_token_opens_nothing(
    session: Session, there: People, now: datetime
) -> None:
    ended, expired, orphaned = (_issue(session, there.fanny, now) for _ in range(3))
    end_token(session, token_id=ended.id, person_id=there.fanny.id, by=there.fanny.by, at=now)
    assert use_token(session, secret=ended.secret, at=now) is None
    assert use_token(session, secret=expired.secret, at=now + timedelta(days=90)) is None
    disable_person(session, person_id=there.fanny.id, by=there.eva.by, at=now)
    assert use_token(session, secret=orphaned.secret, at=now) is None
    for secret in ("", "cs_", "cs_" + "x" * 43, ended.secret[3:]):
        assert use_token(session, secret=secret, at=now) is None


def test_tokens_are_listed_without_their_secret_and_ended_by_their_person(
    session: Session, there: People, now: datetime
) -> None:
    issued = _issue(session, there.fanny, now)
    use_token(session, secret=issued.secret, at=now)
    (listed,) = queries.tokens(session, there.fanny.id)
    assert (listed.prefix, listed.used_at) == (issued.secret[:11], now)
    assert issued.secret not in repr(listed)
    with pytest.raises(NotFound):
        end_token(session, token_id=issued.id, person_id=there.helene.id, by=there.helene.by,
                  at=now)  # fmt: skip
