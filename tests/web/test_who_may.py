"""Every route × whoever could come × whose object it is; a part of it by a seed (the long form is
``tests/faults/test_who_may.py``)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import text

from tests.faults.contents import contents, difference
from tests.sharing import Shelf
from tests.who_may.book import Book, make_book
from tests.who_may.campaign import Campaign

SEED = 20261123
#: When somebody was last there; how often an address was guessed wrong.
SEEN = frozenset({"web_session", "api_token", "wrong_guess"})
#: What reading leaves behind, and nothing else: what was opened is on record, a message is read,
#: a file that is given bears a code which is kept; of the letters, who took them is written down.
LEFT_BY_READING = SEEN | {
    "share_access", "letter_access", "notification", "issued_statement", "issued_report",
    "audit_event",
}  # fmt: skip
WRITTEN_DOWN = {"dunning.batch"}


@pytest.fixture(scope="module")
def campaign(shelf: Shelf, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campaign]:
    with shelf.demo() as engine:
        made = Campaign(make_book(engine, tmp_path_factory.mktemp("data")), SEED)
        yield made
        made.door.close()


def _changed(before: dict[str, list[str]], book: Book, but: frozenset[str]) -> dict[str, object]:
    after = contents(book.engine)
    return {name: what for name, what in difference(before, after).items() if name not in but}


def _verbs(book: Book) -> Counter[str]:
    with book.engine.connect() as connection:
        rows = connection.execute(text("SELECT verb, count(*) FROM audit_event GROUP BY 1"))
        return Counter({str(verb): int(count) for verb, count in rows})


def test_who_may_call_what(campaign: Campaign) -> None:
    before = contents(campaign.book.engine)
    campaign.refused()
    campaign.foreign()
    assert not _changed(before, campaign.book, SEEN), "the refused had an effect"
    before, verbs = contents(campaign.book.engine), _verbs(campaign.book)
    campaign.shared()
    campaign.opened(safe=True)
    assert not _changed(before, campaign.book, LEFT_BY_READING), "reading had an effect"
    assert set(_verbs(campaign.book) - verbs) <= WRITTEN_DOWN
    campaign.opened(safe=False)
    told = dict(sorted(campaign.counts.items()))
    print(f"\n{len(campaign.ways)} ways, {len(campaign.people)} who came: {told}")
    assert not campaign.faults, "\n".join(sorted(campaign.faults))
