"""A book filled under an earlier release is brought to this one, and nothing of it is lost."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine
from sqlalchemy.engine import URL

from cessio.closing.bulk import prove
from cessio.plumbing import migrate
from cessio.plumbing.database import make_engine, transaction
from tests.house import filled
from tests.house.test_migrations import catalogue


def test_a_filled_book_is_kept_for_the_first_release() -> None:
    assert filled.revisions()[0] == "0001"


@pytest.mark.parametrize("revision", filled.revisions())
def test_a_filled_book_goes_to_this_release_and_back_without_loss(
    empty_url: URL, engine: Engine, revision: str
) -> None:
    """Every row stays, all proofs of the books hold, and the schema is the one of a new book."""
    migrate.upgrade(empty_url, revision)
    filled.load(empty_url, revision)
    before = filled.counts(empty_url)
    assert before["ledger_entry"] > 500

    migrate.upgrade(empty_url)

    after = filled.counts(empty_url)
    assert {name: after.get(name) for name in before if after.get(name, 0) < before[name]} == {}
    upgraded = make_engine(empty_url, pool_size=2)
    assert catalogue(upgraded) == catalogue(engine)
    with transaction(upgraded) as session:
        wrong = [finding for proof in prove(session) for finding in proof.findings]
    upgraded.dispose()
    assert wrong == []

    migrate.downgrade(empty_url, revision)
    assert filled.counts(empty_url) == before
