"""The page of the daily seals: what was sealed, its code and file, and what the verifier says."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from sqlalchemy import Engine, text

from cessio.closing import verifier
from cessio.closing.jobs import VERIFY
from cessio.plumbing import keeper
from cessio.plumbing.database import transaction
from cessio.plumbing.jobs import enqueue, run_pending
from cessio.plumbing.keeper import Keeper
from cessio.worker import load_jobs
from tests.web.backoffice.desk import Desk, make_desk

PATH = "/backoffice/settlement/seals"


def _verified(desk: Desk, at: datetime) -> str:
    with transaction(desk.engine) as session:
        enqueue(session, kind=VERIFY, key=f"{at}", payload={}, by="person:1", at=at)
    run_pending(desk.engine, clock=lambda: at)
    return desk.bruno.get(PATH).text


def test_a_closed_day_is_sealed_shown_taken_and_verified(
    engine: Engine, now: datetime, tmp_path: Path
) -> None:
    load_jobs()
    desk = make_desk(engine, now, tmp_path, payout_approval_threshold_minor=1_000_00)
    kept = Keeper(tmp_path / "seals", tmp_path / "seal.key")
    keeper.use(kept)
    assert "No seal yet" in desk.bruno.get(PATH).text
    for act in ("runs", "closings"):
        done = desk.bruno.post(f"/backoffice/settlement/{act}", data={"on": "2026-11-15"})
        assert done.status_code == 303, done.text
    assert "Closed days wait for their seal" in desk.bruno.get(PATH).text
    after = now + timedelta(minutes=1)
    run_pending(desk.engine, clock=lambda: after)
    shown = desk.bruno.get(PATH).text
    [name] = kept.names("seal-*.txt")
    code = verifier.code_of(kept.read(name))
    assert "wait for their seal" not in shown
    assert "Not verified yet" in shown
    assert code in shown
    assert code in desk.bruno.get("/backoffice/settlement").text
    assert kept.public_key.hex() in re.sub(r"\s", "", shown)
    taken = desk.bruno.get(f"{PATH}/1")
    assert (taken.content, taken.headers["cache-control"]) == (kept.read(name), "no-store")
    every = ZipFile(BytesIO(desk.bruno.get(f"{PATH}?format=zip").content))
    assert every.read(name) == kept.read(name)
    assert code in desk.bruno.get(f"{PATH}?format=csv").text
    program = desk.bruno.get(f"{PATH}/verifier").content
    assert program == Path(verifier.__file__).read_bytes()
    assert desk.bruno.get(f"{PATH}/2").status_code == 404

    assert "Every sealed line is as it was sealed" in _verified(desk, after)
    with transaction(desk.engine) as session:
        session.execute(text("ALTER TABLE audit_event DISABLE TRIGGER USER"))
        session.execute(text("UPDATE audit_event SET by = 'person:9' WHERE id = 1"))
    wrong = _verified(desk, after + timedelta(minutes=1))
    assert "The books are not what was sealed" in wrong
    assert "audit_event 1: it is not what was sealed" in wrong
