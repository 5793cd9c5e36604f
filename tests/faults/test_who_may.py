"""Every route × everybody × every object of another client: the long form of tests/web's."""

from __future__ import annotations

import os
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from cessio import demo
from tests.faults.contents import contents, difference
from tests.faults.report import REPORT
from tests.walking import UNTIL
from tests.who_may.book import make_book
from tests.who_may.campaign import Campaign

SEED = 20261123
#: So many objects of each other client every address is tried with.
OBJECTS = 200
#: Six clients and five months.
SCALE = Decimal("0.4")
SEEN = frozenset({"web_session", "api_token", "wrong_guess", "share_access", "issued_statement"})


@pytest.mark.long
def test_who_may_call_what_all_of_it(engine: Engine, tmp_path: Path) -> None:
    objects = int(os.environ.get("CESSIO_TEST_OBJECTS", OBJECTS))
    demo.fill(engine, until=UNTIL, scale=SCALE)
    campaign = Campaign(make_book(engine, tmp_path), SEED, most=None, objects=objects)
    before = contents(engine)
    campaign.refused()
    campaign.foreign()
    campaign.shared()
    changed = {
        name: what for name, what in difference(before, contents(engine)).items()
        if name not in SEEN
    }  # fmt: skip
    campaign.door.close()
    assert not changed, "the refused had an effect"
    assert not campaign.faults, "\n".join(sorted(campaign.faults))
    REPORT.tell(
        "who may call what",
        f"{campaign.counts['probes']:,} probes of {len(campaign.ways)} ways by"
        f" {len(campaign.people)} who came, {campaign.counts['anothers']:,} of them at what is"
        " another client's: 0 leaks, 0 effects",
        promise=7, figure=campaign.counts["probes"], seed=SEED,
    )  # fmt: skip
