"""Handing over for legal recovery: the file with all there is, and reminders that stop."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from pypdf import PdfReader
from sqlalchemy import text
from sqlalchemy.orm import Session
from tests import books
from tests.books import Pair
from tests.collections.test_plans import BY, ON, addressed, counted, house, late
from tests.walking import NOW

from cessio import collections, documents
from cessio.collections.operations.calls import note_call
from cessio.collections.operations.recovery import build_file, end_recovery, hand_over
from cessio.collections.queries import letters
from cessio.collections.queries import recovery as queries
from cessio.collections.rules.calls import CallOutcome
from cessio.collections.rules.recovery import RecoveryEnd, in_parts
from cessio.kernel.errors import Conflict, Invalid
from cessio.receivables.operations import open_dispute
from cessio.receivables.rules import DisputeReason

AT = datetime.fromisoformat(f"{ON.isoformat()}T08:00:00+00:00")


@dataclass(frozen=True)
class Weight:
    size: int


def test_archives_stay_light_and_keep_the_order() -> None:
    weights = [Weight(3), Weight(3), Weight(9), Weight(1), Weight(1)]
    assert [[one.size for one in part] for part in in_parts(weights, 6)] == [[3, 3], [9], [1, 1]]
    assert in_parts([], 6) == [[]]


def names(session: Session, file_id: int) -> dict[str, bytes]:
    [part] = documents.queries.of_subject(session, "recovery_file", file_id)
    body = documents.read(session, part.id).content
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert archive.testzip() is None
        return {one: archive.read(one) for one in archive.namelist()}


@pytest.fixture
def pair(session: Session) -> Pair:
    made = books.new_pair(session)
    addressed(session, made.debtor_id, "compta@delta.example")
    return made


def test_a_file_holds_account_papers_letters_and_what_was_said(
    session: Session, pair: Pair
) -> None:
    house(session)
    late(session, pair, "F/../1", 3)
    [owed] = session.execute(text("SELECT id FROM receivable WHERE number = 'F/../1'")).scalars()
    for filename in ("../../facture.pdf", "facture.pdf", "FACTURE.pdf"):
        documents.store(session, kind="invoice", subject_kind="receivable", subject_id=owed,
                        filename=filename, media_type="application/pdf", by=BY, at=AT,
                        content=b"%PDF-" + filename.encode())  # fmt: skip
    collections.choose_day(session, on=ON, by=BY, at=AT)
    collections.write_letters(session, letter_ids=letters.unwritten(session, ON), by=BY, at=AT)
    collections.note_promise(session, debtor_id=pair.debtor_id, receivable_ids=[owed],
                             amount_minor=None, due_on=ON + timedelta(days=2), by=BY,
                             at=AT, comment="=cmd()")  # fmt: skip
    collections.note_promise(session, debtor_id=pair.debtor_id, receivable_ids=[owed],
                             due_on=ON + timedelta(days=4), by=BY, at=AT)  # fmt: skip
    note_call(session, debtor_id=pair.debtor_id, outcome=CallOutcome.NO_ANSWER,
              contact="M. Blanc", comment=None, again_on=None, promise_id=None, by=BY,
              at=AT)  # fmt: skip
    open_dispute(session, receivable_id=owed, reason=DisputeReason.QUALITY, comment="rayures",
                 by=BY, at=AT)  # fmt: skip
    file_id = hand_over(session, debtor_id=pair.debtor_id, given_to="Me Huissier", by=BY, at=AT)
    assert build_file(session, file_id=file_id, by=BY, at=AT) == 1
    assert build_file(session, file_id=file_id, by=BY, at=AT) == 0
    found = names(session, file_id)
    assert all(".." not in one.split("/") and not one.startswith("/") for one in found)
    assert len({one.casefold() for one in found}) == len(found)
    assert [one.split("-")[0] for one in found][:4] == ["0", "1", "1", "2"]
    given = (b"../../facture.pdf", b"facture.pdf", b"FACTURE.pdf")
    papers = [content for one, content in found.items() if one.startswith("5-factures/")]
    assert sorted(papers) == sorted(b"%PDF-" + one for one in given)
    assert any("compta@delta.example" in content.decode() for one, content in found.items()
               if one.startswith("3-courriers/"))  # fmt: skip
    account = list(csv.reader(io.StringIO(found["1-decompte.csv"].decode("utf-8-sig")),
                              delimiter=";"))  # fmt: skip
    assert account[1][2] == "F/../1"
    assert found["1-decompte.pdf"].startswith(b"%PDF-")
    told = found["2-echanges.csv"].decode("utf-8-sig")
    assert "Promesse" in told
    for words in ("Personne ne répond · M. Blanc", "Qualité · rayures", "Remplacée"):
        assert words in told, words
    for code in ("no_answer", "quality", "replaced"):
        assert code not in told, code
    index = found["0-index.csv"].decode("utf-8-sig")
    assert all(one in index for one in found if one != "0-index.csv")


def test_what_is_handed_over_is_reminded_of_no_more_until_it_comes_back(
    session: Session, pair: Pair
) -> None:
    house(session)
    late(session, pair, "F-1", 3)
    late(session, pair, "F-2", 3)
    ids = list(session.execute(text("SELECT id FROM receivable ORDER BY id")).scalars())
    assert counted(session, ON) == {"mail": (1, 2)}
    file_id = hand_over(session, debtor_id=pair.debtor_id, given_to="Me Huissier",
                        receivable_ids=ids[:1], by=BY, at=AT)  # fmt: skip
    assert counted(session, ON) == {"mail": (1, 1), "handed_over": (1, 1)}
    with pytest.raises(Conflict):
        hand_over(session, debtor_id=pair.debtor_id, given_to="B", receivable_ids=ids, by=BY, at=AT)
    other = hand_over(session, debtor_id=pair.debtor_id, given_to="B", by=BY, at=AT)
    assert queries.line_ids(session, other) == ids[1:]
    with pytest.raises(Invalid):
        hand_over(session, debtor_id=pair.debtor_id, given_to="C", by=BY, at=AT)
    assert counted(session, ON) == {"handed_over": (1, 2)}
    end_recovery(session, file_id=file_id, reason=RecoveryEnd.TAKEN_BACK, by=BY, at=AT)
    with pytest.raises(Conflict):
        end_recovery(session, file_id=file_id, reason=RecoveryEnd.GIVEN_UP, by=BY, at=AT)
    assert counted(session, ON) == {"mail": (1, 1), "handed_over": (1, 1)}
    verbs = session.execute(text(
        "SELECT verb FROM audit_event WHERE subject_kind = 'receivable' AND subject_id = :id"
        " ORDER BY id"), {"id": ids[0]}).scalars().all()  # fmt: skip
    assert verbs[-2:] == ["receivable.hand_over", "receivable.recovery_ended"]


def test_a_letter_of_the_day_leaves_what_was_handed_over_meanwhile(
    session: Session, pair: Pair
) -> None:
    house(session)
    late(session, pair, "F-1", 3)
    collections.choose_day(session, on=ON, by=BY, at=AT)
    hand_over(session, debtor_id=pair.debtor_id, given_to="Me Huissier", by=BY, at=AT)
    waiting = letters.unwritten(session, ON)
    assert collections.write_letters(session, letter_ids=waiting, by=BY, at=AT) == 0


def test_the_account_of_a_file_is_proved_by_its_code_and_told_as_it_was_given(
    session: Session, pair: Pair
) -> None:
    late(session, pair, "F-1", 30, 1_000_00)
    late(session, pair, "F-2", 10, 250_00)
    file_id = hand_over(session, debtor_id=pair.debtor_id, given_to="Me Huissier", by=BY, at=AT)
    session.execute(text("UPDATE receivable SET open_minor = 1 WHERE number = 'F-1'"))  # paid since
    build_file(session, file_id=file_id, by=BY, at=AT)
    code = session.execute(text("SELECT verification_code FROM recovery_file")).scalar_one()
    proof = queries.issued_account(session, code=code)
    assert proof is not None
    assert (proof.invoice_count, proof.on) == (2, ON)
    [(currency, (principal, _penalties, indemnities))] = proof.sums.items()
    assert (currency, principal, indemnities) == ("EUR", 1_250_00, 80_00)
    account = csv.DictReader(io.StringIO(names(session, file_id)["1-decompte.csv"].decode(
        "utf-8-sig")), delimiter=";")  # fmt: skip
    assert [one["Reste dû"] for one in account] == ["1000,00", "250,00"]
    assert queries.issued_account(session, code="AAAA-BBBB-CCCC") is None


def test_whoever_recovers_reads_the_deeds_and_the_list_of_all_pieces(
    demo_session: Session,
) -> None:
    debtor_id, ids = demo_session.execute(text(
        "SELECT debtor_id, array_agg(receivable.id) FROM receivable"
        " JOIN debtor ON debtor.id = debtor_id WHERE closed_on IS NULL AND kind = 'invoice'"
        " AND insolvent_on IS NULL AND NOT EXISTS (SELECT FROM recovery_line"
        " WHERE receivable_id = receivable.id) GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
    )).one()  # fmt: skip
    file_id = hand_over(demo_session, debtor_id=debtor_id, given_to="Me Huissier",
                        receivable_ids=ids, by=BY, at=NOW)  # fmt: skip
    build_file(demo_session, file_id=file_id, by=BY, at=NOW)
    found = names(demo_session, file_id)
    deeds = [one.rpartition(".")[::2] for one in found if one.startswith("4-quittances/")]
    assert deeds
    assert {name for name, ending in deeds if ending == "pdf"} \
        == {name for name, ending in deeds if ending == "txt"}  # fmt: skip
    receipt = found[f"{deeds[0][0]}.pdf"]
    assert "subrogative" in PdfReader(io.BytesIO(receipt)).pages[0].extract_text()
    account = PdfReader(io.BytesIO(found["1-decompte.pdf"])).pages
    listed = re.sub(r"[\s\u200b]", "", "".join(page.extract_text() for page in account))
    assert all(re.sub(r"\s", "", one) in listed for one in found if one[0] in "345")
